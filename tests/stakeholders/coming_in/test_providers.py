"""Signing in by a provider that really speaks OpenID Connect: who comes in, who does not, and what is not believed."""

import logging
from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone

from stakeholders.coming_in import providers
from stakeholders.models import District, Invitation, Level, Membership, Person
from tests.oidc_provider import OidcProvider

TENANT, OTHER_TENANT = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
SUE = {"sub": "subject-of-sue", "email": "Sue@example.org", "email_verified": True, "name": "Sue"}


@pytest.fixture(scope="module")
def running():
    with OidcProvider() as provider:
        yield provider


@pytest.fixture
def provider(running, settings, db):
    providers._published.clear()
    running.claims, running.spoil, running.userinfo = dict(SUE), {}, None
    running.algorithm, running.signs_with = "RS256", "one"
    running.asked.clear()
    settings.SIGN_IN_PROVIDERS = (running.settings("school"),)
    return running


@pytest.fixture
def google(provider, settings):
    settings.SIGN_IN_PROVIDERS = (provider.settings("google", kind="google"),)
    return provider


@pytest.fixture
def microsoft(provider, settings):
    settings.SIGN_IN_PROVIDERS = (provider.settings("microsoft", kind="microsoft"),)
    provider.claims = {"sub": "m", "tid": TENANT, "email": "sue@example.org"}
    return provider


def start(client, name: str, **data):
    return client.post(f"/sign-in/with/{name}/", data)


def come_in(client, provider, name: str = "school", **data):
    asked = start(client, name, **data)
    assert asked.status_code == 302, asked.content.decode()
    return client.get(provider.approve(asked.url).removeprefix("http://testserver"))


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def who(client) -> Person:
    return Person.objects.get(pk=client.session["_auth_user_id"])


def words_on_sign_in(client, answer) -> str:
    assert answer.status_code == 302
    assert answer.url == "/sign-in/"
    return client.get("/sign-in/").content.decode()


def invite(district: District, email: str, by: Person, **more) -> Invitation:
    now = timezone.now()
    facts = {
        "made_at": now,
        "expires_at": now + timedelta(days=14),
        "level": Level.VIEWER,
        "message_id": email,
    }
    return Invitation.objects.create(district=district, email=email, invited_by=by, **{**facts, **more})


# --- coming in ---------------------------------------------------------------------------------


def test_a_person_of_the_proven_address_comes_in_and_is_linked(client, provider, cast):
    answer = come_in(client, provider)

    assert answer.url == "/"
    assert who(client) == cast.sue
    link = SocialAccount.objects.get()
    assert (link.user, link.provider, link.extra_data) == (cast.sue, "school", {"email": "sue@example.org"})


def test_the_link_leads_to_the_person_whatever_the_address_becomes(client, provider, cast):
    come_in(client, provider)
    client.post("/sign-out/")
    provider.claims |= {"email": "married@elsewhere.org", "email_verified": False}

    come_in(client, provider)

    assert who(client) == cast.sue
    assert SocialAccount.objects.count() == 1


def test_it_leads_to_the_page_that_was_asked_for_and_never_to_another_site(client, provider, cast):
    assert come_in(client, provider, next="/d/cedar/people/").url == "/d/cedar/people/"
    client.post("/sign-out/")
    assert come_in(client, provider, next="https://evil.example/").url == "/"


def test_a_stranger_with_a_proven_address_does_not_become_a_person(client, provider, cast):
    provider.claims |= {"sub": "x", "email": "stranger@example.org"}
    people = Person.objects.count()

    words = words_on_sign_in(client, come_in(client, provider))

    assert "stranger@example.org. That account does not lead to anybody here" in words
    assert Person.objects.count() == people
    assert not SocialAccount.objects.exists()


def test_an_address_that_is_not_verified_leads_to_nobody_and_is_told_what_strangers_are_told(
    client, provider, cast
):
    provider.claims["email_verified"] = False
    known = words_on_sign_in(client, come_in(client, provider))
    provider.claims |= {"email": "bob2@example.org"}
    unknown = words_on_sign_in(client, come_in(client, provider))

    assert "sue@example.org. That account does not lead to anybody here" in known
    assert "bob2@example.org. That account does not lead to anybody here" in unknown
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("email", [None, "", "sue", ["sue@example.org"], "sue@example.org\x00", "a" * 400])
def test_an_address_that_is_none_leads_to_nobody(client, provider, cast, email):
    provider.claims["email"] = email

    words_on_sign_in(client, come_in(client, provider))

    assert not is_in(client)


def test_a_standing_invitation_makes_a_person(client, provider, cast):
    invite(cast.cedar, "new@example.org", cast.sue)
    provider.claims = {"sub": "new", "email": "New@example.org", "email_verified": True, "name": "Nell New"}

    answer = come_in(client, provider)

    assert answer.url == "/"
    assert (who(client).email, who(client).name) == ("new@example.org", "Nell New")
    assert not who(client).has_usable_password()
    assert "Cedar School District" in client.get("/").content.decode()


@pytest.mark.parametrize("ended", ["expired", "revoked", "address not proven"])
def test_an_invitation_that_does_not_stand_makes_nobody(client, provider, cast, ended):
    now = timezone.now()
    long_ago = {"made_at": now - timedelta(days=20), "expires_at": now - timedelta(days=6)}
    more = {"expired": long_ago, "revoked": {"revoked_at": now, "revoked_by": cast.sue}}
    invite(cast.cedar, "new@example.org", cast.sue, **more.get(ended, {}))
    proven = ended != "address not proven"
    provider.claims = {"sub": "new", "email": "new@example.org", "email_verified": proven}

    words_on_sign_in(client, come_in(client, provider))

    assert not Person.objects.filter(email="new@example.org").exists()


def test_inactive_people_stay_out(client, provider, cast):
    cast.sue.is_active = False
    cast.sue.save()

    answer = come_in(client, provider)

    assert answer.url == "/sign-in/inactive/"
    assert not is_in(client)


def test_an_address_that_got_a_new_owner_does_not_lead_to_the_old_one(client, provider, cast):
    come_in(client, provider)
    client.post("/sign-out/")
    provider.claims["sub"] = "somebody who got the address later"

    words = words_on_sign_in(client, come_in(client, provider))

    assert "Another School account is linked" in words
    assert not is_in(client)


def test_a_subject_of_another_issuer_is_another_account(client, provider, cast, settings):
    come_in(client, provider)
    client.post("/sign-out/")
    with OidcProvider() as impostor:
        impostor.claims = {"sub": "subject-of-sue", "email": "sue@example.org", "email_verified": False}
        settings.SIGN_IN_PROVIDERS = (impostor.settings("school"),)

        come_in(client, impostor)

    assert not is_in(client)


def test_a_provider_that_is_trusted_with_a_domain_need_not_say_verified(client, provider, cast, settings):
    settings.SIGN_IN_PROVIDERS = (provider.settings("school", domains=("example.org",)),)
    provider.claims["email_verified"] = None
    come_in(client, provider)
    assert who(client) == cast.sue


def test_it_is_trusted_with_no_other_domain(client, provider, cast, settings):
    settings.SIGN_IN_PROVIDERS = (provider.settings("school", domains=("elsewhere.org",)),)

    come_in(client, provider)

    assert not is_in(client)


def test_what_is_missing_in_the_token_is_asked_for_once(client, provider, cast):
    provider.claims = {"sub": "subject-of-sue"}
    provider.userinfo = SUE

    come_in(client, provider)

    assert who(client) == cast.sue


def test_what_is_said_of_somebody_else_is_not_believed(client, provider, cast):
    provider.claims = {"sub": "another"}
    provider.userinfo = SUE

    come_in(client, provider)

    assert not is_in(client)


# --- Google ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "comes_in"),
    [
        ({"hd": "example.org"}, True),
        ({}, False),  # a private Google account with an address of the district
        ({"hd": "example.org", "email_verified": False}, False),
        ({"hd": "example.org", "email_verified": "true"}, False),
    ],
)
def test_google_proves_addresses_of_workspace_domains(client, google, cast, claims, comes_in):
    google.claims |= claims

    come_in(client, google, "google")

    assert is_in(client) == comes_in


def test_google_proves_its_own_addresses(client, google, cast):
    Person.objects.filter(pk=cast.sue.pk).update(email="sue@gmail.com")
    google.claims["email"] = "sue@gmail.com"

    come_in(client, google, "google")

    assert who(client) == cast.sue


# --- Microsoft: anybody can have any address in a tenant of their own --------------------------


def test_microsoft_proves_nothing_by_itself(client, microsoft, cast):
    microsoft.claims |= {"email_verified": True, "xms_edov": True, "hd": "example.org"}

    come_in(client, microsoft, "microsoft")

    assert not is_in(client)


def test_a_tenant_that_the_installation_trusts_proves(client, microsoft, cast, settings):
    settings.SIGN_IN_PROVIDERS = (microsoft.settings("microsoft", kind="microsoft", tenants=(TENANT,)),)

    come_in(client, microsoft, "microsoft")

    assert who(client) == cast.sue


def test_a_district_s_own_tenant_proves_for_its_own_people(client, microsoft, cast):
    District.objects.filter(pk=cast.cedar.pk).update(microsoft_tenant=TENANT.upper())

    come_in(client, microsoft, "microsoft")

    assert who(client) == cast.sue
    assert client.get("/d/cedar/people/").status_code == 200


@pytest.mark.parametrize(
    "reason", ["another tenant", "also elsewhere", "runs this place", "of another district"]
)
def test_a_district_s_tenant_takes_over_nobody_else(client, microsoft, cast, reason):
    District.objects.filter(pk=cast.cedar.pk).update(microsoft_tenant=TENANT)
    if reason == "another tenant":
        microsoft.claims["tid"] = OTHER_TENANT
    elif reason == "also elsewhere":
        Membership.objects.create(district=cast.dune, person=cast.sue, level=Level.LEADER)
    elif reason == "runs this place":
        Person.objects.filter(pk=cast.sue.pk).update(is_staff=True)
    else:
        microsoft.claims["email"] = "charlie@example.org"

    come_in(client, microsoft, "microsoft")

    assert not is_in(client)


def test_a_link_made_by_a_district_s_tenant_ends_where_another_district_begins(client, microsoft, cast):
    District.objects.filter(pk=cast.cedar.pk).update(microsoft_tenant=TENANT)
    come_in(client, microsoft, "microsoft")
    client.post("/sign-out/")
    Membership.objects.create(district=cast.dune, person=cast.sue, level=Level.LEADER)

    come_in(client, microsoft, "microsoft")

    assert SocialAccount.objects.filter(user=cast.sue).exists()
    assert not is_in(client)


def test_the_issuer_of_a_tenant_is_compared_with_the_tenant(client, microsoft, cast, settings, monkeypatch):
    settings.SIGN_IN_PROVIDERS = (microsoft.settings("microsoft", kind="microsoft", tenants=(TENANT,)),)
    template = microsoft.url + "/{tenantid}/v2.0"
    monkeypatch.setattr(
        microsoft, "published", lambda: OidcProvider.published(microsoft) | {"issuer": template}
    )

    microsoft.spoil = {"iss": f"{microsoft.url}/{OTHER_TENANT}/v2.0"}
    come_in(client, microsoft, "microsoft")
    assert not is_in(client)

    microsoft.spoil = {"iss": f"{microsoft.url}/{TENANT}/v2.0"}
    come_in(client, microsoft, "microsoft")
    assert is_in(client)


# --- a district's own accounts -----------------------------------------------------------------


def test_the_wrong_account_is_told_which_would_be_right(client, google, cast):
    District.objects.filter(pk=cast.cedar.pk).update(email_domains="cedar.example\nstudents.cedar.example")
    google.claims["hd"] = "example.org"

    words = words_on_sign_in(client, come_in(client, google, "google"))

    assert "That account is not in cedar.example, students.cedar.example" in words
    assert not is_in(client)


def test_the_right_account_comes_in(client, google, cast):
    District.objects.filter(pk=cast.cedar.pk).update(email_domains="@Example.org")
    google.claims["hd"] = "example.org"

    come_in(client, google, "google")

    assert client.get("/d/cedar/people/").status_code == 200


def test_in_several_districts_each_takes_its_own_accounts(client, google, cast):
    Membership.objects.create(district=cast.dune, person=cast.sue, level=Level.VIEWER)
    District.objects.filter(pk=cast.dune.pk).update(email_domains="dune.example")
    google.claims["hd"] = "example.org"
    come_in(client, google, "google")

    here, there = client.get("/d/cedar/people/"), client.get("/d/dune/people/")

    assert here.status_code == 200
    assert there.status_code == 403
    assert "open to accounts of its own only" in there.content.decode()
    assert 'href="/account/confirm/?next=/d/dune/people/"' in there.content.decode()


def test_a_linked_account_that_left_the_domain_stays_out(client, google, cast):
    District.objects.filter(pk=cast.cedar.pk).update(email_domains="example.org")
    google.claims["hd"] = "example.org"
    come_in(client, google, "google")
    client.post("/sign-out/")
    google.claims |= {"hd": "elsewhere.org", "email": "sue@elsewhere.org"}

    words_on_sign_in(client, come_in(client, google, "google"))

    assert not is_in(client)


# --- what is not believed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        {"nonce": "of another visit"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": ["plan", "another"], "azp": "another"},
        {"exp": 1_000_000_000},
        {"iat": 9_000_000_000},
        {"sub": None},
    ],
    ids=str,
)
def test_a_token_that_was_not_made_for_this_visit_lets_nobody_in(client, provider, cast, spoil):
    provider.spoil = spoil

    words = words_on_sign_in(client, come_in(client, provider))

    assert "Signing in by School did not work" in words
    assert not is_in(client)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_is_not_signed_by_the_provider_lets_nobody_in(client, provider, cast, algorithm):
    provider.algorithm = algorithm

    come_in(client, provider)

    assert not is_in(client)


def test_a_key_that_is_not_published_lets_nobody_in(client, provider, cast):
    provider.signs_with = "unknown"

    come_in(client, provider)

    assert not is_in(client)


def test_a_new_key_is_found(client, provider, cast):
    come_in(client, provider)
    client.post("/sign-out/")
    with OidcProvider() as other:
        provider.keys["two"] = other.keys["one"]
    provider.signs_with = "two"

    come_in(client, provider)

    del provider.keys["two"]
    assert is_in(client)


def test_an_answer_is_taken_once_and_only_by_the_browser_that_asked(client, provider, cast):
    back = provider.approve(start(client, "school").url)
    stolen = Client().get(back.removeprefix("http://testserver"))
    client.get(back.removeprefix("http://testserver"))
    client.post("/sign-out/")
    again = client.get(back.removeprefix("http://testserver"))

    assert stolen.url == again.url == "/sign-in/"
    assert not is_in(client)


def test_a_state_of_another_provider_is_not_taken(client, provider, cast, settings):
    settings.SIGN_IN_PROVIDERS = (provider.settings("school"), provider.settings("other"))
    back = provider.approve(start(client, "school").url).replace("/with/school/", "/with/other/")

    client.get(back.removeprefix("http://testserver"))

    assert not is_in(client)


def test_whoever_stops_at_the_provider_is_back_at_the_sign_in_page(client, provider, cast):
    asked = provider.approve(start(client, "school").url)
    state = asked.rpartition("state=")[2]

    answer = client.get(f"/sign-in/with/school/back/?error=access_denied&state={state}")

    assert "You stopped at School" in words_on_sign_in(client, answer)


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=y", "?error=<script>&state=%00"])
def test_a_call_out_of_nowhere_is_led_to_the_sign_in_page(client, provider, cast, query):
    answer = client.get(f"/sign-in/with/school/back/{query}")

    assert answer.url == "/sign-in/"


@pytest.mark.parametrize("published", [{}, {"issuer": 1}, [], {"token_endpoint": None}])
def test_a_provider_that_makes_no_sense_is_no_error_of_ours(client, provider, cast, monkeypatch, published):
    monkeypatch.setattr(provider, "published", lambda: published)

    assert start(client, "school").url == "/sign-in/"


def test_a_provider_that_is_away_is_said(client, provider, cast, settings):
    with OidcProvider() as gone:
        settings.SIGN_IN_PROVIDERS = (gone.settings("school"),)

    assert "did not work" in words_on_sign_in(client, start(client, "school"))


def test_no_token_and_no_address_stand_in_the_log(client, provider, cast, caplog):
    caplog.set_level(logging.DEBUG)
    provider.spoil = {"nonce": "wrong"}

    come_in(client, provider)

    said = " ".join(
        record.getMessage() for record in caplog.records if record.name.startswith("stakeholders")
    )
    assert "sue@" not in said.lower()
    assert "eyJ" not in said


# --- pages -------------------------------------------------------------------------------------


def test_a_button_for_each_that_is_configured_and_its_address_in_the_policy(client, provider, settings):
    settings.SIGN_IN_PROVIDERS = (provider.settings("school"), provider.settings("class-link"))

    page = client.get("/sign-in/")

    assert "Continue with School" in page.content.decode()
    assert "Continue with Class-Link" in page.content.decode()
    assert f"form-action 'self' {provider.url};" in page["Content-Security-Policy"] + ";"
    assert provider.asked == []  # a page asks nobody


def test_without_providers_there_is_no_button(client, db):
    page = client.get("/sign-in/")

    assert "Continue with" not in page.content.decode()
    assert "form-action 'self';" in page["Content-Security-Policy"] + ";"


def test_a_provider_whose_pages_stand_elsewhere_is_reached_by_a_link(client, provider, monkeypatch):
    elsewhere = {"authorization_endpoint": "https://login.elsewhere.example/authorize"}
    monkeypatch.setattr(provider, "published", lambda: OidcProvider.published(provider) | elsewhere)

    page = start(client, "school")

    assert page.status_code == 200
    assert 'href="https://login.elsewhere.example/authorize?' in page.content.decode()


def test_it_begins_by_a_button_only(provider, client):
    assert client.get("/sign-in/with/school/").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/sign-in/with/school/").status_code == 403
    assert client.post("/sign-in/with/another/").status_code == 404
    assert client.get("/sign-in/with/another/back/").status_code == 404


def test_signing_in_gives_a_new_session(client, provider, cast):
    asked = start(client, "school")
    before = client.session.session_key

    client.get(provider.approve(asked.url).removeprefix("http://testserver"))

    assert client.session.session_key != before
    assert not client.session.__class__().exists(before)


def test_the_account_page_shows_links_and_removes_them(client, provider, cast):
    come_in(client, provider)
    link = SocialAccount.objects.get()
    page = client.get("/account/").content.decode()

    client.post(f"/account/links/{link.pk}/remove/")

    assert "<b>School</b>" in page
    assert not SocialAccount.objects.exists()


def test_nobody_removes_another_one_s_link(client, provider, cast):
    come_in(client, provider)
    link = SocialAccount.objects.get()
    provider.claims |= {"sub": "bob", "email": "bob@example.org"}
    other = Client()
    come_in(other, provider)

    assert other.post(f"/account/links/{link.pk}/remove/").status_code == 404
    assert SocialAccount.objects.filter(pk=link.pk).exists()
