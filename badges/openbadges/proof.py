"""Data Integrity proofs with Ed25519 over canonical RDF.

Sources: W3C "Verifiable Credential Data Integrity 1.0", section 4; W3C "Data Integrity EdDSA
Cryptosuites v1.0", section 3.2 (eddsa-rdfc-2022).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from nacl import bindings
from nacl.exceptions import BadSignatureError

from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import KNOWN_CONTEXTS, ContextSet
from badges.openbadges.errors import BadProof, BadValue
from badges.openbadges.gate import LIMITS, Limits, check_iri
from badges.openbadges.keys import KeyPair, check_public_key, verification_method
from badges.openbadges.moments import format_moment, parse_moment
from badges.openbadges.multibase import decode_base58, encode_base58

CRYPTOSUITE = "eddsa-rdfc-2022"
PROOF_TYPE = "DataIntegrityProof"
PURPOSE = "assertionMethod"
SIGNATURE_BYTES = 64
# The order of the group of Ed25519 (RFC 8032, 5.1): S must be smaller, or a signature could be
# changed without becoming invalid.
_GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
_MEMBERS = frozenset(
    {"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"}
)
_PROOF_VALUE = re.compile(r"z[1-9A-HJ-NP-Za-km-z]{64,88}")


class Signer(Protocol):
    """The only thing that touches a private key; may stand for a key held elsewhere."""

    @property
    def verification_method(self) -> str: ...

    def sign(self, data: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature."""
        ...


class LocalSigner:
    """Signs with a key pair in this process."""

    def __init__(self, key: KeyPair, did: str) -> None:
        self.verification_method = verification_method(did, key.multikey)
        self._secret = key.seed + key.public_key

    def __repr__(self) -> str:
        return f"LocalSigner({self.verification_method!r})"

    def sign(self, data: bytes) -> bytes:
        return bindings.crypto_sign(data, self._secret)[:SIGNATURE_BYTES]


def add_proof(
    document: Mapping[str, Any],
    signer: Signer,
    created: datetime,
    *,
    contexts: ContextSet = KNOWN_CONTEXTS,
) -> dict[str, Any]:
    """The document with its proof as last member; the same input gives the same bytes.

    Raises BadValue, UndefinedTerm or UnknownContext for a document that cannot be signed safely,
    BadProof when the signer answers with something that is no signature.
    """
    if "proof" in document:
        raise BadProof("already_signed")
    method = check_iri(signer.verification_method, "verificationMethod")
    options = proof_options(method, format_moment(created))
    return finish_proof(document, options, signer, _hash_data(document, options, LIMITS, contexts))


def proof_options(method: str, created: str) -> dict[str, str]:
    """The proof without its value, members in the order in which they are written."""
    return {
        "type": PROOF_TYPE,
        "created": created,
        "verificationMethod": method,
        "cryptosuite": CRYPTOSUITE,
        "proofPurpose": PURPOSE,
    }


def finish_proof(
    document: Mapping[str, Any], options: Mapping[str, str], signer: Signer, data: bytes
) -> dict[str, Any]:
    """The document with the proof over `data`; raises BadProof when that is no signature."""
    value = encode_base58(sign_exactly(signer, data))
    return {**document, "proof": {**options, "proofValue": value}}


def sign_exactly(signer: Signer, data: bytes) -> bytes:
    """The 64 bytes of a signature; raises BadProof when the signer answers with anything else."""
    signature = signer.sign(data)
    if len(signature) != SIGNATURE_BYTES:
        raise BadProof("bad_signature_length", length=len(signature))
    return signature


def verify_proof(
    document: Mapping[str, Any],
    public_key: bytes,
    *,
    limits: Limits = LIMITS,
    contexts: ContextSet = KNOWN_CONTEXTS,
) -> None:
    """Returns when the one proof of the document was made with this key over exactly this meaning.

    Raises BadProof otherwise, BadKey for an unsafe key, and what `canonicalise` raises. Whose key
    it is, and whether it may sign, is not asked here.
    """
    proof = proof_of(document)
    signature = read_signature(proof["proofValue"])
    check_public_key(public_key)
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    options = {key: value for key, value in proof.items() if key != "proofValue"}
    data = _hash_data(unsigned, options, limits, contexts)
    try:
        bindings.crypto_sign_open(signature + data, public_key)
    except BadSignatureError:
        raise BadProof("signature_differs") from None


def proof_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The proof after all checks but the signature itself; raises BadProof.

    Exactly one proof, of our kind, with no member that is not understood.
    """
    proof = document.get("proof")
    if proof is None:
        raise BadProof("no_proof")
    if not isinstance(proof, dict):
        raise BadProof("not_one_proof", "a set or chain of proofs is not read")
    for member in sorted(_MEMBERS | set(proof), key=str):
        if member not in _MEMBERS:
            raise BadProof("unknown_proof_member", member=member)
        if not isinstance(proof.get(member), str):
            raise BadProof("missing_proof_member", member=member)
    for member, expected in (
        ("type", PROOF_TYPE),
        ("cryptosuite", CRYPTOSUITE),
        ("proofPurpose", PURPOSE),
    ):
        if proof[member] != expected:
            raise BadProof(f"other_{member.lower()}", found=proof[member])
    try:
        parse_moment(proof["created"])
        check_iri(proof["verificationMethod"], "verificationMethod")
    except BadValue as error:
        raise BadProof(error.code, str(error)) from None
    read_signature(proof["proofValue"])
    return proof


def read_signature(value: str) -> bytes:
    """The 64 bytes of a proofValue in its one allowed spelling; raises BadProof."""
    if not _PROOF_VALUE.fullmatch(value):
        raise BadProof("bad_proof_value", "not base58btc with the multibase prefix z")
    signature = decode_base58(value)
    if len(signature) != SIGNATURE_BYTES:
        raise BadProof("bad_signature_length", length=len(signature))
    if int.from_bytes(signature[32:], "little") >= _GROUP_ORDER:
        raise BadProof("malleable_signature", "the S part is not reduced")
    return signature


def _hash_data(
    document: Mapping[str, Any], options: Mapping[str, Any], limits: Limits, contexts: ContextSet
) -> bytes:
    """What is signed: hash of the proof options, then hash of the document (section 3.2.4)."""
    configuration = configuration_of(document, options)
    return b"".join(hash_document(part, limits, contexts) for part in (configuration, document))


def configuration_of(document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The proof options as a document of their own (section 3.2.5)."""
    return {"@context": document.get("@context"), **options}


def hash_document(
    document: Mapping[str, Any], limits: Limits = LIMITS, contexts: ContextSet = KNOWN_CONTEXTS
) -> bytes:
    """SHA-256 of the canonical text; raises what `canonicalise` raises."""
    return sha256(canonicalise(document, limits=limits, contexts=contexts).encode()).digest()
