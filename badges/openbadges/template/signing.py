"""A compiled template: signs and recognises documents that differ in their slots only."""

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from nacl import bindings
from nacl.exceptions import BadSignatureError

from badges.openbadges.contexts import ContextSet
from badges.openbadges.documents import serialise
from badges.openbadges.errors import BadValue, OpenBadgesError
from badges.openbadges.gate import LIMITS
from badges.openbadges.keys import check_public_key
from badges.openbadges.moments import format_moment, parse_moment
from badges.openbadges.proof import (
    Signer,
    add_proof,
    configuration_of,
    finish_proof,
    hash_document,
    proof_options,
    read_signature,
    sign_exactly,
)
from badges.openbadges.template.base58 import encode_signature
from badges.openbadges.template.options import OptionsHash
from badges.openbadges.template.plan import Filler
from badges.openbadges.template.slots import Cells, NeedFull, Path, with_values
from badges.openbadges.template.text import SlottedText

MOST_IN_CHUNK = 1000
_checked_key = lru_cache(maxsize=64)(check_public_key)


class AuditFailed(Exception):
    """The full path gave other bytes than the template. Nothing of the chunk may be used."""


@dataclass(frozen=True, slots=True)
class _Seal:
    """What all credentials of a batch have in common in their proofs."""

    signer: Signer
    created: datetime
    cells: list[bytes]
    options_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What `compile_template` found out about a document."""

    document: Mapping[str, Any]
    slots: Mapping[str, Path]
    contexts: ContextSet
    filler: Filler
    cells: Cells
    options: OptionsHash
    text: SlottedText


class Template:
    """Made by `compile_template`, which says when filling slots is the same as signing anew."""

    def __init__(self, parts: Parts) -> None:
        self.names = tuple(parts.slots)
        self._parts = parts
        self._paths = tuple(parts.slots.values())
        # Set when an audit failed: this template is never believed again.
        self.is_distrusted = False

    def sign(self, values: Mapping[str, str], signer: Signer, created: datetime) -> bytes:
        """The bytes of `serialise(add_proof(...))` for these values; not audited.

        Raises NeedFull where only the full path can answer, BadValue for what may not be signed,
        BadProof when the signer gives no signature.
        """
        seal = self._seal(signer, created)
        cells, data = self._prepare(self._row(values), seal)
        return self._finish(cells, sign_exactly(signer, data), seal)

    def sign_fully(self, values: Mapping[str, str], signer: Signer, created: datetime) -> bytes:
        """The same by the full path, for anything that can be signed at all."""
        document = with_values(self._parts.document, self._paths, self._row(values))
        return serialise(add_proof(document, signer, created, contexts=self._parts.contexts))

    def sign_many(
        self,
        rows: Iterable[Mapping[str, str]],
        signer: Signer,
        created: datetime,
        *,
        chunk: int = MOST_IN_CHUNK,
        pick: Callable[[int], int] = secrets.randbelow,
    ) -> Iterator[bytes]:
        """One signed text for each row, in order; what the template cannot do takes the full path.

        The first, the last and one other credential of every chunk are signed again by the full
        path before any of the chunk is given out; `pick(n)` chooses the third, 0 to n - 1. Raises
        AuditFailed when the bytes differ, and then distrusts the template. Audits expect a
        deterministic signer, as RFC 8032 asks. Errors are those of `sign_fully`.
        """
        if not 1 <= chunk <= MOST_IN_CHUNK:
            raise ValueError(f"a chunk holds 1 to {MOST_IN_CHUNK} credentials")
        waiting = iter(rows)
        while taken := list(islice(waiting, chunk)):
            yield from self._sign_chunk(taken, signer, created, pick)

    def _sign_chunk(
        self,
        rows: Sequence[Mapping[str, str]],
        signer: Signer,
        created: datetime,
        pick: Callable[[int], int],
    ) -> list[bytes]:
        try:
            seal = self._seal(signer, created)
        except NeedFull:
            return [self.sign_fully(row, signer, created) for row in rows]
        signed = self._sign_rows(rows, seal)
        for place in sorted({0, len(rows) - 1, pick(len(rows))}):
            self._audit(rows[place], signed[place], seal)
        return signed

    def _sign_rows(self, rows: Sequence[Mapping[str, str]], seal: _Seal) -> list[bytes]:
        """One step for all rows, then the next: a sixth faster than row by row."""
        prepared = [self._prepare_or_not(self._row(values), seal) for values in rows]
        signatures = [
            sign_exactly(seal.signer, one[1]) if one is not None else b"" for one in prepared
        ]
        return [
            self._finish(one[0], signature, seal)
            if one is not None
            else self.sign_fully(values, seal.signer, seal.created)
            for values, one, signature in zip(rows, prepared, signatures, strict=True)
        ]

    def _prepare_or_not(self, row: Sequence[str], seal: _Seal) -> tuple[list[bytes], bytes] | None:
        try:
            return self._prepare(row, seal)
        except NeedFull:
            return None

    def _prepare(self, row: Sequence[str], seal: _Seal) -> tuple[list[bytes], bytes]:
        """The cells, and what is signed."""
        cells = self._parts.cells.of(row)
        return cells, seal.options_hash + self._parts.filler.digest(cells)

    def _finish(self, cells: list[bytes], signature: bytes, seal: _Seal) -> bytes:
        return self._parts.text.write([*cells, *seal.cells, encode_signature(signature)])

    def _audit(self, values: Mapping[str, str], signed: bytes, seal: _Seal) -> None:
        """By the reference pipeline from end to end; nothing of the template is used."""
        document = with_values(self._parts.document, self._paths, self._row(values))
        options = proof_options(seal.signer.verification_method, format_moment(seal.created))
        contexts = self._parts.contexts
        data = _hash_of_options(contexts, tuple(document["@context"]), **options) + hash_document(
            document, contexts=contexts
        )
        if serialise(finish_proof(document, options, seal.signer, data)) != signed:
            self.is_distrusted = True
            raise AuditFailed("the full path gives other bytes than the template")

    def _seal(self, signer: Signer, created: datetime) -> _Seal:
        if self.is_distrusted:
            raise NeedFull("audit_failed_before")
        cells, hashed = self._parts.options.of(format_moment(created), signer.verification_method)
        return _Seal(signer, created, cells, hashed)

    def _row(self, values: Mapping[str, str]) -> list[str]:
        try:
            row = [values[name] for name in self.names]
        except KeyError:
            raise BadValue("slot_is_missing") from None
        if len(values) != len(row):
            raise BadValue("unknown_slot")
        return row

    def accepts(self, text: bytes, public_key: bytes) -> bool:
        """Whether this is one of the template's own documents, signed with this key.

        False says nothing more than that the full path has to look.
        """
        if self.is_distrusted or len(text) > LIMITS.max_bytes:
            return False
        found = self._parts.text.read(text)
        if found is None:
            return False
        try:
            return self._matches(found, public_key)
        except (NeedFull, OpenBadgesError, ValueError, BadSignatureError):
            return False

    def _matches(self, found: list[bytes], public_key: bytes) -> bool:
        """The slots must be written exactly as they would be written here."""
        *written, created, method, value = [_unescaped(cell) for cell in found]
        parse_moment(created)
        cells = self._parts.cells.of(written)
        proof_cells, options_hash = self._parts.options.of(created, method)
        if found[:-1] != [*cells, *proof_cells]:
            return False
        signature = read_signature(value)
        data = options_hash + self._parts.filler.digest(cells)
        bindings.crypto_sign_open(signature + data, _checked_key(public_key))
        return True


def _unescaped(cell: bytes) -> str:
    """The text that a cell stands for; raises ValueError when it is no JSON string."""
    if b"\\" not in cell:
        return cell.decode()
    text: str = json.loads(b'"%b"' % cell)
    return text


@lru_cache(maxsize=64)
def _hash_of_options(contexts: ContextSet, names: tuple[str, ...], **options: str) -> bytes:
    """By the full path, for audits."""
    configuration = configuration_of({"@context": list(names)}, options)
    return hash_document(configuration, contexts=contexts)
