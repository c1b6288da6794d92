"""The auditor: what must never be found. An empty answer is the good one.

K1 approved without an award, or long ago without a credential. K2 issued without exactly one
credential, or the other way round. K3 parked. K4 a decision, quiz, rule or batch that does not
carry its award. K5 a credential, token, endorsement or status list that does not verify, or whose
bytes are not those stored and intended. K6 an issuing without its audit lines, or a broken chain of
the audit log or a key log.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q

from badges.enums import ApplicationState, AwardBasis, AwardState, Outcome
from badges.models import Application, Award, Credential, IssuingBatch, Review, SigningKey
from badges.permissions import needs_other_house
from badges.services import audit_grounds as grounds
from badges.services import audit_signatures as signatures
from badges.services.key_log import problems_of_log
from partners.enums import Role
from partners.models import AuditEvent, Membership, Organisation
from partners.services import audit_seal
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
        *grounds.problems(),
        *signatures.problems(),
        *_audit_lines(),
        *_chains(),
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
    reviewed = Award.objects.filter(basis=AwardBasis.REVIEW)
    for award in reviewed.exclude(application__state=ApplicationState.APPROVED):
        yield f"K2 award {award.public_id} belongs to an application that is not approved"


def _decisions() -> Iterator[str]:
    reviewed = Award.objects.filter(basis=AwardBasis.REVIEW)
    wrong = reviewed.exclude(
        decision__outcome=Outcome.APPROVE,
        decision__is_final=True,
        decision__application=F("application"),
        version=F("application__version"),
        issuer=F("application__issuer"),
    ) | reviewed.filter(decision__reviewer=F("recipient"))
    for award in wrong.distinct():
        yield f"K4 award {award.public_id} has no final approval by somebody else"
    places = Award.objects.values("status_list", "status_index").annotate(count=Count("pk"))
    for place in places.filter(count__gt=1):
        yield f"K5 place {place['status_index']} of list {place['status_list']} is taken twice"


def _reviewers_without_right() -> Iterator[str]:
    """On the day each approving reviewer must have been a coordinator of the issuer, or of any
    issuer where the badge asks for another house; or have been invited by such a coordinator.
    Where two decide, two must have approved, one from the world of work if the badge says so."""
    for award in Award.objects.filter(decision__isnull=False).select_related("decision", "version"):
        decision, version = award.decision, award.version
        assert decision is not None
        approving = Review.objects.filter(
            application=decision.application_id,
            revision=decision.revision,
            outcome=Outcome.APPROVE,
            finished_at__isnull=False,
        ).exclude(reviewer=award.recipient_id)
        entitled = [one for one in approving if _was_entitled(award, one)]
        by_decider = any(one.reviewer_id == decision.reviewer_id for one in entitled)
        if not by_decider or len(entitled) < version.reviewers:
            yield f"K4 award {award.public_id} was approved without the right to do so"
        elif version.needs_world_of_work and version.reviewers > 1:
            everybody = Review.objects.filter(
                application=decision.application_id,
                revision=decision.revision,
                finished_at__isnull=False,
            )
            if not any(one.is_world_of_work for one in everybody):
                yield f"K4 award {award.public_id} was approved without the world of work"


def _was_entitled(award: Award, review: Review) -> bool:
    """`expires_at` marks an invited reviewer: then the one who invited must have been entitled."""
    person = review.reviewer_id if review.expires_at is None else review.invited_by_id
    day = (review.finished_at or review.claimed_at).date()
    entitled = Membership.objects.filter(
        user=person,
        role=Role.COORDINATOR,
        organisation__is_issuer=True,
        starts_on__lte=day + timedelta(days=1),
    ).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day - timedelta(days=1)))
    if not needs_other_house(award.version):
        entitled = entitled.filter(organisation=award.issuer_id)
    return entitled.exists()


def _audit_lines() -> Iterator[str]:
    """Each issuing has two lines, what was intended and what was done; a batch has its own."""
    awards = Award.objects.filter(state=AwardState.ISSUED)
    by_itself = awards.exclude(basis=AwardBasis.BATCH).values_list("public_id", flat=True)
    for verb in ("award_queued", "credential_issued"):
        told = _things_of(verb, "badges.award")
        for public_id in by_itself:
            if str(public_id) not in told:
                yield f"K6 award {public_id} has no line {verb} in the audit log"
    batches = IssuingBatch.objects.filter(Exists(awards.filter(batch=OuterRef("pk"))))
    for verb in ("batch_started", "batch_chunk_issued"):
        told = _things_of(verb, "badges.issuingbatch")
        for public_id in batches.values_list("public_id", flat=True):
            if str(public_id) not in told:
                yield f"K6 batch {public_id} has no line {verb} in the audit log"


def _things_of(verb: str, kind: str) -> set[str]:
    lines = AuditEvent.objects.filter(verb=verb, thing_type=kind)
    return set(lines.values_list("thing_id", flat=True))


def _chains() -> Iterator[str]:
    """The audit log and the key logs are what was sealed and published."""
    for problem in audit_seal.verify().problems:
        yield f"K6 audit log: {problem}"
    for issuer in Organisation.objects.filter(
        Exists(SigningKey.objects.filter(issuer=OuterRef("pk")))
    ):
        for problem in problems_of_log(issuer):
            yield f"K6 {problem}"
