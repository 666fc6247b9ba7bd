"""From what was read to rows that wait: one import, with a verdict for each building and each person of the file."""

import hashlib
import json
from collections import Counter
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from stakeholders.importing.choices import MANY_GROUPS, OTHERS
from stakeholders.importing.found import FoundBuilding, FoundPerson, FoundSet
from stakeholders.models import District, PeopleImport, PeopleImportRow, Person

BATCH = 500
NO_ADDRESS = "There is no e-mail address, so this person cannot come in."
NO_NAME = "There is no name; the address stands for it."
State, What = PeopleImportRow.State, PeopleImportRow.What


@transaction.atomic
def keep_reading(
    district: District, found: FoundSet, *, file_name: str, by: Person | None, now: datetime
) -> PeopleImport:
    """Keep what was read of a file. The same file again, while it waits, is the import that waits."""
    fingerprint = hashlib.sha256(json.dumps(found.to_json(), sort_keys=True).encode()).hexdigest()
    jobs = PeopleImport.objects.in_district(district)
    if twin := jobs.waiting().filter(fingerprint=fingerprint, made_by=by).first():
        return twin
    job = PeopleImport.objects.create(
        district=district,
        file_name=file_name[-200:],
        kind=found.kind,
        fingerprint=fingerprint,
        skipped=found.skipped,
        notes=found.notes,
        made_by=by,
        made_at=now,
    )
    known = _known_groups(found)
    rows = [_building(one, district) for one in found.buildings]
    first = len(rows)
    rows += [_person(one, known, district) for one in found.people]
    for position, row in enumerate(rows):
        row.district, row.people_import, row.position = district, job, position
        row.what = What.BUILDING if position < first else What.PERSON
    PeopleImportRow.objects.bulk_create(rows, batch_size=BATCH)
    return job


def _known_groups(found: FoundSet) -> set[str]:
    counts = Counter(group for one in found.people for group in one.groups)
    return {group for group, _n in counts.most_common(MANY_GROUPS)}


def _building(one: FoundBuilding, district: District) -> PeopleImportRow:
    return PeopleImportRow(
        source=one.source[:100],
        name=one.name,
        source_id=one.source_id,
        nces_id=one.nces_id,
        state=State.NOT if one.problem else State.UNDERSTOOD,
        reason=one.problem or ("An office." if one.is_office else ""),
    )


def _person(one: FoundPerson, known: set[str], district: District) -> PeopleImportRow:
    problem, missing, notes = one.problem, list(one.missing), list(one.notes)
    email = one.email
    if not problem and not email:
        problem = NO_ADDRESS
    elif not problem and not _is_address(email):
        problem, email = "This is no e-mail address.", ""
    if not problem and not one.name:
        missing.append(NO_NAME)
    domains = district.domains
    if not problem and domains and email.partition("@")[2] not in domains:
        notes.append("The address is not one of the district's own.")
    return PeopleImportRow(
        source=one.source[:100],
        name=one.name,
        email=email[:254],
        source_id=one.source_id,
        level=one.level,
        groups=list(dict.fromkeys(group if group in known else OTHERS for group in one.groups)),
        buildings=one.buildings,
        state=State.NOT if problem else State.PARTLY if missing else State.UNDERSTOOD,
        reason=" ".join(filter(None, [problem, *missing, *notes])),
    )


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= 254
