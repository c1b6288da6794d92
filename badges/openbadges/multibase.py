"""Multibase texts: base58btc (prefix z) for keys and proofs, base64url (prefix u) for lists.

Source: W3C "Controlled Identifiers 1.0", section 2.4 (Multibase).
"""

import base64
import binascii
import re

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}
# Longer than any key or signature here; decoding takes quadratic time.
_LONGEST_BASE58 = 256
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def encode_base58(data: bytes) -> str:
    """Text with its prefix z; every leading zero byte becomes the digit 1."""
    number = int.from_bytes(data, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_ALPHABET[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(digits))


def decode_base58(text: str) -> bytes:
    """The bytes of a text with prefix z; raises ValueError."""
    if not text.startswith("z") or len(text) > _LONGEST_BASE58:
        raise ValueError("not base58btc with the multibase prefix z")
    digits = text[1:]
    number = 0
    for character in digits:
        if character not in _DIGITS:
            raise ValueError("a character that base58btc does not have")
        number = number * 58 + _DIGITS[character]
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base64url(data: bytes) -> str:
    """Text with its prefix u, without padding."""
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """The bytes of a text with prefix u, without padding; raises ValueError."""
    if not text.startswith("u") or not _BASE64URL.fullmatch(text, 1):
        raise ValueError("not base64url with the multibase prefix u and without padding")
    digits = text[1:]
    try:
        return base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    except binascii.Error:
        raise ValueError("base64url of an impossible length") from None
