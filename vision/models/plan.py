from collections.abc import Iterable
from datetime import date

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from stakeholders.editing import Versioned
from stakeholders.models import Person, Role
from stakeholders.scoping import DistrictRow
from vision.models.vision import LiveQuerySet, Theme


class PlanQuerySet(LiveQuerySet):
    def current(self, *, today: date) -> "Plan | None":
        """Return the plan that the pages open with.

        The adopted plan that runs today; else the one adopted last; else the newest draft; else None.
        """
        plans = list(self.live())
        running = [p for p in plans if p.adopted_on and p.starts_on <= today <= p.ends_on]
        adopted = [p for p in plans if p.adopted_on]
        for choice in (running, adopted):
            if choice:
                return max(choice, key=lambda p: (p.adopted_on, p.pk))
        return max(plans, key=lambda p: p.pk, default=None)


class Plan(Versioned, DistrictRow):
    """A technology plan. It runs for some of the district's fiscal years, in most states from July 1 to June 30."""

    title = models.CharField(_("title"), max_length=200)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True, editable=False)
    adopted_by = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    archived_on = models.DateField(null=True, blank=True, editable=False)

    history = HistoricalRecords()
    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")), name="plan_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_adopted(self) -> bool:
        return self.adopted_on is not None


class ServesThemes(models.Model):
    """What the rows have in common that say which themes of the vision they serve."""

    class Meta:
        abstract = True

    @transaction.atomic
    def set_themes(self, themes: Iterable[Theme], *, by: Person) -> None:
        """Serve `themes` and no other live one. Links to archived themes stay, for when those are brought back."""
        wanted = {theme.pk for theme in themes}
        for link in self.serves.filter(theme__archived_on__isnull=True):
            if link.theme_id in wanted:
                wanted.remove(link.theme_id)
            else:
                link._history_user = by
                link.delete()
        for theme in Theme.objects.in_district(self.district_id).filter(pk__in=wanted):
            link = self.serves.model(theme=theme, **{self._meta.model_name: self})
            link._history_user = by
            link.save()


class Goal(ServesThemes, Versioned, DistrictRow):
    """What the plan is for, in one sentence; initiatives carry it out."""

    parent = "plan"

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="goals")
    title = models.CharField(_("goal"), max_length=500)
    words = models.TextField(_("in more words"), max_length=4000, blank=True)
    position = models.PositiveIntegerField(default=0, editable=False)
    archived_on = models.DateField(null=True, blank=True, editable=False)
    themes = models.ManyToManyField(Theme, through="GoalTheme", related_name="goals", blank=True)

    history = HistoricalRecords()
    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title


class GoalTheme(DistrictRow):
    """A goal serves a theme."""

    parent = "goal"

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="serves")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="served_by_goals")

    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint("district", "goal", "theme", name="goal_theme_once")]

    def __str__(self) -> str:
        return f"{self.goal} → {self.theme}"


class Initiative(ServesThemes, Versioned, DistrictRow):
    """A piece of work that people recognise by its name. Plans call it an objective, a project or a strategy."""

    parent = "goal"

    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="initiatives")
    title = models.CharField(_("initiative"), max_length=500)
    why = models.TextField(_("why it matters"), max_length=4000, blank=True)
    summary = models.CharField(_("where it stands, in one sentence"), max_length=500, blank=True)
    sponsor = models.ForeignKey(
        Role,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="sponsored",
        verbose_name=_("sponsor"),
    )
    position = models.PositiveIntegerField(default=0, editable=False)
    archived_on = models.DateField(null=True, blank=True, editable=False)
    themes = models.ManyToManyField(Theme, through="InitiativeTheme", related_name="initiatives", blank=True)

    history = HistoricalRecords()
    objects = LiveQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title


class InitiativeTheme(DistrictRow):
    """An initiative serves a theme."""

    parent = "initiative"

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="serves")
    theme = models.ForeignKey(Theme, on_delete=models.CASCADE, related_name="served_by_initiatives")

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint("district", "initiative", "theme", name="initiative_theme_once")
        ]

    def __str__(self) -> str:
        return f"{self.initiative} → {self.theme}"
