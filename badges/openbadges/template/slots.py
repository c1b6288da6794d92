"""Slots: the JSON strings of a document that differ from one credential to the next.

A slot is filled with a *cell*, the bytes between its delimiters. For all text that the gate lets
through, JSON and N-Quads escape alike (only \\t, \\n, \\r, the quotation mark and the backslash are
escaped), so the same cell serves both.
"""

import json
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from badges.openbadges.contexts import ContextSet
from badges.openbadges.gate import check_text

Path = tuple[str | int, ...]

# Identifiers that every library reads as they stand: no user part, no address in brackets, only
# ASCII, whole percent escapes. Others are not wrong, but take the full path.
_PATH = r"[A-Za-z0-9._~!$&'()*+,;=:@/-]*(?:%[0-9A-Fa-f]{2}[A-Za-z0-9._~!$&'()*+,;=:@/-]*)*"
_REST = rf"(?:\?{_PATH})?(?:#{_PATH})?"
_IRI_FORMS = {
    "https": rf"https://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?(?:/{_PATH})?{_REST}",
    "http": rf"http://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?(?:/{_PATH})?{_REST}",
    "urn": rf"urn:[A-Za-z0-9-]+:[A-Za-z0-9]{_PATH}{_REST}",
    "did": rf"did:[a-z0-9]+:[A-Za-z0-9]{_PATH}{_REST}",
}


class NeedFull(Exception):
    """The template cannot answer for this document; `reason` is a word for logs and tests."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason.replace("_", " "))


class Kind(Enum):
    """What a slot becomes in RDF."""

    IRI = "iri"
    LITERAL = "literal"


def with_values(
    document: Mapping[str, Any], paths: Sequence[Path], values: Sequence[Any]
) -> dict[str, Any]:
    """A copy of the document with other texts in its slots; raises NeedFull for a missing slot."""
    copy: dict[str, Any] = json.loads(json.dumps(document))
    for path, value in zip(paths, values, strict=True):
        holder, last = _holder(copy, path)
        holder[last] = value
    return copy


def value_at(document: Mapping[str, Any], path: Path) -> str:
    """The text in a slot; raises NeedFull."""
    holder, last = _holder(document, path)
    found: str = holder[last]
    return found


def _holder(document: Any, path: Path) -> tuple[Any, str | int]:
    node = document
    for step in path[:-1]:
        node = _member(node, step)
    if not isinstance(_member(node, path[-1]), str):
        raise NeedFull("slot_is_no_text")
    return node, path[-1]


def _member(node: Any, step: str | int) -> Any:
    try:
        return node[step]
    except (KeyError, IndexError, TypeError):
        raise NeedFull("slot_is_missing") from None


def check_schemes(names: Sequence[str], contexts: ContextSet) -> None:
    """Raises NeedFull when a term of these contexts could be taken for the scheme of an identifier.

    Such a value would be read as a compact IRI (JSON-LD 1.1, 4.1.5) and become another one.
    """
    terms: set[str] = set()
    for name in names:
        _collect_terms(contexts[name], terms)
    if set(_IRI_FORMS) & {term.partition(":")[0] for term in terms}:
        raise NeedFull("scheme_is_a_term")


def _collect_terms(node: Any, terms: set[str]) -> None:
    if isinstance(node, Mapping):
        terms.update(node)
        for member in node.values():
            _collect_terms(member, terms)
    elif isinstance(node, list):
        for member in node:
            _collect_terms(member, terms)


class Cells:
    """Checks the values of one template's slots and turns them into cells."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._iris = [place for place, kind in enumerate(kinds) if kind is Kind.IRI]
        forms = "|".join(_IRI_FORMS.values())
        # Each followed by a space, which none can hold, and exactly as many as there are slots.
        self._pattern = re.compile(rf"(?:(?:{forms}) ){{{len(self._iris)}}}")

    def of(self, values: Sequence[str]) -> list[bytes]:
        """One cell for each value; raises BadValue for text that is never signed, or NeedFull."""
        try:
            text = "".join(values)
        except TypeError:
            raise NeedFull("value_is_no_text") from None
        if self._pattern.fullmatch("".join([f"{values[place]} " for place in self._iris])) is None:
            raise NeedFull("identifier_out_of_the_ordinary")
        if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
            return [value.encode() for value in values]
        return [escaped(value) for value in values]


def escaped(text: str) -> bytes:
    """The text as it stands between quotation marks, in JSON and in N-Quads; raises BadValue."""
    return json.dumps(check_text(text), ensure_ascii=False)[1:-1].encode()
