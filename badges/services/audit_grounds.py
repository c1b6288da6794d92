"""K4 for awards that rest on something else than a review: a quiz, a rule, a batch."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, Q

from badges.enums import AwardBasis, AwardState
from badges.models import Award, IssuingBatch
from partners.enums import Role
from partners.models import Membership


def problems() -> Iterator[str]:
    yield from _quizzes()
    yield from _rules()
    yield from _batches()


def _quizzes() -> Iterator[str]:
    wrong = Award.objects.filter(basis=AwardBasis.QUIZ).exclude(
        quiz_attempt__is_passed=True,
        quiz_attempt__person=F("recipient"),
        quiz_attempt__version=F("version"),
    )
    for award in wrong:
        yield f"K4 award {award.public_id} rests on no quiz that its earner has passed"


def _rules() -> Iterator[str]:
    """Every part was issued to the same person. It may have been revoked since."""
    for award in Award.objects.filter(basis=AwardBasis.RULE):
        parts = set(award.rule_facts.get("parts", []))
        held = Award.objects.filter(
            public_id__in=parts, recipient=award.recipient_id, state=AwardState.ISSUED
        )
        if not parts or held.count() != len(parts):
            yield f"K4 award {award.public_id} lacks a part that its rule asks for"


def _batches() -> Iterator[str]:
    wrong = Award.objects.filter(basis=AwardBasis.BATCH).exclude(
        batch__version=F("version"), batch__issuer=F("issuer")
    ) | Award.objects.filter(basis=AwardBasis.BATCH, batch__created_by=F("recipient"))
    for award in wrong.distinct():
        yield f"K4 award {award.public_id} does not fit its batch"
    for batch in IssuingBatch.objects.filter(awards__isnull=False).distinct():
        day = batch.created_at.date()
        entitled = Membership.objects.filter(
            user=batch.created_by_id,
            organisation=batch.issuer_id,
            role=Role.COORDINATOR,
            starts_on__lte=day + timedelta(days=1),
        ).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day - timedelta(days=1)))
        if not entitled.exists():
            yield f"K4 batch {batch.public_id} was made without the right to do so"
