from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from stakeholders.edit_forms import tidy
from stakeholders.management.commands.add_district import refuse_bad_values
from stakeholders.models import Appointment, District, Level, Membership, Person, Role, SignInCode


class Command(BaseCommand):
    help = (
        "Give somebody access to a district, and print a code with which they can come in before mail works. For "
        "somebody who has access already it sets the level and prints a new code."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the e-mail address that the person signs in with")
        parser.add_argument("--name", required=True, help="first and last name")
        parser.add_argument("--district", required=True, metavar="SLUG")
        parser.add_argument("--level", required=True, metavar="L", help=", ".join(Level.values))
        parser.add_argument(
            "--role", default="", metavar="TITLE", help="a role that the person holds from today on"
        )

    @transaction.atomic
    def handle(self, *args: Any, email: str, name: str, level: str, **options: Any) -> None:
        now = timezone.now()
        district = District.objects.filter(slug=options["district"]).first()
        if district is None:
            raise CommandError(f"There is no district {options['district']!r}.", returncode=2)
        if level not in Level.values:
            raise CommandError(
                f"--level must be one of {', '.join(Level.values)}, not {level!r}.", returncode=2
            )
        person = _person(email, tidy(name), now=now)
        membership, _new = Membership.objects.update_or_create(
            district=district, person=person, defaults={"level": level, "ended_at": None}
        )
        self.stdout.write(
            f"{person.name} <{person.email}> has access to {district.name} as {membership.level}."
        )
        if title := tidy(options["role"]):
            role = _appoint(person, title, district=district, today=district.today(now))
            self.stdout.write(f"{person.name} holds the role {role.title}.")
        self._hand_over_code(person, now=now)

    def _hand_over_code(self, person: Person, *, now: datetime) -> None:
        code = SignInCode.make(person, now=now)
        self.stdout.write(
            f"\nTo come in without mail, once, within three days:\n"
            f"  address  {settings.SITE_URL}{reverse('first_sign_in')}\n"
            f"  e-mail   {person.email}\n"
            f"  code     {code[:4]} {code[4:]}"
        )


def _person(email: str, name: str, *, now: datetime) -> Person:
    """Return whoever signs in with this address; somebody new gets `name`. A known person keeps the name they have."""
    email = email.strip().lower()
    if known := Person.objects.filter(email=email).first():
        if not known.is_active:
            raise CommandError(
                f"{email} may not sign in: this was switched off in the admin pages.", returncode=2
            )
        return known
    person = Person(email=email, name=name)
    refuse_bad_values(person, exclude=("password",))
    return Person.objects.create_user(email, name=name, proven_at=now)


def _appoint(person: Person, title: str, *, district: District, today: date) -> Role:
    """Let `person` hold the role of this title from today on, if they do not hold it already."""
    role = Role.objects.in_district(district).filter(title__iexact=title).first()
    if role is None:
        role = Role(district=district, title=title)
        refuse_bad_values(role)
        role.save()
    if not role.appointments.holding(today).filter(person=person).exists():
        Appointment.objects.create(role=role, person=person, starts_on=today)
    return role
