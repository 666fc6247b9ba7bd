from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.sample.build import build_sample, how_to_sign_in


class Command(BaseCommand):
    help = "Makes Juniper Flats School District, again from scratch: invented, with dates relative to today."

    def handle(self, *args, **options):
        district = build_sample(now=timezone.now())
        self.stdout.write(f"{district.name} is there. Four of its people:")
        for name, address in how_to_sign_in():
            self.stdout.write(f"  {name:32} {address}")
