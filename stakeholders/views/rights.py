"""Who may do what here, and what of it the person who looks may do, and why."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stakeholders.access import in_district, who_may
from stakeholders.models import Level, Membership, Role
from stakeholders.rights import Action, actions, also_words


class Told(NamedTuple):
    """An action as one visitor reads it: what it is, who may, whether the visitor may ("yes", "some", "no"), and why."""

    action: str
    note: str
    who: str
    may: str
    why: str


@require_safe
@in_district()
def rights(request: HttpRequest) -> HttpResponse:
    """Show the table of rights, each line with the visitor's own yes or no and the reason."""
    held = list(Role.objects.in_district(request.district).served_by(request.user, today=request.today))
    groups = [
        (_(group), [told(action, request.membership, held) for action in found if action.place == "district"])
        for group, found in actions().items()
    ]
    shown = [(group, found) for group, found in groups if found]
    return render(request, "stakeholders/rights.html", {"groups": shown, "held": held})


def told(action: Action, membership: Membership, held: list[Role]) -> Told:
    """Return `action` as a member reads it who holds the roles `held`."""
    who, level = who_may(action.level), membership.get_level_display().lower()
    if action.also:
        who = _("%(who)s; and %(also)s") % {"who": who, "also": _(also_words(action.also))}
    if membership.may(action.level):
        may = "yes"
        why = "" if action.level == Level.VIEWER else _("as %(level)s") % {"level": level}
    elif action.also == "owners" and held:
        may = "some"
        why = _("as %(roles)s") % {"roles": ", ".join(role.title for role in held)}
    else:
        may, why = "no", ""
    return Told(_(action.words), _(action.note) if action.note else "", who, may, why)
