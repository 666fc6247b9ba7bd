from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from django.db.models import BooleanField, DateField, Value
from django.db.models.functions import Cast
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from milestones.models import ActionStep, DateMove, Milestone
from milestones.status import OF_THE_ROW, Facts, Word, word_case, word_for
from stakeholders.calendar.school_days import SchoolCalendar
from stakeholders.models import CalendarEntry, DayKind, DayOff
from tests.builders import TODAY, make_milestone, make_plan


def day(n: int):
    return TODAY + timedelta(days=n)


CONFIRMED = Facts(due=day(60), says="on-track", how_sure="sure", confirmed_on=day(-3))
QUIET = replace(CONFIRMED, confirmed_on=day(-43), told_on=day(-8))

TABLE = [
    (replace(CONFIRMED, due=day(-9), done_on=day(0)), Word.COMPLETE),
    (replace(CONFIRMED, due=day(-9), dropped_on=day(0)), Word.DROPPED),
    (replace(CONFIRMED, due=day(-9), paused_until=day(0)), Word.PAUSED),
    (replace(CONFIRMED, due=day(-9), paused_until=day(-1)), Word.SLIPPED),
    (replace(CONFIRMED, due=day(-1), stopped=True), Word.SLIPPED),
    (replace(CONFIRMED, stopped=True, says="off-track"), Word.BLOCKED),
    (replace(CONFIRMED, says="off-track"), Word.OFF_TRACK),
    (replace(CONFIRMED, says="slipping", expected=day(60 + 29)), Word.OFF_TRACK),
    (replace(CONFIRMED, says="slipping", expected=day(60 + 28)), Word.AT_RISK),
    (replace(CONFIRMED, says="slipping", expected=day(60)), Word.ON_TRACK),
    (replace(CONFIRMED, says="at-risk"), Word.AT_RISK),
    (replace(CONFIRMED, slowed=True), Word.AT_RISK),
    (replace(CONFIRMED, moved_lately=True), Word.AT_RISK),
    (replace(CONFIRMED, due=day(30), how_sure="not"), Word.AT_RISK),
    (replace(CONFIRMED, due=day(31), how_sure="not"), Word.ON_TRACK),
    (replace(CONFIRMED, due=day(30), how_sure="fairly"), Word.ON_TRACK),
    (QUIET, Word.NO_RECENT_UPDATE),
    (replace(QUIET, says="at-risk"), Word.AT_RISK),
    (replace(QUIET, told_on=None), Word.ON_TRACK),
    (replace(QUIET, told_on=day(-7)), Word.ON_TRACK),
    (replace(QUIET, confirmed_on=day(-42), told_on=day(-8)), Word.ON_TRACK),
    (replace(QUIET, confirmed_on=day(-8), check_in_days=5, told_on=day(-9)), Word.ON_TRACK),
    (replace(QUIET, days_off=1), Word.ON_TRACK),
    (replace(QUIET, confirmed_on=day(-46), days_off=3), Word.NO_RECENT_UPDATE),
    (replace(QUIET, days_off_since_told=1), Word.ON_TRACK),
    (CONFIRMED, Word.ON_TRACK),
    (replace(CONFIRMED, starts_on=day(9)), Word.ON_TRACK),
    (Facts(due=day(60), starts_on=day(1)), Word.NOT_STARTED),
    (Facts(due=day(60), starts_on=day(0)), Word.AWAITING),
    (Facts(due=day(60)), Word.AWAITING),
]


@pytest.mark.parametrize(("facts", "word"), TABLE)
def test_the_first_line_that_holds_gives_the_word(facts, word):
    assert word_for(facts, today=TODAY) is word


near = st.integers(-60, 60).map(day)
facts_strategy = st.builds(
    Facts,
    due=near,
    done_on=st.none() | near,
    dropped_on=st.none() | near,
    paused_until=st.none() | near,
    expected=st.none() | near,
    says=st.sampled_from(["on-track", "at-risk", "off-track", "slipping"]),
    how_sure=st.sampled_from(["", "sure", "fairly", "not"]),
    confirmed_on=st.none() | near,
    starts_on=st.none() | near,
    check_in_days=st.sampled_from([5, 28, 90]),
    stopped=st.booleans(),
    slowed=st.booleans(),
    moved_lately=st.booleans(),
    told_on=st.none() | near,
)
breaks_strategy = st.lists(
    st.tuples(st.integers(-70, 5), st.integers(0, 20), st.sampled_from(DayKind.values)), max_size=4
)


def make_calendar(district, breaks) -> SchoolCalendar:
    """Write the calendar anew: on which day each entry begins, how many days follow, and its kind."""
    DayOff.objects.all().delete()
    CalendarEntry.objects.all().delete()
    for n, (start, more, kind) in enumerate(breaks):
        CalendarEntry.objects.create(
            district=district, kind=kind, title=f"Entry {n}", first_day=day(start), last_day=day(start + more)
        )
    return SchoolCalendar.of(district)


def with_days_off(facts, calendar):
    since = {"days_off": facts.confirmed_on, "days_off_since_told": facts.told_on}
    return replace(facts, **{name: calendar.days_off(on, TODAY) for name, on in since.items() if on})


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(facts=facts_strategy, breaks=breaks_strategy)
def test_the_table_and_its_query_agree(cast, facts, breaks):
    facts = with_days_off(facts, make_calendar(cast.cedar, breaks))
    facts = replace(facts, dropped_on=None) if facts.done_on else facts
    facts = facts if facts.confirmed_on else replace(facts, says="")
    milestone = Milestone.objects.first() or make_milestone(make_plan(cast.cedar), by=cast.alice)
    own = asdict(facts)
    from_elsewhere = {k: own.pop(k) for k in ("stopped", "slowed", "told_on", "moved_lately")}
    del own["days_off"], own["days_off_since_told"]
    ActionStep.objects.update(starts_on=own.pop("starts_on"), check_in_days=own.pop("check_in_days"))
    Milestone.objects.update(
        **own,
        done_by=cast.alice if facts.done_on else None,
        drop_reason="no money" if facts.dropped_on else "",
        pause_reason="testing" if facts.paused_until else "",
    )
    told_on = Cast(Value(from_elsewhere.pop("told_on")), DateField())
    others = {k: Value(v, output_field=BooleanField()) for k, v in from_elsewhere.items()}

    found = (
        Milestone.objects.with_facts(today=TODAY)
        .annotate(told_on=told_on, **others)
        .annotate(word=word_case(TODAY))
        .get(pk=milestone.pk)
    )

    assert found.word == word_for(facts, today=TODAY)


@pytest.mark.parametrize(
    ("ages", "word"), [([89, 10], Word.AT_RISK), ([90, 10], Word.ON_TRACK), ([10], Word.ON_TRACK)]
)
def test_two_agreed_moves_in_ninety_days_put_it_at_risk(cast, ages, word):
    milestone = make_milestone(
        make_plan(cast.cedar, adopted_by=cast.sue),
        by=cast.alice,
        due=day(60),
        says="on-track",
        confirmed_on=TODAY,
    )
    for age in ages:
        DateMove.objects.create(
            milestone=milestone, from_due=day(50), to_due=day(60), reason="money", accepted=True,
            asked_by=cast.alice, asked_on=day(-age), decided_by=cast.sue, decided_on=day(-age),
        )  # fmt: skip

    found = Milestone.objects.with_word(today=TODAY).get()

    assert found.word_shown is word


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(facts=facts_strategy, moves=st.lists(st.integers(-100, 5), max_size=3))
def test_the_row_in_hand_tells_the_word_that_the_query_finds(cast, facts, moves):
    facts = replace(facts, dropped_on=None) if facts.done_on else facts
    facts = facts if facts.confirmed_on else replace(facts, says="")
    milestone = Milestone.objects.first() or make_milestone(make_plan(cast.cedar), by=cast.alice)
    ActionStep.objects.update(starts_on=facts.starts_on, check_in_days=facts.check_in_days)
    Milestone.objects.update(
        **{name: getattr(facts, name) for name in OF_THE_ROW},
        done_by=cast.alice if facts.done_on else None,
        drop_reason="no money" if facts.dropped_on else "",
        pause_reason="testing" if facts.paused_until else "",
    )
    DateMove.objects.all().delete()
    for age in moves:
        DateMove.objects.create(
            milestone=milestone, from_due=day(50), to_due=day(60), reason="money", accepted=True,
            asked_by=cast.alice, asked_on=day(age), decided_by=cast.sue, decided_on=day(age),
        )  # fmt: skip
    found = Milestone.objects.with_word(today=TODAY).get(pk=milestone.pk)

    in_hand = Milestone.objects.get(pk=milestone.pk)
    in_hand.tell_word(today=TODAY)

    names = ("word", "moved_lately", "stopped", "slowed", "told_on")
    assert [getattr(in_hand, n) for n in names] == [getattr(found, n) for n in names]
