"""Lists of revoked badges and carried endorsements, of any issuer."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from badges.openbadges.keys import did_web_url
from badges.openbadges.lookups import Fetched
from badges.openbadges.multibase import encode_base64url
from badges.openbadges.proof import add_proof
from tests.badges.openbadges.facts import (
    ACHIEVEMENT,
    DID,
    FACTS,
    INDEX,
    ISSUED,
    LIST_URL,
    NOW,
    OTHER_DID,
    OTHER_KEY,
    published,
    resigned,
    signed,
    signer,
    status_list,
)
from tests.badges.openbadges.foreign_facts import DID_URL, Elsewhere, codes
from tests.badges.openbadges.test_endorsement_embedded import (
    ENDORSED,
    ENDORSER,
    OF_ACHIEVEMENT,
    endorsement,
    token,
)

NAMES_URL = "https://portal.example/revoked.json"
ENDORSER_URL = did_web_url(ENDORSER.did)


def status(content, document=None):
    found = Elsewhere({LIST_URL: content}).verify(document or signed())
    return found.outcome.value, codes(found)["status"]


# ------------------------------------------------------------- bit strings
def test_revoked():
    assert status(status_list(INDEX)) == ("not_valid", "revoked")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "list_missing"),
        (Fetched(404, b""), "list_missing"),
        (b"{", "list_not_trusted"),
        (b"[]", "list_not_trusted"),
        (status_list(7, signed_at=NOW - timedelta(days=90)), "list_outdated"),
        (status_list(7, key=OTHER_KEY), "list_not_trusted"),
        (status_list(7, did=OTHER_DID, key=OTHER_KEY), "list_not_trusted"),
        (status_list(7, url=f"{LIST_URL}/other"), "list_not_trusted"),
        (status_list(7, purpose="suspension"), "list_not_trusted"),
        ({**status_list(7), "name": "changed"}, "list_not_trusted"),
        (signed(), "list_not_trusted"),
    ],
)
def test_a_list_that_is_not_believed(content, code):
    assert status(content) == ("could_not_be_checked", code)


def test_a_list_that_unpacks_without_end():
    """32 MB of zeros in 32 kB, properly signed by the issuer."""
    import gzip

    bomb = encode_base64url(gzip.compress(bytes(32 * 1024 * 1024)))
    found = status_list(7)
    subject = {**found["credentialSubject"], "encodedList": bomb}
    assert status(resigned(found, credentialSubject=subject)) == (
        "could_not_be_checked",
        "list_not_trusted",
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"statusListIndex": "99999999999999999999"}, "list_not_trusted"),
        ({"statusListIndex": "-1"}, "list_not_trusted"),
        ({"statusListIndex": "٣"}, "list_not_trusted"),
        ({"statusListIndex": "131072"}, "list_not_trusted"),
        ({"statusPurpose": "message"}, "unknown_status_purpose"),
        ({"statusListCredential": "http://portal.example/status/1"}, "list_missing"),
    ],
)
def test_odd_entries(change, code):
    document = signed()
    entry = {**document["credentialStatus"], **change}
    assert status(status_list(7), resigned(document, credentialStatus=entry))[1] == code


def test_several_entries_the_worst_counts():
    document = signed()
    entry = document["credentialStatus"]
    other = {**entry, "id": "urn:x:2", "statusListCredential": f"{LIST_URL}2"}
    two = resigned(document, credentialStatus=[entry, other])
    assert status(status_list(7), two) == ("could_not_be_checked", "list_missing")
    assert status(status_list(INDEX), two) == ("not_valid", "revoked")
    many = [{**entry, "id": f"urn:x:{number}"} for number in range(5)]
    five = resigned(document, credentialStatus=many)
    assert status(status_list(7), five)[1] == "unknown_status_type"


# ------------------------------------------------------------- lists of names
def with_names(names, url=NAMES_URL, **changes):
    document = signed()
    context = [*document["@context"], "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]
    entry = {"id": url, "type": "1EdTechRevocationList"}
    badge = resigned(document, **{"@context": context, "credentialStatus": entry})
    listed = {"id": url, "issuer": DID, "revokedCredential": names, **changes}
    found = Elsewhere({url: listed}).verify(badge)
    return found.outcome.value, codes(found)["status"]


@pytest.mark.parametrize(
    ("names", "outcome"),
    [
        ([], ("valid", "not_in_revocation_list")),
        ([{"id": "urn:other"}], ("valid", "not_in_revocation_list")),
        ([{"id": FACTS.id}], ("not_valid", "revoked")),
        ([{"id": FACTS.id, "revoked": True}], ("not_valid", "revoked")),
        ([FACTS.id], ("not_valid", "revoked")),
        ([{"id": FACTS.id, "revoked": False}], ("valid", "not_in_revocation_list")),
        ([5, None, {"id": 7}], ("valid", "not_in_revocation_list")),
        ("x", ("could_not_be_checked", "list_not_trusted")),
    ],
)
def test_a_list_of_names(names, outcome):
    assert with_names(names) == outcome


def test_a_list_of_names_must_be_the_issuers_own():
    assert with_names([], issuer="did:web:evil.example")[1] == "list_not_trusted"
    assert with_names([], id="urn:x")[1] == "list_not_trusted"
    assert with_names([], url="https://elsewhere.example/list")[1] == "list_not_trusted"


def test_other_ways_of_revoking():
    document = signed()
    entry = {"id": "urn:x", "type": "BitstringStatusList"}
    assert status(None, resigned(document, credentialStatus=entry)) == (
        "could_not_be_checked",
        "unknown_status_type",
    )


# ------------------------------------------------------------- endorsements
def endorsed(*carried, world=None):
    facts = replace(FACTS, achievement=replace(ACHIEVEMENT, endorsements=carried))
    world = world or Elsewhere({ENDORSER_URL: published(OTHER_KEY, did=ENDORSER.did)})
    found = world.verify(signed(facts))
    return found, found.check("endorsements")


def test_each_carried_endorsement_is_verified_and_named():
    world = Elsewhere({ENDORSER_URL: published(OTHER_KEY, did=ENDORSER.did)})
    found = world.verify(signed(ENDORSED))
    check = found.check("endorsements")
    assert (found.outcome, check.code) == ("valid", "endorsements_verified")
    assert [one["by"] for one in check.facts["each"]] == [ENDORSER.name] * 3
    assert check.facts["each"][0]["comment"]


def broken(**changes):
    """Still well formed, but not as the endorser signed it."""
    return json.dumps({**json.loads(OF_ACHIEVEMENT), **changes}).encode()


@pytest.mark.parametrize(
    ("carried", "code", "detail"),
    [
        (endorsement("urn:uuid:another"), "endorsement_broken", "about_something_else"),
        (broken(name="Changed"), "endorsement_broken", "signature_differs"),
    ],
)
def test_a_broken_endorsement_fails_its_own_line_only(carried, code, detail):
    """It was broken before the issuer signed around it: the badge itself stays valid."""
    document = {k: v for k, v in signed().items() if k != "proof"}
    achievement = {
        **document["credentialSubject"]["achievement"],
        "endorsement": [json.loads(carried)],
    }
    subject = {**document["credentialSubject"], "achievement": achievement}
    badge = add_proof({**document, "credentialSubject": subject}, signer(), ISSUED)
    world = Elsewhere({ENDORSER_URL: published(OTHER_KEY, did=ENDORSER.did)})
    found = world.verify(badge)
    check = found.check("endorsements")
    assert (found.outcome, check.outcome, check.code) == ("valid", "failed", code)
    assert check.facts["each"][0]["code"] == detail


def test_an_endorser_who_cannot_be_found():
    found, check = endorsed(OF_ACHIEVEMENT, world=Elsewhere())
    assert (found.outcome, check.code) == ("valid", "endorsement_open")


def test_endorsements_as_tokens_and_as_anything():
    facts = replace(
        FACTS, achievement=replace(ACHIEVEMENT, endorsement_jwts=(token(ACHIEVEMENT.id),))
    )
    check = Elsewhere().verify(signed(facts)).check("endorsements")
    assert check.code in ("endorsement_open", "endorsement_broken")
    odd = Elsewhere().verify({**signed(), "endorsementJwt": ["x", 5, None]})
    assert odd.outcome != "valid"


def test_only_some_endorsements_are_looked_at():
    document = signed()
    document["endorsementJwt"] = ["a.b.c"] * 30
    unsigned = {k: v for k, v in document.items() if k != "proof"}
    badge = add_proof(unsigned, signer(), ISSUED)
    check = Elsewhere({DID_URL: published()}).verify(badge).check("endorsements")
    assert (len(check.facts["each"]), check.facts["left_out"]) == (10, 20)
