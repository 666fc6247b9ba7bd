"""Everybody who comes by Cedar's addresses, and what each of them is there.

The walk sends each of them everywhere. A new kind of person (somebody who is invited, who deputizes, ...) is a line in
`EVERYBODY`, and a row in tests/full_district.py where there is none yet.
"""

from collections.abc import Callable
from dataclasses import dataclass

from stakeholders.models import Level, Person
from stakeholders.rights import Right
from tests.full_district import Rows
from tests.walk import Visitor


@dataclass(frozen=True, kw_only=True)
class Part:
    """What somebody is in Cedar. `also` are the keys of `[also]` in rights.toml that hold for them on Cedar's rows."""

    name: str
    who: Callable[[Rows, Rows], Person | None]  # found in the rows of Cedar and of Dune
    level: Level | None = None  # None: no member
    also: frozenset[str] = frozenset()
    comes_in: bool = True  # False: not signed in, or no longer let in
    is_staff: bool = False
    knows: bool = False  # is told on the first page which district it was, or would be, and whom to ask there

    def __str__(self) -> str:
        return self.name

    def may(self, right: Right, method: str) -> bool:
        """Whether a member may use this method."""
        needed = right.needed_for(method)
        return needed is not None and (self.level.reaches(needed) or right.also in self.also)

    def visits(self, cedar: Rows, dune: Rows) -> Visitor:
        return Visitor(self.name, self.who(cedar, dune)).sign_in()


def here(name: str, row: str, level: Level, *also: str) -> Part:
    return Part(name=name, who=lambda cedar, _: getattr(cedar, row), level=level, also=frozenset(also))


def outside(name: str, row: str, **more) -> Part:
    return Part(name=name, who=lambda cedar, _: getattr(cedar, row), **more)


EVERYBODY = [
    Part(name="anonymous", who=lambda cedar, dune: None, comes_in=False),
    outside("Gus (deactivated, his session still there)", "inactive", comes_in=False),
    here("Vera (viewer)", "viewer", Level.VIEWER),
    here("Olga (viewer who leads the step)", "owner", Level.VIEWER, "owners"),
    here("Hal (viewer who helps with the step)", "helper", Level.VIEWER, "owners"),
    here("Dee (viewer who deputises for who leads it)", "deputy", Level.VIEWER, "owners"),
    here("Paul (viewer who led the step until yesterday)", "former", Level.VIEWER),
    here("Tom (viewer, leader of Dune)", "torn", Level.VIEWER),
    here("Bob (committee)", "committee", Level.COMMITTEE),
    here("Alice (editor)", "editor", Level.EDITOR),
    here("Sue (leader)", "leader", Level.LEADER),
    Part(name="Charlie (leader of Dune)", who=lambda _, dune: dune.leader),
    outside("Eve (was a leader, her membership ended)", "ended", knows=True),
    outside("Ed (was a leader here, is one of Dune)", "moved"),
    outside("Stan (runs the installation, belongs to no district)", "staff", is_staff=True),
    outside("Nick (belongs to no district)", "nowhere"),
    outside("Ivan (of Dune, invited and not joined)", "invited", knows=True),
    outside("Rena (her invitation was taken back)", "uninvited"),
    outside("Lou (his invitation ran out)", "too_late"),
]
MEMBERS = [part for part in EVERYBODY if part.level]
OUTSIDERS = [part for part in EVERYBODY if part.comes_in and not part.level]
NOT_IN = [part for part in EVERYBODY if not part.comes_in]
