"""A small plan with a story, for the tests of documents: adopted July 1, 2026, looked at on November 17."""

from datetime import date, timedelta

from milestones.adoption import adopt_plan
from milestones.models import Milestone
from tests.builders import TODAY, Cast, make_initiative, make_milestone, make_plan, make_step
from vision.models import Plan

ADOPTED = date(2026, 7, 1)


def make_story(cast: Cast, *, further: int = 0) -> Plan:
    """Make a plan of three initiatives: Wi-Fi done early, coaching moved twice and slipped, privacy on track.

    `further`: so many more milestones, spread over the initiatives.
    """
    plan = make_plan(cast.cedar)
    steps = {}
    for title in ("Reliable Wi-Fi", "Teacher coaching", "Data privacy"):
        steps[title] = make_step(
            plan,
            f"Step of {title}",
            lead=cast.coordinator,
            by=cast.alice,
            initiative=make_initiative(plan, title),
        )
    wifi = make_milestone(
        plan, "Lincoln is cabled", due=date(2026, 11, 13), by=cast.alice, step=steps["Reliable Wi-Fi"]
    )
    coaching = make_milestone(
        plan, "Coaches are hired", due=date(2026, 9, 15), by=cast.alice, step=steps["Teacher coaching"]
    )
    privacy = make_milestone(
        plan, "Vendors have signed", due=date(2027, 3, 31), by=cast.alice, step=steps["Data privacy"]
    )
    for n in range(further):
        step = list(steps.values())[n % 3]
        make_milestone(
            plan, f"Event {n}", due=date(2026, 12, 1) + timedelta(days=n % 90), by=cast.alice, step=step
        )
    adopt_plan(plan, by=cast.sue, today=ADOPTED)
    wifi, coaching, privacy = (Milestone.objects.get(pk=m.pk) for m in (wifi, coaching, privacy))
    wifi.complete(
        by=cast.alice, today=date(2026, 11, 6), done_on=date(2026, 11, 6), evidence="Signal test in 18 rooms"
    )
    move(
        coaching,
        cast,
        on=date(2026, 9, 1),
        to=date(2026, 10, 15),
        reason="person",
        words="Two posts are open",
    )
    move(
        coaching,
        cast,
        on=date(2026, 10, 10),
        to=date(2026, 11, 12),
        reason="decision",
        words="The pay scale is not set",
    )
    coaching.check_in(
        by=cast.alice, today=date(2026, 11, 10), says="at-risk", words="The pool could cover one post."
    )
    privacy.check_in(by=cast.alice, today=date(2026, 11, 16), says="on-track", words="41 of 58 have signed.")
    return plan


def move(milestone: Milestone, cast: Cast, *, on: date, to: date, reason: str, words: str = "") -> None:
    milestone.check_in(
        by=cast.alice, today=on, says="slipping", expected=to, reason=reason, words=words, ask_to_move=False
    )
    asked = milestone.move_due(by=cast.alice, today=on, to=to, reason=reason, words=words)
    milestone.decide_move(asked, by=cast.sue, today=on, accept=True)


__all__ = ["ADOPTED", "TODAY", "make_story", "move"]
