"""What static/js/app.js adds to pages that work without it, seen in a browser: focus, refusals, a lost line, keys."""

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import include, path
from django.views.decorators.csrf import csrf_protect

from tests.chromium import chromium, complaints_of

CARD = """
<article class="card" id="m-{{ n }}"><header><h2 id="m-{{ n }}-t" tabindex="-1">Card {{ n }}</h2></header>
{% if saved %}<p>Saved</p>{% include "_say.html" with say="Card saved" %}{% else %}
<form method="post" novalidate action="/cards/{{ n }}/" hx-post="/cards/{{ n }}/" hx-target="#m-{{ n }}" hx-swap="outerHTML">
{% csrf_token %}{% include "_errors.html" %}{% include "_field.html" with field=form.note %}
<button class="btn" id="m-{{ n }}-ok" data-key="1" name="answer" value="ok">Still on track</button>
<button class="btn" id="m-{{ n }}-no" data-key="2" name="answer" value="refused">Done</button></form>{% endif %}</article>
"""
PAGE = """
{% extends "base.html" %}{% block title %}Cards{% endblock %}{% block content %}<h1>Cards</h1>
<details id="keys-help"><summary>Keys</summary><label><input type="checkbox" id="keys-on" checked> Keys on</label></details>
<div id="worklist" data-keys>{{ cards }}</div>{% endblock %}
"""


class Note(forms.Form):
    note = forms.CharField()


def card(request: HttpRequest, n: int, form: Note, *, saved: bool = False) -> str:
    return Template(CARD).render(RequestContext(request, {"n": n, "form": form, "saved": saved}))


def cards(request: HttpRequest) -> HttpResponse:
    from django.utils.safestring import mark_safe

    shown = mark_safe("".join(card(request, n, Note(auto_id=f"n{n}_%s")) for n in (1, 2, 3)))
    return HttpResponse(Template(PAGE).render(RequestContext(request, {"cards": shown})))


@csrf_protect
def save(request: HttpRequest, n: int) -> HttpResponse:
    if request.POST.get("answer") == "refused":
        raise PermissionDenied("Only leaders may do this.")
    form = Note(request.POST, auto_id=f"n{n}_%s")
    return HttpResponse(card(request, n, form, saved=form.is_valid()), status=200 if form.is_valid() else 422)


urlpatterns = [path("", include("stakeholders.urls")), path("cards/", cards), path("cards/<int:n>/", save)]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser, live_server, transactional_db):
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.complaints = complaints_of(page)
    page.goto("/cards/")
    yield page
    context.close()


def focused(page) -> str:
    return page.evaluate("document.activeElement.id")


def test_errors_take_the_focus_and_lead_to_their_field(page):
    page.click("#m-2-ok")
    page.wait_for_selector("#m-2 .errors")
    page.wait_for_function("document.activeElement.id === 'errors'")

    page.click("#m-2 .errors a")

    assert focused(page) == "n2_note"
    assert page.get_attribute("#n2_note", "aria-invalid") == "true"
    assert "n2_note_error" in page.get_attribute("#n2_note", "aria-describedby")


def test_when_the_button_is_gone_the_focus_goes_to_the_heading_and_the_change_is_said(page):
    page.fill("#n2_note", "12 of 12 rooms")
    page.click("#m-2-ok")
    page.wait_for_selector("#m-2 >> text=Saved")
    page.wait_for_function("document.activeElement.id === 'm-2-t'")

    assert page.inner_text("#say") == "Card saved"
    assert page.get_attribute("#say", "role") == "status"
    assert page.complaints == []


def test_a_refusal_is_shown_as_the_page_itself(page):
    page.fill("#n1_note", "x")
    page.click("#m-1-no")
    page.wait_for_selector("main h1 >> text=This is not yours to change")

    assert page.locator("main").count() == 1
    assert page.locator("header.bar").count() == 1
    assert "Only leaders may do this." in page.inner_text("main")


def test_a_lost_line_does_not_look_saved(page):
    page.fill("#n1_note", "12 of 12 rooms")
    page.context.set_offline(True)
    page.click("#m-1-ok")
    page.wait_for_selector("#m-1 .lost")

    assert "Not saved" in page.inner_text("#m-1 .lost")
    assert page.input_value("#n1_note") == "12 of 12 rooms"

    page.context.set_offline(False)
    page.click("#m-1-ok")
    page.wait_for_selector("#m-1 >> text=Saved")


def test_keys_work_inside_the_list_only_and_never_in_a_text_field(page):
    page.keyboard.press("j")
    outside = focused(page)
    page.focus("#m-1-ok")
    page.keyboard.press("j")
    second = focused(page)
    page.keyboard.press("j")
    page.keyboard.press("k")
    again = focused(page)
    page.focus("#n2_note")
    page.keyboard.type("j1")

    assert (outside, second, again) == ("", "m-2-t", "m-2-t")
    assert page.input_value("#n2_note") == "j1"


def test_a_number_presses_the_button_of_the_card_that_has_the_focus(page):
    page.fill("#n3_note", "done")
    page.focus("#m-3-t")
    page.keyboard.press("1")

    page.wait_for_selector("#m-3 >> text=Saved")


def test_keys_can_be_switched_off_and_stay_off(page):
    page.click("#keys-help summary")
    page.uncheck("#keys-on")
    page.reload()
    page.focus("#m-1-ok")
    page.keyboard.press("j")

    assert focused(page) == "m-1-ok"
    assert not page.is_checked("#keys-on")


def test_the_first_tab_leads_past_the_bar(page):
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert focused(page) == "main"
