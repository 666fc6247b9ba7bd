from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from milestones.refusals import Refused
from stakeholders.editing import Versioned
from stakeholders.models import Building, Person, Role
from stakeholders.scoping import DistrictRow
from vision.models import Goal, Initiative, Plan
from vision.models.plan import LiveQuerySet

if TYPE_CHECKING:
    from milestones.models.milestone import Milestone


class StepQuerySet(LiveQuerySet):
    def owned_by(self, roles: Iterable[Role]) -> Self:
        """Keep steps that one of `roles` leads or supports in the whole district."""
        return self.filter(pk__in=StepOwner.objects.filter(role__in=roles).values("step"))

    def in_plan(self, plan: Plan | int) -> Self:
        return self.filter(initiative__goal__plan=plan)

    def with_owners(self, *, today: date) -> Self:
        """Fetch the roles that lead and help, and who holds them on `today`, in three more queries."""
        roles = Role.objects.with_holders(today=today)
        return self.prefetch_related("owner_rows", models.Prefetch("owner_rows__role", queryset=roles))


class ActionStep(Versioned, DistrictRow):
    """Something that a role has taken on to do. Its milestones are how everybody can tell that it happens."""

    parent = "initiative"

    class Kind(models.TextChoices):
        ONE_TIME = "one-time", _("One time")
        RECURRING = "recurring", _("Every year")
        ONGOING = "ongoing", _("Ongoing")

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="steps")
    title = models.CharField(_("action step"), max_length=1000)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.ONE_TIME)
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    review_on = models.DateField(
        _("review on"),
        null=True,
        blank=True,
        help_text=_("An ongoing step has no due date; it is looked at again."),
    )
    check_in_days = models.PositiveSmallIntegerField(
        _("days between check-ins"), default=28, help_text=_("How often its owner says how it goes.")
    )
    building = models.ForeignKey(
        Building,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("building"),
    )
    written_who = models.CharField(_("who, as written"), max_length=1000, blank=True)
    written_when = models.CharField(_("when, as written"), max_length=1000, blank=True)
    written_cost = models.CharField(_("cost, as written"), max_length=2000, blank=True)
    written_evidence = models.CharField(_("evidence, as written"), max_length=4000, blank=True)
    written_status = models.CharField(_("status, as written"), max_length=1000, blank=True)
    notes = models.TextField(_("notes"), max_length=8000, blank=True)
    position = models.PositiveIntegerField(default=0, editable=False)
    archived_on = models.DateField(null=True, blank=True, editable=False)
    owners = models.ManyToManyField(Role, through="StepOwner", related_name="steps")
    also_serves = models.ManyToManyField(Goal, through="StepGoal", related_name="also_served_by", blank=True)

    history = HistoricalRecords()
    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["one-time", "recurring", "ongoing"]), name="step_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(check_in_days__range=(1, 366)), name="step_check_in_interval"
            ),
            models.CheckConstraint(
                condition=models.Q(review_on__isnull=True) | models.Q(kind="ongoing"),
                name="step_review_is_for_ongoing",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    # Mutators

    @transaction.atomic
    def set_owners(self, *, lead: Role | None, support: Iterable[Role] = (), by: Person) -> None:
        """Make `lead` the role that leads and `support` the roles that help. Refuses roles of another district."""
        wanted = {role.pk: StepOwner.Part.SUPPORT for role in support}
        if lead is not None:
            wanted[lead.pk] = StepOwner.Part.LEAD
        if Role.objects.in_district(self.district_id).filter(pk__in=wanted).count() != len(wanted):
            raise Refused(_("A role that leads or helps must be one of this district."))
        for owner in self.owner_rows.all():
            if wanted.get(owner.role_id) != owner.part:
                owner._history_user = by
                owner.delete()
            else:
                del wanted[owner.role_id]
        for role_id, part in wanted.items():
            owner = StepOwner(step=self, role_id=role_id, part=part)
            owner._history_user = by
            owner.save()

    @transaction.atomic
    def set_also_serves(self, goals: Iterable[Goal], *, by: Person) -> None:
        """Serve `goals` besides the goal of its own initiative, and no others."""
        wanted = {goal.pk for goal in goals} - {self.initiative.goal_id}
        for link in StepGoal.objects.filter(step=self):
            if link.goal_id in wanted:
                wanted.remove(link.goal_id)
            else:
                link._history_user = by
                link.delete()
        for goal in Goal.objects.in_district(self.district_id).filter(pk__in=wanted):
            link = StepGoal(step=self, goal=goal)
            link._history_user = by
            link.save()

    def add_milestone(
        self, *, by: Person, today: date, due: date, title: str = "", building: Building | None = None
    ) -> "Milestone":
        """Add a milestone. In an adopted plan its first date is set at once, and it says that it came later.

        Raises Refused for an ongoing step, which has a review date instead, for a day outside the plan, and for a
        building of another district.
        """
        milestone = self.new_milestone(due=due, title=title, building=building)
        milestone.position = self.milestones.count()
        milestone._history_user = by
        milestone.save()
        return milestone

    def new_milestone(self, *, due: date, title: str = "", building: Building | None = None) -> "Milestone":
        """Return a milestone that is not saved yet; `add_milestone` says what it refuses."""
        from milestones.models.milestone import Milestone

        plan = self.initiative.goal.plan
        if building is not None and building.district_id != self.district_id:
            raise Refused(_("A building must be one of this district."), field="buildings")
        if self.kind == self.Kind.ONGOING:
            raise Refused(_("An ongoing step has a review date and no milestones."))
        if not plan.starts_on <= due <= plan.ends_on:
            raise Refused(
                _("%(due)s is outside the plan, which runs from %(first)s to %(last)s."),
                due=due,
                first=plan.starts_on,
                last=plan.ends_on,
            )
        return Milestone(
            district_id=self.district_id,
            step=self,
            building=building,
            title=title,
            due=due,
            first_due=due if plan.is_adopted else None,
            added_after_adoption=plan.is_adopted,
        )

    # Properties

    @property
    def lead(self) -> Role | None:
        """The role that leads, from the owners already fetched; None is shown as "no owner"."""
        return next((o.role for o in self.owner_rows.all() if o.part == StepOwner.Part.LEAD), None)

    @property
    def support(self) -> list[Role]:
        return [o.role for o in self.owner_rows.all() if o.part == StepOwner.Part.SUPPORT]


class StepOwner(DistrictRow):
    """A role leads a step or helps with it. At most one leads; none when a real plan's cell was empty."""

    parent = "step"

    class Part(models.TextChoices):
        LEAD = "lead", _("leads")
        SUPPORT = "support", _("helps")

    step = models.ForeignKey(ActionStep, on_delete=models.CASCADE, related_name="owner_rows")
    role = models.ForeignKey(Role, on_delete=models.RESTRICT, related_name="owned")
    part = models.CharField(max_length=7, choices=Part)

    history = HistoricalRecords()

    class Meta:
        ordering = ["part", "pk"]
        constraints = [
            models.UniqueConstraint("district", "step", "role", name="owner_once_per_step"),
            models.UniqueConstraint(
                "district", "step", condition=models.Q(part="lead"), name="step_has_one_lead"
            ),
            models.CheckConstraint(
                condition=models.Q(part__in=["lead", "support"]), name="owner_part_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.get_part_display()}"


class StepGoal(DistrictRow):
    """A step serves a further goal besides that of its own initiative."""

    parent = "step"

    step = models.ForeignKey(ActionStep, on_delete=models.CASCADE, related_name="+")
    goal = models.ForeignKey(Goal, on_delete=models.CASCADE, related_name="+")

    history = HistoricalRecords()

    class Meta:
        constraints = [models.UniqueConstraint("district", "step", "goal", name="step_goal_once")]

    def __str__(self) -> str:
        return f"{self.step} → {self.goal}"
