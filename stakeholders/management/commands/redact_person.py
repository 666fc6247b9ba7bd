from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from stakeholders.edit_forms import tidy
from stakeholders.models import Membership, Person
from stakeholders.records.redaction import Refused, redact


class Command(BaseCommand):
    help = (
        "Take somebody who has left every district out of the records of all of them: their name becomes "
        "“Former member #n”, their address is free, and their account is deleted. It cannot be undone."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address that the person signed in with")
        parser.add_argument("--reason", required=True, help="kept for good, so without anybody's name")
        parser.add_argument("--by", metavar="EMAIL", help="who does it: somebody who runs this installation")
        parser.add_argument(
            "--yes", action="store_true", help="do it; without, only what would be done is said"
        )

    @transaction.atomic
    def handle(self, *args: Any, email: str, reason: str, **options: Any) -> None:
        person = Person.objects.filter(email__iexact=email.strip()).first()
        if person is None:
            raise CommandError(f"Nobody has the address {email!r}.", returncode=2)
        memberships = list(Membership.objects.filter(person=person).select_related("district", "person"))
        if here := [one.district.slug for one in memberships if one.ended_at is None]:
            raise CommandError(
                f"{email} still has access to {', '.join(here)}. End that first, on the district's pages.",
                returncode=2,
            )
        if not memberships:
            raise CommandError(f"{email} never belonged to a district; use the admin pages.", returncode=2)
        reason = tidy(reason)
        if not reason:
            raise CommandError("--reason says nothing.", returncode=2)
        if not options["yes"]:
            slugs = ", ".join(one.district.slug for one in memberships)
            self.stdout.write(
                f"Would take {email} out of the records of {slugs}, for good. Add --yes to do it."
            )
            return
        by = self._by(options["by"])
        for one in memberships:
            try:
                done = redact(one, by=by, now=timezone.now(), reason=reason)
            except Refused as no:
                raise CommandError(str(no), returncode=2) from None
            self.stdout.write(f"{one.district.slug}: {done}")

    def _by(self, email: str | None) -> Person | None:
        if not email:
            return None
        by = Person.objects.filter(email__iexact=email.strip(), is_staff=True, is_active=True).first()
        if by is None:
            raise CommandError(f"Nobody who runs this installation has the address {email!r}.", returncode=2)
        return by
