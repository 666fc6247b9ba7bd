"""What the walk needs to know of each address, beside who may do what there: that stands in stakeholders/rights.toml.

Most addresses need no line here. One that does says which row fills a part of the address, where the row of that name
in tests/full_district.py will not do; what a GET answers, where that is not 200; or that it answers with no page.
"""

from dataclasses import dataclass, field

from stakeholders.models import Level
from stakeholders.rights import Right, rights


@dataclass(frozen=True)
class Line:
    """One address: its right, and how a test asks for it."""

    right: Right
    get: int = 200  # what a GET answers to those who may read
    html: bool = True  # False: a file or text, so there is no page to look at in a browser
    fill: dict[str, str] = field(
        default_factory=dict
    )  # part of the address → attribute of Rows, or a plain word

    @property
    def place(self) -> str:
        return self.right.place

    @property
    def read(self) -> Level | None:
        return self.right.read

    @property
    def write(self) -> Level | None:
        return self.right.write

    @property
    def also(self) -> str:
        return self.right.also


PARTICULARS: dict[str, dict] = {
    "healthz": {"html": False},
    "healthz_jobs": {"html": False, "get": 503},  # nothing has ever run here
    "running_retry": {"fill": {"kind": "reports", "row": "parked_report"}},
    "running_retry_all": {"fill": {"kind": "reports"}},
    "running_give_up": {"fill": {"kind": "reports", "row": "parked_report"}},
    "account_confirm_login_code": {"get": 302},  # nobody waits for a code here
    "mfa_authenticate": {"get": 302},  # nobody is half in here
    # Whoever came in a while ago shows first who they are (tests/stakeholders/coming_in/test_confirm.py).
    "factor_app": {"get": 302},
    "add_passkey": {"get": 302},
    "passkey": {"get": 302, "fill": {"passkey": "0"}},
    "remove_passkey": {"fill": {"passkey": "0"}},
    "recovery_codes": {"get": 302},
    "unlink_provider": {"fill": {"link": "0"}},
    "sign_out_there": {"fill": {"place": "0"}},
    "openid_connect_login": {"fill": {"provider_id": "nobody"}},
    "openid_connect_callback": {"fill": {"provider_id": "nobody"}},
    # A link's own page shows its holder the district (tests/stakeholders/test_invitation_page.py); a wrong one, nothing.
    "invitation": {"get": 404, "fill": {"key": "no_such_key"}},
    "hand_over": {"fill": {"person": "owner"}},
    "look_around": {"fill": {"who": "coordinator"}},
    "theme_bring_back": {"fill": {"theme": "archived_theme"}},
    "plan_adopt": {"fill": {"plan": "draft"}},
    "plan_bring_back": {"fill": {"plan": "archived_plan"}},
    "goal_bring_back": {"fill": {"goal": "archived_goal"}},
    "initiative_bring_back": {"fill": {"initiative": "archived_initiative"}},
    "step_bring_back": {"fill": {"step": "archived_step"}},
    "milestone_each_year": {"fill": {"step": "recurring_step"}},
    "measure_bring_back": {"fill": {"measure": "archived_measure"}},
    "milestone_resume": {"fill": {"milestone": "paused_milestone"}},
    "milestone_take_back": {"fill": {"milestone": "dropped_milestone"}},
    "milestone_bring_back": {"fill": {"milestone": "archived_milestone"}},
    "import_undo": {"fill": {"plan_import": "applied_import"}},
    "calendar_undo": {"fill": {"calendar_import": "applied_calendar"}},
    "calendar_bring_back": {"fill": {"entry": "archived_entry"}},
    "people_import_undo": {"fill": {"people_import": "applied_people_import"}},
    "export_plan": {"html": False, "fill": {"kind": "csv"}},
    "building_bring_back": {"fill": {"building": "archived_building"}},
    "report_retry": {"fill": {"report": "parked_report"}},
    "report_pdf": {"html": False},
}

TABLE = {name: Line(right, **PARTICULARS.get(name, {})) for name, right in rights().items()}

# Addresses that the walk leaves out, each with the reason. A namespace stands for all that is in it.
EXEMPT = {
    "admin": "Django's own, for whoever runs the installation; test_access asks that it lets nobody else in",
}
