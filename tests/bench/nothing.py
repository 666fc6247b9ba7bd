"""How long it takes to answer that something is not here: for what another district has, and for what nobody has.

Asked in turn, so that a noisy moment hits both alike. A difference would tell a stranger what exists.
"""

import logging
import statistics
import time

from milestones.management.commands.load_scale import load_district
from milestones.models import Milestone
from stakeholders.models import District, Person
from tests.bench.pages import Server, environ, session_for

ROUNDS = 500


def nothing() -> list[tuple[str, float, float, float]]:
    """Return for each kind of question: the median in ms for another district's, for nothing, and the difference."""
    logging.disable(logging.WARNING)  # each 404 would be a line
    first = District.objects.count() + 1
    ours, theirs = (load_district(number, milestones=200) for number in (first, first + 1))
    cookies = session_for(Person.objects.get(memberships__district=ours))
    foreign = Milestone.objects.in_district(theirs).first().pk
    pairs = {
        "a milestone": (
            f"/d/{ours.slug}/milestones/{foreign}/",
            f"/d/{ours.slug}/milestones/{foreign + 10**9}/",
        ),
        "a district": (f"/d/{theirs.slug}/", "/d/nowhere-1/"),
        "a milestone of a district": (
            f"/d/{theirs.slug}/milestones/{foreign}/",
            f"/d/nowhere-1/milestones/{foreign}/",
        ),
    }
    server, found = Server(bare=False), []
    for name, addresses in pairs.items():
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(-5, ROUNDS):
            for address, kept in zip(addresses, times, strict=True):
                request = environ("GET", address, cookies=cookies)
                began = time.perf_counter()
                status, _body = server.call(request)
                assert status == 404, address
                if number >= 0:
                    kept.append((time.perf_counter() - began) * 1000)
        there, nowhere = map(statistics.median, times)
        found.append((name, there, nowhere, abs(there - nowhere)))
    return found
