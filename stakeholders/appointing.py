"""Who comes to hold a role, who deputises, and what becomes of it all when somebody leaves.

Appointments change through these verbs only. The last day counts: whoever follows begins on the day after. Dates may lie
in the past or in the future. Two appointments of one person to one role never share a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stakeholders import memberships
from stakeholders.editing import lock
from stakeholders.models import Appointment, HandOver, HandOverLine, Membership, Person, Role

Part, What = Appointment.Part, HandOverLine.What
ONE_DAY = timedelta(days=1)
EARLIEST = date(1950, 1, 1)
AHEAD = timedelta(days=5 * 366)  # further ahead, a year was mistyped


class NotAppointed(ValueError):
    """A plain-words no. `field` names the form field that the words belong to, or is empty."""

    def __init__(self, words: str, *, field: str = ""):
        super().__init__(words)
        self.field = field


class NothingToHandOver(NotAppointed):
    """The person holds nothing from that day on."""


def may_appoint(membership: Membership) -> bool:
    """Leaders appoint: who holds a role decides who is told of what, and what they may say of it."""
    return membership.is_leader


# One appointment


@transaction.atomic
def appoint(
    person: Person,
    role: Role,
    *,
    by: Person,
    today: date,
    starts_on: date,
    ends_on: date | None = None,
    part: Part = Part.HOLDS,
) -> Appointment:
    """Let `person` hold `role`, or deputise, from `starts_on` to `ends_on` (None: until further notice).

    Asked for twice, it is one appointment. Raises NotAppointed.
    """
    lock(role.district)  # as a hand-over does: nobody waits for anybody in a circle
    _check_dates(starts_on, ends_on, today=today)
    _check_member(person, role)
    same = role.appointments.filter(person=person, part=part, starts_on=starts_on, ends_on=ends_on).first()
    if same:
        return same
    _check_apart(role, person, starts_on, ends_on)
    made = Appointment(role=role, person=person, part=part, starts_on=starts_on, ends_on=ends_on)
    made._history_user = by
    made.save()
    return made


def end_appointment(appointment: Appointment, *, by: Person, today: date, last_day: date) -> None:
    """Let `last_day` be the last one. Raises NotAppointed, also where it lies before the first."""
    change_dates(
        appointment,
        by=by,
        today=today,
        starts_on=appointment.starts_on,
        ends_on=last_day,
        version=appointment.version,
    )


@transaction.atomic
def change_dates(
    appointment: Appointment,
    *,
    by: Person,
    today: date,
    starts_on: date,
    ends_on: date | None,
    version: int,
) -> None:
    """Correct or set the dates. Raises NotAppointed; StaleEdit where somebody changed them since `version`."""
    lock(appointment.district)
    _check_dates(starts_on, ends_on, today=today)
    if ends_on is None or ends_on > today:
        _check_member(appointment.person, appointment.role)
    _check_apart(appointment.role, appointment.person, starts_on, ends_on, but=appointment)
    appointment.starts_on, appointment.ends_on = starts_on, ends_on
    appointment.save_edit(by=by, version=version, fields=["starts_on", "ends_on"])


def _check_dates(starts_on: date, ends_on: date | None, *, today: date) -> None:
    if not EARLIEST <= starts_on <= today + AHEAD:
        raise NotAppointed(_day_is_odd(today), field="starts_on")
    if ends_on is not None and ends_on < starts_on:
        raise NotAppointed(_("The last day lies before the first one."), field="ends_on")
    if ends_on is not None and ends_on > today + 2 * AHEAD:
        raise NotAppointed(_day_is_odd(today), field="ends_on")


def _day_is_odd(today: date) -> str:
    return _("This day is too far away to be meant: between %(first)s and %(last)s, please.") % {
        "first": date_format(EARLIEST, "M j, Y"),
        "last": date_format(today + AHEAD, "M j, Y"),
    }


def _check_member(person: Person, role: Role) -> None:
    """A role is held by members: anybody else could not open what they are told of."""
    rows = Membership.objects.filter(district=role.district_id, person=person)
    for membership in rows:
        lock(membership)  # nobody ends it while this is being saved
    if not rows.standing().exists():
        words = _("%(name)s is no member of the district: give this person access first.")
        raise NotAppointed(words % {"name": person}, field="person")


def _check_apart(
    role: Role, person: Person, starts_on: date, ends_on: date | None, *, but: Appointment | None = None
) -> None:
    others = role.appointments.filter(person=person).exclude(pk=but.pk if but else None)
    other = others.meeting(starts_on, ends_on).first()
    if other is None:
        return
    words = (
        _("%(name)s deputises in this role already, since %(first)s.")
        if other.is_deputy
        else _("%(name)s holds this role already, since %(first)s.")
    )
    if other.ends_on:
        words = _("%(name)s is in this role already, from %(first)s to %(last)s.")
    names = {"name": person, "first": date_format(other.starts_on, "M j, Y")}
    if other.ends_on:
        names["last"] = date_format(other.ends_on, "M j, Y")
    raise NotAppointed(words % names, field="person" if but is None else "starts_on")


# Everything that somebody holds


def in_hand(person: Person, *, district: Any, today: date) -> list[Appointment]:
    """Return what `person` holds, deputises for or will: what there is to hand over."""
    rows = Appointment.objects.in_district(district).not_over(today).filter(person=person)
    return list(rows.select_related("role").order_by("part", "role__title", "starts_on"))


@dataclass(frozen=True)
class Done:
    """What a hand-over did with one role: `to` is whoever follows; None: left to the others who hold it, or vacant."""

    role: Role
    part: str
    to: Person | None


@transaction.atomic
def hand_over(
    person: Person,
    successors: Mapping[Appointment, Person | None],
    *,
    district: Any,
    by: Person,
    now: datetime,
    today: date,
    first_day: date,
    end_access: bool = False,
) -> HandOver:
    """Let each of `successors` follow `person` from `first_day`; None leaves a role to its other holders, or vacant.

    `person` keeps each role to the day before. What would begin later passes on with its own dates. A deputy who follows
    is no deputy any more. With `end_access` the membership ends at once. Raises NothingToHandOver when nothing is left
    to pass on, and NotAppointed when a successor cannot follow or a role was forgotten; nothing is changed then.
    """
    _check_first_day(first_day, today=today, end_access=end_access)
    lock(district)
    held = [one for one in in_hand(person, district=district, today=today) if one.reaches(first_day)]
    if not held and not end_access:
        raise NothingToHandOver(_("%(name)s holds nothing from that day on.") % {"name": person})
    job = HandOver.objects.create(
        district=district,
        person=person,
        by=by,
        at=now,
        on=today,
        first_day=first_day,
        ended_access=end_access,
    )
    chosen = {one.pk: to for one, to in successors.items()}
    for one in held:
        if one.pk not in chosen:
            raise NotAppointed(_("Somebody changed these roles meanwhile. Look at them once more."))
        _pass_on(job, one, chosen[one.pk], today=today)
    if end_access:
        _end_access(job)
    return job


def _check_first_day(first_day: date, *, today: date, end_access: bool) -> None:
    if not EARLIEST <= first_day <= today + AHEAD:
        raise NotAppointed(_day_is_odd(today), field="first_day")
    if end_access and first_day > today:
        words = _(
            "Access ends at once, and until that day the roles would be in nobody's hands. Hand over from today, or leave"
            " the access as it is and end it on the day."
        )
        raise NotAppointed(words, field="end_access")


def _pass_on(job: HandOver, one: Appointment, to: Person | None, *, today: date) -> None:
    role, part = one.role, one.part
    starts_on, ends_on = max(one.starts_on, job.first_day), one.ends_on
    if job.first_day <= one.starts_on < today:
        words = _("%(name)s is in “%(role)s” since %(day)s: choose a later day.")
        names = {"name": job.person, "role": role, "day": date_format(one.starts_on, "M j, Y")}
        raise NotAppointed(words % names, field="first_day")
    _cut(job, one)
    if to is None:
        return
    if to == job.person:
        raise NotAppointed(
            _("Choose somebody else: this is whose roles are handed over."), field=f"to_{one.pk}"
        )
    for other in role.appointments.filter(person=to).meeting(starts_on, ends_on):
        if other.is_deputy and part == Part.HOLDS:
            _cut(job, other, first_day=starts_on)
        elif other.covers(starts_on, ends_on):
            return
    try:
        made = appoint(to, role, by=job.by, today=today, starts_on=starts_on, ends_on=ends_on, part=part)
    except NotAppointed as no:
        raise NotAppointed(str(no), field=f"to_{one.pk}") from no
    _write_down(job, made, What.MADE)


def _cut(job: HandOver, one: Appointment, *, first_day: date | None = None) -> None:
    """End an appointment on the day before; take it away where it would not have begun by then."""
    first_day = first_day or job.first_day
    line = _write_down(job, one, What.ENDED)
    one._history_user = job.by
    if one.starts_on >= first_day:
        line.appointment = None
        line.save()
        one.delete()
    else:
        one.ends_on = first_day - ONE_DAY
        one.save_edit(by=job.by, version=one.version, fields=["ends_on"])


def _write_down(job: HandOver, one: Appointment, what: What) -> HandOverLine:
    return HandOverLine.objects.create(
        hand_over=job,
        what=what,
        role=one.role,
        person=one.person,
        part=one.part,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        appointment=one,
    )


def _end_access(job: HandOver) -> None:
    for membership in Membership.objects.in_district(job.district).filter(person=job.person):
        try:
            memberships.end(membership, by=job.by, now=job.at)
        except memberships.Refused as no:
            raise NotAppointed(str(no), field="end_access") from no


@transaction.atomic
def undo_hand_over(job: HandOver, *, by: Person, now: datetime, today: date) -> None:
    """Put everything back as it was before: on the same day, and only while nobody has changed it since.

    Raises NotAppointed.
    """
    lock(job.district)
    job.refresh_from_db()
    if job.undone_at:
        return
    if not job.may_be_undone(today=today):
        raise NotAppointed(_("A hand-over can be undone on the day on which it was done."))
    lines = list(job.lines.select_related("role", "person", "appointment"))
    made = [line for line in lines if line.what == What.MADE]
    ended = [line for line in lines if line.what == What.ENDED]
    if not all(_is_as_left(line, job) for line in lines):
        raise NotAppointed(
            _("Somebody has changed these appointments since. Change them one by one, please.")
        )
    for line in made:
        line.appointment._history_user = by
        line.appointment.delete()
    for line in ended:
        _put_back(line, by=by)
    if job.ended_access:
        rows = Membership.objects.in_district(job.district)
        for membership in rows.filter(person=job.person, ended_at=job.at):
            memberships.bring_back(membership, by=by, now=now)
    HandOver.objects.filter(pk=job.pk).update(undone_at=now, undone_by=by)
    job.refresh_from_db()


def _is_as_left(line: HandOverLine, job: HandOver) -> bool:
    one = line.appointment
    if line.what == What.MADE:
        return one is not None and (one.starts_on, one.ends_on) == (line.starts_on, line.ends_on)
    ours = [line.appointment_id, *job.lines.filter(what=What.MADE).values_list("appointment", flat=True)]
    others = Appointment.objects.filter(role=line.role, person=line.person).exclude(pk__in=filter(None, ours))
    as_left = one is None or (one.ends_on is not None and one.starts_on == line.starts_on)
    return as_left and not others.meeting(line.starts_on, line.ends_on).exists()


def _put_back(line: HandOverLine, *, by: Person) -> None:
    one = line.appointment or Appointment(
        role=line.role, person=line.person, part=line.part, starts_on=line.starts_on
    )
    one._history_user = by
    one.ends_on = line.ends_on
    if one.pk:
        one.save_edit(by=by, version=one.version, fields=["ends_on"])
    else:
        one.save()


def outcome(job: HandOver) -> list[Done]:
    """Return what became of each role that was handed over, in the order of the titles."""
    lines = list(job.lines.select_related("role", "person").order_by("role__title", "pk"))
    follows = {(line.role_id, line.part): line.person for line in lines if line.what == What.MADE}
    own = [line for line in lines if line.what == What.ENDED and line.person_id == job.person_id]
    return [Done(line.role, line.part, follows.get((line.role_id, line.part))) for line in own]
