"""What every page knows: where we are, who is looking, and the four ways from here. Makes no query of its own."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from stakeholders.in_charge import in_charge_of

FILE_MAIL = "django.core.mail.backends.filebased.EmailBackend"
# Which entry is lit: the first part of the address after the district.
PLACES = {
    "": "home",
    "changes": "home",
    "plan": "plan",
    "plans": "plan",
    "vision": "plan",
    "goals": "plan",
    "initiatives": "plan",
    "steps": "plan",
    "measures": "plan",
    "milestones": "plan",
    "words": "plan",
    "people": "people",
    "roles": "people",
    "appointments": "people",
    "hand-overs": "people",
    "buildings": "people",
    "settings": "people",
    "rights": "people",
    "import": "plan",
    "updates": "updates",
    "reports": "reports",
}


def site(request: HttpRequest) -> dict:
    """Return what `stakeholders.access.in_district` put on the request, the main navigation and where mail goes."""
    district = getattr(request, "district", None)
    return {
        "district": district,
        "membership": getattr(request, "membership", None),
        "in_charge": in_charge_of(getattr(request, "membership", None)),
        "today": getattr(request, "today", None),
        "calendar": getattr(request, "calendar", None),
        "nav": navigation(district.slug, request.path) if district else [],
        "mail_folder": mail_folder(),
    }


def mail_folder() -> str:
    """Return the folder that mail is written to while none is sent, by its last two names; else nothing."""
    if settings.EMAIL_BACKEND != FILE_MAIL:
        return ""
    return "/".join(Path(settings.EMAIL_FILE_PATH).parts[-2:])


def navigation(slug: str, path: str) -> list[dict]:
    """Return the entries of the main navigation, the one that `path` belongs to marked `here`."""
    home = f"/d/{slug}/"
    place = PLACES.get(path.removeprefix(home).split("/")[0]) if path.startswith(home) else None
    return [
        {"label": label, "url": home + rest, "icon": icon, "here": icon == place}
        for label, rest, icon in (
            (_("Home"), "", "home"),
            (_("Plan"), "plan/", "plan"),
            (_("My updates"), "updates/", "updates"),
            (_("Reports"), "reports/", "reports"),
            (_("People"), "people/", "people"),
        )
    ]
