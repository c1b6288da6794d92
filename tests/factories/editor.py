"""Badges that an institution makes in the portal, through the services themselves."""

from typing import Any

from badges.models import AchievementVersion
from badges.services.editing import add_criterion, create_badge, save_frame, save_texts
from badges.services.piloting import review_pilot, send_to_pilot
from badges.services.publishing import publish_version
from partners.models import Organisation
from techvet.actor import Actor
from tests.cast import Cast

CRITERION = {
    "title": "Runs the induction",
    "description": "On the first day, with the safety rules.",
    "evidence_kinds": ["text", "file"],
    "good_example": "A list with dates and what was shown.",
    "weak_example": "We always do.",
}
FRAME: dict[str, Any] = {
    "eqf_level": 4,
    "isced_f": "0715",
    "workload_hours": 8,
    "validity_years": 3,
    "languages": ["en", "fi"],
    "reviewers": 1,
    "is_reviewed_elsewhere": False,
    "needs_world_of_work": False,
}
TEXTS = {
    "name": "Guiding at the welding shop",
    "short_name": "Welding guide",
    "language": "en",
    "competence_objective": "Guides a learner at the welding shop.",
    "demonstration_instructions": "Show **one** thing for each criterion.",
}


def begun(by: Actor, owner: Organisation, *, level: int = 1, short_name: str = "Welding guide"):
    return create_badge(by=by, owner=owner, name=TEXTS["name"], short_name=short_name, level=level)


def complete(by: Actor, owner: Organisation, **more: Any) -> AchievementVersion:
    """A draft in which nothing is missing."""
    version = begun(by, owner, **more)
    texts = {**TEXTS, "short_name": version.short_name}
    save_texts(by=by, version=version, **texts)
    save_frame(by=by, version=version, **FRAME)
    for _ in range(2):
        add_criterion(by=by, version=version, **CRITERION)
    version.refresh_from_db()
    return version


def piloted(cast: Cast, **more: Any) -> AchievementVersion:
    """Written by the coordinator, frozen, waiting for its reviewers."""
    by = cast.actor("coordinator")
    version = complete(by, cast.school, **more)
    return send_to_pilot(by=by, version=version)


def answer(by: Actor, version: AchievementVersion, *, approve: bool = True, note: str = ""):
    return review_pilot(
        by=by,
        version=version,
        content_sha256=version.content_sha256,
        is_approved=approve,
        note=note,
    )


def approved(cast: Cast, **more: Any) -> AchievementVersion:
    version = piloted(cast, **more)
    answer(cast.actor("reviewer"), version)
    answer(cast.actor("far_coordinator"), version)
    return version


def published(cast: Cast, **more: Any) -> AchievementVersion:
    return publish_version(by=cast.actor("coordinator"), version=approved(cast, **more))
