"""The world of other issuers, for tests: documents at addresses, and nothing else."""

import json
from typing import Any

from badges.openbadges.foreign import verify_any
from badges.openbadges.jose import LocalJwtSigner, sign_jwt
from badges.openbadges.keys import PublishedJwk, did_document
from badges.openbadges.lookups import Fetched, Standing
from badges.openbadges.verdict import Verdict
from badges.openbadges.verify import KeyRecord
from tests.badges.openbadges.facts import (
    DID,
    EMAIL,
    LIST_URL,
    NOW,
    KeyState,
    World,
    published,
    signed,
    status_list,
)

DID_URL = "https://portal.example/issuers/hamk/did.json"


class Elsewhere:
    """Answers from a dictionary of addresses; notes what was asked."""

    def __init__(self, documents: dict[str, Any] | None = None) -> None:
        self.documents: dict[str, Any] = {
            DID_URL: published(),
            LIST_URL: status_list(7),
            **(documents or {}),
        }
        self.standings: dict[str, Standing] = {}
        self.own = World()
        self.asked: list[str] = []

    def standing(self, issuer: str) -> Standing:
        return self.standings.get(issuer, Standing.UNKNOWN)

    def key(self, method: str) -> KeyRecord | None:
        return self.own.keys.get(method)

    def in_log(self, credential_id: str, proof_value: str) -> bool:
        return False

    def document(self, url: str) -> Fetched | None:
        self.asked.append(url)
        found = self.documents.get(url)
        if found is None or isinstance(found, Fetched):
            return found
        content = found if isinstance(found, bytes) else json.dumps(found).encode()
        return Fetched(200, content)

    def verify(self, given: Any, *, email: str | None = EMAIL, now: Any = NOW) -> Verdict:
        data = (
            given
            if isinstance(given, bytes)
            else given.encode()
            if isinstance(given, str)
            else None
        )
        if data is None:
            data = json.dumps(given).encode()
        return verify_any(data, lookups=self, now=now, email=email)


def codes(verdict: Verdict) -> dict[str, str]:
    return {one.name: one.code for one in verdict.checks}


def token_of(private_key: bytes, did: str = DID, **changes: Any) -> str:
    unsigned = {k: v for k, v in signed(**changes).items() if k != "proof"}
    return sign_jwt(unsigned, LocalJwtSigner(private_key, did))


def published_jwk(private_key: bytes, did: str = DID) -> dict[str, Any]:
    jwk = LocalJwtSigner(private_key, did).public_jwk
    return did_document(did, [PublishedJwk(jwk, KeyState.ACTIVE)])
