"""Messages to members: decided once, sent once, to whoever is still a member then.

Deciding writes a row with the text (each floor words its own, in its `notices.py`). Sending is `stakeholders/outbox.py`.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.core.mail import EmailMessage

from stakeholders import invitations
from stakeholders.models import District, Membership, Notice, Person
from stakeholders.outbox import Kind, Sent, email, message_id, one_line, send_out


def decided_on(day: date, *, district: District, kind: str) -> set[int]:
    """Return the people (primary keys) whose notice of this kind was decided for that local day."""
    return set(
        Notice.objects.in_district(district).filter(kind=kind, local_day=day).values_list("person", flat=True)
    )


def decide(*, district: District, person: Person, kind: str, day: date, subject: str, body: str) -> Notice:
    """Decide that `person` gets this message: the one of its kind for that local day.

    Raises IntegrityError where that was decided before; callers lock the district and ask `decided_on` first.
    """
    return Notice.objects.create(
        district=district,
        person=person,
        kind=kind,
        local_day=day,
        subject=one_line(subject)[:250],
        body=body,
        message_id=message_id(kind, district.pk, person.pk, f"{day:%Y%m%d}"),
    )


# Sending

# kind → whether a notice, not yet sent, is still for its person on that day; the floor that words a kind says so.
STILL_MEANT: dict[str, Callable[[Notice, date], bool]] = {}


def letter(notice: Notice, now: datetime) -> EmailMessage | None:
    """Return the message of `notice`; None when its person is no member any more, or a role has changed hands meanwhile
    and somebody else is to be told.
    """
    members = Membership.objects.standing().in_district(notice.district)
    if not members.filter(person=notice.person).exists():
        return None
    still_meant = STILL_MEANT.get(notice.kind)
    if still_meant and not still_meant(notice, notice.district.today(now)):
        return None
    person = notice.person
    return email(notice, name=person.name, address=person.email, subject=notice.subject, body=notice.body)


def send_notices(clock: Callable[[], datetime]) -> Sent:
    """Send what waits: invitations, for which somebody may be standing by, and then notices."""
    return send_out(clock, [invitations.KIND, KIND])


KIND = Kind(Notice, ("person",), letter)
