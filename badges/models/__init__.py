from badges.models.achievements import (
    Achievement,
    AchievementVersion,
    Criterion,
    PilotReview,
    QuizAttempt,
)
from badges.models.applications import (
    Application,
    ApplicationMove,
    CriterionMark,
    Decision,
    EvidenceItem,
)
from badges.models.awards import Award, BackpackCredential, Credential, Passport
from badges.models.batches import BatchChunk, BatchRow, IssuingBatch
from badges.models.endorsements import Endorsement
from badges.models.keys import KeyLogEntry, SigningKey
from badges.models.reviews import CalibrationMark, ConflictOfInterest, Review, ReviewPhrase
from badges.models.scaffolding import OwnPlan, PeerComment, PeerFeedback, SentRevision
from badges.models.status_lists import StatusList, StatusListVersion

__all__ = [
    "Achievement",
    "AchievementVersion",
    "Application",
    "ApplicationMove",
    "Award",
    "BackpackCredential",
    "BatchChunk",
    "BatchRow",
    "CalibrationMark",
    "ConflictOfInterest",
    "Credential",
    "Criterion",
    "CriterionMark",
    "Decision",
    "Endorsement",
    "EvidenceItem",
    "IssuingBatch",
    "KeyLogEntry",
    "OwnPlan",
    "Passport",
    "PeerComment",
    "PeerFeedback",
    "PilotReview",
    "QuizAttempt",
    "Review",
    "ReviewPhrase",
    "SentRevision",
    "SigningKey",
    "StatusList",
    "StatusListVersion",
]
