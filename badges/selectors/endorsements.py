"""Endorsements as people may see them, and who may speak for an organisation."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from badges.enums import EndorsementKind, EndorsementState
from badges.models import Achievement, Award, Endorsement
from partners.enums import Role
from partners.models import Membership, Organisation
from partners.selectors.actors import current_memberships
from techvet.actor import Actor, Assurance

COMPANY_VOICES = (Role.MANAGER, Role.INSTRUCTOR)
SCHOOL_VOICES = (Role.COORDINATOR, Role.PROJECT_ADMIN)
VOICES = (*COMPANY_VOICES, *SCHOOL_VOICES)
MOST_EMBEDDED = 5
PUBLIC_STATES = (EndorsementState.ISSUED, EndorsementState.REVOKED)


def can_endorse_for(actor: Actor, organisation: Organisation) -> bool:
    """People of a workplace by their personal link; schools only with a second factor."""
    if actor.user is None or actor.is_read_only:
        return False
    if actor.assurance >= Assurance.LINK and actor.has_role(
        *COMPANY_VOICES, organisation=organisation
    ):
        return True
    return actor.assurance >= Assurance.SECOND_FACTOR and actor.has_role(
        *SCHOOL_VOICES, organisation=organisation
    )


def voices_of(actor: Actor) -> list[Organisation]:
    """The organisations for which this person may endorse, the acting one first."""
    found = {m.organisation_id: m.organisation for m in actor.memberships}
    acting = actor.organisation.pk if actor.organisation else None
    return sorted(
        (one for one in found.values() if can_endorse_for(actor, one)),
        key=lambda one: (one.pk != acting, one.display_name),
    )


def can_answer_endorsement(actor: Actor, endorsement: Endorsement) -> bool:
    return (
        actor.user is not None
        and endorsement.asked_id == actor.user.pk
        and can_endorse_for(actor, endorsement.endorser)
    )


def can_take_back(actor: Actor, endorsement: Endorsement) -> bool:
    return can_endorse_for(actor, endorsement.endorser)


def endorsers_at(email: str) -> list[Membership]:
    """Where the person with this address may endorse today; empty for an unknown one."""
    return list(
        current_memberships()
        .filter(user__email__iexact=email, user__is_active=True, role__in=VOICES)
        .select_related("user", "organisation")
        .order_by("-starts_on", "pk")
    )


def endorsements_visible_to(actor: Actor) -> QuerySet[Endorsement]:
    """Signed ones for everybody with the address; others for who was asked, asked, or gave it."""
    seen = Q(state__in=PUBLIC_STATES)
    if actor.user is not None:
        seen |= Q(asked=actor.user) | Q(asked_by=actor.user) | Q(given_by=actor.user)
    return Endorsement.objects.filter(seen).select_related(*_SUBJECTS)


_SUBJECTS = (
    "endorser",
    "achievement",
    "subject_issuer",
    "award__version",
    "award__recipient",
    "person",
    "asked_by",
)


def asked_of(actor: Actor) -> QuerySet[Endorsement]:
    """What waits for this person's answer."""
    if actor.user is None:
        return Endorsement.objects.none()
    return Endorsement.objects.filter(
        asked=actor.user, state=EndorsementState.REQUESTED
    ).select_related(*_SUBJECTS)


def asked_by(actor: Actor) -> QuerySet[Endorsement]:
    """What this person has asked for, whatever became of it."""
    if actor.user is None:
        return Endorsement.objects.none()
    return Endorsement.objects.filter(asked_by=actor.user).select_related(*_SUBJECTS)


def given_for(actor: Actor) -> QuerySet[Endorsement]:
    """What the organisations of this person have endorsed."""
    voices = [one.pk for one in voices_of(actor)]
    return Endorsement.objects.filter(
        endorser__in=voices,
        state__in=[EndorsementState.GIVEN, *PUBLIC_STATES],
    ).select_related(*_SUBJECTS)


def published() -> QuerySet[Endorsement]:
    """Signed documents, by their address."""
    return Endorsement.objects.filter(state__in=PUBLIC_STATES).exclude(body="")


def living(**subject: Any) -> QuerySet[Endorsement]:
    """Signed and not taken back, newest first: for public pages and for embedding."""
    return (
        Endorsement.objects.filter(state=EndorsementState.ISSUED, **subject)
        .select_related("endorser")
        .order_by("-issued_at", "-pk")
    )


def bodies_about(
    subject_ids: list[str], issuer: Organisation, achievement: Achievement
) -> dict[str, tuple[bytes, ...]]:
    """Signed documents to embed in what is issued from now on: the newest few about each id.

    One query for the issuer and the achievement together.
    """
    rows = (
        Endorsement.objects.filter(state=EndorsementState.ISSUED)
        .filter(Q(subject_issuer=issuer) | Q(achievement=achievement))
        .order_by("-issued_at", "-pk")
        .values_list("unsigned", "body")
    )
    found: dict[str, list[bytes]] = {one: [] for one in subject_ids}
    for unsigned, body in rows[: 4 * MOST_EMBEDDED]:
        for subject, bodies in found.items():
            if f'"id":"{subject}"' in unsigned and len(bodies) < MOST_EMBEDDED:
                bodies.append(body.encode())
    return {subject: tuple(bodies) for subject, bodies in found.items()}


def subject_words(endorsement: Endorsement) -> str:
    """What is endorsed, as part of a sentence."""
    if endorsement.kind == EndorsementKind.ACHIEVEMENT:
        from badges.selectors.achievements import present_versions

        version = present_versions().filter(achievement=endorsement.achievement).first()
        return _("the badge “%(badge)s”") % {"badge": version.name if version else ""}
    if endorsement.kind == EndorsementKind.ISSUER:
        return _("%(name)s as an issuer of badges") % {"name": endorsement.subject_issuer}
    if endorsement.kind == EndorsementKind.AWARD:
        award: Award = endorsement.award  # type: ignore[assignment]
        return _("the badge “%(badge)s” of %(name)s") % {
            "badge": award.version.name,
            "name": award.recipient_name,
        }
    return _("%(name)s for the skill “%(skill)s”") % {
        "name": endorsement.person,
        "skill": endorsement.skill,
    }


def suggested_comment(endorsement: Endorsement) -> str:
    """A sentence to stand by as it is, or to change."""
    return {
        EndorsementKind.ACHIEVEMENT: _("This badge shows skills that we look for in guidance."),
        EndorsementKind.ISSUER: _("We trust how this institution awards its badges."),
        EndorsementKind.AWARD: _("We have seen this person do what the badge says."),
        EndorsementKind.SKILL: _("We have seen this person use this skill at work."),
    }[EndorsementKind(endorsement.kind)]
