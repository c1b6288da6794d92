"""The only reader of private keys; for workers and commands, never loaded by a web process.

A private key is encrypted with AES-256-GCM under MASTER_KEY: 32 bytes of an Ed25519 seed, PKCS#8
for P-256 and RSA. The issuer's slug, the key's name and its algorithm are authenticated with it, so
that a row moved to another issuer, or passed off as another kind of key, does not open.

What signs is a `Signer` (proofs) or a `JwtSigner` (tokens): one method over bytes each. A key held
elsewhere (KMS, PKCS#11) implements those two and is returned here instead of the local ones.
"""

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from badges.enums import KeyAlgorithm
from badges.models import SigningKey
from badges.openbadges import jwk
from badges.openbadges.jose import JwtSigner, LocalJwtSigner
from badges.openbadges.keys import KeyAlgorithm as PureAlgorithm
from badges.openbadges.keys import KeyPair
from badges.openbadges.proof import LocalSigner, Signer
from badges.selectors.issuers import did_of

NONCE_BYTES = 12
# The fixed beginning of PKCS#8 (RFC 8410, 7) before the 32 bytes of an Ed25519 seed.
_ED25519_PKCS8 = bytes.fromhex("302e020100300506032b657004220420")


class KeystoreClosed(Exception):
    """MASTER_KEY is missing, malformed, or not the one that encrypted this key; or the private
    half of the key was wiped."""


@dataclass(frozen=True)
class SealedKey:
    """A new key pair whose private half only the master key opens."""

    public_key_multibase: str  # empty for RSA, which has no such form
    encrypted_private_key: bytes
    public_jwk: dict[str, Any] = field(default_factory=dict)  # empty for Ed25519


def seal_new_key(issuer_slug: str, name: str, algorithm: str = KeyAlgorithm.ED25519) -> SealedKey:
    """Makes a key pair; raises KeystoreClosed without a master key. RSA takes about 0.1 s."""
    seal = _sealer(_cipher(settings.MASTER_KEY), issuer_slug, name, algorithm)
    if algorithm == KeyAlgorithm.ED25519:
        pair = KeyPair.from_seed(os.urandom(32))
        return SealedKey(pair.multikey, seal(pair.seed))
    private_key = jwk.generate_private_key(PureAlgorithm(algorithm))
    public = jwk.public_jwk(private_key)
    multikey = jwk.multikey_of_jwk(public) if algorithm == KeyAlgorithm.P256 else ""
    return SealedKey(multikey, seal(private_key), public)


def signer_for(key: SigningKey) -> Signer:
    """What makes proofs with this Ed25519 key; raises KeystoreClosed."""
    if key.algorithm != KeyAlgorithm.ED25519:
        raise KeystoreClosed("Proofs are made with Ed25519 keys only.")
    return LocalSigner(KeyPair.from_seed(_open(key)), did_of(key.issuer))


def jwt_signer_for(key: SigningKey) -> JwtSigner:
    """What signs tokens with this key, of any algorithm; raises KeystoreClosed."""
    private_key = _open(key)
    if key.algorithm == KeyAlgorithm.ED25519:
        private_key = _ED25519_PKCS8 + private_key
    return LocalJwtSigner(private_key, did_of(key.issuer))


def rewrapped(key: SigningKey, new_master_key: str) -> bytes:
    """The private half encrypted under another master key; raises KeystoreClosed.

    The key pair stays the same: nothing that was signed changes.
    """
    seal = _sealer(_cipher(new_master_key), key.issuer.slug, key.name, key.algorithm)
    return seal(_open(key))


def _open(key: SigningKey) -> bytes:
    sealed = bytes(key.encrypted_private_key)
    if not sealed:
        raise KeystoreClosed("The private half of this signing key was wiped.")
    cipher = _cipher(settings.MASTER_KEY)
    bounds = [_bound_to(key.issuer.slug, key.name, key.algorithm)]
    if key.algorithm == KeyAlgorithm.ED25519:
        # Rows from before there were other algorithms.
        bounds.append(f"{key.issuer.slug}#{key.name}".encode())
    for bound in bounds:
        try:
            return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
        except InvalidTag:
            continue
    raise KeystoreClosed("MASTER_KEY does not open this signing key.")


def _sealer(cipher: AESGCM, slug: str, name: str, algorithm: str) -> Callable[[bytes], bytes]:
    def seal(private_key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, private_key, _bound_to(slug, name, algorithm))

    return seal


def _cipher(master_key: str) -> AESGCM:
    """From 32 bytes, URL-safe base64."""
    if not master_key:
        raise KeystoreClosed("MASTER_KEY is not set: this process cannot sign.")
    try:
        key = base64.urlsafe_b64decode(master_key)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise KeystoreClosed("MASTER_KEY must be 32 bytes in URL-safe base64.")
    return AESGCM(key)


def _bound_to(issuer_slug: str, name: str, algorithm: str) -> bytes:
    return f"{issuer_slug}#{name}#{algorithm}".encode()
