"""From the content folder to rows. Changed content makes a new version; old ones never change."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import transaction

from badges.enums import AwardBy
from badges.models import Achievement, AchievementVersion, Criterion
from badges.pictures import compose_svg, render_png
from badges.selectors.catalogue import Family, content_folder, read_catalogue
from badges.selectors.issuers import LEAD_SLUG
from partners.models import Organisation
from partners.services import audit
from techvet.actor import Actor
from techvet.errors import WrongState


@transaction.atomic
def load_content(*, by: Actor, folder: Path | None = None) -> int:
    """Reads all badges; returns how many new versions were made. Safe to repeat."""
    creator = _creator()
    content = read_catalogue(folder or content_folder())
    order = list(content.families)
    made = 0
    for one in content.achievements:
        family = content.families[one["family"]]
        achievement, _created = Achievement.objects.update_or_create(
            code=one["code"],
            defaults={
                "family": family.code,
                "level": one.get("level", 0),
                "position": order.index(family.code),
                "award_by": one.get("award_by", AwardBy.REVIEW),
                "is_open": _is_open(one),
            },
        )
        made += _load_version(by, achievement, one, family, creator)
    codes = [one["code"] for one in content.achievements]
    Achievement.objects.filter(owner=None).exclude(code__in=codes).update(is_open=False)
    return made


def picture_png(*, version: AchievementVersion) -> bytes:
    """The badge picture as PNG, rendered once (about 0.1 s) and kept."""
    if version.picture_png is None:
        png = render_png(version.picture_svg)
        AchievementVersion.objects.filter(pk=version.pk, picture_png=None).update(picture_png=png)
        return png
    return bytes(version.picture_png)


def _is_open(one: dict[str, Any]) -> bool:
    """Open for applications; a badge with a rule opens for each person when its rule holds."""
    is_reviewed = one.get("award_by", AwardBy.REVIEW) == AwardBy.REVIEW
    return bool(one.get("open_for_applications", True)) and is_reviewed


def _creator() -> Organisation:
    issuers = Organisation.objects.filter(is_issuer=True)
    creator = issuers.filter(slug=LEAD_SLUG).first() or issuers.order_by("pk").first()
    if creator is None:
        raise WrongState("no_issuer", "Add an institution that issues badges first.")
    return creator


def _load_version(
    by: Actor,
    achievement: Achievement,
    one: dict[str, Any],
    family: Family,
    creator: Organisation,
) -> int:
    digest = _digest(one, family)
    latest = achievement.versions.order_by("-number").first()
    if latest is not None and latest.content_sha256 == digest:
        return 0
    version = AchievementVersion.objects.create(
        achievement=achievement,
        number=latest.number + 1 if latest else 1,
        creator=creator,
        content_sha256=digest,
        picture_svg=_svg(one, family),
        **_texts(one),
    )
    Criterion.objects.bulk_create(_criterion(version, each) for each in one.get("criteria", []))
    audit.record(by=by, verb="version_published", thing=version, code=one["code"])
    return 1


def _texts(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": one["name"],
        "short_name": one.get("short_name", one["name"]),
        "competence_objective": one["competence_objective"].strip(),
        "demonstration_instructions": one["demonstration_instructions"].strip(),
        "eqf_level": one.get("eqf"),
        "isced_f": one.get("isced_f", ""),
        "workload_hours": one.get("workload_hours"),
        "validity_years": one.get("validity_years"),
        "languages": one.get("languages", ["en"]),
        "reviewers": one.get("reviewers", 1),
        "is_reviewed_elsewhere": one.get("reviewer_other_organisation", False),
        "needs_world_of_work": one.get("reviewer_world_of_work", False),
        "tags": one.get("tags", []),
        "alignments": one.get("alignments", []),
    }


def _criterion(version: AchievementVersion, each: dict[str, Any]) -> Criterion:
    return Criterion(
        version=version,
        number=each["number"],
        code=each["code"],
        title=each["title"],
        description=each["description"].strip(),
        evidence_kinds=each.get("evidence_kinds", []),
        good_example=each.get("good_example", "").strip(),
        weak_example=each.get("weak_example", "").strip(),
    )


def _svg(one: dict[str, Any], family: Family) -> str:
    return compose_svg(
        name=one["name"],
        level=one.get("level", 0),
        symbol=family.symbol,
        shape=family.shape,
        language="en",
    )


def _digest(one: dict[str, Any], family: Family) -> str:
    """Of everything that a reader of the badge can see."""
    seen = {
        "achievement": {key: value for key, value in one.items() if key != "version"},
        "picture": [asdict(family)["shape"], family.symbol],
    }
    text = json.dumps(seen, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
