"""An import carried out, and undone: one batch, in one transaction."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from milestones.importing.proposals import STEP_TITLE, fit, identity, place_of, read_import, steps_there
from milestones.importing.understand import Reading
from milestones.importing.verdict import NOT, Row
from milestones.models import ActionStep, ImportRow, Milestone, PlanImport, StepOwner
from milestones.refusals import Refused
from stakeholders.editing import lock
from stakeholders.models import Person, Role
from vision.models import Goal, Initiative, Plan
from vision.ordering import last_position

BATCH = 500
LIMITS = {"who": 1000, "when": 1000, "cost": 2000, "evidence": 4000, "status": 1000}
NOTES = 8000


@dataclass
class Outcome:
    """How many rows became what, and what was not taken over."""

    new: int = 0
    same: int = 0
    left_out: int = 0
    not_read: int = 0
    plan: Plan | None = None
    notes: list[str] = field(default_factory=list)


def apply_import(
    plan_import: PlanImport, *, by: Person, now: datetime, today: date, reading: Reading | None = None
) -> Outcome:
    """Make goals, initiatives, roles, steps and milestones of the rows. What is there already is left alone.

    Raises Refused when somebody was faster, or when the new plan has no title or dates.
    """
    reading = reading or read_import(plan_import)
    with transaction.atomic():
        if not plan_import.claim(by=by, now=now):
            raise Refused(_("This file has been imported."))
        batch = _Batch(plan_import, by=by)
        batch.settle_plan()
        for position, row in enumerate(reading.rows):
            batch.take(position, row)
        batch.save()
    return batch.outcome


def count_new(plan: Plan | None, plan_title: str, reading: Reading, left_out: set[str]) -> Outcome:
    """What `apply_import` would answer, without doing it."""
    outcome, there = Outcome(plan=plan), {key: len(steps) for key, steps in steps_there(plan).items()}
    for row in reading.rows:
        key = identity(*place_of(row, plan_title), row.step)
        if row.source in left_out:
            outcome.left_out += 1
        elif row.state == NOT or not row.step:
            outcome.not_read += 1
        elif there.get(key, 0):
            there[key] -= 1
            outcome.same += 1
        else:
            outcome.new += 1
    return outcome


class _Batch:
    """Collects what an import makes and writes it in a few statements."""

    def __init__(self, plan_import: PlanImport, *, by: Person):
        self.job, self.by = plan_import, by
        self.district = plan_import.district
        self.outcome = Outcome()
        self.made: dict[str, list[int]] = {
            name: [] for name in ("plans", "goals", "initiatives", "roles", "steps", "owners", "milestones")
        }
        self.steps: list[ActionStep] = []
        self.rows: list[ImportRow] = []
        self.understood: dict[int, Row] = {}
        self.positions: dict[int, int] = {}

    def settle_plan(self) -> None:
        plan = self.job.plan
        if plan is None:
            if not (self.job.plan_title and self.job.plan_starts_on and self.job.plan_ends_on):
                raise Refused(_("Say what the new plan is called, and its first and last day."))
            plan = Plan(
                district=self.district,
                title=self.job.plan_title,
                starts_on=self.job.plan_starts_on,
                ends_on=self.job.plan_ends_on,
            )
            self._save(plan, "plans")
            self.job.plan = plan
        lock(plan)
        plan.refresh_from_db()
        if plan.archived_on:
            raise Refused(_("The plan was archived meanwhile. Choose another."))
        self.plan = self.outcome.plan = plan
        self.there = steps_there(plan)
        self.goals = {goal.title.casefold(): goal for goal in plan.goals.live()}
        initiatives = Initiative.objects.live().filter(goal__plan=plan)
        self.initiatives = {(one.goal_id, one.title.casefold()): one for one in initiatives}
        self.roles = {role.title.casefold(): role for role in Role.objects.in_district(self.district)}

    def take(self, position: int, row: Row) -> None:
        kept = ImportRow(district=self.district, plan_import=self.job, position=position)
        kept.source, kept.row = row.source[:200], row.as_json()
        self.rows.append(kept)
        goal, objective = place_of(row, self.plan.title)
        there = self.there.get(identity(goal, objective, row.step))
        if row.source in self.job.left_out:
            kept.became = ImportRow.Became.LEFT_OUT
            self.outcome.left_out += 1
        elif row.state == NOT or not row.step:
            kept.became = ImportRow.Became.NOT_READ
            self.outcome.not_read += 1
        elif there:
            kept.became, kept.step = ImportRow.Became.SAME, there.pop(0)
            self.outcome.same += 1
        else:
            kept.became = ImportRow.Became.NEW
            kept.step = self._step(row, self._initiative(goal, objective))
            self.understood[position] = row
            self.outcome.new += 1

    def _initiative(self, goal_title: str, title: str) -> Initiative:
        goal = self.goals.get(goal_title.casefold())
        if goal is None:
            goal = Goal(plan=self.plan, title=goal_title, position=last_position(self.plan.goals.all()))
            self._save(goal, "goals")
            self.goals[goal_title.casefold()] = goal
        key = (goal.pk, title.casefold())
        if key not in self.initiatives:
            made = Initiative(goal=goal, title=title, position=last_position(goal.initiatives.all()))
            self._save(made, "initiatives")
            self.initiatives[key] = made
        return self.initiatives[key]

    def _step(self, row: Row, initiative: Initiative) -> ActionStep:
        written = {"who": row.written_who, "when": row.when, "cost": row.cost, "evidence": row.evidence}
        cut = {name: fit(text, LIMITS[name]) for name, text in {**written, "status": row.status}.items()}
        step = ActionStep(
            district=self.district,
            initiative=initiative,
            title=fit(row.step, STEP_TITLE),
            kind=row.kind,
            review_on=row.review if row.kind == ActionStep.Kind.ONGOING else None,
            notes=fit("\n".join(row.notes), NOTES),
            position=self._position(initiative),
            **{f"written_{name}": text for name, text in cut.items()},
        )
        self.steps.append(step)
        return step

    def _position(self, initiative: Initiative) -> int:
        if initiative.pk not in self.positions:
            self.positions[initiative.pk] = last_position(initiative.steps.all())
        self.positions[initiative.pk] += 1
        return self.positions[initiative.pk] - 1

    def save(self) -> None:
        """Steps first, then what hangs on them; the history of each says who imported it."""
        self._bulk(ActionStep, self.steps, "steps")
        new = [kept for kept in self.rows if kept.became == ImportRow.Became.NEW]
        owners = [owner for kept in new for owner in self._owners(kept, self.understood[kept.position])]
        self._bulk(StepOwner, owners, "owners")
        dated = [one for kept in new for one in self._milestones(kept, self.understood[kept.position])]
        self._bulk(Milestone, dated, "milestones")
        for kept in self.rows:
            kept.step = kept.step  # the step has its id only now
        ImportRow.objects.bulk_create(self.rows, batch_size=BATCH)
        self.job.made = self.made
        self.job.save(update_fields=["made", "plan"])

    def _owners(self, kept: ImportRow, row: Row):
        for position, title in enumerate(row.owners):
            role = self.roles.get(title[:200].casefold())
            if role is None:
                role = Role(district=self.district, title=title[:200])
                self._save(role, "roles")
                self.roles[role.title.casefold()] = role
            leads = position == 0 and title not in row.support
            part = StepOwner.Part.LEAD if leads else StepOwner.Part.SUPPORT
            yield StepOwner(district=self.district, step=kept.step, role=role, part=part)

    def _milestones(self, kept: ImportRow, row: Row):
        """As `ActionStep.add_milestone` would, without a query each: none for an ongoing step, none outside the plan."""
        if row.kind == ActionStep.Kind.ONGOING:
            return
        outside = [day for day in row.due if not self.plan.starts_on <= day <= self.plan.ends_on]
        if outside:
            days = ", ".join(day.isoformat() for day in outside)
            kept.note = _("Outside the plan, so no milestone was made: %(days)s") % {"days": days}
            self.outcome.notes.append(f"{kept.source}: {kept.note}")
        for position, day in enumerate(day for day in row.due if day not in outside):
            yield Milestone(
                district=self.district,
                step=kept.step,
                due=day,
                first_due=day if self.plan.is_adopted else None,
                added_after_adoption=self.plan.is_adopted,
                position=position,
            )

    def _save(self, row, kind: str) -> None:
        row._history_user = self.by
        row.save()
        self.made[kind].append(row.pk)

    def _bulk(self, model, rows: list, kind: str) -> None:
        made = bulk_create_with_history(rows, model, batch_size=BATCH, default_user=self.by)
        self.made[kind] = [row.pk for row in made]
