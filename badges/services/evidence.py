"""Proofs for criteria: text, file, link, or something the portal itself can vouch for."""

import uuid

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import EvidenceKind
from badges.models import Application, Criterion, EvidenceItem, OwnPlan
from badges.selectors.records import records_for
from badges.selectors.scaffolding import needs_plan
from badges.services.applying import locked, require_edit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput
from techvet.files import accept_document

MAX_ITEMS = 12  # for one criterion; a reviewer has to read them


@transaction.atomic
def save_text(
    *, by: Actor, application: Application, criterion: Criterion, text: str
) -> EvidenceItem | None:
    """Writes the applicant's own words; an empty text takes them away. Safe to repeat."""
    application = _editable(by, application, criterion, EvidenceKind.TEXT)
    text = text.strip()
    item = application.evidence.filter(criterion=criterion, kind=EvidenceKind.TEXT).first()
    if not text:
        if item is not None:
            item.delete()
        return None
    if item is None:
        item = EvidenceItem(application=application, criterion=criterion, kind=EvidenceKind.TEXT)
    elif item.text == text:
        return item
    item.text = text
    item.since_revision = None
    item.added_at = now()
    item.save()
    _touch(application)
    return item


@transaction.atomic
def add_file(
    *, by: Actor, application: Application, criterion: Criterion, upload: UploadedFile
) -> EvidenceItem:
    """Keeps a checked file under a random name; raises InvalidInput for what cannot be used."""
    application = _editable(by, application, criterion, EvidenceKind.FILE)
    _check_room(application, criterion)
    try:
        checked = accept_document(upload)
    except InvalidInput as refusal:
        raise InvalidInput(refusal.code, refusal.message, field="file") from None
    item = EvidenceItem(
        application=application,
        criterion=criterion,
        kind=EvidenceKind.FILE,
        file_name=checked.original_name,
        file_type=checked.content_type,
        file_sha256=checked.sha256,
    )
    item.file.save(f"{uuid.uuid4()}.{checked.extension}", ContentFile(checked.content), save=False)
    item.save()
    _touch(application)
    return item


@transaction.atomic
def add_link(
    *, by: Actor, application: Application, criterion: Criterion, url: str
) -> EvidenceItem:
    application = _editable(by, application, criterion, EvidenceKind.LINK)
    _check_room(application, criterion)
    item = EvidenceItem.objects.create(
        application=application, criterion=criterion, kind=EvidenceKind.LINK, url=url
    )
    _touch(application)
    return item


@transaction.atomic
def use_record(
    *, by: Actor, application: Application, criterion: Criterion, record_id: uuid.UUID
) -> EvidenceItem:
    """Takes one of the person's own records as evidence, as a snapshot without third persons."""
    assert by.user is not None
    record = next((one for one in records_for(by.user) if one.record_id == record_id), None)
    if record is None:
        raise InvalidInput("no_record", _("This is not among what you can use."))
    application = _editable(by, application, criterion, record.kind)
    _check_room(application, criterion)
    item, _is_new = EvidenceItem.objects.get_or_create(
        application=application,
        criterion=criterion,
        record_id=record.record_id,
        defaults={
            "kind": record.kind,
            "snapshot": {"title": record.title, "facts": record.facts},
        },
    )
    _touch(application)
    return item


@transaction.atomic
def remove_evidence(*, by: Actor, item: EvidenceItem) -> None:
    application = locked(item.application)
    require_edit(by, application)
    if item.file:
        storage, name = item.file.storage, item.file.name
        transaction.on_commit(lambda: storage.delete(str(name)), robust=True)
    item.delete()
    _touch(application)


def _editable(by: Actor, application: Application, criterion: Criterion, kind: str) -> Application:
    application = locked(application)
    require_edit(by, application)
    if criterion.version_id != application.version_id or kind not in criterion.evidence_kinds:
        raise InvalidInput("kind", _("This kind of evidence does not fit this criterion."))
    if needs_plan(application) and not OwnPlan.objects.filter(application=application).exists():
        raise InvalidInput("plan_first", _("Write your plan first, then add the proofs."))
    return application


def _check_room(application: Application, criterion: Criterion) -> None:
    if application.evidence.filter(criterion=criterion).count() >= MAX_ITEMS:
        raise InvalidInput(
            "too_many",
            _("Choose your best proofs: at most %(count)s for one criterion.")
            % {"count": MAX_ITEMS},
        )


def _touch(application: Application) -> None:
    application.updated_at = now()
    application.save(update_fields=["updated_at"])
