"""Making and changing drafts of badges. They may be incomplete; a frozen version never changes."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from badges.enums import EvidenceKind, VersionState
from badges.models import Achievement, AchievementVersion, Criterion
from badges.permissions import reviewing_organisation_ids
from badges.pictures import compose_svg, wrap_png
from badges.selectors.editor import (
    EDITED,
    MOST_ALIGNMENTS,
    MOST_CRITERIA,
    can_edit_badge,
    open_version_of,
)
from badges.selectors.esco import esco_entries
from partners.models import Organisation
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState

AFTER_THE_CONSTELLATION = 1000
FAMILY_LENGTH = 24  # leaves room for the level and for the numbers of criteria
FIRST_PICTURE = {"shape": "circle", "symbol": "WGB", "colour": "forest"}
TEXTS = frozenset(
    {"name", "short_name", "competence_objective", "demonstration_instructions", "language"}
)
FRAME = frozenset(
    {
        "eqf_level",
        "isced_f",
        "workload_hours",
        "validity_years",
        "languages",
        "reviewers",
        "is_reviewed_elsewhere",
        "needs_world_of_work",
    }
)
CRITERION = frozenset({"title", "description", "evidence_kinds", "good_example", "weak_example"})


@transaction.atomic
def create_badge(
    *, by: Actor, owner: Organisation, name: str, short_name: str, level: int
) -> AchievementVersion:
    """A new badge of this institution with its first, empty draft.

    The same short name with another level makes a further level of the same badge; with the same
    level it raises InvalidInput.
    """
    if owner.pk not in reviewing_organisation_ids(by):
        raise NotAllowed("not_yours", _("Coordinators make badges for their own institution."))
    owner = Organisation.objects.select_for_update(of=("self",)).get(pk=owner.pk)
    achievement = Achievement(
        family=_family_for(owner, short_name, level),
        level=level,
        position=AFTER_THE_CONSTELLATION,
        is_open=False,
        owner=owner,
    )
    achievement.code = f"{achievement.family}-{level}"
    achievement.save()
    version = AchievementVersion(
        achievement=achievement,
        number=1,
        creator=owner,
        name=name,
        short_name=short_name,
        state=VersionState.DRAFT,
        published_at=None,
        languages=[],
        picture_parts=dict(FIRST_PICTURE),
    )
    redraw(version)
    return _keep(by, version, part="new")


def save_texts(*, by: Actor, version: AchievementVersion, **texts: Any) -> AchievementVersion:
    """The name and the parts in words; the name is also the title of the picture."""
    return _save_fields(by, version, "texts", TEXTS, texts)


def save_frame(*, by: Actor, version: AchievementVersion, **frame: Any) -> AchievementVersion:
    """EQF, ISCED-F, work, validity, languages, and who reviews."""
    return _save_fields(by, version, "frame", FRAME, frame)


@transaction.atomic
def add_criterion(*, by: Actor, version: AchievementVersion, **fields: Any) -> Criterion:
    version = locked_draft(by, version)
    count = version.criteria.count()
    if count >= MOST_CRITERIA:
        raise InvalidInput(
            "too_many",
            _("A badge has at most %(count)s criteria. Remove one first.")
            % {"count": MOST_CRITERIA},
        )
    criterion = Criterion.objects.create(
        version=version,
        number=count + 1,
        code=_criterion_code(version, count + 1),
        **_known(CRITERION, fields),
    )
    _keep(by, version, part="criteria")
    return criterion


@transaction.atomic
def save_criterion(*, by: Actor, criterion: Criterion, **fields: Any) -> Criterion:
    version = locked_draft(by, criterion.version)
    for name, value in _known(CRITERION, fields).items():
        setattr(criterion, name, value)
    criterion.save(update_fields=sorted(fields))
    _keep(by, version, part="criteria")
    return criterion


@transaction.atomic
def move_criterion(*, by: Actor, criterion: Criterion, up: bool) -> None:
    """Changes places with its neighbour; at the end of the list nothing happens."""
    version = locked_draft(by, criterion.version)
    order = list(version.criteria.all())
    place = next(index for index, one in enumerate(order) if one.pk == criterion.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    _renumber(version, order)
    _keep(by, version, part="criteria")


@transaction.atomic
def remove_criterion(*, by: Actor, criterion: Criterion) -> None:
    version = locked_draft(by, criterion.version)
    version.criteria.filter(pk=criterion.pk).delete()
    _renumber(version, list(version.criteria.all()))
    _keep(by, version, part="criteria")


@transaction.atomic
def add_alignment(*, by: Actor, version: AchievementVersion, uri: str) -> AchievementVersion:
    """Only addresses of the bundled list; an address that is there already stays there once."""
    version = locked_draft(by, version)
    entry = esco_entries().get(uri)
    if entry is None:
        raise InvalidInput("unknown_uri", _("Choose a skill from the list."))
    if any(one["uri"] == uri for one in version.alignments):
        return version
    if len(version.alignments) >= MOST_ALIGNMENTS:
        raise InvalidInput(
            "too_many",
            _("A badge names at most %(count)s skills. Remove one first.")
            % {"count": MOST_ALIGNMENTS},
        )
    version.alignments = [*version.alignments, entry.as_alignment()]
    return _keep(by, version, part="alignments")


@transaction.atomic
def remove_alignment(*, by: Actor, version: AchievementVersion, uri: str) -> AchievementVersion:
    version = locked_draft(by, version)
    version.alignments = [one for one in version.alignments if one["uri"] != uri]
    return _keep(by, version, part="alignments")


@transaction.atomic
def discard_draft(*, by: Actor, version: AchievementVersion) -> None:
    """Takes the draft away, and with a first draft the badge; refused after a test award."""
    version = locked_draft(by, version)
    if version.awards.exists():
        raise WrongState("awarded", _("There is a test award of this draft, so it has to stay."))
    achievement = version.achievement
    audit.record(by=by, verb="version_discarded", thing=version, organisation=achievement.owner)
    version.delete()
    if not achievement.versions.exists():
        achievement.delete()


@transaction.atomic
def change_badge(*, by: Actor, version: AchievementVersion) -> AchievementVersion:
    """The next version as a draft with the same content; the frozen one stays as it is."""
    require_editor(by, version)
    achievement = Achievement.objects.select_for_update(of=("self",)).get(pk=version.achievement_id)
    if open_version_of(version) is not None:
        raise WrongState("open_draft", _("There is a newer draft of this badge already."))
    latest = achievement.versions.order_by("-number")[0]
    criteria = list(latest.criteria.all())
    draft = latest
    draft.pk, draft.public_id = None, AchievementVersion._meta.get_field("public_id").get_default()
    draft._state.adding = True
    draft.number += 1
    draft.state, draft.content_sha256, draft.published_at = VersionState.DRAFT, "", None
    _keep(by, draft, part="new")
    for one in criteria:
        one.pk, one.public_id = None, Criterion._meta.get_field("public_id").get_default()
        one._state.adding = True
        one.version = draft
    Criterion.objects.bulk_create(criteria)
    return draft


def require_editor(by: Actor, version: AchievementVersion) -> None:
    if not can_edit_badge(by, version):
        raise NotAllowed("not_yours", _("Coordinators change badges of their own institution."))


def locked(version: AchievementVersion) -> AchievementVersion:
    """The row as it is now, held until the end of the transaction."""
    return (
        AchievementVersion.objects.select_for_update(of=("self",))
        .select_related("achievement__owner")
        .get(pk=version.pk)
    )


def locked_draft(by: Actor, version: AchievementVersion) -> AchievementVersion:
    require_editor(by, version)
    version = locked(version)
    if version.state != VersionState.DRAFT:
        raise WrongState(
            "frozen",
            _("This version is frozen. Take it back to draft, or change the badge in a new one."),
        )
    return version


def redraw(version: AchievementVersion) -> None:
    """The SVG from what was chosen, or around the uploaded picture; does not save."""
    if version.picture_parts:
        version.picture_svg = compose_svg(
            name=version.name,
            level=version.achievement.level,
            language=version.language,
            **version.picture_parts,
        )
        version.picture_png = None
    elif version.picture_png is not None:
        version.picture_svg = wrap_png(name=version.name, png=bytes(version.picture_png))


def keep_picture(by: Actor, version: AchievementVersion) -> AchievementVersion:
    """For the pictures' own service: draw, save, and say who did it."""
    redraw(version)
    return _keep(by, version, part="picture")


def digest_of(version: AchievementVersion) -> str:
    """Of everything that a reader of the badge can see; what pilot reviewers approve."""
    fields = sorted(TEXTS | FRAME | {"alignments", "tags"})
    picture = version.picture_svg.encode()
    seen = {
        "code": version.achievement.code,
        "level": version.achievement.level,
        **{name: getattr(version, name) for name in fields},
        "picture": hashlib.sha256(picture).hexdigest(),
        "criteria": [
            {"number": one.number, **{name: getattr(one, name) for name in sorted(CRITERION)}}
            for one in version.criteria.order_by("number")
        ],
    }
    text = json.dumps(seen, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def _save_fields(
    by: Actor,
    version: AchievementVersion,
    part: str,
    allowed: frozenset[str],
    values: dict[str, Any],
) -> AchievementVersion:
    version = locked_draft(by, version)
    for name, value in _known(allowed, values).items():
        setattr(version, name, value)
    if part == "texts":
        redraw(version)
    return _keep(by, version, part=part)


def _keep(by: Actor, version: AchievementVersion, *, part: str) -> AchievementVersion:
    version.edited_by, version.edited_at = by.user, now()
    version.save()
    audit.record(
        by=by, verb=EDITED, thing=version, organisation=version.achievement.owner, part=part
    )
    return version


def _known(allowed: frozenset[str], values: dict[str, Any]) -> dict[str, Any]:
    unknown = set(values) - allowed
    if unknown:
        raise TypeError(f"not a field of this part: {sorted(unknown)}")
    kinds = values.get("evidence_kinds")
    if kinds is not None and set(kinds) - set(EvidenceKind.values):
        raise InvalidInput("unknown_kind", _("Choose kinds from the list."), "evidence_kinds")
    return values


def _criterion_code(version: AchievementVersion, number: int) -> str:
    return f"{version.achievement.family}-{number}"


def _renumber(version: AchievementVersion, order: list[Criterion]) -> None:
    """Two passes, for no two criteria may bear the same number in between."""
    for shift in (MOST_CRITERIA * 2, 0):
        for number, one in enumerate(order, start=1):
            one.number, one.code = number + shift, _criterion_code(version, number)
            one.save(update_fields=["number", "code"])


def _family_for(owner: Organisation, short_name: str, level: int) -> str:
    """The address of the badge without its level: shared by the levels of one badge."""
    same = Achievement.objects.filter(owner=owner, versions__short_name__iexact=short_name)
    if same.filter(level=level).exists():
        raise InvalidInput(
            "exists",
            _("Your institution has a badge with this short name and level already."),
            "short_name",
        )
    known = same.order_by("pk").first()
    if known and not Achievement.objects.filter(family=known.family, level=level).exists():
        return known.family
    base = f"{owner.slug}-{slugify(short_name) or 'badge'}"[:FAMILY_LENGTH].strip("-")
    family, count = base, 1
    while Achievement.objects.filter(family=family).exists():
        count += 1
        end = f"-{count}"
        family = base[: FAMILY_LENGTH - len(end)].strip("-") + end
    return family
