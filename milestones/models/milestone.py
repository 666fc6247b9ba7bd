from datetime import date, timedelta

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.models import HistoricalRecords

from milestones import status
from milestones.models.checkin import CheckIn, HowSure, Says
from milestones.models.dates import DateMove, Slip
from milestones.models.queries import MilestoneQuerySet
from milestones.models.step import ActionStep
from milestones.refusals import Refused
from milestones.slip import has_slipped, slipped_on
from stakeholders.editing import Versioned
from stakeholders.models import Building, Person, Role
from stakeholders.scoping import DistrictRow
from vision.models import Plan

YEARS_PAST_THE_PLAN = 5  # a date may move past the plan's last day, but not out of sight


class Milestone(Versioned, DistrictRow):
    """A dated event by which everybody can tell that a step happens.

    Three dates are kept apart: `first_due` was promised when the plan was adopted and is set once; `due` is agreed
    now; `expected` is what the owner forecasts (None: as agreed). `says`, `how_sure` and `confirmed_on` repeat
    the owner's last standing check-in. What many buildings reach one by one is a milestone for each, with dates
    and words of its own; pages show those of one step and title as one line (milestones/in_buildings.py).
    """

    parent = "step"
    line_size = (
        1  # how many of one step and title it stands for, where a query has put several buildings in one line
    )

    step = models.ForeignKey(ActionStep, on_delete=models.CASCADE, related_name="milestones")
    building = models.ForeignKey(
        Building,
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        editable=False,
        related_name="milestones",
        verbose_name=_("building"),
    )
    title = models.CharField(_("milestone"), max_length=500, blank=True)
    first_due = models.DateField(_("first date"), null=True, blank=True, editable=False)
    due = models.DateField(_("due date"))
    expected = models.DateField(_("expected date"), null=True, blank=True, editable=False)
    added_after_adoption = models.BooleanField(default=False, editable=False)
    says = models.CharField(max_length=10, choices=Says, blank=True, editable=False)
    how_sure = models.CharField(max_length=6, choices=HowSure, blank=True, editable=False)
    confirmed_on = models.DateField(null=True, blank=True, editable=False)
    done_on = models.DateField(null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    evidence = models.CharField(_("evidence"), max_length=1000, blank=True, editable=False)
    evidence_link = models.URLField(_("link"), max_length=500, blank=True, editable=False)
    paused_until = models.DateField(null=True, blank=True, editable=False)
    pause_reason = models.CharField(max_length=1000, blank=True, editable=False)
    dropped_on = models.DateField(null=True, blank=True, editable=False)
    drop_reason = models.CharField(max_length=1000, blank=True, editable=False)
    position = models.PositiveIntegerField(default=0, editable=False)
    archived_on = models.DateField(null=True, blank=True, editable=False)

    history = HistoricalRecords()
    objects = MilestoneQuerySet.as_manager()

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on__isnull=True, done_by__isnull=True)
                | Q(done_on__isnull=False, done_by__isnull=False),
                name="milestone_done_has_a_person",
            ),
            models.CheckConstraint(
                condition=Q(paused_until__isnull=True, pause_reason="")
                | (Q(paused_until__isnull=False) & ~Q(pause_reason="")),
                name="milestone_pause_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(dropped_on__isnull=True, drop_reason="")
                | (Q(dropped_on__isnull=False) & ~Q(drop_reason="")),
                name="milestone_drop_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(dropped_on__isnull=True),
                name="milestone_not_done_and_dropped",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True, says="")
                | (Q(confirmed_on__isnull=False) & ~Q(says="")),
                name="milestone_confirmed_in_words",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "due"], name="milestone_due"),
            models.Index(
                fields=["district", "due"],
                name="milestone_open_due",
                condition=Q(done_on__isnull=True, dropped_on__isnull=True, archived_on__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    # Mutators. Each takes the row's lock, reads it again, refuses nonsense, and writes its own fields only.

    @transaction.atomic
    def check_in(
        self,
        *,
        by: Person,
        today: date,
        says: str,
        role: Role | None = None,
        words: str = "",
        how_sure: str = "",
        expected: date | None = None,
        reason: str = "",
        would_help: str = "",
        off_track: bool = False,
        ask_to_move: bool = True,
        may_approve: bool = False,
    ) -> CheckIn:
        """Record what an owner says: on track, at risk, off track or slipping (with the date now expected).

        Slipping sets `expected`. After adoption it also asks for that date, unless `ask_to_move` is False; before
        adoption it moves the due date. `off_track` lets the owner call a slipping milestone worse than its dates. Finishing
        is `complete`. The same words again on the same day are the same check-in: a button pressed twice says one
        thing. Raises Refused.
        """
        self._lock()
        self._refuse_closed()
        slipping = says == Says.SLIPPING
        if says not in (Says.ON_TRACK, Says.AT_RISK, Says.OFF_TRACK, Says.SLIPPING):
            raise Refused(_("Choose how it goes."), field="says")
        if slipping:
            self._refuse_date(expected, today=today, field="expected")
            if expected < today:
                raise Refused(_("%(day)s has passed. Give a day to come."), field="expected", day=expected)
            if not reason:
                raise Refused(_("Say what it waits for."), field="reason")
        said = {
            "by": by,
            "on": today,
            "says": Says.OFF_TRACK if slipping and off_track else says,
            "words": words,
            "how_sure": how_sure,
            "expected": expected if slipping else None,
            "reason": reason,
            "would_help": would_help,
        }
        if again := self._said_before(said):
            return again
        check_in = CheckIn.objects.create(milestone=self, role=role, **said)
        self.says, self.how_sure = check_in.says, how_sure
        self.confirmed_on, self.expected = today, check_in.expected
        self._write("says", "how_sure", "confirmed_on", "expected", by=by)
        wants_move = slipping and expected != self.due
        if wants_move and (ask_to_move or not self.plan.is_adopted):
            self._move(
                by=by,
                today=today,
                to=expected,
                reason=reason,
                words=words,
                may_approve=may_approve,
                check_in=check_in,
            )
        return check_in

    @transaction.atomic
    def complete(
        self,
        *,
        by: Person,
        today: date,
        done_on: date,
        role: Role | None = None,
        evidence: str = "",
        evidence_link: str = "",
        words: str = "",
    ) -> CheckIn:
        """Record that it was done on `done_on`, today or earlier, with evidence as words or a link.

        The same again on the same day is the same check-in. Raises Refused.
        """
        self._lock()
        said = {
            "by": by,
            "on": today,
            "says": Says.DONE,
            "done_on": done_on,
            "evidence": evidence,
            "evidence_link": evidence_link,
            "words": words,
        }
        if self.done_on and (again := self._said_before(said)):
            return again
        self._refuse_closed()
        if done_on > today:
            raise Refused(_("%(day)s has not come yet."), field="done_on", day=done_on)
        if done_on < today - timedelta(days=366 * 5):
            raise Refused(_("%(day)s is more than five years ago."), field="done_on", day=done_on)
        self.record_slip(today)
        check_in = CheckIn.objects.create(milestone=self, role=role, **said)
        self.done_on, self.done_by, self.evidence, self.evidence_link = done_on, by, evidence, evidence_link
        self._write("done_on", "done_by", "evidence", "evidence_link", by=by)
        self._withdraw_requests(by=by, today=today, note=_("Finished"), check_in=check_in)
        self._close_slips(on=done_on, ended=Slip.Ended.DONE)
        return check_in

    @transaction.atomic
    def move_due(
        self, *, by: Person, today: date, to: date, reason: str, words: str = "", may_approve: bool = False
    ) -> DateMove:
        """Move the due date, or ask for it.

        While the plan is a draft the date moves at once. After adoption it moves when a leader agrees
        (`may_approve`: the one who moves it is a leader, which is recorded as their own approval); until then the old
        date stands. Raises Refused.
        """
        self._lock()
        self._refuse_closed()
        self._refuse_date(to, today=today, field="to")
        if to == self.due:
            raise Refused(_("It is due on %(day)s already."), field="to", day=to)
        if to < today and self.plan.is_adopted:
            raise Refused(_("%(day)s has passed. Give a day to come."), field="to", day=to)
        if not reason:
            raise Refused(_("Say what it waits for."), field="reason")
        return self._move(by=by, today=today, to=to, reason=reason, words=words, may_approve=may_approve)

    @transaction.atomic
    def decide_move(self, move: DateMove, *, by: Person, today: date, accept: bool, note: str = "") -> None:
        """A leader agrees to the date that was asked for, or keeps the old one. Raises Refused when it was decided."""
        self._lock()
        move.refresh_from_db()
        if move.decided_on is not None:
            raise Refused(_("This was decided on %(day)s."), day=move.decided_on)
        move.decided_by, move.decided_on, move.accepted, move.note = by, today, accept, note
        move.save(update_fields=["decided_by", "decided_on", "accepted", "note"])
        if accept:
            self._refuse_closed()
            self._set_due(move.to_due, by=by, today=today)

    @transaction.atomic
    def pause(self, *, by: Person, today: date, until: date, reason: str) -> None:
        """Put it on hold up to and including `until`. Raises Refused."""
        self._lock()
        self._refuse_closed()
        if until <= today:
            raise Refused(_("Choose a day to come."), field="until")
        self._refuse_date(until, today=today, field="until")
        if not reason.strip():
            raise Refused(_("Say why it is on hold."), field="reason")
        self.record_slip(today)
        self.paused_until, self.pause_reason = until, reason
        self._write("paused_until", "pause_reason", by=by)
        self._close_slips(on=today, ended=Slip.Ended.PAUSED)

    @transaction.atomic
    def resume(self, *, by: Person, today: date) -> None:
        """Take it up again. Raises Refused when it is not on hold."""
        self._lock()
        if self.paused_until is None:
            raise Refused(_("It is not on hold."))
        self.paused_until, self.pause_reason = None, ""
        self._write("paused_until", "pause_reason", by=by)
        self.record_slip(today)

    @transaction.atomic
    def drop(self, *, by: Person, today: date, reason: str) -> None:
        """Take it out of the plan, with the reason. Raises Refused."""
        self._lock()
        self._refuse_closed()
        if not reason.strip():
            raise Refused(_("Say why it is dropped."), field="reason")
        self.record_slip(today)
        self.dropped_on, self.drop_reason = today, reason
        self.paused_until, self.pause_reason = None, ""
        self._write("dropped_on", "drop_reason", "paused_until", "pause_reason", by=by)
        self._withdraw_requests(by=by, today=today, note=_("Dropped"))
        self._close_slips(on=today, ended=Slip.Ended.DROPPED)

    @transaction.atomic
    def take_back(self, *, by: Person, today: date) -> None:
        """Take a dropped milestone back into the plan. Raises Refused when it was not dropped."""
        self._lock()
        if self.dropped_on is None:
            raise Refused(_("It is in the plan."))
        self.dropped_on, self.drop_reason = None, ""
        self._write("dropped_on", "drop_reason", by=by)
        self.record_slip(today)

    @transaction.atomic
    def undo(self, *, by: Person, today: date, check_in: int | None = None) -> CheckIn:
        """Take back the last check-in, on the day on which it was made. Nothing is erased: a row that reverses it is added.

        What came with it goes back, too: its own request for a new date is withdrawn, requests that it replaced stand again,
        and a date that moved at once (in a draft, or by a leader's own approval) is set back. `check_in` names the
        one that is meant, so that a button pressed twice does not take back two. Raises Refused when it is not the last one
        of today, or when a leader has agreed to the date meanwhile.
        """
        self._lock()
        last = self.check_ins.standing().order_by("-pk").first()
        if last is None or last.on != today or check_in not in (None, last.pk):
            raise Refused(_("There is nothing from today to undo."))
        if move := DateMove.objects.filter(check_in=last).first():
            self._take_back_move(move, by=by, today=today)
        reversal = CheckIn.objects.create(milestone=self, by=by, on=today, undoes=last)
        if last.says == Says.DONE:
            self.done_on, self.done_by, self.evidence, self.evidence_link = None, None, "", ""
            self._write("done_on", "done_by", "evidence", "evidence_link", by=by)
        else:
            before = self.check_ins.standing().exclude(says=Says.DONE).order_by("-pk").first() or CheckIn()
            self.says, self.how_sure = before.says, before.how_sure
            self.confirmed_on, self.expected = before.on, before.expected
            self._write("says", "how_sure", "confirmed_on", "expected", by=by)
        self.moves.filter(withdrawn_by=last).update(
            decided_by=None, decided_on=None, accepted=None, note="", withdrawn_by=None
        )
        self.record_slip(today)
        return reversal

    # What the verbs share

    def _lock(self) -> None:
        """Take the row's lock on any database (an UPDATE that changes nothing), then read the row again."""
        type(self)._base_manager.filter(pk=self.pk).update(version=F("version"))
        for_life = ("id", "district", "step", "building")
        self.refresh_from_db(fields=[f.attname for f in self._meta.concrete_fields if f.name not in for_life])
        self.__dict__.pop("plan", None)

    def _write(self, *fields: str, by: Person) -> None:
        self._history_user = by
        self.save(update_fields=fields)

    def _said_before(self, said: dict) -> CheckIn | None:
        """Return the last standing check-in if it says just this and no request of it has been decided."""
        last = self.check_ins.standing().select_related("move").order_by("-pk").first()
        wanted = {"by_id": said["by"].pk, **{name: value for name, value in said.items() if name != "by"}}
        if last is None or any(getattr(last, name) != value for name, value in wanted.items()):
            return None
        move = getattr(last, "move", None)
        return None if move and move.decided_on and not move.accepted else last

    def _move(
        self,
        *,
        by: Person,
        today: date,
        to: date,
        reason: str,
        words: str,
        may_approve: bool,
        check_in: CheckIn | None = None,
    ) -> DateMove:
        now = may_approve or not self.plan.is_adopted
        self._withdraw_requests(by=by, today=today, note=_("Asked anew"), check_in=check_in)
        move = DateMove.objects.create(
            milestone=self,
            from_due=self.due,
            to_due=to,
            reason=reason,
            words=words,
            while_drafting=not self.plan.is_adopted,
            check_in=check_in,
            asked_by=by,
            asked_on=today,
            decided_by=by if now else None,
            decided_on=today if now else None,
            accepted=True if now else None,
        )
        if now:
            self._set_due(to, by=by, today=today)
        return move

    def _withdraw_requests(self, *, by: Person, today: date, note, check_in: CheckIn | None = None) -> None:
        self.moves.asked().update(
            decided_by=by, decided_on=today, accepted=False, note=str(note), withdrawn_by=check_in
        )

    def _take_back_move(self, move: DateMove, *, by: Person, today: date) -> None:
        if move.accepted:
            alone = move.decided_by_id == move.asked_by_id == by.pk
            since_adopted = move.while_drafting and self.plan.is_adopted
            if not alone or since_adopted or self.due != move.to_due:
                raise Refused(_("The new date was agreed meanwhile; ask for another one instead."))
            self._set_due(move.from_due, by=by, today=today)
        elif move.decided_on is not None:
            return
        move.decided_by, move.decided_on, move.accepted, move.note = by, today, False, str(_("Withdrawn"))
        move.save(update_fields=["decided_by", "decided_on", "accepted", "note"])

    def _set_due(self, to: date, *, by: Person, today: date) -> None:
        self.record_slip(today)
        self._close_slips(on=today, ended=Slip.Ended.MOVED)
        self.due = to
        self._write("due", by=by)
        self.record_slip(today)

    def record_slip(self, today: date) -> None:
        """Write down today's miss, if it is one, so that nothing depends on when the job ran; reopen a closed row."""
        if not self.has_slipped(today=today):
            return
        Slip.objects.update_or_create(
            milestone=self,
            due=self.due,
            defaults={"closed_on": None, "ended": ""},
            create_defaults={"district_id": self.district_id, "slipped_on": slipped_on(self.due)},
        )

    def _close_slips(self, *, on: date, ended: str) -> None:
        self.slips.open().update(closed_on=on, ended=ended)

    def _refuse_closed(self) -> None:
        if self.archived_on:
            raise Refused(_("It was archived on %(day)s."), day=self.archived_on)
        if self.done_on:
            raise Refused(_("It was finished on %(day)s."), day=self.done_on)
        if self.dropped_on:
            raise Refused(_("It was dropped on %(day)s."), day=self.dropped_on)

    def _refuse_date(self, to: date | None, *, today: date, field: str) -> None:
        if to is None:
            raise Refused(_("Give the new date."), field=field)
        last = self.plan.ends_on + timedelta(days=366 * YEARS_PAST_THE_PLAN)
        if not self.plan.starts_on <= to <= last:
            raise Refused(
                _("%(day)s is outside the plan, which starts on %(first)s."),
                field=field,
                day=to,
                first=self.plan.starts_on,
            )

    # Queries and properties

    def has_slipped(self, *, today: date) -> bool:
        return has_slipped(
            today,
            due=self.due,
            done_on=self.done_on,
            dropped_on=self.dropped_on,
            paused_until=self.paused_until,
        )

    def can_undo(self, *, today: date) -> bool:
        """Whether the last check-in was made today and still stands."""
        last = self.check_ins.standing().order_by("-pk").first()
        return last is not None and last.on == today

    def tell_word(self, *, today: date) -> None:
        """Give the row in hand what `with_word` annotates: one small query, where building that one costs more."""
        lately = today - timedelta(days=status.MOVES_WINDOW_DAYS)
        moves = self.moves.agreed().filter(decided_on__gt=lately, decided_on__lte=today)
        self.moved_lately = moves.count() >= status.MOVES_MANY
        self.stopped, self.slowed, self.told_on = False, False, None
        own = {name: getattr(self, name) for name in status.OF_THE_ROW}
        self.word = status.word_for(
            status.Facts(
                **own,
                starts_on=self.step.starts_on,
                check_in_days=self.step.check_in_days,
                moved_lately=self.moved_lately,
            ),
            today=today,
        )

    @cached_property
    def plan(self) -> Plan:
        return Plan.objects.get(goals__initiatives__steps=self.step_id)

    @property
    def words(self) -> str:
        """What it is called wherever it is plain of which building it speaks."""
        return self.title or self.step.title

    @property
    def name(self) -> str:
        if self.building_id is None:
            return self.words
        return _("%(building)s: %(name)s") % {"building": self.building, "name": self.words}

    @property
    def line_name(self) -> str:
        """Its name; of what several buildings reach, what they have in common and how many there are."""
        if self.line_size == 1:
            return self.name
        words = ngettext("%(name)s (%(n)d building)", "%(name)s (%(n)d buildings)", self.line_size)
        return words % {"name": self.words, "n": self.line_size}

    @property
    def expected_on(self) -> date:
        """The day on which it is expected now: done, else the owner's forecast, else as agreed."""
        return self.done_on or self.expected or self.due

    @property
    def days_after_first(self) -> int | None:
        """Days from the first date to the day now expected; negative when early, None before adoption."""
        return (self.expected_on - self.first_due).days if self.first_due else None

    @property
    def word_shown(self) -> status.Word:
        """The word annotated by `with_word`."""
        return status.Word(self.word)
