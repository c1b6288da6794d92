"""Filling lines fast: the order of the statements is worked out once and remembered.

Canonical labels and the order of lines do change from one credential to the next, but there are few
arrangements. Which one holds follows from three comparisons: the hashes of the blank nodes, the
identifiers that statements are about, and the values of one property of one node.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from itertools import combinations
from operator import itemgetter

from badges.openbadges.template.lines import (
    END,
    Line,
    Term,
    canonical_order,
    first_degree_hash,
    labels_by,
    seen_from,
)
from badges.openbadges.template.slots import NeedFull

# Arrangements kept in memory, about 10 kB each.
MOST_LAYOUTS = 512

Cells = Sequence[bytes]


class Filler:
    """Gives the canonical text, or its SHA-256, of a document whose slots hold these cells."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        blanks = sorted({name for line in lines for name in line.blanks})
        touched = {name: [line for line in lines if name in line.blanks] for name in blanks}
        moving = [name for name in blanks if any(_slots_of(line) for line in touched[name])]
        fixed = {name: first_degree_hash(name, lines, ()) for name in set(blanks) - set(moving)}
        labels_by(fixed)  # nodes that look alike always do
        self._fixed_hashes = list(fixed.values())
        self._hashers = [_hasher(name, touched[name]) for name in moving]
        self._orderings = [_Ordering(terms) for terms in _rivals(lines)]
        self._layouts: dict[tuple[tuple[int, ...], ...], _Layout] = {}

    def digest(self, cells: Cells) -> bytes:
        """SHA-256 of the canonical text; raises NeedFull when blank nodes look alike."""
        layout = self._layout(cells)
        return sha256(self._carefully(cells)).digest() if layout is None else layout.digest(cells)

    def text(self, cells: Cells) -> bytes:
        """The canonical text itself; raises NeedFull."""
        layout = self._layout(cells)
        return self._carefully(cells) if layout is None else layout.text(cells)

    def _carefully(self, cells: Cells) -> bytes:
        return b"".join(line for line, _parts in canonical_order(self._lines, cells))

    def _layout(self, cells: Cells) -> "_Layout | None":
        """None when a fill made two terms equal, so that nodes or statements may be one."""
        orders = [ordering.of(cells) for ordering in self._orderings]
        if None in orders:
            return None
        hashes = self._fixed_hashes + [hasher(cells) for hasher in self._hashers]
        ranks = _ranks(hashes)
        if ranks is None:
            raise NeedFull("blank_nodes_look_alike")
        key = (ranks, *orders)
        found = self._layouts.get(key)  # type: ignore[arg-type]
        if found is None:
            if len(self._layouts) >= MOST_LAYOUTS:
                self._layouts.clear()
            found = _Layout(parts for _line, parts in canonical_order(self._lines, cells))
            self._layouts[key] = found  # type: ignore[index]
        return found


class _Layout:
    """All lines in one known arrangement, as a single pattern."""

    def __init__(self, lines: Iterable[Term]) -> None:
        parts = [part for line in lines for part in line]
        slots = [place for place, part in enumerate(parts) if isinstance(part, int)]
        first = slots[0] if slots else len(parts)
        self._head = b"".join(part for part in parts[:first] if isinstance(part, bytes))
        # What every credential begins with is hashed once.
        self._state = sha256(self._head)
        self._fill = pattern(parts[first:])

    def digest(self, cells: Cells) -> bytes:
        state = self._state.copy()
        state.update(self._fill(cells))
        return state.digest()

    def text(self, cells: Cells) -> bytes:
        return self._head + self._fill(cells)


class _Ordering:
    """The order of terms of which at least one changes with the slots."""

    def __init__(self, terms: Sequence[Term]) -> None:
        self._fixed = [_static(term) for term in terms if not _has_slot(term)]
        self._changing = [pattern(term) for term in terms if _has_slot(term)]

    def of(self, cells: Cells) -> tuple[int, ...] | None:
        return _ranks(self._fixed + [fill(cells) for fill in self._changing])


def _ranks(items: list[bytes]) -> tuple[int, ...] | None:
    """Places in sorted order; None when two are equal."""
    if len(set(items)) < len(items):
        return None
    return tuple(sorted(range(len(items)), key=items.__getitem__))


def _rivals(lines: Sequence[Line]) -> list[list[Term]]:
    """Sets of terms whose order decides the order of lines and which a fill could make equal.

    Blank nodes stand apart: their labels are ranked by their hashes, they sort after everything
    else, and they never become equal to another term.
    """
    subjects = {line.subject for line in lines}
    values: dict[tuple[Term, bytes], set[Term]] = {}
    for line in lines:
        values.setdefault((line.subject, line.predicate), set()).add((*line.object, END))
    found = []
    for terms in [{(*one, b" ") for one in subjects}, *values.values()]:
        named = [one for one in terms if not any(isinstance(part, str) for part in one)]
        if len(named) > 1 and any(_has_slot(one) for one in named):
            found.append(sorted(named, key=repr))
    return found


def _hasher(name: str, lines: Sequence[Line]) -> Callable[[Cells], bytes]:
    """The first-degree hash of a blank node, for cells that make no two lines equal."""
    label = seen_from(name)
    seen = [
        tuple(label(part) if isinstance(part, str) else part for part in line.parts)
        for line in lines
    ]
    if all(_differ_early(one, other) for one, other in combinations(seen, 2)):
        fill = pattern([part for parts in sorted(seen, key=_beginning) for part in parts])
        return lambda cells: sha256(fill(cells)).digest()
    fills = [pattern(parts) for parts in seen]
    return lambda cells: sha256(b"".join(sorted(fill(cells) for fill in fills))).digest()


def _differ_early(one: Term, other: Term) -> bool:
    """Whether the order of two lines is settled before the first slot of either."""
    first, second = _beginning(one), _beginning(other)
    return not (first.startswith(second) or second.startswith(first))


def _beginning(parts: Term) -> bytes:
    """What stands before the first slot."""
    found = []
    for part in parts:
        if not isinstance(part, bytes):
            break
        found.append(part)
    return b"".join(found)


def pattern(parts: Sequence[object]) -> Callable[[Cells], bytes]:
    """A function that writes these parts with the given cells in their slots."""
    slots = [part for part in parts if isinstance(part, int)]
    text = b"".join(
        part.replace(b"%", b"%%") if isinstance(part, bytes) else b"%b" for part in parts
    )
    if not slots:
        constant = text % ()
        return lambda cells: constant
    if len(slots) == 1:
        (only,) = slots
        return lambda cells: text % cells[only]
    pick = itemgetter(*slots)
    return lambda cells: text % pick(cells)


def _slots_of(line: Line) -> bool:
    return _has_slot(line.subject) or _has_slot(line.object)


def _has_slot(term: Term) -> bool:
    return any(isinstance(part, int) for part in term)


def _static(term: Term) -> bytes:
    return b"".join(part for part in term if isinstance(part, bytes))
