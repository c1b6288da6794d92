"""How the badge process goes, in numbers: for everybody, and by criterion for reviewers.

Figures that rest on fewer than five decisions are left out: they would tell of single people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Aggregate, Count, F, FloatField, Q, QuerySet
from django.db.models.functions import Extract

from badges.enums import AwardBasis, AwardState, Mark, Outcome
from badges.models import Award, CriterionMark, Decision, Review
from badges.selectors.catalogue import catalogue
from techvet.clock import now

SMALL = 5  # decisions
PERIOD = timedelta(days=365)


class Median(Aggregate):
    """PostgreSQL's percentile_cont(0.5)."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class BadgeFigures:
    """One badge family, one level. None stands for too few decisions to say."""

    name: str
    issued: int
    decided: int
    refused_percent: int | None
    median_days: int | None
    median_rounds: int | None


@dataclass(frozen=True)
class Transparency:
    """Everything that the public page shows."""

    issued: int
    revoked: int
    by_basis: list[dict[str, Any]]
    badges: list[BadgeFigures]
    issuers: Sequence[Mapping[str, Any]]
    reviewers: Sequence[Mapping[str, Any]]
    everything: BadgeFigures


def transparency() -> Transparency:
    """The figures of the last twelve months, and the badges issued ever; six queries."""
    awards = Award.objects.filter(state=AwardState.ISSUED).exclude(basis=AwardBasis.TEST)
    totals = awards.aggregate(
        issued=Count("pk"), revoked=Count("pk", filter=Q(revoked_at__isnull=False))
    )
    by_code = dict(
        awards.values_list("version__achievement__code").annotate(count=Count("pk")).order_by()
    )
    return Transparency(
        issued=totals["issued"],
        revoked=totals["revoked"],
        by_basis=_by_basis(awards),
        badges=_by_badge(by_code),
        issuers=list(
            awards.values("issuer__display_name", "issuer__slug")
            .annotate(count=Count("pk"))
            .order_by("-count", "issuer__display_name")
        ),
        reviewers=list(
            Review.objects.filter(finished_at__gte=now() - PERIOD, organisation__isnull=False)
            .values("organisation__display_name", "organisation__kind")
            .annotate(count=Count("pk"))
            .order_by("-count", "organisation__display_name")
        ),
        everything=_figures("", totals["issued"], _decisions().aggregate(**_MEASURES)),
    )


def _by_basis(awards: QuerySet[Award]) -> list[dict[str, Any]]:
    counted = awards.values_list("basis").annotate(count=Count("pk")).order_by("-count")
    return [{"name": AwardBasis(basis).label, "count": count} for basis, count in counted]


def _by_badge(issued: dict[str, int]) -> list[BadgeFigures]:
    rows: dict[str, Mapping[str, Any]] = {
        row["application__version__achievement__code"]: row
        for row in _decisions()
        .values("application__version__achievement__code")
        .annotate(**_MEASURES)
        .order_by()
    }
    names = {one["code"]: one["name"] for one in catalogue().achievements}
    return [
        _figures(names.get(code, code), issued.get(code, 0), rows.get(code, {}))
        for code in [*names, *sorted({*issued, *rows} - set(names))]
        if code in issued or code in rows
    ]


def _decisions() -> QuerySet[Decision]:
    return Decision.objects.filter(is_final=True, made_at__gte=now() - PERIOD)


_SECONDS = Extract(F("made_at") - F("application__submitted_at"), "epoch")
_MEASURES: dict[str, Any] = {
    "decided": Count("pk"),
    "refused": Count("pk", filter=Q(outcome=Outcome.DECLINE)),
    "seconds": Median(_SECONDS),
    "rounds": Median(F("revision")),
}


def _figures(name: str, issued: int, row: Mapping[str, Any]) -> BadgeFigures:
    decided = row.get("decided") or 0
    is_enough = decided >= SMALL
    return BadgeFigures(
        name=name,
        issued=issued,
        decided=decided,
        refused_percent=round(100 * row["refused"] / decided) if is_enough else None,
        median_days=round(row["seconds"] / 86_400) if is_enough else None,
        median_rounds=round(row["rounds"]) if is_enough else None,
    )


@dataclass(frozen=True)
class CriterionFigures:
    """How often a criterion came back: a high share says that it is badly written."""

    code: str
    title: str
    badge: str
    marked: int
    met_at_once_percent: int | None
    average_rounds: float | None


def criterion_figures(issuer_ids: Iterable[int]) -> list[CriterionFigures]:
    """For applications to these issuers in the last twelve months, worst first."""
    rows = (
        CriterionMark.objects.filter(
            application__issuer__in=list(issuer_ids), at__gte=now() - PERIOD
        )
        .exclude(mark="")
        .values("criterion__code", "criterion__title", "criterion__version__name")
        .annotate(
            applications=Count("application", distinct=True),
            marked=Count("pk"),
            at_once=Count("application", distinct=True, filter=Q(revision=1, mark=Mark.MET)),
            not_met=Count("pk", filter=~Q(mark=Mark.MET)),
        )
        .order_by()
    )
    figures = [_criterion(row) for row in rows]
    return sorted(figures, key=lambda one: (-(one.average_rounds or 0), one.code, one.badge))


def _criterion(row: Mapping[str, Any]) -> CriterionFigures:
    count = row["applications"]
    is_enough = count >= SMALL
    return CriterionFigures(
        code=row["criterion__code"],
        title=row["criterion__title"],
        badge=row["criterion__version__name"],
        marked=count,
        met_at_once_percent=round(100 * row["at_once"] / count) if is_enough else None,
        average_rounds=round(1 + row["not_met"] / count, 1) if is_enough else None,
    )
