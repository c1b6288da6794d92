"""What is remembered of the contexts that types bring never changes an answer."""

import random
from typing import Any

import pytest
from pyld.jsonld import JsonLdProcessor

from badges.openbadges import canonical
from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import CREDENTIALS_V2, KNOWN_CONTEXTS, ContextSet
from badges.openbadges.credential import build_credential
from badges.openbadges.errors import OpenBadgesError
from tests.badges.openbadges.facts import FACTS, signed, status_list
from tests.badges.openbadges.template_facts import SEED, hostile_badge

EXTRA = "https://extra.example/context"


def unsigned(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def documents() -> list[dict[str, Any]]:
    chance = random.Random(SEED)
    found = [build_credential(FACTS), unsigned(signed()), unsigned(status_list(7))]
    while len(found) < 12:
        try:
            found.append(build_credential(hostile_badge(chance)))
        except OpenBadgesError:
            continue
    return found


def without_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        canonical._SafeProcessor, "_process_context", JsonLdProcessor._process_context
    )


def test_the_same_text_with_and_without_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    some = documents()
    twice = [(canonicalise(one), canonicalise(one)) for one in some]
    without_memory(monkeypatch)
    assert twice == [(canonicalise(one),) * 2 for one in some]


def fresh() -> ContextSet:
    return ContextSet({url: KNOWN_CONTEXTS[url] for url in KNOWN_CONTEXTS.urls})


def labelled(address: str) -> ContextSet:
    """A set in which the labels of things are kept under this address."""
    thing = {"@id": "https://x.example/Thing", "@context": {"label": address}}
    return KNOWN_CONTEXTS.with_document(EXTRA, {"@context": {"Thing": thing}})


def test_memory_belongs_to_one_set_of_contexts() -> None:
    """The same type means something else in another set."""
    document = {
        "@context": [CREDENTIALS_V2, EXTRA],
        "id": "urn:uuid:1",
        "type": ["Thing"],
        "label": "x",
    }
    one, other = labelled("https://one.example/"), labelled("https://other.example/")
    for _ in range(2):
        assert '<https://one.example/> "x"' in canonicalise(document, contexts=one)
        assert '<https://other.example/> "x"' in canonicalise(document, contexts=other)
    assert canonical._SCOPED[one]
    assert not canonical._SCOPED[one].keys() & canonical._SCOPED[other].keys()


def test_memory_goes_with_its_contexts() -> None:
    contexts = fresh()
    canonicalise(unsigned(signed()), contexts=contexts)
    count = len(canonical._SCOPED)
    del contexts
    assert len(canonical._SCOPED) == count - 1


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "_MOST_SCOPED", 2)
    contexts = fresh()
    document = unsigned(signed())
    assert canonicalise(document, contexts=contexts) == canonicalise(document)
    assert len(canonical._SCOPED[contexts]) <= 2


def test_a_mistake_is_not_remembered() -> None:
    contexts = fresh()
    document = unsigned(signed())
    wrong = {**document, "issuer": {**document["issuer"], "unknown": "x"}}
    for _ in range(2):
        with pytest.raises(OpenBadgesError):
            canonicalise(wrong, contexts=contexts)
        assert canonicalise(document, contexts=contexts) == canonicalise(document)
