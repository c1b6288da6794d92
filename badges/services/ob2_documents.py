"""Open Badges 2.0 from the same rows: hosted assertions, badge classes, issuers, revocations.

A hosted badge is true because its issuer serves it, so the addresses are permanent: those of
withdrawn versions and of organisations that issue no more still answer. Reasons are in English:
machines compare them.
"""

from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import translation

from badges.enums import RevocationReason
from badges.models import AchievementVersion, Award, Credential
from badges.openbadges import ob2
from badges.openbadges.documents import parse_json
from badges.services.documents import achievement_facts
from partners.models import Organisation
from techvet.origin import absolute, address

SUSPENDED = "Suspended for the time being"


def assertion_address(award: Award) -> str:
    return address("ob2_assertion", public_id=award.public_id)


def issuer_address(issuer: Organisation) -> str:
    return address("ob2_issuer", slug=issuer.slug)


def badge_class_address(version: AchievementVersion, issuer: Organisation) -> str:
    """Open Badges 2.0 names the issuer in the badge class, so each issuer has its own."""
    if issuer.pk == version.creator_id:
        return address("ob2_badge_class", public_id=version.public_id)
    return address("ob2_issuer_badge_class", slug=issuer.slug, public_id=version.public_id)


def identity_of(credential: Credential) -> tuple[str, str] | None:
    """The hash of the e-mail address and its salt, as signed; None for a badge without address."""
    subject = parse_json(credential.body.encode()).get("credentialSubject", {})
    for one in subject.get("identifier", []):
        if one.get("identityType") == "emailAddress" and one.get("hashed"):
            return one["identityHash"], one["salt"]
    return None


def is_withheld(award: Award) -> bool:
    """Open Badges 2.0 knows only revoked; a suspended badge must not pass as valid, either."""
    return award.revoked_at is not None or award.suspended_at is not None


def assertion_document(award: Award) -> dict[str, Any] | None:
    """The assertion, or what stands in its place (see `is_withheld`); None without an address."""
    if is_withheld(award):
        return ob2.build_revoked_assertion(assertion_address(award), _reason(award))
    identity = identity_of(award.credential)
    if identity is None:
        return None
    return ob2.build_assertion(
        ob2.Ob2AssertionFacts(
            id=assertion_address(award),
            badge_id=badge_class_address(award.version, award.issuer),
            identity_hash=identity[0],
            salt=identity[1],
            issued_on=award.issued_at,
            expires=award.valid_until,
            image=address("award_picture_ob2", public_id=award.public_id, form="png"),
        )
    )


def badge_class_document(version: AchievementVersion, issuer: Organisation) -> dict[str, Any]:
    facts = achievement_facts(version)
    assert facts.picture is not None
    return ob2.build_badge_class(
        ob2.Ob2BadgeFacts(
            id=badge_class_address(version, issuer),
            issuer_id=issuer_address(issuer),
            name=facts.name,
            description=facts.description,
            picture=facts.picture,
            criteria_narrative=facts.criteria_narrative,
            criteria_id=facts.criteria_id,
            alignments=facts.alignments,
            tags=facts.tags,
        )
    )


def issuer_document(issuer: Organisation) -> dict[str, Any]:
    """The portal's mailbox stands for the issuer: 2.0 demands one, and ours is read."""
    return ob2.build_issuer(
        ob2.Ob2IssuerFacts(
            id=issuer_address(issuer),
            name=issuer.name,
            url=address("issuer_show", slug=issuer.slug),
            email=settings.CONTACT_EMAIL,
            description=issuer.english_name,
            starts_with=(absolute("/awards/"),),
            revocation_list=address("ob2_revocations", slug=issuer.slug),
        )
    )


def revocations_document(issuer: Organisation) -> dict[str, Any]:
    withheld = Award.objects.filter(
        Q(revoked_at__isnull=False) | Q(suspended_at__isnull=False), issuer=issuer
    ).only("public_id", "revoked_at", "revocation_reason", "suspended_at")
    return ob2.build_revocation_list(
        address("ob2_revocations", slug=issuer.slug),
        issuer_address(issuer),
        [(assertion_address(one), _reason(one)) for one in withheld.order_by("pk")],
    )


def _reason(award: Award) -> str:
    if award.revoked_at is None:
        return SUSPENDED
    with translation.override("en"):
        return str(RevocationReason(award.revocation_reason).label)
