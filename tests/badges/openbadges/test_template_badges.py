"""From facts to many signed badges, and the templates that a process keeps."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from badges.openbadges.contexts import KNOWN_CONTEXTS
from badges.openbadges.credential import CredentialFacts, EvidenceFacts, StatusFacts
from badges.openbadges.documents import serialise
from badges.openbadges.errors import BadValue, UndefinedTerm
from badges.openbadges.template import badges as module
from badges.openbadges.template import known as known_module
from badges.openbadges.template.badges import (
    badge_slots,
    badge_values,
    sign_badges,
    unsigned_part,
)
from badges.openbadges.template.known import KnownTemplates, template_key
from badges.openbadges.template.signing import AuditFailed, Template
from badges.openbadges.template.slots import NeedFull, value_at
from tests.badges.openbadges.facts import FACTS, ISSUED, KEY, LIST_URL, ORIGIN, signed, signer
from tests.badges.openbadges.template_facts import (
    HOSTILE,
    alignments,
    badge,
    fully,
    recipient,
    slots_and_values,
)


def by_template(*facts: CredentialFacts, **named: Any) -> list[bytes]:
    return list(sign_badges(facts, signer(), ISSUED, known=KnownTemplates(), **named))


TWO_LISTS = (
    StatusFacts(list_url=LIST_URL, index=5),
    StatusFacts(list_url=f"{ORIGIN}/status/2", index=5, purpose="suspension"),
)


@pytest.mark.parametrize(
    "facts",
    [
        FACTS,
        badge(valid_until=None, status=()),
        badge(recipient=recipient(1, is_named=False)),
        badge(status=TWO_LISTS),
        badge(status=TWO_LISTS[1:]),
        badge(evidence=FACTS.evidence[:1]),
        badge(evidence=FACTS.evidence[::-1]),
        badge(awarded_at=ISSUED),
        badge(name="Another name", description=""),
    ],
)
def test_values_stand_where_the_slots_are(facts: CredentialFacts) -> None:
    document, slots, values = slots_and_values(facts)
    assert set(slots) == set(values)
    assert {name: value_at(document, path) for name, path in slots.items()} == values
    assert by_template(facts) == [fully(facts)]


def test_forms_may_be_mixed() -> None:
    facts = [
        badge(
            number,
            evidence=FACTS.evidence[: number % 3],
            valid_until=None if number % 2 else FACTS.valid_until,
            description=f"Form {number % 2}",
        )
        for number in range(13)
    ]
    assert by_template(*facts) == [fully(one) for one in facts]


def test_equal_facts_are_one_form_whether_or_not_they_are_the_same_object() -> None:
    again = replace(FACTS.achievement, version=f"{FACTS.achievement.version}")
    chunk = [badge(1), badge(2, achievement=again), badge(3, name="Another")]
    forms = module._by_form(chunk)
    assert [form.places for form in forms] == [[0, 1], [2]]
    assert by_template(*chunk) == [fully(one) for one in chunk]


def test_numbers_that_are_equal_but_written_apart_are_two_forms() -> None:
    chunk = [badge(1, credits_earned=3), badge(2, credits_earned=3.0)]
    assert len(module._by_form(chunk)) == 2
    assert by_template(*chunk) == [fully(one) for one in chunk]


def test_every_fact_is_a_slot_or_part_of_the_form() -> None:
    """A fact that is added later must not be taken from another person's badge."""
    first = badge()
    for name, value in (
        ("name", "Another"),
        ("description", "Another"),
        ("issuer", replace(FACTS.issuer, name="Another")),
        ("credits_earned", 2.5),
        ("picture", FACTS.issuer.picture),
    ):
        other = replace(badge(1), **{name: value})
        assert by_template(first, other) == [fully(first), fully(other)]


def test_more_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_IN_CHUNK", 3)
    audited: list[bytes] = []
    audit = Template._audit
    monkeypatch.setattr(
        Template,
        "_audit",
        lambda self, row, text, seal: (audited.append(text), audit(self, row, text, seal)),
    )
    facts = [badge(number) for number in range(7)]
    found = by_template(*facts, pick=lambda _count: 0)
    assert found == [fully(one) for one in facts]
    assert audited == [found[place] for place in (0, 2, 3, 5, 6)]


def test_an_audit_that_fails_gives_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_IN_CHUNK", 2)
    known, given = KnownTemplates(), []
    list(sign_badges([badge()], signer(), ISSUED, known=known))
    (template,) = known._found.values()
    assert isinstance(template, Template)
    object.__setattr__(template._parts, "filler", _Wrong())
    with pytest.raises(AuditFailed):
        for one in sign_badges([badge(1), badge(2)], signer(), ISSUED, known=known):
            given.append(one)
    assert given == []
    # From then on the full path answers.
    again = list(sign_badges([badge(1), badge(2)], signer(), ISSUED, known=known))
    assert again == [fully(badge(1)), fully(badge(2))]


class _Wrong:
    def digest(self, _cells: list[bytes]) -> bytes:
        return bytes(32)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": "badge/1"}, "not_absolute_iri"),
        ({"recipient": replace(recipient(1), id="someone")}, "not_absolute_iri"),
        ({"recipient": replace(recipient(1), identity_hash="md5$1")}, "bad_identity_hash"),
        ({"recipient": replace(recipient(1), salt="short")}, "short_salt"),
        ({"recipient": replace(recipient(1), salt="sixteen letters \x00")}, "forbidden_character"),
        ({"valid_until": ISSUED}, "dates_reversed"),
        ({"valid_from": datetime(2026, 1, 1)}, "moment_without_zone"),
        ({"evidence": (EvidenceFacts(name=" "),)}, "empty_evidence"),
        ({"evidence": (EvidenceFacts(name="\ufffe"),)}, "forbidden_character"),
        ({"status": (StatusFacts(list_url=f"{LIST_URL}#1", index=1),)}, "bad_status_list_url"),
        ({"status": (StatusFacts(list_url="status", index=1),)}, "not_absolute_iri"),
        ({"status": (StatusFacts(list_url=LIST_URL, index=-1),)}, "bad_status_index"),
        ({"status": (*TWO_LISTS, TWO_LISTS[0])}, "repeated_value"),
        ({"description": "\x00"}, "forbidden_character"),
        ({"achievement": replace(FACTS.achievement, name="")}, "missing_text"),
    ],
)
def test_bad_facts_are_refused_as_by_the_full_path(changes: dict[str, Any], code: str) -> None:
    facts = badge(1, **changes)
    for sign in (fully, by_template):
        with pytest.raises(BadValue) as refusal:
            sign(facts)
        assert refusal.value.code == code
    with pytest.raises(BadValue):
        by_template(badge(0), facts)


def test_identical_alignments_are_refused_and_similar_ones_signed() -> None:
    two = alignments(2)
    with pytest.raises(BadValue):
        by_template(badge(achievement=replace(FACTS.achievement, alignments=(*two, two[0]))))
    facts = badge(achievement=replace(FACTS.achievement, alignments=two))
    assert by_template(facts) == [fully(facts)]


def test_what_the_template_cannot_do_is_done_fully() -> None:
    """Two evidences with the same words are nodes that look alike."""
    same = EvidenceFacts(narrative="the same")
    first, second = badge(evidence=(same, same)), badge(1, evidence=(same, same))
    assert by_template(first, second) == [fully(first), fully(second)]


def test_embedded_endorsements_are_checked_for_every_badge() -> None:
    with pytest.raises(NeedFull, match="endorsements"):
        module._template(badge(endorsements=(b"{}",)), KnownTemplates())
    with pytest.raises(BadValue):
        by_template(badge(endorsements=(b"{}",)))


def test_moments_of_other_zones_are_never_mixed_up() -> None:
    """In the hour that a clock is set back, two different moments compare equal."""
    zone = ZoneInfo("Europe/Helsinki")
    early = datetime(2026, 10, 25, 3, 30, tzinfo=zone)
    late = early.replace(fold=1)
    assert early == late
    facts = [badge(1, valid_from=early), badge(2, valid_from=late)]
    facts += [badge(3, valid_from=early.astimezone(UTC), valid_until=late + timedelta(days=1))]
    facts += [badge(4, valid_from=early.astimezone(timezone(timedelta(hours=-3))))]
    found = by_template(*facts)
    assert found == [fully(one) for one in facts]
    assert json.loads(found[0])["validFrom"] != json.loads(found[1])["validFrom"]


def test_the_unsigned_part() -> None:
    for text in HOSTILE:
        facts = badge(description=f"{text}.", evidence=(EvidenceFacts(name=f"x{text}"),))
        (found,) = by_template(facts)
        document, _slots, _values = slots_and_values(facts)
        assert unsigned_part(found) == serialise(document)


# Templates in memory -----------------------------------------------------------------------------


def test_a_form_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Any] = []
    right = known_module.compile_template
    monkeypatch.setattr(
        known_module,
        "compile_template",
        lambda *given, **named: (compiled.append(given), right(*given, **named))[1],
    )
    known = KnownTemplates()
    for number in range(3):
        document, slots, _values = slots_and_values(badge(number))
        assert isinstance(known.template(document, slots), Template)
    assert len(compiled) == 1
    document, slots, _values = slots_and_values(badge(description="Another"))
    known.template(document, slots)
    assert len(compiled) == 2


def test_a_refusal_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    document, _slots, _values = slots_and_values(badge())
    known = KnownTemplates()
    slots = {"type": ("type", 0)}
    with pytest.raises(NeedFull):
        known.template(document, slots)
    monkeypatch.setattr(known_module, "compile_template", None)
    with pytest.raises(NeedFull, match="not signable"):
        known.template(document, slots)
    assert known.accepting(fully(badge()), KEY.public_key) is None


def test_the_least_used_are_forgotten() -> None:
    known = KnownTemplates(most=2)
    found = []
    for number in range(3):
        document, slots, _values = slots_and_values(badge(description=f"Form {number}"))
        found.append(known.template(document, slots))
        if number == 1:
            document, slots, _values = slots_and_values(badge(description="Form 0"))
            assert known.template(document, slots) is found[0]
    assert list(known._found.values()) == [found[0], found[2]]
    assert known.accepting(fully(badge(description="Form 0")), KEY.public_key) is found[0]
    assert list(known._found.values()) == [found[2], found[0]]
    assert known.accepting(fully(badge(description="Form 1")), KEY.public_key) is None


def test_a_key_tells_apart_whatever_a_template_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    document, slots, _values = slots_and_values(badge())
    key = template_key(document, slots, KNOWN_CONTEXTS)
    other, _slots, _values = slots_and_values(badge(9))
    assert template_key(other, slots, KNOWN_CONTEXTS) == key
    assert len(bytes.fromhex(key)) == hashlib.sha256().digest_size
    fewer = {name: path for name, path in slots.items() if name != "id"}
    renamed = {f"x{name}": path for name, path in slots.items()}
    turned = dict(reversed(document.items()))
    changed = KNOWN_CONTEXTS.with_document(document["@context"][1], {"@context": {}})
    keys = {
        key,
        template_key(document, fewer, KNOWN_CONTEXTS),
        template_key(document, renamed, KNOWN_CONTEXTS),
        template_key(turned, slots, KNOWN_CONTEXTS),
        template_key({**document, "name": "x"}, slots, KNOWN_CONTEXTS),
        template_key(document, slots, changed),
    }
    monkeypatch.setattr(known_module, "CODE_VERSION", "other")
    keys.add(template_key(document, slots, KNOWN_CONTEXTS))
    assert len(keys) == 7


def test_a_key_needs_known_contexts() -> None:
    with pytest.raises(NeedFull, match="not signable"):
        template_key({"@context": ["https://unknown.example/"]}, {}, KNOWN_CONTEXTS)


def test_slots_of_strange_documents() -> None:
    assert badge_slots({}) == {}
    assert badge_slots({"credentialSubject": "urn:uuid:1", "evidence": ["urn:uuid:2"]}) == {}
    assert badge_slots({"id": 5, "credentialStatus": [5], "evidence": {"id": "x"}}) == {}
    slots = badge_slots(signed())
    assert slots["credentialStatus.id"] == ("credentialStatus", "id")
    assert "proof.created" not in slots


def test_undefined_terms_are_refused_with_the_words_of_the_full_path() -> None:
    facts = badge(achievement=replace(FACTS.achievement, achievement_type="Not a type"))
    expected: Any = None
    try:
        expected = fully(facts)
    except UndefinedTerm as error:
        expected = error.code
    try:
        found: Any = by_template(facts)[0]
    except UndefinedTerm as error:
        found = error.code
    assert found == expected


def test_values_are_checked_when_built() -> None:
    with pytest.raises(BadValue):
        badge_values(badge(1, id="relative"))
