"""Drafts: begun, saved while typing, given files."""

import uuid
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from materials.enums import MaterialKind, MaterialState
from materials.markdown.headings import best_practice_frame
from materials.models import (
    ENTRY_FIELDS,
    MAX_BODY,
    Attachment,
    Material,
    MaterialMove,
    MaterialVersion,
)
from materials.permissions import (
    WRITERS,
    can_edit_material,
    can_move_material,
    can_write_materials,
)
from materials.selectors.entries import attachments_of
from materials.services.moves import locked
from partners.models import Organisation
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from techvet.files import accept_document

MAX_ATTACHMENTS = 10
# What the author may write; criteria are set by those who keep the badges.
WRITABLE = frozenset({*ENTRY_FIELDS, "change_note"} - {"criteria"})


@transaction.atomic
def create_draft(*, by: Actor, kind: str, language: str = "") -> Material:
    """An empty draft, or the one of this kind that the person began and never wrote in."""
    if not can_write_materials(by):
        raise NotAllowed("may_not_write", _("Your role does not include writing materials."))
    if kind not in MaterialKind.values:
        raise InvalidInput("kind", _("Choose what you want to write."), "kind")
    assert by.user is not None
    language = language or by.user.language
    body = best_practice_frame(language) if kind == MaterialKind.BEST_PRACTICE else ""
    untouched = Material.objects.filter(
        author=by.user, state=MaterialState.DRAFT, version=0, kind=kind, title="", summary=""
    )
    begun = untouched.filter(body=body, language=language, attachments__isnull=True).first()
    if begun is not None:
        return begun
    material = Material.objects.create(
        author=by.user,
        organisation=_home_of(by),
        kind=kind,
        language=language,
        body=body,
        is_demo=by.user.is_demo,
    )
    MaterialMove.objects.create(material=material, to_state=material.state, by=by.user)
    audit.record(by=by, verb="material.begin", thing=material, organisation=material.organisation)
    return material


@transaction.atomic
def save_draft(*, by: Actor, material: Material, **values: Any) -> Material:
    """Keeps what has been written so far; a draft may have gaps. Raises InvalidInput."""
    material = _for_editing(by, material)
    for name, value in values.items():
        if name not in WRITABLE:
            raise InvalidInput("unknown_field", _("This cannot be changed here."))
        setattr(material, name, value)
    check_values(material, set(values))
    material.updated_at = now()
    material.save()
    return material


@transaction.atomic
def add_attachment(
    *, by: Actor, material: Material, upload: UploadedFile, description: str = ""
) -> Attachment:
    """Keeps a file beside the draft, under a name of our own. Raises InvalidInput."""
    material = _for_editing(by, material)
    if attachments_of(material).count() >= MAX_ATTACHMENTS:
        raise InvalidInput(
            "too_many_files",
            _("An entry can have %(number)s files. Remove one first.")
            % {"number": MAX_ATTACHMENTS},
            "file",
        )
    try:
        checked = accept_document(upload)
    except InvalidInput as refusal:
        refusal.field = "file"
        raise
    attachment = Attachment(
        material=material,
        original_name=checked.original_name,
        content_type=checked.content_type,
        size=len(checked.content),
        sha256=checked.sha256,
        description=description[:240],
        added_by=by.user,
    )
    name = f"{uuid.uuid4()}.{checked.extension}"
    attachment.file.save(name, ContentFile(checked.content), save=False)
    attachment.save()
    audit.record(
        by=by,
        verb="material.file_added",
        thing=material,
        organisation=material.organisation,
        file=str(attachment.public_id),
        sha256=checked.sha256,
    )
    return attachment


@transaction.atomic
def remove_attachment(*, by: Actor, attachment: Attachment) -> None:
    """Takes a file out of the draft; published versions that have it keep it."""
    material = _for_editing(by, attachment.material)
    audit.record(
        by=by,
        verb="material.file_removed",
        thing=material,
        organisation=material.organisation,
        file=str(attachment.public_id),
    )
    if MaterialVersion.objects.filter(attachments=attachment).exists():
        attachment.removed_at = now()
        attachment.save(update_fields=["removed_at"])
        return
    _forget_files([attachment])
    attachment.delete()


@transaction.atomic
def delete_draft(*, by: Actor, material: Material) -> None:
    """Throws away a draft that was never published."""
    material = locked(material)
    if not can_move_material(by, material):
        raise NotAllowed("not_author", _("Only the author can throw this draft away."))
    if material.version or material.state == MaterialState.IN_CHECK:
        raise WrongState("not_a_draft", _("Only a draft can be thrown away."))
    audit.record(by=by, verb="material.delete", thing=material, organisation=material.organisation)
    delete_files_of(material)
    material.delete()


def check_values(material: Material, names: set[str]) -> None:
    """Lengths and choices of the named fields; raises InvalidInput for the first that is wrong."""
    if len(material.body) > MAX_BODY:
        raise InvalidInput(
            "too_long",
            _("Shorten the text to %(limit)s characters. It has %(number)s now.")
            % {"limit": MAX_BODY, "number": len(material.body)},
            "body",
        )
    if material.language not in dict(settings.LANGUAGES):
        raise InvalidInput("language", _("Choose one of the languages."), "language")
    try:
        others = {field.name for field in Material._meta.fields} - names
        material.clean_fields(exclude=others)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput("invalid", messages[0], field) from None


def _for_editing(by: Actor, material: Material) -> Material:
    material = locked(material)
    if not can_move_material(by, material):
        raise NotAllowed("not_author", _("Only the author can change this entry."))
    if not can_edit_material(by, material):
        raise WrongState(
            "not_a_draft",
            _("This entry is not a draft any more. Open it again to see where it is."),
        )
    return material


def _home_of(by: Actor) -> Organisation:
    """The organisation somebody writes for: the acting one, if they may write there."""
    if by.membership is not None and by.membership.role in WRITERS:
        return by.membership.organisation
    return next(m.organisation for m in by.memberships if m.role in WRITERS)


def _forget_files(attachments: list[Attachment]) -> None:
    """Deletes the stored bytes once the rows are really gone."""
    files = [(a.file.storage, a.file.name) for a in attachments if a.file.name]

    def forget() -> None:
        for storage, name in files:
            storage.delete(str(name))

    transaction.on_commit(forget, robust=True)


def delete_files_of(material: Material) -> None:
    """Deletes the stored bytes of an entry that is about to be deleted."""
    _forget_files(list(material.attachments.all()))
