"""What the portal itself knows about a person's guiding, offered as evidence in one click."""

from typing import Any

from badges.selectors.applications import CriterionView
from guidance.selectors.records import guidance_records
from materials.selectors.records import published_material_records
from partners.models import User
from techvet.records import Record


def records_for(person: User) -> list[Record]:
    """Weeks, notes, assessments, cooperation cycles and materials, as their apps order them."""
    return [*guidance_records(person), *published_material_records(person)]


def offered_records(person: User, row: CriterionView) -> list[Record]:
    """Those that fit this criterion and are not used for it yet."""
    return [record for record in records_for(person) if _fits(record, row)]


def records_by_criterion(person: User, rows: list[CriterionView]) -> list[dict[str, Any]]:
    """Each record with the criterion it would help most: the first that fits, empty ones first."""
    by_need = sorted(rows, key=lambda row: row.is_answered)
    used = {item.record_id for row in rows for item in row.evidence}
    offers = []
    for record in records_for(person):
        row = next((one for one in by_need if _fits(record, one)), None)
        if row is not None and record.record_id not in used:
            offers.append({"record": record, "criterion": row.criterion})
    return offers


def _fits(record: Record, row: CriterionView) -> bool:
    taken = {item.record_id for item in row.evidence}
    return record.kind in row.criterion.evidence_kinds and record.record_id not in taken
