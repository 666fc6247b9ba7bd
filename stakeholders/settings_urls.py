"""What lies under a district's settings: the settings themselves and the school calendar."""

from django.urls import path

from stakeholders.views import district_settings, school_calendar

SEVERAL = "calendar/several/<int:calendar_import>/"
ENTRY = "calendar/<int:entry>/"

urlpatterns = [
    path("", district_settings.settings_page, name="settings"),
    path("edit/", district_settings.settings_edit, name="settings_edit"),
    path("history/", district_settings.settings_history, name="settings_history"),
    path("calendar/", school_calendar.calendar, name="calendar"),
    path("calendar/new/", school_calendar.calendar_new, name="calendar_new"),
    path("calendar/several/", school_calendar.calendar_read, name="calendar_read"),
    path(SEVERAL, school_calendar.calendar_preview, name="calendar_preview"),
    path(f"{SEVERAL}discard/", school_calendar.calendar_discard, name="calendar_discard"),
    path(f"{SEVERAL}undo/", school_calendar.calendar_undo, name="calendar_undo"),
    path(f"{ENTRY}edit/", school_calendar.calendar_edit, name="calendar_edit"),
    path(f"{ENTRY}history/", school_calendar.calendar_history, name="calendar_history"),
    path(f"{ENTRY}archive/", school_calendar.calendar_archive, name="calendar_archive"),
    path(f"{ENTRY}bring-back/", school_calendar.calendar_bring_back, name="calendar_bring_back"),
]
