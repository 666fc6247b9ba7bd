import hashlib
import io
from typing import Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand

from district_plan.migrating import migrate_patiently
from reports.models import SampleRemoved
from reports.sample.build import how_to_sign_in
from stakeholders.models import District


class Command(BaseCommand):
    help = (
        "Make an installation ready to start: database tables, static files and, where SAMPLE_SIGN_IN is set "
        "and there is no district yet, the sample district. Prints who can sign in to it. May be run at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        migrate_patiently(self.stderr.write)
        self.check(tags=[Tags.database], databases=["default"])
        collect_static()
        if not settings.SAMPLE_SIGN_IN:
            return
        if SampleRemoved.objects.exists():
            self.stderr.write("The sample district was removed. To have it again: manage.py sample_district")
        elif not District.objects.exists():
            self.stderr.write("Loading the sample district …")
            call_command("sample_district", stdout=io.StringIO())
        if District.objects.filter(is_sample=True).exists():
            self.stdout.write("Sign in with one tap, “Look around as”, or with one of these addresses:")
            for name, address in how_to_sign_in():
                self.stdout.write(f"  {name:32} {address}")
            if mail := getattr(settings, "EMAIL_FILE_PATH", None):
                self.stdout.write(f"The code that is sent to an address lies in {mail}")


def collect_static() -> None:
    """Collect the static files if any of them has changed: compressing them takes longer than all the rest."""
    described = sorted(
        f"{path} {storage.size(path)} {storage.get_modified_time(path)}"
        for finder in get_finders()
        for path, storage in finder.list([])
    )
    described += [django.__version__, str(settings.STORAGES["staticfiles"])]
    state = hashlib.sha256("\n".join(described).encode()).hexdigest()
    stamp = settings.VAR_DIR / "static-collected"
    if stamp.exists() and stamp.read_text() == state and settings.STATIC_ROOT.exists():
        return
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(state)
