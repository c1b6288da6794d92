"""Who judges the present revision of an application, who may, and what waits in the queue."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)
from django.utils import translation
from django.utils.translation import gettext as _

from badges.enums import ApplicationState, AwardBasis, Outcome, ReviewerKind
from badges.models import Application, Award, ConflictOfInterest, Review, ReviewPhrase
from badges.permissions import (
    REVIEWER_ROLES,
    applicant_organisation_ids,
    needs_other_house,
    reviewing_organisation_ids,
)
from badges.selectors.applications import IN_QUEUE, applications_reviewable_by
from badges.selectors.catalogue import catalogue
from partners.enums import OrganisationKind, Role
from partners.models import Membership, Organisation, User
from partners.selectors.actors import current_memberships
from techvet.actor import Actor
from techvet.clock import now, today

OLD_AFTER = timedelta(days=7)  # the filter "waits for more than a week"
HOLDER_LEVEL = 2  # from this level on, whoever holds a badge may be asked to review
MOST_OFFERED = 50


# ---------------------------------------------------------------- one application
@dataclass(frozen=True)
class Panel:
    """The reviewers of one revision: how many decide, who has finished, who is still missing."""

    reviews: tuple[Review, ...]
    base: int
    needs_world_of_work: bool

    @cached_property
    def finished(self) -> tuple[Review, ...]:
        return tuple(one for one in self.reviews if one.is_finished)

    @cached_property
    def open(self) -> tuple[Review, ...]:
        return tuple(one for one in self.reviews if not one.is_finished)

    @property
    def is_third_asked(self) -> bool:
        """The reviewers differ, so one more has to be heard."""
        outcomes = {one.outcome for one in self.finished}
        return self.base > 1 and len(self.finished) >= self.base and len(outcomes) > 1

    @property
    def wanted(self) -> int:
        return self.base + self.is_third_asked

    @property
    def free(self) -> int:
        return max(0, self.wanted - len(self.reviews))

    def of(self, person: User | None) -> Review | None:
        return next((one for one in self.reviews if person and one.reviewer_id == person.pk), None)

    def has_place_for(self, kind: str) -> bool:
        """The last place is kept for the world of work where the badge asks for it."""
        if not self.free:
            return False
        return kind == ReviewerKind.COMPANY or self.free > 1 or not self.is_world_of_work_missing

    @property
    def is_world_of_work_missing(self) -> bool:
        return self.needs_world_of_work and not any(one.is_world_of_work for one in self.reviews)

    @property
    def verdict(self) -> str:
        """The outcome once enough have finished: all of one mind, or the majority of three.

        Three different views ask the applicant for changes; empty while somebody is missing.
        """
        if len(self.finished) < self.wanted:
            return ""
        (outcome, count), *_others = Counter(o.outcome for o in self.finished).most_common()
        return outcome if count * 2 > len(self.finished) else Outcome.RETURN


def panel_of(application: Application) -> Panel:
    """Invitations that have run out do not count. Uses prefetched reviews where there are some."""
    at = now()
    rows = [
        one
        for one in application.reviews.all()
        if one.revision == application.revision
        and (one.is_finished or one.expires_at is None or one.expires_at > at)
    ]
    version = application.version
    return Panel(
        reviews=tuple(rows),
        base=max(1, version.reviewers),
        needs_world_of_work=version.needs_world_of_work and version.reviewers > 1,
    )


def capacity_of(person: User, application: Application) -> tuple[str, Organisation | None]:
    """In which capacity somebody reviews, and for which organisation they speak."""
    rows = list(current_memberships().filter(user=person))
    companies = [m for m in rows if m.organisation.kind == OrganisationKind.COMPANY]
    if companies:
        return ReviewerKind.COMPANY, companies[0].organisation
    issuers = [m for m in rows if m.role in REVIEWER_ROLES and m.organisation.is_issuer]
    for row in issuers:
        if row.organisation_id == application.issuer_id:
            return ReviewerKind.INSTITUTION, row.organisation
    if issuers:
        return ReviewerKind.INSTITUTION, issuers[0].organisation
    return ReviewerKind.PEER, rows[0].organisation if rows else None


# ---------------------------------------------------------------- who may
def eligible_reviewers(application: Application) -> QuerySet[User]:
    """Everybody who may review this application today by their role."""
    rows = current_memberships().filter(role__in=REVIEWER_ROLES, organisation__is_issuer=True)
    if not needs_other_house(application.version):
        rows = rows.filter(organisation=application.issuer)
    people = User.objects.filter(pk__in=rows.values("user"), is_active=True)
    return _without_obstacles(people, application)


def holders_for(application: Application) -> list[User]:
    """People with a badge of level 2 or higher who may be asked as peers, by name."""
    at = now()
    holders = (
        Award.objects.filter(
            recipient__isnull=False,
            revoked_at__isnull=True,
            suspended_at__isnull=True,
            version__achievement__level__gte=HOLDER_LEVEL,
        )
        .exclude(basis=AwardBasis.TEST)
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=at))
        .values("recipient")
    )
    people = _without_obstacles(User.objects.filter(pk__in=holders, is_active=True), application)
    return list(people.order_by("name", "pk")[:MOST_OFFERED])


def _without_obstacles(people: QuerySet[User], application: Application) -> QuerySet[User]:
    """The same rules as permissions.obstacle_to_review, for many people at once."""
    houses = applicant_organisation_ids(application)
    shared = current_memberships().filter(organisation__in=houses)
    managers = shared.filter(role=Role.MANAGER)
    people = people.exclude(pk=application.applicant_id).exclude(pk__in=managers.values("user"))
    if needs_other_house(application.version):
        people = people.exclude(pk__in=shared.values("user"))
    conflicts = ConflictOfInterest.objects.filter(application=application)
    return people.exclude(pk__in=conflicts.values("reviewer"))


@dataclass(frozen=True)
class Candidate:
    """Somebody to whom a review may be given, with what speaks for them."""

    person: User
    open_reviews: int
    speaks: bool  # reads the language of the applicant


def candidates_for(application: Application) -> list[Candidate]:
    """Who may take it and does not have it: first who reads its language, then who has least."""
    language = application.applicant.language
    taken = [one.reviewer_id for one in panel_of(application).reviews]
    people = (
        eligible_reviewers(application)
        .exclude(pk__in=taken)
        .annotate(
            open_reviews=Count(
                "reviews",
                filter=Q(
                    reviews__finished_at__isnull=True,
                    reviews__application__state=ApplicationState.IN_REVIEW,
                    reviews__revision=F("reviews__application__revision"),
                ),
            )
        )
    )
    found = [Candidate(one, one.open_reviews, one.language == language) for one in people]
    return sorted(found, key=lambda c: (not c.speaks, c.open_reviews, c.person.name, c.person.pk))


def language_name(code: str) -> str:
    """The name of a language in the language of the page."""
    try:
        return str(translation.get_language_info(code)["name_translated"])
    except KeyError:
        return code


# ---------------------------------------------------------------- the queue
@dataclass(frozen=True)
class QueueFilters:
    """What is shown of the queue; empty shows everything."""

    badge: str = ""
    school: str = ""
    language: str = ""
    age: str = ""  # "week" or "overdue"
    unassigned: bool = False
    mine: bool = False


def applications_organised_by(actor: Actor) -> QuerySet[Application]:
    """What waits and whose reviewers this person may name: their issuer's, and what they review."""
    own = reviewing_organisation_ids(actor)
    if actor.user is None or not own:
        return Application.objects.none()
    reviewable = applications_reviewable_by(actor).values("pk")
    return (
        Application.objects.filter(state__in=IN_QUEUE)
        .filter(Q(issuer__in=own) | Q(pk__in=reviewable))
        .exclude(applicant=actor.user)
        .select_related("version__achievement", "issuer", "applicant")
    )


def waiting_for(actor: Actor) -> QuerySet[Application]:
    """What this person may review and has not finished, oldest first."""
    if actor.user is None:
        return Application.objects.none()
    done = _present_reviews().filter(reviewer=actor.user, finished_at__isnull=False)
    return (
        applications_reviewable_by(actor)
        .filter(state__in=IN_QUEUE)
        .filter(~Exists(done))
        .order_by("submitted_at", "pk")
    )


def review_queue(actor: Actor, filters: QueueFilters | None = None) -> QuerySet[Application]:
    """What waits for this reviewer, oldest first."""
    rows = waiting_for(actor)
    if filters is None:
        return rows
    if filters.badge:
        rows = rows.filter(version__achievement__family=filters.badge)
    if filters.school:
        members = Membership.objects.filter(organisation__slug=filters.school)
        rows = rows.filter(applicant__in=members.values("user"))
    if filters.language:
        rows = rows.filter(applicant__language=filters.language)
    if filters.age == "overdue":
        rows = rows.filter(answer_by__lt=today())
    elif filters.age == "week":
        rows = rows.filter(submitted_at__lt=now() - OLD_AFTER)
    if filters.unassigned:
        rows = rows.filter(~Exists(_active_reviews()))
    if filters.mine:
        rows = rows.filter(Exists(_active_reviews().filter(reviewer=actor.user)))
    return rows


def with_reviews(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Reviews, reviewers and houses of the applicants for a page of the queue, in few queries."""
    reviews = Review.objects.select_related("reviewer", "organisation")
    houses = current_memberships()
    return rows.prefetch_related(
        Prefetch("reviews", reviews), Prefetch("applicant__memberships", houses)
    )


def counts_of(actor: Actor) -> dict[str, int]:
    rows = waiting_for(actor)
    mine = _active_reviews().filter(reviewer=actor.user)
    return rows.order_by().aggregate(
        all=Count("pk"),
        overdue=Count("pk", filter=Q(answer_by__lt=today())),
        week=Count("pk", filter=Q(submitted_at__lt=now() - OLD_AFTER)),
        unassigned=Count("pk", filter=~Exists(_active_reviews())),
        mine=Count("pk", filter=Exists(mine)),
    )


def elsewhere_of(actor: Actor) -> list[Application]:
    """Own issuer's applications that others have to judge: this person only says who."""
    reviewable = applications_reviewable_by(actor).values("pk")
    rows = applications_organised_by(actor).exclude(pk__in=reviewable)
    return list(with_reviews(rows).order_by("submitted_at", "pk")[:MOST_OFFERED])


def families_in(rows: QuerySet[Application]) -> list[dict[str, Any]]:
    """The families that occur in a queue, with counts, for its filter."""
    names = catalogue().families
    return [
        {"code": code, "count": count, "name": names[code].short_name}
        for code, count in _counted(rows, "version__achievement__family")
        if code in names
    ]


def schools_in(rows: QuerySet[Application]) -> list[dict[str, Any]]:
    """Where the applicants of a queue belong today; somebody of two houses counts in both."""
    applicants: dict[int, int] = dict(_counted(rows, "applicant"))
    found: dict[str, dict[str, Any]] = {}
    seen: dict[str, set[int]] = defaultdict(set)
    for row in current_memberships().filter(user__in=applicants):
        house = row.organisation
        entry = found.setdefault(
            house.slug, {"code": house.slug, "name": house.display_name, "count": 0}
        )
        if row.user_id not in seen[house.slug]:
            seen[house.slug].add(row.user_id)
            entry["count"] += applicants[row.user_id]
    return sorted(found.values(), key=lambda one: one["name"])


def languages_in(rows: QuerySet[Application]) -> list[dict[str, Any]]:
    return [
        {"code": code, "count": count, "name": language_name(code)}
        for code, count in _counted(rows, "applicant__language")
    ]


def _counted(rows: QuerySet[Application], by: str) -> Iterable[tuple[Any, int]]:
    counted = rows.order_by().values(by).annotate(count=Count("pk")).order_by(by)
    return [(one[by], one["count"]) for one in counted]


def _present_reviews() -> QuerySet[Review]:
    return Review.objects.filter(application=OuterRef("pk"), revision=OuterRef("revision"))


def _active_reviews() -> QuerySet[Review]:
    runs = Q(expires_at__isnull=True) | Q(expires_at__gt=now()) | Q(finished_at__isnull=False)
    return _present_reviews().filter(runs)


# ---------------------------------------------------------------- words
def phrases_for(actor: Actor) -> QuerySet[ReviewPhrase]:
    """The sentences of the own institutions, those in the own language first."""
    if actor.user is None:
        return ReviewPhrase.objects.none()
    own = reviewing_organisation_ids(actor)
    rows = ReviewPhrase.objects.filter(organisation__in=own)
    is_own = ExpressionWrapper(Q(language=actor.user.language), BooleanField())
    return rows.annotate(is_own=is_own).order_by("-is_own", "text", "pk")


def panel_words(panel: Panel) -> str:
    """Where the reviewing stands, in one sentence; it never says what anybody thinks."""
    if panel.base == 1:
        return ""
    words: Mapping[str, Any] = {"done": len(panel.finished), "all": panel.wanted}
    if panel.is_third_asked:
        return _("The two reviewers differ: a third reviewer is asked.")
    return _("%(done)s of %(all)s reviewers have finished.") % words
