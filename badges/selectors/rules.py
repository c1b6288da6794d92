"""Rules over badges: which parts are held, which are missing. The rules themselves are content."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from badges.enums import AwardState, EndorsementKind, EndorsementState
from badges.models import Achievement, Award, Endorsement, PeerFeedback
from badges.selectors.achievements import valid_awards_of
from badges.selectors.catalogue import catalogue
from partners.enums import OrganisationKind
from partners.models import User

COUNTED = (EndorsementKind.AWARD, EndorsementKind.SKILL)


@dataclass(frozen=True)
class RulePart:
    """One line of a rule: `count` badges among `of`; `held` are those that the person has."""

    count: int
    of: tuple[str, ...]
    held: tuple[str, ...]

    @property
    def is_met(self) -> bool:
        return len(self.held) >= self.count


def parts_of(rule: Mapping[str, Any], held: Collection[str]) -> list[RulePart]:
    """Every line of the rule beside what is held; lines are met independently of one another."""
    return [
        RulePart(
            count=int(line["count"]),
            of=tuple(line["of"]),
            held=tuple(code for code in line["of"] if code in held),
        )
        for line in rule["requires"]
    ]


def holds(rule: Mapping[str, Any], held: Collection[str]) -> bool:
    """Whether all lines are met; more badges never make a rule fail."""
    return all(part.is_met for part in parts_of(rule, held))


def held_awards_of(person_id: int) -> dict[str, Award]:
    """The person's issued and valid awards by badge code, the latest for each; none suspended."""
    rows = valid_awards_of(person_id).filter(state=AwardState.ISSUED, suspended_at__isnull=True)
    rows = rows.order_by("issued_at", "pk")
    return {award.version.achievement.code: award for award in rows}


def rule_of(achievement: Achievement) -> dict[str, Any] | None:
    return catalogue().rules.get(achievement.code)


def rule_is_met(person_id: int, achievement: Achievement) -> bool:
    """True for badges without a rule."""
    rule = rule_of(achievement)
    return rule is None or holds(rule, held_awards_of(person_id))


def rule_lines(achievement: Achievement, person_id: int | None) -> list[dict[str, Any]]:
    """The rule as text, line by line, with what this person has of it."""
    rule = rule_of(achievement)
    if rule is None:
        return []
    held = held_awards_of(person_id) if person_id else {}
    names = _names()
    return [
        {
            "text": _line_words(part, names),
            "codes": [{"code": code, "name": names.get(code, code)} for code in part.of],
            "is_met": part.is_met,
            "have": min(len(part.held), part.count),
            "count": part.count,
        }
        for part in parts_of(rule, held)
    ]


def guided_colleagues(person: User) -> int:
    """People who earned a badge after this person had given feedback on their draft."""
    return (
        PeerFeedback.objects.filter(
            peer=person,
            given_at__isnull=False,
            application__award__state=AwardState.ISSUED,
            application__award__revoked_at__isnull=True,
        )
        .exclude(application__applicant=person)
        .aggregate(n=Count("application__applicant", distinct=True))["n"]
    )


def endorsements_of(person: User) -> dict[str, int]:
    """How many companies and institutions endorse this person or one of their badges today."""
    rows = Endorsement.objects.filter(
        Q(person=person) | Q(award__recipient=person),
        kind__in=COUNTED,
        state=EndorsementState.ISSUED,
        revoked_at__isnull=True,
    )
    return {
        "company": rows.filter(endorser__kind=OrganisationKind.COMPANY)
        .values("endorser")
        .distinct()
        .count(),
        "institution": rows.filter(endorser__kind=OrganisationKind.INSTITUTION)
        .values("endorser")
        .distinct()
        .count(),
    }


def _names() -> dict[str, str]:
    return {one["code"]: one.get("short_name", one["name"]) for one in catalogue().achievements}


def _line_words(part: RulePart, names: Mapping[str, str]) -> str:
    words = ", ".join(names.get(code, code) for code in part.of)
    if len(part.of) == 1:
        return words
    return _("%(count)s of these: %(badges)s") % {"count": part.count, "badges": words}
