"""What is in it for somebody who comes in for the first time: a sentence for the level, and one for each kind of role."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from stakeholders.models import Level, Membership, Role


def words_of_welcome(membership: Membership, *, today: date) -> list[str]:
    """Return the sentences for this member, the one for the level first; none once they were put away."""
    if membership.welcomed_at:
        return []
    roles = list(Role.objects.in_district(membership.district).held_by(membership.person, today=today))
    return [_for_level(Level(membership.level)), *_for_roles(roles)]


def _for_level(level: Level) -> str:
    return {
        Level.VIEWER: _(
            "You can read the whole plan and every report, so you need not ask anybody where something stands."
        ),
        Level.COMMITTEE: _(
            "You see what becomes of what the committee asked for, and need no meeting to find out where it stands."
        ),
        Level.EDITOR: _(
            "You keep the plan in one place: a minute an item, and the board report writes itself from what people said."
        ),
        Level.LEADER: _(
            "Ten minutes before cabinet are enough: what waits for you, what slipped and why, and what you owe the people "
            "who do the work."
        ),
    }[level]


def _for_roles(roles: list[Role]) -> list[str]:
    """A sentence for the roles of buildings, and one for the others."""
    at_buildings = [role for role in roles if role.building_id]
    elsewhere = [role for role in roles if not role.building_id]
    words = []
    if elsewhere:
        names = ", ".join(role.title for role in elsewhere)
        said = _(
            "You hold %(roles)s: what you lead stands under “My updates”, and what holds it up is written beside it, "
            "so a late date is never only yours."
        )
        words.append(said % {"roles": names})
    if at_buildings:
        names = ", ".join(role.title for role in at_buildings)
        said = _(
            "You hold %(roles)s: you see what the plan means for your building, and can say what differs there."
        )
        words.append(said % {"roles": names})
    return words


def put_away(membership: Membership, *, now: datetime) -> None:
    """Show the words of welcome to this member no more."""
    Membership.objects.filter(pk=membership.pk, welcomed_at__isnull=True).update(welcomed_at=now)
