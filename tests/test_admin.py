"""The admin pages, for whoever runs the installation."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.urls import reverse

from milestones import flagging
from stakeholders.models import Appointment, Membership, Notice, Person, Role
from tests.builders import TODAY, make_milestone, make_plan

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)
OURS = [
    model
    for model in admin.site._registry
    if model._meta.app_label in ("stakeholders", "vision", "milestones")
]


@pytest.fixture
def operator(client, cast):
    client.force_login(
        Person.objects.create_superuser("operator@example.org", "four quiet words", name="Olive")
    )
    return client


@pytest.fixture
def notice(cast):
    plan = make_plan(cast.cedar)
    make_milestone(plan, by=cast.alice, due=TODAY.replace(day=1), lead=cast.coordinator)
    flagging.run({TODAY: [cast.cedar]})
    return Notice.objects.get()


def admin_url(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.model_name)
def test_every_list_and_every_row_opens_and_nothing_can_be_deleted(operator, notice, model):
    found = operator.get(admin_url(model, "changelist"), {"q": "cedar"})
    assert found.status_code == operator.get(admin_url(model, "changelist")).status_code == 200
    if row := model.objects.first():
        assert operator.get(admin_url(model, "change", row.pk)).status_code == 200
        assert operator.get(admin_url(model, "history", row.pk)).status_code == 200
        assert operator.post(admin_url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()


def test_dates_and_what_happened_to_them_cannot_be_changed(operator, notice):
    milestone = notice.slips.get().slip.milestone

    for row in (milestone, milestone.step, notice.slips.get().slip, notice):
        assert operator.post(admin_url(type(row), "change", row.pk), {"due": "2030-01-01"}).status_code == 403
        assert operator.get(admin_url(type(row), "add")).status_code == 403


def test_the_first_page_names_what_is_there_in_our_words(operator):
    page = operator.get("/admin/").content.decode()

    assert "People and places" in page
    assert "takeholder" not in re.sub(r'(href|class|id|aria-\w+)="[^"]*"', "", page)
    assert "Groups" not in page
    assert "Email addresses" not in page


def test_members_and_leaders_of_a_district_do_not_come_in(client, cast):
    client.force_login(cast.sue, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get("/admin/").status_code == 302


def test_a_person_is_added_and_given_access(operator, cast):
    answer = operator.post(
        admin_url(Person, "add"),
        {
            "email": "Dora@Example.org",
            "name": "Dora",
            "usable_password": "false",
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 0,
            "memberships-0-in_district": cast.cedar.pk,
            "memberships-0-level": "editor",
        },
    )

    dora = Person.objects.get(email="dora@example.org")
    assert answer.status_code == 302
    assert not dora.has_usable_password()
    assert [(m.district, m.level) for m in Membership.objects.filter(person=dora)] == [(cast.cedar, "editor")]


def test_access_is_ended_here(operator, cast):
    [alices] = Membership.objects.filter(person=cast.alice)

    answer = operator.post(
        admin_url(Person, "change", cast.alice.pk),
        {
            "email": "alice@example.org",
            "name": "Alice",
            "is_active": "on",
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 1,
            "memberships-0-id": alices.pk,
            "memberships-0-person": cast.alice.pk,
            "memberships-0-level": "editor",
            "memberships-0-ended_at_0": "2026-11-17",
            "memberships-0-ended_at_1": "12:00",
        },
    )

    assert answer.status_code == 302
    assert not Membership.objects.standing().filter(person=cast.alice).exists()


def test_a_person_is_switched_off_everywhere_and_every_session_ends(operator, cast):
    phone, desk = type(operator)(), type(operator)()
    for client in (phone, desk):
        client.force_login(cast.alice, backend="django.contrib.auth.backends.ModelBackend")
    assert phone.get("/d/cedar/people/").status_code == 200

    switch(operator, "switch_off", cast.alice)

    assert {client.get("/d/cedar/people/").status_code for client in (phone, desk)} == {302}
    switch(operator, "switch_on", cast.alice)
    assert Person.objects.get(pk=cast.alice.pk).is_active
    assert {client.get("/d/cedar/people/").status_code for client in (phone, desk)} == {
        302
    }  # they start anew


def test_whoever_switches_people_off_stays_in(operator):
    olive = Person.objects.get(name="Olive")

    switch(operator, "switch_off", olive)

    assert Person.objects.get(pk=olive.pk).is_active


def test_an_address_typed_here_is_vouched_for(operator):
    fields = {"email": "dora@example.org", "name": "Dora", "usable_password": "false"}
    formset = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}

    operator.post(admin_url(Person, "add"), {**fields, **formset})

    assert Person.objects.get(email="dora@example.org").proven_at


def switch(operator, action: str, *people: Person) -> None:
    data = {"action": action, "_selected_action": [person.pk for person in people]}
    assert operator.post(admin_url(Person, "changelist"), data).status_code == 302


def test_a_role_is_given_to_members_only(operator, cast):
    def appoint(person):
        return operator.post(
            admin_url(Role, "change", cast.coordinator.pk),
            {
                "title": "Technology Coordinator",
                "appointments-TOTAL_FORMS": 1,
                "appointments-INITIAL_FORMS": 0,
                "appointments-0-person": person.pk,
                "appointments-0-starts_on": "2026-11-17",
            },
        )

    assert appoint(cast.charlie).status_code == 200
    assert "Give this person access to the district first." in appoint(cast.charlie).content.decode()
    assert appoint(cast.bob).status_code == 302
    assert Appointment.objects.get(person=cast.bob).district == cast.cedar


def test_a_role_renamed_here_is_a_new_version_and_stays_in_its_district(operator, cast):
    version = cast.coordinator.version
    formset = {"appointments-TOTAL_FORMS": 0, "appointments-INITIAL_FORMS": 0}

    operator.post(
        admin_url(Role, "change", cast.coordinator.pk),
        {"title": "Tech lead", "in_district": cast.dune.pk, **formset},
    )

    cast.coordinator.refresh_from_db()
    assert (cast.coordinator.title, cast.coordinator.version) == ("Tech lead", version + 1)
    assert cast.coordinator.district == cast.cedar
    assert cast.coordinator.history.latest().history_user.email == "operator@example.org"


def test_a_notice_that_was_given_up_is_found_and_tried_again(operator, notice):
    Notice.objects.update(parked_at=NOW, attempts=3, error="550 No such person")
    page = operator.get(admin_url(Notice, "changelist"), {"state": "parked"})

    operator.post(
        admin_url(Notice, "changelist"), {"action": "try_again", "_selected_action": [notice.pk]}, follow=True
    )

    assert "550 No such person" in page.content.decode()
    assert Notice.objects.waiting(now=NOW).get().attempts == 0
    assert b"550" not in operator.get(admin_url(Notice, "changelist"), {"state": "parked"}).content


def test_a_notice_that_was_sent_is_not_sent_again(operator, notice):
    Notice.objects.update(sent_at=NOW)

    operator.post(admin_url(Notice, "changelist"), {"action": "try_again", "_selected_action": [notice.pk]})

    assert not Notice.objects.waiting(now=NOW).exists()
