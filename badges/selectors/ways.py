"""The shortest way to the next badge: which one needs least, counting proof already there."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.enums import AwardBy
from badges.models import Achievement, Criterion
from badges.selectors.achievements import FamilyProgress, present_versions
from badges.selectors.records import records_for
from badges.states import EDITABLE
from techvet.actor import Actor


@dataclass(frozen=True)
class Way:
    """One badge that the person could earn next."""

    row: FamilyProgress
    achievement: Achievement
    proven: int  # criteria with evidence, or with a record that the portal offers
    total: int
    is_quiz: bool = False

    @property
    def missing(self) -> int:
        """In steps; a quiz is one."""
        return 1 if self.is_quiz else self.total - self.proven

    @property
    def sentence(self) -> str:
        name = self.achievement.short_name  # type: ignore[attr-defined]  # annotated
        if self.is_quiz:
            return _("The shortest way to your next badge: eight questions for “%(name)s”.") % {
                "name": name
            }
        if self.missing == 0:
            return _("“%(name)s” is nearest: there is proof for every criterion.") % {"name": name}
        if self.proven:
            return ngettext(
                "“%(name)s” is nearest: for %(proven)s of its %(total)s criteria you already"
                " have proof, %(count)s is missing.",
                "“%(name)s” is nearest: for %(proven)s of its %(total)s criteria you already"
                " have proof, %(count)s are missing.",
                self.missing,
            ) % {
                "name": name,
                "proven": self.proven,
                "total": self.total,
                "count": self.missing,
            }
        return ngettext(
            "“%(name)s” is nearest: it has %(count)s criterion.",
            "“%(name)s” is nearest: it has %(count)s criteria.",
            self.total,
        ) % {"name": name, "count": self.total}


def shortest_way(actor: Actor, rows: Sequence[FamilyProgress]) -> Way | None:
    """What is under way comes first, then what needs fewest further proofs, in the map's order.

    An application that waits for its answer comes after those that the person can go on with.
    """
    ways = _ways(actor, rows)
    return min(
        enumerate(ways),
        key=lambda one: (_turn(one[1]), one[1].missing, one[0]),
        default=(0, None),
    )[1]


def _turn(way: Way) -> int:
    application = way.row.application
    if application is None:
        return 2
    return 0 if application.state in EDITABLE else 1


def path_between(
    lines: Sequence[tuple[str, str]], start: str, goal: str
) -> tuple[tuple[str, str], ...]:
    """The lines of the map from one star to another, fewest first; empty when there is none."""
    before: dict[str, str] = {start: ""}
    waiting = deque([start])
    while waiting and goal not in before:
        here = waiting.popleft()
        for one, other in lines:
            for end, next_end in ((one, other), (other, one)):
                if end == here and next_end not in before:
                    before[next_end] = here
                    waiting.append(next_end)
    path: list[tuple[str, str]] = []
    while before.get(goal):
        path.append((before[goal], goal))
        goal = before[goal]
    return tuple(reversed(path))


def _ways(actor: Actor, rows: Sequence[FamilyProgress]) -> list[Way]:
    criteria = _criteria() if actor.user else {}
    kinds = {record.kind for record in records_for(actor.user)} if actor.user else set()
    ways = []
    for row in rows:
        application = row.application
        if application is not None:
            achievement = application.version.achievement
            named = next((a for a in row.achievements if a.pk == achievement.pk), None)
            if named is not None:
                answered, total = getattr(application, "answered", 0), application.total  # type: ignore[attr-defined]
                ways.append(Way(row, named, answered, total))
            continue
        for one in row.ahead:
            own = criteria.get(one.pk, [])
            proven = sum(bool(kinds & set(each.evidence_kinds)) for each in own)
            # Visitors are shown the order of the map; criteria are read only for people we know.
            ways.append(Way(row, one, proven, len(own) or 1, one.award_by == AwardBy.QUIZ))
    return ways


def _criteria() -> dict[int, list[Criterion]]:
    return {
        version.achievement_id: list(version.criteria.all())
        for version in present_versions().defer("picture_svg", "picture_png")
    }
