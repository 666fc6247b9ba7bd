"""The time zones that a district may choose from: those of the United States first, by the names people know."""

import zoneinfo
from collections import defaultdict
from functools import cache

from django.utils.translation import gettext_lazy as _

AT_HOME = {
    "America/New_York": _("Eastern (New York)"),
    "America/Detroit": _("Eastern (Detroit)"),
    "America/Indiana/Indianapolis": _("Eastern (Indianapolis)"),
    "America/Chicago": _("Central (Chicago)"),
    "America/Denver": _("Mountain (Denver)"),
    "America/Boise": _("Mountain (Boise)"),
    "America/Phoenix": _("Mountain without summer time (Phoenix)"),
    "America/Los_Angeles": _("Pacific (Los Angeles)"),
    "America/Anchorage": _("Alaska (Anchorage)"),
    "America/Adak": _("Aleutian Islands (Adak)"),
    "Pacific/Honolulu": _("Hawaii (Honolulu)"),
    "America/Puerto_Rico": _("Puerto Rico"),
    "America/St_Thomas": _("U.S. Virgin Islands"),
    "Pacific/Guam": _("Guam"),
    "Pacific/Saipan": _("Northern Mariana Islands"),
    "Pacific/Pago_Pago": _("American Samoa"),
}
PARTS = ("America", "Pacific", "Europe", "Asia", "Africa", "Australia")  # where American schools are


@cache
def _elsewhere() -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(zoneinfo.available_timezones()):
        part, _slash, place = name.partition("/")
        if place and part in PARTS and name not in AT_HOME:
            groups[part].append((name, place.replace("_", " ")))
    return [(part, groups[part]) for part in PARTS if groups[part]] + [("UTC", [("UTC", "UTC")])]


def zone_choices(now_chosen: str) -> list[tuple]:
    """Return the choices of a select, in groups; a zone under an old name stays choosable where it is in use."""
    choices = [(_("United States"), list(AT_HOME.items())), *_elsewhere()]
    known = {name for _group, zones in choices for name, _label in zones}
    if now_chosen and now_chosen not in known:
        choices.append((_("In use"), [(now_chosen, now_chosen)]))
    return choices
