from collections import Counter
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from milestones.models import ActionStep, CheckIn, DateMove, Milestone, Slip
from milestones.status import Word
from reports.sample.build import SLUG, build_sample
from stakeholders.models import District, Invitation, Membership, Person, Role
from tests.builders import make_cast, make_plan, make_step

SHOWN = set(Word) - {Word.BLOCKED, Word.NO_RECENT_UPDATE}  # these two are tested at the rule


@pytest.mark.django_db
@pytest.mark.parametrize("day", ["2026-11-22", "2027-06-30", "2027-07-01", "2028-02-29", "2029-01-02"])
def test_it_shows_every_word_whatever_the_day(day):
    now = datetime.fromisoformat(f"{day}T18:00").replace(tzinfo=UTC)

    district = build_sample(now=now)

    words = Counter(Milestone.objects.with_word(today=district.today(now)).values_list("word", flat=True))
    assert set(words) == SHOWN
    assert 25 <= words.total() <= 50


@pytest.mark.django_db
def test_it_has_what_every_page_needs():
    now = datetime(2026, 11, 22, 18, tzinfo=UTC)

    district = build_sample(now=now)

    today = district.today(now)
    assert Membership.objects.in_district(district).standing().count() == 5
    assert Membership.objects.in_district(district).ended().count() == 2
    assert Invitation.objects.in_district(district).standing(now=now).count() == 2
    assert not Invitation.objects.waiting(now=now).exists()
    assert Role.objects.in_district(district).vacant(today=today).count() == 1
    assert set(ActionStep.objects.values_list("kind", flat=True)) == {"one-time", "recurring", "ongoing"}
    assert Slip.objects.open().exists()
    assert Slip.objects.exclude(ended="").exists()
    assert DateMove.objects.asked().count() == 1
    first, last = CheckIn.objects.order_by("on").values_list("on", flat=True)[0], today
    assert (last - first).days > 660
    assert Milestone.objects.in_several_buildings().count() == 6


@pytest.mark.django_db
def test_again_from_scratch_leaves_other_districts_alone():
    cast = make_cast()
    make_step(make_plan(cast.cedar), lead=cast.coordinator, by=cast.alice)

    call_command("sample_district", verbosity=0)
    call_command("sample_district", verbosity=0)

    assert District.objects.filter(slug=SLUG).count() == 1
    assert Person.objects.count() == 5 + 7  # the cast; five people, and two who have left
    assert ActionStep.objects.in_district(cast.cedar).count() == 1
    assert ActionStep.history.exclude(district_id__in=District.objects.values("pk")).count() == 0
