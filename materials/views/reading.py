"""What the page of one entry shows: sections, perspectives, how to cite it, data for machines."""

import itertools
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from materials.enums import Audience, CheckPoint, Licence, MaterialState, PointMark
from materials.markdown import Section, sections
from materials.markdown.headings import PERSPECTIVES
from materials.models import Attachment, Entry, Material, MaterialVersion
from materials.selectors.entries import addresses_in
from techvet.origin import address

# Roles of readers by the vocabulary of schema.org's EducationalAudience.
_ROLES = {
    Audience.WORKPLACE: "mentor",
    Audience.TEACHER: "teacher",
    Audience.STUDENT: "student",
}


def text_context(
    entry: Entry, attachments: list[Attachment], perspective: str = ""
) -> dict[str, Any]:
    """The text in parts. Of a case seen by three parties one view is shown at a time."""
    links, pictures = addresses_in(entry.body, attachments)
    parts = sections(entry.body, links, pictures)
    views = {part.kind: part for part in parts if part.kind in PERSPECTIVES}
    chosen = views.get(perspective) or (next(iter(views.values())) if views else None)
    return {
        "opening": parts[0].html if parts and not parts[0].anchor else "",
        "blocks": _blocks(parts),
        "perspectives": [views[kind] for kind in PERSPECTIVES if kind in views],
        "perspective": chosen,
        "card": card_of(parts),
        "attachments": attachments,
    }


def _blocks(parts: tuple[Section, ...]) -> list[SafeString]:
    """Running text together; the card and the five minutes each for themselves."""
    running = [part for part in parts if part.anchor and part.kind not in PERSPECTIVES]
    return [
        mark_safe("".join(part.html for part in together))  # noqa: S308 - cleaned html
        for _key, together in itertools.groupby(
            running, key=lambda part: part.kind if part.kind == "text" else part.anchor
        )
    ]


def card_of(parts: tuple[Section, ...]) -> Section | None:
    """The checklist for the wall."""
    return next((part for part in parts if part.kind == "card"), None)


def notes_for_author(material: Material) -> dict[str, Any] | None:
    """What the last check asks to fix, in the words of its points, and its note."""
    review = next(iter(material.reviews.all()), None)
    if review is None or material.state != MaterialState.RETURNED:
        return None
    fix = [point.label for point in CheckPoint if review.points.get(point.value) == PointMark.FIX]
    return {"fix": fix, "note": review.note, "at": review.at}


def credit_line(version: MaterialVersion) -> str:
    """How to name the author, as the licence asks, ready to copy."""
    material = version.material
    return _(
        "“%(title)s” by %(author)s, %(organisation)s, version %(version)s, %(year)s,"
        " NextSteps@TechVET, %(licence)s, %(address)s"
    ) % {
        "title": version.title,
        "author": material.author,
        "organisation": material.organisation,
        "version": version.number,
        "year": localdate(version.published_at).year,
        "licence": Licence(version.licence).short,
        "address": address("material_show", material.slug),
    }


def linked_data(version: MaterialVersion) -> dict[str, Any]:
    """The entry by the words of schema.org with those of LRMI in it."""
    material = version.material
    where = address("material_show", material.slug)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "@id": where,
        "url": where,
        "name": version.title,
        "description": version.summary,
        "inLanguage": version.language,
        "license": Licence(version.licence).url,
        "version": str(version.number),
        "datePublished": material.all_versions[-1].published_at.date(),  # type: ignore[attr-defined]
        "dateModified": version.published_at.date(),
        "author": {"@type": "Person", "name": str(material.author)},
        "sourceOrganization": {"@type": "Organization", "name": material.organisation.name},
        "audience": [
            {"@type": "EducationalAudience", "educationalRole": _ROLES[Audience(value)]}
            for value in version.audiences
        ],
        "learningResourceType": version.get_kind_display(),  # type: ignore[attr-defined]
        "about": version.get_theme_display(),  # type: ignore[attr-defined]
        "isAccessibleForFree": True,
        "accessMode": "textual",
        "accessibilityFeature": ["structuralNavigation", "alternativeText"],
    }
    if version.minutes:
        data["timeRequired"] = f"PT{version.minutes}M"
    return data
