"""An import carried out: one batch, in one transaction. What is there already is left alone, or changed only as chosen."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from stakeholders.editing import lock
from stakeholders.importing.choices import Choices
from stakeholders.importing.proposals import LEFT_OUT, Became, Comparison, Proposal, compare
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

BATCH = 400
COMES_IN = (Became.NEW, Became.SAME, Became.CHANGED, Became.BACK)


class NotDone(Exception):
    """An import or its undoing that cannot be carried out, in words for whoever asked."""


@dataclass
class Made:
    """Ids of what an import made, and how things stood that it changed. Kept with the import, for undoing it."""

    buildings: list[int] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    memberships: dict[str, str] = field(default_factory=dict)  # membership → the level that it gave
    workplaces: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    appointments: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)  # memberships that it ended
    levels: dict[str, list[str]] = field(default_factory=dict)  # membership → the level before, and after
    back: dict[str, str] = field(default_factory=dict)  # membership → when access had been ended
    dropped: list[list[int]] = field(default_factory=list)  # [membership, building] of workplaces taken away
    named_buildings: list[int] = field(default_factory=list)  # got the roster's id
    named_members: list[int] = field(default_factory=list)


def apply_import(job: PeopleImport, *, by: Person | None, now: datetime, today: date) -> Comparison:
    """Bring in the buildings and people of a file, with the choices that were made on its preview.

    People get no password: they come in by code or provider. Raises NotDone when somebody was faster.
    """
    try:
        with transaction.atomic():
            lock(job.district)
            if not job.claim(by=by, now=now):
                raise NotDone(_("This file has been brought in, or put away."))
            comparison = compare(job, by=by, today=today)
            _Batch(job, comparison, by=by, now=now, today=today).carry_out()
            return comparison
    except IntegrityError:
        job.applied_at = job.applied_by = None
        raise NotDone(_("Somebody changed the same people at this moment. Please try again.")) from None


class _Batch:
    def __init__(self, job: PeopleImport, comparison: Comparison, *, by, now: datetime, today: date):
        self.job, self.district, self.comparison = job, job.district, comparison
        self.by, self.now, self.today = by, now, today
        self.choices: Choices = comparison.choices
        self.made = Made()

    def carry_out(self) -> None:
        self._buildings()
        self._people()
        self._members()
        self._workplaces()
        self._appoint()
        self._end()
        self._keep()

    def _buildings(self) -> None:
        new = [one for one in self.comparison.buildings if one.verdict == Became.NEW]
        for one in new:
            one.building = Building(
                district=self.district,
                name=one.row.name,
                nces_id=one.row.nces_id,
                source_id=one.row.source_id,
            )
        self._create(Building, [one.building for one in new])
        self.made.buildings = [one.building.pk for one in new]
        unnamed = [
            one
            for one in self.comparison.buildings
            if one.verdict == Became.SAME and one.row.source_id and not one.building.source_id
        ]
        for one in unnamed:
            one.building.source_id = one.row.source_id
        Building.objects.bulk_update([one.building for one in unnamed], ["source_id"], batch_size=BATCH)
        self.made.named_buildings = [one.building.pk for one in unnamed]

    def _people(self) -> None:
        """Whoever is known by the address elsewhere stays as they are; everybody else is new, without a password."""
        new = [one for one in self.comparison.people if one.verdict == Became.NEW]
        emails = [one.row.email.lower() for one in new]
        known = self._by_address(emails)
        Person.objects.bulk_create(
            [
                Person(
                    email=one.row.email.lower(),
                    name=one.row.name or one.row.email.lower(),
                    password=make_password(None),
                    joined_at=self.now,
                )
                for one in new
                if one.row.email.lower() not in known
            ],
            batch_size=BATCH,
            ignore_conflicts=True,  # somebody may come into another district at the same moment
        )
        self.people = self._by_address(emails)
        self.made.people = sorted(person.pk for email, person in self.people.items() if email not in known)

    def _by_address(self, emails: list[str]) -> dict[str, Person]:
        found = {}
        for start in range(0, len(emails), BATCH):
            for person in Person.objects.filter(email__in=emails[start : start + BATCH]):
                found[person.email.lower()] = person
        return found

    def _members(self) -> None:
        new, changed = [], []
        for one in self.comparison.people:
            if one.verdict == Became.NEW:
                person = self.people[one.row.email.lower()]
                one.member = Membership(district=self.district, person=person, level=one.level)
                one.member.source_id = one.row.source_id
                new.append(one.member)
            elif one.verdict in COMES_IN:
                changed.append(self._change(one))
        self._create(Membership, new)
        self.made.memberships = {str(member.pk): member.level for member in new}
        self._update([m for m in changed if m], ["level", "ended_at"])
        named = set(self.made.named_members)
        stamped = [one.member for one in self.comparison.people if one.member and one.member.pk in named]
        Membership.objects.bulk_update(stamped, ["source_id"], batch_size=BATCH)

    def _change(self, one: Proposal) -> Membership | None:
        member, touched = one.member, False
        if one.verdict == Became.BACK:
            self.made.back[str(member.pk)] = member.ended_at.isoformat()
            member.ended_at, touched = None, True
        if one.level and one.level != member.level and not self._is_held_fast(member):
            self.made.levels[str(member.pk)] = [member.level, one.level]
            member.level, touched = Level(one.level), True
        if one.row.source_id and not member.source_id:
            self.made.named_members.append(member.pk)
            member.source_id = one.row.source_id
        return member if touched else None

    def _is_held_fast(self, member: Membership) -> bool:
        """Nobody takes their own rights away with a file."""
        return self.by is not None and member.person_id == self.by.pk

    def _workplaces(self) -> None:
        buildings = {one.row.position: one.building for one in self.comparison.buildings if one.building}
        new, drop = [], []
        for one in self.comparison.people:
            if one.verdict not in COMES_IN:
                continue
            for building in {buildings[p].pk: buildings[p] for p in one.add}.values():
                new.append(
                    Workplace(
                        district=self.district, membership=one.member, building=building, from_file=True
                    )
                )
            drop += one.drop
        for start in range(0, len(drop), BATCH):
            some = [place.pk for place in drop[start : start + BATCH]]
            Workplace.objects.in_district(self.district).filter(pk__in=some).delete()
        self.made.dropped = [[place.membership_id, place.building_id] for place in drop]
        Workplace.objects.bulk_create(new, batch_size=BATCH)
        self.made.workplaces = [place.pk for place in new]

    def _appoint(self) -> None:
        roles = {role.title.casefold(): role for role in Role.objects.in_district(self.district)}
        new = []
        for one in self.comparison.people:
            for title in one.appoint if one.verdict in COMES_IN else ():
                if title.casefold() not in roles:
                    role = Role(district=self.district, title=title)
                    role._history_user = self.by
                    role.save()
                    self.made.roles.append(role.pk)
                    roles[title.casefold()] = role
                new.append(
                    Appointment(
                        district=self.district,
                        role=roles[title.casefold()],
                        person_id=one.member.person_id,
                        starts_on=self.today,
                    )
                )
        self._create(Appointment, new)
        self.made.appointments = [one.pk for one in new]

    def _end(self) -> None:
        """End the access of those who are not in the file and were ticked: never a leader's, nor of who holds a role."""
        members = [one.member for one in self.comparison.ending]
        for member in members:
            member.ended_at = self.now
        self._update(members, ["ended_at"])
        self.made.ended = [member.pk for member in members]

    def _create(self, model, rows: list) -> None:
        """Many rows in a few statements; the history of each says who brought it in."""
        if rows:
            bulk_create_with_history(rows, model, batch_size=BATCH, default_user=self.by)

    def _update(self, members: list[Membership], fields: list[str]) -> None:
        """As `save_edit` does one by one: the version of each goes up, so that an editor who has it open is told."""
        for member in members:
            member.version += 1
        if members:
            bulk_update_with_history(
                members, Membership, [*fields, "version"], batch_size=BATCH, default_user=self.by
            )

    def _keep(self) -> None:
        """Keep what became of each row. Of who was left out nothing is kept, of who came in a pointer to the member."""
        kept = []
        for one in [*self.comparison.buildings, *self.comparison.people]:
            row = one.row
            if one.verdict == LEFT_OUT:
                continue
            row.pk, row.became, row.note = None, one.verdict, one.note
            row.membership, row.building = one.member, one.building
            if one.member or one.building:
                row.name = row.email = row.source_id = row.nces_id = ""
                row.groups = []
            kept.append(row)
        # Written anew: an UPDATE of ten thousand different rows takes minutes, and others wait for it.
        PeopleImportRow.objects.in_district(self.district).filter(people_import=self.job).delete()
        PeopleImportRow.objects.bulk_create(kept, batch_size=BATCH)
        self.job.made = vars(self.made)
        self.job.outcome = {
            "people": self.comparison.counts(),
            "buildings": self.comparison.building_counts(),
            "ended": len(self.made.ended),
        }
        self.job.save(update_fields=["made", "outcome"])
