"""did.json of an issuer: active and retired keys, always smaller than 8 kB.

Active keys come first, then retired ones that something valid rests on, the newest first. What does
not fit is left out from the end, so the oldest keys without anything valid go first; the key log
keeps every key for ever. Compromised keys and keys to come are never listed.
"""

import logging
from typing import Any

from django.db.models import Exists, OuterRef, Q

from badges.enums import EndorsementState, KeyAlgorithm, KeyState
from badges.models import Award, Credential, Endorsement, SigningKey
from badges.openbadges import keys as ob
from badges.openbadges.documents import serialise
from badges.selectors.issuers import did_of
from partners.models import Organisation
from techvet.clock import now

logger = logging.getLogger("portal.keys")
LARGEST_BYTES = 8_000
READABLE = (KeyState.RETIRED, KeyState.DESTROYED)


def did_document(issuer: Organisation) -> bytes:
    """The document as bytes; what does not fit is left out from the oldest on."""
    published = [_published(key) for key in listed_keys(issuer)]
    while True:
        document: dict[str, Any] = ob.did_document(did_of(issuer), published)
        data = serialise(document)
        if len(data) <= LARGEST_BYTES or len(published) <= 1:
            return data
        logger.warning("a retired key no longer fits did.json", extra={"issuer": issuer.slug})
        published.pop()


def listed_keys(issuer: Organisation) -> list[SigningKey]:
    """Active keys, then the retired ones that something still rests on, then the other ones."""
    keys = SigningKey.objects.filter(issuer=issuer).defer("encrypted_private_key")
    active = keys.filter(state=KeyState.ACTIVE).order_by("algorithm")
    endorsed = Endorsement.objects.filter(
        key=OuterRef("pk"), state=EndorsementState.ISSUED, revoked_at__isnull=True
    )
    retired = keys.filter(state__in=READABLE).annotate(
        is_needed=Exists(Award.objects.filter(_in_force(""), key=OuterRef("pk")))
        | Exists(Credential.objects.filter(_in_force("award__"), jwt_key=OuterRef("pk")))
        | Exists(endorsed)
    )
    return [*active, *retired.order_by("-is_needed", "-activated_at", "-pk")]


def _in_force(path: str) -> Q:
    return Q(**{f"{path}valid_until__isnull": True}) | Q(**{f"{path}valid_until__gt": now()})


def _published(key: SigningKey) -> ob.PublishedKey | ob.PublishedJwk:
    state = ob.KeyState.ACTIVE if key.state == KeyState.ACTIVE else ob.KeyState.RETIRED
    if key.algorithm == KeyAlgorithm.ED25519:
        return ob.PublishedKey(multikey=key.public_key_multibase, state=state)
    return ob.PublishedJwk(jwk=key.public_jwk, state=state)
