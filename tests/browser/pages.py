"""Finding every page of the sample district as a visitor would: by its links."""

import re
from collections import defaultdict
from html import unescape
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

from tests.access_table import TABLE
from tests.browser.house import House

MOST_OF_A_KIND = 6  # links to follow for each name; the first milestone may be done and offer nothing


def get(house: House, path: str, state: dict | None = None) -> tuple[int, str, str]:
    """Return status, content type and text of a page, asked for with the cookies of `state`."""
    connection = HTTPConnection("localhost", house.port, timeout=20)
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in (state or {"cookies": []})["cookies"])
    connection.request("GET", path, headers={"Cookie": cookies})
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    return answer.status, answer.getheader("Content-Type", ""), body


def find_pages(house: House, starts: list[str], state: dict) -> tuple[dict[str, list[str]], list[str]]:
    """Follow links from `starts`; return the paths found for each name of an address, and the links that lead nowhere."""
    found: dict[str, list[str]] = defaultdict(list)
    broken, asked = [], set()
    waiting = list(starts)
    while waiting:
        path = waiting.pop(0)
        name = name_of(path)
        if not name or name not in TABLE or not TABLE[name].html or TABLE[name].read is None:
            continue
        if path in asked or len(found[name]) >= MOST_OF_A_KIND:
            continue
        asked.add(path)
        status, kind, body = get(house, path, state)
        if status not in (200, 302):
            broken.append(f"{path}: {status}")
        if status != 200 or not kind.startswith("text/html"):
            continue
        found[name].append(path)
        for link in re.findall(r'<a\b[^>]*\bhref="([^"#]*)', body):
            goal = urlsplit(urljoin(path, unescape(link)))
            if not goal.netloc or goal.port == house.port:
                waiting.append(goal.path + (f"?{goal.query}" if goal.query else ""))
    return found, broken


def name_of(path: str) -> str:
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return ""
