from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.sample.build import build_sample, how_to_sign_in
from reports.sample.remove import remove_sample


class Command(BaseCommand):
    help = (
        "Makes Juniper Flats School District, again from scratch: invented, with dates relative to today. "
        "With --remove it is removed, with its people who belong nowhere else, and bin/run does not bring it back."
    )

    def add_arguments(self, parser):
        parser.add_argument("--remove", action="store_true", help="remove it; other districts are left alone")

    def handle(self, *args, **options):
        if options["remove"]:
            self._remove()
            return
        district = build_sample(now=timezone.now())
        self.stdout.write(f"{district.name} is there. Four of its people:")
        for name, address in how_to_sign_in():
            self.stdout.write(f"  {name:32} {address}")

    def _remove(self):
        if remove_sample(now=timezone.now()):
            self.stdout.write("The sample district is removed. To have it again: manage.py sample_district")
        else:
            self.stdout.write("There is no sample district.")
