"""The walk: each address, asked by each kind of visitor, with each method, with htmx and without."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.html import escape

from stakeholders.models import Person
from tests.access_table import EXEMPT, TABLE, Line
from tests.full_district import CANARY, Rows

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
WRITES = re.compile(r'^\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)', re.IGNORECASE)
CLIENT, STRICT_CLIENT = Client(), Client(enforce_csrf_checks=True)
# What a GET may write: the session, and that somebody looked.
MAY_BE_WRITTEN = {"django_session", "stakeholders_signedin", "stakeholders_visit"}


@dataclass(frozen=True)
class Address:
    """One pattern of the URLconf, under its full name."""

    name: str
    route: str

    @property
    def parts(self) -> list[str]:
        """The names in <...>, in order."""
        return re.findall(r"<(?:\w+:)?(\w+)>", self.route)

    @property
    def line(self) -> Line:
        return TABLE[self.name]

    def path(self, rows: Rows, **instead: object) -> str:
        """Return the address with each part filled from `rows`, or from `instead`, taken as it is."""
        filled = {part: fill(self, part, rows) for part in self.parts} | instead
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(filled[found[1]]), self.route)


def fill(address: Address, part: str, rows: Rows) -> object:
    if part == "district":
        return rows.district.slug
    source = address.line.fill.get(part, part)
    row = getattr(rows, source, source)
    assert row != part, (
        f"tests/full_district.py has no {part}: add one to Rows, or a fill in tests/access_table.py"
    )
    return getattr(row, "pk", row)


def all_addresses() -> list[Address]:
    """Return every pattern of the URLconf that is not exempt."""
    return [a for a in _patterns(get_resolver()) if a.name not in EXEMPT]


def _patterns(resolver: URLResolver, route: str = "", space: str = "") -> Iterator[Address]:
    for entry in resolver.url_patterns:
        path = route + plain(str(entry.pattern))
        if isinstance(entry, URLPattern):
            yield Address(space + (entry.name or f"(no name) {path}"), path)
        elif (inner := space + (entry.namespace or "")) not in EXEMPT:
            yield from _patterns(entry, path, f"{inner}:" if inner else "")


def plain(route: str) -> str:
    """Write a regular expression as a route, so that it can be filled in."""
    if not route.startswith("^"):
        return route
    return re.sub(r"\(\?P(<\w+>)[^()]*\)", r"\1", route).strip("^$").replace("\\.", ".")


@dataclass
class Answer:
    """What came back, and which rows the request wrote."""

    status: int
    headers: dict[str, str]
    body: bytes
    writes: list[str] = field(default_factory=list)
    response: HttpResponse | None = None
    error: str = ""

    @property
    def everything(self) -> bytes:
        """Headers, cookies and body in one, for looking for what must not be there."""
        return repr(self.headers).encode() + self.body

    @property
    def text(self) -> bytes:
        """The body without what differs from one request to the next: the form's token."""
        return re.sub(rb"\b[A-Za-z0-9]{64}\b", b"", self.body)

    @property
    def leads_to_sign_in(self) -> bool:
        goal = self.headers.get("Location") or self.headers.get("HX-Redirect") or ""
        return self.status in (200, 302) and goal.startswith("/sign-in/?next=")


@dataclass
class Visitor:
    """Somebody who asks. Each request starts from the same session, whatever the last one did to it."""

    name: str
    person: Person | None = None
    session: str = ""

    def __str__(self) -> str:
        return self.name

    def is_alone_in(self, answer: Answer) -> bool:
        """Whether one's own name and address are all that the answer says of Cedar."""
        rest = answer.everything.lower()
        for own in (self.person.email, escape(self.person.name)) if self.person else ():
            rest = rest.replace(own.lower().encode(), b"")
        return CANARY.lower().encode() not in rest

    def sign_in(self) -> "Visitor":
        if self.person:
            client = Client()
            client.force_login(self.person, backend="django.contrib.auth.backends.ModelBackend")
            self.session = client.session.session_key
        return self

    def ask(
        self,
        method: str,
        path: str,
        data: dict | bytes | None = None,
        *,
        htmx: bool = False,
        csrf: bool = False,
        **more,
    ) -> Answer:
        """Send a request, and undo in the database whatever it did. `more` goes to Django's test client."""
        client = STRICT_CLIENT if csrf else CLIENT
        client.cookies.clear()
        if self.session:
            client.cookies["sessionid"] = self.session
        if htmx:
            more["headers"] = {"HX-Request": "true"}
        with recorded() as writes, undone():
            try:
                if data is None or isinstance(data, bytes):
                    response = client.generic(method, path, data or b"", **more)
                else:
                    response = getattr(client, method.lower())(path, data, **more)
            except Exception as error:
                return Answer(500, {}, b"", writes, error=f"{type(error).__name__}: {error}")
            body = b"".join(response.streaming_content) if response.streaming else response.content
        named = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
        if response.cookies:
            named["Set-Cookie"] = response.cookies.output(header="")
        return Answer(response.status_code, named, body, writes, response)


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Give the tables that are written to, with what was written, but for those that a GET may write."""
    found: list[str] = []

    def watch(execute, sql, params, many, context):
        if (match := WRITES.match(sql)) and match[2] not in MAY_BE_WRITTEN:
            found.append(f"{match[0].strip()} {params!r}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield found


@contextmanager
def undone() -> Iterator[None]:
    """Roll back what happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def in_short(faults: list[str]) -> str:
    """Return faults of the form "who: what" as one paragraph for each `what`."""
    by_what: dict[str, list[str]] = {}
    for fault in faults:
        who, _colon, what = fault.partition(": ")
        by_what.setdefault(what, []).append(who)
    return "\n" + "\n".join(f"{what}\n    {'; '.join(who)}" for what, who in by_what.items())
