from vision.models.plan import Goal, GoalTheme, Initiative, InitiativeTheme, Plan
from vision.models.vision import Theme, Vision

__all__ = ["Goal", "GoalTheme", "Initiative", "InitiativeTheme", "Plan", "Theme", "Vision"]
