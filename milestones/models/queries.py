from collections.abc import Iterable
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Count, DateField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Cast

from milestones import status
from milestones.models.dates import DateMove
from milestones.models.step import StepOwner
from milestones.slip import slipped_q
from stakeholders.models import Role
from vision.models import Plan
from vision.models.plan import LiveQuerySet


class MilestoneQuerySet(LiveQuerySet):
    def in_plan(self, plan: Plan | int) -> Self:
        return self.filter(step__initiative__goal__plan=plan)

    def owned_by(self, roles: Iterable[Role]) -> Self:
        """Keep milestones of steps that one of `roles` leads or helps with."""
        return self.filter(step__in=StepOwner.objects.filter(role__in=roles).values("step"))

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
        day = Cast(Value(today), DateField())
        return self.annotate(
            late_by=status.DaysBetween(F("expected"), F("due")),
            moved_lately=ExpressionWrapper(
                Q(pk__in=moved.values("milestone")), output_field=models.BooleanField()
            ),
            stopped=Value(False),
            slowed=Value(False),
            told_on=Cast(Value(None), DateField()),
            twice_quiet_days=status.DaysBetween(day, F("confirmed_on")) * 2,
        )

    def with_word(self, *, today: date) -> Self:
        """Annotate `word`, a value of `status.Word`."""
        return self.with_facts(today=today).annotate(word=status.word_case(today))
