"""Words for what the badges app shows: kinds of evidence, facts of a record, a star's state."""

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.enums import EvidenceKind
from badges.models import AchievementVersion, Criterion, EvidenceItem
from badges.selectors.achievements import FamilyProgress
from badges.selectors.sky import words_of
from partners.enums import Country, FieldOfStudy
from techvet.templatetags.portal import hours

register = template.Library()


@register.filter
def kind_words(criterion: Criterion) -> list[str]:
    return [str(EvidenceKind(kind).label) for kind in criterion.evidence_kinds]


@register.filter
def review_words(version: AchievementVersion) -> str:
    """Who decides, in one sentence."""
    if version.reviewers == 0:
        return _("Given automatically")
    if version.reviewers > 1:
        return ngettext("%(count)s reviewer", "%(count)s reviewers", version.reviewers) % {
            "count": version.reviewers
        }
    if version.is_reviewed_elsewhere:
        return _("One coordinator from an organisation that is not your own")
    return _("One coordinator of the institution that issues the badge")


@register.filter
def shown_name(item: EvidenceItem) -> str:
    if item.kind == EvidenceKind.FILE:
        return item.file_name
    if item.kind == EvidenceKind.LINK:
        return item.url
    if item.kind == EvidenceKind.TEXT:
        return str(EvidenceKind.TEXT.label)
    return str(item.snapshot.get("title", ""))


@register.filter
def stored_size(item: EvidenceItem) -> int | None:
    """Bytes on the disk; None for a file that is no longer there, so that the page still opens."""
    try:
        return int(item.file.size)
    except OSError:
        return None


@register.filter
def fact_words(item: EvidenceItem) -> list[str]:
    """The facts of a portal record as sentences, without any name."""
    facts: dict[str, Any] = item.snapshot.get("facts", {})
    words = []
    if "weeks" in facts:
        words.append(
            ngettext("%(count)s week confirmed", "%(count)s weeks confirmed", facts["weeks"])
            % {"count": facts["weeks"]}
        )
    if facts.get("hours") not in (None, "None"):
        words.append(_("%(hours)s hours") % {"hours": hours(facts["hours"])})
    if facts.get("first_week"):
        words.append(
            _("from week %(first)s to %(last)s")
            % {"first": facts["first_week"], "last": facts["last_week"]}
        )
    if facts.get("field_code") in FieldOfStudy.values:
        words.append(str(FieldOfStudy(facts["field_code"]).label))
    if facts.get("country") in Country.values:
        words.append(str(Country(facts["country"]).label))
    if facts.get("published_on"):
        words.append(_("Published on %(day)s") % {"day": facts["published_on"]})
    return words


@register.filter
def star_tag(row: FamilyProgress) -> dict[str, str]:
    """Tone, word and icon of a family's state."""
    tones = {"lit": "ok", "part": "wait", "open": "info", "goal": "quiet"}
    icons = {"lit": "star", "part": "star-part", "open": "", "goal": "star-open"}
    return {"tone": tones[row.state], "icon": icons[row.state], "word": words_of(row)}
