"""Addresses. A district's pages start with `d/<district>/`; each floor brings its own."""

from django.contrib import admin
from django.urls import include, path

from district_plan import running
from district_plan.health import healthz, healthz_jobs

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("healthz/jobs", healthz_jobs, name="healthz_jobs"),
    path("running/", running.running, name="running"),
    path("running/<slug:kind>/retry/", running.retry_all, name="running_retry_all"),
    path("running/<slug:kind>/<int:row>/retry/", running.retry, name="running_retry"),
    path("running/<slug:kind>/<int:row>/leave/", running.give_up, name="running_give_up"),
    path("admin/", admin.site.urls),
    path("", include("stakeholders.urls")),
    path("", include("vision.urls")),
    path("", include("milestones.urls")),
    path("", include("reports.urls")),
]
