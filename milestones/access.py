"""Who may say how a milestone goes, change it, and decide its date: always with the reason in words."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milestones.models import ActionStep, CheckIn, Milestone, StepBuilding, StepOwner
from stakeholders.models import Appointment, Membership, Role


@dataclass(frozen=True)
class Right:
    """Whether the visitor may, why or why not, and the role in which the visitor then speaks."""

    may: bool
    words: str
    role: Role | None = None

    def __bool__(self) -> bool:
        return self.may

    def require(self) -> "Right":
        """Return the right, or raise PermissionDenied with its words."""
        if not self.may:
            raise PermissionDenied(self.words)
        return self


def may_check_in(
    membership: Membership, step: ActionStep, *, today: date, building: int | None = None
) -> Right:
    """Editors and leaders may, and whoever holds or deputises on `today` in a role that leads or helps with the step,
    whatever the level.

    Covers everything that an owner says: check-ins, asking for another date, readings of the step's measures. With
    `building`, a building's id, whoever holds the role that leads the step there may, too, and there only.
    """
    person = membership.person_id
    here = _lead_here(step, building)
    serves = Role.objects.served_by(person, today=today)
    if here and (role := serves.filter(pk=here.lead_id).first()):
        says = _("You lead this at %(building)s as %(role)s.")
        as_deputy = _("You are deputy for %(role)s, which leads this at %(building)s.")
        words = says if role.is_holder else as_deputy
        return Right(True, words % {"role": role, "building": here.building}, role)
    holds = Appointment.objects.holding(today).filter(person=person, role=OuterRef("role"))
    owned = (
        StepOwner.objects.filter(step=step, role__in=serves.values("pk"))
        .annotate(is_holder=Exists(holds))
        .select_related("role")
        .order_by("part", "-is_holder")
        .first()
    )
    if owned:
        return Right(True, _in_words(owned) % {"role": owned.role}, owned.role)
    if membership.is_editor:
        return Right(True, _("You may do this as an editor of the plan."))
    titles = [owner.role.title for owner in step.owner_rows.select_related("role")]
    titles[:0] = [here.lead.title] if here else []
    if not titles:
        return Right(False, _("No role owns this step yet, so only editors and leaders may say how it goes."))
    return Right(
        False,
        ngettext(
            "Whoever holds this role may say how it goes, and so may editors and leaders: %(roles)s.",
            "Whoever holds one of these roles may say how it goes, and so may editors and leaders: %(roles)s.",
            len(titles),
        )
        % {"roles": ", ".join(titles)},
    )


def _in_words(owned: StepOwner) -> str:
    if owned.part == StepOwner.Part.LEAD:
        as_deputy = _("You are deputy for %(role)s, which leads this.")
        return _("You lead this as %(role)s.") if owned.is_holder else as_deputy
    if owned.is_holder:
        return _("You help with this as %(role)s.")
    return _("You are deputy for %(role)s, which helps with this.")


def may_say(membership: Membership, milestone: Milestone, *, today: date) -> Right:
    """The same for one milestone, which may be that of a building."""
    return may_check_in(membership, milestone.step, today=today, building=milestone.building_id)


def led_here(membership: Membership, step: ActionStep, *, today: date) -> set[int]:
    """Return the ids of the buildings in which the member leads this step, or is the deputy of whoever does."""
    serves = Role.objects.served_by(membership.person_id, today=today).values("pk")
    return set(StepBuilding.objects.filter(step=step, lead__in=serves).values_list("building", flat=True))


def _lead_here(step: ActionStep, building: int | None) -> StepBuilding | None:
    if building is None:
        return None
    rows = StepBuilding.objects.filter(step=step, building=building, lead__isnull=False)
    return rows.select_related("lead", "building").first()


def may_undo(membership: Membership, check_in: CheckIn, *, today: date) -> Right:
    """Whoever made a check-in may take it back on the same day, and so may editors and leaders."""
    if check_in.on != today:
        return Right(False, _("A check-in may be undone on the day on which it was made."))
    if check_in.by_id == membership.person_id or membership.is_editor:
        return Right(True, "")
    return Right(False, _("Whoever made a check-in may undo it, and so may editors and leaders."))


def may_change(membership: Membership) -> Right:
    """Editors and leaders may put a milestone on hold, drop it, rename it and archive it."""
    if membership.is_editor:
        return Right(True, "")
    return Right(False, _("Editors and leaders may do this. You may read."))


def may_decide(membership: Membership) -> Right:
    """Leaders agree to a new date, or keep the old one."""
    if membership.is_leader:
        return Right(True, "")
    return Right(False, _("Leaders may decide on dates; in most districts that is the superintendent."))
