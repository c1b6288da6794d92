"""Small shapes that cross the borders between apps."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Record:
    """Something the portal itself knows and can vouch for, offered as evidence for a badge.

    `facts` is what the reviewer sees, kept when the record is later deleted; it never names or
    describes a third person.
    """

    record_id: UUID
    kind: str  # a value of badges.enums.EvidenceKind
    title: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StartItem:
    """One line of the start page: what waits for this person, and where to do it."""

    title: str
    detail: str
    url: str
    tone: str = "wait"
    word: str = ""
    since: dt.datetime | None = None

    @property
    def tag_word(self) -> str:
        """The word in the tag; colour is never the only sign."""
        if self.word:
            return self.word
        words = {"attention": _("Needs you"), "wait": _("Waiting"), "ok": _("Done")}
        return words.get(self.tone, _("For you"))
