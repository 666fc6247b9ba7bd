"""What every page under a district's address may rely on: its day and its hour."""

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path

from stakeholders.access import in_district

PAGE = Template("{{ today|date:'M j' }}; {{ request.now|date:'M j, g:i a' }}")


@in_district()
def clock(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE.render(RequestContext(request)))


urlpatterns = [path("", include("stakeholders.urls")), path("d/<slug:district>/", clock)]
pytestmark = pytest.mark.urls(__name__)


@time_machine.travel("2026-11-18 05:30Z", tick=False)
def test_day_and_hour_are_the_districts_own(client, signed_in, cast):
    page = signed_in(cast.vera).get("/d/cedar/").content.decode()

    assert page == "Nov 17; Nov 17, 10:30 p.m."


@time_machine.travel("2026-11-18 05:30Z", tick=False)
def test_the_next_request_has_its_own_hour_again(client, signed_in, cast):
    cast.cedar.time_zone = "Pacific/Honolulu"
    cast.cedar.save()
    signed_in(cast.vera)
    honolulu = client.get("/d/cedar/").content.decode()
    cast.cedar.time_zone = "America/New_York"
    cast.cedar.save()

    new_york = client.get("/d/cedar/").content.decode()

    assert (honolulu, new_york) == ("Nov 17; Nov 17, 7:30 p.m.", "Nov 18; Nov 18, 12:30 a.m.")
