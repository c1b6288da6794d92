"""Search in the bundled list of ESCO skills, skill groups and occupations; nothing is asked online.

Source: ESCO, the European classification of skills, competences and occupations.
"""

import functools
import tomllib
from dataclasses import asdict, dataclass

from badges.selectors.catalogue import content_folder

FILE = "esco.toml"
MOST_FOUND = 30


@dataclass(frozen=True)
class EscoEntry:
    """One concept as it stands in the alignments of a version."""

    uri: str
    label: str
    kind: str  # skill, skill_group or occupation

    def as_alignment(self) -> dict[str, str]:
        return asdict(self)


@functools.lru_cache(maxsize=1)
def esco_entries() -> dict[str, EscoEntry]:
    """All of the list by address, in the order of their labels; read once for each process."""
    data = tomllib.loads((content_folder() / FILE).read_text(encoding="utf-8"))
    found = [EscoEntry(**one) for one in data["entries"]]
    return {one.uri: one for one in sorted(found, key=lambda one: one.label)}


def find_esco(words: str) -> list[EscoEntry]:
    """Entries whose label holds every word, or begins of words; all of them without words."""
    asked = words.casefold().split()[:10]
    found = [
        one
        for one in esco_entries().values()
        if all(word in one.label.casefold() for word in asked)
    ]
    return found[:MOST_FOUND]
