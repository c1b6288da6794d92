"""Templates kept in the memory of a process, and nowhere else."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any

from badges.openbadges.contexts import KNOWN_CONTEXTS, ContextSet
from badges.openbadges.documents import serialise
from badges.openbadges.template.compile import compile_template, context_names
from badges.openbadges.template.signing import Template
from badges.openbadges.template.slots import NeedFull, Path, with_values

# Part of every key: change it with anything that changes what a template writes.
CODE_VERSION = "1"
MOST_TEMPLATES = 64


class KnownTemplates:
    """Compiles once for each form of document; holds the ones used last."""

    def __init__(
        self, *, contexts: ContextSet = KNOWN_CONTEXTS, most: int = MOST_TEMPLATES
    ) -> None:
        self.contexts = contexts
        self._most = most
        self._found: OrderedDict[str, Template | NeedFull] = OrderedDict()
        self._lock = Lock()

    def template(self, document: Mapping[str, Any], slots: Mapping[str, Path]) -> Template:
        """The template for documents of this form; raises NeedFull, also from memory."""
        key = template_key(document, slots, self.contexts)
        found = self._found.get(key)
        if found is None:
            try:
                found = compile_template(document, slots, contexts=self.contexts)
            except NeedFull as refusal:
                found = refusal
        self._keep(key, found)
        if isinstance(found, NeedFull):
            raise NeedFull(found.reason)
        return found

    def accepting(self, text: bytes, public_key: bytes) -> Template | None:
        """The template that recognises a signed text, see `Template.accepts`."""
        with self._lock:
            latest_first = list(reversed(self._found.items()))
        for key, found in latest_first:
            if isinstance(found, Template) and found.accepts(text, public_key):
                self._keep(key, found)
                return found
        return None

    def _keep(self, key: str, found: Template | NeedFull) -> None:
        with self._lock:
            self._found[key] = found
            self._found.move_to_end(key)
            if len(self._found) > self._most:
                self._found.popitem(last=False)


def template_key(
    document: Mapping[str, Any], slots: Mapping[str, Path], contexts: ContextSet
) -> str:
    """SHA-256 over all that a template depends on but the values in its slots; raises NeedFull."""
    emptied = with_values(document, tuple(slots.values()), [""] * len(slots))
    names = context_names(document, contexts)
    parts = (
        serialise(emptied),
        json.dumps([[name, *path] for name, path in slots.items()]).encode(),
        _context_hash(names, contexts),
        CODE_VERSION.encode(),
    )
    return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()


@lru_cache(maxsize=64)
def _context_hash(names: tuple[str, ...], contexts: ContextSet) -> bytes:
    return sha256(json.dumps([contexts[name] for name in names]).encode()).digest()


TEMPLATES = KnownTemplates()
