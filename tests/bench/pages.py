"""Server CPU, queries and bytes of our pages beside two bare Django views, called through WSGI in one process."""

import io
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import _get_new_csrf_string
from django.template import engines
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import include, path, reverse

from milestones.management.commands.load_scale import load_district
from milestones.models import Milestone
from stakeholders.models import District, Person

ROUNDS = 41
BARE_ROWS = """<!doctype html><title>Rows</title><table>{% for m in rows %}
<tr id="m-{{ m.pk }}"><th><a href="{% url 'bare_rows' %}?{{ m.pk }}">{{ m.title }}</a></th><td>{{ m.step.title }}</td>
<td>{{ m.first_due|date:"M j, Y" }}</td><td>{{ m.due|date:"M j, Y" }}</td><td>{{ m.expected|default:"as agreed" }}</td>
<td>{% if m.done_on %}done {{ m.done_on|date:"M j" }}{% else %}open{% endif %}</td></tr>{% endfor %}</table>"""


def bare_query(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<!doctype html><title>One</title>{District.objects.get(slug='scale-1').name}")


def bare_rows(request: HttpRequest) -> HttpResponse:
    rows = Milestone.objects.select_related("step").order_by("pk")[:50]
    return HttpResponse(engines["django"].from_string(BARE_ROWS).render({"rows": rows}, request))


urlpatterns = [
    path("bare/query/", bare_query, name="bare_query"),
    path("bare/rows/", bare_rows, name="bare_rows"),
    path("", include("district_plan.urls")),
]


@dataclass
class Measured:
    name: str
    cpu_ms: float
    median_ms: float
    queries: int
    kilobytes: float
    status: int


class Server:
    """The WSGI application in this process; `bare` runs without middleware, as the barest Django does."""

    def __init__(self, *, bare: bool):
        with override_settings(**({"MIDDLEWARE": []} if bare else {})):
            self.handler = WSGIHandler()

    def call(self, environ: dict) -> tuple[int, bytes]:
        seen: list[str] = []
        response = self.handler(environ, lambda status, headers: seen.append(status))
        body = b"".join(response)
        response.close()
        return int(seen[0].split()[0]), body


def environ(
    method: str, address: str, *, cookies: dict[str, str], body: bytes = b"", htmx: bool = False
) -> dict:
    place, _mark, query = address.partition("?")
    jar = SimpleCookie(cookies)
    found = {
        "REQUEST_METHOD": method,
        "PATH_INFO": place,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "localhost:8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_COOKIE": "; ".join(f"{k}={v.value}" for k, v in jar.items()),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "REMOTE_ADDR": "127.0.0.1",
    }
    if htmx:
        found["HTTP_HX_REQUEST"] = "true"
    return found


def session_for(person: Person) -> dict[str, str]:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    return {settings.SESSION_COOKIE_NAME: store.session_key, "csrftoken": _get_new_csrf_string()}


def measure(calls: dict[str, tuple[Server, Callable[[int], dict]]]) -> list[Measured]:
    """Call each in turn, round after round, so that a noisy moment hits all alike; report the medians.

    Queries are counted before the rounds: a round checks in, and in the end a small worklist has nothing left to ask.
    """
    cpu: dict[str, list[float]] = {name: [] for name in calls}
    wall: dict[str, list[float]] = {name: [] for name in calls}
    last: dict[str, tuple[int, bytes]] = {}
    queries = dict.fromkeys(calls, 0)
    for number in range(-3, ROUNDS):
        for name, (server, make) in calls.items():
            request = make(number + 3)
            if number == -1:
                with CaptureQueriesContext(connection) as captured:
                    server.call(request)
                queries[name] = len(captured)
                continue
            began, cpu_began = time.perf_counter(), time.process_time()
            last[name] = server.call(request)
            if number >= 0:
                cpu[name].append((time.process_time() - cpu_began) * 1000)
                wall[name].append((time.perf_counter() - began) * 1000)
    found = []
    for name in calls:
        status, body = last[name]
        found.append(
            Measured(
                name,
                statistics.median(cpu[name]),
                statistics.median(wall[name]),
                queries[name],
                len(body) / 1000,
                status,
            )
        )
    return found


def pages(milestones: int) -> list[Measured]:
    """Measure our pages on a plan of `milestones` milestones, and the two bare views beside them."""
    district = load_district(District.objects.count() + 1, milestones=milestones)
    cookies = session_for(Person.objects.get(memberships__district=district))
    open_ones = list(
        Milestone.objects.in_district(district)
        .open()
        .order_by("due")
        .values_list("pk", flat=True)[: ROUNDS + 10]
    )
    slug, ours, bare = district.slug, Server(bare=False), Server(bare=True)

    def get(name: str) -> Callable[[int], dict]:
        address = reverse(name, args=[slug])
        return lambda _n: environ("GET", address, cookies=cookies)

    def check_in(number: int) -> dict:
        address = reverse("check_in", args=[slug, open_ones[number % len(open_ones)]])
        body = f"says=on-track&words=Round+{number}&csrfmiddlewaretoken={cookies['csrftoken']}".encode()
        return environ("POST", address, cookies=cookies, body=body, htmx=True)

    return measure(
        {
            "bare view, one query": (bare, lambda _n: environ("GET", "/bare/query/", cookies={})),
            "bare template, 50 rows": (bare, lambda _n: environ("GET", "/bare/rows/", cookies={})),
            "dashboard": (ours, get("dashboard")),
            "plan page": (ours, get("plan")),
            "worklist": (ours, get("worklist")),
            "one check-in": (ours, check_in),
        }
    )
