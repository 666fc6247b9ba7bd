from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError

from stakeholders.coming_in.sessions import end_sessions
from stakeholders.models import Person


class Command(BaseCommand):
    help = "Remove the app, passkeys and recovery codes of somebody who has lost them all, and sign them out everywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = Person.objects.filter(email__iexact=email.strip()).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {email}.")
        Authenticator.objects.filter(user=person).delete()
        end_sessions(person)
        self.stdout.write(f"{person}: come in by a code or a password, and set up a new second step.")
