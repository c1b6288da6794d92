"""Help by level: example and template at 1, a colleague's feedback at 2, the own plan at 3."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from badges.enums import EvidenceKind
from badges.models import (
    Application,
    Criterion,
    CriterionMark,
    EvidenceItem,
    OwnPlan,
    PeerComment,
    PeerFeedback,
    SentRevision,
)
from badges.permissions import APPLICANT_ROLES
from badges.selectors.catalogue import catalogue
from materials.models import MaterialVersion
from materials.selectors.entries import published_entries
from partners.models import User
from partners.selectors.actors import current_memberships
from techvet.actor import Actor

PEER_LEVEL, PLAN_LEVEL = 2, 3


def help_for(criterion: Criterion) -> dict[str, str]:
    """The worked example and the template of level 1; empty above."""
    achievement = criterion.version.achievement
    if achievement.level != 1:
        return {}
    return catalogue().scaffolding.get(achievement.family, {})


def materials_by_criterion(codes: list[str]) -> dict[str, list[MaterialVersion]]:
    """Published entries for each criterion, in one query."""
    found: dict[str, list[MaterialVersion]] = defaultdict(list)
    wanted = set(codes)
    for entry in published_entries().filter(criteria__overlap=codes).order_by("title"):
        for code in wanted.intersection(entry.criteria):
            found[code].append(entry)
    return found


def needs_plan(application: Application) -> bool:
    """At level 3 the applicant plans the proof before giving any; renewals need no plan."""
    return application.version.achievement.level == PLAN_LEVEL and application.renews_id is None


def plan_of(application: Application) -> OwnPlan | None:
    return OwnPlan.objects.filter(application=application).first()


def asks_peers(application: Application) -> bool:
    return application.version.achievement.level == PEER_LEVEL


def colleagues_of(person: User) -> list[User]:
    """People of the same organisations who guide students themselves."""
    mine = current_memberships().filter(user=person).values("organisation")
    rows = current_memberships().filter(
        organisation__in=mine, role__in=APPLICANT_ROLES, user__is_active=True
    )
    found = User.objects.filter(pk__in=rows.values("user")).exclude(pk=person.pk)
    return list(found.order_by("name", "pk"))


def help_of(application: Application) -> dict[str, Any]:
    """What the page of an application offers at its level."""
    return {
        "needs_plan": needs_plan(application),
        "plan": plan_of(application) if needs_plan(application) else None,
        "asks_peers": asks_peers(application),
        "peers": list(peers_of(application)) if asks_peers(application) else [],
    }


def peer_feedback_for(actor: Actor) -> QuerySet[PeerFeedback]:
    """What this person was asked to read, newest first."""
    if actor.user is None:
        return PeerFeedback.objects.none()
    return (
        PeerFeedback.objects.filter(peer=actor.user)
        .select_related("application__applicant", "application__version__achievement")
        .order_by("-asked_at")
    )


def peers_of(application: Application) -> QuerySet[PeerFeedback]:
    return application.peer_feedback.select_related("peer")


def peer_comments_of(application: Application) -> dict[int, list[PeerComment]]:
    """Given feedback by criterion."""
    found: dict[int, list[PeerComment]] = defaultdict(list)
    rows = PeerComment.objects.filter(
        feedback__application=application, feedback__given_at__isnull=False
    ).select_related("feedback__peer")
    for row in rows:
        found[row.criterion_id].append(row)
    return found


@dataclass(frozen=True)
class SentCriterion:
    """One criterion in an earlier round: what was sent, and what was answered."""

    criterion: Criterion
    evidence: list[EvidenceItem] = field(default_factory=list)  # not rows, only shown
    marks: list[CriterionMark] = field(default_factory=list)
    is_changed: bool = False


def sent_revisions_of(application: Application) -> list[SentRevision]:
    return list(application.sent_revisions.defer("evidence"))


def sent_revision(application: Application, revision: SentRevision) -> list[SentCriterion]:
    """The application as it was sent in that round; records and files by name only."""
    by_number: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in revision.evidence:
        by_number[one["criterion"]].append(one)
    decided = application.decisions.filter(revision=revision.number).exists()
    marks: dict[int, list[CriterionMark]] = defaultdict(list)
    if decided:
        for mark in application.marks.filter(revision=revision.number):
            marks[mark.criterion_id].append(mark)
    return [
        SentCriterion(
            criterion=criterion,
            evidence=[_shown(one) for one in by_number[criterion.number]],
            marks=marks[criterion.pk],
            is_changed=revision.number > 1
            and any(one.get("is_new") for one in by_number[criterion.number]),
        )
        for criterion in application.version.criteria.all()
    ]


def _shown(one: dict[str, Any]) -> EvidenceItem:
    """An unsaved item for the template; the file itself may be gone, its name stays."""
    kind = one["kind"]
    if kind == EvidenceKind.FILE:
        return EvidenceItem(kind=EvidenceKind.TEXT, text=one["file_name"])
    return EvidenceItem(
        kind=kind, text=one["text"], url=one["url"], snapshot=one.get("snapshot") or {}
    )
