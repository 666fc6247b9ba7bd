"""The way to a page of the plan, as (label, address) from the plan down."""

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from milestones.models import ActionStep
from vision.models import Goal, Initiative, Plan

Crumbs = list[tuple[str, str]]


def to_plan(plan: Plan, slug: str) -> Crumbs:
    return [(_short(plan.title), reverse("plan_detail", args=[slug, plan.pk]))]


def to_goal(goal: Goal, slug: str) -> Crumbs:
    return [*to_plan(goal.plan, slug), (_short(goal.title), reverse("goal", args=[slug, goal.pk]))]


def to_initiative(initiative: Initiative, slug: str) -> Crumbs:
    here = (_short(initiative.title), reverse("initiative", args=[slug, initiative.pk]))
    return [*to_goal(initiative.goal, slug), here]


def to_step(step: ActionStep, slug: str) -> Crumbs:
    return [
        *to_initiative(step.initiative, slug),
        (_short(step.title), reverse("step", args=[slug, step.pk])),
    ]


def to_roles(slug: str) -> Crumbs:
    return [(_("Roles"), reverse("roles", args=[slug]))]


def to_buildings(slug: str) -> Crumbs:
    return [(_("Buildings"), reverse("buildings", args=[slug]))]


def _short(title: str) -> str:
    return Truncator(title).chars(48)
