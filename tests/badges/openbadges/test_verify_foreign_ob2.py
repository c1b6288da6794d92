"""Open Badges 2.0 of any issuer: hosted and signed."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from badges.openbadges.baking import Generation, bake_svg
from badges.openbadges.lookups import Fetched
from badges.openbadges.ob2 import build_assertion, build_issuer, build_revocation_list
from badges.openbadges.ob2_structure import Ob2Kind
from tests.badges.openbadges.facts import EMAIL, ISSUED
from tests.badges.openbadges.foreign_facts import Elsewhere, codes
from tests.badges.openbadges.test_ob2 import ASSERTION, BADGE, DOCUMENTS, ISSUER

HOSTED = DOCUMENTS[Ob2Kind.ASSERTION]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"></svg>'
KEY_URL = f"{ISSUER.id}/key.json"
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = (
    PRIVATE.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


def world(**documents):
    known = {
        ASSERTION.id: HOSTED,
        BADGE.id: DOCUMENTS[Ob2Kind.BADGE_CLASS],
        ISSUER.id: DOCUMENTS[Ob2Kind.ISSUER],
        ISSUER.revocation_list: DOCUMENTS[Ob2Kind.REVOCATION_LIST],
    }
    return Elsewhere({**known, **documents})


# ------------------------------------------------------------- hosted
def test_a_hosted_badge_in_every_form():
    in_picture = bake_svg(SVG, ASSERTION.id, Generation.OPEN_BADGES_2)
    for given in (HOSTED, ASSERTION.id, in_picture, json.dumps(HOSTED)):
        found = world().verify(given)
        assert found.outcome == "valid", codes(found)
        assert codes(found) == {
            "format": "ob2_well_formed",
            "proof": "hosted",
            "issuer": "issuer_publishes_badge",
            "dates": "in_period",
            "status": "hosted_not_revoked",
            "recipient": "email_matches",
            "endorsements": "no_endorsements",
        }
        assert (found.kind, found.shown["name"]) == ("ob2", BADGE.name)
        assert found.shown["issuer"] == ISSUER.name


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipient": {**HOSTED["recipient"], "salt": "other"}}, "hosted_differs"),
        ({"issuedOn": "2020-01-01T00:00:00Z"}, "hosted_differs"),
        ({"badge": "https://evil.example/badge"}, "hosted_differs"),
        ({"narrative": "Better"}, "hosted_differs"),
    ],
)
def test_a_changed_copy(change, code):
    found = world().verify({**HOSTED, **change})
    assert (found.outcome, codes(found)["proof"]) == ("not_valid", code)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Fetched(410, b""), "gone"),
        ({"@context": HOSTED["@context"], "id": ASSERTION.id, "revoked": True}, "revoked"),
    ],
)
def test_taken_back_at_its_address(answer, code):
    found = world(**{ASSERTION.id: answer}).verify(HOSTED)
    assert (found.outcome, codes(found)["status"]) == ("not_valid", code)


def test_a_revoked_assertion_says_so_itself():
    document = {"@context": HOSTED["@context"], "id": ASSERTION.id, "revoked": True}
    assert codes(world().verify(document))["status"] == "revoked"


@pytest.mark.parametrize("missing", [ASSERTION.id, BADGE.id, ISSUER.id])
def test_what_cannot_be_read(missing):
    for nothing in (None, b"{", {"id": "urn:x"}, Fetched(404, b"")):
        assert world(**{missing: nothing}).verify(HOSTED).outcome in (
            "could_not_be_checked",
            "not_valid",
        )
    assert world(**{missing: None}).verify(HOSTED).outcome == "could_not_be_checked"


def test_an_assertion_at_a_strangers_address():
    """Anybody can host a badge that names a school; only the school's own address counts."""
    address = "https://evil.example/assertion.json"
    stranger = {**HOSTED, "id": address, "badge": DOCUMENTS[Ob2Kind.BADGE_CLASS]}
    found = world(**{address: stranger}).verify(stranger)
    assert (found.outcome, codes(found)["issuer"]) == ("not_valid", "other_origin")


def test_embedded_badges_are_read_and_embedded_issuers_are_not_believed():
    badge = {**DOCUMENTS[Ob2Kind.BADGE_CLASS], "issuer": DOCUMENTS[Ob2Kind.ISSUER]}
    embedded = {**HOSTED, "badge": badge}
    assert world(**{ASSERTION.id: embedded}).verify(embedded).outcome == "valid"
    assert world(**{ASSERTION.id: embedded, ISSUER.id: None}).verify(embedded).outcome != "valid"


def test_dates_and_earner():
    late = world().verify(HOSTED, now=ISSUED.replace(year=2035))
    early = world().verify(HOSTED, now=ISSUED.replace(year=2020))
    assert codes(late)["dates"] == "expired"
    assert codes(early)["dates"] == "not_yet_valid"
    backwards = {**HOSTED, "expires": "2000-01-01T00:00:00Z"}
    assert codes(world(**{ASSERTION.id: backwards}).verify(backwards))["dates"] == "dates_reversed"
    other = world().verify(HOSTED, email="somebody@example.org")
    assert (other.outcome, codes(other)["recipient"]) == ("not_valid", "email_differs")
    assert codes(world().verify(HOSTED, email=None))["recipient"] == "no_email"


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        ({"type": "email", "hashed": False, "identity": EMAIL}, "email_matches"),
        ({"type": "email", "hashed": True, "identity": "md5$" + "0" * 32}, "weak_hash"),
        ({"type": "url", "hashed": False, "identity": "https://x.example"}, "recipient_not_named"),
    ],
)
def test_other_ways_to_name_the_earner(recipient, code):
    document = {**HOSTED, "recipient": recipient}
    found = world(**{ASSERTION.id: document}).verify(document)
    assert codes(found)["recipient"] == code


@pytest.mark.parametrize(
    "change",
    [
        {"id": "urn:x y"},
        {"type": "Else"},
        {"recipient": None},
        {"verification": {"type": "other"}},
        {"badge": 5},
        {"issuedOn": "yesterday"},
    ],
)
def test_incomplete_assertions(change):
    found = world().verify({**HOSTED, **change})
    assert found.outcome in ("not_valid", "could_not_be_checked")
    assert found.check("format").outcome != "passed"


# ------------------------------------------------------------- signed
def signed_token(private=PRIVATE, algorithm="RS256", **changes):
    document = {**HOSTED, "verification": {"type": "signed", "creator": KEY_URL}, **changes}
    key = (RSAKey if algorithm == "RS256" else ECKey).import_key(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return jws.serialize_compact({"alg": algorithm}, json.dumps(document).encode(), key)


def key_document(pem=PEM, **changes):
    return {
        "@context": HOSTED["@context"],
        "id": KEY_URL,
        "type": "CryptographicKey",
        "owner": ISSUER.id,
        "publicKeyPem": pem,
        **changes,
    }


def signing_world(listed=KEY_URL, key=None, **documents):
    issuer = {**build_issuer(ISSUER), "publicKey": listed}
    return world(**{ISSUER.id: issuer, KEY_URL: key or key_document(), **documents})


def test_a_signed_badge():
    found = signing_world().verify(signed_token())
    assert found.outcome == "valid", codes(found)
    assert codes(found)["issuer"] == "issuer_signs_token"
    assert codes(found)["status"] == "not_in_revocation_list"
    embedded = signing_world(listed=[key_document()])
    assert embedded.verify(signed_token()).outcome == "valid"


def test_a_signed_badge_with_p256():
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    found = signing_world(key=key_document(pem.decode())).verify(signed_token(private, "ES256"))
    assert found.outcome == "valid"
    rsa_key = signing_world().verify(signed_token(private, "ES256"))
    assert codes(rsa_key)["proof"] == "alg_differs_from_key"


def test_a_signed_badge_is_revoked_by_the_issuers_list():
    revoked = build_revocation_list(ISSUER.revocation_list, ISSUER.id, [(ASSERTION.id, "")])
    found = signing_world(**{ISSUER.revocation_list: revoked}).verify(signed_token())
    assert (found.outcome, codes(found)["status"]) == ("not_valid", "revoked")
    other = build_revocation_list(ISSUER.revocation_list, "https://evil.example/", [])
    for content, code in ((None, "list_missing"), (other, "list_not_trusted"), (b"{", None)):
        found = signing_world(**{ISSUER.revocation_list: content}).verify(signed_token())
        assert found.outcome == "could_not_be_checked"
        assert code is None or codes(found)["status"] == code


def test_without_a_list_none_is_asked():
    issuer = {**build_issuer(replace(ISSUER, revocation_list="")), "publicKey": KEY_URL}
    found = signing_world(**{ISSUER.id: issuer}).verify(signed_token())
    assert (found.outcome, codes(found)["status"]) == ("valid", "no_status")


@pytest.mark.parametrize(
    ("where", "outcome"),
    [
        ({"listed": "https://evil.example/key"}, "not_valid"),
        ({"listed": None}, "not_valid"),
        ({"key": key_document(owner="https://evil.example/")}, "not_valid"),
        ({"key": key_document(pem="nonsense")}, "not_valid"),
        ({"key": key_document(pem=5)}, "not_valid"),
        ({"key": b"{"}, "not_valid"),
    ],
)
def test_keys_that_are_not_the_issuers(where, outcome):
    assert signing_world(**where).verify(signed_token()).outcome == outcome


def test_a_forged_token_and_missing_things():
    head, _body, signature = signed_token().split(".")
    _h, body, _s = signed_token(narrative="Better").split(".")
    found = signing_world().verify(f"{head}.{body}.{signature}")
    assert (found.outcome, codes(found)["proof"]) == ("not_valid", "signature_differs")
    assert signing_world(**{KEY_URL: Fetched(404, b"")}).verify(signed_token()).outcome == (
        "could_not_be_checked"
    )
    assert signing_world(**{ISSUER.id: None}).verify(signed_token()).outcome == (
        "could_not_be_checked"
    )
    other = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    small = other.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    found = signing_world(key=key_document(small.decode())).verify(signed_token())
    assert found.outcome == "not_valid"


def test_a_signed_badge_that_is_not_signed():
    document = {**HOSTED, "verification": {"type": "signed", "creator": KEY_URL}}
    found = world().verify(document)
    assert (found.outcome, codes(found)["proof"]) == ("not_valid", "no_proof")


def test_endorsements_of_2_0_are_left_open():
    document = {**HOSTED, "endorsement": ["https://x.example/1"]}
    found = world(**{ASSERTION.id: document}).verify(document)
    assert (found.outcome, codes(found)["endorsements"]) == ("valid", "endorsement_open")
    assert build_assertion(ASSERTION) == HOSTED
