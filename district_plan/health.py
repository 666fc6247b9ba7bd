"""Two addresses for machines that watch: whether pages are answered, and whether work that happens later happens."""

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from district_plan.jobs import Health, look
from district_plan.kept import kept

KEPT_FOR = 5  # seconds: however often it is asked, it costs a few queries in this time


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer whoever watches the web process: 200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def healthz_jobs(request: HttpRequest) -> HttpResponse:
    """Answer whoever watches the jobs: 200 when they are done in time, 503 when not.

    Anybody gets one word. Numbers and ages, as JSON, are for who brings HEALTH_TOKEN as `Authorization: Bearer …`.
    """
    try:
        health = _looked_lately()
    except Error:
        return HttpResponse("the database does not answer\n", status=503, content_type="text/plain")
    status = 503 if health.late else 200
    if _is_trusted(request):
        return JsonResponse(health.as_json(), status=status)
    return HttpResponse("late\n" if health.late else "ok\n", status=status, content_type="text/plain")


def _looked_lately() -> Health:
    health: Health | None = kept.get("health-of-the-jobs")
    if health is None:
        health = look(timezone.now())
        kept.set("health-of-the-jobs", health, KEPT_FOR)
    return health


def _is_trusted(request: HttpRequest) -> bool:
    brought = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    return bool(settings.HEALTH_TOKEN) and constant_time_compare(brought, settings.HEALTH_TOKEN.encode())
