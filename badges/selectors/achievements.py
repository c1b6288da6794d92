"""The badges that exist, and how far a person is with each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from badges.enums import OPEN_STATES, AwardBasis, AwardBy, AwardState, VersionState
from badges.models import Achievement, AchievementVersion, Application, Award
from badges.selectors.catalogue import Family, catalogue
from badges.selectors.issuers import issuer_for
from techvet.actor import Actor
from techvet.clock import now

# The page of a badge stays when nobody can apply for it any more.
READABLE = (VersionState.PUBLISHED, VersionState.WITHDRAWN)


def achievements(states: Sequence[str] = (VersionState.PUBLISHED,)) -> QuerySet[Achievement]:
    """All badges with their newest published version; public."""
    latest = AchievementVersion.objects.filter(
        achievement=OuterRef("pk"), state__in=states
    ).order_by("-number")
    return Achievement.objects.annotate(
        name=Subquery(latest.values("name")[:1]),
        short_name=Subquery(latest.values("short_name")[:1]),
        version_id_now=Subquery(latest.values("public_id")[:1]),
    ).filter(name__isnull=False)


def present_versions(
    states: Sequence[str] = (VersionState.PUBLISHED,),
) -> QuerySet[AchievementVersion]:
    """The newest published version of each badge with its criteria, in the order of the map."""
    newest = (
        AchievementVersion.objects.filter(state__in=states)
        .values("achievement")
        .annotate(newest=Max("number"))
        .filter(achievement=OuterRef("achievement"))
        .values("newest")
    )
    return (
        AchievementVersion.objects.filter(number=Subquery(newest), state__in=states)
        .select_related("achievement", "creator")
        .prefetch_related("criteria")
        .order_by("achievement__position", "achievement__level")
    )


def versions() -> QuerySet[AchievementVersion]:
    """Every version ever published, or awarded for a test: their documents stay readable."""
    awarded = Exists(Award.objects.filter(version=OuterRef("pk")))
    return (
        AchievementVersion.objects.filter(Q(state__in=READABLE) | awarded)
        .select_related("achievement", "creator")
        .prefetch_related("criteria")
    )


@dataclass(frozen=True)
class FamilyProgress:
    """One star of the map for one person."""

    family: Family
    state: str  # lit, part, open or goal
    level: int  # the highest level earned, 0 for none
    application: Application | None  # with `answered` and `total` criteria
    achievements: tuple[Achievement, ...]
    parts: tuple[int, int] | None = None  # of the rule: held and asked for; None without a rule

    @property
    def ahead(self) -> list[Achievement]:
        """What the person can begin now: open badges above the level earned, and quizzes."""
        if self.parts is not None and self.parts[0] < self.parts[1]:
            return []
        return [
            one
            for one in self.achievements
            if (one.is_open or one.award_by == AwardBy.QUIZ)
            and (self.state != "lit" or one.level > self.level)
        ]

    @property
    def next_achievement(self) -> Achievement | None:
        """The first of them."""
        return self.ahead[0] if self.ahead else None


def progress_of(actor: Actor) -> list[FamilyProgress]:
    """Every family in the order of the content, as this person stands; visitors have begun none."""
    by_family: dict[str, list[Achievement]] = defaultdict(list)
    for one in achievements():
        by_family[one.family].append(one)
    levels, applications, held = _standing(actor)
    rows = []
    for family in catalogue().families.values():
        if family.code not in by_family:
            continue
        rows.append(
            FamilyProgress(
                family=family,
                state=_state(family, levels, applications),
                level=levels.get(family.code, 0),
                application=applications.get(family.code),
                achievements=tuple(by_family[family.code]),
                parts=_parts(family, held),
            )
        )
    return rows


def _parts(family: Family, held: set[str]) -> tuple[int, int] | None:
    """How many lines of the family's rule are met (badges/selectors/rules.py tells which)."""
    rule = catalogue().rules.get(family.code)
    if rule is None:
        return None
    met = sum(len(held & set(line["of"])) >= line["count"] for line in rule["requires"])
    return met, len(rule["requires"])


def _standing(actor: Actor) -> tuple[dict[str, int], dict[str, Application], set[str]]:
    levels: dict[str, int] = {}
    applications: dict[str, Application] = {}
    held: set[str] = set()
    if actor.user is None:
        return levels, applications, held
    for award in valid_awards_of(actor.user.pk):
        achievement = award.version.achievement
        if award.state == AwardState.ISSUED:
            held.add(achievement.code)
        levels[achievement.family] = max(levels.get(achievement.family, 0), achievement.level)
    begun = Application.objects.filter(applicant=actor.user, state__in=OPEN_STATES).annotate(
        answered=Count("evidence__criterion", distinct=True),
        total=Count("version__criteria", distinct=True),
    )
    for one in begun.select_related("version__achievement"):
        applications[one.version.achievement.family] = one
    return levels, applications, held


def _state(family: Family, levels: dict[str, int], applications: dict[str, Application]) -> str:
    if family.code in levels:
        return "lit"
    if family.code in applications:
        return "part"
    return "goal" if family.kind in ("track", "meta") else "open"


def valid_awards_of(person_id: int) -> QuerySet[Award]:
    """Neither revoked nor expired; being issued counts already, a test award never."""
    return (
        Award.objects.filter(recipient_id=person_id, revoked_at__isnull=True)
        .exclude(basis=AwardBasis.TEST)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now()))
        .exclude(basis=AwardBasis.TEST)
        .select_related("version__achievement", "issuer")
    )


def open_application_for(actor: Actor, achievement: Achievement) -> Application | None:
    """The person's application for this badge that is not finished."""
    if actor.user is None:
        return None
    return Application.objects.filter(
        applicant=actor.user, version__achievement=achievement, state__in=OPEN_STATES
    ).first()


def award_for(actor: Actor, achievement: Achievement) -> Award | None:
    if actor.user is None:
        return None
    return valid_awards_of(actor.user.pk).filter(version__achievement=achievement).first()


def issuer_name_for(actor: Actor) -> str:
    """The institution that would review an application of this person."""
    issuer = issuer_for(actor.user) if actor.user else None
    return issuer.display_name if issuer else ""
