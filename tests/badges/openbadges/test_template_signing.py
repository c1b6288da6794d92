"""Signing many: the bytes are those of the full path, and audits see when they are not."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from badges.openbadges.errors import BadKey, BadProof, BadValue
from badges.openbadges.multibase import encode_base58
from badges.openbadges.proof import LocalSigner
from badges.openbadges.template import options, plan, signing
from badges.openbadges.template.base58 import encode_signature
from badges.openbadges.template.compile import compile_template
from badges.openbadges.template.options import OptionsHash
from badges.openbadges.template.plan import MOST_LAYOUTS, Filler
from badges.openbadges.template.signing import AuditFailed, Template
from badges.openbadges.template.slots import NeedFull
from tests.badges.openbadges.facts import DID, ISSUED, KEY, OTHER_KEY, signer
from tests.badges.openbadges.template_facts import (
    HOSTILE,
    ODD_IDENTIFIERS,
    badge,
    fully,
    slots_and_values,
)

SALT = "credentialSubject.identifier.0.salt"


@pytest.fixture
def template() -> Template:
    document, slots, _values = slots_and_values(badge())
    return compile_template(document, slots)


def rows(count: int) -> list[dict[str, str]]:
    return [slots_and_values(badge(number))[2] for number in range(count)]


def first(_count: int) -> int:
    return 0


class WrongSigner:
    """Answers with something that is no signature."""

    verification_method = signer().verification_method

    def sign(self, data: bytes) -> bytes:
        return data[:63]


def test_many_are_as_each_alone(template: Template) -> None:
    found = list(template.sign_many(rows(12), signer(), ISSUED, chunk=5))
    assert found == [fully(badge(number)) for number in range(12)]


def test_rows_that_need_the_full_path_stand_in_their_places(template: Template) -> None:
    some = rows(4)
    some[1] |= {"id": ODD_IDENTIFIERS[0]}
    some[3] |= {SALT: HOSTILE[0]}
    found = list(template.sign_many(some, signer(), ISSUED))
    assert found == [template.sign_fully(row, signer(), ISSUED) for row in some]


def test_nothing_gives_nothing(template: Template) -> None:
    assert list(template.sign_many([], signer(), ISSUED)) == []


@pytest.mark.parametrize("chunk", [0, 1001])
def test_chunks_have_a_size(template: Template, chunk: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        list(template.sign_many(rows(1), signer(), ISSUED, chunk=chunk))


def test_a_chunk_is_read_only_when_it_is_its_turn(template: Template) -> None:
    taken: list[int] = []

    def source() -> Any:
        for number, row in enumerate(rows(6)):
            taken.append(number)
            yield row

    found = template.sign_many(source(), signer(), ISSUED, chunk=2)
    next(found)
    assert taken == [0, 1]
    assert len(list(found)) == 5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda row: row.pop("id"), "slot_is_missing"),
        (lambda row: row.update(more="x"), "unknown_slot"),
    ],
)
def test_rows_with_other_slots(
    template: Template, change: Callable[[dict[str, str]], Any], code: str
) -> None:
    (row,) = rows(1)
    change(row)
    for sign in (template.sign, template.sign_fully):
        with pytest.raises(BadValue) as refusal:
            sign(row, signer(), ISSUED)
        assert refusal.value.code == code
    with pytest.raises(BadValue):
        list(template.sign_many([row], signer(), ISSUED))


def test_a_value_that_is_no_text(template: Template) -> None:
    row: dict[str, Any] = {**rows(1)[0], SALT: 5}
    with pytest.raises(NeedFull, match="value is no text"):
        template.sign(row, signer(), ISSUED)
    (found,) = template.sign_many([row], signer(), ISSUED)
    assert b'"salt":5}' in found


def test_a_signer_that_signs_wrongly(template: Template) -> None:
    (row,) = rows(1)
    for sign in (template.sign, template.sign_fully):
        with pytest.raises(BadProof) as refusal:
            sign(row, WrongSigner(), ISSUED)
        assert refusal.value.code == "bad_signature_length"


def test_a_moment_without_zone(template: Template) -> None:
    with pytest.raises(BadValue):
        template.sign(rows(1)[0], signer(), ISSUED.replace(tzinfo=None))


def test_a_method_out_of_the_ordinary(template: Template) -> None:
    odd = LocalSigner(KEY, "did:web:portal.example:õ")
    with pytest.raises(NeedFull):
        template.sign(rows(1)[0], odd, ISSUED)
    (found,) = template.sign_many(rows(1), odd, ISSUED)
    assert found == template.sign_fully(rows(1)[0], odd, ISSUED)


def test_keys_and_moments_do_not_mix(template: Template) -> None:
    (row,) = rows(1)
    for key, later in itertools.product((KEY, OTHER_KEY), range(3)):
        moment, by = ISSUED + timedelta(seconds=later), LocalSigner(key, DID)
        assert template.sign(row, by, moment) == template.sign_fully(row, by, moment)


def test_hashes_of_proof_options_are_forgotten_in_time(
    template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(options, "_MOST", 2)
    parts = template._parts.options
    small = OptionsHash(parts._filler, parts._cells)
    method = signer().verification_method
    for second in range(5):
        small.of(f"2026-01-01T00:00:0{second}Z", method)
    assert [created for created, _method in small._known] == [
        "2026-01-01T00:00:03Z",
        "2026-01-01T00:00:04Z",
    ]
    assert small.of("2026-01-01T00:00:00Z", method) == parts.of("2026-01-01T00:00:00Z", method)


# Audits ------------------------------------------------------------------------------------------


class Spoilt:
    """A filler that is wrong about one salt only."""

    def __init__(self, filler: Filler, salt: bytes) -> None:
        self._filler = filler
        self._salt = salt

    def digest(self, cells: list[bytes]) -> bytes:
        digest = self._filler.digest(cells)
        return digest[::-1] if self._salt in cells else digest


def spoil(template: Template, row: dict[str, str]) -> None:
    wrong = Spoilt(template._parts.filler, row[SALT].encode())
    object.__setattr__(template._parts, "filler", wrong)


@pytest.mark.parametrize("place", [0, 2, 4])
def test_first_last_and_one_more_are_audited(template: Template, place: int) -> None:
    some = rows(5)
    spoil(template, some[place])
    given: list[bytes] = []
    with pytest.raises(AuditFailed):
        for text in template.sign_many(some, signer(), ISSUED, pick=lambda count: count // 2):
            given.append(text)
    assert given == []
    assert template.is_distrusted


def test_a_distrusted_template_is_never_used_again(template: Template) -> None:
    some = rows(3)
    right = template._parts.filler
    spoil(template, some[0])
    with pytest.raises(AuditFailed):
        list(template.sign_many(some, signer(), ISSUED, pick=first))
    object.__setattr__(template._parts, "filler", right)
    with pytest.raises(NeedFull, match="audit failed before"):
        template.sign(some[1], signer(), ISSUED)
    found = list(template.sign_many(some, signer(), ISSUED))
    assert found == [fully(badge(number)) for number in range(3)]
    assert not template.accepts(found[0], KEY.public_key)


def test_every_chunk_is_audited_before_it_is_given_out(template: Template) -> None:
    some = rows(6)
    spoil(template, some[3])
    given: list[bytes] = []
    with pytest.raises(AuditFailed):
        for text in template.sign_many(some, signer(), ISSUED, chunk=3, pick=first):
            given.append(text)
    assert given == [fully(badge(number)) for number in range(3)]


def test_audits_notice_wrong_text_and_wrong_signatures(template: Template) -> None:
    seal = template._seal(signer(), ISSUED)
    (row,) = rows(1)
    right = template.sign(row, signer(), ISSUED)
    template._audit(row, right, seal)
    other = template.sign(rows(2)[1], signer(), ISSUED)
    for wrong in (right + b" ", right.replace(b"2026-11-20", b"2026-11-21"), other, b""):
        with pytest.raises(AuditFailed):
            template._audit(row, wrong, seal)


def test_a_chunk_of_one_is_audited_once(
    template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, str]] = []
    monkeypatch.setattr(Template, "_audit", lambda _self, row, _text, _seal: seen.append(row))
    assert len(list(template.sign_many(rows(1), signer(), ISSUED, pick=first))) == 1
    assert seen == rows(1)


def test_a_third_credential_is_picked_by_chance(template: Template) -> None:
    asked: list[int] = []

    def pick(count: int) -> int:
        asked.append(count)
        return count - 1

    list(template.sign_many(rows(5), signer(), ISSUED, chunk=3, pick=pick))
    assert asked == [3, 2]


# Parts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "signature",
    [
        bytes(64),
        b"\xff" * 64,
        b"\x00" * 5 + b"\x01" * 59,
        b"\x00" * 63 + b"\x01",
        b"\x01" + b"\x00" * 63,
        (58**10).to_bytes(64, "big"),
        (58**10 - 1).to_bytes(64, "big"),
        (58**80).to_bytes(64, "big"),
        bytes(range(64)),
    ],
)
def test_base58_is_that_of_multibase(signature: bytes) -> None:
    assert encode_signature(signature).decode() == encode_base58(signature)


def test_base58_of_many_signatures() -> None:
    for number in range(300):
        signature = signer().sign(b"%d" % number)
        assert encode_signature(signature).decode() == encode_base58(signature)


def test_layouts_are_few_and_bounded(template: Template, monkeypatch: pytest.MonkeyPatch) -> None:
    list(template.sign_many(rows(60), signer(), ISSUED))
    assert 2 < len(template._parts.filler._layouts) <= 20
    assert MOST_LAYOUTS == 512
    monkeypatch.setattr(plan, "MOST_LAYOUTS", 2)
    document, slots, _values = slots_and_values(badge())
    small = compile_template(document, slots)
    found = list(small.sign_many(rows(60), signer(), ISSUED))
    assert len(small._parts.filler._layouts) <= 2
    assert found == list(template.sign_many(rows(60), signer(), ISSUED))


def test_text_and_hash_are_of_the_same(template: Template) -> None:
    for equal in (False, True):
        row = rows(1)[0]
        if equal:
            row["id"] = row["credentialSubject.id"]
        cells = template._parts.cells.of([row[name] for name in template.names])
        filler = template._parts.filler
        assert sha256(filler.text(cells)).digest() == filler.digest(cells)


def test_a_bad_key_is_no_reason_to_accept(template: Template) -> None:
    text = template.sign(rows(1)[0], signer(), ISSUED)
    assert template.accepts(text, KEY.public_key)
    assert not template.accepts(text, OTHER_KEY.public_key)
    assert not template.accepts(text, bytes(32))
    with pytest.raises(BadKey):
        signing._checked_key(bytes(32))
