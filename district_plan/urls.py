"""Addresses. A district's pages start with `d/<district>/`; each floor brings its own."""

from django.contrib import admin
from django.urls import include, path

from district_plan.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("", include("stakeholders.urls")),
    path("", include("vision.urls")),
    path("", include("milestones.urls")),
    path("", include("reports.urls")),
]
