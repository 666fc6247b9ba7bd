"""Who may do what at which address: a line for each, walked by tests/test_access.py.

A new address needs a line here, or the walk fails. The lines:

    page()                     read by every member; other methods answer 405
    page(EDITOR)               read by editors and leaders
    page(EDITOR, post=EDITOR)  a form: the same address is read and written
    page(post=EDITOR)          read by every member, written by editors and leaders
    verb(LEADER)               POST only, by leaders
    verb(EDITOR, owners=True)  ... also by whoever holds a role that leads or helps with the step, whatever the level
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
    owners: bool = False  # whoever holds an owning role may POST, too
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
    "plan": "plan",
    "goal": "goal",
    "initiative": "initiative",
    "step": "step",
    "milestone": "milestone",
    "move": "move",
    "slip": "slip",
    "measure": "measure",
    "theme": "theme",
    "report": "report",
    "plan_import": "plan_import",
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
    "look_around": nobody(fill={"who": "coordinator"}),
    # what it all says
    "dashboard": page(),
    "changes": page(),
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
}

# Addresses that the walk leaves out, each with the reason. A namespace stands for all that is in it.
EXEMPT = {
    "admin": "Django's own, for whoever runs the installation; test_access asks that it lets nobody else in",
}
