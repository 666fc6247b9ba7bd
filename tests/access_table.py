"""Who may do what at which address: a line for each, walked by tests/test_access.py.

A new address needs a line here, or the walk fails. The lines:

    page()                     read by every member; other methods answer 405
    page(EDITOR)               read by editors and leaders
    page(EDITOR, post=EDITOR)  a form: the same address is read and written
    page(post=EDITOR)          read by every member, written by editors and leaders
    verb(LEADER)               POST only, by leaders
    verb(EDITOR, owners=True)  ... also for whoever holds a role that leads or helps with the step, whatever the level
    anyone(), signed_in()      outside of a district; post=True where it takes a form
    nobody()                   404 for everybody as installed by default

`get` is what a GET answers to those who may read, where that is not 200: a page that only leads on answers 302.
`html=False`: it answers with a file or text, so there is no page to look at in a browser.
`FILLS` says which row of the district stands for each name in `<...>`; a line's own `fill` goes before.
"""

from dataclasses import dataclass, field

from stakeholders.models import Level

VIEWER, COMMITTEE, EDITOR, LEADER = Level.VIEWER, Level.COMMITTEE, Level.EDITOR, Level.LEADER


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one address asks of its visitors."""

    place: str = "district"  # or: anyone, signed in, nobody
    read: Level | None = None  # the lowest level for GET and HEAD; None: 405
    write: Level | None = None  # the lowest level for POST; None: 405
    owners: bool = False  # whoever holds an owning role may, too
    get: int = 200
    html: bool = True
    fill: dict[str, str] = field(default_factory=dict)


def page(read: Level = VIEWER, *, post: Level | None = None, **more) -> Line:
    return Line(read=read, write=post, **more)


def verb(write: Level, **more) -> Line:
    return Line(write=write, **more)


def anyone(*, post: bool = False, **more) -> Line:
    return Line(place="anyone", read=VIEWER, write=VIEWER if post else None, **more)


def signed_in(*, post: bool = False, **more) -> Line:
    return Line(place="signed in", read=VIEWER, write=VIEWER if post else None, **more)


def nobody(**more) -> Line:
    return Line(place="nobody", **more)


# The part of an address in <...> → the attribute of tests.walk.Rows that fills it.
FILLS = {
    name: name
    for name in (
        "plan",
        "goal",
        "initiative",
        "step",
        "milestone",
        "move",
        "measure",
        "role",
        "theme",
        "report",
        "plan_import",
        "slip",
    )
}

TABLE = {
    # outside of a district
    "healthz": anyone(html=False),
    "home": signed_in(),
    "account": signed_in(),
    "account_password": signed_in(post=True),
    "help": anyone(),
    "account_request_login_code": anyone(post=True),
    "account_confirm_login_code": anyone(post=True, get=302),  # nobody waits for a code here
    "account_login": anyone(post=True),
    "account_inactive": anyone(),
    "account_signup": anyone(),
    "account_logout": anyone(post=True),
    "first_sign_in": anyone(post=True),
    "look_around": nobody(fill={"who": "coordinator"}),
    # the vision
    "vision": page(),
    "vision_edit": page(EDITOR, post=EDITOR),
    "vision_history": page(),
    "theme_new": page(EDITOR, post=EDITOR),
    "theme_edit": page(EDITOR, post=EDITOR),
    "theme_history": page(),
    "theme_move": verb(EDITOR),
    "theme_archive": verb(EDITOR),
    "theme_bring_back": verb(EDITOR, fill={"theme": "archived_theme"}),
    # plan, goals, initiatives
    "plan": page(),
    "plans": page(),
    "plan_new": page(EDITOR, post=EDITOR),
    "plan_detail": page(),
    "plan_edit": page(EDITOR, post=EDITOR),
    "plan_history": page(),
    "plan_gaps": page(EDITOR),
    "plan_adopt": page(LEADER, post=LEADER, fill={"plan": "draft"}),
    "plan_archive": verb(EDITOR),
    "plan_bring_back": verb(EDITOR, fill={"plan": "archived_plan"}),
    "goal_new": page(EDITOR, post=EDITOR),
    "goal": page(),
    "goal_edit": page(EDITOR, post=EDITOR),
    "goal_history": page(),
    "goal_move": verb(EDITOR),
    "goal_archive": verb(EDITOR),
    "goal_bring_back": verb(EDITOR, fill={"goal": "archived_goal"}),
    "initiative_new": page(EDITOR, post=EDITOR),
    "initiative": page(),
    "initiative_edit": page(EDITOR, post=EDITOR),
    "initiative_history": page(),
    "initiative_move": verb(EDITOR),
    "initiative_archive": verb(EDITOR),
    "initiative_bring_back": verb(EDITOR, fill={"initiative": "archived_initiative"}),
    # steps, their milestones and measures
    "step_new": page(EDITOR, post=EDITOR),
    "step": page(),
    "step_edit": page(EDITOR, post=EDITOR),
    "step_history": page(),
    "step_move": verb(EDITOR),
    "step_archive": verb(EDITOR),
    "step_bring_back": verb(EDITOR, fill={"step": "archived_step"}),
    "milestone_new": page(EDITOR, post=EDITOR),
    "milestone_each_year": page(EDITOR, post=EDITOR, fill={"step": "recurring_step"}),
    "measure_new": page(EDITOR, post=EDITOR),
    "measure": page(),
    "measure_edit": page(EDITOR, post=EDITOR),
    "measure_history": page(),
    "measure_archive": verb(EDITOR),
    "measure_bring_back": verb(EDITOR, fill={"measure": "archived_measure"}),
    "reading_new": page(EDITOR, post=EDITOR, owners=True),
    # milestones: what owners say, and what becomes of dates
    "worklist": page(),
    "milestones": page(),
    "words": page(),
    "milestone": page(),
    "check_in": page(EDITOR, post=EDITOR, owners=True),
    "check_in_undo": verb(EDITOR, owners=True),
    "check_in_number": verb(EDITOR, owners=True),
    "milestone_move": page(EDITOR, post=EDITOR, owners=True),
    "milestone_pause": page(EDITOR, post=EDITOR),
    "milestone_resume": verb(EDITOR, fill={"milestone": "paused_milestone"}),
    "milestone_drop": page(EDITOR, post=EDITOR),
    "milestone_take_back": verb(EDITOR, fill={"milestone": "dropped_milestone"}),
    "milestone_edit": page(EDITOR, post=EDITOR),
    "milestone_archive": verb(EDITOR),
    "milestone_bring_back": verb(EDITOR, fill={"milestone": "archived_milestone"}),
    "slip_words": page(EDITOR, post=EDITOR, owners=True),
    "move_decide": verb(LEADER),
    # in from a file and out again
    "import_start": page(EDITOR, post=EDITOR),
    "import_columns": page(EDITOR, post=EDITOR),
    "import_preview": page(EDITOR, post=EDITOR),
    "import_apply": verb(EDITOR),
    "import_undo": verb(EDITOR, fill={"plan_import": "applied_import"}),
    "import_discard": verb(EDITOR),
    "export_plan": page(html=False, fill={"kind": "csv"}),
    # who
    "people": page(),
    "roles": page(),
    "role_new": page(EDITOR, post=EDITOR),
    "role": page(),
    "role_edit": page(EDITOR, post=EDITOR),
    "role_history": page(),
    # what it all says
    "dashboard": page(),
    "changes": page(),
    "reports": page(),
    "report_new": page(EDITOR, post=EDITOR),
    "report": page(),
    "report_retry": verb(EDITOR, fill={"report": "parked_report"}),
    "report_web": page(),
    "report_pdf": page(html=False),
}

# Addresses that the walk leaves out, each with the reason. A namespace stands for all that is in it.
EXEMPT = {
    "admin": "Django's own, for whoever runs the installation; test_access asks that it lets nobody else in",
}
