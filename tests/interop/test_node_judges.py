"""Node's credential libraries accept what is signed here and refuse whatever was changed."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

from badges.openbadges.canonical import canonicalise
from badges.openbadges.credential import StatusFacts
from tests.badges.openbadges.facts import (
    DID,
    INDEX,
    KEY,
    LIST_URL,
    ORIGIN,
    OTHER_DID,
    OTHER_KEY,
    published,
    resigned,
    signed,
    status_list,
)
from tests.interop import node

NOW = "2026-12-20T09:30:00Z"
# Node compares lists with the clock of the machine, whatever that says.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2099, 1, 1, tzinfo=UTC)
OTHER_LIST_URL = f"{ORIGIN}/status/2"


def listing(*revoked: int, **changes: Any) -> dict[str, Any]:
    return status_list(*revoked, signed_at=LONG_AGO, valid_until=FAR_AWAY, **changes)


def job(
    credential: dict[str, Any],
    *,
    listed: dict[str, Any] | None = None,
    did: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    documents = {DID: did or published(), LIST_URL: listed or listing(7), **more}
    return node.verify_job(credential, documents, now=NOW)


def test_node_verifies_a_badge_and_its_status() -> None:
    found = node.judge(signed(), {DID: published(), LIST_URL: listing(7)}, now=NOW)
    assert found == {"verified": True, "revoked": False, "errors": []}


def test_node_verifies_what_the_portal_may_leave_out_or_add() -> None:
    bare = signed(evidence=(), valid_until=None, description="", status=())
    both = (
        StatusFacts(list_url=LIST_URL, index=INDEX),
        StatusFacts(list_url=OTHER_LIST_URL, index=INDEX, purpose="suspension"),
    )
    suspended = {OTHER_LIST_URL: listing(INDEX, url=OTHER_LIST_URL, purpose="suspension")}
    answers = node.ask(
        [
            job(bare),
            job(signed(status=both), **suspended),
            job(signed(), did=published(OTHER_KEY, KEY)),
        ]
    )
    assert answers == [
        {"verified": True, "revoked": None, "errors": []},
        {"verified": True, "revoked": True, "errors": []},
        {"verified": True, "revoked": False, "errors": []},
    ]


def test_node_reads_our_bits() -> None:
    lists = [listing(INDEX), listing(0, INDEX, 131_071), listing(INDEX - 1, INDEX + 1), listing()]
    answers = node.ask([job(signed(), listed=one) for one in lists])
    assert [one["revoked"] for one in answers] == [True, True, False, False]
    assert all(one["verified"] for one in answers)


CHANGES: list[tuple[tuple[str | int, ...], Any]] = [
    (("name",), "Workplace guidance basics, level 3"),
    (("issuer", "name"), "Another school"),
    (("issuer", "id"), OTHER_DID),
    (("validUntil",), "2039-11-20T09:30:00Z"),
    (("credentialSubject", "id"), "urn:uuid:00000000-0000-4000-8000-000000000000"),
    (("credentialSubject", "identifier", 0, "salt"), "another salt, as long"),
    (("credentialSubject", "achievement", "criteria", "narrative"), "Nothing"),
    (("evidence", 0, "narrative"), "More"),
    (("credentialStatus", "statusListIndex"), "8"),
    (("proof", "created"), "2026-11-20T09:30:01Z"),
    (("proof", "proofPurpose"), "authentication"),
    (("awardLevel",), "gold"),
]


def changed(path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(signed())
    *way, last = path
    node_: Any = document
    for step in way:
        node_ = node_[step]
    node_[last] = value
    return document


def test_node_refuses_a_changed_badge() -> None:
    answers = node.ask([job(changed(path, value)) for path, value in CHANGES])
    believed = [CHANGES[place] for place, one in enumerate(answers) if one["verified"]]
    assert believed == []
    assert all(one["errors"] for one in answers)


def test_node_refuses_wrong_keys_lists_and_dates() -> None:
    answers = node.ask(
        [
            job(signed(), did=published(OTHER_KEY)),
            job(signed(), did={**published(), "assertionMethod": []}),
            job(signed(), listed={**listing(INDEX), "proof": listing(7)["proof"]}),
            job(signed(), listed=listing(7, purpose="suspension")),
            job(resigned(signed(), validUntil="2026-12-01T00:00:00Z")),
            job(resigned(signed(), validFrom="2027-01-01T00:00:00Z")),
        ]
    )
    assert [one["verified"] for one in answers] == [False] * 6


def test_both_write_the_same_canonical_text() -> None:
    members: list[dict[str, Any]] = [
        {"name": 'tab\there, line\nthere, "quoted", back\\slash'},
        {"name": "Līga Bērziņa, Õie Müür, 指導, 🌟"},
        {"name": {"@value": "Työpaikkaohjaus", "@language": "fi"}},
        {"name": {"@value": "Guidance", "@language": "en-GB"}},
        {"name": {"@value": "إرشاد", "@language": "ar", "@direction": "rtl"}},
        {"name": [{"@value": "one", "@language": "en"}, {"@value": "yksi", "@language": "fi"}]},
        {"description": "x" * 20_000},
    ]
    subject = signed()["credentialSubject"]
    for number in (0, 3, 2.5, 12.34, 1_000_000, 0.01):
        members.append({"credentialSubject": {**subject, "creditsEarned": number}})
    documents = [{**signed(), **one} for one in members]
    for one in documents:
        one.pop("proof")
    answers = node.ask([node.canonicalise_job(one) for one in documents])
    assert [one["nquads"] for one in answers] == [canonicalise(one) for one in documents]


def test_what_node_would_not_sign_is_refused_here_too() -> None:
    members: list[dict[str, Any]] = [{"awardLevel": "gold"}, {"id": "badge/1"}]
    answers = node.ask([node.canonicalise_job({**signed(), **one}) for one in members])
    assert all(one["errors"] for one in answers)


def test_the_lock_file_names_no_host() -> None:
    lock = (node.HERE / "package-lock.json").read_text()
    assert "://" not in lock
    assert all("resolved" not in one for one in json.loads(lock)["packages"].values())
