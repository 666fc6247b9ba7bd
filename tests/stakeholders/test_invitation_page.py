"""What an invitation's link leads to, and the ways from it into the district."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from stakeholders.addresses import Address
from stakeholders.invitations import invite, new_link, revoke
from stakeholders.models import Invitation, InvitationKey, Level, Membership, Person, SignInCode
from tests.builders import make_person

IVY = "ivy@example.org"


@pytest.fixture
def invitation(cast) -> Invitation:
    facts = {"district": cast.cedar, "level": Level.COMMITTEE, "words": "Come and see"}
    [told] = invite([Address(IVY, "Ivy Green")], by=cast.sue, now=timezone.now(), **facts)
    return told.invitation


@pytest.fixture
def link(invitation) -> str:
    return path_of(new_link(invitation))


@pytest.fixture
def no_mail(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


def path_of(link: str) -> str:
    return "/" + link.split("/", 3)[3]


def everything_kept() -> str:
    models = (Person, Membership, Invitation, InvitationKey)
    return repr([list(m.objects.order_by("pk").values_list()) for m in models])


def code_sent() -> str:
    return re.search(r"\b\d{6}\b", mail.outbox[-1].body)[0]


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_it_says_who_invites_to_what_and_opening_it_changes_nothing(client, cast, link):
    before = everything_kept()

    pages = [client.get(link) for _scanner in range(3)] + [client.head(link)]

    page = pages[0].content.decode()
    assert [answer.status_code for answer in pages] == [200] * 4
    for words in (
        "Cedar School District",
        "Sue invites",
        IVY,
        "Come and see",
        "take part in the committee",
        "Ivy Green",
    ):
        assert words in page
    assert everything_kept() == before
    assert not client.session.keys()
    # Other sites do not see the link. With "no-referrer" browsers would send the form without its origin, and be refused.
    assert pages[0]["Referrer-Policy"] == "same-origin"
    assert "no-store" in pages[0]["Cache-Control"]


def test_somebody_new_joins_by_a_code_to_the_address(client, cast, link, invitation):
    answer = client.post(link, {"name": "Ivy Green", "way": "code"})
    assert answer.url == "/sign-in/code/"
    assert mail.outbox[-1].to == [IVY]
    assert not Membership.objects.filter(person__email=IVY).exists()

    client.post("/sign-in/code/", {"code": code_sent()})

    ivy = Person.objects.get(email=IVY)
    assert (ivy.name, ivy.has_usable_password(), ivy.proven_at is not None) == ("Ivy Green", False, True)
    assert [(m.district, m.level) for m in ivy.memberships.all()] == [(cast.cedar, "committee")]
    assert client.get("/").url == "/d/cedar/"
    assert client.get("/d/cedar/people/").status_code == 200
    invitation.refresh_from_db()
    assert invitation.accepted_by == ivy


def test_somebody_of_another_district_joins_and_keeps_the_name_and_the_other_district(client, cast):
    facts = {"district": cast.cedar, "level": Level.VIEWER, "words": ""}
    [told] = invite([Address("charlie@example.org")], by=cast.sue, now=timezone.now(), **facts)

    client.post(path_of(new_link(told.invitation)), {"name": "Somebody else", "way": "code"})
    client.post("/sign-in/code/", {"code": code_sent()})

    assert Person.objects.get(pk=cast.charlie.pk).name == "Charlie"
    assert client.get("/").url == "/d/cedar/"
    assert client.get("/d/dune/").status_code == 200


def test_who_is_signed_in_with_the_address_joins_at_once(cast, signed_in, link):
    ivy = make_person(None, "Ivy")

    answer = signed_in(ivy).post(link)

    assert answer.url == "/d/cedar/"
    assert ivy.memberships.get().district == cast.cedar


def test_who_is_signed_in_as_somebody_else_is_told_so_and_does_not_join(cast, signed_in, link):
    client = signed_in(cast.charlie)

    page, answer = client.get(link), client.post(link, {"name": "Charlie", "way": "code"})

    assert (
        "You are signed in as charlie@example.org, and this invitation is for ivy@example.org"
        in page.content.decode()
    )
    assert answer.status_code == 409
    assert not Membership.objects.filter(district=cast.cedar, person=cast.charlie).exists()
    assert mail.outbox == []


def test_every_link_that_does_not_count_answers_with_the_same_bytes(client, cast, signed_in):
    def made(address: str) -> tuple[str, Invitation]:
        facts = {"district": cast.cedar, "level": Level.VIEWER, "words": ""}
        [told] = invite([Address(address)], by=cast.sue, now=timezone.now(), **facts)
        return path_of(new_link(told.invitation)), told.invitation

    links = {}
    links["taken back"], row = made("a@example.org")
    revoke(row, by=cast.sue, now=timezone.now())
    links["two weeks over"], row = made("b@example.org")
    past = timezone.now() - timedelta(days=15)
    Invitation.objects.filter(pk=row.pk).update(made_at=past, expires_at=past + timedelta(days=14))
    links["used"], row = made("c@example.org")
    used = {"accepted_at": timezone.now(), "accepted_by": cast.vera}
    Invitation.objects.filter(pk=row.pk).update(**used)
    good, _row = made("d@example.org")
    links["shortened"] = good[:-2] + "/"
    links["in capitals"] = good.upper().replace("/INVITATIONS/", "/invitations/")
    links["made up"] = "/invitations/" + "x" * 43 + "/"
    links["very long"] = "/invitations/" + "x" * 3000 + "/"
    links["strange"] = "/invitations/%ff%00é/"

    answers = {name: [client.get(link), client.post(link, {"name": "X"})] for name, link in links.items()}
    answers["signed in"] = [signed_in(cast.sue).get(links["used"])]

    assert client.get(good).status_code == 200
    assert {a.status_code for both in answers.values() for a in both} == {404}
    assert len({a.content for both in answers.values() for a in both}) == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 151, "\u200b"])
def test_a_name_that_says_nothing_is_asked_for_again(client, link, name):
    answer = client.post(link, {"name": name, "way": "code"})

    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]
    assert mail.outbox == []
    assert not Person.objects.filter(email=IVY).exists()


def test_a_one_time_code_and_another_way_lead_to_their_pages_and_the_invitation_is_remembered(
    client, cast, link
):
    ivy = make_person(None, "Ivy")

    assert client.post(link, {"name": "Ivy", "way": "other"}).url == "/sign-in/"
    assert client.post(link, {"name": "Ivy", "way": "one-time"}).url == "/first-sign-in/"
    client.post("/first-sign-in/", {"email": IVY, "code": SignInCode.make(ivy, now=timezone.now())})

    assert ivy.memberships.get().district == cast.cedar


def test_whoever_signs_in_with_another_address_does_not_get_what_was_opened(client, cast, link):
    client.post(link, {"name": "Ivy", "way": "one-time"})

    client.post(
        "/first-sign-in/",
        {"email": "charlie@example.org", "code": SignInCode.make(cast.charlie, now=timezone.now())},
    )

    assert is_in(client)
    assert not Membership.objects.filter(district=cast.cedar, person=cast.charlie).exists()
    assert "was not accepted" in client.get("/d/dune/").content.decode()


def test_one_that_is_taken_back_while_the_code_is_typed_lets_nobody_in(client, cast, link, invitation):
    client.post(link, {"name": "Ivy", "way": "code"})
    revoke(invitation, by=cast.sue, now=timezone.now())

    client.post("/sign-in/code/", {"code": code_sent()})

    assert not Membership.objects.filter(person__email=IVY).exists()


def test_where_no_mail_is_sent_a_link_that_was_handed_over_is_enough_for_somebody_new(
    client, cast, invitation, no_mail
):
    link = path_of(new_link(invitation, handed_by=cast.sue))

    answer = client.post(link, {"name": "Ivy"})

    assert answer.url == "/account/password/"
    ivy = Person.objects.get(email=IVY)
    assert ivy.memberships.get().district == cast.cedar
    assert ivy.proven_at is None
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("why", ["mailed", "known address", "mail is sent"])
def test_otherwise_a_link_alone_is_not_enough(client, cast, invitation, settings, no_mail, why):
    if why == "known address":
        make_person(None, "Ivy")
    if why == "mail is sent":
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    link = path_of(new_link(invitation, handed_by=None if why == "mailed" else cast.sue))

    answer = client.post(link, {"name": "Ivy"})

    assert answer.url == "/sign-in/code/"
    assert not is_in(client)


def test_codes_cannot_be_asked_for_without_end(client, link):
    answers = [client.post(link, {"name": "Ivy", "way": "code"}).status_code for _n in range(8)]

    assert answers[0] == 302
    assert answers[-1] == 429
    assert len(mail.outbox) < 8


def test_a_mail_server_that_is_away_is_said_and_costs_nothing(client, link, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    answers = [client.post(link, {"name": "Ivy", "way": "code"}) for _n in range(8)]

    assert {answer.status_code for answer in answers} == {422}
    assert "could not be sent just now" in answers[0].content.decode()


def test_two_who_use_one_link_at_once_make_one_membership(client, cast, link):
    ivy = make_person(None, "Ivy")
    client.force_login(ivy, backend="django.contrib.auth.backends.ModelBackend")

    first, second = client.post(link), client.post(link)

    assert (first.status_code, second.status_code) == (302, 404)
    assert ivy.memberships.count() == 1


# Offered on the first page


def test_other_invitations_of_the_address_are_offered_after_signing_in(cast, signed_in, invitation):
    ivy = make_person(cast.dune, "Ivy", proven_at=timezone.now())
    client = signed_in(ivy)

    page = client.get("/")
    answer = client.post(f"/join/{invitation.pk}/")

    assert "You are invited" in page.content.decode()
    assert "Cedar School District" in page.content.decode()
    assert answer.url == "/d/cedar/"
    assert ivy.memberships.count() == 2


def test_nothing_is_offered_to_an_address_that_nothing_has_proven(cast, signed_in, invitation):
    """A leader of Dune may have handed the code over, and may not come into Cedar by it."""
    client = signed_in(make_person(cast.dune, "Ivy"))

    assert client.get("/").url == "/d/dune/"
    assert client.post(f"/join/{invitation.pk}/").url == "/"
    assert not Membership.objects.filter(district=cast.cedar, person__email=IVY).exists()


def test_nobody_joins_by_an_invitation_of_another_address(cast, signed_in, invitation):
    Person.objects.filter(pk=cast.charlie.pk).update(proven_at=timezone.now())

    answer = signed_in(cast.charlie).post(f"/join/{invitation.pk}/")

    assert answer.url == "/"
    assert not Membership.objects.filter(district=cast.cedar, person=cast.charlie).exists()
