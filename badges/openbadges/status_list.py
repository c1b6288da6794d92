"""Status lists: one signed bit string tells which credentials were revoked or suspended.

Source: W3C "Bitstring Status List v1.0", sections 2.2, 3.1 to 3.4. Indexes are handed out in a
secret order, so that neighbours in a list tell nothing about each other.
"""

import hmac
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import CREDENTIALS_V2
from badges.openbadges.credential import PURPOSES
from badges.openbadges.documents import IssuerFacts
from badges.openbadges.errors import BadStatusList, BadValue
from badges.openbadges.gate import check_iri
from badges.openbadges.moments import format_moment
from badges.openbadges.multibase import decode_base64url, encode_base64url

MINIMUM_LENGTH = 131_072  # entries; the least that the specification allows (16 KiB)
LARGEST_LENGTH = 16 * 1024 * 1024 * 8  # entries we are ready to unpack (16 MiB)
_ROUNDS = 8
_SHORTEST_KEY = 16
# RFC 1952 header: deflate, no name, no time, unknown system. Written here because the header that
# Python writes differs between its versions.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusListFacts:
    """One published version of a list; `ttl_ms` is how long a reader may keep it."""

    url: str
    issuer: IssuerFacts | str  # a DID is enough; only the DID is written
    purpose: str
    set_indexes: Iterable[int]
    valid_from: datetime
    valid_until: datetime
    ttl_ms: int = 300_000
    length: int = MINIMUM_LENGTH


def permuted_index(key: bytes, counter: int, length: int = MINIMUM_LENGTH) -> int:
    """The place of the `counter`-th credential (from 0) in a list; each place comes exactly once.

    A Feistel network keyed by HMAC-SHA256 over the next even number of bits, walked until the
    value falls inside the list (Black and Rogaway, "Ciphers with Arbitrary Finite Domains",
    2002). Raises BadStatusList for a counter outside the list or a short key.
    """
    if len(key) < _SHORTEST_KEY:
        raise BadStatusList("short_permutation_key", length=len(key))
    if not 0 <= counter < length:
        raise BadStatusList("list_is_full", counter=counter, length=length)
    half = ((length - 1).bit_length() + 1) // 2 or 1
    value = counter
    while True:
        value = _feistel(key, value, half, length)
        if value < length:
            return value


def _feistel(key: bytes, value: int, half: int, length: int) -> int:
    mask = (1 << half) - 1
    left, right = value >> half, value & mask
    for number in range(_ROUNDS):
        left, right = right, left ^ (_round(key, number, length, right) & mask)
    return (left << half) | right


@lru_cache(maxsize=16_384)  # a list of the least length has 4,096 of them
def _round(key: bytes, number: int, length: int, right: int) -> int:
    digest = hmac.digest(key, struct.pack(">BQQ", number, length, right), "sha256")
    return int.from_bytes(digest[:8], "big")


def encode_list(set_indexes: Iterable[int], length: int = MINIMUM_LENGTH) -> str:
    """encodedList: the bits, gzipped, base64url with the multibase prefix u (section 3.3).

    Raises BadStatusList for an index outside the list or a list shorter than allowed.
    """
    if length < MINIMUM_LENGTH or length % 8:
        raise BadStatusList("bad_list_length", length=length)
    bits = bytearray(length // 8)
    for index in set_indexes:
        if not 0 <= index < length:
            raise BadStatusList("index_outside_list", index=index)
        bits[index >> 3] |= 0x80 >> (index & 7)  # the first entry is the leftmost bit
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = squeeze.compress(bits) + squeeze.flush()
    trailer = struct.pack("<II", zlib.crc32(bits), len(bits) & 0xFFFFFFFF)
    return encode_base64url(_GZIP_HEADER + packed + trailer)


def decode_list(encoded: str, *, max_length: int = LARGEST_LENGTH) -> bytes:
    """The bits of an encodedList; raises BadStatusList, also for a list that unpacks too large."""
    try:
        packed = decode_base64url(encoded)
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 16)
        bits = unpack.decompress(packed, max_length // 8 + 1)
    except (ValueError, zlib.error) as error:
        raise BadStatusList("bad_encoded_list", str(error)) from None
    if len(bits) > max_length // 8:
        raise BadStatusList("list_too_large", max_length=max_length)
    if not unpack.eof or unpack.unused_data:
        raise BadStatusList("bad_encoded_list", "cut off, or followed by something else")
    if len(bits) * 8 < MINIMUM_LENGTH:
        raise BadStatusList("bad_list_length", length=len(bits) * 8)
    return bits


def is_set(bits: bytes, index: int) -> bool:
    """Whether the entry is set; raises BadStatusList outside the list."""
    if not 0 <= index < len(bits) * 8:
        raise BadStatusList("index_outside_list", index=index)
    return bool(bits[index >> 3] & (0x80 >> (index & 7)))


def build_status_list_credential(facts: StatusListFacts) -> dict[str, Any]:
    """An unsigned BitstringStatusListCredential (section 2.2); raises BadValue, BadStatusList."""
    if facts.purpose not in PURPOSES:
        raise BadValue("bad_status_purpose", value=facts.purpose)
    if facts.valid_until <= facts.valid_from:
        raise BadValue("dates_reversed")
    url = check_iri(facts.url, "id")
    issuer = facts.issuer if isinstance(facts.issuer, str) else facts.issuer.did
    document = {
        "@context": [CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": check_iri(issuer, "issuer"),
        "validFrom": format_moment(facts.valid_from),
        "validUntil": format_moment(facts.valid_until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": facts.purpose,
            "ttl": facts.ttl_ms,
            "encodedList": encode_list(facts.set_indexes, facts.length),
        },
    }
    canonicalise(document)
    return document
