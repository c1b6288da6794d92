from guidance.models.diary import DiaryEntry, DiaryPhoto, Week, WeekMove
from guidance.models.placements import Goal, Placement, PlacementInstructor, PlacementMove

__all__ = [
    "DiaryEntry",
    "DiaryPhoto",
    "Goal",
    "Placement",
    "PlacementInstructor",
    "PlacementMove",
    "Week",
    "WeekMove",
]
