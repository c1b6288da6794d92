"""Words for what the badges app shows: kinds of evidence, facts of a record, a star's state."""

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.enums import EvidenceKind
from badges.models import AchievementVersion, Criterion, EvidenceItem
from badges.selectors.achievements import FamilyProgress
from badges.selectors.sky import words_of
from badges.selectors.start import asked_items
from partners.enums import Country, FieldOfStudy
from techvet.actor import Actor
from techvet.records import StartItem
from techvet.templatetags.portal import hours

register = template.Library()


@register.simple_tag
def asked_of_me(actor: Actor) -> list[StartItem]:
    """For the desk: who comes by a personal link has no start page. Nothing on an expired one."""
    return [] if actor.is_read_only else asked_items(actor)


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
    words += _counted_words(facts)
    if facts.get("published_on"):
        words.append(_("Published on %(day)s") % {"day": facts["published_on"]})
    return words


def _counted_words(facts: dict[str, Any]) -> list[str]:
    """Notes, goals, contacts and the days between which they lie."""
    words = []
    if "notes" in facts:
        count = facts["notes"]
        words.append(
            ngettext("%(count)s written note", "%(count)s written notes", count) % {"count": count}
        )
    if "goals" in facts:
        count = facts["goals"]
        words.append(
            ngettext("%(count)s goal assessed", "%(count)s goals assessed", count)
            % {"count": count}
        )
    if facts.get("first_day"):
        words.append(
            _("from %(first)s to %(last)s")
            % {"first": facts["first_day"], "last": facts["last_day"]}
        )
    if facts.get("agreed_on"):
        words.append(_("Agreed on %(day)s") % {"day": facts["agreed_on"]})
    if "contacts" in facts:
        count = facts["contacts"]
        words.append(ngettext("%(count)s contact", "%(count)s contacts", count) % {"count": count})
    if facts.get("feedback"):
        words.append(_("Feedback given: %(count)s") % {"count": facts["feedback"]})
    if facts.get("ended_on"):
        words.append(_("Ended on %(day)s") % {"day": facts["ended_on"]})
    return words


@register.filter
def star_tag(row: FamilyProgress) -> dict[str, str]:
    """Tone, word and icon of a family's state."""
    tones = {"lit": "ok", "part": "wait", "open": "info", "goal": "quiet"}
    icons = {"lit": "star", "part": "star-part", "open": "", "goal": "star-open"}
    return {"tone": tones[row.state], "icon": icons[row.state], "word": words_of(row)}
