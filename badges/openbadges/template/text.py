"""The stored JSON text of a signed document, with slots."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from badges.openbadges.documents import serialise
from badges.openbadges.template.plan import pattern

_QUOTE, _BACKSLASH = b'"', b"\\"


class SlottedText:
    """Writes the bytes that `serialise` would write, and reads them back.

    Every marker stands in the document exactly once, as a whole string.
    """

    def __init__(self, document: Mapping[str, Any], markers: Sequence[str]) -> None:
        either = "|".join(map(re.escape, markers)).encode()
        places = {marker.encode(): place for place, marker in enumerate(markers)}
        pieces = re.split(b"(%b)" % either, serialise(document))
        self._order = [places[piece] for piece in pieces[1::2]]
        self._between = pieces[::2]
        parts: list[bytes | int] = [
            places[piece] if number % 2 else piece for number, piece in enumerate(pieces)
        ]
        self.write = pattern(parts)

    def read(self, text: bytes) -> list[bytes] | None:
        """The cells as they stand in a text, unchecked; None when the text is of another form."""
        cells = [b""] * len(self._order)
        start = len(self._between[0])
        if not text.startswith(self._between[0]):
            return None
        for place, following in zip(self._order, self._between[1:], strict=True):
            end = _end_of_string(text, start)
            if not text.startswith(following, end):
                return None
            cells[place] = text[start:end]
            start = end + len(following)
        return cells if start == len(text) else None


def _end_of_string(text: bytes, start: int) -> int:
    """Where the closing quotation mark stands, or the end of the text."""
    end = text.find(_QUOTE, start)
    while end > start and _is_escaped(text, start, end):
        end = text.find(_QUOTE, end + 1)
    return end if end >= 0 else len(text)


def _is_escaped(text: bytes, start: int, end: int) -> bool:
    before = text[start:end]
    return (len(before) - len(before.rstrip(_BACKSLASH))) % 2 == 1
