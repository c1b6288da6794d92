"""The JSON-LD contexts that this package knows: vendored, pinned by SHA-256, never fetched.

A context decides what every word of a credential means and therefore which bytes are signed.
Whoever can swap a context can change the meaning under a valid signature, so only these exact
texts are used. Where they come from is written in SOURCES.md beside this file.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any

from badges.openbadges.errors import UnknownContext

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
DID_V1 = "https://www.w3.org/ns/did/v1"
MULTIKEY_V1 = "https://w3id.org/security/multikey/v1"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_3_0_1 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json"
OPEN_BADGES_3_0_2 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json"
OPEN_BADGES_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

OPEN_BADGES_CONTEXTS = frozenset({OPEN_BADGES, OPEN_BADGES_3_0_1, OPEN_BADGES_3_0_2})

PINNED = {
    CREDENTIALS_V2: (
        "credentials-v2.json",
        "8a9f494a89ecc51db093e90e84713e07e84d6d9204364a9b3c7868b21751236f",
    ),
    DATA_INTEGRITY_V2: (
        "data-integrity-v2.json",
        "0f77743daf5b4e8fc067fc5ba5b21044283053aa717fc6b0219843bed3b00363",
    ),
    DID_V1: (
        "did-v1.json",
        "62c1054bf404d6dd3a4b26b64f830fd72095f6a26edc4469908c94351352ce5f",
    ),
    MULTIKEY_V1: (
        "multikey-v1.json",
        "8e6bad2e5b4f0721906a4dcc2f7a894b1215cf9a47014c71e286423860642ff0",
    ),
    OPEN_BADGES: (
        "ob-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    OPEN_BADGES_3_0_1: (
        "ob-context-3.0.1.json",
        "af095468326d3449160509b26ca71576e6321d13c85b0369cfe3b654c9a48fba",
    ),
    OPEN_BADGES_3_0_2: (
        "ob-context-3.0.2.json",
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
    ),
    OPEN_BADGES_EXTENSIONS: (
        "ob-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
}


class ContextSet:
    """A closed set of contexts; anything else is refused, there is no way to the network."""

    def __init__(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self._documents = MappingProxyType(dict(documents))
        # What the JSON-LD processor makes of them; of this set alone, so that a context given
        # to one set can never be met in another.
        self.resolved: dict[str, Any] = {}

    def __contains__(self, url: object) -> bool:
        return url in self._documents

    def __getitem__(self, url: str) -> Mapping[str, Any]:
        if url not in self._documents:
            raise UnknownContext("unknown_context", context=url)
        return self._documents[url]

    @property
    def urls(self) -> frozenset[str]:
        return frozenset(self._documents)

    def with_document(self, url: str, document: Mapping[str, Any]) -> "ContextSet":
        """A new set with one more context."""
        return ContextSet({**self._documents, url: document})

    def load(self, url: str, _options: object = None) -> dict[str, Any]:
        """The document loader asked by the JSON-LD processor; raises UnknownContext.

        The tag lets the processor keep what it made of a context, as it never changes.
        """
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": self[url],
            "tag": "static",
        }


def read_pinned(url: str) -> bytes:
    """The exact bytes of one vendored context; raises UnknownContext when they were changed."""
    if url not in PINNED:
        raise UnknownContext("unknown_context", context=url)
    name, expected = PINNED[url]
    content = resources.files(__name__).joinpath(name).read_bytes()
    if hashlib.sha256(content).hexdigest() != expected:
        raise UnknownContext("changed_context", "a vendored context was changed", context=url)
    return content


KNOWN_CONTEXTS = ContextSet({url: json.loads(read_pinned(url)) for url in PINNED})
