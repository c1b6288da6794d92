"""Applications as the asking person may see them, and what a page shows of them."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from badges.enums import RECORD_KINDS, ApplicationState, EvidenceKind, Mark
from badges.models import (
    Application,
    ConflictOfInterest,
    Criterion,
    CriterionMark,
    EvidenceItem,
    Review,
)
from badges.permissions import reviewing_organisation_ids
from badges.selectors.achievements import valid_awards_of
from partners.enums import Role
from partners.models import Membership
from partners.selectors.actors import current_memberships
from techvet.actor import Actor, Assurance
from techvet.clock import now

IN_QUEUE = (ApplicationState.SUBMITTED, ApplicationState.IN_REVIEW)
# What reviewers still see after their part is done.
SEEN_BY_REVIEWERS = (*IN_QUEUE, "returned", "approved", "declined")


def applications_of(actor: Actor) -> QuerySet[Application]:
    """The person's own applications."""
    if actor.user is None:
        return Application.objects.none()
    return Application.objects.filter(applicant=actor.user).select_related(
        "version__achievement", "issuer", "award"
    )


def applications_reviewable_by(actor: Actor) -> QuerySet[Application]:
    """What this person may review or has seen as a reviewer; the list of can_review_application.

    Drafts and withdrawn applications are the applicant's business alone.
    """
    if actor.user is None:
        return Application.objects.none()
    mine = current_memberships().filter(user=actor.user)
    managed = mine.filter(role=Role.MANAGER)
    conflicts = ConflictOfInterest.objects.filter(reviewer=actor.user)
    elsewhere = Q(version__is_reviewed_elsewhere=True) | Q(version__reviewers__gt=1)
    rows = Application.objects.filter(state__in=SEEN_BY_REVIEWERS).filter(
        Q(pk__in=_invited(actor).values("application")) | _by_role(actor, elsewhere)
    )
    return (
        rows.exclude(applicant=actor.user)
        .exclude(applicant__in=_people_of(managed))
        .exclude(elsewhere & Q(applicant__in=_people_of(mine)))
        .exclude(pk__in=conflicts.values("application"))
        .select_related("version__achievement", "issuer", "applicant")
    )


def _by_role(actor: Actor, elsewhere: Q) -> Q:
    own = reviewing_organisation_ids(actor)
    if not own:
        return Q(pk__in=[])
    return elsewhere | Q(issuer__in=own)


def _invited(actor: Actor) -> QuerySet[Review]:
    """The invitations that hold now; from a personal link only with its code."""
    if actor.user is None or actor.is_read_only or actor.assurance < Assurance.CODE:
        return Review.objects.none()
    return Review.objects.filter(
        reviewer=actor.user, expires_at__gt=now(), revision=F("application__revision")
    )


def _people_of(memberships: QuerySet[Membership]) -> QuerySet[Membership, Any]:
    """Everybody who belongs or belonged to one of these organisations."""
    houses = memberships.values("organisation")
    return Membership.objects.filter(organisation__in=houses).values("user")


def applications_visible_to(actor: Actor) -> QuerySet[Application]:
    """Own ones, and those to review."""
    reviewable = applications_reviewable_by(actor).values("pk")
    mine = applications_of(actor).values("pk")
    return Application.objects.filter(Q(pk__in=mine) | Q(pk__in=reviewable)).select_related(
        "version__achievement", "issuer", "applicant"
    )


def evidence_visible_to(actor: Actor) -> QuerySet[EvidenceItem]:
    return EvidenceItem.objects.filter(
        application__in=applications_visible_to(actor).values("pk")
    ).select_related("application__applicant", "criterion")


@dataclass(frozen=True)
class CriterionView:
    """One criterion of an application with its evidence and what reviewers said of it."""

    criterion: Criterion
    evidence: tuple[EvidenceItem, ...]
    marks: tuple[CriterionMark, ...]  # of the latest answered round, one for each reviewer
    changed: bool  # evidence is new since the last answer

    @property
    def mark(self) -> CriterionMark | None:
        """The strictest of the marks; of equal ones the first with a note."""
        order = [Mark.NOT_YET, Mark.UNCLEAR, Mark.MET, ""]
        by_strictness = sorted(self.marks, key=lambda one: (order.index(one.mark), not one.note))
        return by_strictness[0] if by_strictness else None

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
    of a revision that was answered: until the decision nobody else sees what a reviewer thinks.
    """
    evidence: dict[int, list[EvidenceItem]] = defaultdict(list)
    for item in application.evidence.all():
        evidence[item.criterion_id].append(item)
    marks = _marks(application, reviewer)
    return [
        CriterionView(
            criterion=one,
            evidence=tuple(evidence[one.pk]),
            marks=marks.get(one.pk, ()),
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


def _marks(application: Application, reviewer: Any) -> dict[int, tuple[CriterionMark, ...]]:
    if reviewer is not None:
        own = application.marks.filter(reviewer=reviewer, revision=application.revision)
        return {row.criterion_id: (row,) for row in own}
    return answered_marks(application)


def answered_marks(application: Application) -> dict[int, tuple[CriterionMark, ...]]:
    """For each criterion the marks of the latest round that was answered and marked it.

    Of that round only those of reviewers who finished: a colleague's half-done work is no answer.
    """
    answered = Q(revision__in=application.decisions.values("revision"))
    done = Review.objects.filter(
        application=OuterRef("application"),
        revision=OuterRef("revision"),
        reviewer=OuterRef("reviewer"),
        finished_at__isnull=False,
    )
    found: dict[int, list[CriterionMark]] = defaultdict(list)
    for row in application.marks.filter(answered, Exists(done)).order_by("-revision", "at", "pk"):
        rows = found[row.criterion_id]
        if not rows or rows[0].revision == row.revision:
            rows.append(row)
    return {criterion: tuple(rows) for criterion, rows in found.items()}


def reviewer_badges(application: Application) -> list[str]:
    """Names of the applicant's other valid badges: what a reviewer wants to know of them."""
    return [award.version.name for award in valid_awards_of(application.applicant_id)]
