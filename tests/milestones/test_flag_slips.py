from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from milestones import flagging
from milestones.archiving import archive, bring_back
from milestones.models import Milestone, Slip
from stakeholders.models import District
from tests.builders import TODAY, make_district, make_milestone, make_person, make_plan

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
DAY = timedelta(days=1)

TWELVE_ZONES = [
    "Pacific/Pago_Pago",
    "Pacific/Honolulu",
    "America/Adak",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Puerto_Rico",
    "America/St_Johns",
    "Pacific/Guam",
]


def flag(today: date, *districts: District) -> flagging.Outcome:
    return flagging.run({today: districts or District.objects.all()})


def rows() -> list[tuple]:
    return list(
        Slip.objects.order_by("milestone", "due").values_list(
            "milestone", "due", "slipped_on", "closed_on", "ended"
        )
    )


@pytest.fixture
def plan(cast):
    return make_plan(cast.cedar, adopted_by=cast.sue)


PAUSED = {"pause_reason": "testing weeks"}
STATES = [
    ({"due": YESTERDAY}, True),
    ({"due": TODAY}, False),
    ({"due": TOMORROW}, False),
    ({"due": YESTERDAY, "done_on": TODAY}, False),
    ({"due": YESTERDAY, "dropped_on": TODAY, "drop_reason": "no money"}, False),
    ({"due": YESTERDAY, "paused_until": TODAY, **PAUSED}, False),
    ({"due": YESTERDAY, "paused_until": YESTERDAY, **PAUSED}, True),
    ({"due": YESTERDAY, "archived_on": TODAY}, False),
]


@pytest.mark.parametrize(("facts", "slips"), STATES)
def test_it_writes_a_slip_where_the_rule_says_so(cast, plan, facts, slips):
    if "done_on" in facts:
        facts = {**facts, "done_by": cast.alice}
    milestone = make_milestone(plan, by=cast.alice, **facts)

    outcome = flag(TODAY)

    assert outcome.new_slips == outcome.open_slips == len(rows()) == slips
    if slips:
        assert rows() == [(milestone.pk, YESTERDAY, TODAY, None, "")]
        assert Slip.objects.get().district == cast.cedar


def test_a_second_run_writes_nothing(cast, plan):
    make_milestone(plan, by=cast.alice, due=YESTERDAY)
    flag(TODAY)
    before = rows()

    again = flag(TODAY)

    assert (again.new_slips, again.open_slips, again.notices) == (0, 1, 0)
    assert rows() == before


def test_a_run_a_week_late_writes_the_same_rows(cast, plan):
    for n in range(10):
        make_milestone(plan, f"Part {n}", by=cast.alice, due=TODAY - n * DAY)
    for n in range(7):
        flag(TODAY + n * DAY)
    every_day = rows()
    Slip.objects.all().delete()

    flag(TODAY + 6 * DAY)

    assert len(every_day) == 10
    assert rows() == every_day


def test_a_slips_day_is_the_day_after_in_every_month(cast, plan):
    for due in (
        date(2026, 2, 28),
        date(2026, 10, 31),
        date(2026, 12, 31),
        date(2028, 2, 28),
        date(2028, 2, 29),
    ):
        make_milestone(plan, str(due), by=cast.alice, due=due)

    flag(date(2028, 6, 1))

    assert all(slip.slipped_on == slip.due + DAY for slip in Slip.objects.all())
    assert Slip.objects.count() == 5


def test_a_moved_date_that_is_missed_again_is_a_second_slip(cast, plan):
    milestone = make_milestone(plan, by=cast.alice, due=YESTERDAY)
    flag(TODAY)
    milestone.move_due(by=cast.sue, today=TODAY, to=TOMORROW, reason="vendor", may_approve=True)

    flag(TOMORROW)
    flag(TOMORROW + DAY)

    assert rows() == [
        (milestone.pk, YESTERDAY, TODAY, TODAY, "moved"),
        (milestone.pk, TOMORROW, TOMORROW + DAY, None, ""),
    ]


def test_moving_back_to_a_missed_date_opens_its_row_again(cast):
    draft = make_plan(cast.cedar)
    milestone = make_milestone(draft, by=cast.alice, due=YESTERDAY)
    flag(TODAY)
    milestone.move_due(by=cast.alice, today=TODAY, to=TOMORROW, reason="vendor")
    milestone.move_due(by=cast.alice, today=TODAY, to=YESTERDAY, reason="guessed")

    flag(TODAY)

    assert rows() == [(milestone.pk, YESTERDAY, TODAY, None, "")]


def test_a_pause_that_lapses_opens_the_slip_again(cast, plan):
    milestone = make_milestone(plan, by=cast.alice, due=YESTERDAY)
    flag(TODAY)
    milestone.pause(by=cast.alice, today=TODAY, until=TOMORROW, reason="testing weeks")
    flag(TOMORROW)
    paused = rows()

    flag(TOMORROW + DAY)

    assert paused == [(milestone.pk, YESTERDAY, TODAY, TODAY, "paused")]
    assert rows() == [(milestone.pk, YESTERDAY, TODAY, None, "")]


def test_a_pause_that_lapses_is_a_slip_also_where_none_was_written_before(cast, plan):
    milestone = make_milestone(plan, by=cast.alice, due=TODAY)
    milestone.pause(by=cast.alice, today=TODAY, until=TODAY + 5 * DAY, reason="testing weeks")

    flag(TODAY + 6 * DAY)

    assert rows() == [(milestone.pk, TODAY, TOMORROW, None, "")]


def test_what_comes_back_from_the_archive_late_is_open_again(cast, plan):
    milestone = make_milestone(plan, by=cast.alice, due=YESTERDAY)
    flag(TODAY)
    archive(milestone, by=cast.alice, today=TODAY)
    flag(TODAY)
    archived = rows()
    Milestone.objects.update(archived_on=None)

    flag(TODAY)

    assert archived == [(milestone.pk, YESTERDAY, TODAY, TODAY, "archived")]
    assert rows() == [(milestone.pk, YESTERDAY, TODAY, None, "")]


def test_what_is_finished_stays_closed(cast, plan):
    milestone = make_milestone(plan, by=cast.alice, due=YESTERDAY)
    flag(TODAY)
    milestone.complete(by=cast.alice, today=TODAY, done_on=TODAY)

    flag(TOMORROW)

    assert rows() == [(milestone.pk, YESTERDAY, TODAY, TODAY, "done")]


VERBS = {
    "complete": lambda m, cast: m.complete(by=cast.alice, today=TODAY, done_on=TODAY),
    "move": lambda m, cast: m.move_due(
        by=cast.sue, today=TODAY, to=TOMORROW, reason="vendor", may_approve=True
    ),
    "agree to a move": lambda m, cast: m.decide_move(
        m.move_due(by=cast.alice, today=TODAY, to=TOMORROW, reason="vendor"),
        by=cast.sue,
        today=TODAY,
        accept=True,
    ),
    "pause": lambda m, cast: m.pause(by=cast.alice, today=TODAY, until=TOMORROW, reason="testing weeks"),
    "drop": lambda m, cast: m.drop(by=cast.sue, today=TODAY, reason="no money"),
    "archive": lambda m, cast: archive(m, by=cast.sue, today=TODAY),
    "archive and bring back": lambda m, cast: (
        archive(m, by=cast.sue, today=TODAY),
        m.refresh_from_db(),
        bring_back(m, by=cast.sue, today=TODAY),
    ),
    "drop and take back": lambda m, cast: (
        m.drop(by=cast.sue, today=TODAY, reason="no money"),
        m.take_back(by=cast.sue, today=TODAY),
    ),
    "complete and undo": lambda m, cast: (
        m.complete(by=cast.alice, today=TODAY, done_on=TODAY),
        m.undo(by=cast.alice, today=TODAY),
    ),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_the_verbs_leave_the_same_rows_whether_or_not_the_job_ran_before(cast, plan, verb):
    with_job = make_milestone(plan, by=cast.alice, due=TODAY - 5 * DAY)
    flag(TODAY - 2 * DAY)
    without_job = make_milestone(plan, by=cast.alice, due=TODAY - 5 * DAY)

    verb(with_job, cast)
    verb(without_job, cast)

    seen, unseen = (
        [row[1:] for row in rows() if row[0] == milestone.pk] for milestone in (with_job, without_job)
    )
    assert unseen
    assert unseen == seen


def hours(first: datetime, last: datetime):
    while first <= last:
        yield first
        first += timedelta(hours=1)


@pytest.mark.parametrize(
    "change",
    [date(2026, 11, 1), date(2027, 3, 14)],
    ids=["the night with an hour more", "the night with an hour less"],
)
def test_it_flags_in_twelve_time_zones_on_the_right_local_date_and_once(db, change):
    """Hour by hour over five days: nothing before local midnight, everything at the first run after it."""
    dues = [change - DAY, change, change + DAY]
    for number, zone in enumerate(TWELVE_ZONES):
        district = make_district(f"zone-{number}", time_zone=zone)
        plan = make_plan(district)
        editor = make_person(district, f"Editor{number}", "editor")
        for due in dues:
            make_milestone(plan, str(due), by=editor, due=due)
    districts = list(District.objects.all())
    noon = datetime(change.year, change.month, change.day, 12, tzinfo=UTC)
    found = notices = 0

    for now in hours(noon - 2 * DAY, noon + 3 * DAY):
        days, _lost = flagging.local_days(districts, now=now)
        outcome = flagging.run(days)
        found, notices = found + outcome.new_slips, notices + outcome.notices
        expected = {
            (district.slug, due) for district in districts for due in dues if district.today(now) > due
        }
        assert set(Slip.objects.values_list("district__slug", "due")) == expected, now

    assert found == notices == len(TWELVE_ZONES) * len(dues)  # a slip a day here, so a notice a day
    assert all(slip.slipped_on == slip.due + DAY for slip in Slip.objects.all())


def test_a_district_with_an_unknown_time_zone_does_not_stop_the_others(cast, plan, caplog):
    make_milestone(plan, by=cast.alice, due=YESTERDAY)
    for number, zone in enumerate(["Mars/Olympus", "", "../secrets", "/etc/localtime"]):
        make_district(f"lost-{number}", time_zone=zone)
    now = datetime(2026, 11, 17, 18, tzinfo=UTC)

    days, lost = flagging.local_days(District.objects.order_by("slug"), now=now)
    outcome = flagging.run(days)

    assert lost == ["lost-0", "lost-1", "lost-2", "lost-3"]
    assert (outcome.districts, outcome.new_slips) == (2, 1)
    assert "Mars/Olympus" in caplog.text


REFUSE_DUNE = {
    "sqlite": [
        "CREATE TRIGGER no_dune BEFORE INSERT ON milestones_slip WHEN NEW.district_id = {dune} "
        "BEGIN SELECT RAISE(ABORT, 'the disk of Dune'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION no_dune() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN IF NEW.district_id = {dune} THEN RAISE EXCEPTION ''the disk of Dune''; END IF; RETURN NEW; END'",
        "CREATE TRIGGER no_dune BEFORE INSERT ON milestones_slip FOR EACH ROW EXECUTE FUNCTION no_dune()",
    ],
}


def test_a_district_whose_rows_cannot_be_written_does_not_stop_the_others(cast, plan, caplog):
    make_milestone(plan, by=cast.alice, due=YESTERDAY)
    make_milestone(make_plan(cast.dune), by=cast.charlie, due=YESTERDAY)
    with connection.cursor() as cursor:
        for statement in REFUSE_DUNE[connection.vendor]:
            cursor.execute(statement.format(dune=cast.dune.pk))

    outcome = flag(TODAY)

    assert list(Slip.objects.values_list("district__slug", flat=True)) == ["cedar"]
    assert (outcome.new_slips, outcome.skipped) == (1, ["dune"])
    assert "the disk of Dune" in caplog.text


def test_a_run_is_a_handful_of_statements_however_many_districts_there_are(
    cast, django_assert_max_num_queries
):
    def statements() -> int:
        districts = list(District.objects.all())
        with django_assert_max_num_queries(20) as captured:
            flagging.flag_slips({TODAY: districts[::2], TOMORROW: districts[1::2]})
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    few = statements()
    for number in range(40):
        district = make_district(f"more-{number}")
        make_milestone(make_plan(district), by=cast.alice, due=YESTERDAY)

    many = statements()

    assert few == many == 4  # two local dates: insert, and look for what to open again
    assert Slip.objects.count() == 40


def test_the_statement_reads_the_index_of_open_due_dates(cast, plan):
    make_milestone(plan, by=cast.alice, due=YESTERDAY)
    seen = []

    def explain(execute, sql, params, many, context):
        if sql.startswith("INSERT INTO"):
            with connection.cursor() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("SET LOCAL enable_seqscan = off")
                cursor.execute(
                    f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{sql}", params
                )
                seen.extend(str(row[-1]) for row in cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        flagging.flag_slips({TODAY: [cast.cedar, cast.dune]})

    assert any("milestone_open_due" in line for line in seen), seen
    assert not any("USE TEMP B-TREE" in line for line in seen), seen  # SQLite: in the index's own order
