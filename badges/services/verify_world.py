"""What the verifying process may ask of us: our own records, and addresses of other people.

Our own addresses are looked up, never fetched. Everything else goes through the guarded client.
"""

import base64
import time
from collections import OrderedDict
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from badges.enums import KeyState
from badges.models import SigningKey
from badges.openbadges.jwk import thumbprint
from badges.openbadges.keys import KeyState as PublishedState
from badges.openbadges.keys import decode_multikey
from badges.openbadges.lookups import Standing
from badges.selectors.awards import award_at
from badges.selectors.issuers import did_of
from badges.services.own_documents import issuer_at, own_document
from badges.services.verify_limits import VerifyLimits
from partners.models import Organisation
from techvet import http

MOST_FETCHES = 12  # for one badge
FETCHING_SECONDS = 15.0  # for one badge, everything together
KEPT_SECONDS, KEPT_FAILURE_SECONDS = 300, 60
MOST_KEPT_BYTES = 8 * 1024 * 1024
MAX_BYTES = 2 * 1024 * 1024  # a picture with a badge
_ACCEPT = "application/json, application/ld+json, application/jwt, image/png, image/svg+xml"
CONTENT_TYPES = frozenset(
    {
        "application/json",
        "application/ld+json",
        "application/jwt",
        "application/vc",
        "application/vc+jwt",
        "application/vc+ld+json",
        "application/vc+ld+json+jwt",
        "application/did",
        "application/did+json",
        "application/did+ld+json",
        "application/jwk+json",
        "application/jwk-set+json",
        "application/octet-stream",
        "image/png",
        "image/svg+xml",
        "text/plain",
        "text/json",
    }
)
LISTED_FILE = "trusted-issuers.txt"
_SHIPPED_LIST = Path(__file__).resolve().parent.parent / "content" / LISTED_FILE


class World:
    """The answers for one verification; close it to give back its place among the foreign ones."""

    def __init__(self, limits: VerifyLimits, *, offline: bool = False) -> None:
        self.limits = limits
        self.offline = offline
        self.fetches = 0
        self.deadline: float | None = None
        self._places = ExitStack()
        self._is_admitted = False

    def close(self) -> None:
        self._places.close()

    def answers(self) -> dict[str, Any]:
        return {
            "standing": self.standing,
            "key": self.key,
            "in_log": self.in_log,
            "document": self.document,
        }

    def standing(self, issuer: str) -> str:
        is_own_address = is_ours(issuer) and issuer_at(issuer) is not None
        if is_own_address or organisation_of(issuer) is not None:
            return Standing.PORTAL.value
        self._admit_foreign()
        return (Standing.LISTED if issuer in listed_issuers() else Standing.UNKNOWN).value

    def key(self, method: str) -> dict[str, Any] | None:
        did, _hash, fragment = method.partition("#")
        issuer = organisation_of(did)
        found = _signing_key(issuer, fragment) if issuer is not None else None
        if found is None:
            return None
        is_multikey = found.public_key_multibase.startswith("z6Mk")
        public = decode_multikey(found.public_key_multibase) if is_multikey else b""
        since = found.activated_at or found.created_at
        return {
            "public_key": base64.b64encode(public).decode(),
            "controller": did,
            "state": _published_state(found).value,
            "active_from": since.replace(microsecond=0).isoformat(),
            "retired_at": found.retired_at.isoformat() if found.retired_at else None,
            "jwk": found.public_jwk or None,
        }

    def in_log(self, credential_id: str, proof_value: str) -> bool:
        award = award_at(credential_id)
        if award is None:
            return False
        return proof_value in award.credential.body or proof_value == award.credential.jwt

    def document(self, url: str) -> dict[str, Any] | None:
        if is_ours(url):
            found = own_document(url)
            return None if found is None else _answer(*found)
        self._admit_foreign()
        if self.offline or self.fetches >= MOST_FETCHES:
            return None
        self.fetches += 1
        if self.deadline is None:
            self.deadline = time.monotonic() + FETCHING_SECONDS
        return self._fetched(url, self.deadline - time.monotonic())

    def _fetched(self, url: str, seconds: float) -> dict[str, Any] | None:
        kept = _kept.get(url)
        if kept is not None:
            return kept.answer
        host = (urlsplit(url).hostname or "")[:253]
        if seconds <= 0 or not self.limits.admit_host(host):
            return None
        try:
            found = http.fetch(
                url,
                accept=_ACCEPT,
                content_types=CONTENT_TYPES,
                max_bytes=MAX_BYTES,
                seconds=seconds,
            )
        except http.Unreachable:
            _kept.keep(url, None)
            return None
        answer = _answer(found.status, found.content if found.status == 200 else b"")
        _kept.keep(url, answer)
        return answer

    def _admit_foreign(self) -> None:
        if not self._is_admitted:
            self._places.enter_context(self.limits.foreign())
            self._is_admitted = True


class _Kept:
    """What was fetched in the last minutes, so that asking again costs nobody anything."""

    class Entry:
        __slots__ = ("answer", "size", "until")

        def __init__(self, answer: dict[str, Any] | None) -> None:
            is_good = answer is not None and answer["status"] == 200
            self.answer = answer
            self.size = len(answer["content"]) if answer else 0
            self.until = time.monotonic() + (KEPT_SECONDS if is_good else KEPT_FAILURE_SECONDS)

    def __init__(self) -> None:
        self.entries: OrderedDict[str, _Kept.Entry] = OrderedDict()
        self.size = 0
        self.lock = Lock()

    def get(self, url: str) -> "_Kept.Entry | None":
        found = self.entries.get(url)
        return found if found is not None and found.until > time.monotonic() else None

    def keep(self, url: str, answer: dict[str, Any] | None) -> None:
        with self.lock:
            old = self.entries.pop(url, None)
            self.size -= old.size if old else 0
            self.entries[url] = entry = _Kept.Entry(answer)
            self.size += entry.size
            while self.size > MOST_KEPT_BYTES or len(self.entries) > 500:
                _url, oldest = self.entries.popitem(last=False)
                self.size -= oldest.size

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()
            self.size = 0


_kept = _Kept()


def forget_fetched() -> None:
    _kept.clear()


def is_ours(url: str) -> bool:
    """Whether an address belongs to this portal, whatever its scheme or port say."""
    try:
        return urlsplit(url).hostname == urlsplit(settings.PORTAL_ORIGIN).hostname
    except ValueError:
        return False


def organisation_of(issuer: str) -> Organisation | None:
    """The organisation of this portal that issues or endorses under this DID."""
    prefix, _colon, slug = issuer.rpartition(":")
    if not prefix or len(slug) > 60 or not slug.replace("-", "").isalnum() or not slug.isascii():
        return None
    found = Organisation.objects.filter(slug=slug).first()
    if found is None or did_of(found) != issuer:
        return None
    has_keys = found.is_issuer or SigningKey.objects.filter(issuer=found).exists()
    return found if has_keys else None


def listed_issuers() -> frozenset[str]:
    """The operator's own list, else the one that comes with the portal: one id a line."""
    own = settings.DATA_DIR / LISTED_FILE
    path = own if own.exists() else _SHIPPED_LIST
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return frozenset()
    words = [line.split() for line in lines]
    return frozenset(one[0] for one in words if one and not one[0].startswith("#"))


def _answer(status: int, content: bytes) -> dict[str, Any]:
    return {"status": status, "content": base64.b64encode(content).decode()}


def _signing_key(issuer: Organisation, fragment: str) -> SigningKey | None:
    """By its Multikey, or by the thumbprint of its JSON Web Key."""
    keys = SigningKey.objects.filter(issuer=issuer).defer("encrypted_private_key")
    if fragment.startswith("z"):
        return keys.filter(public_key_multibase=fragment).first()
    with_jwk = (one for one in keys if one.public_jwk)
    return next((one for one in with_jwk if thumbprint(one.public_jwk) == fragment), None)


def _published_state(key: SigningKey) -> PublishedState:
    # Its public half still tells what it signed. A compromised key retired at the moment from
    # which on it was unsafe; what it signed before counts if our records hold that signature.
    if key.state == KeyState.DESTROYED or key.compromised_at is not None:
        return PublishedState.RETIRED
    return PublishedState(key.state)
