"""From draft to published and on: sent to a check, checked, changed, retired."""

import itertools

from django.db import connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from materials.enums import CheckPoint, PointMark, ReviewOutcome
from materials.models import ENTRY_FIELDS, Material, MaterialReview, MaterialVersion
from materials.permissions import can_check_material, can_move_material, can_retire_material
from materials.selectors.entries import attachments_of
from materials.services.indexing import index_version
from materials.services.letters import tell_author
from materials.services.moves import locked, move
from materials.services.writing import check_values
from partners.models import User
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState

# First parts of other addresses below /materials/.
RESERVED_SLUGS = frozenset({"new", "mine", "checks", "preview", "drafts"})


@transaction.atomic
def submit_for_check(*, by: Actor, material: Material) -> Material:
    """Asks colleagues for a check. Raises InvalidInput for the first answer that is missing."""
    material = _own(by, material)
    _check_complete(material)
    return move(by=by, material=material, verb="submit")


@transaction.atomic
def withdraw_from_check(*, by: Actor, material: Material) -> Material:
    """Takes the entry back to go on writing."""
    return move(by=by, material=_own(by, material), verb="withdraw")


@transaction.atomic
def change_material(*, by: Actor, material: Material) -> Material:
    """Opens a published or retired entry for changes; what is public stays as it is."""
    material = _own(by, material)
    material.change_note = ""
    return move(by=by, material=material, verb="change")


@transaction.atomic
def discard_changes(*, by: Actor, material: Material) -> Material:
    """Throws the changes away: the draft becomes what is published again."""
    material = _own(by, material)
    current = material.versions.filter(is_current=True).first()
    if current is None:
        raise WrongState("never_published", _("There is no published version to go back to."))
    for name in ENTRY_FIELDS:
        setattr(material, name, getattr(current, name))
    kept = current.attachments.values_list("pk", flat=True)
    material.attachments.filter(pk__in=kept).update(removed_at=None)
    attachments_of(material).exclude(pk__in=kept).update(removed_at=now())
    return move(by=by, material=material, verb="discard")


@transaction.atomic
def retire_material(*, by: Actor, material: Material) -> Material:
    """Takes the entry out of the library; its address says so from now on."""
    material = locked(material)
    if not can_retire_material(by, material):
        raise NotAllowed("may_not_retire", _("Only the author can retire this entry."))
    if not material.version:
        raise WrongState("never_published", _("This entry was never published."))
    material.versions.filter(is_current=True).update(is_current=False)
    move(by=by, material=material, verb="retire")
    if by.user is not None and by.user.pk != material.author_id:
        tell_author(material=material, verb="retire")
    return material


@transaction.atomic
def check_material(
    *, by: Actor, material: Material, points: dict[str, str], note: str, outcome: str
) -> MaterialReview:
    """A colleague's decision: publish, or return with notes. Raises InvalidInput."""
    material = locked(material)
    if not can_check_material(by, material):
        raise NotAllowed(
            "may_not_check", _("A teacher or coordinator who is not the author checks this entry.")
        )
    _check_points(points, note, outcome)
    assert by.user is not None
    if outcome == ReviewOutcome.PUBLISH:
        publish_version(by=by, material=material, verb="publish", checked_by=by.user)
    else:
        move(by=by, material=material, verb="return")
    review = MaterialReview.objects.create(
        material=material,
        author=material.author,
        reviewer=by.user,
        points=points,
        note=note,
        outcome=outcome,
    )
    tell_author(material=material, verb=outcome)
    return review


def publish_version(
    *, by: Actor, material: Material, verb: str, checked_by: User | None
) -> MaterialVersion:
    """Freezes the draft as the next version and makes it the one that is read.

    Part of a larger transaction that holds the row and has asked permission.
    """
    _check_complete(material)
    material.slug = material.slug or free_slug(material.title)
    material.version += 1
    material.published_at = now()
    move(by=by, material=material, verb=verb)
    material.versions.filter(is_current=True).update(is_current=False)
    version = MaterialVersion.objects.create(
        material=material,
        number=material.version,
        published_at=material.published_at,
        change_note=material.change_note,
        checked_by=checked_by,
        is_current=True,
        **{name: getattr(material, name) for name in ENTRY_FIELDS},
    )
    version.attachments.set(attachments_of(material))
    index_version(version)
    return version


def free_slug(title: str) -> str:
    """The last part of the address: words of the title, with a number when they are taken."""
    with connection.cursor() as cursor:  # two publishers with one title wait for each other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('materials_slug'))")
    stem = slugify(title)[:70].strip("-_") or "entry"
    taken = set(
        Material.objects.filter(slug__startswith=stem).values_list("slug", flat=True)
    ).union(RESERVED_SLUGS)
    numbered = (f"{stem}-{number}" for number in itertools.count(2))
    return next(slug for slug in itertools.chain([stem], numbered) if slug not in taken)


def _own(by: Actor, material: Material) -> Material:
    material = locked(material)
    if not can_move_material(by, material):
        raise NotAllowed("not_author", _("Only the author can do this."))
    return material


def _check_complete(material: Material) -> None:
    missing = {
        "title": _("Enter a title."),
        "summary": _("Enter a summary: one or two sentences."),
        "audiences": _("Choose at least one audience."),
        "theme": _("Choose a theme."),
        "licence": _("Choose a licence."),
        "body": _("Write the text before you send it."),
    }
    for name, message in missing.items():
        value = getattr(material, name)
        if not (value.strip() if isinstance(value, str) else value):
            raise InvalidInput("missing", message, name)
    check_values(material, {*ENTRY_FIELDS} - {"criteria"})
    for attachment in attachments_of(material):
        if attachment.is_picture and not attachment.description.strip():
            raise InvalidInput(
                "picture_source",
                _("Say what “%(name)s” shows and where it is from: remove it and add it again.")
                % {"name": attachment.original_name},
            )


def _check_points(points: dict[str, str], note: str, outcome: str) -> None:
    if outcome not in ReviewOutcome.values:
        raise InvalidInput("outcome", _("Choose whether to publish or to return the entry."))
    for point in CheckPoint:
        if points.get(point.value) not in PointMark.values:
            raise InvalidInput("point", _("Choose OK or Fix for each point."), point.value)
    if set(points) != set(CheckPoint.values):
        raise InvalidInput("point", _("Choose OK or Fix for each point."))
    if outcome == ReviewOutcome.PUBLISH and PointMark.FIX in points.values():
        raise InvalidInput(
            "not_ready",
            _("You marked something to fix. Return the entry, or mark all points OK to publish."),
        )
    if outcome == ReviewOutcome.RETURN and not note.strip():
        raise InvalidInput("note", _("Write what the author should change."), "note")
