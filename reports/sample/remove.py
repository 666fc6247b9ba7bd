"""Removing a district with all its rows, files and history. For the sample; a real one is archived.

What was removed on purpose stays away: `bin/run` does not bring the sample back, `manage.py sample_district` does.
"""

from datetime import datetime
from functools import partial

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from reports.models import SampleRemoved
from stakeholders.coming_in.sessions import end_sessions
from stakeholders.models import District, Membership, Person

TRIES = 5  # a job that runs meanwhile may hang a new row on one that is being deleted


@transaction.atomic
def remove_district(district: District) -> None:
    """Delete `district`, every row that belongs to it, and their history (which no foreign key holds)."""
    district_id = district.pk
    files = _files_of(district)
    district.delete()
    for storage, name in files:
        transaction.on_commit(partial(storage.delete, name))
    District.history.filter(id=district_id).delete()
    for model in apps.get_models():
        if model.__name__.startswith("Historical") and any(f.name == "district" for f in model._meta.fields):
            model.objects.filter(district_id=district_id).delete()


def _files_of(district: District) -> list[tuple]:
    found = []
    for model in apps.get_models():
        columns = [f for f in model._meta.concrete_fields if isinstance(f, models.FileField)]
        if columns and any(f.name == "district" for f in model._meta.fields):
            for row in model._base_manager.filter(district=district):
                found += [(file.storage, file.name) for c in columns if (file := getattr(row, c.name))]
    return found


def remove_sample(*, now: datetime | None = None) -> int:
    """Remove the sample district, and its people who belong to nothing else; return how many districts there were.

    With `now` it is remembered that somebody removed it on purpose.
    """
    samples = list(District.objects.filter(is_sample=True))
    for district in samples:
        for left in reversed(range(TRIES)):
            try:
                _remove_with_people(district)
                break
            except (IntegrityError, ProtectedError):
                if not left:
                    raise
    if now is not None:
        SampleRemoved.objects.create(at=now)
    return len(samples)


@transaction.atomic
def _remove_with_people(district: District) -> None:
    members = Membership.objects.in_district(district).values_list("person", flat=True)
    people = list(Person.objects.filter(pk__in=list(members), is_staff=False, is_superuser=False))
    remove_district(District.objects.get(pk=district.pk))
    for person in people:
        if not person.memberships.exists():
            end_sessions(person)
            person.delete()
