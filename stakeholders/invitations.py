"""Invitations: who may send them, what becomes of a list of addresses, and how one is accepted.

An invitation is bound to a district, a level and an address. It ends after two weeks, when it is taken back, when it is
used, and when whoever sent it could no longer send it. Opening its link changes nothing, because mail scanners do.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from stakeholders.addresses import Address
from stakeholders.editing import lock
from stakeholders.models import District, Invitation, InvitationKey, Level, Membership, Person
from stakeholders.models.invitation import INVITED_BY_EDITORS, InvitationQuerySet, digest_of
from stakeholders.outbox import Kind, email, message_id, one_line, wake_sender

KEPT_KEYS = 8  # of one invitation; a mail server that says "not now" for days makes new letters


class NotAccepted(Exception):
    """This invitation lets this person in no more, or never did."""


@dataclass(frozen=True)
class Result:
    """What became of one address: invited, again (an earlier invitation had ended), waiting, or member."""

    email: str
    name: str
    what: str
    invitation: Invitation | None = None
    membership: Membership | None = None
    was_here: bool = False


# Inviting


def levels_to_give(membership: Membership) -> list[Level]:
    """Return the levels to which this member may invite, the lowest first."""
    if membership.may(Level.LEADER):
        return list(Level)
    return list(INVITED_BY_EDITORS) if membership.may(Level.EDITOR) else []


@transaction.atomic
def invite(
    addresses: Iterable[Address], *, district: District, level: Level, words: str, by: Person, now: datetime
) -> list[Result]:
    """Invite each address to `district`, but not who is in already and not who holds a letter that counts."""
    lock(district)  # a form sent twice at once finds the first one's rows
    wanted = {one.email: one for one in addresses}
    members = (
        Membership.objects.in_district(district).filter(person__email__in=wanted).select_related("person")
    )
    known = {member.person.email: member for member in members}
    inside = set(members.standing().values_list("person__email", flat=True))
    rows = Invitation.objects.in_district(district).filter(email__in=wanted)
    open_rows = {row.email: row for row in rows.open()}
    count = set(rows.standing(now=now).values_list("email", flat=True))
    results = []
    for address, one in wanted.items():
        facts = {"email": address, "name": one.name, "was_here": address in known}
        if address in inside:
            results.append(Result(**facts, what="member", membership=known[address]))
        elif address in count:
            results.append(Result(**facts, what="waiting", invitation=open_rows[address]))
        elif address in open_rows:
            row = open_rows[address]
            row.level, row.words, row.name = level, words, one.name or row.name
            renew(row, by=by, now=now)
            results.append(Result(**facts, what="again", invitation=row))
        else:
            row = Invitation(district=district, email=address, name=one.name, level=level, words=words)
            results.append(Result(**facts, what="invited", invitation=_write(row, by=by, now=now)))
    wake_sender()
    return results


def _write(invitation: Invitation, *, by: Person, now: datetime) -> Invitation:
    invitation.invited_by, invitation.made_at = by, now
    invitation.expires_at = now + Invitation.VALID_FOR
    invitation.message_id = _new_message_id(invitation)
    invitation.save()
    return invitation


def _new_message_id(invitation: Invitation) -> str:
    return message_id("invitation", invitation.district_id, secrets.token_hex(16))


@transaction.atomic
def renew(invitation: Invitation, *, by: Person, now: datetime) -> None:
    """Let an open invitation count for two weeks from now, in the name of `by`, and send its letter again.

    Links from before go on working while the invitation counted; those of one that had ended stay dead.
    """
    lock(invitation.district)
    if not Invitation.objects.open().filter(pk=invitation.pk).exists():
        raise NotAccepted
    if not Invitation.objects.standing(now=now).filter(pk=invitation.pk).exists():
        invitation.keys.all().delete()
    invitation.invited_by, invitation.decided_at = by, now
    invitation.expires_at = now + Invitation.VALID_FOR
    invitation.message_id = _new_message_id(invitation)
    invitation.attempts, invitation.error = 0, ""
    invitation.lease_until = invitation.sent_at = invitation.withdrawn_at = invitation.parked_at = None
    invitation.save()
    wake_sender()


@transaction.atomic
def send_again(invitation: Invitation, *, by: Person, now: datetime) -> None:
    """Invite the same address once more, also after the invitation was taken back. Raises NotAccepted where there is
    nothing to send: it was accepted, or who it is for is in or holds another letter.
    """
    if not invitation.revoked_at:
        renew(invitation, by=by, now=now)
        return
    again = {"level": Level(invitation.level), "words": invitation.words, "by": by, "now": now}
    [told] = invite([Address(invitation.email, invitation.name)], district=invitation.district, **again)
    if told.what in ("member", "waiting"):
        raise NotAccepted


def revoke(invitation: Invitation, *, by: Person, now: datetime) -> bool:
    """Take an open invitation back; False when it was accepted or taken back meanwhile."""
    open_row = Invitation.objects.open().filter(pk=invitation.pk)
    return bool(open_row.update(revoked_at=now, revoked_by=by))


# The link


def new_link(invitation: Invitation, *, handed_by: Person | None = None) -> str:
    """Return a link to `invitation` that nobody can find out again; of its key a hash is kept."""
    key = InvitationKey.make(invitation, handed_by=handed_by)
    kept = invitation.keys.order_by("-pk").values_list("pk", flat=True)[:KEPT_KEYS]
    invitation.keys.exclude(pk__in=list(kept)).delete()
    return f"{settings.SITE_URL}{reverse('invitation', args=[key])}"


def key_of(key: str, *, now: datetime) -> InvitationKey | None:
    """Return what is kept of `key`, with its invitation, while that counts; None for everything else alike."""
    row = InvitationKey.objects.filter(
        digest=digest_of(key), invitation__in=Invitation.objects.standing(now=now)
    )
    return row.select_related("invitation__district", "invitation__invited_by").first()


def letter(invitation: Invitation, now: datetime) -> EmailMessage | None:
    """Return the message of `invitation`, with a new link; None when it does not count any more."""
    if not Invitation.objects.standing(now=now).filter(pk=invitation.pk).exists():
        return None
    inviter = invitation.invited_by
    context = {
        "name": one_line(invitation.name),
        "inviter": one_line(str(inviter)),
        "district": one_line(invitation.district.name),
        "level": invitation.level,
        "words": one_line(invitation.words),
        "link": new_link(invitation),
        "until": invitation.district.today(invitation.expires_at),
    }
    return email(
        invitation,
        name=invitation.name,
        address=invitation.email,
        subject=render_to_string("emails/invitation_subject.txt", context),
        body=render_to_string("emails/invitation.txt", context),
        headers={"Reply-To": inviter.email},
    )


KIND = Kind(Invitation, ("invited_by",), letter)


# Accepting


def standing_for(address: str, *, now: datetime) -> InvitationQuerySet:
    """Return the invitations that let somebody with this e-mail address in, of whatever district."""
    return Invitation.objects.standing(now=now).filter(email=address.strip().lower())


def offered_to(person: Person, *, now: datetime) -> InvitationQuerySet:
    """Return the invitations that `person` may accept without their links: none while nothing proves the address."""
    rows = standing_for(person.email, now=now) if person.proven_at else Invitation.objects.none()
    return rows.select_related("district", "invited_by").order_by("district__name")


@transaction.atomic
def accept(invitation: Invitation, *, person: Person, now: datetime) -> Membership:
    """Let `person` into the invitation's district at its level, and use the invitation up.

    Nobody's level is lowered by it; access that had ended comes back. Raises NotAccepted where the invitation does not
    count, or is for another address.
    """
    lock(invitation.district)
    mine = standing_for(person.email, now=now).filter(pk=invitation.pk)
    if not person.is_active or not mine.update(accepted_at=now, accepted_by=person):
        raise NotAccepted
    invitation.refresh_from_db()
    membership = Membership.objects.in_district(invitation.district).filter(person=person).first()
    if membership is None:
        membership = Membership(district=invitation.district, person=person, level=invitation.level)
    elif membership.ended_at or Level(invitation.level).reaches(membership.level):
        membership.level, membership.ended_at = invitation.level, None
    if membership.pk:
        membership.version += 1  # whoever has this level open in a form is shown both
    membership._history_user = person
    membership.save()
    return membership
