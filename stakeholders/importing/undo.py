"""Take an import back: what it made and nobody has touched since. What stays is named, with the reason."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_update_with_history

from stakeholders.editing import lock
from stakeholders.importing.apply import BATCH, Made, NotDone
from stakeholders.models import (
    Appointment,
    Building,
    District,
    Membership,
    PeopleImport,
    PeopleImportRow,
    Person,
    Role,
    Workplace,
)


def in_batches(ids: Iterable[int]) -> Iterator[list[int]]:
    """SQLite takes a limited number of values in one statement."""
    listed = list(ids)
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]


@transaction.atomic
def undo_import(job: PeopleImport, *, by: Person | None, now: datetime) -> dict[str, int]:
    """Remove what the import made, and give back what it took; return how much of each. Whoever has come in since, or
    was given something to do, stays, and `job.left` says why. Raises NotDone when it was undone already."""
    lock(job.district)
    if not job.claim_undo(by=by, now=now):
        raise NotDone(_("This import has been undone."))
    undoing = _Undoing(job, by=by)
    undoing.carry_out()
    job.left = undoing.left
    job.save(update_fields=["left"])
    return undoing.removed


class _Undoing:
    def __init__(self, job: PeopleImport, *, by: Person | None):
        self.job, self.district, self.made, self.by = job, job.district, Made(**job.made), by
        self.left: list[str] = []
        self.removed: dict[str, int] = {}

    def carry_out(self) -> None:
        self._appointments()
        self._give_back()
        self._members()
        self._roles()
        self._buildings()

    def _appointments(self) -> None:
        """Appointments that still stand as they were made; one that was ended since is somebody's decision."""
        stay = set()
        for ids in in_batches(self.made.appointments):
            rows = Appointment.objects.in_district(self.district).filter(pk__in=ids)
            for one in rows.exclude(ends_on=None, version=1).select_related("person", "role"):
                self.left.append(
                    _("%(person)s as %(role)s: the appointment was changed since.")
                    % {"person": one.person, "role": one.role}
                )
                stay.add(one.pk)
        for ids in in_batches(set(self.made.appointments) - stay):
            self._remove(Appointment, ids)
        self.removed["appointments"] = len(self.made.appointments) - len(stay)

    def _give_back(self) -> None:
        """Access that it ended, levels that it changed, ids and workplaces: as they were, if they are as it left them."""
        members = Membership.objects.in_district(self.district)
        back = {int(pk): datetime.fromisoformat(day) for pk, day in self.made.back.items()}
        levels = {int(pk): both for pk, both in self.made.levels.items()}
        changed = []
        for ids in in_batches({*self.made.ended, *back, *levels}):
            for member in members.filter(pk__in=ids):
                before, after = levels.get(member.pk, (None, None))
                if member.pk in self.made.ended and member.ended_at == self.job.applied_at:
                    member.ended_at = None
                elif member.pk in back and member.ended_at is None:
                    member.ended_at = back[member.pk]
                if before and member.level == after:
                    member.level = before
                member.version += 1
                changed.append(member)
        if changed:
            fields = ["level", "ended_at", "version"]
            bulk_update_with_history(changed, Membership, fields, batch_size=BATCH, default_user=self.by)
        for ids in in_batches(self.made.named_members):
            members.filter(pk__in=ids).update(source_id="")
        for ids in in_batches(self.made.named_buildings):
            Building.objects.in_district(self.district).filter(pk__in=ids).update(source_id="")
        for ids in in_batches(self.made.workplaces):
            Workplace.objects.in_district(self.district).filter(pk__in=ids).delete()
        for membership, building in self.made.dropped:
            there = members.filter(pk=membership).exists()
            if there and Building.objects.in_district(self.district).filter(pk=building).exists():
                Workplace.objects.get_or_create(
                    district=self.district,
                    membership_id=membership,
                    building_id=building,
                    defaults={"from_file": True},
                )
        self.removed["ended"] = len(self.made.ended)

    def _members(self) -> None:
        gone: list[Membership] = []
        made = set(self.made.people)
        for ids in in_batches(map(int, self.made.memberships)):
            members = list(
                Membership.objects.in_district(self.district).filter(pk__in=ids).select_related("person")
            )
            busy = _referred_to(Person, [one.person_id for one in members], within=self.district)
            busy |= _referred_to(Person, {one.person_id for one in members} & made, within=OUTSIDE)
            busy_members = _referred_to(Membership, [one.pk for one in members])
            for member in members:
                if why := self._why_stays(member, member.person_id in busy or member.pk in busy_members):
                    self.left.append(f"{member.person}: {why}")
                else:
                    gone.append(member)
        for ids in in_batches([member.pk for member in gone]):
            self._remove(Membership, ids)
        self.removed["memberships"] = len(gone)
        self._people({member.person_id for member in gone} & set(self.made.people))

    def _why_stays(self, member: Membership, is_busy: bool) -> str:
        if member.ended_at is not None:
            return _("access was ended since.")
        if member.level != self.made.memberships[str(member.pk)]:
            return _("the level was changed since.")
        if member.person.last_login and member.person_id in self.made.people:
            return _("has come in since.")
        if is_busy:
            return _("has been given something to do, or has done something, since.")
        return ""

    def _people(self, candidates: set[int]) -> None:
        """People whom the import made and who are nowhere else. Of the others this district learns nothing."""
        for ids in in_batches(candidates):
            free = set(ids) - _referred_to(Person, ids)
            Person.objects.filter(pk__in=free, last_login=None, memberships=None).delete()

    def _remove(self, model: type[models.Model], ids: Iterable[int]) -> int:
        """Delete rows that keep a history; it says who took them back."""
        there = set(model.objects.in_district(self.district).filter(pk__in=ids).values_list("pk", flat=True))
        model.objects.in_district(self.district).filter(pk__in=there).delete()
        model.history.filter(id__in=there, history_type="-").update(history_user=self.by)
        return len(there)

    def _roles(self) -> None:
        for ids in in_batches(self.made.roles):
            busy = _referred_to(Role, ids)
            for role in Role.objects.in_district(self.district).filter(pk__in=ids):
                if role.pk in busy or role.version > 1:
                    self.left.append(_("The role “%(role)s”: it is in use.") % {"role": role})
                else:
                    role._history_user = self.by
                    role.delete()

    def _buildings(self) -> None:
        count = 0
        for ids in in_batches(self.made.buildings):
            rows = Building.objects.in_district(self.district).filter(pk__in=ids)
            busy = _referred_to(Building, ids) | set(rows.filter(version__gt=1).values_list("pk", flat=True))
            for building in rows.filter(pk__in=busy):
                self.left.append(
                    _("The building “%(name)s”: it is in use, or was changed.") % {"name": building}
                )
            count += self._remove(Building, set(ids) - busy)
        self.removed["buildings"] = count


OUTSIDE = "outside"  # tables that belong to no district: codes, sessions, accounts at providers


def _referred_to(
    model: type[models.Model], ids: Iterable[int], *, within: District | str | None = None
) -> set[int]:
    """Which of `ids` some row of any table points at, whoever has put it there; `within`: rows of one district only, or
    of the tables OUTSIDE of any.

    Asked of the tables themselves, so that what a higher floor hangs on a person counts as well. A person's memberships
    do not count, for the caller knows of them; nor does the import's own row.
    """
    found: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.many_to_many:
            continue
        other, field = relation.related_model, relation.field
        if other is PeopleImportRow or (model, other) == (Person, Membership):
            continue
        if other.__name__.startswith("Historical") and field.name != "history_user":
            continue  # what is told of a row that is gone stays told
        rows = other._base_manager.filter(**{f"{field.name}__in": list(ids)})
        belongs = "district" in {f.name for f in other._meta.fields} or other is District
        if within is not None:
            if belongs == (within == OUTSIDE):
                continue
            if belongs:
                rows = rows.filter(**{"pk" if other is District else "district": within.pk})
        found |= set(rows.values_list(field.attname, flat=True))
    return found
