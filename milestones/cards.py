"""What a card of the worklist shows of its milestone: facts gathered for all cards of a page at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from milestones.forms.check_in import CheckInForm, NumberForm, SlippingForm
from milestones.models import CheckIn, DateMove, Measure, Milestone
from milestones.models.checkin import Says
from milestones.numbers import Shown, with_latest
from milestones.reasons import after_first, disagreement, nth_move, why
from milestones.status import SOON_DAYS, Word
from stakeholders.models import Person
from stakeholders.templatetags.parts import day

ANSWERS = (  # those that open a form, each with its label and its key
    (Says.DONE.value, Says.DONE.label, 2),
    (Says.AT_RISK.value, Says.AT_RISK.label, 3),
    (Says.SLIPPING.value, Says.SLIPPING.label, 4),
)
IN_A_ROW = (
    3  # as many times "still on track" near the due date, and the card asks whether there is anything to show
)


@dataclass
class Card:
    """One milestone on the worklist: to be answered, with a form open, or folded after saving."""

    answers: ClassVar = ANSWERS

    milestone: Milestone
    today: date
    moves: list[DateMove] = field(default_factory=list)
    check_ins: list[CheckIn] = field(default_factory=list)  # the last few that stand, latest first
    measures: list[Shown] = field(default_factory=list)
    saved: CheckIn | None = None
    form: CheckInForm | None = None
    does: list[str] = field(default_factory=list)  # what saving the open form does
    trouble: str = ""  # why something could not be done
    wrong_number: NumberForm | None = None  # a new number that could not be saved
    back: str = "worklist"
    right: str = ""  # why the visitor may say how it goes
    plain: bool = False  # no main button: something else on the page is to be done first

    @property
    def why(self) -> str:
        return why(self.milestone, today=self.today)

    @property
    def why_matters(self) -> bool:
        """Whether the reason says more than the dates and the last check-in beside the pill."""
        return self.milestone.word_shown not in (Word.ON_TRACK, Word.AWAITING, Word.COMPLETE)

    @property
    def id(self) -> str:
        """The id of its element; those of its controls begin with it."""
        return f"m-{self.milestone.pk}"

    @property
    def in_place(self) -> bool:
        """Whether htmx may swap the card alone: a milestone's own page has more that would be out of date."""
        return self.back == "worklist"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to say of it."""
        return not (self.milestone.done_on or self.milestone.dropped_on)

    @property
    def disagreement(self) -> str:
        return disagreement(self.milestone, today=self.today)

    @property
    def last_words(self) -> CheckIn | None:
        return next((c for c in self.check_ins if c.words and c.says), None)

    @property
    def asked(self) -> DateMove | None:
        """The new date that a leader has not decided yet."""
        return next((m for m in self.moves if m.decided_on is None), None)

    @property
    def times_moved(self) -> int:
        return sum(m.accepted is True and not m.while_drafting for m in self.moves)

    @property
    def anything_to_show(self) -> bool:
        """Whether "still on track" would be the third in a row without a word, near the due date."""
        silent = [c.says == Says.ON_TRACK and not c.words for c in self.check_ins[: IN_A_ROW - 1]]
        near = (self.milestone.due - self.today).days <= SOON_DAYS
        return near and len(silent) == IN_A_ROW - 1 and all(silent)

    @property
    def numbers(self) -> list[NumberForm]:
        """A small form for each measure of the step."""
        forms = [NumberForm(shown.measure, self.milestone, shown.words) for shown in self.measures]
        wrong = self.wrong_number
        return [wrong if wrong and wrong.measure == form.measure else form for form in forms]

    @property
    def saved_words(self) -> str:
        """Return what was saved, in the words of the one who said it."""
        return saved_words(self.saved, self.milestone, today=self.today)


def cards(milestones: Sequence[Milestone], *, today: date, saved: Iterable[CheckIn] = ()) -> list[Card]:
    """Return a card for each of `milestones`: four queries, however many there are."""
    made = {m.pk: Card(m, today) for m in milestones}
    for check_in in saved:
        if made[check_in.milestone_id].saved is None:
            made[check_in.milestone_id].saved = check_in
    open_ones = [pk for pk, card in made.items() if card.saved is None]
    if not open_ones:
        return list(made.values())
    for check_in in _last_check_ins(open_ones):
        made[check_in.milestone_id].check_ins.append(check_in)
    for move in DateMove.objects.filter(milestone__in=open_ones):
        made[move.milestone_id].moves.append(move)
    by_step: dict[int, list[Shown]] = {}
    # A measure counts the whole district; whoever speaks for one building is not asked for it.
    counted = [pk for pk in open_ones if made[pk].milestone.building_id is None]
    for shown in with_latest(
        Measure.objects.live().filter(step__in={made[pk].milestone.step_id for pk in counted})
    ):
        by_step.setdefault(shown.measure.step_id, []).append(shown)
    for pk in counted:  # asked for once a step, on its first card
        made[pk].measures = by_step.pop(made[pk].milestone.step_id, [])
    return list(made.values())


def _last_check_ins(milestones: list[int]):
    number = Window(RowNumber(), partition_by=F("milestone"), order_by=F("pk").desc())
    rows = CheckIn.objects.standing().filter(milestone__in=milestones).annotate(number=number)
    return rows.filter(number__lte=IN_A_ROW).select_related("by", "role").order_by("-pk")


def saved_words(check_in: CheckIn, milestone: Milestone, *, today: date) -> str:
    """Return one sentence about what a check-in changed."""
    expected = day(check_in.expected, today)
    if check_in.says == Says.DONE:
        return _("Saved: done %(day)s.") % {"day": day(check_in.done_on, today)}
    if not check_in.expected:
        words = {
            Says.ON_TRACK: _("Saved: still on track."),
            Says.AT_RISK: _("Saved: at risk."),
            Says.OFF_TRACK: _("Saved: off track."),
        }
        return words[check_in.says]
    move = getattr(check_in, "move", None)
    if move and move.decided_on is None:
        return _(
            "Saved: now expected %(expected)s. A leader is asked for that date; until then %(due)s stands."
        ) % {
            "expected": expected,
            "due": day(milestone.due, today),
        }
    if move and move.accepted:
        return _("Saved: now due %(expected)s.") % {"expected": expected}
    return _("Saved: now expected %(expected)s; still due %(due)s.") % {
        "expected": expected,
        "due": day(milestone.due, today),
    }


def what_saving_does(
    card: Card, form: SlippingForm, *, adopted: bool, may_approve: bool, leaders: Sequence[Person]
) -> list[str]:
    """Return plain sentences: whom saving "slipping" asks for what, which move this is, and who sees it."""
    due = day(card.milestone.due, card.today)
    if not adopted:
        lines = [_("The plan is a draft, so saving moves the due date at once.")]
    elif may_approve:
        lines = [_("You decide on dates yourself: saving moves the due date and records that you agreed.")]
    else:
        names = ", ".join(str(person) for person in leaders) or _("a leader")
        words = _(
            "Saving asks %(names)s to agree to the new date, unless you untick that; until then %(due)s stands."
        )
        lines = [words % {"names": names, "due": due}]
    if adopted:
        how_far = after_first(card.milestone, form.date_given)
        size = ", ".join(filter(None, [nth_move(card.times_moved + 1), how_far]))
        lines.append(_("It would be %(size)s.") % {"size": size})
    lines.append(
        _(
            "Everybody who may read the plan sees this now. The board's report gives the reason, and not your name."
        )
    )
    return lines
