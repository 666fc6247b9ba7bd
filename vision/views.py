"""The vision: what technology is for here, its themes, and what in the plan serves them."""

from collections import defaultdict
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stakeholders.access import in_district
from stakeholders.edit_pages import add_page, edit_page
from stakeholders.history import history_response
from stakeholders.models import District, Level
from vision.forms import ThemeForm, VisionForm
from vision.models import GoalTheme, Initiative, InitiativeTheme, Plan, Theme, Vision
from vision.ordering import move

PER_PAGE = 60
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Serving:
    """An initiative, and for each theme whether it serves it: itself, through its goal, or not."""

    initiative: Initiative
    cells: list[tuple[Theme, str]]

    @property
    def serves_any(self) -> bool:
        return any(words for _theme, words in self.cells)


@require_safe
@in_district()
def vision(request: HttpRequest) -> HttpResponse:
    """Show the vision, and which initiatives of the plan serve its themes."""
    themes = list(Theme.objects.in_district(request.district).live())
    plan = Plan.objects.in_district(request.district).current(today=request.today)
    context = {"vision": _vision_of(request.district), "themes": themes, "plan": plan}
    if plan and themes:
        initiatives = _initiatives(plan)
        page = Paginator(initiatives, PER_PAGE).get_page(request.GET.get("page"))
        rows, served = _serving(page, themes, plan)
        context |= {"page": page, "rows": rows, "unserved": [t for t in themes if t.pk not in served]}
    return render(request, "vision/vision.html", context)


@form_methods
@in_district(Level.EDITOR)
def vision_edit(request: HttpRequest) -> HttpResponse:
    """Write the vision, or change it; its themes are listed below."""
    row = _vision_of(request.district)
    form = VisionForm(
        request.POST or None, instance=row or Vision(district=request.district), district=request.district
    )
    context = {
        "template": "vision/edit.html",
        "heading": _("Edit the vision") if row else _("Write the vision"),
        "save": _("Save vision"),
        "crumbs": [(_("Vision"), _home(request))],
    }
    if row is None:
        return add_page(request, form, then=lambda _row: request.path, back=_home(request), **context)
    context["themes"] = Theme.objects.in_district(request.district).live()
    context["archived"] = Theme.objects.in_district(request.district).filter(archived_on__isnull=False)[:50]
    return edit_page(request, form, back=_home(request), **context)


@require_safe
@in_district()
def vision_history(request: HttpRequest) -> HttpResponse:
    row = get_object_or_404(Vision.objects.in_district(request.district))
    return history_response(request, row, crumbs=[(_("Vision"), _home(request))])


@form_methods
@in_district(Level.EDITOR)
def theme_new(request: HttpRequest) -> HttpResponse:
    row = get_object_or_404(Vision.objects.in_district(request.district))
    form = ThemeForm(request.POST or None, instance=Theme(vision=row), district=request.district)
    back = _edit(request)
    crumbs = [(_("Vision"), _home(request)), (_("Edit"), back)]
    return add_page(
        request,
        form,
        then=lambda _row: back,
        back=back,
        heading=_("Add a theme"),
        save=_("Save theme"),
        crumbs=crumbs,
    )


@form_methods
@in_district(Level.EDITOR)
def theme_edit(request: HttpRequest, theme: int) -> HttpResponse:
    row = get_object_or_404(Theme.objects.in_district(request.district).live(), pk=theme)
    form = ThemeForm(request.POST or None, instance=row, district=request.district)
    back = _edit(request)
    crumbs = [(_("Vision"), _home(request)), (_("Edit"), back)]
    return edit_page(request, form, back=back, heading=_("Edit theme"), save=_("Save theme"), crumbs=crumbs)


@require_safe
@in_district()
def theme_history(request: HttpRequest, theme: int) -> HttpResponse:
    row = get_object_or_404(Theme.objects.in_district(request.district), pk=theme)
    return history_response(request, row, crumbs=[(_("Vision"), _home(request))])


@require_POST
@in_district(Level.EDITOR)
def theme_move(request: HttpRequest, theme: int) -> HttpResponse:
    """Move a theme up or down in the order of reading."""
    rows = Theme.objects.in_district(request.district).live()
    move(get_object_or_404(rows, pk=theme), rows, up=request.POST.get("to") == "up")
    return redirect(f"{_edit(request)}#theme-{theme}")


@require_POST
@in_district(Level.EDITOR)
def theme_archive(request: HttpRequest, theme: int) -> HttpResponse:
    row = get_object_or_404(Theme.objects.in_district(request.district).live(), pk=theme)
    row.archive(by=request.user, today=request.today)
    return redirect(_edit(request))


@require_POST
@in_district(Level.EDITOR)
def theme_bring_back(request: HttpRequest, theme: int) -> HttpResponse:
    row = get_object_or_404(
        Theme.objects.in_district(request.district).filter(archived_on__isnull=False), pk=theme
    )
    row.bring_back(by=request.user)
    return redirect(_edit(request))


def _vision_of(district: District) -> Vision | None:
    return Vision.objects.in_district(district).first()


def _home(request: HttpRequest) -> str:
    return reverse("vision", args=[request.district.slug])


def _edit(request: HttpRequest) -> str:
    return reverse("vision_edit", args=[request.district.slug])


def _initiatives(plan: Plan) -> QuerySet[Initiative]:
    rows = Initiative.objects.live().filter(goal__plan=plan, goal__archived_on__isnull=True)
    return rows.select_related("goal").order_by("goal__position", "goal_id", "position", "pk")


def _serving(page: Page, themes: list[Theme], plan: Plan) -> tuple[list[Serving], set[int]]:
    """Return the rows of one page, and the ids of themes that anything live in the plan serves."""
    itself, by_goal = defaultdict(set), defaultdict(set)
    of_plan = InitiativeTheme.objects.filter(
        initiative__goal__plan=plan, initiative__archived_on=None, initiative__goal__archived_on=None
    )
    for initiative, theme in of_plan.values_list("initiative", "theme"):
        itself[initiative].add(theme)
    for goal, theme in GoalTheme.objects.filter(goal__plan=plan, goal__archived_on=None).values_list(
        "goal", "theme"
    ):
        by_goal[goal].add(theme)

    def words(one: Initiative, theme: Theme) -> str:
        if theme.pk in itself[one.pk]:
            return _("serves it")
        return _("through its goal") if theme.pk in by_goal[one.goal_id] else ""

    rows = [Serving(one, [(theme, words(one, theme)) for theme in themes]) for one in page]
    return rows, set().union(*itself.values(), *by_goal.values())
