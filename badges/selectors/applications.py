"""Applications as the asking person may see them, and what a page shows of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from badges.enums import RECORD_KINDS, ApplicationState, EvidenceKind, Mark
from badges.models import Application, Criterion, CriterionMark, EvidenceItem
from badges.permissions import reviewing_organisation_ids
from badges.selectors.achievements import valid_awards_of
from badges.selectors.catalogue import catalogue
from partners.models import Membership
from techvet.actor import Actor
from techvet.clock import today

IN_QUEUE = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW)
# What reviewers still see after their part is done.
SEEN_BY_REVIEWERS = (*IN_QUEUE, "returned", "approved", "declined")


def applications_of(actor: Actor) -> QuerySet[Application]:
    """The person's own applications."""
    if actor.user is None:
        return Application.objects.none()
    return Application.objects.filter(applicant=actor.user).select_related(
        "version__achievement", "issuer", "reviewer", "award"
    )


def applications_reviewable_by(actor: Actor) -> QuerySet[Application]:
    """What this person may review or has seen as a reviewer; never their own.

    Drafts and withdrawn applications are the applicant's business alone.
    """
    own = reviewing_organisation_ids(actor)
    if actor.user is None or not own:
        return Application.objects.none()
    houses = actor.organisation_ids()
    colleagues = Membership.objects.filter(organisation__in=houses).values("user")
    return (
        Application.objects.filter(state__in=SEEN_BY_REVIEWERS)
        .filter(
            Q(version__is_reviewed_elsewhere=False, issuer__in=own)
            | Q(version__is_reviewed_elsewhere=True) & ~Q(applicant__in=colleagues)
        )
        .exclude(applicant=actor.user)
        .select_related("version__achievement", "issuer", "applicant", "reviewer")
    )


def applications_visible_to(actor: Actor) -> QuerySet[Application]:
    """Own ones, and those to review."""
    reviewable = applications_reviewable_by(actor).values("pk")
    mine = applications_of(actor).values("pk")
    return Application.objects.filter(Q(pk__in=mine) | Q(pk__in=reviewable)).select_related(
        "version__achievement", "issuer", "applicant", "reviewer"
    )


def evidence_visible_to(actor: Actor) -> QuerySet[EvidenceItem]:
    return EvidenceItem.objects.filter(
        application__in=applications_visible_to(actor).values("pk")
    ).select_related("application__applicant", "criterion")


def review_queue(
    actor: Actor, badge: str = "", age: str = "", mine: bool = False
) -> QuerySet[Application]:
    """What waits for this reviewer, oldest first."""
    rows = applications_reviewable_by(actor).filter(state__in=IN_QUEUE)
    if badge:
        rows = rows.filter(version__achievement__family=badge)
    if age == "overdue":
        rows = rows.filter(answer_by__lt=today())
    if mine:
        rows = rows.filter(reviewer=actor.user)
    return rows.order_by("submitted_at", "pk")


def families_in(rows: QuerySet[Application]) -> list[dict[str, Any]]:
    """The families that occur in a queue, with counts, for its filter."""
    counted = rows.order_by().values("version__achievement__family").annotate(count=Count("pk"))
    names = catalogue().families
    return [
        {"code": one["version__achievement__family"], "count": one["count"], "name": _name(one)}
        for one in counted.order_by("version__achievement__family")
        if one["version__achievement__family"] in names
    ]


def _name(one: Mapping[str, Any]) -> str:
    return catalogue().families[one["version__achievement__family"]].short_name


@dataclass(frozen=True)
class CriterionView:
    """One criterion of an application with its evidence and the latest mark."""

    criterion: Criterion
    evidence: tuple[EvidenceItem, ...]
    mark: CriterionMark | None
    changed: bool  # evidence is new since the last answer

    @property
    def text(self) -> EvidenceItem | None:
        return next((one for one in self.evidence if one.kind == EvidenceKind.TEXT), None)

    @property
    def others(self) -> tuple[EvidenceItem, ...]:
        return tuple(one for one in self.evidence if one.kind != EvidenceKind.TEXT)

    @property
    def accepts_records(self) -> bool:
        return any(kind in self.criterion.evidence_kinds for kind in RECORD_KINDS)

    @property
    def is_answered(self) -> bool:
        return bool(self.evidence)

    @property
    def needs_work(self) -> bool:
        return self.mark is not None and self.mark.mark in (Mark.NOT_YET, Mark.UNCLEAR)


def criteria_of(application: Application, *, reviewer: Any = None) -> list[CriterionView]:
    """All criteria with evidence and marks, in three queries.

    Marks are those of the present revision by `reviewer`, or, for the applicant, the latest ones
    of a revision that was answered.
    """
    evidence: dict[int, list[EvidenceItem]] = defaultdict(list)
    for item in application.evidence.all():
        evidence[item.criterion_id].append(item)
    marks = _marks(application, reviewer)
    return [
        CriterionView(
            criterion=one,
            evidence=tuple(evidence[one.pk]),
            mark=marks.get(one.pk),
            changed=any(_is_new(application, item) for item in evidence[one.pk]),
        )
        for one in application.version.criteria.all()
    ]


def _is_new(application: Application, item: EvidenceItem) -> bool:
    """Added or rewritten after the previous sending; nothing is new in a first one."""
    if application.revision == 0:
        return False
    if application.state in (ApplicationState.RETURNED, ApplicationState.DRAFT):
        return item.since_revision is None
    return application.revision > 1 and item.since_revision == application.revision


def _marks(application: Application, reviewer: Any) -> dict[int, CriterionMark]:
    rows = application.marks.order_by("revision", "at")
    if reviewer is not None:
        rows = rows.filter(reviewer=reviewer, revision=application.revision)
    elif application.state in IN_QUEUE:
        rows = rows.filter(revision__lt=application.revision)
    return {row.criterion_id: row for row in rows}


def earlier_marks(application: Application) -> dict[int, CriterionMark]:
    """The marks of the rounds before this one, the latest for each criterion."""
    rows = application.marks.filter(revision__lt=application.revision)
    return {row.criterion_id: row for row in rows.order_by("revision", "at")}


def reviewer_badges(application: Application) -> list[str]:
    """Names of the applicant's other valid badges: what a reviewer wants to know of them."""
    return [award.version.name for award in valid_awards_of(application.applicant_id)]
