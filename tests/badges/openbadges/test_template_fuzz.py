"""Any badge with any text: the template and the full path give the same bytes or the same refusal.

The seed is fixed and printed, so that a failure can be met again.
"""

import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badges.openbadges.credential import CredentialFacts, EvidenceFacts
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.template.badges import sign_badges
from badges.openbadges.template.compile import compile_template
from badges.openbadges.template.known import KnownTemplates
from badges.openbadges.template.slots import NeedFull
from tests.badges.openbadges.facts import ISSUED, signer
from tests.badges.openbadges.template_facts import (
    HOSTILE,
    IDENTIFIERS,
    ODD_IDENTIFIERS,
    SEED,
    badge,
    fully,
    hostile_badge,
    slots_and_values,
)

ROUNDS = 120
DOCUMENT, SLOTS, VALUES = slots_and_values(badge())
TEMPLATE = compile_template(DOCUMENT, SLOTS)
IRI_SLOTS = [name for name in SLOTS if name.endswith((".id", "statusListCredential"))] + ["id"]
TEXT_SLOTS = [name for name in SLOTS if name not in IRI_SLOTS]


def answer(sign: object, *arguments: object) -> bytes | str:
    try:
        return sign(*arguments)  # type: ignore[operator,no-any-return]
    except OpenBadgesError as error:
        return error.code


def by_template(facts: CredentialFacts, known: KnownTemplates) -> bytes:
    (found,) = sign_badges([facts], signer(), ISSUED, known=known)
    return found


def test_badges_of_all_forms_with_hostile_text() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    known = KnownTemplates(most=16)
    refused = 0
    for number in range(ROUNDS):
        facts = hostile_badge(chance)
        expected = answer(fully, facts)
        found = answer(by_template, facts, known)
        assert found == expected, f"seed {SEED}, round {number}: {facts}"
        refused += isinstance(expected, str)
    assert refused < ROUNDS / 2, "the fuzz should sign more than it sees refused"


def test_one_template_filled_with_hostile_text() -> None:
    """The template itself, not the full path behind it, does most of the work."""
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        row = {name: chance.choice(IDENTIFIERS) for name in IRI_SLOTS}
        row |= {name: chance.choice((VALUES[name], *HOSTILE)) for name in TEXT_SLOTS}
        expected = TEMPLATE.sign_fully(row, signer(), ISSUED)
        assert TEMPLATE.sign(row, signer(), ISSUED) == expected, f"seed {SEED}, round {number}"


def test_nodes_that_become_one() -> None:
    for one in IDENTIFIERS:
        for names in (IRI_SLOTS, IRI_SLOTS[:2], IRI_SLOTS[1:]):
            row = VALUES | dict.fromkeys(names, one)
            expected = TEMPLATE.sign_fully(row, signer(), ISSUED)
            assert TEMPLATE.sign(row, signer(), ISSUED) == expected, row


texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=40)
identifiers = st.one_of(
    st.sampled_from([*IDENTIFIERS, *ODD_IDENTIFIERS]),
    st.from_regex(r"(https?://|urn:x:|did:web:)[!-~]{0,30}", fullmatch=True),
    texts,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(data=st.data())
def test_whatever_stands_in_the_slots(data: st.DataObject) -> None:
    row = {name: data.draw(identifiers, name) for name in IRI_SLOTS}
    row |= {name: data.draw(texts, name) for name in TEXT_SLOTS}
    expected = answer(TEMPLATE.sign_fully, row, signer(), ISSUED)
    try:
        found = answer(TEMPLATE.sign, row, signer(), ISSUED)
    except NeedFull:
        return
    if isinstance(found, bytes):
        assert found == expected
    else:
        assert isinstance(expected, str)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_evidence_and_in_what_is_not_a_slot(text: str) -> None:
    achievement = replace(badge().achievement, name=text.strip() or "x", description=f"{text}.")
    facts = badge(
        achievement=achievement,
        evidence=(
            EvidenceFacts(name=text, narrative=f"{text}!"),
            EvidenceFacts(narrative=text + "?"),
        ),
    )
    (found,) = sign_badges([facts], signer(), ISSUED, known=KnownTemplates())
    assert found == fully(facts)
