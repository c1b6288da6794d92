"""The quick way gives the very text of the reference, or nothing at all: whatever is sent in."""

import copy
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badges.openbadges import quick
from badges.openbadges.canonical import canonicalise
from badges.openbadges.contexts import (
    CREDENTIALS_V2,
    DID_V1,
    OPEN_BADGES,
    OPEN_BADGES_3_0_1,
    OPEN_BADGES_3_0_2,
    OPEN_BADGES_EXTENSIONS,
)
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.gate import Limits
from badges.openbadges.quick import quick_canonicalise
from tests.badges.openbadges.facts import signed, spec, status_list


def unsigned(document):
    return {name: value for name, value in document.items() if name != "proof"}


def options_of(document):
    proof = {name: value for name, value in document["proof"].items() if name != "proofValue"}
    return {"@context": document["@context"], **proof}


def without(document, member):
    """A copy whose achievement lacks a member that older vocabularies do not have."""
    document = copy.deepcopy(document)
    del document["credentialSubject"]["achievement"][member]
    return document


BADGE = unsigned(signed())
DOCUMENTS = {
    "badge": BADGE,
    "list": unsigned(status_list(7, 99)),
    "options": options_of(signed()),
    "old vocabulary": {
        **without(BADGE, "inLanguage"),
        "@context": [CREDENTIALS_V2, OPEN_BADGES_3_0_2],
    },
    "extensions": {**BADGE, "@context": [CREDENTIALS_V2, OPEN_BADGES, OPEN_BADGES_EXTENSIONS]},
}


def reference(document):
    """The text of the reference, or None where it refuses."""
    try:
        return canonicalise(document)
    except OpenBadgesError:
        return None


def agrees(document) -> bool:
    """The one law: an answer is the reference's answer. True when there was one."""
    found = quick_canonicalise(document)
    if found is not None:
        assert found == reference(document)
    return found is not None


@pytest.mark.parametrize("name", DOCUMENTS)
def test_everyday_documents_take_the_quick_way(name):
    assert agrees(DOCUMENTS[name])


@pytest.mark.parametrize(
    "name", ["complete", "simple", "simple-did-key-method", "endorsement-valid"]
)
def test_the_standards_own_examples(name):
    document = json.loads(spec(f"ob3/fixtures-1edtech/{name}.json").read_text())
    agrees(unsigned(document))


def places(value, path=()):
    """The way to every member of a document, leaves and branches."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, step))


ODD = [
    None,
    True,
    False,
    0,
    7,
    -1,
    0.5,
    3.0,
    1e21,
    10**22,
    "",
    " ",
    "_:b0",
    "@id",
    "@type",
    "@json",
    "text",
    "a:b",
    "xsd:date",
    "sec:x",
    "ext:Occupation",
    "urn:x",
    "https://e.example/a b",
    "https://e.example/<x>",
    "relative/path",
    "relative-reference:x",
    "//host/x",
    "#fragment",
    "did:web:e.example",
    'quote " and \\ and \n \r \t end',
    "\u0085\u2028‮é😀",
    "\x00",
    "\x7f",
    "\ufffe",
    "\ud800",
    "1.0E0",
    "NaN",
    [],
    {},
    [[]],
    ["a", "a"],
    ["a", 1, True],
    {"id": "urn:x"},
    {"id": "_:x"},
    {"id": 5},
    {"type": "Achievement"},
    {"type": ["Profile", "Achievement"]},
    {"type": "Unknown"},
    {"type": []},
    {"type": [5]},
    {"@value": "x"},
    {"@value": "x", "@language": "en"},
    {"@id": "urn:x"},
    {"@list": ["a"]},
    {"@set": ["a"]},
    {"@graph": []},
    {"@context": {}},
    {"@context": [CREDENTIALS_V2, OPEN_BADGES], "id": "urn:x", "name": "x"},
    {"name": "x", "unknown": "y"},
    {"id": "urn:x", "type": "Profile", "name": ["x", "y"]},
    {"narrative": "same"},
    [{"narrative": "same"}, {"narrative": "same"}],
    [{"narrative": "one"}, {"narrative": "two"}],
]
NAMES = [
    "name",
    "type",
    "id",
    "@type",
    "@id",
    "proof",
    "achievement",
    "endorsement",
    "xsd:x",
    "foo",
]
NAMES += ["https://schema.org/name", "statusPurpose", "issuer", "proofPurpose", "credentialSchema"]
NAMES += ["@context", "_sd", "...", "cnf", "@included", "@reverse", "@nest", "@index", "1"]
CONTEXTS = [CREDENTIALS_V2, OPEN_BADGES, OPEN_BADGES_3_0_1, OPEN_BADGES_EXTENSIONS, DID_V1]
PLACES = {name: list(places(document)) for name, document in DOCUMENTS.items()}


def at(document, path):
    for step in path:
        document = document[step]
    return document


def mutate(document, chance, name):
    """One random change: another value, a member gone, renamed, added or moved, other contexts."""
    document = copy.deepcopy(document)
    path = chance.choice(PLACES[name])
    try:
        parent = at(document, path[:-1])
        kind = chance.randrange(6)
        if kind == 0:
            parent[path[-1]] = copy.deepcopy(chance.choice(ODD))
        elif kind == 1:
            del parent[path[-1]]
        elif kind == 2 and isinstance(parent, dict):
            parent[chance.choice(NAMES)] = parent.pop(path[-1])
        elif kind == 3 and isinstance(parent, dict):
            parent[chance.choice(NAMES)] = copy.deepcopy(chance.choice(ODD))
        elif kind == 4:
            parent[path[-1]] = copy.deepcopy(at(document, chance.choice(PLACES[name])))
        else:
            document["@context"] = chance.sample(CONTEXTS, chance.randrange(1, 4))
    except (KeyError, IndexError, TypeError):
        pass  # an earlier change took the place away
    return document


@pytest.mark.parametrize("part", range(4))
def test_changed_documents_never_get_another_answer(part):
    """Hundreds of documents that are wrong in one to three ways."""
    chance = random.Random(part)
    answered = 0
    for _ in range(180):
        name = chance.choice(list(DOCUMENTS))
        document = DOCUMENTS[name]
        for _change in range(chance.randrange(1, 4)):
            document = mutate(document, chance, name)
        answered += agrees(document)
    assert answered > 10  # the law is not kept by silence


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_every_odd_value_in_typical_places(value):
    subject = BADGE["credentialSubject"]
    for document in (
        {**BADGE, "name": value},
        {**BADGE, "id": value},
        {**BADGE, "type": value},
        {**BADGE, "issuer": value},
        {**BADGE, "validFrom": value},
        {**BADGE, "evidence": value},
        {**BADGE, "credentialSubject": {**subject, "type": value}},
        {**BADGE, "credentialSubject": {**subject, "activityEndDate": value}},
        {**DOCUMENTS["options"], "proofPurpose": value},
        {**DOCUMENTS["options"], "cryptosuite": value},
    ):
        agrees(document)


texts = st.text(st.characters(exclude_categories=()), max_size=12)


@given(texts, texts, st.sampled_from(["name", "description", "id", "image", "creator"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_in_any_member(text, other, member):
    document = copy.deepcopy(BADGE)
    document["credentialSubject"]["achievement"][member] = text
    document["description"] = other
    agrees(document)


def test_blank_nodes_that_look_alike_are_left_to_the_reference():
    twins = [
        {"type": ["Evidence"], "narrative": "same"},
        {"type": ["Evidence"], "narrative": "same"},
    ]
    document = {**BADGE, "evidence": twins}
    assert quick_canonicalise(document) is None
    assert reference(document)


def test_a_node_said_twice_is_one_node():
    one = {"id": "urn:x:1", "type": ["Evidence"], "name": "A"}
    assert agrees({**BADGE, "evidence": [one, one, {"id": "urn:x:1", "narrative": "B"}]})


def test_contexts_within_are_left_to_the_reference():
    inner = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES],
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": "did:web:e.example",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "urn:x", "type": ["EndorsementSubject"]},
    }
    assert quick_canonicalise({**BADGE, "endorsement": [inner]}) is None


def test_limits_hold():
    assert quick_canonicalise(BADGE, Limits(max_quads=10)) is None
    assert quick_canonicalise(BADGE, Limits(max_blank_nodes=1)) is None
    assert quick_canonicalise(BADGE, Limits(max_depth=2)) is None


def test_what_is_remembered_stays_small(monkeypatch):
    monkeypatch.setattr(quick, "_plans", {})
    monkeypatch.setattr(quick, "_MOST_PLANS", 1)
    assert agrees(DOCUMENTS["badge"])
    assert quick_canonicalise(DOCUMENTS["old vocabulary"]) is None
    assert agrees(DOCUMENTS["badge"])
    monkeypatch.setattr(quick, "_plans", {})
    monkeypatch.setattr(quick, "_MOST_STATES", 2)
    assert quick_canonicalise(DOCUMENTS["badge"]) is None


def test_no_contexts_and_no_document():
    for document in ({}, {"@context": []}, {"@context": "x"}, {"@context": None}):
        assert quick_canonicalise(document) is None
    agrees({"@context": [CREDENTIALS_V2]})
