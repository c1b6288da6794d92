"""The public key behind a verification method, for issuers that we know nothing of.

Sources: W3C "did:web Method Specification"; W3C CCG "The did:key Method v0.9"; W3C "Controlled
Identifiers 1.0", 3.3 (retrieving a verification method); 1EdTech "Open Badges Specification 3.0",
8.2 (keys of JSON Web Tokens). A key counts only when the issuer's own document allows it for
asserting; a key that a credential merely brings along proves nothing.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from badges.openbadges.errors import BadKey, OpenBadgesError
from badges.openbadges.gate import is_absolute_iri, parse_json
from badges.openbadges.jwk import (
    check_jwk,
    decode_octets,
    jwk_method,
    jwk_of_multikey,
    key_of_document,
    thumbprint,
)
from badges.openbadges.keys import KeyState
from badges.openbadges.lookups import Lookups, Standing
from badges.openbadges.verify import KeyRecord

MOST_KEYS = 50  # of one document that are looked through
_DID_WEB = re.compile(r"did:web:([a-z0-9-]+(?:\.[a-z0-9-]+)+)((?::[A-Za-z0-9._-]+)*)")


def find_key(method: str, issuer: str, lookups: Lookups) -> KeyRecord | None:
    """The key that a verification method names; None when it cannot be found.

    `controller` of the answer is who may use it. Raises BadKey for a kind of key or of method that
    we do not read.
    """
    base = method.partition("#")[0]
    if lookups.standing(base) == Standing.PORTAL:
        return lookups.key(method)
    if base.startswith("did:key:"):
        return did_key(method)
    if base.startswith("did:web:"):
        document = _document(did_web_address(base), lookups)
        jwk = key_of_document(document, method) if document else None
        return record(jwk, base) if jwk else None
    if base.startswith("https://"):
        return _https_key(method, base, issuer, lookups)
    raise BadKey("did_method_not_read", method=method)


def find_shown_key(jwk: Mapping[str, Any], issuer: str, lookups: Lookups) -> KeyRecord | None:
    """The key in a token's header, when the issuer's own document lists the very same."""
    if lookups.standing(issuer) == Standing.PORTAL:
        return lookups.key(jwk_method(issuer, jwk))
    wanted = thumbprint(jwk)
    if issuer.startswith("did:key:"):
        found = did_key(issuer)
        return found if thumbprint(found.jwk or {}) == wanted else None
    if issuer.startswith("did:web:"):
        document = _document(did_web_address(issuer), lookups)
    else:
        document = _document(issuer, lookups) if issuer.startswith("https://") else None
    for method in _methods(document or {}):
        try:
            candidate = key_of_document(document or {}, method)
        except BadKey:
            continue
        if candidate and thumbprint(candidate) == wanted:
            return record(candidate, issuer)
    return None


def did_key(method: str) -> KeyRecord:
    """The key that a did:key is; the fragment, if any, must repeat it. Raises BadKey."""
    base, _hash, fragment = method.partition("#")
    text = base.removeprefix("did:key:")
    if fragment and fragment != text:
        raise BadKey("bad_multikey", "the fragment names another key")
    return record(jwk_of_multikey(text), base)


def did_web_address(did: str) -> str:
    """Where a did:web document stands; raises BadKey for ports, escapes and odd paths."""
    found = _DID_WEB.fullmatch(did)
    parts = found[2].split(":")[1:] if found else []
    if not found or any(set(part) == {"."} for part in parts):
        raise BadKey("did_not_read", did=did)
    path = "/".join(parts) if parts else ".well-known"
    return f"https://{found[1]}/{path}/did.json"


def record(jwk: Mapping[str, Any], controller: str) -> KeyRecord:
    is_ed25519 = jwk.get("kty") == "OKP"
    return KeyRecord(
        public_key=decode_octets(jwk["x"]) if is_ed25519 else b"",
        controller=controller,
        state=KeyState.ACTIVE,
        jwk=jwk,
    )


def same_origin(one: str, other: str) -> bool:
    try:
        first, second = urlsplit(one), urlsplit(other)
    except ValueError:
        return False
    return bool(first.netloc) and first[:2] == second[:2]


def _https_key(method: str, base: str, issuer: str, lookups: Lookups) -> KeyRecord | None:
    """From the controller's document, or, at the issuer's own host, from the key's."""
    document = _document(base, lookups)
    if document is None:
        return None
    jwk = key_of_document(document, method)
    if jwk is not None:
        return record(jwk, base)
    if not same_origin(base, issuer):
        return None
    if document.get("id") == method and document.get("controller") == issuer:
        jwk = _jwk_of(document)
    else:
        jwk = _of_set(document, method)
    return record(jwk, issuer) if jwk is not None else None


def _jwk_of(node: Mapping[str, Any]) -> dict[str, str]:
    if isinstance(node.get("publicKeyJwk"), dict):
        return check_jwk(node["publicKeyJwk"])
    return jwk_of_multikey(str(node.get("publicKeyMultibase", "")))


def _of_set(document: Mapping[str, Any], method: str) -> dict[str, str] | None:
    """A key that stands alone as JSON Web Key, or in a set under this id (RFC 7517, 5)."""
    if "kty" in document:
        return check_jwk(document)
    keys = document.get("keys")
    names = {method, method.partition("#")[2]} - {""}
    for one in keys[:MOST_KEYS] if isinstance(keys, list) else []:
        if isinstance(one, dict) and one.get("kid") in names:
            return check_jwk(one)
    return None


def _methods(document: Mapping[str, Any]) -> list[str]:
    listed = document.get("assertionMethod")
    entries = listed[:MOST_KEYS] if isinstance(listed, list) else [listed]
    names = [one.get("id") if isinstance(one, dict) else one for one in entries]
    return [one for one in names if isinstance(one, str) and is_absolute_iri(one)]


def _document(url: str, lookups: Lookups) -> dict[str, Any] | None:
    found = lookups.document(url)
    if found is None or found.status != 200:
        return None
    try:
        return parse_json(found.content)
    except OpenBadgesError:
        return None
