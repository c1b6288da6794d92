"""Badges are valid for some years: the notice before the end, and the two short ways on."""

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _

from badges.enums import AwardBasis
from badges.models import Application, Award
from badges.permissions import can_apply
from badges.selectors.issuers import issuer_for
from badges.selectors.renewals import ACTIVITY_RULE, Renewal, ending_awards, renewal_of
from badges.services import news
from badges.services.applying import begin, newest_published
from badges.services.awarding import queue_award
from partners.models import OutgoingMessage, User
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import NotAllowed, WrongState

NOTICE_KEY = "badge_ends:"


@transaction.atomic
def start_renewal(*, by: Actor, award: Award) -> Application:
    """An application that renews this badge: one new proof is enough, reviewed as always."""
    renewal = _renewal(by, award)
    if renewal is not None and renewal.application is not None:
        return renewal.application
    if renewal is None or not renewal.can_apply:
        raise WrongState("not_due", _("This badge cannot be renewed now."))
    version = newest_published(award.version.achievement)
    if version is None:
        raise WrongState("not_open", _("This badge is not open for applications."))
    return begin(by, version, renews=award)


@transaction.atomic
def renew_by_activity(*, by: Actor, award: Award) -> Award:
    """Renews at once when weeks were confirmed in every year since the award. Once only."""
    if by.user is not None:
        User.objects.select_for_update().get(pk=by.user.pk)
    renewal = _renewal(by, award)
    if renewal is not None and renewal.renewed_by is not None:
        return renewal.renewed_by
    if renewal is None or not renewal.can_by_activity:
        raise WrongState(
            "no_activity",
            _("The portal does not know of guiding in every year. Renew it with one new proof."),
        )
    assert by.user is not None
    issuer = issuer_for(by.user)
    if issuer is None:
        raise WrongState("no_issuer", _("No institution can issue this badge yet."))
    version = newest_published(award.version.achievement)
    if version is None:
        raise WrongState("not_open", _("This badge is not open for applications."))
    return queue_award(
        by=by,
        basis=AwardBasis.RULE,
        recipient=by.user,
        version=version,
        issuer=issuer,
        rule_facts={
            "rule": ACTIVITY_RULE,
            "parts": [str(award.public_id)],
            "years": list(renewal.years),
        },
        renews=award,
    )


def tell_ending(limit: int = 200) -> int:
    """For the sweeper: one message for each badge that ends within 90 days and is not renewed."""
    key = Concat(Value(NOTICE_KEY), Cast("public_id", CharField()))
    renewed = Award.objects.filter(renews=OuterRef("pk"), revoked_at__isnull=True)
    newer = Award.objects.filter(
        recipient=OuterRef("recipient"),
        version__achievement=OuterRef("version__achievement"),
        revoked_at__isnull=True,
        issued_at__gt=OuterRef("issued_at"),
    )
    rows = (
        ending_awards()
        .filter(valid_until__gt=now(), recipient__is_active=True)
        .annotate(notice_key=key)
        .exclude(Exists(renewed) | Exists(newer))
        .exclude(Exists(OutgoingMessage.objects.filter(unique_key=OuterRef("notice_key"))))
        .order_by(F("valid_until"))
    )
    told = 0
    for award in rows[:limit]:
        news.tell_ending(award, unique_key=f"{NOTICE_KEY}{award.public_id}")
        told += 1
    return told


def _renewal(by: Actor, award: Award) -> Renewal | None:
    if by.user is None or award.recipient_id != by.user.pk or not can_apply(by):
        raise NotAllowed("not_yours", _("Only the earner can renew a badge."))
    return renewal_of(award)
