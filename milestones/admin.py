"""For whoever runs the installation: steps, milestones and what happened to their dates, to look at.

Dates move by the verbs of `milestones/models/milestone.py` and by nothing else, so there is nothing to change here.
"""

from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from milestones.models import ActionStep, CheckIn, DateMove, Measure, Milestone, Slip
from stakeholders.admin import OnlyToLookAt


@admin.register(ActionStep)
class ActionStepAdmin(OnlyToLookAt, SimpleHistoryAdmin):
    list_display = ("title", "kind", "initiative", "district", "archived_on")
    list_filter = ("kind", "district")
    list_select_related = ("initiative", "district")
    search_fields = ("title",)


@admin.register(Milestone)
class MilestoneAdmin(OnlyToLookAt, SimpleHistoryAdmin):
    list_display = (
        "name",
        "district",
        "first_due",
        "due",
        "expected",
        "done_on",
        "dropped_on",
        "archived_on",
    )
    list_filter = ("district",)
    list_select_related = ("step", "district")
    search_fields = ("title", "step__title")
    date_hierarchy = "due"


@admin.register(CheckIn)
class CheckInAdmin(OnlyToLookAt, admin.ModelAdmin):
    list_display = ("milestone", "on", "by", "says", "words", "district")
    list_filter = ("says", "district")
    list_select_related = ("milestone__step", "by", "district")
    search_fields = ("milestone__title", "milestone__step__title", "words")
    date_hierarchy = "on"


@admin.register(DateMove)
class DateMoveAdmin(OnlyToLookAt, admin.ModelAdmin):
    list_display = (
        "milestone",
        "from_due",
        "to_due",
        "reason",
        "asked_by",
        "decided_by",
        "accepted",
        "district",
    )
    list_filter = ("accepted", "reason", "district")
    list_select_related = ("milestone__step", "asked_by", "decided_by", "district")
    search_fields = ("milestone__title", "milestone__step__title")
    date_hierarchy = "asked_on"


@admin.register(Slip)
class SlipAdmin(OnlyToLookAt, admin.ModelAdmin):
    list_display = ("milestone", "due", "slipped_on", "closed_on", "ended", "district")
    list_filter = ("ended", "district")
    list_select_related = ("milestone__step", "district")
    search_fields = ("milestone__title", "milestone__step__title")
    date_hierarchy = "slipped_on"


@admin.register(Measure)
class MeasureAdmin(OnlyToLookAt, SimpleHistoryAdmin):
    list_display = ("name", "step", "baseline", "target", "target_on", "district")
    list_filter = ("district",)
    list_select_related = ("step", "district")
    search_fields = ("name", "step__title")
