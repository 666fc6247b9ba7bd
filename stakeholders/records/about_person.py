"""Where the database speaks of a person: found by walking every model, so that nobody has to remember a new one.

Rows of a district are found by their foreign keys to `Person`; tables of history are among them. What belongs to no district
stands in `OWN` or `ELSEWHERE`, each with the reason, and a test fails for a model in none of them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.db.models import Q

from stakeholders.models import District, Membership, Person

# Tables without a district that tell a person of their own account: which columns they may take home.
OWN = {
    "stakeholders.SignedIn": ("browser", "system", "network", "since", "seen_at"),
    "mfa.Authenticator": ("type", "created_at", "last_used_at"),
    "socialaccount.SocialAccount": ("provider", "date_joined", "last_login"),
}
# Tables without a district that no export holds, each with the reason.
ELSEWHERE = {
    "stakeholders.SignInCode": "the hash of a code that works once",
    "account.EmailAddress": "repeats the address that the account itself tells",
    "admin.LogEntry": "what was done in the installation's admin pages; whoever runs it keeps that",
}
# Columns that leave the database in no export: secrets, and what the program keeps for itself.
SECRET = re.compile(
    r"(^|_)(password|secret|token|key|hash|digest|codes?|fingerprint|message_id|lease_until)($|_)"
)
BULKY = {"html", "facts", "pdf", "blocks", "made", "events", "columns", "choices", "left_out"}
FOREVER = {"id", "district", "version", "position", "history_id"}


@dataclass(frozen=True)
class Link:
    """A table that can tell of a person, and the columns by which it does."""

    model: type[models.Model]
    names: tuple[str, ...]
    by_membership: tuple[str, ...] = ()  # columns that lead to the person by way of a membership

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def is_history(self) -> bool:
        return hasattr(self.model, "instance_type")

    @property
    def told_of(self) -> type[models.Model]:
        """The model whose history this is, or the model itself."""
        return self.model.instance_type if self.is_history else self.model

    def of_district(self, district: District) -> models.QuerySet:
        rows = self.model._base_manager.all()
        if self.told_of is District:
            return rows.filter(id=district.pk)
        return rows.filter(district=district.pk)

    def about(self, person: Person, district: District) -> models.QuerySet:
        """Return the rows of `district` that lead to `person`."""
        found = Q()
        for name in self.names:
            found |= Q(**{name: person.pk})
        for name in self.by_membership:
            found |= Q(**{f"{name}__person": person.pk})
        return self.of_district(district).filter(found).order_by("pk")


def all_links() -> list[Link]:
    """Return every table with a foreign key to a person, or to a membership of one."""
    links = []
    for model in apps.get_models():
        ties = [f for f in model._meta.concrete_fields if f.is_relation]
        names = tuple(f.name for f in ties if f.related_model is Person)
        by_membership = tuple(f.name for f in ties if f.related_model is Membership)
        if names or by_membership:
            links.append(Link(model, names, by_membership))
    return sorted(links, key=lambda link: (link.is_history, link.label))


def district_links() -> list[Link]:
    """Return those tables whose rows belong to a district."""
    return [link for link in all_links() if belongs_to_a_district(link.model)]


def belongs_to_a_district(model: type[models.Model]) -> bool:
    told_of = getattr(model, "instance_type", model)
    return told_of is District or any(f.name == "district" for f in model._meta.fields)


def told_columns(model: type[models.Model]) -> Iterator[models.Field]:
    """Return the columns of a table that an export may hold."""
    for column in model._meta.concrete_fields:
        if column.name in FOREVER | BULKY or SECRET.search(column.name):
            continue
        yield column


def text_columns(model: type[models.Model]) -> list[models.Field]:
    """Return the columns into which people write, addresses among them."""
    kinds = (models.CharField, models.TextField)
    return [
        f
        for f in model._meta.concrete_fields
        if isinstance(f, kinds) and not f.choices and not f.primary_key and not SECRET.search(f.name)
    ]


def json_columns(model: type[models.Model]) -> list[models.Field]:
    return [f for f in model._meta.concrete_fields if isinstance(f, models.JSONField)]
