"""Tokens in addresses. Only their hash is stored, so that a copied database opens nothing."""

import hashlib
import secrets

TOKEN_BYTES = 32


def new_token() -> tuple[str, str]:
    """A token for an address, and the hash to keep."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, hash_of(token)


def hash_of(token: str) -> str:
    """SHA-256 suffices without salt: a token has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
