"""Checks an archive of badges from its own content alone: no database, no network, no portal.

What `index.json` says is a claim of the archive. Still nothing can be forged by it: a credential
counts only by a signature with a key of its issuer's DID document. Whether that document is the
issuer's own is what being offline cannot tell; compare it with the issuer's address when online.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from badges.openbadges.baking import ContentKind, unbake
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.gate import parse_json
from badges.openbadges.jose import read_jwt_unverified, verify_jwt
from badges.openbadges.jwk import check_jwk, key_of_document
from badges.openbadges.keys import KeyState, decode_multikey, key_in_did_document
from badges.openbadges.moments import parse_moment
from badges.openbadges.verify import KeyRecord, verify_own

LARGEST_MEMBER = 2_000_000  # bytes, unpacked
MOST_MEMBERS = 20_000


@dataclass(frozen=True)
class Line:
    """One file of the archive: `outcome` is valid, not_valid or could_not_be_checked."""

    name: str
    outcome: str
    codes: tuple[str, ...] = ()


class Archive:
    """The files of a ZIP by name, and by the address that they answer for."""

    def __init__(self, data: bytes) -> None:
        """Raises zipfile.BadZipFile, or OpenBadgesError when it is no archive of badges."""
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        sizes = [one.file_size for one in self.zip.infolist()]
        if len(sizes) > MOST_MEMBERS or max(sizes, default=0) > LARGEST_MEMBER:
            raise OpenBadgesError("too_large")
        self.names = self.zip.namelist()
        if "index.json" not in self.names:
            raise OpenBadgesError("no_index")
        files = parse_json(self.zip.read("index.json"), max_bytes=LARGEST_MEMBER).get("files")
        self.index: dict[str, Any] = files if isinstance(files, dict) else {}

    def answer(self, address: str) -> bytes | None:
        name = self.index.get(address)
        return self.zip.read(name) if isinstance(name, str) and name in self.names else None

    def document(self, address: str) -> dict[str, Any]:
        found = self.answer(address)
        return parse_json(found) if found else {}


def check_archive(data: bytes, *, now: datetime) -> Iterator[Line]:
    """A line for every credential in the archive, in each of its forms."""
    archive = Archive(data)
    for name in archive.names:
        if not name.startswith("badges/"):
            continue
        if name.endswith("/credential.json"):
            yield _credential(archive, name, archive.zip.read(name), now)
        elif name.endswith(("/badge.png", "/badge.svg")):
            yield _picture(archive, name, now)
        elif name.endswith("/credential.jwt"):
            yield _token(archive, name)


def _credential(archive: Archive, name: str, data: bytes, now: datetime) -> Line:
    verdict = verify_own(
        data,
        key=lambda method: _key(archive, method),
        status_list=archive.answer,
        now=now,
        in_log=lambda _id, _proof: True,  # the archive holds what the issuer gave out
    )
    bad = tuple(one.code for one in verdict.checks if one.outcome != "passed")
    return Line(name, str(verdict.outcome.value), bad)


def _picture(archive: Archive, name: str, now: datetime) -> Line:
    try:
        baked = unbake(archive.zip.read(name))
    except OpenBadgesError as error:
        return Line(name, "not_valid", (error.code,))
    if baked.kind != ContentKind.JSON:
        return Line(name, "not_valid", ("bad_content",))
    return _credential(archive, name, baked.content.encode(), now)


def _token(archive: Archive, name: str) -> Line:
    token = archive.zip.read(name)
    try:
        method = read_jwt_unverified(token).key_id
        jwk = _token_key(archive.document(method.partition("#")[0]), method)
        if jwk is None:
            return Line(name, "could_not_be_checked", ("unknown_key",))
        verify_jwt(token, jwk)
    except OpenBadgesError as error:
        return Line(name, "not_valid", (error.code,))
    return Line(name, "valid")


def _key(archive: Archive, method: str) -> KeyRecord | None:
    """A key that the issuer's document lists; a retired one up to its end by the key log."""
    did, _hash, multikey = method.partition("#")
    document = archive.document(did)
    try:
        public_key = key_in_did_document(document, method)
        if public_key is not None:
            return KeyRecord(public_key=public_key, controller=did, state=KeyState.ACTIVE)
        retired_at = _retired_at(archive, did, multikey)
        if retired_at is None or not _listed(document, method):
            return None
        public_key = decode_multikey(multikey)
    except OpenBadgesError:
        return None
    return KeyRecord(
        public_key=public_key, controller=did, state=KeyState.RETIRED, retired_at=retired_at
    )


def _token_key(document: dict[str, Any], method: str) -> dict[str, str] | None:
    found = key_of_document(document, method)
    if found is not None:
        return found
    retired = _listed(document, method).get("publicKeyJwk")
    return check_jwk(retired) if isinstance(retired, dict) else None


def _listed(document: dict[str, Any], method: str) -> dict[str, Any]:
    """The entry of a key, whether it still signs or not; empty when there is none."""
    methods = document.get("verificationMethod", [])
    return next((one for one in methods if one.get("id") == method), {})


def _retired_at(archive: Archive, did: str, multikey: str) -> datetime | None:
    """From the key log; None for a key that is not retired there, or is compromised."""
    events = {}
    for entry in archive.document(f"{did}#log").get("entries", []):
        line = parse_json(str(entry.get("line", "")).encode())
        if line.get("publicKeyMultibase") == multikey:
            events[line.get("event")] = line.get("at")
    if "compromised" in events or "retired" not in events:
        return None
    return parse_moment(events["retired"])
