"""Two leaders who appoint, or hand over, at the same moment."""

import json

import pytest

from tests.milestones.test_two_at_once import TOGETHER, installation  # noqa: F401 (a fixture)

pytestmark = pytest.mark.slow

OVERLAPPING = """
from stakeholders.models import Appointment
outcomes = []
for n in range(20):
    Appointment.objects.filter(person=cast.bob).delete()
    where = f"/d/cedar/roles/{cast.coordinator.pk}/appoint/"
    both = at_once(*[
        lambda ends_on=ends_on: signed_in(cast.sue).post(
            where, {"person": cast.bob.pk, "part": "holds", "starts_on": "2026-01-01", "ends_on": ends_on}
        ).status_code
        for ends_on in ("2026-06-30", "")
    ])
    outcomes.append((sorted(both), Appointment.objects.filter(person=cast.bob).count()))
print(json.dumps(outcomes))
"""

HAND_OVERS = """
from stakeholders.models import Appointment, HandOver
today = cast.cedar.today(timezone.now())
where = f"/d/cedar/people/{cast.alice.pk}/hand-over/"
both = at_once(*[
    lambda to=to: signed_in(cast.sue).post(where, {"first_day": today.isoformat(), "to_all": to.pk}).status_code
    for to in (cast.bob, cast.vera) * 6
])
print(json.dumps({
    "answers": sorted(set(both)),
    "hand_overs": HandOver.objects.count(),
    "holders": cast.coordinator.holders(today=today).count(),
}))
"""


def test_of_two_overlapping_appointments_one_is_saved(installation):  # noqa: F811
    outcomes = json.loads(installation.python(TOGETHER + OVERLAPPING).splitlines()[-1])

    assert outcomes == [[[302, 422], 1]] * 20


def test_of_twelve_hand_overs_one_is_done(installation):  # noqa: F811
    told = json.loads(installation.python(TOGETHER + HAND_OVERS).splitlines()[-1])

    assert (told["hand_overs"], told["holders"]) == (1, 1)
    assert set(told["answers"]) <= {200, 302, 422}
