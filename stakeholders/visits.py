"""When somebody was last here: any page of a district counts, and once an hour a row says so.

The look-up rides on the membership that each page fetches anyway, so that a page costs no query more; the row is the one
thing besides sessions that a GET may write.
"""

from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery

from stakeholders.models import Membership, Visit

ANY_PAGE = "district"
ONCE_IN = timedelta(hours=1)


def with_last_visit(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Tell with each membership when its person was last seen in the district: `visited_at`, None for never."""
    seen = Visit.objects.filter(
        district=OuterRef("district"), person=OuterRef("person"), page=ANY_PAGE
    ).order_by("-at")
    return memberships.annotate(visited_at=Subquery(seen.values("at")[:1]))


def note_visit(membership: Membership, *, now: datetime) -> None:
    """Write down that this member is here, unless that was done within the hour. Comes from `with_last_visit`."""
    if membership.visited_at is None or abs(now - membership.visited_at) >= ONCE_IN:
        Visit.objects.create(
            district_id=membership.district_id, person_id=membership.person_id, page=ANY_PAGE, at=now
        )
