"""What a file of people says, before it meets a district: plain values that fit in JSON."""

from dataclasses import asdict, dataclass, field

LIST, ONEROSTER_1_1, ONEROSTER_1_2 = "list", "oneroster-1.1", "oneroster-1.2"


@dataclass(slots=True)
class FoundBuilding:
    source: str
    name: str
    source_id: str = ""
    nces_id: str = ""
    is_office: bool = False
    problem: str = ""  # why it cannot come in


@dataclass(slots=True)
class FoundPerson:
    source: str
    name: str = ""
    email: str = ""
    source_id: str = ""
    level: str = ""
    groups: list[str] = field(default_factory=list)  # roles of a roster, or titles of a list
    buildings: list[int] = field(default_factory=list)  # places in `FoundSet.buildings`
    problem: str = ""  # why this person cannot come in
    missing: list[str] = field(default_factory=list)  # what could not be understood of somebody who can
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FoundSet:
    kind: str
    buildings: list[FoundBuilding] = field(default_factory=list)
    people: list[FoundPerson] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)  # why → how many; never who
    notes: list[str] = field(default_factory=list)

    def skip(self, why):
        self.skipped[why] = self.skipped.get(why, 0) + 1

    def to_json(self):
        return asdict(self)


def is_known_by_address(one, by_address):
    """Whether an earlier row of this address, kept in `by_address`, is the same person, who then has what both rows say."""
    if not one.email or one.problem:
        return False
    first = by_address.setdefault(one.email, one)
    if first is one:
        return False
    if first.name.casefold() != one.name.casefold():
        one.problem = (
            f"{first.source} has the same address and another name. An address belongs to one person."
        )
        return False
    first.groups = list(dict.fromkeys([*first.groups, *one.groups]))
    first.buildings = list(dict.fromkeys([*first.buildings, *one.buildings]))
    if one.level and one.level != first.level:
        first.missing.append(f"{one.source} gives another level.")
    first.notes.append(f"{one.source} has the same name and address: one person.")
    return True


def from_json(data):
    return FoundSet(
        kind=data["kind"],
        buildings=[FoundBuilding(**one) for one in data["buildings"]],
        people=[FoundPerson(**one) for one in data["people"]],
        skipped=data["skipped"],
        notes=data["notes"],
    )
