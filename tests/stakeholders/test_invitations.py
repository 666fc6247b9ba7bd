from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from stakeholders import invitations
from stakeholders.addresses import Address
from stakeholders.invitations import (
    NotAccepted,
    accept,
    invite,
    key_of,
    new_link,
    renew,
    revoke,
    standing_for,
)
from stakeholders.models import Invitation, InvitationKey, Level, Membership, Person
from stakeholders.notices import send_notices
from tests.builders import make_person

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
IVY = "ivy@example.org"


def ask(cast, *addresses: str, level=Level.COMMITTEE, by=None, now=NOW, district=None, words=""):
    return invite(
        [Address(a) for a in addresses or (IVY,)],
        district=district or cast.cedar,
        level=level,
        words=words,
        by=by or cast.sue,
        now=now,
    )


@pytest.fixture
def ivy_is_invited(cast) -> Invitation:
    [told] = ask(cast)
    return told.invitation


@pytest.fixture
def ivy(cast) -> Person:
    return make_person(None, "Ivy")


def key(link: str) -> str:
    return link.rstrip("/").split("/")[-1]


def test_who_is_in_and_who_holds_a_letter_are_said_and_not_doubled(cast, ivy_is_invited):
    results = ask(cast, IVY, "alice@example.org", "charlie@example.org", "new@example.org")

    assert [(one.email.split("@")[0], one.what) for one in results] == [
        ("ivy", "waiting"),
        ("alice", "member"),
        ("charlie", "invited"),
        ("new", "invited"),
    ]
    assert Invitation.objects.count() == 3


def test_an_invitation_that_has_ended_is_sent_again_instead_of_doubled(cast, ivy_is_invited):
    later = NOW + timedelta(days=14)

    [told] = ask(cast, now=later, level=Level.VIEWER)

    assert (told.what, told.invitation, told.invitation.level) == ("again", ivy_is_invited, "viewer")
    assert told.invitation.expires_at == later + timedelta(days=14)


def test_somebody_whose_access_has_ended_may_be_invited(cast):
    Membership.objects.filter(person=cast.bob).update(ended_at=NOW)

    [told] = ask(cast, "bob@example.org")

    assert (told.what, told.was_here) == ("invited", True)


def test_only_one_open_invitation_of_an_address_can_be_kept(cast, ivy_is_invited):
    facts = {"district": cast.cedar, "email": IVY, "invited_by": cast.sue, "made_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(**facts, expires_at=NOW + timedelta(days=1), message_id="<2>")

    revoke(ivy_is_invited, by=cast.sue, now=NOW)
    Invitation.objects.create(**facts, expires_at=NOW + timedelta(days=1), message_id="<3>")


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "owner"},
        {"accepted_at": NOW},
        {"revoked_at": NOW},
        {"expires_at": NOW},
        {"sent_at": NOW, "parked_at": NOW},
        "accepted and taken back",
    ],
)
def test_the_database_refuses_what_cannot_be(cast, ivy_is_invited, wrong):
    if isinstance(wrong, str):
        wrong = {"accepted_at": NOW, "accepted_by": cast.bob, "revoked_at": NOW, "revoked_by": cast.sue}

    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(pk=ivy_is_invited.pk).update(**wrong)


def test_it_lets_the_address_in_once_at_its_level_and_nowhere_else(cast, ivy_is_invited, ivy):
    membership = accept(ivy_is_invited, person=ivy, now=NOW)

    assert (membership.district, membership.level) == (cast.cedar, "committee")
    assert Membership.objects.filter(person=ivy).count() == 1
    ivy_is_invited.refresh_from_db()
    assert (ivy_is_invited.accepted_by, ivy_is_invited.accepted_at) == (ivy, NOW)
    with pytest.raises(NotAccepted):
        accept(ivy_is_invited, person=ivy, now=NOW)


def test_it_is_of_no_use_to_another_address(cast, ivy_is_invited):
    with pytest.raises(NotAccepted):
        accept(ivy_is_invited, person=cast.charlie, now=NOW)

    assert not Membership.objects.filter(district=cast.cedar, person=cast.charlie).exists()


def ends(how: str, invitation: Invitation, cast) -> datetime:
    """Let an invitation end in this way; return when it is tried."""
    if how == "two weeks over":
        return NOW + timedelta(days=14)
    if how == "taken back":
        revoke(invitation, by=cast.sue, now=NOW)
    elif how == "inviter left":
        Membership.objects.filter(person=cast.sue).update(ended_at=NOW)
    elif how == "inviter may not sign in":
        Person.objects.filter(pk=cast.sue.pk).update(is_active=False)
    elif how == "inviter may do less":
        Membership.objects.filter(person=cast.sue).update(level=Level.COMMITTEE)
    elif how == "inviter is of another district":
        Membership.objects.filter(person=cast.sue).update(district=cast.dune)
    return NOW


WAYS_TO_END = [
    "two weeks over",
    "taken back",
    "inviter left",
    "inviter may not sign in",
    "inviter may do less",
    "inviter is of another district",
]


@pytest.mark.parametrize("how", WAYS_TO_END)
def test_one_that_has_ended_lets_nobody_in_leads_nowhere_and_is_not_sent(cast, ivy_is_invited, ivy, how):
    link = new_link(ivy_is_invited)
    assert key_of(key(link), now=NOW)

    at = ends(how, ivy_is_invited, cast)

    assert key_of(key(link), now=at) is None
    assert not standing_for(IVY, now=at).exists()
    with pytest.raises(NotAccepted):
        accept(ivy_is_invited, person=ivy, now=at)
    assert send_notices(lambda: at).withdrawn == 1
    assert mail.outbox == []


def test_an_editor_who_was_a_leader_still_brings_in_the_committee_but_no_editor(cast):
    ask(cast, "one@example.org", level=Level.COMMITTEE)
    ask(cast, "two@example.org", level=Level.EDITOR)

    Membership.objects.filter(person=cast.sue).update(level=Level.EDITOR)

    assert standing_for("one@example.org", now=NOW).exists()
    assert not standing_for("two@example.org", now=NOW).exists()


def test_nobodys_level_is_lowered_by_an_invitation(cast):
    ask(cast, "bob@example.org", "alice@example.org")
    for person in (cast.bob, cast.alice):
        Membership.objects.filter(person=person).update(ended_at=NOW)
    ask(cast, "bob@example.org", "alice@example.org", level=Level.VIEWER)
    Membership.objects.filter(person=cast.alice).update(ended_at=None)  # brought back meanwhile

    for person in (cast.bob, cast.alice):
        accept(standing_for(person.email, now=NOW).get(), person=person, now=NOW)

    assert Membership.objects.get(person=cast.bob).level == Level.VIEWER  # access had ended: a new start
    assert Membership.objects.get(person=cast.bob).ended_at is None
    assert Membership.objects.get(person=cast.alice).level == Level.EDITOR


def test_the_letter_says_who_where_and_until_when_and_its_link_works(cast):
    ask(cast, words="You asked for this in May")

    outcome = send_notices(lambda: NOW)

    assert outcome.sent == 1
    [letter] = mail.outbox
    invitation = Invitation.objects.get()
    assert letter.to == [IVY]
    assert letter.subject == "Sue invites you to the technology plan of Cedar School District"
    assert letter.extra_headers["Message-ID"] == invitation.message_id
    assert letter.extra_headers["Reply-To"] == "sue@example.org"
    assert "You asked for this in May" in letter.body
    assert "until December 1, 2026" in letter.body
    [link] = [line for line in letter.body.splitlines() if "/invitations/" in line]
    assert key_of(key(link), now=NOW).invitation == invitation


def test_of_a_key_nothing_but_its_hash_is_kept(cast, ivy_is_invited):
    secret = key(new_link(ivy_is_invited))

    kept = repr([list(m.objects.values_list()) for m in (Invitation, InvitationKey)])

    assert len(secret) == 43  # 256 bits in base64
    assert secret not in kept
    assert invitations.digest_of(secret) in kept


def test_links_from_before_go_on_working_when_it_is_sent_again_while_it_counts(cast, ivy_is_invited):
    first = key(new_link(ivy_is_invited))
    renew(ivy_is_invited, by=cast.alice, now=NOW + timedelta(days=3))

    assert key_of(first, now=NOW + timedelta(days=16))


def test_links_of_one_that_had_ended_stay_dead_when_it_is_sent_again(cast, ivy_is_invited):
    first = key(new_link(ivy_is_invited))
    later = NOW + timedelta(days=15)
    renew(ivy_is_invited, by=cast.sue, now=later)

    assert key_of(first, now=later) is None
    assert send_notices(lambda: later).sent == 1


def test_of_many_links_the_newest_are_kept(cast, ivy_is_invited):
    links = [key(new_link(ivy_is_invited)) for _n in range(invitations.KEPT_KEYS + 2)]

    assert [key_of(one, now=NOW) is not None for one in links] == [False] * 2 + [True] * invitations.KEPT_KEYS


def test_names_and_words_cannot_break_the_letter(cast):
    Person.objects.filter(pk=cast.sue.pk).update(name="Sue\r\nBcc: all@example.org")
    invite(
        [Address(IVY, "Ivy\nBcc: x")],
        district=cast.cedar,
        level=Level.VIEWER,
        words="One\r\n\r\nhttp://evil.example",
        by=Person.objects.get(pk=cast.sue.pk),
        now=NOW,
    )

    assert send_notices(lambda: NOW).sent == 1

    message = mail.outbox[0].message()
    assert message["Bcc"] is None
    assert message["To"] == '"Ivy Bcc: x" <ivy@example.org>'


def test_the_levels_that_may_be_given(cast):
    def levels(person):
        return invitations.levels_to_give(Membership.objects.get(person=person))

    assert levels(cast.sue) == list(Level)
    assert levels(cast.alice) == [Level.VIEWER, Level.COMMITTEE]
    assert levels(cast.bob) == levels(cast.vera) == []
