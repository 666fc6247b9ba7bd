"""Who is told of a slip, and in what words.

Told are today's holders of the role that leads the step; where no role leads, of the roles that help. A building's
milestone is told to those of the role that leads the step there, if anybody serves in it. Where nobody holds them, their
deputies are told; without deputies the plan's editors, and where there is none, its leaders. Each slip is told once; one
notice a person and local day, however many slips; what is found later on the same day waits for the next day's. Where a
role changes hands before a notice was sent, it is withdrawn, and whoever holds the role then is told.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from milestones.models import Slip, SlipNotice, StepBuilding, StepOwner
from stakeholders.editing import lock
from stakeholders.models import Appointment, District, Level, Membership, Notice, Person
from stakeholders.notices import STILL_MEANT, decide, decided_on
from stakeholders.outbox import one_line

KIND = "slips"
LISTED = 25  # dates in one message; further ones are counted, and all are on the page of one's own updates


@dataclass(frozen=True)
class Entry:
    """What a message says in one place: a date that passed or, for several buildings, those of one step and title."""

    name: str
    due: date
    why: str
    link: str

    @classmethod
    def of(cls, lines: list["Line"], slug: str) -> "Entry":
        first, at = lines[0], f"{settings.SITE_URL}/d/{slug}"
        milestone = first.slip.milestone
        if len(lines) == 1:
            link = f"{at}/milestones/{milestone.pk}/"
            return cls(one_line(milestone.name), first.slip.due, first.why, link)
        words = ngettext("%(name)s: %(n)d building", "%(name)s: %(n)d buildings", len(lines))
        name = words % {"name": one_line(milestone.words), "n": len(lines)}
        link = f"{at}/steps/{milestone.step_id}/buildings/?of={milestone.pk}&word=slipped"
        return cls(name, min(line.slip.due for line in lines), first.why, link)


@dataclass(frozen=True)
class Line:
    """A slip as one person is told of it: `why` says why it comes to this person."""

    slip: Slip
    why: str


def untold() -> QuerySet[Slip]:
    """Open slips that nobody was told of. A notice that was withdrawn, because its person had left, told nobody."""
    told = SlipNotice.objects.filter(slip=OuterRef("pk"), notice__withdrawn_at__isnull=True)
    return Slip.objects.open().filter(~Exists(told))


def with_something_to_tell(districts: Collection[District]) -> QuerySet[District]:
    """Keep the districts with an untold slip and somebody who could be told."""
    return District.objects.filter(
        Exists(untold().filter(district=OuterRef("pk"))),
        Exists(Membership.objects.standing().filter(district=OuterRef("pk"))),
        pk__in=[district.pk for district in districts],
    )


@transaction.atomic
def tell_of_slips(district: District, *, today: date) -> int:
    """Decide today's notices for the untold slips of `district`; return how many. Sending them is not done here."""
    lock(district)  # one decides at a time; who comes next finds nothing left to tell
    had_one = decided_on(today, district=district, kind=KIND)
    told: dict[Person, list[Line]] = defaultdict(list)
    listeners = _Listeners(district, today=today)
    for slip in (
        untold()
        .in_district(district)
        .select_related("milestone__step", "milestone__building")
        .order_by("due", "pk")
    ):
        whom = listeners.of(slip)
        # All of them or none: whoever had a notice today gets the next one tomorrow, and then so does everybody else.
        if not any(person.pk in had_one for person in whom):
            for person, why in whom.items():
                told[person].append(Line(slip, why))
    for person, lines in told.items():
        _decide(district, person, lines, today=today)
    return len(told)


class _Listeners:
    """Who is told of which step in a district on a day, from four queries."""

    def __init__(self, district: District, *, today: date):
        members = Membership.objects.standing().in_district(district).select_related("person").order_by("pk")
        self.members = {member.person_id: member for member in members}
        self.holders: dict[int, list[Person]] = defaultdict(list)
        self.deputies: dict[int, list[Person]] = defaultdict(list)
        running = Appointment.objects.in_district(district).running(today)
        for role, person, part in running.values_list("role", "person", "part"):
            if person in self.members:
                found = self.holders if part == Appointment.Part.HOLDS else self.deputies
                found[role].append(self.members[person].person)
        self.owners: dict[int, list[StepOwner]] = defaultdict(list)
        late_steps = Slip.objects.open().in_district(district).values("milestone__step")
        for owner in (
            StepOwner.objects.in_district(district).filter(step__in=late_steps).select_related("role")
        ):
            self.owners[owner.step_id].append(owner)
        here = StepBuilding.objects.in_district(district).filter(step__in=late_steps, lead__isnull=False)
        self.here = {(row.step_id, row.building_id): row for row in here.select_related("lead", "building")}

    def of(self, slip: Slip) -> dict[Person, str]:
        """Return who is told of this slip, each with the reason in words."""
        here = self.here.get((slip.milestone.step_id, slip.milestone.building_id))
        if here and (people := self.holders[here.lead_id] or self.deputies[here.lead_id]):
            names = {"role": one_line(here.lead.title), "building": one_line(here.building.name)}
            return dict.fromkeys(people, _("%(role)s leads this at %(building)s.") % names)
        owners = self.owners[slip.milestone.step_id]
        leads = [owner for owner in owners if owner.part == StepOwner.Part.LEAD]
        asked = leads or owners
        says = _("%(role)s leads this.") if leads else _("%(role)s helps with this, and no role leads it.")
        held = {
            person: says % {"role": one_line(owner.role.title)}
            for owner in reversed(asked)
            for person in self.holders[owner.role_id]
        }
        return held or self._stands_in(asked) or dict.fromkeys(self.editors(), self._vacant(asked))

    def _stands_in(self, asked: list[StepOwner]) -> dict[Person, str]:
        """Return the deputies of roles that nobody holds."""
        says = _("You are deputy for %(role)s, which nobody holds at present.")
        return {
            person: says % {"role": one_line(owner.role.title)}
            for owner in reversed(asked)
            for person in self.deputies[owner.role_id]
        }

    def editors(self) -> list[Person]:
        """Return the plan's editors; where there is none, its leaders."""
        for level in (Level.EDITOR, Level.LEADER):
            if found := [member.person for member in self.members.values() if member.level == level]:
                return found
        return []

    @staticmethod
    def _vacant(asked: list[StepOwner]) -> str:
        if not asked:
            return _("No role leads this yet, so this comes to you.")
        roles = ", ".join(one_line(owner.role.title) for owner in asked)
        return _("Nobody holds %(role)s at present, so this comes to you.") % {"role": roles}


def _together(lines: list[Line]) -> list[list[Line]]:
    """Put together what was due in several buildings; everything else stays by itself."""
    found: dict[tuple, list[Line]] = {}
    for line in lines:
        one = line.slip.milestone
        key = (one.step_id, one.title, line.why) if one.building_id else (one.pk,)
        found.setdefault(key, []).append(line)
    return list(found.values())


def _decide(district: District, person: Person, lines: list[Line], *, today: date) -> None:
    entries = [Entry.of(some, district.slug) for some in _together(lines)]
    context = {
        "person": one_line(person.get_short_name()),
        "district": one_line(district.name),
        "count": len(lines),
        "lines": entries[:LISTED],
        "more": max(0, len(entries) - LISTED),
        "updates": f"{settings.SITE_URL}/d/{district.slug}/updates/",
        "today": today,
    }
    notice = decide(
        district=district,
        person=person,
        kind=KIND,
        day=today,
        subject=render_to_string("emails/slips_subject.txt", context),
        body=render_to_string("emails/slips.txt", context),
    )
    SlipNotice.objects.bulk_create(
        SlipNotice(district=district, slip=line.slip, notice=notice) for line in lines
    )


def still_meant(notice: Notice, today: date) -> bool:
    """Whether each open slip that `notice` tells of would still be told to its person on `today`."""
    rows = Slip.objects.open().filter(told__notice=notice).select_related("milestone__step")
    slips = list(rows)
    if not slips:
        return True
    listeners = _Listeners(notice.district, today=today)
    return all(notice.person in listeners.of(slip) for slip in slips)


STILL_MEANT[KIND] = still_meant
