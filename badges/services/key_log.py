"""The public key log of an issuer: one line for each event of a key, chained by hashes.

did:web has no history, so the log tells which keys there were and when. Each line is JSON text; its
hash is SHA-256 over the hash before it (hex) and the line. Whoever kept an earlier head hash sees
whether the past was changed.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from badges.enums import KeyEvent, KeyState
from badges.models import KeyLogEntry, SigningKey
from badges.openbadges.moments import format_moment
from badges.selectors.issuers import did_of
from partners.models import Organisation
from techvet.clock import now

# The state that a key is in after each event.
AFTER = {
    KeyEvent.MADE: KeyState.NEXT,
    KeyEvent.ACTIVATED: KeyState.ACTIVE,
    KeyEvent.RETIRED: KeyState.RETIRED,
    KeyEvent.DESTROYED: KeyState.DESTROYED,
    KeyEvent.COMPROMISED: KeyState.COMPROMISED,
}


def append(key: SigningKey, event: KeyEvent, *, at: datetime) -> KeyLogEntry:
    """Adds a line; the caller holds the lock of the issuer's row, so lines come one by one."""
    last = KeyLogEntry.objects.filter(issuer=key.issuer).order_by("-number").first()
    number, previous = (last.number + 1, last.sha256) if last else (1, "")
    line = json.dumps(_facts(key, event, number, at), ensure_ascii=False, separators=(",", ":"))
    return KeyLogEntry.objects.create(
        issuer=key.issuer,
        number=number,
        key=key,
        event=event,
        at=at,
        line=line,
        previous_sha256=previous,
        sha256=chained(previous, line),
    )


def chained(previous: str, line: str) -> str:
    return hashlib.sha256(f"{previous}{line}".encode()).hexdigest()


def write_missing(issuer: Organisation) -> int:
    """Lines for keys from before there was a log; the caller holds the issuer's lock."""
    keys = SigningKey.objects.filter(issuer=issuer, log__isnull=True)
    for key in keys.defer("encrypted_private_key").order_by("created_at"):
        if key.activated_at is None and key.state != KeyState.NEXT:
            key.activated_at = key.created_at
            key.save(update_fields=["activated_at"])
        append(key, KeyEvent.MADE, at=key.created_at)
        for event, at in (
            (KeyEvent.ACTIVATED, key.activated_at),
            (KeyEvent.RETIRED, key.retired_at),
        ):
            if at is not None:
                append(key, event, at=at)
    return len(keys)


def log_document(issuer: Organisation) -> dict[str, Any]:
    """The whole log with its head hash, as it is published."""
    entries = list(KeyLogEntry.objects.filter(issuer=issuer).order_by("number"))
    return {
        "issuer": did_of(issuer),
        "hash": "SHA-256 over the previous hash (hex) and the line, both as UTF-8",
        "head": entries[-1].sha256 if entries else "",
        "entries": [
            {"line": one.line, "previous": one.previous_sha256, "sha256": one.sha256}
            for one in entries
        ],
    }


def problems_of_log(issuer: Organisation) -> Iterator[str]:
    """What is wrong with the chain, or differs between the log and the keys; silent when well."""
    previous, told = "", {}
    entries = KeyLogEntry.objects.filter(issuer=issuer).select_related("key__issuer")
    for number, entry in enumerate(entries.order_by("number"), start=1):
        where = f"line {entry.number} of the key log of {issuer.slug}"
        if entry.number != number:
            yield f"{where} follows a gap"
            return
        if entry.previous_sha256 != previous or entry.sha256 != chained(previous, entry.line):
            yield f"{where} breaks the chain"
            return
        written = _read(entry.line)
        if _public_half(written) != _public_half(_key_facts(entry.key)):
            yield f"{where} names another key than the row"
        told[entry.key_id] = AFTER.get(KeyEvent(written.get("event", "made")))
        previous = entry.sha256
    for key in SigningKey.objects.filter(issuer=issuer).defer("encrypted_private_key"):
        if told.get(key.pk) != key.state:
            yield f"key {key.name} of {issuer.slug} is {key.state}, which the key log does not say"


def _facts(key: SigningKey, event: KeyEvent, number: int, at: datetime) -> dict[str, Any]:
    return {
        "number": number,
        "issuer": did_of(key.issuer),
        "event": str(event.value),
        "at": format_moment(at.replace(microsecond=0)),
        "written": format_moment(now().replace(microsecond=0)),
        **_key_facts(key),
    }


def _key_facts(key: SigningKey) -> dict[str, Any]:
    facts: dict[str, Any] = {"key": key.name, "algorithm": str(key.algorithm)}
    if key.public_key_multibase:
        facts["publicKeyMultibase"] = key.public_key_multibase
    if key.public_jwk:
        facts["publicKeyJwk"] = key.public_jwk
    return facts


def _public_half(facts: dict[str, Any]) -> dict[str, Any]:
    names = ("key", "algorithm", "publicKeyMultibase", "publicKeyJwk")
    return {name: facts[name] for name in names if name in facts}


def _read(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
