from badges.models.achievements import Achievement, AchievementVersion, Criterion
from badges.models.applications import (
    Application,
    ApplicationMove,
    CriterionMark,
    Decision,
    EvidenceItem,
)
from badges.models.awards import Award, Credential
from badges.models.keys import SigningKey
from badges.models.status_lists import StatusList

__all__ = [
    "Achievement",
    "AchievementVersion",
    "Application",
    "ApplicationMove",
    "Award",
    "Credential",
    "Criterion",
    "CriterionMark",
    "Decision",
    "EvidenceItem",
    "SigningKey",
    "StatusList",
]
