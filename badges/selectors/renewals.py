"""Badges that end: whether they may be renewed now, and how."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from badges.enums import OPEN_STATES, AwardBasis, AwardBy, AwardState
from badges.models import Application, Award
from badges.selectors.rules import rule_of
from guidance.enums import WeekState
from guidance.models import Week
from techvet.actor import Actor
from techvet.clock import now

NOTICE = dt.timedelta(days=90)
# A test award ends and is not renewed.
LASTING = [basis for basis in AwardBasis if basis != AwardBasis.TEST]
ACTIVITY_RULE = "portal_activity"


@dataclass(frozen=True)
class Renewal:
    """How one award of the person can be renewed."""

    award: Award
    is_expired: bool
    renewed_by: Award | None  # already done
    application: Application | None  # already begun
    can_apply: bool  # by one new proof
    years: tuple[dict[str, Any], ...]  # [{"year", "from", "to", "weeks"}] since the award

    @property
    def can_by_activity(self) -> bool:
        """Weeks were confirmed in every year since the award."""
        return self.can_apply and bool(self.years) and all(one["weeks"] for one in self.years)

    @property
    def words(self) -> str:
        if self.renewed_by is not None:
            return _("Renewed")
        if self.application is not None:
            return _("Renewal begun")
        if self.can_by_activity:
            return _("Your guiding in the portal is proof enough: renew it with one click.")
        if self.can_apply:
            return _("Renew it with one new proof.")
        return ""


def renewal_of(award: Award) -> Renewal | None:
    """None for awards that never end, are revoked, or are not near their end yet."""
    if award.valid_until is None or award.revoked_at or award.state != AwardState.ISSUED:
        return None
    if award.valid_until > now() + NOTICE or award.recipient_id is None:
        return None
    renewed = (
        Award.objects.filter(renews=award, revoked_at__isnull=True).order_by("-issued_at").first()
    )
    achievement = award.version.achievement
    application = Application.objects.filter(
        applicant_id=award.recipient_id, version__achievement=achievement, state__in=OPEN_STATES
    ).first()
    can_apply = (
        renewed is None
        and application is None
        and achievement.award_by == AwardBy.REVIEW
        and achievement.is_open
        and not _has_newer(award)
    )
    # A badge that opens by a rule and its reflection is not renewed by guiding alone.
    by_guiding = can_apply and rule_of(achievement) is None
    return Renewal(
        award=award,
        is_expired=award.valid_until <= now(),
        renewed_by=renewed,
        application=application,
        can_apply=can_apply,
        years=guided_years(award) if by_guiding else (),
    )


def renewals_of(actor: Actor) -> dict[int, Renewal]:
    """By award: those of the person's badges that end soon or have ended."""
    if actor.user is None:
        return {}
    rows = ending_awards().filter(recipient=actor.user)
    return {one.pk: found for one in rows if (found := renewal_of(one)) is not None}


def open_renewals_of(actor: Actor) -> list[Renewal]:
    """What the person can still do something about, the earliest end first."""
    found = [one for one in renewals_of(actor).values() if one.can_apply]
    return sorted(found, key=lambda one: (one.award.valid_until or now(), one.award.pk))


def ending_awards() -> QuerySet[Award]:
    """Issued awards of known people within 90 days of their end, or past it."""
    return Award.objects.filter(
        state=AwardState.ISSUED,
        revoked_at__isnull=True,
        recipient__isnull=False,
        valid_until__lte=now() + NOTICE,
        basis__in=LASTING,
    ).select_related("version__achievement", "issuer", "recipient")


def guided_years(award: Award) -> tuple[dict[str, Any], ...]:
    """Confirmed weeks of guidance in each year since the award; the last one may be under way.

    The person counts as instructor who confirmed the week, or as teacher in charge.
    """
    start, today = localdate(award.issued_at), localdate(now())
    last = min(localdate(award.valid_until), today) if award.valid_until else today
    mondays = sorted(
        Week.objects.filter(state=WeekState.CONFIRMED, monday__gte=start, monday__lte=today)
        .filter(Q(confirmed_by=award.recipient) | Q(placement__teacher=award.recipient))
        .values_list("monday", flat=True)
    )
    years = []
    number, begin = 1, start
    while begin < last:
        end = _year_after(begin)
        weeks = sum(begin <= day < end for day in mondays)
        years.append(
            {"year": number, "from": begin.isoformat(), "to": end.isoformat(), "weeks": weeks}
        )
        number, begin = number + 1, end
    return tuple(years)


def rule_words(award: Award) -> str:
    """Why a badge was given without a review, in one sentence; empty for the others."""
    if award.basis != AwardBasis.RULE:
        return ""
    if award.rule_facts.get("rule") == ACTIVITY_RULE:
        return _("Renewed because the earner guided students in every year since the last badge.")
    rule = rule_of(award.version.achievement)
    return str(rule["sentence"]) if rule else ""


def _has_newer(award: Award) -> bool:
    return (
        Award.objects.filter(
            recipient_id=award.recipient_id,
            version__achievement=award.version.achievement,
            revoked_at__isnull=True,
            issued_at__gt=award.issued_at,
            basis__in=LASTING,
        )
        .exclude(pk=award.pk)
        .exists()
    )


def _year_after(day: dt.date) -> dt.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)
