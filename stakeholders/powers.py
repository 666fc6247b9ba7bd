"""What a role may do here, in sentences: what its post was given, and what nobody has said yet.

Many who lead technology may decide little. The sentences say what the district has set up, and nothing about anybody.
"""

from django.utils.translation import gettext as _

from stakeholders.models import Role
from stakeholders.templatetags.powers import figure


def sentences(role: Role) -> list[str]:
    """Return what is said of `role`, each fact a sentence; `role.directs` should be fetched."""
    found = [
        _yes_or_no(role.in_cabinet, _("Sits in the cabinet."), _("Does not sit in the cabinet.")),
        _decides(role),
        _spends(role),
        _directs(role),
        _hours(role),
    ]
    return [words for words in found if words]


def unsaid(role: Role) -> list[str]:
    """Return the facts that nobody has said yet, by their names."""
    names = {
        "side": _("instructional or technical"),
        "in_cabinet": _("a seat in the cabinet"),
        "decides_alone": _("deciding alone"),
        "may_spend": _("spending"),
        "directs_others": _("directing others"),
        "hours_a_week": _("hours for technology"),
    }
    return [words for name, words in names.items() if getattr(role, name) in (None, "")]


def has_no_say(role: Role) -> bool:
    """Whether it is said of `role` that it neither sits in the cabinet nor decides, spends or directs."""
    return (role.in_cabinet, role.decides_alone, role.may_spend, role.directs_others) == (
        False,
        False,
        0,
        False,
    )


def _yes_or_no(said: bool | None, yes: str, no: str) -> str:
    return "" if said is None else yes if said else no


def _decides(role: Role) -> str:
    if role.decides_alone and role.decides_what:
        return _("May decide alone about: %(what)s.") % {"what": role.decides_what.rstrip(".")}
    return _yes_or_no(role.decides_alone, _("May decide alone."), _("May not decide alone."))


def _spends(role: Role) -> str:
    if role.may_spend is None:
        return ""
    if not role.may_spend:
        return _("May not spend.")
    return _("May spend up to $%(amount)s.") % {"amount": figure(role.may_spend, 2)}


def _directs(role: Role) -> str:
    if role.directs_others:
        titles = ", ".join(other.title for other in role.directs.all())
        return _("Directs: %(roles)s.") % {"roles": titles} if titles else _("Directs others.")
    return _yes_or_no(role.directs_others, "", _("Directs nobody."))


def _hours(role: Role) -> str:
    if role.hours_a_week is None:
        return ""
    if not role.hours_a_week:
        return _("Has no hours set aside for technology.")
    if role.hours_a_week == 1:
        return _("Has 1 hour a week for technology.")
    return _("Has %(hours)s hours a week for technology.") % {"hours": figure(role.hours_a_week, 1)}
