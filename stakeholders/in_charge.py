"""Whom members turn to for access and help: somebody of the district whom a leader has named.

A person who has left, or may not sign in, is nobody to turn to, although the district may still name them.
"""

from django.db.models import Exists, OuterRef, QuerySet

from stakeholders.models import Membership, Person


def with_in_charge(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Fetch with each membership its district, whom that names, and whether they are still here: no further query."""
    here = Membership.objects.standing().filter(
        district=OuterRef("district"), person=OuterRef("district__in_charge")
    )
    return memberships.select_related("district__in_charge").annotate(in_charge_is_here=Exists(here))


def in_charge_of(membership: Membership | None) -> Person | None:
    """Return whom a member may ask. The membership comes from `with_in_charge`; else nobody is known."""
    if membership is None or not getattr(membership, "in_charge_is_here", False):
        return None
    return membership.district.in_charge
