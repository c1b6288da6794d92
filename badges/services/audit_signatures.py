"""K5: everything signed verifies with its key, and says what was decided and nothing else."""

import hashlib
from collections.abc import Iterator
from typing import Any

from badges.enums import AwardBasis, EndorsementState, KeyState
from badges.models import Credential, Endorsement, SigningKey, StatusList
from badges.openbadges.documents import parse_json, serialise
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.jose import verify_jwt
from badges.openbadges.jwk import jwk_of_multikey
from badges.openbadges.keys import decode_multikey
from badges.openbadges.proof import verify_proof
from badges.services.documents import credential_address, status_list_address

LARGEST_LIST_BYTES = 1_048_576


def problems() -> Iterator[str]:
    rows = Credential.objects.select_related("award__key", "award__status_list", "jwt_key")
    for credential in rows.iterator(chunk_size=500):
        problem = _of_credential(credential)
        if problem:
            yield f"K5 credential of award {credential.award.public_id}: {problem}"
    endorsements = Endorsement.objects.exclude(body="").select_related("key")
    for endorsement in endorsements.iterator(chunk_size=500):
        problem = _of_endorsement(endorsement)
        if problem:
            yield f"K5 endorsement {endorsement.public_id}: {problem}"
    for status_list in StatusList.objects.exclude(body="").select_related("issuer"):
        problem = _of_list(status_list)
        if problem:
            yield f"K5 status list {status_list.public_id}: {problem}"


def _of_credential(credential: Credential) -> str:
    award = credential.award
    document, problem = _verified(credential.body, credential.body_sha256, award.key)
    if problem:
        return problem
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    frozen = award.basis != AwardBasis.BATCH or award.unsigned_sha256 != ""
    if frozen and hashlib.sha256(serialise(unsigned)).hexdigest() != award.unsigned_sha256:
        return "it is not what was decided"
    if document.get("id") != credential_address(award) or not _has_place(document, credential):
        return "it is not the credential of this award"
    compromised_at = award.key.compromised_at
    if compromised_at and award.issued_at >= compromised_at and award.revoked_at is None:
        return "its key was not safe any more, and it is not revoked"
    return _of_token(credential, document)


def _has_place(document: dict[str, Any], credential: Credential) -> bool:
    award = credential.award
    entries = document.get("credentialStatus", [])
    entries = entries if isinstance(entries, list) else [entries]
    wanted = (status_list_address(award.status_list), str(award.status_index))
    return wanted in [
        (one.get("statusListCredential"), one.get("statusListIndex"))
        for one in entries
        if isinstance(one, dict)
    ]


def _of_token(credential: Credential, document: dict[str, Any]) -> str:
    if not credential.jwt:
        return ""
    key = credential.jwt_key
    if key is None:
        return "its token names no key"
    try:
        jwk = key.public_jwk or jwk_of_multikey(key.public_key_multibase)
        said = verify_jwt(credential.jwt, jwk)
    except OpenBadgesError as error:
        return f"its token does not verify ({error.code})"
    return "" if said.get("id") == document.get("id") else "its token is of another credential"


def _of_endorsement(endorsement: Endorsement) -> str:
    if endorsement.state not in (EndorsementState.ISSUED, EndorsementState.REVOKED):
        return "it is signed, but not issued"
    if endorsement.key is None:
        return "it names no key"
    document, problem = _verified(endorsement.body, endorsement.body_sha256, endorsement.key)
    if problem:
        return problem
    document.pop("proof")
    if hashlib.sha256(serialise(document)).hexdigest() != endorsement.unsigned_sha256:
        return "it is not what was said"
    return ""


def _of_list(status_list: StatusList) -> str:
    """Signed by a key of its issuer that may be believed."""
    believed = (KeyState.ACTIVE, KeyState.RETIRED, KeyState.DESTROYED)
    keys = SigningKey.objects.filter(issuer=status_list.issuer_id, state__in=believed)
    method = ""
    try:
        proof = parse_json(status_list.body.encode(), max_bytes=LARGEST_LIST_BYTES).get("proof")
        if isinstance(proof, dict):
            method = str(proof.get("verificationMethod", "")).partition("#")[2]
    except OpenBadgesError as error:
        return f"it cannot be read ({error.code})"
    key = keys.filter(public_key_multibase=method).first() if method else None
    if key is None:
        return "it bears no key of its issuer that may be believed"
    return _verified(status_list.body, status_list.body_sha256, key)[1]


def _verified(body: str, sha256: str, key: SigningKey) -> tuple[dict[str, Any], str]:
    """The document and what is wrong with its bytes or its proof."""
    data = body.encode()
    if hashlib.sha256(data).hexdigest() != sha256:
        return {}, "the stored hash differs"
    try:
        document = parse_json(data, max_bytes=LARGEST_LIST_BYTES)
        verify_proof(document, decode_multikey(key.public_key_multibase))
    except OpenBadgesError as error:
        return {}, f"it does not verify ({error.code})"
    return document, ""
