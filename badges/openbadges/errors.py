"""What can be wrong with a credential, a key or a list, as words that programs can tell apart.

Every error bears a stable `code` in snake case and the `facts` it is about. The English message is
for logs and developers; what people read is worded by whoever shows it.
"""

from typing import Any


class OpenBadgesError(Exception):
    """Something is not as the standards, or our stricter rules for safe signing, ask."""

    def __init__(self, code: str, message: str = "", **facts: Any) -> None:
        self.code = code
        self.facts = facts
        self.message = message or code.replace("_", " ")
        super().__init__(self.message)

    def __str__(self) -> str:
        if not self.facts:
            return self.message
        told = ", ".join(f"{name}={value!r:.120}" for name, value in self.facts.items())
        return f"{self.message} ({told})"


class UndefinedTerm(OpenBadgesError):
    """A property or type that no context defines: a signature would silently leave it out."""


class UnknownContext(OpenBadgesError):
    """A context that is not among the pinned ones, or one written inline."""


class BadValue(OpenBadgesError):
    """A value that cannot be signed or read safely: text, identifier, number, moment, shape."""


class BadKey(OpenBadgesError):
    """Not an Ed25519 key, or a key that would accept forged signatures."""


class BadProof(OpenBadgesError):
    """A proof that is malformed, of another kind than we accept, or does not match."""


class BadStatusList(OpenBadgesError):
    """A status list that cannot be read, or an index outside it."""
