"""What becomes of a membership: its level changes, it ends, it comes back. And what stands in the way, in words.

A district keeps one leader: without, nobody could give anybody access again. Every change is kept with who and when.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stakeholders.editing import lock
from stakeholders.models import Appointment, Invitation, Level, Membership, Person, SignInCode

CODE_HANDED = "one-time code"  # in the history: why there is a record without a change


class Refused(Exception):
    """This cannot be done to this membership; `str()` says why, for the page."""


@dataclass(frozen=True)
class Told:
    """One line of what became of a membership."""

    at: datetime
    who: str
    words: str


# Changing


def is_last_leader(membership: Membership) -> bool:
    """Whether this member is the only leader of the district who can come in."""
    leaders = Membership.objects.in_district(membership.district).standing().filter(level=Level.LEADER)
    return leaders.filter(pk=membership.pk).exists() and not leaders.exclude(pk=membership.pk).exists()


def last_leader_words() -> str:
    return _(
        "This is the only leader here, and a district keeps one: only a leader can give access. "
        "Make somebody else a leader first."
    )


@transaction.atomic
def end(membership: Membership, *, by: Person, now: datetime) -> None:
    """End this member's access to this district, from the next request on. Other districts are left alone.

    Raises Refused for the only leader. Ending what has ended changes nothing.
    """
    lock(membership.district)
    row = Membership.objects.get(pk=membership.pk)
    if row.ended_at:
        return
    if is_last_leader(row):
        raise Refused(last_leader_words())
    row.ended_at = now
    row.save_edit(by=by, version=row.version, fields=["ended_at"])


@transaction.atomic
def bring_back(membership: Membership, *, by: Person, now: datetime) -> None:
    """Let access that had ended count again, at the level that it had."""
    lock(membership.district)
    row = Membership.objects.get(pk=membership.pk)
    if row.ended_at:
        row.ended_at = None
        row.save_edit(by=by, version=row.version, fields=["ended_at"])


def roles_held(membership: Membership, *, today: date) -> list[Appointment]:
    """Return the appointments that this member has in the district on `today` or later."""
    rows = Appointment.objects.in_district(membership.district).filter(person=membership.person_id)
    still = rows.exclude(ends_on__lt=today)
    return list(still.select_related("role").order_by("role__title", "pk"))


# A code to come in with


def why_no_code(membership: Membership) -> str:
    """Return why no one-time code may be handed to this member; nothing when it may.

    Whoever hands a code over could use it. So only for somebody whose account holds nothing yet but this membership.
    """
    person = membership.person
    if membership.ended_at or not person.is_active:
        return _("Access has ended.")
    if person.last_login:
        return _("They have signed in before, so a code by e-mail, or their own way, lets them in.")
    if person.is_staff or person.is_superuser:
        return _("They run this installation. Whoever has its server can make a code.")
    elsewhere = Membership.objects.filter(person=person).exclude(district=membership.district_id)
    if elsewhere.exists():
        return _("They belong to another district, too. A code by e-mail lets them in.")
    return ""


@transaction.atomic
def hand_over_code(membership: Membership, *, by: Person, now: datetime) -> str:
    """Return a code that lets this member in once, within three days, and keep who handed it over. Raises Refused.

    It does not prove the address: whoever uses it is offered no other district's invitation on the strength of it.
    """
    lock(membership.district)
    row = Membership.objects.select_related("person", "district").get(pk=membership.pk)
    if no := why_no_code(row):
        raise Refused(no)
    Person.objects.filter(pk=row.person_id).update(proven_at=None)
    row._change_reason = CODE_HANDED
    row.save_edit(by=by, version=row.version, fields=[])
    return SignInCode.make(row.person, now=now)


# Telling


def story(membership: Membership) -> list[Told]:
    """Return what became of a membership, latest first: who came in how, each change of level, endings and returns."""
    told = list(_records(membership))
    accepted = Invitation.objects.in_district(membership.district).filter(accepted_by=membership.person_id)
    for invitation in accepted.select_related("invited_by"):
        words = _("Invited as %(level)s.") % {"level": invitation.get_level_display().lower()}
        told.append(Told(invitation.made_at, _named(invitation.invited_by), words))
    return sorted(told, key=lambda one: one.at, reverse=True)


def _records(membership: Membership) -> Iterator[Told]:
    before = None
    for record in membership.history.select_related("history_user").order_by("history_date", "history_id"):
        for words in _changes(before, record):
            yield Told(record.history_date, _named(record.history_user), words)
        before = record


def _changes(before, record) -> Iterator[str]:
    level = record.get_level_display().lower()
    if before is None:
        yield (_("Was here as %(level)s.") if record.history_type != "+" else _("Came in as %(level)s.")) % {
            "level": level
        }
        return
    if before.ended_at and not record.ended_at:
        yield _("Access came back, as %(level)s.") % {"level": level}
    elif before.level != record.level:
        was = before.get_level_display().lower()
        yield _("Level changed from %(was)s to %(level)s.") % {"was": was, "level": level}
    if record.ended_at and not before.ended_at:
        yield _("Access ended.")
    if record.history_change_reason == CODE_HANDED:
        yield _("A one-time code was handed over.")


def _named(person: Person | None) -> str:
    return (person.name or _("No name yet")) if person else _("No name on record")
