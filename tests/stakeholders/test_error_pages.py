"""Refusals in plain words. The pages for "not here" say the same to everybody, byte for byte."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from stakeholders.access import in_district
from stakeholders.models import Level


@in_district(Level.LEADER)
def for_leaders(request: HttpRequest) -> HttpResponse:
    return HttpResponse("yours")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


urlpatterns = [
    path("", include("stakeholders.urls")),
    path("d/<slug:district>/", for_leaders),
    path("broken/", broken),
    path("refused/", refused),
]
pytestmark = pytest.mark.urls(__name__)


def assert_plain(page: str) -> None:
    """One heading, a way on, and nothing that the content security policy would stop."""
    assert page.count("<h1") == 1
    assert '<main id="main"' in page
    assert re.search(r'<a class="btn" href="/', page)
    assert not re.search(r"<style|<script(?![^>]* src=)|\bstyle=|\bon\w+=", page)


def test_an_outsider_and_nothing_get_the_same_bytes(client, signed_in, cast):
    signed_in(cast.charlie)

    outside, nothing, nowhere = (
        client.get(url) for url in ("/d/cedar/", "/d/no-such-district/", "/no/such/page/")
    )

    assert [answer.status_code for answer in (outside, nothing, nowhere)] == [404, 404, 404]
    assert outside.content == nothing.content == nowhere.content
    for answer in (outside, nothing):
        del answer.headers["X-Request-ID"]  # another for each request
    assert outside.headers == nothing.headers
    assert b"Charlie" not in outside.content
    assert_plain(outside.content.decode())


def test_a_visitor_who_is_not_signed_in_gets_those_bytes_too(client, signed_in, cast):
    before = client.get("/no/such/page/").content

    assert signed_in(cast.charlie).get("/d/cedar/").content == before


def test_an_insider_without_the_right_is_told_who_has_it(client, signed_in, cast):
    answer = signed_in(cast.vera).get("/d/cedar/")

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Leaders may do this" in page
    assert "You are here as viewer of Cedar School District" in page
    assert_plain(page)


def test_a_refusal_without_a_reason_still_says_something(client, db):
    answer = client.get("/refused/")

    assert answer.status_code == 403
    assert "Your level here does not include this" in answer.content.decode()


def test_a_form_that_cannot_be_proved_is_told_in_words(db):
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"email": "alice@example.org"})

    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Nothing was changed" in page
    assert "CSRF" not in page
    assert_plain(page)


def test_a_request_that_cannot_be_read_is_told_in_words(client, db):
    answer = client.get("/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert_plain(answer.content.decode())


def test_a_fault_of_ours_shows_no_details(client, db):
    client.raise_request_exception = False

    answer = client.get("/broken/")

    page = answer.content.decode()
    assert answer.status_code == 500
    assert "secret detail" not in page
    assert_plain(page)


@pytest.mark.parametrize("template", ["413.html", "429.html"])
def test_the_rarer_pages_are_plain_too(rf, template):
    from django.contrib.auth.models import AnonymousUser
    from django.shortcuts import render

    request = rf.get("/")
    request.user = AnonymousUser()
    page = render(request, template, {"back": "/d/cedar/import/"}).content.decode()

    assert_plain(page)
