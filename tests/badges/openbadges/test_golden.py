"""The stored bytes of one badge and one list, kept: they must never change by accident.

Credentials in the wild were signed by earlier versions of this code. If these bytes change, repeat
signing (after a crash, or with a new key) would make another document than people hold.
"""

from pathlib import Path

from badges.openbadges.canonical import canonicalise
from badges.openbadges.documents import serialise
from tests.badges.openbadges.facts import LIST_URL, World, signed, status_list

FOLDER = Path(__file__).parent / "golden"


def test_a_badge() -> None:
    assert serialise(signed()) == (FOLDER / "badge.json").read_bytes()


def test_its_canonical_text() -> None:
    document = signed()
    document.pop("proof")
    assert canonicalise(document).encode() == (FOLDER / "badge.nq").read_bytes()


def test_a_status_list_says_the_same() -> None:
    """Not byte by byte: another version of zlib may pack the same bits differently."""
    stored = (FOLDER / "status-list.json").read_bytes()
    world = World(lists={LIST_URL: stored})
    assert world.verify(signed()).check("status").code == "not_revoked"
    kept, made = stored.decode(), serialise(status_list(7, 131_071)).decode()
    assert kept.partition('"encodedList"')[0] == made.partition('"encodedList"')[0]


def test_the_kept_badge_still_verifies() -> None:
    assert World().verify((FOLDER / "badge.json").read_bytes()).outcome == "valid"
