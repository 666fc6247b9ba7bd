"""People who press a button at the same moment, in threads with connections of their own on a database of its own."""

import json

import pytest

from tests.installation import Installation

pytestmark = pytest.mark.slow

TOGETHER = """
import json, random, threading
from datetime import date
from django.db import connections
from django.test import Client
from django.utils import timezone
from milestones.models import CheckIn, DateMove, Milestone
from tests.builders import TODAY, make_cast, make_milestone, make_plan

def signed_in(person):
    client = Client(raise_request_exception=True)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client

def at_once(*calls):
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)
    def run(n, call):
        gate.wait()
        try:
            answers[n] = call()
        finally:
            connections.close_all()
    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    return answers

cast = make_cast()
plan = make_plan(cast.cedar, adopted_by=cast.sue)
milestone = make_milestone(plan, by=cast.alice, lead=cast.coordinator, due=cast.cedar.today(timezone.now()))
page = f"/d/cedar/milestones/{milestone.pk}/"
alice, sue = signed_in(cast.alice), signed_in(cast.sue)
"""

TWO_EDITORS = """
silent, answers = 0, []
for n in range(200):
    version = Milestone.objects.get().version
    texts = [f"Alice writes {n}", f"Sue writes {n}"]
    posts = [
        lambda client=client, text=text: client.post(page + "edit/", {"title": text, "version": version})
        for client, text in zip((alice, sue), texts)
    ]
    random.Random(n).shuffle(posts)
    both = at_once(*posts)
    saved = Milestone.objects.get()
    lost = [text for text in texts if text != saved.title]
    kept = any(r.status_code == 409 and f"{lost[0]}</textarea>" in r.content.decode() for r in both)
    silent += not (saved.title in texts and saved.version == version + 1 and kept)
    answers += sorted(r.status_code for r in both)
print(json.dumps({"silent": silent, "answers": sorted(set(answers)), "rounds": len(answers) // 2}))
"""

ONE_BUTTON = """
pressed = [lambda: signed_in(cast.alice).post(page + "check-in/", {"says": "on-track"}).status_code for _ in range(20)]
answers = at_once(*pressed)
same = CheckIn.objects.count()
said = [
    lambda n=n: signed_in(cast.alice).post(page + "check-in/", {"says": "at-risk", "words": f"Word {n}"}).status_code
    for n in range(50)
]
answers += at_once(*said)
milestone.refresh_from_db()
last = CheckIn.objects.last()
print(json.dumps({
    "same": same, "all": CheckIn.objects.count(), "answers": sorted(set(answers)),
    "current_is_last": [milestone.says, milestone.confirmed_on == last.on] == [last.says, True],
    "history": milestone.history.filter(says="at-risk").count(),
}))
"""

TWO_LEADERS = """
outcomes = []
for n in range(40):
    now = Milestone.objects.get()
    move = now.move_due(by=cast.alice, today=now.due, to=date.fromordinal(now.due.toordinal() + 1), reason="vendor")
    where = f"/d/cedar/moves/{move.pk}/decide/"
    both = at_once(
        lambda: sue.post(where, {"answer": "agree"}).status_code,
        lambda: signed_in(cast.sue).post(where, {"answer": "keep", "note": "Not now"}).status_code,
    )
    move.refresh_from_db()
    due = Milestone.objects.get().due
    outcomes.append(sorted(both) == [302, 409] and due == (move.to_due if move.accepted else move.from_due))
print(json.dumps(outcomes))
"""


@pytest.fixture
def installation(tmp_path, django_db_setup, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        Installation(tmp_path, DEBUG="1", ALLOWED_HOSTS="testserver") as installation,
    ):
        yield installation


def run(installation, code: str):
    return json.loads(installation.python(TOGETHER + code).splitlines()[-1])


def test_of_two_editors_at_once_one_saves_and_the_other_keeps_their_text(installation):
    assert run(installation, TWO_EDITORS) == {"silent": 0, "answers": [302, 409], "rounds": 200}


def test_a_button_pressed_twenty_times_is_one_row_and_fifty_words_are_fifty(installation):
    assert run(installation, ONE_BUTTON) == {
        "same": 1, "all": 51, "answers": [302], "current_is_last": True, "history": 50,
    }  # fmt: skip


def test_of_two_leaders_who_decide_at_once_one_does(installation):
    outcomes = run(installation, TWO_LEADERS)

    assert len(outcomes) == 40
    assert all(outcomes)
