"""Whose data the fields of this app hold (see techvet/data_protection.py)."""

from techvet.data_protection import DIARY, PLACEMENT, PORTAL, Tag

TAGS: dict[str, Tag] = {
    "Placement.student": PLACEMENT,
    "Placement.teacher": PLACEMENT,
    "Placement.tasks": PLACEMENT,
    "Placement.created_by": PLACEMENT,
    "PlacementInstructor.person": PLACEMENT,
    "PlacementMove.by": PLACEMENT,
    "PlacementMove.note": PLACEMENT,
    "Goal.text": PLACEMENT,
    "Goal.added_by": PLACEMENT,
    "Week.confirmed_by": PLACEMENT,
    "Week.return_reason": DIARY,
    "DiaryEntry.tasks": DIARY,
    "DiaryEntry.line": DIARY,
    "DiaryEntry.written_by": DIARY,
    "DiaryPhoto.file": DIARY,
    "DiaryPhoto.content_type": PORTAL,
    "DiaryPhoto.sha256": PORTAL,
    "WeekMove.by": PLACEMENT,
    "WeekMove.note": DIARY,
}
