from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand

from stakeholders.models import District


class Command(BaseCommand):
    help = (
        "Make an installation ready to start: database tables, static files and, where SAMPLE_SIGN_IN is set "
        "and there is no district yet, the sample district. May be run again at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-sample", action="store_true", help="leave the sample district out")

    def handle(self, *args: Any, no_sample: bool, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        self.check(tags=[Tags.database], databases=["default"])
        call_command("collectstatic", verbosity=0, interactive=False)
        if settings.SAMPLE_SIGN_IN and not no_sample and not District.objects.exists():
            self.stderr.write("Loading the sample district …")
            call_command("sample_district")
