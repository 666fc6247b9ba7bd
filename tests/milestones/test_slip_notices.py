import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from milestones import flagging
from milestones.models import CheckIn, DateMove, Milestone, Slip, SlipNotice
from stakeholders.models import Appointment, District, Membership, Notice
from tests.builders import TODAY, make_milestone, make_person, make_plan, make_role, make_step

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
DAY = timedelta(days=1)


def flag(today: date, *districts: District) -> int:
    """Flag and decide, in Cedar unless told otherwise; return how many notices that made."""
    outcome = flagging.run({today: districts or District.objects.filter(slug="cedar")})
    assert outcome.skipped == []
    return outcome.notices


def told() -> set[tuple[str, str]]:
    """Return who was told of which milestone, however often."""
    return {(row.notice.person.name, row.slip.milestone.title) for row in SlipNotice.objects.all()}


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


def test_whoever_holds_the_leading_role_is_told(cast, plan):
    step = make_step(plan)
    step.set_owners(lead=cast.coordinator, support=[cast.superintendent], by=cast.alice)
    make_milestone(plan, by=cast.alice, due=YESTERDAY, step=step)

    flag(TODAY)

    assert told() == {("Alice", "Lincoln is cabled")}


def test_everybody_who_shares_the_leading_role_is_told(cast, plan):
    Appointment.objects.create(role=cast.coordinator, person=cast.bob, starts_on=TODAY)
    make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=cast.coordinator)

    flag(TODAY)

    assert told() == {("Alice", "Lincoln is cabled"), ("Bob", "Lincoln is cabled")}


def test_where_no_role_leads_the_helping_roles_are_told(cast, plan):
    step = make_step(plan)
    step.set_owners(
        lead=None, support=[cast.superintendent, make_role(cast.cedar, "Committee", cast.bob)], by=cast.sue
    )
    make_milestone(plan, by=cast.alice, due=YESTERDAY, step=step)

    flag(TODAY)

    assert told() == {("Sue", "Lincoln is cabled"), ("Bob", "Lincoln is cabled")}


def test_a_vacant_role_falls_back_to_the_plans_editors_though_others_help(cast, plan):
    vacant = make_role(cast.cedar, "Network Technician")
    step = make_step(plan)
    step.set_owners(lead=vacant, support=[cast.superintendent], by=cast.alice)
    make_milestone(plan, by=cast.alice, due=YESTERDAY, step=step)

    flag(TODAY)

    assert told() == {("Alice", "Lincoln is cabled")}
    assert "Nobody holds Network Technician at present, so this comes to you." in Notice.objects.get().body


def test_a_step_without_an_owner_falls_back_to_the_plans_editors(cast, plan):
    make_milestone(plan, by=cast.alice, due=YESTERDAY)

    flag(TODAY)

    assert told() == {("Alice", "Lincoln is cabled")}
    assert "No role leads this yet, so this comes to you." in Notice.objects.get().body


def test_where_there_is_no_editor_the_leaders_are_told(cast, plan):
    Membership.objects.filter(person=cast.alice).update(level="viewer")
    make_milestone(plan, by=cast.alice, due=YESTERDAY)

    flag(TODAY)

    assert told() == {("Sue", "Lincoln is cabled")}


@pytest.mark.parametrize(
    "gone", ["membership ended", "may not sign in", "appointment over", "starts tomorrow"]
)
def test_who_does_not_hold_the_role_today_as_a_member_is_not_told(cast, plan, gone):
    bob = Appointment.objects.create(
        role=make_role(cast.cedar, "Technician"), person=cast.bob, starts_on=YESTERDAY
    )
    make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=bob.role)
    if gone == "membership ended":
        Membership.objects.filter(person=cast.bob).update(ended_at="2026-11-16T12:00Z")
    elif gone == "may not sign in":
        cast.bob.is_active = False
        cast.bob.save()
    elif gone == "appointment over":
        Appointment.objects.filter(pk=bob.pk).update(ends_on=YESTERDAY)
    else:
        Appointment.objects.filter(pk=bob.pk).update(starts_on=TOMORROW)

    flag(TODAY)

    assert told() == {("Alice", "Lincoln is cabled")}


def test_an_appointments_last_day_counts(cast, plan):
    role = make_role(cast.cedar, "Technician", cast.bob)
    Appointment.objects.filter(role=role).update(ends_on=TODAY)
    make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=role)

    flag(TODAY)

    assert told() == {("Bob", "Lincoln is cabled")}


def test_somebody_of_another_district_is_never_told(cast, plan):
    Appointment.objects.create(role=cast.coordinator, person=cast.charlie, starts_on=YESTERDAY)
    make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=cast.coordinator)

    flag(TODAY)

    assert told() == {("Alice", "Lincoln is cabled")}


def test_there_is_one_notice_a_person_and_day_however_many_slips(cast, plan):
    for number in range(4):
        make_milestone(plan, f"Room {number}", by=cast.alice, due=YESTERDAY, lead=cast.coordinator)

    assert flag(TODAY) == 1

    notice = Notice.objects.get()
    assert notice.subject == "4 dates have passed: a minute each"
    assert (notice.kind, notice.local_day, notice.person) == ("slips", TODAY, cast.alice)
    assert notice.slips.count() == 4


def test_running_again_on_the_same_day_adds_nothing(cast, plan):
    make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=cast.coordinator)
    flag(TODAY)

    assert flag(TODAY) == 0


def test_what_is_found_later_on_the_same_day_waits_for_the_next_days_notice(cast, plan):
    make_milestone(plan, "First", by=cast.alice, due=YESTERDAY, lead=cast.coordinator)
    flag(TODAY)
    shared = make_role(cast.cedar, "Shared", cast.alice, cast.bob)
    make_milestone(plan, "Second", by=cast.alice, due=YESTERDAY - DAY, lead=shared)

    same_day, next_day = flag(TODAY), flag(TOMORROW)

    assert (same_day, next_day) == (0, 2)
    assert told() == {("Alice", "First"), ("Alice", "Second"), ("Bob", "Second")}
    assert Notice.objects.filter(person=cast.alice).count() == 2
    assert "First" not in Notice.objects.get(person=cast.alice, local_day=TOMORROW).body


def test_a_slip_is_told_once_and_not_again_on_later_days(cast, plan):
    make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=cast.coordinator)

    assert [flag(TODAY + n * DAY) for n in range(5)] == [1, 0, 0, 0, 0]


def test_a_date_that_was_moved_and_missed_again_is_told_again(cast, plan):
    milestone = make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=cast.coordinator)
    flag(TODAY)
    milestone.move_due(by=cast.sue, today=TODAY, to=TOMORROW, reason="vendor", may_approve=True)

    assert [flag(TOMORROW), flag(TOMORROW + DAY)] == [0, 1]


def test_moving_a_date_to_and_fro_within_a_day_is_told_once(cast):
    draft = make_plan(cast.cedar)
    milestone = make_milestone(draft, by=cast.alice, due=YESTERDAY, lead=cast.coordinator)
    flag(TODAY)
    for _turn in range(5):
        for to in (TOMORROW, YESTERDAY):
            milestone.move_due(by=cast.alice, today=TODAY, to=to, reason="guessed")
            flag(TODAY)

    assert [flag(TODAY), flag(TOMORROW)] == [0, 0]
    assert Notice.objects.count() == 1


def test_what_was_answered_before_the_notice_is_not_told(cast, plan):
    milestone = make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=cast.coordinator)
    milestone.complete(by=cast.alice, today=TODAY, done_on=TODAY)

    assert flag(TODAY) == 0


def test_a_notice_withdrawn_because_its_person_left_told_nobody(cast, plan):
    make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=make_role(cast.cedar, "Technician", cast.bob))
    flag(TODAY)
    Membership.objects.filter(person=cast.bob).update(ended_at="2026-11-17T12:00Z")
    Notice.objects.update(withdrawn_at="2026-11-17T12:01Z")

    assert flag(TODAY) == 1

    assert told() == {("Bob", "Lincoln is cabled"), ("Alice", "Lincoln is cabled")}


def test_a_person_in_two_districts_gets_a_notice_from_each(cast, plan):
    Membership.objects.create(district=cast.dune, person=cast.alice, level="editor")
    make_milestone(plan, by=cast.alice, due=YESTERDAY)
    make_milestone(make_plan(cast.dune), by=cast.charlie, due=YESTERDAY)

    assert flag(TODAY, cast.cedar, cast.dune) == 2

    assert len(set(Notice.objects.values_list("message_id", flat=True))) == 2


def test_the_text_names_each_date_with_its_link_and_blames_nobody(cast, plan, settings):
    settings.SITE_URL = "https://plan.example.org"
    first = make_milestone(
        plan, "Lincoln is cabled", by=cast.alice, due=date(2026, 11, 12), lead=cast.coordinator
    )
    second = make_milestone(
        plan, "Coach is hired", by=cast.alice, due=date(2026, 11, 16), lead=cast.coordinator
    )

    flag(TODAY)

    notice = Notice.objects.get()
    assert notice.subject == "2 dates have passed: a minute each"
    assert (
        "1. Lincoln is cabled\n   was due Nov 12 (5 days ago)\n   Technology Coordinator leads this."
        in notice.body
    )
    assert "2. Coach is hired\n   was due Nov 16 (yesterday)" in notice.body
    assert f"   https://plan.example.org/d/cedar/milestones/{first.pk}/\n" in notice.body
    assert f"   https://plan.example.org/d/cedar/milestones/{second.pk}/\n" in notice.body
    assert "https://plan.example.org/d/cedar/updates/" in notice.body
    for word in ("overdue", "late", "fail", "must", "remind", "!"):
        assert word not in notice.body.lower().replace("plate", "")


def test_opening_the_link_shows_the_milestone_and_changes_nothing(cast, plan, client, signed_in):
    make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=cast.coordinator)
    flag(TODAY)
    [link, all_updates] = re.findall(r"http://localhost:8000(/d/\S+)", Notice.objects.get().body)
    tables = (Milestone, Slip, SlipNotice, Notice, DateMove, CheckIn)
    before = [list(table.objects.values()) for table in tables]

    mail_scanner = client.get(link)
    alice = [signed_in(cast.alice).get(address) for address in (link, link, all_updates)]

    assert mail_scanner.status_code == 302
    assert [page.status_code for page in alice] == [200, 200, 200]
    assert "Lincoln is cabled" in alice[0].content.decode()
    assert [list(table.objects.values()) for table in tables] == before


def test_a_single_date_is_worded_as_one(cast, plan):
    make_milestone(plan, by=cast.alice, due=YESTERDAY, lead=cast.coordinator)

    flag(TODAY)

    assert Notice.objects.get().subject == "1 date has passed: about a minute"
    assert "1 date in the technology plan of Cedar School District has passed." in Notice.objects.get().body


def test_line_breaks_and_markup_in_names_stay_words(cast, plan):
    cast.cedar.name = "Cedar\r\nBcc: everybody@example.org"
    cast.cedar.save()
    make_milestone(plan, "Wi-Fi <b>& doors</b>\r\n\u2028Subject: x", by=cast.alice, due=YESTERDAY)

    flag(TODAY)

    notice = Notice.objects.get()
    assert "1. Wi-Fi <b>& doors</b> Subject: x\n" in notice.body
    assert "plan of Cedar Bcc: everybody@example.org has passed" in notice.body
    assert "\n" not in notice.subject


def test_a_long_list_is_cut_and_counted_and_every_slip_counts_as_told(cast, plan):
    step = make_step(plan, lead=cast.coordinator, by=cast.alice)
    for number in range(30):
        make_milestone(plan, f"Room {number}", by=cast.alice, due=YESTERDAY, step=step)

    flag(TODAY)

    notice = Notice.objects.get()
    assert notice.body.count("was due") == 25
    assert "… and 5 more." in notice.body
    assert flag(TOMORROW) == 0


def test_the_message_id_says_person_district_and_day(cast, plan, settings):
    settings.SITE_URL = "https://plan.example.org:8443"
    make_milestone(plan, by=cast.alice, due=YESTERDAY)

    flag(TODAY)

    expected = f"<slips.{cast.cedar.pk}.{cast.alice.pk}.20261117@plan.example.org>"
    assert Notice.objects.get().message_id == expected


def test_a_district_in_which_telling_goes_wrong_does_not_stop_the_others(cast, plan, monkeypatch, caplog):
    make_milestone(plan, by=cast.alice, due=YESTERDAY)
    make_milestone(make_plan(cast.dune), by=cast.charlie, due=YESTERDAY)
    tell = flagging.tell_of_slips

    def broken_in_dune(district, *, today):
        if district == cast.dune:
            raise ImproperlyConfigured("Dune")
        return tell(district, today=today)

    monkeypatch.setattr(flagging, "tell_of_slips", broken_in_dune)

    outcome = flagging.run({TODAY: [cast.dune, cast.cedar]})

    assert (outcome.new_slips, outcome.notices, outcome.skipped) == (2, 1, ["dune"])


def test_a_district_without_members_is_told_as_soon_as_somebody_is_there(cast, plan):
    make_milestone(plan, by=cast.alice, due=YESTERDAY)
    Membership.objects.filter(district=cast.cedar).delete()

    before = flag(TODAY)
    dora = make_person(cast.cedar, "Dora", "leader")

    assert before == 0
    assert flag(TODAY) == 1
    assert Notice.objects.get().person == dora


def test_deciding_takes_the_same_number_of_queries_for_many_slips(cast, plan, django_assert_max_num_queries):
    step = make_step(plan, lead=cast.coordinator, by=cast.alice)
    for number in range(60):
        make_milestone(plan, f"Room {number}", by=cast.alice, due=YESTERDAY, step=step)

    with django_assert_max_num_queries(25):
        assert flag(TODAY) == 1
