from milestones.models.building import StepBuilding
from milestones.models.checkin import CheckIn
from milestones.models.dates import DateMove, Slip, SlipNotice
from milestones.models.measure import Measure, Reading
from milestones.models.milestone import Milestone
from milestones.models.plan_import import ImportRow, PlanImport
from milestones.models.step import ActionStep, StepGoal, StepOwner

__all__ = [
    "ActionStep",
    "CheckIn",
    "DateMove",
    "ImportRow",
    "Measure",
    "Milestone",
    "PlanImport",
    "Reading",
    "Slip",
    "SlipNotice",
    "StepBuilding",
    "StepGoal",
    "StepOwner",
]
