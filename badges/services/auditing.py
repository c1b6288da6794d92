"""The auditor: what must never be found. An empty answer is the good one.

K1 approved without an award, or long ago without a credential. K2 issued without exactly one
credential, or the other way round. K3 parked. K4 a decision that does not carry its award. K5 a
credential that does not verify, or whose bytes are not those stored and intended. K6 an issuing
without its audit lines.
"""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, F, Q

from badges.enums import ApplicationState, AwardState, Outcome
from badges.models import Application, Award, Credential
from badges.openbadges.documents import parse_json, serialise
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.keys import decode_multikey
from badges.openbadges.proof import verify_proof
from partners.enums import Role
from partners.models import AuditEvent, Membership
from techvet.clock import database_now

LONG_AGO = timedelta(minutes=15)
PARKED_FOR = timedelta(hours=24)


def findings() -> list[str]:
    """One line for each thing that is wrong."""
    return [
        *_waiting(),
        *_without_credential(),
        *_decisions(),
        *_reviewers_without_right(),
        *_signatures(),
        *_audit_lines(),
    ]


def _waiting() -> Iterator[str]:
    at = database_now()
    for award in Award.objects.exclude(state=AwardState.ISSUED):
        waits = at - award.issued_at
        if award.state == AwardState.PARKED and waits > PARKED_FOR:
            yield f"K3 award {award.public_id} is parked since {award.issued_at:%Y-%m-%d %H:%M}"
        elif award.state != AwardState.PARKED and waits > LONG_AGO:
            yield f"K1 award {award.public_id} waits since {award.issued_at:%Y-%m-%d %H:%M}"
    approved = Application.objects.filter(state=ApplicationState.APPROVED)
    for application in approved.filter(award__isnull=True):
        yield f"K1 application {application.public_id} is approved without an award"


def _without_credential() -> Iterator[str]:
    issued = Award.objects.filter(state=AwardState.ISSUED)
    for award in issued.filter(credential__isnull=True):
        yield f"K2 award {award.public_id} is issued without a credential"
    for credential in Credential.objects.exclude(award__state=AwardState.ISSUED):
        yield f"K2 credential {credential.pk} belongs to an award that is not issued"
    for award in Award.objects.exclude(application__state=ApplicationState.APPROVED):
        yield f"K2 award {award.public_id} belongs to an application that is not approved"


def _decisions() -> Iterator[str]:
    wrong = Award.objects.exclude(
        decision__outcome=Outcome.APPROVE,
        decision__is_final=True,
        decision__application=F("application"),
        version=F("application__version"),
        issuer=F("application__issuer"),
    ) | Award.objects.filter(decision__reviewer=F("recipient"))
    for award in wrong.distinct():
        yield f"K4 award {award.public_id} has no final approval by somebody else"
    places = Award.objects.values("status_list", "status_index").annotate(count=Count("pk"))
    for place in places.filter(count__gt=1):
        yield f"K5 place {place['status_index']} of list {place['status_list']} is taken twice"


def _reviewers_without_right() -> Iterator[str]:
    """On the day of the decision the reviewer must have been a coordinator of the issuer, or of
    any issuer where the badge asks for another house."""
    for award in Award.objects.select_related("decision", "version"):
        day = award.decision.made_at.date()
        entitled = Membership.objects.filter(
            user=award.decision.reviewer_id,
            role=Role.COORDINATOR,
            organisation__is_issuer=True,
            starts_on__lte=day + timedelta(days=1),
        ).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day - timedelta(days=1)))
        if not award.version.is_reviewed_elsewhere:
            entitled = entitled.filter(organisation=award.issuer_id)
        if not entitled.exists():
            yield f"K4 award {award.public_id} was approved without the right to do so"


def _signatures() -> Iterator[str]:
    rows = Credential.objects.select_related("award__key").iterator(chunk_size=500)
    for credential in rows:
        problem = _problem_of(credential)
        if problem:
            yield f"K5 credential of award {credential.award.public_id}: {problem}"


def _problem_of(credential: Credential) -> str:
    award = credential.award
    body = credential.body.encode()
    if hashlib.sha256(body).hexdigest() != credential.body_sha256:
        return "the stored hash differs"
    try:
        document = parse_json(body)
        verify_proof(document, decode_multikey(award.key.public_key_multibase))
    except OpenBadgesError as error:
        return f"it does not verify ({error.code})"
    document.pop("proof")
    if hashlib.sha256(serialise(document)).hexdigest() != award.unsigned_sha256:
        return "it is not what was decided"
    return ""


def _audit_lines() -> Iterator[str]:
    for verb in ("award_queued", "credential_issued"):
        told = set(
            AuditEvent.objects.filter(verb=verb, thing_type="badges.award").values_list(
                "thing_id", flat=True
            )
        )
        awards = Award.objects.filter(state=AwardState.ISSUED)
        for public_id in awards.values_list("public_id", flat=True):
            if str(public_id) not in told:
                yield f"K6 award {public_id} has no line {verb} in the audit log"
