"""RDF statements with holes, and the careful way to fill them.

A part of a line is bytes that never change, the number of a slot, or the name of a blank node.
Source of the order and the labels: W3C "RDF Dataset Canonicalization 1.0", 4.4 and 4.6.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import pyoxigraph as ox

from badges.openbadges.template.slots import Kind, NeedFull

Part = bytes | int | str
Term = tuple[Part, ...]
END = b" .\n"

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_XSD = "http://www.w3.org/2001/XMLSchema#"
# Literals of these types are copied as they were written. Numbers and truth values are not. Open
# Badges 3.0.3 leaves the prefix of one type undefined, so that "xsd:dateTime" is its whole name.
_COPIED = frozenset(
    {f"{_XSD}string", f"{_XSD}dateTime", f"{_XSD}anyURI", "xsd:dateTime", f"{_RDF}langString"}
)


@dataclass(frozen=True, slots=True)
class Line:
    """One statement in the default graph."""

    subject: Term
    predicate: bytes
    object: Term

    @property
    def parts(self) -> Term:
        return (*self.subject, b" " + self.predicate + b" ", *self.object, END)

    @property
    def blanks(self) -> set[str]:
        return {part for part in (*self.subject, *self.object) if isinstance(part, str)}


def read_lines(quads: Iterable[ox.Quad], markers: Sequence[str]) -> tuple[list[Line], list[Kind]]:
    """The statements split at the markers, and what each slot became; raises NeedFull.

    All markers must begin with the same prefix up to their last colon.
    """
    reader = _Reader(markers)
    lines = [reader.line(quad) for quad in dict.fromkeys(quads)]
    return lines, reader.kinds()


class _Reader:
    def __init__(self, markers: Sequence[str]) -> None:
        self._place = {marker: place for place, marker in enumerate(markers)}
        # Without slots there is nothing to find: no text holds this.
        self._prefix = markers[0].rpartition(":")[0] if markers else "\0"
        self._found: dict[int, Kind] = {}

    def line(self, quad: ox.Quad) -> Line:
        if not isinstance(quad.graph_name, ox.DefaultGraph):
            raise NeedFull("named_graph")
        obj = self._term(quad.object)
        if len(obj) > 1 and quad.predicate.value in {f"{_RDF}type", f"{_RDF}first"}:
            raise NeedFull("slot_in_type_or_list")
        return Line(self._term(quad.subject), self._static(quad.predicate), obj)

    def kinds(self) -> list[Kind]:
        if len(self._found) != len(self._place):
            raise NeedFull("slot_is_no_term")
        return [self._found[place] for place in sorted(self._found)]

    def _term(self, term: object) -> Term:
        if isinstance(term, ox.BlankNode):
            return (term.value,)
        if isinstance(term, ox.NamedNode) and term.value in self._place:
            place = self._place[term.value]
            self._note(place, Kind.IRI)
            return (b"<", place, b">")
        if isinstance(term, ox.Literal) and term.value in self._place:
            return self._literal(term, self._place[term.value])
        return (self._static(term),)

    def _literal(self, literal: ox.Literal, place: int) -> Term:
        if literal.datatype.value not in _COPIED:
            raise NeedFull("datatype_may_change_the_text")
        self._note(place, Kind.LITERAL)
        # A datatype or a language, in which no marker can stand.
        suffix = str(literal)[len(literal.value) + 2 :]
        return (b'"', place, b'"' + suffix.encode())

    def _note(self, place: int, kind: Kind) -> None:
        if self._found.setdefault(place, kind) is not kind:
            raise NeedFull("slot_of_two_kinds")

    def _static(self, term: object) -> bytes:
        text = str(term)
        if self._prefix in text:
            raise NeedFull("slot_is_part_of_a_term")
        return text.encode()


def render(parts: Term, cells: Sequence[bytes], label: Callable[[str], bytes]) -> bytes:
    return b"".join(
        part if isinstance(part, bytes) else label(part) if isinstance(part, str) else cells[part]
        for part in parts
    )


def own_name(name: str) -> bytes:
    return b"_:" + name.encode()


def seen_from(blank: str) -> Callable[[str], bytes]:
    """Labels as one blank node sees them: itself, and any other (RDFC-1.0, 4.6)."""
    return lambda name: b"_:a" if name == blank else b"_:z"


def canonical_order(lines: Iterable[Line], cells: Sequence[bytes]) -> list[tuple[bytes, Term]]:
    """The lines of the canonical text, each with the parts that it was made of.

    Labels are written into the parts. RDF is a set: what a fill makes equal stands once. Raises
    NeedFull when blank nodes can only be told apart by their neighbours.
    """
    distinct = list({render(line.parts, cells, own_name): line for line in lines}.values())
    blanks = sorted({name for line in distinct for name in line.blanks})
    labels = labels_by({name: first_degree_hash(name, distinct, cells) for name in blanks})
    labelled = [
        tuple(labels[part] if isinstance(part, str) else part for part in line.parts)
        for line in distinct
    ]
    return sorted((render(parts, cells, own_name), parts) for parts in labelled)


def first_degree_hash(name: str, lines: Iterable[Line], cells: Sequence[bytes]) -> bytes:
    seen = seen_from(name)
    return sha256(
        b"".join(sorted(render(line.parts, cells, seen) for line in lines if name in line.blanks))
    ).digest()


def labels_by(hashes: dict[str, bytes]) -> dict[str, bytes]:
    """Canonical labels in the order of the hashes, which must all differ (RDFC-1.0, 4.4.3)."""
    if len(set(hashes.values())) < len(hashes):
        raise NeedFull("blank_nodes_look_alike")
    ranked = sorted(hashes, key=hashes.__getitem__)
    return {name: b"_:c14n%d" % rank for rank, name in enumerate(ranked)}
