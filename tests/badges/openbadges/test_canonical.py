"""Canonical text: equal to other implementations', and nothing is left out silently."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from badges.openbadges.canonical import canonical_nquads, canonicalise, to_quads
from badges.openbadges.contexts import CREDENTIALS_V2, OPEN_BADGES
from badges.openbadges.errors import BadValue, OpenBadgesError, UndefinedTerm
from badges.openbadges.gate import Limits
from tests.badges.openbadges.facts import signed, spec


def unsigned() -> dict[str, Any]:
    document = copy.deepcopy(signed())
    document.pop("proof")
    return document


@pytest.mark.parametrize("name", ["credential", "endorsement"])
def test_equal_to_another_implementation(name: str) -> None:
    document = json.loads(spec(f"ob3/canonical/{name}.json").read_text())
    assert canonicalise(document) == spec(f"ob3/canonical/{name}.nq").read_text()


def test_control_characters_are_written_by_the_standard_but_refused_at_the_gate() -> None:
    document = json.loads(spec("ob3/canonical/escapes.json").read_text())
    expected = spec("ob3/canonical/escapes.nq").read_bytes().decode()
    assert canonical_nquads(to_quads(document)) == expected
    with pytest.raises(BadValue, match="forbidden character"):
        canonicalise(document)


def test_equal_to_the_implementation_guide() -> None:
    document = json.loads(spec("ob3/test-vector/signed-credential.json").read_text())
    document.pop("proof")
    expected = spec("ob3/test-vector/document-canon.txt").read_text()
    assert canonicalise(document).split() == expected.split()


def test_order_of_members_and_of_sets_does_not_matter() -> None:
    document = unsigned()
    turned = dict(reversed(document.items()))
    turned["evidence"] = document["evidence"][::-1]
    assert canonicalise(turned) == canonicalise(document)


def test_lines_are_sorted_and_each_ends_with_a_line_feed() -> None:
    lines = canonicalise(unsigned()).splitlines(keepends=True)
    assert lines == sorted(lines)
    assert all(line.endswith(" .\n") for line in lines)
    assert len(lines) == len(set(lines))


def test_the_document_is_not_changed() -> None:
    document = unsigned()
    before = copy.deepcopy(document)
    canonicalise(document)
    assert document == before


def test_direction_follows_the_i18n_datatype() -> None:
    document = {**unsigned(), "name": {"@value": "x", "@language": "ar", "@direction": "rtl"}}
    assert '"x"^^<https://www.w3.org/ns/i18n#ar_rtl>' in canonicalise(document)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ([], {"awardLevel": "gold"}),
        (["issuer"], {"trusted": True}),
        (["credentialSubject"], {"grade": "5"}),
        (["credentialSubject", "achievement"], {"level": 3}),
        (["credentialSubject", "achievement", "criteria"], {"passed": "yes"}),
        (["credentialSubject", "achievement", "alignment", 0], {"weight": 2}),
        (["credentialStatus"], {"revoked": False}),
    ],
)
def test_undefined_properties_are_refused(path: list[Any], value: dict[str, Any]) -> None:
    document = unsigned()
    node: Any = document
    for step in path:
        node = node[step]
    node.update(value)
    with pytest.raises(UndefinedTerm) as refused:
        canonicalise(document)
    assert refused.value.code == "undefined_property"


@pytest.mark.parametrize("place", ["document", "issuer", "credentialSubject"])
def test_undefined_types_are_refused(place: str) -> None:
    document = unsigned()
    node = document if place == "document" else document[place]
    node["type"] = [*node["type"], "GoldMedal"]
    with pytest.raises(UndefinedTerm) as refused:
        canonicalise(document)
    assert refused.value.code == "undefined_type"
    assert refused.value.facts == {"term": "GoldMedal"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["id"], "credentials/1"),
        (["id"], "_:b0"),
        (["id"], ""),
        (["id"], "https://portal.example/a b"),
        (["id"], "//evil.example/1"),
        (["id"], "?a=b"),
        (["id"], "relative-reference://here/1"),
        (["issuer", "id"], "#hamk"),
        (["issuer", "image"], "logo.png"),
        (["credentialSubject", "achievement", "image", "id"], "https://portal.example/<x>"),
        (["credentialStatus", "statusListCredential"], "status/1"),
    ],
)
def test_ids_that_are_not_absolute_are_refused(path: list[str], value: str) -> None:
    document = unsigned()
    node: Any = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    with pytest.raises(BadValue) as refused:
        canonicalise(document)
    assert refused.value.code == "not_absolute_iri"


@pytest.mark.parametrize(
    "members",
    [
        {"id": ["urn:x:1", "urn:x:2"]},
        {"id": {"a": "b"}},
        {"id": 5},
        {"type": [{"a": "b"}]},
        {"type": 5},
        {"type": {"id": "urn:x"}},
        {"validFrom": {"@value": {"a": "b"}}},
        {"validFrom": {"@value": "b", "name": "c"}},
        {"name": {"@value": "b", "@language": 5}},
        {"name": {"@value": "b", "@language": "not a language"}},
        {"name": {"@value": "b", "@direction": "up"}},
        {"name": {"@value": 5, "@language": "en"}},
    ],
    ids=str,
)
def test_malformed_json_ld_is_refused_in_our_words(members: dict[str, Any]) -> None:
    with pytest.raises(OpenBadgesError):
        canonicalise({**unsigned(), **members})


def test_an_absolute_property_is_covered_by_the_signature() -> None:
    document = {**unsigned(), "https://example.org/term#x": "y"}
    assert '<https://example.org/term#x> "y"' in canonicalise(document)
    with pytest.raises(UndefinedTerm):
        canonicalise({**unsigned(), "a b:c": "y"})


def nested(width: int, depth: int) -> dict[str, Any]:
    """Evidence in evidence, all alike: every level multiplies the orders to try."""
    node: dict[str, Any] = {"type": ["Profile"], "name": "x"}
    for _ in range(depth):
        node = {
            "type": ["Profile"],
            "name": "x",
            "otherIdentifier": [copy.deepcopy(node) for _ in range(width)],
        }
    return {"@context": [CREDENTIALS_V2, OPEN_BADGES], "id": "urn:x:1", **node}


def test_poison_graphs_are_refused_before_they_cost_time() -> None:
    for document in (nested(6, 1), nested(3, 3), nested(2, 6)):
        with pytest.raises(BadValue) as refused:
            canonicalise(document)
        assert refused.value.code == "too_many_alike"
    assert canonicalise(nested(5, 1))


def test_limits_on_statements_and_blank_nodes() -> None:
    document = unsigned()
    document["evidence"] = [{"type": ["Evidence"], "name": f"{n}"} for n in range(300)]
    with pytest.raises(BadValue) as refused:
        canonicalise(document)
    assert refused.value.code == "too_many_blank_nodes"
    with pytest.raises(BadValue) as refused:
        canonicalise(document, limits=Limits(max_quads=100))
    assert refused.value.code == "too_many_statements"
    assert canonicalise(document, limits=Limits(max_blank_nodes=400))


def test_an_embedded_proof_becomes_a_graph_of_its_own() -> None:
    """The data model keeps proofs in named graphs; Oxigraph must keep them apart."""
    quads = to_quads(signed())
    assert {str(quad.graph_name) for quad in quads} != {"DEFAULT"}


def test_several_threads_at_once() -> None:
    """Web processes verify in threads, the libraries beneath keep shared caches."""
    documents = [{**unsigned(), "name": f"Badge {number}"} for number in range(16)]
    expected = [canonicalise(one) for one in documents]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(canonicalise, documents)) == expected
