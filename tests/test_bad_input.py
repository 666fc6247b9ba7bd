"""Hostile requests: a clear no, quickly, and never an error of ours. Each case has brought down or fooled a program once."""

import time

import pytest

from tests.walk import Visitor

QUICK = 1.0  # seconds of work, whatever else the machine does
EVERYWHERE = ["/help/", "/sign-in/", "/d/dune/"]


@pytest.fixture(scope="module")
def dune(two_districts):
    return two_districts[1]


@pytest.fixture(scope="module")
def charlie(dune):
    return Visitor("Charlie", dune.leader).sign_in()


class Timed:
    """Fails when what happens inside takes a second or more."""

    def __enter__(self):
        self.start = time.process_time()

    def __exit__(self, kind, *rest):
        if kind is None:
            assert time.process_time() - self.start < QUICK


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost:8000@evil.example",
        "a@localhost",
        "localhost:x",
        "localhost, evil",
        "",
        "[::",
    ],
)
def test_a_host_that_is_not_ours_is_refused(host, charlie):
    answer = charlie.ask("GET", "/help/", SERVER_NAME="x", HTTP_HOST=host)

    assert answer.status == 400
    assert b"evil" not in answer.body


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"])
def test_what_a_visitor_says_of_a_proxy_is_not_believed(header, charlie):
    answer = charlie.ask("GET", "/d/dune/", **{header: "evil.example"})

    assert answer.status == 200
    assert b"evil.example" not in answer.everything


@pytest.mark.parametrize("path", ["/sign-in/", "/d/dune/reports/", "/account/password/"])
def test_five_thousand_form_fields_are_refused(path, charlie):
    with Timed():
        answer = charlie.ask("POST", path, {f"field{n}": "x" for n in range(5000)})

    assert answer.status in (400, 405)
    assert not answer.writes


@pytest.mark.parametrize("path", ["/sign-in/", "/account/password/"])
def test_ten_megabytes_of_form_are_refused(path, charlie):
    with Timed():
        answer = charlie.ask("POST", path, {"email": "x" * 10_000_000})

    assert answer.status in (400, 413)


@pytest.mark.parametrize(
    "goal",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "http:///evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://localhost@evil.example/",
        "//evil.example\\@localhost/",
        "/\t/evil.example",
        "\thttps://evil.example",
        "https://localhost.evil.example/",
        "/%0d%0aSet-Cookie:%20a=b",
        "/\r\nSet-Cookie: a=b",
    ],
)
@pytest.mark.parametrize("path", ["/sign-in/password/", "/sign-in/", "/sign-out/"])
def test_the_way_back_never_leads_away(path, goal, charlie):
    for method in ("GET", "POST"):
        answer = charlie.ask(method, path, {"next": goal})

        where = answer.headers.get("Location", "/")
        assert answer.status < 500
        assert where.startswith("/"), where
        assert not where.startswith(("//", "/\\")), where
        assert "Set-Cookie: a" not in repr(answer.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../manage.py",
        "/static/%2e%2e/manage.py",
        "/static/..%2fmanage.py",
        "/d/%00/",
        "/d/%ff/",
        "/d/%c0%af/",
        "/d/dune/%0d%0aX-Evil:%20a/",
        "/d/dune//",
        "/" + "a" * 9000,
        "/d/dune/milestones/１/",
        "/d/DUNE/",
    ],
)
def test_a_strange_address_is_not_found(path, charlie):
    with Timed():
        answer = charlie.ask("GET", path)

    assert answer.status in (400, 404, 414)
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "sessionid=" + "x" * 4000},
        {"Cookie": "sessionid=a; sessionid=b; csrftoken=\x7f\xff; =; ;;"},
        {"Cookie": "sessionid=../../etc/passwd; messages=garbage"},
        {"Accept-Language": "x" * 10_000},
        {"Accept-Language": ",".join(f"a-{n};q=0.{n}" for n in range(2000))},
        {"Accept": "*/*;" * 2000},
        {"HX-Request": "yes", "HX-Current-URL": "javascript:alert(1)", "HX-Target": "<script>"},
        {"HX-Request": "true", "HX-Current-URL": "http://[", "HX-Current-URL-URI-AutoEncoded": "true"},
        {"HX-Request": "true", "HX-Trigger": "%zz", "HX-Trigger-URI-AutoEncoded": "true"},
        {"Referer": "javascript:alert(1)"},
        {"If-Modified-Since": "yesterday", "If-None-Match": "x" * 5000},
        {"Range": "bytes=9-1,a-b,-", "If-Match": '"x"'},
        {"Content-Length": "-5"},
        {"Content-Length": "x"},
        {"X-Requested-With": "XMLHttpRequest", "Origin": "null"},
    ],
    ids=lambda h: "+".join(h),
)
def test_strange_headers_are_passed_over(path, headers, charlie):
    with Timed():
        answer = charlie.ask("GET", path, **{_cgi(name): value for name, value in headers.items()})

    assert answer.status in (200, 302, 400)
    assert b"alert(1)" not in answer.everything


def _cgi(name: str) -> str:
    name = name.upper().replace("-", "_")
    return name if name == "CONTENT_LENGTH" else f"HTTP_{name}"


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-in/password/", "/first-sign-in/", "/account/password/"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"email": "a@example.org"}', "application/json"),
        (b'{"email": "a@example.org"}', "text/plain"),
        (b"email=a", "application/x-www-form-urlencoded; charset=no-such-charset"),
        (b"email=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"email=%ff%00", "application/x-www-form-urlencoded"),
        (b"email=a%00@example.org", "application/x-www-form-urlencoded"),
        (b"email=%ed%a0%80@example.org", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=" + "y" * 300),
        (b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\na", "multipart/form-data; boundary=x"),
        (b"\x1f\x8b\x08\x00", "application/gzip"),
        (b"", ""),
    ],
)
def test_a_body_of_the_wrong_kind_is_refused(path, body, kind, charlie):
    with Timed():
        answer = charlie.ask("POST", path, body, content_type=kind)

    assert answer.status in (302, 400, 413, 415, 422, 429), answer.error
    assert not answer.writes
