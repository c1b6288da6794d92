"""The input gate: what a JSON document may hold before it is signed or verified.

JSON-LD libraries disagree about rare input (control characters, odd identifiers, long numbers,
blank-node labels), and they drop silently what they do not understand. Whatever they could disagree
about, or could leave out of the signed bytes, is refused here before they see it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from badges.openbadges.contexts import (
    CREDENTIALS_V2,
    OPEN_BADGES_CONTEXTS,
    OPEN_BADGES_EXTENSIONS,
    ContextSet,
)
from badges.openbadges.errors import BadValue, UnknownContext

# C0 controls but tab, line feed and carriage return; DEL; surrogates; non-characters.
_FORBIDDEN_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
# RFC 3987, an absolute IRI: scheme, colon and at least one character. No white space, no control
# characters and none of the delimiters that N-Quads would have to escape.
_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f-\xa0<>\"{}|\\^`]+")
# Keywords that may be written out, and only in a value object (JSON-LD 1.1, 4.2).
_VALUE_KEYWORDS = frozenset({"@value", "@language", "@direction"})
_IN_ENDORSEMENT = re.compile(r"(.*\.)?endorsement(\.\d+)?\.@context", re.DOTALL)
_ENDORSEMENT_CONTEXTS = OPEN_BADGES_CONTEXTS | {OPEN_BADGES_EXTENSIONS}
_SMALLEST, _LARGEST = 0.01, 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much work a document may ask for; sizes are generous for an Open Badge."""

    max_bytes: int = 262_144
    max_depth: int = 24
    max_blank_nodes: int = 256
    max_quads: int = 4_096
    # Blank nodes that look alike at first sight; canonicalisation tries their orders one by one.
    max_alike: int = 5


LIMITS = Limits()


def is_absolute_iri(text: object) -> bool:
    return isinstance(text, str) and _ABSOLUTE_IRI.fullmatch(text) is not None


def check_text(text: str, where: str = "") -> str:
    """The text itself; raises BadValue for characters that libraries sign differently."""
    if text.isascii() and text.isprintable():  # most texts, and much faster than searching
        return text
    found = _FORBIDDEN_TEXT.search(text)
    if found:
        raise BadValue("forbidden_character", where=where, character=f"U+{ord(found.group()):04X}")
    return text


def check_iri(text: object, where: str = "") -> str:
    """An absolute IRI as text; raises BadValue."""
    if not isinstance(text, str) or not is_absolute_iri(text):
        raise BadValue("not_absolute_iri", where=where, value=text)
    return check_text(text, where)


def check_document(
    document: Mapping[str, Any], contexts: ContextSet, limits: Limits = LIMITS
) -> None:
    """Raises BadValue or UnknownContext unless everything in the document is beyond dispute."""
    check_contexts(document.get("@context"), contexts)
    for key, value in document.items():
        if key != "@context":
            _check_member(key, value, key, document, limits.max_depth - 1)


def check_contexts(value: object, contexts: ContextSet) -> list[str]:
    """The contexts of a document: a list of known addresses, each once, nothing inline."""
    if not isinstance(value, list) or not value:
        raise UnknownContext("no_context", "a list of contexts is needed")
    for one in value:
        if not isinstance(one, str):
            raise UnknownContext("inline_context", "contexts are not read from the document")
        if one not in contexts:
            raise UnknownContext("unknown_context", context=one)
    if len(set(value)) != len(value):
        raise UnknownContext("repeated_context")
    return value


def _check_member(
    key: object, value: object, where: str, parent: Mapping[str, Any], depth: int
) -> None:
    if not isinstance(key, str) or not key:
        raise BadValue("bad_property_name", where=where)
    check_text(key, where)
    if key == "@context":
        _check_inner_context(value, where)
        return
    if key.startswith("@") and not (key in _VALUE_KEYWORDS and "@value" in parent):
        raise BadValue("keyword_not_allowed", where=where)
    _check_value(value, where, depth)


def _check_inner_context(value: object, where: str) -> None:
    """Only an embedded endorsement bears contexts of its own, and only the usual ones."""
    if not _IN_ENDORSEMENT.fullmatch(where):
        raise UnknownContext("inline_context", "a context inside the document", where=where)
    if not isinstance(value, list) or value[:1] != [CREDENTIALS_V2]:
        raise UnknownContext("inline_context", "not the contexts of an endorsement", where=where)
    others = value[1:]
    if not all(isinstance(one, str) and one in _ENDORSEMENT_CONTEXTS for one in others):
        raise UnknownContext("unknown_context", where=where)
    if len(set(others)) != len(others):
        raise UnknownContext("repeated_context", where=where)


def _check_value(value: object, where: str, depth: int) -> None:
    if depth < 0:
        raise BadValue("too_deep", where=where)
    if isinstance(value, str):
        check_text(value, where)
    elif isinstance(value, bool):
        pass
    elif isinstance(value, int | float):
        _check_number(value, where)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            _check_member(key, member, f"{where}.{key}", value, depth - 1)
    elif isinstance(value, list):
        _check_list(value, where, depth)
    else:  # null and foreign types: JSON-LD drops them, so they would not be signed
        raise BadValue("value_not_allowed", where=where, kind=type(value).__name__)


def _check_list(value: list[Any], where: str, depth: int) -> None:
    if not value:
        raise BadValue("empty_list", "an empty list is not covered by a signature", where=where)
    for place, member in enumerate(value):
        if isinstance(member, list):
            raise BadValue("list_in_list", where=where)
        _check_value(member, f"{where}.{place}", depth - 1)


def _check_number(value: int | float, where: str) -> None:
    """Numbers that every library writes alike: 0, or 0.01 to 1,000,000 with two decimals."""
    if value == 0 and isinstance(value, int):
        return
    if not _SMALLEST <= value <= _LARGEST or round(value, 2) != value:
        raise BadValue("number_not_allowed", where=where, value=value)


def parse_json(
    data: bytes, *, max_bytes: int = LIMITS.max_bytes, max_depth: int = LIMITS.max_depth
) -> dict[str, Any]:
    """One JSON object from bytes; raises BadValue for anything else.

    Strict where lenient readers differ: UTF-8 only, no member twice, no NaN or Infinity.
    """
    if len(data) > max_bytes:
        raise BadValue("too_large", size=len(data), max_bytes=max_bytes)
    try:
        document = json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant
        )
    except UnicodeDecodeError:
        raise BadValue("not_utf8") from None
    except RecursionError:
        raise BadValue("too_deep") from None
    except ValueError as error:  # also numbers with thousands of digits
        raise BadValue("not_json", str(error)) from None
    if not isinstance(document, dict):
        raise BadValue("not_an_object")
    _check_depth(document, max_depth)
    return document


def _check_depth(value: object, left: int) -> None:
    if left < 0:
        raise BadValue("too_deep")
    members = value.values() if isinstance(value, dict) else value
    if isinstance(members, list) or isinstance(value, dict):
        for member in members:  # type: ignore[attr-defined]
            _check_depth(member, left - 1)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadValue("repeated_member", "a member of a JSON object is there twice")
    return found


def _constant(name: str) -> NoReturn:
    raise BadValue("not_json", f"{name} is not a JSON number")
