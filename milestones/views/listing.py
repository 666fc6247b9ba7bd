"""The list behind every number: milestones of the current plan, narrowed by what the number counted."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Value
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from milestones.in_buildings import folded, line_through, words_of
from milestones.models import Milestone, StepBuilding, StepOwner
from milestones.models.milestone import MilestoneQuerySet
from milestones.rollup import SOON, RollUp
from milestones.status import NEEDS_ATTENTION, Word, disagree_q
from stakeholders.access import in_district
from stakeholders.models import Building
from stakeholders.models.role import serving
from vision.models import Plan

PER_PAGE = 50
KEPT = ("show", "word", "initiative", "role", "building", "of")
SHOW = {
    "": _("All"),
    "attention": _("Need attention"),
    "open": _("Not finished"),
    "soon": _("Due in the next 60 days"),
    "confirmed": _("Confirmed in time"),
    "disagree": _("Owner and dates differ"),
}


@dataclass
class Line:
    """A row of the list: a milestone, or what several buildings reach, which opens as a list of its own."""

    milestone: Milestone
    size: int = 1
    roll_up: RollUp | None = None

    @property
    def word(self) -> Word | None:
        return self.roll_up.word if self.roll_up else self.milestone.word_shown


@require_safe
@in_district()
def milestone_list(request: HttpRequest) -> HttpResponse:
    """Show milestones by due date, fifty lines a page, narrowed by what KEPT names.

    Those of one step and title in several buildings are one line, until `of` opens it.
    """
    plan = Plan.objects.in_district(request.district).current(today=request.today)
    rows = _narrow(request, plan) if plan else Milestone.objects.none()
    opened = "of" in request.GET or "building" in request.GET
    kept = QueryDict(mutable=True)
    kept.update({k: v for k, v in request.GET.items() if k in KEPT})
    page = _page(rows, opened=opened, number=request.GET.get("page"), today=request.today)
    context = {
        "plan": plan,
        "page": page,
        "total": rows.count(),
        "query": kept.urlencode(),
        "show": request.GET.get("show", ""),
        "word": request.GET.get("word", ""),
        "place": _place(request),
        "shows": SHOW.items(),
        "words": Word,
    }
    return render(request, "milestones/list.html", context)


def _page(rows: MilestoneQuerySet, *, opened: bool, number: str | None, today: date) -> Page:
    """Return a page of lines: six queries, however many milestones there are."""
    ids = rows.order_by("due", "pk")
    ids = ids.annotate(line_size=Value(1)) if opened else folded(ids)
    page = Paginator(ids.values_list("pk", "line_size"), PER_PAGE).get_page(number)
    sizes = dict(page.object_list)
    shown = rows.filter(pk__in=sizes)
    owners = Prefetch("step__owner_rows", StepOwner.objects.select_related("role"))
    holders = serving("step__owner_rows__role__", today=today)
    shown = shown.select_related("step__initiative", "building").prefetch_related(owners, holders)
    found = {one.pk: Line(one, sizes[one.pk]) for one in shown}
    many = [line for line in found.values() if line.size > 1]
    if many:
        steps = {line.milestone.step_id for line in many}
        counts = words_of(rows.filter(step__in=steps, building__isnull=False), today=today)
        for line in many:
            line.roll_up = counts[line.milestone.step_id, line.milestone.title]
    page.object_list = [found[pk] for pk in sizes]
    return page


def _place(request: HttpRequest) -> Building | None:
    asked = request.GET.get("building", "")
    if not asked.isascii() or not asked.isdigit():
        return None
    return Building.objects.in_district(request.district).filter(pk=int(asked[:15])).first()


def _narrow(request: HttpRequest, plan: Plan) -> MilestoneQuerySet:
    today, asked = request.today, request.GET
    rows = Milestone.objects.live().in_plan(plan).with_word(today=today)
    match asked.get("show", ""):
        case "attention":
            rows = rows.filter(word__in=NEEDS_ATTENTION)
        case "open":
            rows = rows.open()
        case "soon":
            rows = rows.open().due_within(days=SOON, today=today)
        case "confirmed":
            rows = rows.open().filter(Q(twice_quiet_days__lte=F("step__check_in_days") * 3))
        case "disagree":
            rows = rows.filter(disagree_q(today))
    if asked.get("word") in Word.values:
        rows = rows.filter(word=asked["word"])
    if (number := _number(asked, "initiative")) is not None:
        rows = rows.filter(step__initiative=number)
    if (number := _number(asked, "role")) is not None:
        here = StepBuilding.objects.filter(step=OuterRef("step"), building=OuterRef("building"), lead=number)
        owned = Q(step__in=StepOwner.objects.filter(role=number).values("step"))
        rows = rows.filter(owned | (Q(building__isnull=False) & Exists(here)))
    if asked.get("building") == "none":
        rows = rows.filter(building__isnull=True, step__building__isnull=True)
    elif place := _place(request):
        rows = rows.at(place)
    if (number := _number(asked, "of")) is not None:
        line = Milestone.objects.in_district(request.district).filter(pk=number).first()
        rows = line_through(line, rows)
    return rows


def _number(asked: QueryDict, name: str) -> int | None:
    """Return the id that was asked for; None when there is none, or no number."""
    typed = asked.get(name, "")
    return int(typed[:15]) if typed.isascii() and typed.isdigit() else None
