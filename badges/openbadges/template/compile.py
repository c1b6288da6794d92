"""From a document with slots to a template, and when that is sound.

A unique marker is put into every slot, the full path turns the result into RDF, and the statements
are split at the markers. Filling the slots with values is then the same as signing the filled
document, because all of this is checked, here or when filling, and NeedFull raised otherwise:

1. A slot is a whole JSON string that becomes one whole IRI or one whole literal: no part of a term,
   no type, no list member, datatype, language, predicate or graph (`lines.read_lines`). Numbers,
   truth values, and how many members a list has, belong to the template.
2. Reading JSON-LD commutes with filling: literals of the datatypes let through are copied as they
   are, and the schemes of identifiers are no terms of the contexts (`slots.Cells`).
3. RDF is a set: when a fill makes two nodes or statements one, duplicates fall (`plan.Filler`).
4. Blank nodes are labelled by the rank of their first-degree hashes, worked out for each fill. When
   two are equal, only the full algorithm can tell them apart.
5. Lines are sorted by code points, and arrangements remembered by what decides them (`plan.py`).
6. Text is escaped as RDFC-1.0 asks; what libraries escape differently never passes the gate.

Three self-tests with hostile values compare each new template with the full path.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any

from badges.openbadges.canonical import canonicalise, to_quads
from badges.openbadges.contexts import KNOWN_CONTEXTS, ContextSet
from badges.openbadges.documents import serialise
from badges.openbadges.errors import BadProof, OpenBadgesError
from badges.openbadges.gate import check_contexts, check_document
from badges.openbadges.proof import configuration_of, proof_options
from badges.openbadges.template.lines import read_lines
from badges.openbadges.template.options import OptionsHash
from badges.openbadges.template.plan import Filler
from badges.openbadges.template.signing import Parts, Template
from badges.openbadges.template.slots import (
    Cells,
    Kind,
    NeedFull,
    Path,
    check_schemes,
    with_values,
)
from badges.openbadges.template.text import SlottedText

# Values that a wrong template would get wrong: quotation marks, white space, percent signs, text
# from right to left, characters beyond 16 bits, the ends of the alphabet.
_TEXTS = (
    '"{n}" \\ % %b %s \t\r\n{n}',
    "\u05d0\u0628 \u202e{n} \U0001f9f0 \ue000 \U0010fffd",
    "~{n}",
)
# Identifiers before and after most others, and one that makes all nodes with slots the same.
_IRIS = (
    "did:web:a.example:%41{n}?q=%25#~{n}",
    "urn:uuid:ffffffff-0000-4000-8000-0000000000{n:02d}",
    "https://zz.example:8443/~'()*!$&,;=@/?same#same",
)


def compile_template(
    document: Mapping[str, Any],
    slots: Mapping[str, Path],
    *,
    contexts: ContextSet = KNOWN_CONTEXTS,
) -> Template:
    """A template for all documents that differ from this unsigned one in these slots only.

    A slot is the way to a string, such as ("credentialSubject", "id"). Raises NeedFull when
    documents of this form have to take the full path. Takes about five times as long as one
    signature by the full path.
    """
    if "proof" in document:
        raise BadProof("already_signed")
    paths = tuple(slots.values())
    names = context_names(document, contexts)
    filler, cells = _compiled(document, paths, contexts)
    markers = _markers(document, len(paths) + 3)
    marked = with_values(document, paths, markers[: len(paths)])
    *_, created, method, value = markers
    proof = {**proof_options(method, created), "proofValue": value}
    return Template(
        Parts(
            document=document,
            slots=dict(slots),
            contexts=contexts,
            filler=filler,
            cells=cells,
            options=_options_hash(names, contexts),
            text=SlottedText({**marked, "proof": proof}, markers),
        )
    )


def context_names(document: Mapping[str, Any], contexts: ContextSet) -> tuple[str, ...]:
    """The addresses of a document's contexts; raises NeedFull for any that is not known."""
    try:
        return tuple(check_contexts(document.get("@context"), contexts))
    except OpenBadgesError:
        raise NeedFull("not_signable") from None


def _compiled(
    document: Mapping[str, Any], paths: Sequence[Path], contexts: ContextSet
) -> tuple[Filler, Cells]:
    """What fills a document's canonical text, tested; raises NeedFull."""
    markers = _markers(document, len(paths))
    try:
        marked = with_values(document, paths, markers)
        check_document(marked, contexts)
        check_schemes(marked["@context"], contexts)
        lines, kinds = read_lines(to_quads(marked, contexts), markers)
        filler, cells = Filler(lines), Cells(kinds)
        for texts, iris in zip(_TEXTS, _IRIS, strict=True):
            values = [
                (iris if kind is Kind.IRI else texts).format(n=place)
                for place, kind in enumerate(kinds)
            ]
            full = canonicalise(with_values(document, paths, values), contexts=contexts)
            _compare(filler, cells.of(values), full.encode())
    except OpenBadgesError:
        raise NeedFull("not_signable") from None
    return filler, cells


def _compare(filler: Filler, cells: list[bytes], full: bytes) -> None:
    if filler.text(cells) != full or filler.digest(cells) != sha256(full).digest():
        raise NeedFull("self_test_failed")


def _markers(document: Mapping[str, Any], count: int) -> list[str]:
    """Absolute IRIs of equal length that cannot stand in the document, as its hash is in them."""
    digest = sha256(serialise(document)).hexdigest()
    return [f"urn:slot-{digest}:{place:04d}" for place in range(count)]


@lru_cache(maxsize=64)
def _options_hash(names: tuple[str, ...], contexts: ContextSet) -> OptionsHash:
    options = proof_options("did:web:method.example#key", "2000-01-01T00:00:00Z")
    document = configuration_of({"@context": list(names)}, options)
    return OptionsHash(*_compiled(document, [("created",), ("verificationMethod",)], contexts))
