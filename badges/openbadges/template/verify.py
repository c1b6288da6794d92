"""Verifying one's own signed documents fast: by recognising them.

A text that a template writes byte for byte the same, and whose signature then matches, is accepted.
Everything else goes the full path, so a template can never refuse anything, and gives no new error.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from badges.openbadges.documents import parse_json
from badges.openbadges.proof import verify_proof
from badges.openbadges.template.badges import badge_slots
from badges.openbadges.template.known import KnownTemplates, template_key
from badges.openbadges.template.slots import NeedFull, Path

# A template costs about as much as this many verifications by the full path.
WORTH_LEARNING = 5
_MOST_SEEN = 256


class OwnProofs:
    """Does what `verify_proof` does; learns the form of documents that come again and again.

    A form is learned from documents that the full path accepted only, so strangers can teach
    nothing.
    """

    def __init__(
        self,
        known: KnownTemplates,
        *,
        learn_after: int = WORTH_LEARNING,
        slots: Callable[[Mapping[str, Any]], Mapping[str, Path]] = badge_slots,
    ) -> None:
        self._known = known
        self._learn_after = learn_after
        self._slots = slots
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()

    def verify(self, text: bytes, public_key: bytes) -> bool:
        """Returns when the one proof in the text was made with this key: True by a template.

        Raises exactly what `verify_proof(parse_json(text), public_key)` raises.
        """
        if self._known.accepting(text, public_key) is not None:
            return True
        document = parse_json(text)
        verify_proof(document, public_key, contexts=self._known.contexts)
        self._learn({name: value for name, value in document.items() if name != "proof"})
        return False

    def _learn(self, document: Mapping[str, Any]) -> None:
        slots = self._slots(document)
        try:
            key = template_key(document, slots, self._known.contexts)
            if self._times_seen(key) >= self._learn_after:
                self._known.template(document, slots)
        except NeedFull:
            pass  # documents of this form go the full path for ever

    def _times_seen(self, key: str) -> int:
        with self._lock:
            times = self._seen.get(key, 0) + 1
            self._seen[key] = times
            self._seen.move_to_end(key)
            if len(self._seen) > _MOST_SEEN:
                self._seen.popitem(last=False)
        return times
