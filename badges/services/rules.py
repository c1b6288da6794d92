"""Badges that follow from other badges: given once, as soon as every part is there and valid."""

import logging
from functools import reduce
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from badges.enums import AwardBasis, AwardBy, AwardState
from badges.models import Achievement, Award
from badges.selectors.catalogue import catalogue
from badges.selectors.issuers import issuer_for
from badges.selectors.rules import held_awards_of, holds, parts_of
from badges.services.applying import newest_published
from badges.services.awarding import queue_award
from partners.models import User
from techvet.actor import Actor
from techvet.clock import now

logger = logging.getLogger("portal.rules")


@transaction.atomic
def award_by_rules(person: User) -> list[Award]:
    """Gives the track badges whose parts the person holds. Safe to repeat and to run twice.

    The person's row is held, so that two workers who issue two parts at once give one badge.
    A badge that was revoked comes back only with a part that did not count then.
    """
    User.objects.select_for_update().get(pk=person.pk)
    held = held_awards_of(person.pk)
    made = []
    for achievement in Achievement.objects.filter(award_by=AwardBy.RULE):
        rule = catalogue().rules.get(achievement.code)
        if rule is None or not holds(rule, held):
            continue
        parts = [
            str(held[code].public_id)
            for code in dict.fromkeys(c for part in parts_of(rule, held) for c in part.held)
        ]
        if _is_due(person, achievement, set(parts)):
            made += _give(person, achievement, parts)
    return made


def award_due(limit: int = 200) -> int:
    """For the sweeper: everybody who holds all parts and lacks the badge."""
    given = 0
    for achievement in Achievement.objects.filter(award_by=AwardBy.RULE):
        rule = catalogue().rules.get(achievement.code)
        if rule is None:
            continue
        people = [_holders(line["of"], line["count"]) for line in rule["requires"]]
        rows = reduce(
            lambda found, ids: found.filter(pk__in=ids), people, User.objects.filter(is_active=True)
        )
        have = _valid().filter(version__achievement=achievement).values("recipient")
        for person in rows.exclude(pk__in=have)[:limit]:
            given += len(award_by_rules(person))
    return given


def award_for_recipient(recipient_id: int | None) -> None:
    """After an award was issued; what is lost here, the sweeper finds."""
    if recipient_id is None:
        return
    person = User.objects.filter(pk=recipient_id, is_active=True).first()
    if person is not None:
        award_by_rules(person)


def _is_due(person: User, achievement: Achievement, parts: set[str]) -> bool:
    awards = Award.objects.filter(recipient=person, version__achievement=achievement)
    if awards.filter(pk__in=_valid().values("pk")).exists():
        return False
    revoked = awards.filter(revoked_at__isnull=False)
    return all(parts - set(one.rule_facts.get("parts", [])) for one in revoked)


def _give(person: User, achievement: Achievement, parts: list[str]) -> list[Award]:
    version = newest_published(achievement)
    issuer = issuer_for(person)
    if version is None or issuer is None:
        logger.warning("nobody can issue a badge by rule", extra={"badge": achievement.code})
        return []
    before = (
        Award.objects.filter(
            recipient=person, version__achievement=achievement, revoked_at__isnull=True
        )
        .order_by("-issued_at")
        .first()
    )
    award = queue_award(
        by=Actor.system(),
        basis=AwardBasis.RULE,
        recipient=person,
        version=version,
        issuer=issuer,
        rule_facts={"rule": achievement.code, "parts": parts},
        renews=before,
    )
    return [award]


def _valid() -> QuerySet[Award]:
    return (
        Award.objects.filter(recipient__isnull=False, revoked_at__isnull=True)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now()))
        .exclude(basis=AwardBasis.TEST)
    )


def _holders(codes: list[str], count: int) -> QuerySet[Award, Any]:
    """Ids of the people who hold at least `count` of these badges."""
    return (
        _valid()
        .filter(
            state=AwardState.ISSUED,
            suspended_at__isnull=True,
            version__achievement__code__in=codes,
        )
        .order_by()
        .values("recipient")
        .annotate(found=Count("version__achievement", distinct=True))
        .filter(found__gte=count)
        .values("recipient")
    )
