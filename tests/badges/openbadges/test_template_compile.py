"""When a template is sound, and that it refuses to be made when it is not."""

from dataclasses import replace
from typing import Any

import pyoxigraph as ox
import pytest

from badges.openbadges.canonical import canonicalise, to_quads
from badges.openbadges.contexts import CREDENTIALS_V2, KNOWN_CONTEXTS, OPEN_BADGES
from badges.openbadges.credential import EvidenceFacts
from badges.openbadges.errors import BadProof, BadValue
from badges.openbadges.template import compile as compiling
from badges.openbadges.template.compile import compile_template
from badges.openbadges.template.lines import canonical_order, read_lines
from badges.openbadges.template.plan import Filler
from badges.openbadges.template.slots import NeedFull, Path, check_schemes
from tests.badges.openbadges.facts import FACTS, ISSUED, signed, signer
from tests.badges.openbadges.template_facts import (
    ODD_IDENTIFIERS,
    alignments,
    badge,
    fully,
    recipient,
    slots_and_values,
)

EXTRA = "https://extra.example/context"
MORE = KNOWN_CONTEXTS.with_document(
    EXTRA,
    {
        "@context": {
            "xsd": "http://www.w3.org/2001/XMLSchema#",
            "amount": {"@id": "https://extra.example/amount", "@type": "xsd:double"},
            "items": {"@id": "https://extra.example/items", "@container": "@list"},
            "data": {"@id": "https://extra.example/data", "@type": "@json"},
            "both": {"@id": "https://extra.example/both", "@type": "@id"},
            "word": {"@id": "https://extra.example/word", "@type": "@vocab"},
            "graph": {"@id": "https://extra.example/graph", "@container": "@graph"},
            "note": "https://extra.example/note",
            "seen": {"@id": "https://extra.example/seen", "@type": "xsd:dateTime"},
        }
    },
)
PREFIXED = KNOWN_CONTEXTS.with_document(
    EXTRA, {"@context": {"urn": {"@id": "https://evil.example/", "@prefix": True}}}
)


def minimal(**members: Any) -> dict[str, Any]:
    return {"@context": [CREDENTIALS_V2, EXTRA], "id": "urn:uuid:1", **members}


def reason(document: dict[str, Any], *path: str | int, contexts: Any = MORE) -> str:
    with pytest.raises(NeedFull) as refusal:
        compile_template(document, {"slot": path}, contexts=contexts)
    return refusal.value.reason


@pytest.mark.parametrize("count", range(6))
@pytest.mark.parametrize("is_named", [True, False])
def test_any_number_of_alignments(count: int, is_named: bool) -> None:
    """Blank nodes without slots keep their hashes; the one with slots moves among them."""
    achievement = replace(FACTS.achievement, alignments=alignments(count))
    first = badge(0, achievement=achievement, recipient=recipient(0, is_named=is_named))
    document, slots, _values = slots_and_values(first)
    template = compile_template(document, slots)
    for number in range(25):
        facts = replace(
            badge(number, achievement=achievement), recipient=recipient(number, is_named=is_named)
        )
        _document, _slots, values = slots_and_values(facts)
        assert template.sign(values, signer(), ISSUED) == fully(facts)


def test_every_member_that_the_portal_writes() -> None:
    document, slots, values = slots_and_values(FACTS)
    assert compile_template(document, slots).sign(values, signer(), ISSUED) == fully(FACTS)


def test_a_template_without_slots_signs_one_document() -> None:
    document, _slots, _values = slots_and_values(FACTS)
    assert compile_template(document, {}).sign({}, signer(), ISSUED) == fully(FACTS)


def test_a_signed_document_is_no_template() -> None:
    with pytest.raises(BadProof):
        compile_template(signed(), {})


@pytest.mark.parametrize(
    ("document", "path", "expected"),
    [
        (minimal(note="x"), ("absent",), "slot_is_missing"),
        (minimal(note=["x"]), ("note", 5), "slot_is_missing"),
        (minimal(note="x"), ("note", "deeper"), "slot_is_missing"),
        (minimal(note=5), ("note",), "slot_is_no_text"),
        (minimal(note=["x"]), ("note",), "slot_is_no_text"),
        (minimal(type=["VerifiableCredential"]), ("type", 0), "slot_in_type_or_list"),
        (minimal(items=["x", "y"]), ("items", 1), "slot_in_type_or_list"),
        (minimal(amount="1.5"), ("amount",), "datatype_may_change_the_text"),
        (minimal(data={"deep": "x"}), ("data", "deep"), "slot_is_part_of_a_term"),
        (minimal(graph={"note": "x"}), ("graph", "note"), "named_graph"),
        (minimal(note={"@value": "x", "@language": "fi"}), ("note", "@language"), "not_signable"),
        (
            minimal(note={"@value": "x", "@direction": "rtl"}),
            ("note", "@direction"),
            "not_signable",
        ),
        (minimal(undefined="x"), ("id",), "not_signable"),
        (minimal(note=""), ("@context", 0), "not_signable"),
        (minimal(note=None), ("id",), "not_signable"),
        ({"id": "urn:uuid:1"}, ("id",), "not_signable"),
        ({"@context": ["https://unknown.example/"], "id": "urn:uuid:1"}, ("id",), "not_signable"),
    ],
)
def test_what_cannot_be_a_slot(document: dict[str, Any], path: Path, expected: str) -> None:
    assert reason(document, *path) == expected


def test_a_slot_must_be_of_one_kind() -> None:
    """One string is one slot; here two slots stand in for what a context could do with one."""
    marked = minimal(both="urn:slot-x:0000", note="urn:slot-x:0000")
    with pytest.raises(NeedFull, match="slot of two kinds"):
        read_lines(to_quads(marked, MORE), ["urn:slot-x:0000"])
    with pytest.raises(NeedFull, match="slot is no term"):
        read_lines(to_quads(minimal(note="x"), MORE), ["urn:slot-x:0000"])
    with pytest.raises(NeedFull, match="slot is part of a term"):
        read_lines(to_quads(minimal(note="a urn:slot-x:0000"), MORE), ["urn:slot-x:0000"])


def test_a_literal_whose_type_is_a_slot() -> None:
    node, marker = ox.NamedNode("urn:a:b"), "urn:slot-x:0000"
    for one in (
        ox.Literal(marker, datatype=ox.NamedNode("urn:slot-x:0001")),
        ox.Literal("a", datatype=ox.NamedNode(marker)),
        ox.NamedNode(f"{marker}/more"),
    ):
        with pytest.raises(NeedFull):
            read_lines([ox.Quad(node, node, one)], [marker])
    with pytest.raises(NeedFull, match="slot is part of a term"):
        read_lines([ox.Quad(node, ox.NamedNode(marker), node)], [marker])


def test_literals_that_are_copied() -> None:
    document = minimal(
        note=[{"@value": "fi", "@language": "fi"}, {"@value": "he", "@language": "en"}],
        seen="2026-01-01T00:00:00Z",
        both="urn:uuid:2",
        word="urn:uuid:3",
    )
    slots: dict[str, Path] = {
        "fi": ("note", 0, "@value"),
        "en": ("note", 1, "@value"),
        "seen": ("seen",),
        "both": ("both",),
        "word": ("word",),
    }
    template = compile_template(document, slots, contexts=MORE)
    for text in ('a "b"', "", "\t", "ä"):
        values = dict.fromkeys(("fi", "en", "seen"), text) | dict.fromkeys(
            ("both", "word"), "urn:uuid:1"
        )
        assert template.sign(values, signer(), ISSUED) == template.sign_fully(
            values, signer(), ISSUED
        )


def test_a_direction_takes_the_full_path() -> None:
    """Its datatype is made of language and direction; it is not among those let through."""
    document = minimal(note={"@value": "x", "@language": "ar", "@direction": "rtl"})
    assert reason(document, "note", "@value") == "datatype_may_change_the_text"


def test_a_scheme_that_a_context_takes_for_a_prefix() -> None:
    assert reason(minimal(), "id", contexts=PREFIXED) in {"scheme_is_a_term", "not_signable"}


def test_no_known_context_takes_a_scheme_for_a_prefix() -> None:
    check_schemes(sorted(KNOWN_CONTEXTS.urls), KNOWN_CONTEXTS)
    in_a_list = KNOWN_CONTEXTS.with_document(
        EXTRA, {"@context": [CREDENTIALS_V2, {"did": "https://evil.example/"}]}
    )
    for contexts in (PREFIXED, in_a_list):
        with pytest.raises(NeedFull):
            check_schemes([EXTRA], contexts)


def test_values_of_one_property_of_a_blank_node() -> None:
    """Their order is not settled before they are filled in, neither for hashing nor for sorting."""
    document = minimal(both={"note": ["a", "b"]}, note=["c", "d"])
    slots: dict[str, Path] = {
        "first": ("both", "note", 0),
        "second": ("both", "note", 1),
        "third": ("note", 0),
        "fourth": ("note", 1),
    }
    template = compile_template(document, slots, contexts=MORE)
    for texts in ("abcd", "dcba", "badc", "aabb", "aaaa", "abab"):
        values = dict(zip(slots, texts, strict=True))
        expected = template.sign_fully(values, signer(), ISSUED)
        assert template.sign(values, signer(), ISSUED) == expected, texts


def test_blank_nodes_that_look_alike() -> None:
    """Two identical alignments can be told apart by their neighbours only, if at all."""
    document, slots, _values = slots_and_values(FACTS)
    achievement = document["credentialSubject"]["achievement"]
    achievement["alignment"] = [dict(achievement["alignment"][0]) for _ in range(2)]
    with pytest.raises(NeedFull, match="blank nodes look alike"):
        compile_template(document, slots)


def test_evidence_that_becomes_alike_only_when_filled() -> None:
    facts = badge(evidence=(EvidenceFacts(name="one"), EvidenceFacts(name="two")))
    document, slots, values = slots_and_values(facts)
    template = compile_template(document, slots)
    assert template.sign(values, signer(), ISSUED) == fully(facts)
    alike = {**values, "evidence.1.name": "one"}
    with pytest.raises(NeedFull, match="blank nodes look alike"):
        template.sign(alike, signer(), ISSUED)
    (text,) = template.sign_many([alike], signer(), ISSUED)
    assert text == template.sign_fully(alike, signer(), ISSUED)


@pytest.mark.parametrize("identifier", ODD_IDENTIFIERS)
def test_identifiers_out_of_the_ordinary(identifier: str) -> None:
    document, slots, values = slots_and_values(badge())
    template = compile_template(document, slots)
    odd = {**values, "id": identifier}
    with pytest.raises(NeedFull, match="identifier out of the ordinary"):
        template.sign(odd, signer(), ISSUED)
    (text,) = template.sign_many([odd], signer(), ISSUED)
    assert text == template.sign_fully(odd, signer(), ISSUED)


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "badge/1",
        "_:b0",
        "@id",
        "urn:a b",
        "urn:uuid:1 urn:uuid:2",
        "https://a.example/ https://b.example/",
        "https://a.example/>",
        "https://a.example/\n",
        "https://a.example/%zz",
        "https://a.example:port/",
        "urn:uuid:\u0000",
    ],
)
def test_identifiers_that_no_path_signs(identifier: str) -> None:
    document, slots, values = slots_and_values(badge())
    template = compile_template(document, slots)
    odd = {**values, "credentialSubject.id": identifier}
    with pytest.raises((NeedFull, BadValue)):
        template.sign(odd, signer(), ISSUED)
    try:
        canonicalise({**document, "credentialSubject": {"id": identifier}})
    except BadValue:
        with pytest.raises(BadValue):
            list(template.sign_many([odd], signer(), ISSUED))


@pytest.mark.parametrize("text", ["\x00", "\x7f", "\x0b", "\ud800", "\ufffe", "\U0001ffff"])
def test_text_that_is_never_signed(text: str) -> None:
    document, slots, values = slots_and_values(badge())
    template = compile_template(document, slots)
    hostile = {**values, "credentialSubject.identifier.0.salt": f"sixteen letters {text}"}
    for sign in (template.sign, template.sign_fully):
        with pytest.raises(BadValue) as refusal:
            sign(hostile, signer(), ISSUED)
        assert refusal.value.code == "forbidden_character"


def test_the_self_tests_find_a_wrong_filler(monkeypatch: pytest.MonkeyPatch) -> None:
    document, slots, _values = slots_and_values(badge())
    right = Filler.text
    monkeypatch.setattr(Filler, "text", lambda self, cells: right(self, cells) + b"\n")
    with pytest.raises(NeedFull, match="self test failed"):
        compile_template(document, slots)


def test_the_self_tests_find_a_wrong_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    document, slots, _values = slots_and_values(badge())
    monkeypatch.setattr(Filler, "digest", lambda self, cells: bytes(32))
    with pytest.raises(NeedFull, match="self test failed"):
        compile_template(document, slots)


def test_the_careful_way_writes_what_the_library_writes() -> None:
    document, _slots, _values = slots_and_values(FACTS)
    lines, kinds = read_lines(to_quads(document), [])
    assert kinds == []
    text = b"".join(line for line, _parts in canonical_order(lines, []))
    assert text.decode() == canonicalise(document)


def test_markers_cannot_stand_in_the_document() -> None:
    document, _slots, _values = slots_and_values(FACTS)
    markers = compiling._markers(document, 3)
    assert len({len(one) for one in markers}) == 1
    assert not any(one in str(document) for one in markers)
    assert compiling._markers({**document, "name": markers[0]}, 3) != markers


def test_contexts_are_those_of_open_badges() -> None:
    assert compiling.context_names({"@context": [CREDENTIALS_V2, OPEN_BADGES]}, KNOWN_CONTEXTS) == (
        CREDENTIALS_V2,
        OPEN_BADGES,
    )
