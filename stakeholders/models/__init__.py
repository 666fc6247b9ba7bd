from stakeholders.models.area import Area, RoleArea
from stakeholders.models.building import Building
from stakeholders.models.district import District, SecondFactorFor
from stakeholders.models.hand_over import HandOver, HandOverLine
from stakeholders.models.invitation import Invitation, InvitationKey
from stakeholders.models.jobs import Heartbeat
from stakeholders.models.notice import Notice
from stakeholders.models.people_import import PeopleImport, PeopleImportRow
from stakeholders.models.person import Level, Membership, Person
from stakeholders.models.redaction import Redaction
from stakeholders.models.role import Appointment, Direction, Role
from stakeholders.models.school_calendar import CalendarEntry, CalendarImport, DayKind, DayOff
from stakeholders.models.sign_in import Delay, Kept, SignedIn
from stakeholders.models.sign_in_code import SignInCode
from stakeholders.models.visit import Visit
from stakeholders.models.workplace import Workplace

__all__ = [
    "Appointment",
    "Area",
    "Building",
    "CalendarEntry",
    "CalendarImport",
    "DayKind",
    "DayOff",
    "Delay",
    "Direction",
    "District",
    "HandOver",
    "HandOverLine",
    "Heartbeat",
    "Invitation",
    "InvitationKey",
    "Kept",
    "Level",
    "Membership",
    "Notice",
    "PeopleImport",
    "PeopleImportRow",
    "Person",
    "Redaction",
    "Role",
    "RoleArea",
    "SecondFactorFor",
    "SignInCode",
    "SignedIn",
    "Visit",
    "Workplace",
]
