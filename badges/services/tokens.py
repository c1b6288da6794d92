"""The same credential as a signed token (VC-JWT, Open Badges 3.0 section 8.2), beside the proof.

Made after issuing, by workers: nobody waits for it. The algorithm is JWT_ALGORITHM: RS256 is what
the validators of 1EdTech ask for. A token is stored once; only one whose key was compromised is
replaced by another.
"""

import logging

from django.conf import settings
from django.db.models import Q, QuerySet

from badges.enums import KeyAlgorithm, KeyState
from badges.models import Credential, SigningKey
from badges.openbadges.documents import parse_json
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.jose import sign_jwt
from badges.services.keys import ensure_key
from partners.models import Organisation
from techvet.actor import Actor

logger = logging.getLogger("portal.tokens")
KEY_OF = {"RS256": KeyAlgorithm.RSA, "ES256": KeyAlgorithm.P256}


def sign_token_of(award_id: int) -> bool:
    """Stores the token of one issued award unless it is there; tells whether it did."""
    credential = _due().filter(award_id=award_id).first()
    return credential is not None and _sign(credential)


def sign_due_tokens(limit: int = 200) -> int:
    """Tokens for what has none yet; nothing without MASTER_KEY. About 10 ms each."""
    if not settings.MASTER_KEY:
        return 0
    return sum(_sign(one) for one in _due().order_by("pk")[:limit])


def _due() -> QuerySet[Credential]:
    unsafe = SigningKey.objects.filter(state=KeyState.COMPROMISED).exclude(
        algorithm=KeyAlgorithm.ED25519
    )
    due = Q(jwt="")
    if unsafe.exists():
        due |= Q(jwt_key__in=unsafe)
    return Credential.objects.filter(due).select_related("award__issuer")


def _sign(credential: Credential) -> bool:
    """One token; a failure is noted, and the next sweep tries again."""
    from badges.keystore import KeystoreClosed, jwt_signer_for

    key = _key_for(credential.award.issuer)
    document = parse_json(credential.body.encode())
    document.pop("proof", None)
    try:
        token = sign_jwt(document, jwt_signer_for(key))
    except (KeystoreClosed, OpenBadgesError):
        logger.exception("no token", extra={"award": str(credential.award.public_id)})
        return False
    # Of two workers the first one counts: ES256 gives other bytes each time.
    same = Credential.objects.filter(pk=credential.pk, jwt=credential.jwt)
    return bool(same.update(jwt=token, jwt_key=key))


def _key_for(issuer: Organisation) -> SigningKey:
    algorithm = KEY_OF[settings.JWT_ALGORITHM]
    found = SigningKey.objects.filter(issuer=issuer, algorithm=algorithm, state=KeyState.ACTIVE)
    return found.select_related("issuer").first() or ensure_key(
        by=Actor.system(), issuer=issuer, algorithm=algorithm
    )
