"""What somebody has chosen on the preview: kept with the import as plain values, read through this."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from stakeholders.models import Level, PeopleImport

MANY_GROUPS = 80  # more are one group: a page with a box for each of a thousand titles helps nobody
OTHERS = ""  # whoever has no role or title, and the titles beyond the first eighty
ROLE_NAMES = {
    "teacher": _("Teachers"),
    "aide": _("Aides"),
    "counselor": _("Counselors"),
    "proctor": _("Proctors"),
    "principal": _("Principals"),
    "administrator": _("Administrators"),
    "siteAdministrator": _("Site administrators"),
    "districtAdministrator": _("District administrators"),
    "systemAdministrator": _("System administrators"),
    "staff": _("Staff"),
}


@dataclass
class Choices:
    levels: dict[str, str] = field(default_factory=dict)  # group → level of its new people; else viewer
    left_groups: list[str] = field(default_factory=list)
    appoint: list[str] = field(
        default_factory=list
    )  # titles whose people are appointed to the role of that title
    end: list[int] = field(default_factory=list)  # memberships to end: in the district, not in the file
    let_back: bool = False  # whoever left and is in the file may come in again
    change_levels: bool = False  # members get the level that the file gives them

    @classmethod
    def of(cls, job: PeopleImport) -> "Choices":
        return cls(**job.choices)

    def keep(self, job: PeopleImport) -> None:
        job.choices = vars(self)
        job.save(update_fields=["choices"])

    def level_of(self, groups: list[str]) -> Level:
        """The highest of what was chosen for the groups: who is teacher and principal comes in as the principal."""
        chosen = [Level(self.levels.get(group, Level.VIEWER)) for group in groups or [OTHERS]]
        return max(chosen, key=list(Level).index)

    def leaves_out(self, groups: list[str]) -> bool:
        """Whether every group that somebody belongs to is left out."""
        return all(group in self.left_groups for group in groups or [OTHERS])


def group_label(group: str) -> str:
    return str(ROLE_NAMES.get(group, group)) if group else str(_("No role, or another"))
