from collections.abc import Iterable
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, Count, DateField, Exists, ExpressionWrapper, F, OuterRef, Q, Value, When
from django.db.models.functions import Cast

from milestones import status
from milestones.models.building import StepBuilding
from milestones.models.dates import DateMove
from milestones.models.step import StepOwner
from milestones.slip import slipped_q
from stakeholders.models import Appointment, Building, Role
from vision.models import Plan
from vision.models.plan import LiveQuerySet


class MilestoneQuerySet(LiveQuerySet):
    def in_plan(self, plan: Plan | int) -> Self:
        return self.filter(step__initiative__goal__plan=plan)

    def asked_of(self, roles: Iterable[Role], *, today: date) -> Self:
        """Keep milestones that one of `roles` is to say a word of: those of the steps that it leads or helps with, and
        those of a building in which it leads a step. A building's milestones ask the role that leads there, as long as
        somebody holds it, and no other one.
        """
        leads = StepBuilding.objects.filter(
            step=OuterRef("step"), building=OuterRef("building"), lead__isnull=False
        )
        held = Appointment.objects.holding(today).values("role")
        everywhere = Q(step__in=StepOwner.objects.filter(role__in=roles).values("step"))
        others = Q(building__isnull=False) & Exists(leads.exclude(lead__in=roles).filter(lead__in=held))
        here = Q(building__isnull=False) & Exists(leads.filter(lead__in=roles))
        return self.filter((everywhere & ~others) | here)

    def at(self, building: Building) -> Self:
        """Keep what stands at `building`: its own milestones, and all of a step that is done in that building only."""
        return self.filter(Q(building=building) | Q(building__isnull=True, step__building=building))

    def in_several_buildings(self) -> Self:
        """Keep milestones that have a live twin of the same step and title in another building: one line on pages."""
        return self.filter(building__isnull=False).filter(Exists(self._twins()))

    def singly(self) -> Self:
        """Keep the others, each of which is a line of its own."""
        return self.exclude(Q(building__isnull=False) & Exists(self._twins()))

    def _twins(self) -> Self:
        twins = type(self)(self.model).live().filter(step=OuterRef("step"), title=OuterRef("title"))
        return twins.filter(building__isnull=False).exclude(building=OuterRef("building"))

    def open(self) -> Self:
        """Keep milestones that are neither done nor dropped."""
        return self.filter(done_on__isnull=True, dropped_on__isnull=True)

    def slipped(self, *, today: date) -> Self:
        return self.filter(slipped_q(today))

    def due_within(self, *, days: int, today: date) -> Self:
        """Keep milestones due from `today` to `days` days later."""
        return self.filter(due__range=(today, today + timedelta(days=days)))

    def with_facts(self, *, today: date) -> Self:
        """Annotate what the word needs and the row does not hold.

        Blocking factors and check-in reminders belong to later floors of work; until they exist nothing stops or slows a
        milestone and nobody was told.
        """
        lately = today - timedelta(days=status.MOVES_WINDOW_DAYS)
        moved = (
            DateMove.objects.agreed()
            .filter(decided_on__gt=lately, decided_on__lte=today)
            .order_by()
            .values("milestone")
            .annotate(n=Count("pk"))
            .filter(n__gte=status.MOVES_MANY)
        )
        return self.annotate(
            late_by=status.DaysBetween(F("expected"), F("due")),
            moved_lately=ExpressionWrapper(
                Q(pk__in=moved.values("milestone")), output_field=models.BooleanField()
            ),
            stopped=Value(False),
            slowed=Value(False),
            told_on=Cast(Value(None), DateField()),
            twice_quiet_days=status.age_of("confirmed_on", today) * 2,
        )

    def with_word(self, *, today: date) -> Self:
        """Annotate `word`, a value of `status.Word`."""
        return self.with_facts(today=today).annotate(word=status.word_case(today))


def same_line() -> list:
    """Return what a window is partitioned by so that the buildings of one step and title come together, and nothing else."""
    alone = Case(When(building__isnull=True, then=F("pk")), default=Value(0))
    return [F("step_id"), F("title"), alone]
