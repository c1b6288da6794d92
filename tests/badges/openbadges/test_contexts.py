"""Contexts come from the pinned files and from nowhere else."""

import hashlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest

from badges.openbadges import contexts
from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import KNOWN_CONTEXTS, PINNED, ContextSet, read_pinned
from badges.openbadges.errors import UnknownContext
from tests.badges.openbadges.facts import signed, spec


@pytest.mark.parametrize("url", PINNED)
def test_each_text_is_the_pinned_one(url: str) -> None:
    assert hashlib.sha256(read_pinned(url)).hexdigest() == PINNED[url][1]
    assert "@context" in KNOWN_CONTEXTS[url]


def test_a_changed_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    url = contexts.OPEN_BADGES
    monkeypatch.setitem(PINNED, url, (PINNED[url][0], "0" * 64))
    with pytest.raises(UnknownContext) as refused:
        read_pinned(url)
    assert refused.value.code == "changed_context"


def test_an_unknown_address_is_refused() -> None:
    for load in (read_pinned, KNOWN_CONTEXTS.load):
        with pytest.raises(UnknownContext) as refused:
            load("https://evil.example/context.json")
        assert refused.value.code == "unknown_context"


def test_the_loader_says_that_texts_never_change() -> None:
    loaded = KNOWN_CONTEXTS.load(contexts.CREDENTIALS_V2, {"headers": {}})
    assert loaded["tag"] == "static"
    assert loaded["documentUrl"] == contexts.CREDENTIALS_V2
    assert loaded["document"] is KNOWN_CONTEXTS[contexts.CREDENTIALS_V2]


def test_every_file_in_the_folder_is_pinned_and_named_in_the_sources() -> None:
    folder = Path(contexts.__file__).parent
    files = {path.name for path in folder.glob("*.json")}
    assert files == {name for name, _digest in PINNED.values()}
    sources = (folder / "SOURCES.md").read_text()
    assert all(f"`{name}`" in sources for name in files)


def test_what_one_set_knows_is_unknown_to_another() -> None:
    url = "https://www.w3.org/ns/credentials/examples/v2"
    wider = KNOWN_CONTEXTS.with_document(url, {"@context": {"@vocab": "https://example.org/#"}})
    assert url in wider
    assert url not in KNOWN_CONTEXTS
    assert wider.urls == KNOWN_CONTEXTS.urls | {url}
    document = {"@context": [contexts.CREDENTIALS_V2, url], "id": "urn:x:1", "colour": "red"}
    assert "https://example.org/#colour" in canonicalise(document, contexts=wider)
    with pytest.raises(UnknownContext):
        canonicalise(document)


def test_a_set_keeps_the_same_address_apart_from_another_set() -> None:
    url = "https://example.org/context"
    document = {"@context": [url], "id": "urn:x:1", "colour": "red"}
    found = []
    for meaning in ("https://example.org/a#", "https://example.org/b#"):
        one = ContextSet({url: {"@context": {"@vocab": meaning}}})
        found.append(canonicalise(document, contexts=one))
    assert "/a#colour" in found[0]
    assert "/b#colour" in found[1]


def test_no_connection_is_ever_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_named: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    document = signed()
    document.pop("proof")
    assert canonicalise(document)
    with pytest.raises(UnknownContext):
        canonicalise({**document, "@context": ["https://evil.example/context.json"]})


def test_the_older_text_of_3_0_3_gives_the_same_bytes() -> None:
    """Many wallets still keep it; nothing we write uses the two words it lacks."""
    older = json.loads(spec("ob3/context-3.0.3.before-2026-06-30.json").read_text())
    document = signed()
    document.pop("proof")
    both = ContextSet(
        {
            contexts.CREDENTIALS_V2: KNOWN_CONTEXTS[contexts.CREDENTIALS_V2],
            contexts.OPEN_BADGES: older,
        }
    )
    assert canonicalise(document, contexts=both) == canonicalise(document)
