"""Removing a district with all its rows, history included. For the sample; a real one is archived."""

from functools import partial

from django.apps import apps
from django.db import transaction

from reports.models import Report
from stakeholders.models import District


@transaction.atomic
def remove_district(district: District) -> None:
    """Delete `district`, every row that belongs to it, and their history (which no foreign key holds)."""
    district_id = district.pk
    files = [
        (report.pdf.storage, report.pdf.name) for report in Report.objects.in_district(district) if report.pdf
    ]
    district.delete()
    for storage, name in files:
        transaction.on_commit(partial(storage.delete, name))
    District.history.filter(id=district_id).delete()
    for model in apps.get_models():
        if model.__name__.startswith("Historical") and any(f.name == "district" for f in model._meta.fields):
            model.objects.filter(district_id=district_id).delete()
