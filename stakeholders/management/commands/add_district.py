from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from stakeholders.edit_forms import tidy
from stakeholders.models import District


class Command(BaseCommand):
    help = "Add a district. The next step is add_person, with which its first leader can come in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "slug", help="its name in addresses, as in /d/cedar/: small letters, digits, hyphens"
        )
        parser.add_argument("--name", required=True, help="its full name")
        parser.add_argument("--time-zone", required=True, metavar="TZ", help="as in America/Denver")
        parser.add_argument("--state", default="", metavar="XX", help="two capital letters")
        parser.add_argument("--nces-id", default="", metavar="ID", help="its seven digits at the NCES")

    def handle(self, *args: Any, slug: str, name: str, time_zone: str, **options: Any) -> None:
        district = District(
            slug=slug,
            name=tidy(name),
            time_zone=time_zone,
            state=options["state"].upper(),
            nces_id=options["nces_id"],
        )
        refuse_bad_values(district)
        district.save()
        self.stdout.write(f"Added {district.name}. Its plan will be at /d/{district.slug}/")
        self.stdout.write(
            f"Next: manage.py add_person EMAIL --name NAME --district {district.slug} --level leader"
        )


def refuse_bad_values(row: Any, *, exclude: tuple[str, ...] = ()) -> None:
    """Raise CommandError, in one line that names each wrong value, unless `row` could be saved."""
    try:
        row.full_clean(exclude=exclude)
    except ValidationError as error:
        wrong = [f"{name}: {' '.join(words)}" for name, words in error.message_dict.items()]
        raise CommandError(" ".join(wrong), returncode=2) from None
