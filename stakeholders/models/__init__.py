from stakeholders.models.district import Building, District, SecondFactorFor
from stakeholders.models.invitation import Invitation, InvitationKey
from stakeholders.models.jobs import Heartbeat
from stakeholders.models.notice import Notice
from stakeholders.models.person import Level, Membership, Person
from stakeholders.models.role import Appointment, Role
from stakeholders.models.sign_in_code import SignInCode
from stakeholders.models.visit import Visit

__all__ = [
    "Appointment",
    "Building",
    "District",
    "Heartbeat",
    "Invitation",
    "InvitationKey",
    "Level",
    "Membership",
    "Notice",
    "Person",
    "Role",
    "SecondFactorFor",
    "SignInCode",
    "Visit",
]
