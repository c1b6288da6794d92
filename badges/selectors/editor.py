"""What coordinators see of the badges that their institutions make, and what is still missing."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.enums import AwardBasis, AwardState, VersionState
from badges.models import AchievementVersion, Award, PilotReview
from badges.permissions import reviewing_organisation_ids
from badges.selectors.achievements import present_versions
from partners.models import AuditEvent, Organisation
from techvet.actor import Actor

LEAST_CRITERIA = 2
MOST_CRITERIA = 20
MOST_ALIGNMENTS = 10
PILOT_REVIEWERS = 2
EDITED = "version_edited"  # the verb of the audit event that names who has a hand in a version


def can_edit_badge(actor: Actor, version: AchievementVersion) -> bool:
    """Coordinators of the institution that made the badge, with their second factor."""
    return version.achievement.owner_id in reviewing_organisation_ids(actor)


def can_review_pilot(actor: Actor, version: AchievementVersion) -> bool:
    """Any coordinator of an issuing institution who had no hand in the version."""
    return (
        actor.user is not None
        and bool(reviewing_organisation_ids(actor))
        and version.state == VersionState.PILOT
        and actor.user.pk not in editor_ids(version)
    )


def editor_ids(version: AchievementVersion) -> set[int]:
    """Everybody who has edited this version: nobody approves their own work."""
    found = AuditEvent.objects.filter(
        thing_type=version._meta.label_lower,
        thing_id=str(version.public_id),
        verb=EDITED,
        by__isnull=False,
    )
    people = set(found.values_list("by", flat=True))
    return people | ({version.edited_by_id} if version.edited_by_id else set())


def houses_of(actor: Actor) -> QuerySet[Organisation]:
    """The institutions for which this person makes badges."""
    return Organisation.objects.filter(pk__in=reviewing_organisation_ids(actor)).order_by("name")


def versions_editable_by(actor: Actor) -> QuerySet[AchievementVersion]:
    """All versions of the badges of one's own institutions, newest work first."""
    return (
        AchievementVersion.objects.filter(achievement__owner__in=reviewing_organisation_ids(actor))
        .select_related("achievement__owner", "creator", "edited_by")
        .order_by("-edited_at", "-pk")
    )


def versions_seen_by(actor: Actor) -> QuerySet[AchievementVersion]:
    """One's own, and what any institution has sent to pilot reviewers."""
    own = reviewing_organisation_ids(actor)
    seen = Q(achievement__owner__in=own)
    if own:
        seen |= Q(state=VersionState.PILOT, achievement__owner__isnull=False)
    return AchievementVersion.objects.filter(seen).select_related(
        "achievement__owner", "creator", "edited_by"
    )


def listed_versions(actor: Actor) -> QuerySet[AchievementVersion]:
    """For the list of the editor: without pictures, with the number of criteria."""
    return (
        versions_editable_by(actor)
        .defer("picture_svg", "picture_png")
        .annotate(criteria_count=Count("criteria"))
    )


def pilots_for(actor: Actor) -> list[AchievementVersion]:
    """What waits for this person as a pilot reviewer; what they approved is out of sight."""
    if actor.user is None:
        return []
    rows = (
        versions_seen_by(actor)
        .filter(state=VersionState.PILOT)
        .exclude(edited_by=actor.user)
        .defer("picture_svg", "picture_png")
        .prefetch_related("pilot_reviews")
        .order_by("edited_at", "pk")
    )
    waiting = [
        one
        for one in rows
        if not any(
            review.reviewer_id == actor.user.pk and review.content_sha256 == one.content_sha256
            for review in one.pilot_reviews.all()
        )
    ]
    touched = AuditEvent.objects.filter(
        by=actor.user, verb=EDITED, thing_id__in=[str(one.public_id) for one in waiting]
    )
    own = set(touched.values_list("thing_id", flat=True))
    return [one for one in waiting if str(one.public_id) not in own]


def pilot_reviews_of(version: AchievementVersion) -> QuerySet[PilotReview]:
    """All that was said, also of earlier drafts of this version."""
    return version.pilot_reviews.select_related("reviewer")


def approvals_of(version: AchievementVersion) -> int:
    """How many pilot reviewers approve exactly what stands in the version now."""
    if not version.content_sha256:
        return 0
    return version.pilot_reviews.filter(
        is_approved=True, content_sha256=version.content_sha256
    ).count()


def open_version_of(version: AchievementVersion) -> AchievementVersion | None:
    """A draft or pilot of the same badge: there is one at a time."""
    return version.achievement.versions.filter(
        state__in=(VersionState.DRAFT, VersionState.PILOT)
    ).first()


def test_awards_of(version: AchievementVersion, actor: Actor) -> QuerySet[Award]:
    """The person's own test awards of this version."""
    return version.awards.filter(basis=AwardBasis.TEST, recipient=actor.user).exclude(
        state=AwardState.PARKED
    )


@dataclass(frozen=True)
class Missing:
    """One thing to do before the pilot, in plain words, and the page where it is done."""

    part: str  # texts, frame, criteria or picture
    words: str


def missing_of(version: AchievementVersion) -> list[Missing]:
    """Empty when the version can be sent to pilot reviewers."""
    found = []
    if not version.competence_objective.strip():
        found.append(Missing("texts", _("Write the competence objective.")))
    if not version.demonstration_instructions.strip():
        found.append(Missing("texts", _("Write the skills demonstration instructions.")))
    if version.eqf_level is None:
        found.append(Missing("frame", _("Choose the comparable EQF level.")))
    if not version.isced_f:
        found.append(Missing("frame", _("Choose the field of study (ISCED-F).")))
    if version.workload_hours is None:
        found.append(Missing("frame", _("Say how many hours of work it takes.")))
    if not version.languages:
        found.append(Missing("frame", _("Choose at least one language for the evidence.")))
    return found + _missing_criteria(version)


def _missing_criteria(version: AchievementVersion) -> list[Missing]:
    criteria = list(version.criteria.all())
    short = LEAST_CRITERIA - len(criteria)
    found = []
    if short > 0:
        words = ngettext("Add %(count)s more criterion.", "Add at least %(count)s criteria.", short)
        found.append(Missing("criteria", words % {"count": short}))
    for one in criteria:
        facts = {"number": one.number}
        if not one.description.strip():
            words = _("Say in criterion %(number)s what counts.")
            found.append(Missing("criteria", words % facts))
        if not one.evidence_kinds:
            words = _("Choose the kinds of evidence for criterion %(number)s.")
            found.append(Missing("criteria", words % facts))
        if not one.good_example.strip() or not one.weak_example.strip():
            words = _("Give criterion %(number)s a good and a weak example.")
            found.append(Missing("criteria", words % facts))
    return found


def institution_badges() -> QuerySet[AchievementVersion]:
    """Published badges that institutions made in the portal; public."""
    return (
        present_versions()
        .filter(achievement__owner__isnull=False)
        .select_related("achievement__owner")
        .prefetch_related(None)
        .defer("picture_svg", "picture_png")
        .order_by("achievement__owner__name", "name", "achievement__level")
    )
