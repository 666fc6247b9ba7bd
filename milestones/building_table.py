"""The table of a step's buildings: what it is narrowed to and sorted by, and for whom the visitor may speak."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from milestones.access import Right, led_here, may_check_in
from milestones.in_buildings import line_through
from milestones.models import ActionStep, Milestone, StepBuilding
from milestones.rollup import RollUp, times_moved
from milestones.status import WORST_FIRST, Word
from stakeholders.edit_forms import LONGEST_ID, tidy
from stakeholders.models import Building, Membership, Role

PER_PAGE = 60
LONGEST_SEARCH = 100
SORTS = {
    "": ("building_name", "due", "pk"),
    "due": ("due", "building_name", "pk"),
    "word": ("severity", "building_name", "pk"),
}
ARCHIVED = "archived"


@dataclass
class Table:
    """A step's milestones in buildings, narrowed as asked for."""

    page: Page
    roll_up: RollUp  # of all buildings, whatever word is asked for
    right: Right
    may_speak_for: QuerySet[Milestone]
    may_say: bool  # for at least one of them
    buildings: int
    without: int  # live buildings of the district that have no milestone of the step
    line: Milestone | None  # whose title it is narrowed to
    asked: dict[str, str]
    several_titles: bool

    @property
    def total(self) -> int:
        return self.roll_up.counts.total()

    @property
    def shown_to_say(self) -> list[Milestone]:
        """Those on this page for which the visitor may speak and something can be said."""
        return [one for one in self.page if one.can_say]

    @property
    def show_archived(self) -> bool:
        return self.asked.get("show") == ARCHIVED

    @property
    def query(self) -> str:
        """What the pager keeps."""
        return urlencode(self.asked)

    def query_without(self, *names: str) -> str:
        return urlencode({name: value for name, value in self.asked.items() if name not in names})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a search keeps."""
        return [(name, value) for name, value in self.asked.items() if name != "q"]

    @property
    def query_but_word(self) -> str:
        return self.query_without("word", "show")

    @property
    def query_but_sort(self) -> str:
        return self.query_without("sort")


def table(step: ActionStep, membership: Membership, given: Mapping[str, Any], *, today: date) -> Table:
    """Return the table of `step`. Understands `of` (a milestone of the line), `word`, `q`, `sort`, `show` and `page`."""
    rows = Milestone.objects.in_district(membership.district).filter(step=step, building__isnull=False)
    asked = _asked(given, membership)
    archived = asked.get("show") == ARCHIVED
    live = rows.filter(archived_on__isnull=not archived)
    line = rows.filter(pk=int(asked["of"])).first() if "of" in asked else None
    narrowed = line_through(line, live) if "of" in asked else live
    if "q" in asked:
        narrowed = narrowed.filter(building__name__icontains=asked["q"])
    worded = narrowed.with_word(today=today)
    counts = Counter(dict(worded.order_by().values_list("word").annotate(n=Count("pk"))))
    found = worded.filter(word=asked["word"]) if "word" in asked else worded
    right = may_check_in(membership, step, today=today)
    theirs = led_here(membership, step, today=today)
    there = live.aggregate(b=Count("building", distinct=True), t=Count("title", distinct=True))
    page = _page(found, asked, given.get("page"), step, today=today)
    for one in page:
        open_still = one.dropped_on is None and one.done_on in (None, today)
        one.can_say = (bool(right) or one.building_id in theirs) and (open_still or archived)
    covered = Q(pk__in=rows.filter(archived_on__isnull=True).values("building"))
    return Table(
        page=page,
        roll_up=RollUp(counts=counts),
        right=right,
        may_speak_for=live.select_related("step", "building").filter(
            Q() if right else Q(building__in=theirs)
        ),
        may_say=bool(right or theirs) and (membership.is_editor or not archived),
        buildings=there["b"],
        without=Building.objects.in_district(membership.district).live().exclude(covered).count(),
        line=line,
        asked=asked,
        several_titles=there["t"] > 1,
    )


def _asked(given: Mapping[str, Any], membership: Membership) -> dict[str, str]:
    """Keep what is understood; anything else narrows nothing."""
    asked = {}
    of, word, q = given.get("of", ""), given.get("word", ""), tidy(given.get("q", "")[:LONGEST_SEARCH])
    if of.isascii() and of.isdigit():
        asked["of"] = of[:LONGEST_ID]
    if word in Word.values:
        asked["word"] = word
    if q := q.replace("\0", ""):
        asked["q"] = q
    if given.get("sort") in SORTS and given["sort"]:
        asked["sort"] = given["sort"]
    if given.get("show") == ARCHIVED and membership.is_editor:
        asked["show"] = ARCHIVED
    return asked


def _page(rows, asked: dict[str, str], number: str | None, step: ActionStep, *, today: date) -> Page:
    severity = Case(
        *[When(word=word, then=Value(n)) for n, word in enumerate(WORST_FIRST)],
        default=Value(len(WORST_FIRST)),
        output_field=IntegerField(),
    )
    ordered = rows.annotate(severity=severity, building_name=Lower("building__name"))
    ordered = ordered.select_related("building").order_by(*SORTS[asked.get("sort", "")])
    page = Paginator(ordered, PER_PAGE).get_page(number)
    page.object_list = list(page.object_list)
    adapted = StepBuilding.objects.filter(step=step, building__in={one.building_id for one in page})
    leads = Prefetch("lead", queryset=Role.objects.with_holders(today=today))
    by_building = {row.building_id: row for row in adapted.prefetch_related(leads)}
    moved = times_moved([one.pk for one in page])
    for one in page:
        one.step, one.moved = step, moved.get(one.pk, 0)
        one.adapted = by_building.get(one.building_id)
    return page
