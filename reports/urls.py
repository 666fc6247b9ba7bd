from django.urls import path

from reports.views import dashboard

urlpatterns = [
    path("d/<slug:district>/", dashboard.dashboard, name="dashboard"),
    path("d/<slug:district>/changes/", dashboard.changes, name="changes"),
]
