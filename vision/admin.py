"""For whoever runs the installation: plans and visions to look at, with their history. They are edited on their pages."""

from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from stakeholders.admin import OnlyToLookAt
from vision.models import Goal, Initiative, Plan, Vision


@admin.register(Vision)
class VisionAdmin(OnlyToLookAt, SimpleHistoryAdmin):
    list_display = ("district", "statement")
    list_filter = ("district",)
    search_fields = ("statement",)


@admin.register(Plan)
class PlanAdmin(OnlyToLookAt, SimpleHistoryAdmin):
    list_display = ("title", "district", "starts_on", "ends_on", "adopted_on", "archived_on")
    list_filter = ("district",)
    search_fields = ("title",)


@admin.register(Goal)
class GoalAdmin(OnlyToLookAt, SimpleHistoryAdmin):
    list_display = ("title", "plan", "district", "archived_on")
    list_filter = ("district",)
    list_select_related = ("plan", "district")
    search_fields = ("title",)


@admin.register(Initiative)
class InitiativeAdmin(OnlyToLookAt, SimpleHistoryAdmin):
    list_display = ("title", "goal", "district", "archived_on")
    list_filter = ("district",)
    list_select_related = ("goal", "district")
    search_fields = ("title",)
