"""Results: what an achievement measures, and what one person reached.

Source: 1EdTech "Open Badges Specification 3.0", appendix B (Result, ResultDescription,
RubricCriterionLevel) and its vocabularies ResultType and ResultStatusType.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from badges.openbadges.errors import BadValue
from badges.openbadges.gate import check_iri, check_text
from badges.openbadges.nodes import (
    AlignmentFacts,
    address,
    alignment_nodes,
    distinct,
    of_vocabulary,
    required,
    without_empty,
)

RESULT_TYPES = frozenset(
    {
        "GradePointAverage",
        "LetterGrade",
        "Percent",
        "PerformanceLevel",
        "PredictedScore",
        "RawScore",
        "Result",
        "RubricCriterion",
        "RubricCriterionLevel",
        "RubricScore",
        "ScaledScore",
        "Status",
    }
)
RESULT_STATUSES = frozenset(
    {"Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Provisional", "Withdrew"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RubricLevelFacts:
    """One level of a rubric, from low to high."""

    id: str
    name: str
    level: str = ""
    points: str = ""
    description: str = ""
    alignments: tuple[AlignmentFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultDescriptionFacts:
    """What an achievement measures: a scale, a range or the levels of a rubric."""

    id: str
    name: str
    result_type: str
    allowed_values: tuple[str, ...] = ()
    required_value: str = ""
    required_level: str = ""
    value_min: str = ""
    value_max: str = ""
    levels: tuple[RubricLevelFacts, ...] = ()
    alignments: tuple[AlignmentFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFacts:
    """What one person reached, measured as one of the achievement's descriptions says."""

    description_id: str
    value: str = ""
    status: str = ""
    achieved_level: str = ""
    alignments: tuple[AlignmentFacts, ...] = ()


def result_description_node(facts: ResultDescriptionFacts) -> dict[str, Any]:
    """One ResultDescription that does not contradict itself; raises BadValue."""
    if not of_vocabulary(facts.result_type, RESULT_TYPES):
        raise BadValue("bad_result_type", value=facts.result_type)
    levels = distinct(tuple(one.id for one in facts.levels), "rubricCriterionLevel")
    if facts.required_level and facts.required_level not in levels:
        raise BadValue("unknown_level", value=facts.required_level)
    _check_range(facts)
    if facts.required_value:
        _check_value(facts.required_value, facts, "requiredValue")
    return without_empty(
        {
            "id": check_iri(facts.id, "resultDescription.id"),
            "type": ["ResultDescription"],
            "name": required(facts.name, "resultDescription.name"),
            "resultType": facts.result_type,
            "allowedValue": [
                required(one, "allowedValue")
                for one in distinct(facts.allowed_values, "allowedValue")
            ],
            "requiredValue": check_text(facts.required_value, "requiredValue"),
            "requiredLevel": address(facts.required_level, "requiredLevel"),
            "valueMin": facts.value_min,
            "valueMax": facts.value_max,
            "rubricCriterionLevel": [_level_node(one) for one in facts.levels],
            "alignment": alignment_nodes(facts.alignments),
        }
    )


def result_nodes(
    results: tuple[ResultFacts, ...], descriptions: tuple[ResultDescriptionFacts, ...]
) -> list[dict[str, Any]]:
    """The results of one person, each within what the achievement allows; raises BadValue."""
    known = {one.id: one for one in descriptions}
    distinct(tuple(one.description_id for one in results), "result")
    return [_result_node(one, known.get(one.description_id)) for one in results]


def _result_node(facts: ResultFacts, description: ResultDescriptionFacts | None) -> dict[str, Any]:
    if description is None:
        raise BadValue("unknown_result_description", value=facts.description_id)
    if not (facts.value or facts.status or facts.achieved_level):
        raise BadValue("empty_result", where=facts.description_id)
    if facts.status and facts.status not in RESULT_STATUSES:
        raise BadValue("bad_result_status", value=facts.status)
    if facts.achieved_level and facts.achieved_level not in {one.id for one in description.levels}:
        raise BadValue("unknown_level", value=facts.achieved_level)
    if facts.value:
        _check_value(facts.value, description, "result.value")
    return without_empty(
        {
            "type": ["Result"],
            "resultDescription": check_iri(facts.description_id, "result.resultDescription"),
            "value": check_text(facts.value, "result.value"),
            "status": facts.status,
            "achievedLevel": address(facts.achieved_level, "result.achievedLevel"),
            "alignment": alignment_nodes(facts.alignments),
        }
    )


def _level_node(facts: RubricLevelFacts) -> dict[str, Any]:
    return without_empty(
        {
            "id": check_iri(facts.id, "rubricCriterionLevel.id"),
            "type": ["RubricCriterionLevel"],
            "name": required(facts.name, "rubricCriterionLevel.name"),
            "level": check_text(facts.level, "level"),
            "points": check_text(facts.points, "points"),
            "description": check_text(facts.description, "rubricCriterionLevel.description"),
            "alignment": alignment_nodes(facts.alignments),
        }
    )


def _check_range(facts: ResultDescriptionFacts) -> None:
    if not (facts.value_min or facts.value_max):
        return
    lowest, highest = _number(facts.value_min, "valueMin"), _number(facts.value_max, "valueMax")
    if lowest is not None and highest is not None and lowest >= highest:
        raise BadValue("range_reversed", where=facts.id)
    if facts.allowed_values:
        raise BadValue("range_and_list", where=facts.id)


def _check_value(value: str, facts: ResultDescriptionFacts, where: str) -> None:
    if facts.allowed_values and value not in facts.allowed_values:
        raise BadValue("value_not_allowed_here", where=where, value=value)
    if facts.value_min or facts.value_max:
        number = _number(value, where)
        lowest, highest = _number(facts.value_min, "valueMin"), _number(facts.value_max, "valueMax")
        if number is None or (lowest is not None and number < lowest):
            raise BadValue("value_out_of_range", where=where, value=value)
        if highest is not None and number > highest:
            raise BadValue("value_out_of_range", where=where, value=value)


def _number(text: str, where: str) -> Decimal | None:
    """A plain decimal number, or None for no text; raises BadValue."""
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadValue("not_a_number", where=where, value=text) from None
    if not number.is_finite() or len(text) > 20 or not text.isascii():
        raise BadValue("not_a_number", where=where, value=text)
    return number
