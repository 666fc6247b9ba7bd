"""What an import would do in its district: decided here, for the preview, the command's dry run and the import itself."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from stakeholders.importing.choices import OTHERS, Choices, group_label
from stakeholders.models import (
    Appointment,
    Building,
    Level,
    Membership,
    PeopleImport,
    PeopleImportRow,
    Person,
    Role,
    Workplace,
)

Became, State, What = PeopleImportRow.Became, PeopleImportRow.State, PeopleImportRow.What
LEFT_OUT = "left out"
WORDS = {
    Became.NEW: _("New"),
    Became.SAME: _("Here already"),
    Became.CHANGED: _("Changes"),
    Became.BACK: _("Comes back"),
    Became.ENDED: _("Access ended, stays outside"),
    Became.NOT: _("Cannot come in"),
    LEFT_OUT: _("Left out"),
}


@dataclass(slots=True)
class Proposal:
    """What would become of one row of the file."""

    row: PeopleImportRow
    verdict: str  # a value of PeopleImportRow.Became, or LEFT_OUT
    note: str = ""
    member: Membership | None = None
    building: Building | None = None
    level: str = ""  # that a new person gets, or a member's new one
    add: list[int] = field(
        default_factory=list
    )  # positions of building rows where the person works from now on
    drop: list[Workplace] = field(
        default_factory=list
    )  # workplaces of an earlier file that this one does not name
    appoint: list[str] = field(default_factory=list)  # titles of roles that the person does not hold yet
    places: list[str] = field(default_factory=list)  # names of the buildings that the row names

    @property
    def word(self) -> str:
        return str(WORDS[self.verdict])

    @property
    def groups(self) -> list[str]:
        return [group_label(group) for group in self.row.groups if group]

    @property
    def level_word(self) -> str:
        """The level that holds afterwards, if this row comes in."""
        if self.level:
            return str(Level(self.level).label)
        return self.member.get_level_display() if self.member else ""


@dataclass(slots=True)
class Missing:
    """A member who is not in the file."""

    member: Membership
    roles: list[str]
    stays: str = ""  # why access cannot be ended here


@dataclass(slots=True)
class Group:
    """Everybody of one role or title."""

    key: str
    people: int
    new: int
    role: Role | None = None  # of the district, with this title

    @property
    def label(self) -> str:
        return group_label(self.key)


@dataclass
class Comparison:
    buildings: list[Proposal]
    people: list[Proposal]
    missing: list[Missing]
    groups: list[Group]
    choices: Choices

    def counts(self) -> dict[str, int]:
        return dict(Counter(one.verdict for one in self.people))

    def building_counts(self) -> dict[str, int]:
        return dict(Counter(one.verdict for one in self.buildings))

    @property
    def ending(self) -> list[Missing]:
        return [one for one in self.missing if not one.stays and one.member.pk in self.choices.end]

    @property
    def would_change(self) -> bool:
        """Whether bringing it in would change anything."""
        acts = {Became.NEW, Became.CHANGED, Became.BACK}
        return bool(self.ending) or any(one.verdict in acts for one in [*self.buildings, *self.people])


def compare(job: PeopleImport, *, by: Person | None, today: date) -> Comparison:
    """Hold the rows of an import against the district as it is now. The number of queries does not grow with the file."""
    district, choices = job.district, Choices.of(job)
    rows = list(PeopleImportRow.objects.in_district(district).filter(people_import=job))
    buildings = _compare_buildings(
        [row for row in rows if row.what == What.BUILDING], Building.objects.in_district(district)
    )
    members = _Members(district, today, choices, buildings)
    people = [members.propose(row) for row in rows if row.what == What.PERSON]
    missing = members.not_among(rows, by=by)
    return Comparison(buildings, people, missing, _groups(people, members.roles), choices)


def _compare_buildings(rows: list[PeopleImportRow], there: QuerySet[Building]) -> list[Proposal]:
    known = list(there)
    by_id = {one.source_id: one for one in known if one.source_id}
    by_nces = {one.nces_id: one for one in known if one.nces_id}
    by_name = {one.name.casefold(): one for one in known}
    taken, out = set(), []
    for row in rows:
        found = (
            by_id.get(row.source_id)
            or by_nces.get(row.nces_id)
            or _unless_another(by_name.get(row.name.casefold()), row)
        )
        proposal = Proposal(row, Became.SAME if found else Became.NEW, building=found)
        if row.state == State.NOT:
            proposal.verdict, proposal.note, proposal.building = Became.NOT, row.reason, None
        elif found and found.pk in taken:
            proposal.verdict, proposal.building = Became.NOT, None
            proposal.note = gettext("Another row of the file is this building already.")
        elif row.left_out:
            proposal.verdict = LEFT_OUT
        elif not found and row.name.casefold() in by_name:
            proposal.verdict = Became.NOT
            proposal.note = gettext("A building of this name is here already, with another id.")
        elif found and found.archived_on:
            proposal.note = gettext("Here it was archived, and stays so.")
        elif found and found.name != row.name:
            proposal.note = gettext("Here it is called “%(name)s”, and stays so.") % {"name": found.name}
        if proposal.building:
            taken.add(proposal.building.pk)
        out.append(proposal)
    return out


def _unless_another(found: Building | None, row: PeopleImportRow) -> Building | None:
    """A building of the same name that is known by another id is another building."""
    if found and found.source_id and row.source_id and found.source_id != row.source_id:
        return None
    return found


class _Members:
    """The members of a district, found by the id of the roster or by address."""

    def __init__(self, district, today: date, choices: Choices, buildings: list[Proposal]):
        self.choices = choices
        self.district_members = list(
            Membership.objects.in_district(district).select_related("person").order_by("person__name", "pk")
        )
        self.by_id = {one.source_id: one for one in self.district_members if one.source_id}
        self.by_address = {one.person.email.lower(): one for one in self.district_members}
        self.workplaces: dict[int, list[Workplace]] = {}
        for place in Workplace.objects.in_district(district).select_related("building"):
            self.workplaces.setdefault(place.membership_id, []).append(place)
        self.held: dict[int, list[str]] = {}
        running = Appointment.objects.in_district(district).exclude(ends_on__lt=today)
        for one in running.select_related("role"):
            self.held.setdefault(one.person_id, []).append(one.role.title)
        self.roles = {role.title.casefold(): role for role in Role.objects.in_district(district)}
        self.buildings = {one.row.position: one for one in buildings}
        self.taken: set[int] = set()

    def find(self, row: PeopleImportRow) -> tuple[Membership | None, Membership | None]:
        """Whoever has the row's id, and whoever has its address."""
        return self.by_id.get(row.source_id or None), self.by_address.get(row.email.lower() or None)

    def propose(self, row: PeopleImportRow) -> Proposal:
        proposal = self._propose(row)
        proposal.places = [self.buildings[p].row.name for p in row.buildings if p in self.buildings]
        return proposal

    def _propose(self, row: PeopleImportRow) -> Proposal:
        by_id, by_address = self.find(row)
        if row.state == State.NOT:
            return Proposal(row, Became.NOT, row.reason)
        if row.left_out or self.choices.leaves_out(row.groups):
            return Proposal(row, LEFT_OUT)
        if by_id and by_address and by_id != by_address:
            return Proposal(
                row, Became.NOT, gettext("The address is one member's here, and the id is another's.")
            )
        member = by_id or by_address
        if member and member.pk in self.taken:
            return Proposal(row, Became.NOT, gettext("Another row of the file is this person already."))
        proposal = Proposal(row, Became.NEW, row.reason, member=member)
        proposal.level = row.level or self.choices.level_of(row.groups)
        proposal.appoint = self._appoint(row, proposal.member)
        if proposal.member is None:
            proposal.add = [p for p in row.buildings if self._stands(p)]
            return proposal
        self.taken.add(proposal.member.pk)
        return self._of_member(proposal)

    def _of_member(self, proposal: Proposal) -> Proposal:
        member, row = proposal.member, proposal.row
        if member.ended_at and not self.choices.let_back:
            proposal.verdict, proposal.level, proposal.appoint = Became.ENDED, "", []
            proposal.note = gettext("Access was ended on %(day)s.") % {
                "day": member.ended_at.date().isoformat()
            }
            return proposal
        self._move(proposal)
        if member.ended_at:
            proposal.verdict = Became.BACK
            proposal.level = min(Level(proposal.level), Level(member.level), key=list(Level).index)
            return proposal
        says = row.level or ""
        changes = bool(says) and says != member.level and self.choices.change_levels
        proposal.level = says if changes else ""
        if member.person.email.lower() != row.email.lower():
            proposal.note = gettext("Here the address is %(address)s, and stays so.") % {
                "address": member.person.email
            }
        elif says and says != member.level and not changes:
            proposal.note = gettext("Here %(here)s, in the file %(file)s: stays as it is.") % {
                "here": member.get_level_display(),
                "file": Level(says).label,
            }
        acts = changes or proposal.add or proposal.drop or proposal.appoint
        proposal.verdict = Became.CHANGED if acts else Became.SAME
        return proposal

    def _move(self, proposal: Proposal) -> None:
        """Workplaces that the file adds, and those of an earlier file that it names no more."""
        named = [p for p in proposal.row.buildings if self._stands(p)]
        there = self.workplaces.get(proposal.member.pk, [])
        known = {place.building_id for place in there}
        stands_for = {p: self.buildings[p].building for p in named}
        proposal.add = [p for p in named if stands_for[p] is None or stands_for[p].pk not in known]
        if named:
            kept = {one.pk for one in stands_for.values() if one}
            proposal.drop = [place for place in there if place.from_file and place.building_id not in kept]

    def _stands(self, position: int) -> bool:
        """Whether the row is a building of the district, or becomes one."""
        found = self.buildings.get(position)
        stands = found is not None and found.verdict in (Became.NEW, Became.SAME)
        return stands and not (found.building and found.building.archived_on)

    def _appoint(self, row: PeopleImportRow, member: Membership | None) -> list[str]:
        held = {title.casefold() for title in self.held.get(member.person_id, [])} if member else set()
        return [t for t in row.groups if t and t in self.choices.appoint and t.casefold() not in held]

    def not_among(self, rows: list[PeopleImportRow], *, by: Person | None) -> list[Missing]:
        """Standing members whom no row of the file means, whatever becomes of the row."""
        meant = {one.pk for row in rows if row.what == What.PERSON for one in self.find(row) if one}
        out = []
        for member in self.district_members:
            if member.ended_at or member.pk in meant or not member.person.is_active:
                continue
            roles = sorted(self.held.get(member.person_id, []))
            out.append(Missing(member, roles, _why_stays(member, roles, by=by)))
        return out


def _why_stays(member: Membership, roles: list[str], *, by: Person | None) -> str:
    if by is not None and member.person_id == by.pk:
        return gettext("This is you.")
    if member.is_leader:
        return gettext("A leader: not ended by a file.")
    if roles:
        return gettext("Holds a role: hand it over first.")
    return ""


def _groups(people: list[Proposal], roles: dict[str, Role]) -> list[Group]:
    total, new = Counter(), Counter()
    for one in people:
        if one.verdict == Became.NOT:
            continue
        for group in one.row.groups or [OTHERS]:
            total[group] += 1
            new[group] += one.member is None
    ordered = sorted(total, key=lambda group: (group == OTHERS, -total[group], group.casefold()))
    return [Group(key, total[key], new[key], roles.get(key.casefold()) if key else None) for key in ordered]
