"""The only reader of private keys; for workers and commands, never loaded by a web process.

A private key (Ed25519, 32 bytes) is encrypted with AES-256-GCM under MASTER_KEY. The issuer's slug
and the key's name are authenticated with it, so that a row moved to another issuer does not open.
"""

import base64
import binascii
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from badges.models import SigningKey
from badges.openbadges.keys import KeyPair
from badges.openbadges.proof import LocalSigner, Signer
from badges.selectors.issuers import did_of

NONCE_BYTES = 12


class KeystoreClosed(Exception):
    """MASTER_KEY is missing, malformed, or not the one that encrypted this key."""


@dataclass(frozen=True)
class SealedKey:
    """A new key pair whose private half only the master key opens."""

    public_key_multibase: str
    encrypted_private_key: bytes


def seal_new_key(issuer_slug: str, name: str) -> SealedKey:
    """Makes an Ed25519 key pair; raises KeystoreClosed without a master key."""
    cipher = AESGCM(_master_key())
    pair = KeyPair.from_seed(os.urandom(32))
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, pair.seed, _bound_to(issuer_slug, name))
    return SealedKey(pair.multikey, sealed)


def signer_for(key: SigningKey) -> Signer:
    """What signs with this key; raises KeystoreClosed."""
    sealed = bytes(key.encrypted_private_key)
    try:
        seed = AESGCM(_master_key()).decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(key.issuer.slug, key.name)
        )
    except InvalidTag:
        raise KeystoreClosed("MASTER_KEY does not open this signing key.") from None
    return LocalSigner(KeyPair.from_seed(seed), did_of(key.issuer))


def _master_key() -> bytes:
    """32 bytes, URL-safe base64 in the settings."""
    if not settings.MASTER_KEY:
        raise KeystoreClosed("MASTER_KEY is not set: this process cannot sign.")
    try:
        key = base64.urlsafe_b64decode(settings.MASTER_KEY)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise KeystoreClosed("MASTER_KEY must be 32 bytes in URL-safe base64.")
    return key


def _bound_to(issuer_slug: str, name: str) -> bytes:
    return f"{issuer_slug}#{name}".encode()
