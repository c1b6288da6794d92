"""What a reviewer would miss, said before sending; the applicant may send anyway."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.enums import RECORD_KINDS, EvidenceKind
from badges.models import Application, Criterion, EvidenceItem
from badges.selectors.applications import CriterionView
from badges.selectors.catalogue import catalogue
from badges.selectors.rules import endorsements_of, guided_colleagues
from badges.selectors.scaffolding import needs_plan, plan_of
from techvet.clock import today

OLD_AFTER_YEARS = 3
# Dates in the snapshot of a record, the latest one counts.
DATE_FACTS = ("ended_on", "last_day", "published_on")


@dataclass(frozen=True)
class Check:
    """One criterion with what is missing, in sentences; none when all is well."""

    row: CriterionView
    remarks: tuple[str, ...]


def check_of(application: Application, rows: list[CriterionView]) -> list[Check]:
    """Every criterion in order. A renewal is asked only about what it brings anew."""
    is_renewal = application.renews_id is not None
    return [
        Check(row, () if is_renewal and not row.evidence else tuple(_remarks(application, row)))
        for row in rows
    ]


def plan_is_missing(application: Application) -> bool:
    return needs_plan(application) and plan_of(application) is None


def _remarks(application: Application, row: CriterionView) -> list[str]:
    if not row.evidence:
        return [_("There is no evidence yet."), *_meta(application, row)]
    remarks = [*_length(row), *_kinds(row), *_age(row), *_meta(application, row)]
    if row.needs_work and not row.changed:
        answered = row.mark is not None and row.mark.answer
        if not answered:
            remarks.append(_("The reviewer’s note is neither answered nor acted on."))
    return remarks


def _length(row: CriterionView) -> list[str]:
    if row.text is None:
        return []
    words, least = len(row.text.text.split()), catalogue().words_enough
    if row.others or words >= least or _reflection(row.criterion):
        return []
    return [
        ngettext(
            "Your text has %(words)s word; most answers that are met have %(least)s or more.",
            "Your text has %(words)s words; most answers that are met have %(least)s or more.",
            words,
        )
        % {"words": words, "least": least}
    ]


def _kinds(row: CriterionView) -> list[str]:
    """Only words, where a document or something the portal can vouch for would count as well."""
    if row.others:
        return []
    asked = [kind for kind in row.criterion.evidence_kinds if kind in RECORD_KINDS]
    if asked:
        names = ", ".join(str(EvidenceKind(kind).label) for kind in asked)
        return [
            _("Only words so far. This criterion also takes what the portal knows: %(kinds)s.")
            % {"kinds": names}
        ]
    return []


def _age(row: CriterionView) -> list[str]:
    limit = _years_before(today(), OLD_AFTER_YEARS)
    return [
        _("“%(title)s” is older than three years.") % {"title": item.snapshot.get("title", "")}
        for item in row.evidence
        if (day := _day_of(item)) is not None and day < limit
    ]


def _meta(application: Application, row: CriterionView) -> list[str]:
    """What the rule of a meta badge asks for besides its parts, as the portal knows it."""
    also = catalogue().rules.get(application.version.achievement.code, {}).get("also")
    if not also:
        return []
    code, person = row.criterion.code, application.applicant
    if code == also["guided_criterion"]:
        return _colleagues(guided_colleagues(person), also["guided_colleagues"])
    if code == also["endorsement_criterion"]:
        given = endorsements_of(person)
        missing = []
        if given["company"] < also["company_endorsements"]:
            missing.append(_("An endorsement by a company is missing."))
        if given["institution"] < also["institution_endorsements"]:
            missing.append(_("An endorsement by an institution is missing."))
        return missing
    if code == also["reflection_criterion"] and row.text is not None and not row.others:
        return _reflection_length(row.text.text, also)
    return []


def _colleagues(found: int, wanted: int) -> list[str]:
    if found >= wanted:
        return []
    return [
        _(
            "The portal knows of %(found)s of %(wanted)s colleagues who earned a badge after your"
            " feedback on their draft."
        )
        % {"found": found, "wanted": wanted}
    ]


def _reflection_length(text: str, also: Mapping[str, int]) -> list[str]:
    words = len(text.split())
    least, most = also["reflection_words_min"], also["reflection_words_max"]
    if least <= words <= most:
        return []
    return [
        _("Your reflection has %(words)s words; %(least)s to %(most)s are asked for.")
        % {"words": words, "least": least, "most": most}
    ]


def _reflection(criterion: Criterion) -> bool:
    rule = catalogue().rules.get(criterion.version.achievement.code, {})
    return bool(criterion.code == rule.get("also", {}).get("reflection_criterion"))


def _day_of(item: EvidenceItem) -> dt.date | None:
    """The latest day that a record's snapshot tells; texts and files have none."""
    facts = item.snapshot.get("facts", {})
    try:
        for name in DATE_FACTS:
            if facts.get(name):
                return dt.date.fromisoformat(facts[name])
        if facts.get("last_week"):
            year, week = facts["last_week"].split("-W")
            return dt.date.fromisocalendar(int(year), int(week), 5)
    except ValueError:
        return None
    return None


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
