import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stakeholders.addresses import Address
from stakeholders.invitations import digest_of, invite, revoke
from stakeholders.models import Invitation, InvitationKey, Level, Membership
from stakeholders.notices import send_notices
from tests.builders import make_person

PAGE = "/d/cedar/people/invite/"
LIST = "/d/cedar/people/invitations/"


def paste(client, addresses: str, *, level="committee", words="", url=PAGE):
    return client.post(url, {"addresses": addresses, "level": level, "words": words})


def invited(cast, address="ivy@example.org", *, level=Level.COMMITTEE, district=None, by=None) -> Invitation:
    facts = {"district": district or cast.cedar, "level": level, "words": "", "now": timezone.now()}
    [told] = invite([Address(address)], by=by or cast.sue, **facts)
    return told.invitation


def test_the_good_addresses_are_invited_and_the_bad_ones_named_by_line(cast, signed_in):
    answer = paste(
        signed_in(cast.alice), "Ivy Green <ivy@example.org>; bob@example.org\nnobody, max@example.org"
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert [one.email for one in Invitation.objects.order_by("pk")] == ["ivy@example.org", "max@example.org"]
    assert "is in already, as committee" in page
    assert "Line 2: That is not an e-mail address." in page
    assert answer.context["form"].initial["addresses"] == "nobody"


def test_the_same_list_twice_invites_once_and_says_so(cast, signed_in):
    client = signed_in(cast.alice)
    paste(client, "ivy@example.org")

    page = paste(client, "IVY@example.org").content.decode()

    assert Invitation.objects.count() == 1
    assert "was invited already, as committee" in page


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("addresses", ""),
        ("addresses", "nobody"),
        ("addresses", "a\0@example.org\0"),
        ("addresses", " ".join(["<"] * 100)),
        ("addresses", "\n".join(f"p{n}@example.org" for n in range(201))),
        ("addresses", "x" * 40_001),
        ("level", "owner"),
        ("level", ""),
        ("words", "x" * 301),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_is_lost(cast, signed_in, field, typed):
    told = {"addresses": "ivy@example.org", "level": "viewer", "words": "Hello", field: typed}

    answer = signed_in(cast.sue).post(PAGE, told)

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert answer.context["form"]["words"].value() == told["words"]
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("level", ["editor", "leader"])
def test_an_editor_brings_in_nobody_above_the_committee(cast, signed_in, level):
    answer = paste(signed_in(cast.alice), "ivy@example.org", level=level)

    assert answer.status_code == 422
    assert not Invitation.objects.exists()
    assert paste(signed_in(cast.sue), "ivy@example.org", level=level).status_code == 200


def test_while_mail_works_no_link_is_shown_and_the_mail_goes_out(cast, signed_in):
    answer = paste(signed_in(cast.sue), "ivy@example.org")

    send_notices(timezone.now)

    assert "/invitations/" not in answer.content.decode().replace("/people/invitations/", "")
    assert [one.to for one in mail.outbox] == [["ivy@example.org"]]


def test_while_no_mail_is_sent_each_link_is_shown_once_to_hand_over(cast, signed_in, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    client = signed_in(cast.sue)

    page = paste(client, "ivy@example.org, max@example.org").content.decode()

    keys = re.findall(r"/invitations/([\w-]{43})/", page)
    assert len(set(keys)) == 2
    assert "No mail is sent from here yet" in page
    assert {row.digest for row in InvitationKey.objects.filter(handed_by=cast.sue)} == {
        digest_of(k) for k in keys
    }
    assert not any(key in client.get(LIST).content.decode() for key in keys)


def test_a_name_or_line_that_is_hostile_stays_text(cast, signed_in):
    client = signed_in(cast.sue)

    page = paste(
        client, '"<b>Ivy</b>" <ivy@example.org>\n<script>alert(1)</script>', words="<i>x"
    ).content.decode()

    assert "<b>Ivy" not in page + client.get(LIST).content.decode()
    assert "<script>alert" not in page


# The list


def test_the_list_says_how_each_stands_those_first_that_wait(cast, signed_in):
    joined, back, over, waits = [
        invited(cast, f"{n}@example.org") for n in ("joined", "back", "over", "waits")
    ]
    now = timezone.now()
    Invitation.objects.filter(pk=joined.pk).update(accepted_at=now, accepted_by=cast.bob)
    revoke(back, by=cast.sue, now=now)
    past = {"made_at": now - timedelta(days=20), "expires_at": now - timedelta(days=6)}
    Invitation.objects.filter(pk=over.pk).update(**past)

    answer = signed_in(cast.alice).get(LIST)

    page = answer.content.decode()
    assert next(iter(answer.context["page"])) == waits
    for words in ("joined Nov", "taken back Nov", "by Sue", "ended Nov", "waits until"):
        assert words in page or words.replace("Nov", now.strftime("%b")) in page
    assert "counts no more" not in page


def test_an_invitation_is_taken_back_and_sent_again(cast, signed_in):
    row, client = invited(cast), signed_in(cast.alice)

    client.post(f"{LIST}{row.pk}/take-back/")
    row.refresh_from_db()
    assert (row.revoked_by, Invitation.objects.standing(now=timezone.now()).count()) == (cast.alice, 0)
    client.post(f"{LIST}{row.pk}/again/")

    again = Invitation.objects.standing(now=timezone.now()).get()
    assert (again.email, again.level, again.invited_by) == (row.email, row.level, cast.alice)
    assert again != row


def test_what_was_accepted_is_neither_taken_back_nor_sent_again(cast, signed_in):
    row, client = invited(cast), signed_in(cast.alice)
    Invitation.objects.filter(pk=row.pk).update(accepted_at=timezone.now(), accepted_by=cast.bob)

    for verb in ("take-back", "again", "link"):
        assert client.post(f"{LIST}{row.pk}/{verb}/").status_code == 302

    row.refresh_from_db()
    assert row.revoked_at is None
    assert (Invitation.objects.count(), InvitationKey.objects.count()) == (1, 0)


@pytest.mark.parametrize("verb", ["take-back", "again", "link"])
def test_an_editor_touches_no_invitation_of_a_leader(cast, signed_in, verb):
    row = invited(cast, level=Level.LEADER)

    answer = signed_in(cast.alice).post(f"{LIST}{row.pk}/{verb}/")

    assert answer.status_code == 403
    assert "Leaders may do this" in answer.content.decode()
    assert not InvitationKey.objects.exists()


@pytest.mark.parametrize("verb", ["take-back", "again", "link"])
def test_an_invitation_of_another_district_is_not_there(cast, signed_in, verb):
    row = invited(cast, district=cast.dune, by=cast.charlie)

    client = signed_in(cast.sue)

    assert client.post(f"{LIST}{row.pk}/{verb}/").status_code == 404
    row.refresh_from_db()
    assert row.revoked_at is None


def test_a_link_is_shown_once_when_it_is_asked_for(cast, signed_in):
    row, client = invited(cast), signed_in(cast.alice)

    page = client.post(f"{LIST}{row.pk}/link/").content.decode()

    [key] = set(re.findall(r"/invitations/([\w-]{43})/", page))
    assert InvitationKey.objects.get(digest=digest_of(key)).handed_by == cast.alice
    assert client.get(f"{LIST}{row.pk}/link/").status_code == 405


def test_a_mail_that_could_not_be_delivered_is_said(cast, signed_in):
    row = invited(cast)
    Invitation.objects.filter(pk=row.pk).update(parked_at=timezone.now(), error="550 No such person")

    assert "550 No such person" in signed_in(cast.alice).get(LIST).content.decode()


def test_the_number_of_queries_does_not_grow(cast, signed_in):
    client = signed_in(cast.sue)

    def queries(url: str, data: dict | None = None) -> int:
        with CaptureQueriesContext(connection) as seen:
            answer = client.post(url, data) if data else client.get(url)
            assert answer.status_code == 200
        return len(seen)

    paste(client, "a@example.org, b@example.org")
    few = queries(LIST)
    paste(client, "\n".join(f"p{n}@example.org" for n in range(70)))

    assert queries(LIST) == few


def test_who_left_cannot_come_back_by_a_letter_written_before(cast, signed_in, client):
    """A leader who is about to be ended invites an address of their own."""
    row = invited(cast, "own@example.net", level=Level.LEADER)
    make_person(cast.cedar, "Ken", Level.LEADER)
    Membership.objects.filter(person=cast.sue).update(ended_at=timezone.now())

    page = signed_in(cast.alice).get(LIST).content.decode()

    assert "counts no more" in page
    assert not Invitation.objects.standing(now=timezone.now()).filter(pk=row.pk).exists()
