"""What people keep here from other issuers, put in by programs they allowed to."""

import hashlib
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import CredentialForm
from badges.models import BackpackCredential
from badges.openbadges.documents import parse_json
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.jose import read_jwt_unverified
from badges.openbadges.structure import issuer_id, types_of
from partners.models import User
from partners.services import audit
from techvet.actor import Actor
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed

MAX_KEPT = 1_000  # for one person
_BADGE_TYPES = {"OpenBadgeCredential", "AchievementCredential"}
_KNOWN_BY = 500  # characters of an id


@dataclass(frozen=True)
class Received:
    """A credential as sent, and what it calls itself. Its signature is checked by /verify/."""

    form: CredentialForm
    body: str
    credential_id: str


def read_received(body: bytes, form: CredentialForm) -> Received:
    """Raises InvalidInput for what is no Open Badges 3.0 credential."""
    try:
        text = body.decode()
        document = parse_json(body) if form == CredentialForm.JSON else _claims(text)
        if not _BADGE_TYPES & set(types_of(document, "credential")):
            raise InvalidInput("not_a_badge", _("This is not an Open Badges 3.0 credential."))
        name = document.get("id") or document.get("jti")
        issuer = issuer_id(document)
    except (OpenBadgesError, UnicodeDecodeError, ValueError):
        raise InvalidInput("unreadable", _("This credential cannot be read.")) from None
    if form == CredentialForm.JSON and not document.get("proof"):
        raise InvalidInput("unsigned", _("This credential is not signed."))
    if not isinstance(name, str) or not isinstance(issuer, str):
        raise InvalidInput("no_id", _("This credential has no usable id."))
    if not name or len(name) + len(issuer) >= _KNOWN_BY:
        raise InvalidInput("no_id", _("This credential has no usable id."))
    return Received(form, text, f"{issuer} {name}")


def _claims(token: str) -> dict[str, object]:
    claims = read_jwt_unverified(token).claims
    inner = claims.get("vc")
    return {**inner, **claims} if isinstance(inner, dict) else claims


@transaction.atomic
def keep(*, by: Actor, received: Received) -> tuple[BackpackCredential, bool]:
    """Stores or replaces it (equal are id and issuer); tells whether it is new."""
    person = _person(by)
    User.objects.select_for_update().get(pk=person.pk)
    digest = hashlib.sha256(received.body.encode()).hexdigest()
    kept = BackpackCredential.objects.filter(person=person)
    row = kept.filter(credential_id=received.credential_id).first()
    if row is None and kept.count() >= MAX_KEPT:
        raise InvalidInput("full", _("No more than 1,000 badges of other issuers can be kept."))
    is_new = row is None
    row = row or BackpackCredential(person=person, credential_id=received.credential_id)
    row.form, row.body, row.body_sha256 = received.form, received.body, digest
    row.received_at = now()
    row.save()
    audit.record(by=by, verb="credential_kept", thing=row, body_sha256=digest)
    return row, is_new


@transaction.atomic
def remove_kept(*, by: Actor, kept: BackpackCredential) -> None:
    if kept.person != by.user:
        raise NotAllowed("not_yours", _("Only the person who keeps it can remove it."))
    audit.record(by=by, verb="kept_credential_removed", thing=kept)
    kept.delete()


def _person(by: Actor) -> User:
    if by.user is None:
        raise NotAllowed("sign_in", _("Sign in first."))
    return by.user
