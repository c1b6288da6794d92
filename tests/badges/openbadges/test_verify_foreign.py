"""Open Badges 3.0 of any issuer: genuine, changed, hostile, and beyond what we read."""

import base64
import json
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from badges.openbadges.baking import bake_png, bake_svg
from badges.openbadges.errors import BadKey
from badges.openbadges.foreign_keys import did_key, did_web_address, find_key, same_origin
from badges.openbadges.jose import LocalJwtSigner, sign_jwt
from badges.openbadges.jwk import KeyAlgorithm, generate_private_key, thumbprint
from badges.openbadges.lookups import Fetched, Standing
from badges.openbadges.proof import LocalSigner, add_proof
from tests.badges.openbadges.facts import (
    DID,
    ISSUED,
    KEY,
    LIST_URL,
    NOW,
    OTHER_DID,
    OTHER_KEY,
    published,
    resigned,
    signed,
    spec,
    status_list,
)
from tests.badges.openbadges.foreign_facts import (
    DID_URL,
    Elsewhere,
    codes,
    published_jwk,
    token_of,
)

P256 = generate_private_key(KeyAlgorithm.P256)
RSA = generate_private_key(KeyAlgorithm.RSA)
ED25519 = generate_private_key(KeyAlgorithm.ED25519)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return out.getvalue()


def issued_as(issuer: str, key=KEY, method: str = "", **changes):
    """A badge of another kind of issuer, signed by the key under this verification method."""
    document = {k: v for k, v in signed().items() if k not in ("proof", "credentialStatus")}
    document["issuer"] = {"id": issuer, "type": ["Profile"], "name": "Elsewhere"}
    document["credentialSubject"]["achievement"].pop("creator")
    signer = LocalSigner(key, issuer)
    signer.verification_method = method or f"{issuer}#{key.multikey}"
    return add_proof({**document, **changes}, signer, ISSUED)


# ------------------------------------------------------------- genuine
def test_a_badge_of_a_did_web_issuer_with_its_list():
    world = Elsewhere()
    found = world.verify(signed())
    assert found.outcome == "valid"
    assert codes(found) == {
        "format": "well_formed",
        "proof": "signature_matches",
        "issuer": "issuer_controls_key",
        "dates": "in_period",
        "status": "not_revoked",
        "recipient": "email_matches",
        "endorsements": "no_endorsements",
    }
    assert world.asked[:2] == [DID_URL, LIST_URL]
    assert (found.kind, found.standing) == ("ob3", "unknown")
    assert found.shown["issuer_id"] == DID


def test_the_standing_of_the_issuer_is_told():
    world = Elsewhere()
    world.standings[DID] = Standing.LISTED
    assert world.verify(signed()).standing == "listed"


def test_our_own_badge_asks_for_its_list_only():
    world = Elsewhere({DID_URL: None})
    world.standings[DID] = Standing.PORTAL
    found = world.verify(signed())
    assert (found.outcome, found.standing) == ("valid", "portal")
    assert set(world.asked) == {LIST_URL}
    changed = {**signed(), "name": "Gold"}
    assert codes(world.verify(changed))["proof"] == "signature_differs"
    assert codes(world.verify({**signed(), "level": "gold"}))["format"] == "undefined_property"


def test_a_did_key_issuer_needs_nobody():
    world = Elsewhere()
    did = f"did:key:{KEY.multikey}"
    assert world.verify(issued_as(did), email=None).outcome == "valid"
    assert world.asked == []
    bare = issued_as(did, method=did)
    assert world.verify(bare, email=None).outcome == "valid"


def test_an_issuer_with_an_https_address():
    issuer = "https://school.example/issuer"
    world = Elsewhere({issuer: published(KEY, did=issuer)})
    assert world.verify(issued_as(issuer), email=None).outcome == "valid"
    without = Elsewhere({issuer: {"id": issuer, "type": "Profile"}})
    found = without.verify(issued_as(issuer), email=None)
    assert (found.outcome, codes(found)["proof"]) == ("could_not_be_checked", "unknown_key")


def test_a_key_that_stands_alone_at_the_issuers_own_host():
    issuer, method = "https://school.example/issuer", "https://school.example/keys/1"
    document = issued_as(issuer, method=method)
    key = {
        "id": method,
        "type": "Multikey",
        "controller": issuer,
        "publicKeyMultibase": KEY.multikey,
    }
    assert Elsewhere({method: key}).verify(document, email=None).outcome == "valid"
    for other in (
        {**key, "controller": "https://evil.example/"},
        {**key, "id": "https://x.example"},
    ):
        assert Elsewhere({method: other}).verify(document, email=None).outcome != "valid"
    elsewhere = issued_as(issuer, method="https://evil.example/keys/1")
    theirs = {**key, "id": "https://evil.example/keys/1"}
    found = Elsewhere({"https://evil.example/keys/1": theirs}).verify(elsewhere, email=None)
    assert found.outcome == "could_not_be_checked"


@pytest.mark.parametrize("name", ["simple-did-key-method"])
def test_a_key_that_nothing_ties_to_the_issuer(name):
    """The signature holds, but whoever made it could have named any issuer."""
    found = Elsewhere().verify(spec(f"ob3/fixtures-1edtech/{name}.json").read_bytes(), email=None)
    assert found.outcome == "could_not_be_checked"
    assert codes(found)["proof"] == "signature_matches"
    assert codes(found)["issuer"] == "issuer_not_tied"


@pytest.mark.parametrize("private", [P256, RSA, ED25519], ids=["ES256", "RS256", "EdDSA"])
def test_signed_tokens(private):
    world = Elsewhere({DID_URL: published_jwk(private), LIST_URL: status_list(7, key=KEY)})
    token = token_of(private, status=())
    found = world.verify(token)
    assert (found.outcome, found.kind) == ("valid", "ob3_jwt")
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["name"] = "Gold"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    changed = world.verify(f"{head}.{forged}.{signature}")
    assert (changed.outcome, codes(changed)["proof"]) == ("not_valid", "signature_differs")


def unsigned_token(header, claims=None):
    parts = (header, claims or {k: v for k, v in signed().items() if k != "proof"})
    encoded = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in parts]
    return b".".join([*encoded, b"AAAA"]).decode()


@pytest.mark.parametrize(
    ("header", "outcome"),
    [
        ({"alg": "none"}, "not_valid"),
        ({"alg": "HS256"}, "not_valid"),
        ({"alg": "ES384"}, "could_not_be_checked"),
        ({"alg": "PS256"}, "could_not_be_checked"),
        ({"alg": "ES256", "crit": ["x"]}, "not_valid"),
        ({"alg": "ES256", "typ": "other"}, "could_not_be_checked"),
        ({"alg": ["ES256"]}, "not_valid"),
        ({"alg": "ES256", "kid": "https://169.254.169.254/key"}, "not_valid"),
        ({"alg": "ES256", "kid": "../../etc/passwd"}, "could_not_be_checked"),
        ({"alg": "ES256"}, "not_valid"),
    ],
)
def test_hostile_headers_of_tokens(header, outcome):
    found = Elsewhere({DID_URL: published_jwk(P256)}).verify(unsigned_token(header))
    assert found.outcome == outcome, codes(found)


def test_a_key_in_the_header_counts_only_if_the_issuer_lists_it():
    unsigned = {k: v for k, v in signed(status=()).items() if k != "proof"}
    mine = LocalJwtSigner(P256, DID)
    token = sign_jwt(unsigned, mine)
    header, body, _signature = token.split(".")
    shown = json.loads(base64.urlsafe_b64decode(header + "=="))
    shown.pop("kid")
    head = base64.urlsafe_b64encode(json.dumps(shown).encode()).rstrip(b"=").decode()
    signature = mine.sign(f"{head}.{body}".encode())
    packed = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    bare = f"{head}.{body}.{packed}"
    assert Elsewhere({DID_URL: published_jwk(P256)}).verify(bare).outcome == "valid"
    stranger = Elsewhere({DID_URL: published_jwk(RSA)}).verify(bare)
    assert (stranger.outcome, codes(stranger)["proof"]) == ("could_not_be_checked", "unknown_key")


def test_a_key_set_at_the_address_in_the_header():
    issuer, kid = "https://school.example/issuer", "https://school.example/jwks#one"
    unsigned = {k: v for k, v in issued_as(issuer).items() if k != "proof"}
    signer = LocalJwtSigner(P256, issuer)
    signer.key_id = f"{issuer}#x"
    token = sign_jwt(unsigned, signer, with_jwk=False)
    header, body, _rest = token.split(".")
    shown = {**json.loads(base64.urlsafe_b64decode(header + "==")), "kid": kid}
    head = base64.urlsafe_b64encode(json.dumps(shown).encode()).rstrip(b"=").decode()
    packed = base64.urlsafe_b64encode(signer.sign(f"{head}.{body}".encode())).rstrip(b"=").decode()
    keys = {"keys": [{"kid": "two"}, {**signer.public_jwk, "kid": "one"}]}
    world = Elsewhere({"https://school.example/jwks": keys})
    assert world.verify(f"{head}.{body}.{packed}", email=None).outcome == "valid"


# ------------------------------------------------------------- pictures and addresses
def test_pictures_and_addresses():
    content = json.dumps(signed())
    address = "https://school.example/badge.json"
    world = Elsewhere({address: signed(), f"{address}.png": bake_png(png(), content)})
    for given in (
        bake_png(png(), content),
        bake_svg(SVG, content),
        address,
        f"{address}.png",
        b"\xef\xbb\xbf " + content.encode(),
    ):
        assert world.verify(given).outcome == "valid"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (png(), "no_credential"),
        (SVG.encode(), "no_credential"),
        (b"\x89PNG\r\n\x1a\n", "truncated"),
        (b"<svg", "not_xml"),
        (b"<!DOCTYPE svg [<!ENTITY x 'y'>]><svg>&x;</svg>", "entities_not_allowed"),
        (b"https://nowhere.example/x", "address_not_read"),
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"[]", "not_an_object"),
        (b'{"a":1,"a":2}', "repeated_member"),
        (b'{"a":NaN}', "not_json"),
        (b"\xff\xfe{}", "not_utf8"),
        (b'{"a":' * 5000, None),
        (b"[" * 100_000, None),
        (b'{"a":' + b"9" * 10_000 + b"}", "not_json"),
        (b'{"@context":["https://www.w3.org/ns/credentials/v2"],"a":"\\u0000"}', None),
        (b"<svg" + b" " * (2 * 1024 * 1024), "too_large"),
        (b"x" * 600_000, "too_large"),
        (b"{" + b" " * 300_000 + b"}", "too_large"),
    ],
)
def test_hostile_bytes_get_a_calm_verdict(given, code):
    found = Elsewhere().verify(given)
    assert found.outcome in ("not_valid", "could_not_be_checked")
    assert found.document is None
    assert len(found.checks) == 7
    if code:
        assert codes(found)["format"] == code


def test_an_address_that_leads_to_another_address_is_not_followed():
    first, second = b"https://a.example/1", b"https://a.example/2"
    world = Elsewhere({first.decode(): second, second.decode(): signed()})
    assert codes(world.verify(first))["format"] == "address_not_read"


# ------------------------------------------------------------- changed and wrong
@pytest.mark.parametrize(
    ("changes", "name", "code"),
    [
        ({"name": "Gold"}, "proof", "signature_differs"),
        ({"validUntil": "2020-01-01T00:00:00Z"}, "dates", "dates_reversed"),
        ({"awardLevel": "gold"}, "format", "undefined_property"),
        ({"type": ["VerifiableCredential", "OpenBadgeCredential", "Gold"]}, "format", None),
        ({"proof": None}, "proof", "no_proof"),
        ({"proof": [5]}, "proof", "bad_proof"),
        ({"issuer": "did:web:evil.example"}, "issuer", "issuer_mismatch"),
    ],
)
def test_what_makes_a_badge_not_valid(changes, name, code):
    found = Elsewhere().verify({**signed(), **changes})
    assert found.outcome == "not_valid"
    assert found.check(name).outcome == "failed"
    assert code is None or found.check(name).code == code


def test_a_key_of_another_did_signs_for_nobody_else():
    document = {**signed(), "credentialStatus": None}
    document.pop("credentialStatus")
    document.pop("proof")
    forged = add_proof(document, LocalSigner(OTHER_KEY, "did:web:evil.example"), ISSUED)
    world = Elsewhere(
        {
            "https://evil.example/.well-known/did.json": published(
                OTHER_KEY, did="did:web:evil.example"
            )
        }
    )
    found = world.verify(forged)
    assert found.outcome == "not_valid"
    assert codes(found)["issuer"] == "issuer_mismatch"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"cryptosuite": "ecdsa-sd-2023"}, "other_cryptosuite"),
        ({"cryptosuite": "ecdsa-rdfc-2019"}, "other_cryptosuite"),
        ({"type": "Ed25519Signature2020"}, "other_type"),
        ({"previousProof": "urn:x"}, "unknown_proof_member"),
    ],
)
def test_other_ways_of_signing_are_named_and_not_judged(changes, code):
    document = signed()
    document["proof"].update(changes)
    found = Elsewhere().verify(document)
    assert (found.outcome, codes(found)["proof"]) == ("could_not_be_checked", code)
    if code == "other_cryptosuite":
        assert found.check("proof").facts["found"] == changes["cryptosuite"]


def test_several_proofs_and_a_list_of_one():
    document = signed()
    assert Elsewhere().verify({**document, "proof": [document["proof"]]}).outcome == "valid"
    two = Elsewhere().verify({**document, "proof": [document["proof"]] * 2})
    assert (two.outcome, codes(two)["proof"]) == ("could_not_be_checked", "several_proofs")


@pytest.mark.parametrize(
    ("member", "value", "outcome"),
    [
        ("proofPurpose", "authentication", "not_valid"),
        ("proofValue", 5, "not_valid"),
        ("proofValue", "z1", "not_valid"),
        ("verificationMethod", "key-1", "not_valid"),
        ("verificationMethod", "did:example:1#k", "could_not_be_checked"),
        ("verificationMethod", f"did:web:127.0.0.1%3A6379#{KEY.multikey}", "not_valid"),
        ("created", "yesterday", "not_valid"),
        ("created", "2099-01-01T00:00:00Z", "not_valid"),
        ("@context", ["https://evil.example/"], "could_not_be_checked"),
    ],
)
def test_odd_proofs(member, value, outcome):
    document = signed()
    document["proof"][member] = value
    found = Elsewhere().verify(document)
    assert found.outcome in (outcome, "not_valid")
    assert found.outcome != "valid"


def test_a_proof_without_a_date_or_with_an_end():
    document = {k: v for k, v in signed(status=()).items() if k != "proof"}
    options = {"expires": "2026-11-21T00:00:00Z"}
    for extra, code in (({}, "signature_matches"), (options, "proof_expired")):
        found = Elsewhere().verify(with_options(document, extra))
        assert codes(found)["proof"] == code


def with_options(document, extra):
    """Signed by the book with other proof options."""
    from hashlib import sha256

    from badges.openbadges.canonical import canonicalise
    from badges.openbadges.multibase import encode_base58
    from tests.badges.openbadges.facts import signer

    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "verificationMethod": signer().verification_method,
        "proofPurpose": "assertionMethod",
        **extra,
    }
    texts = [canonicalise({"@context": document["@context"], **options}), canonicalise(document)]
    data = b"".join(sha256(one.encode()).digest() for one in texts)
    return {**document, "proof": {**options, "proofValue": encode_base58(signer().sign(data))}}


@pytest.mark.parametrize(
    "contexts",
    [
        ["https://www.w3.org/2018/credentials/v1"],
        ["https://www.w3.org/ns/credentials/v2", "https://evil.example/context"],
        ["https://www.w3.org/ns/credentials/v2", {"name": "https://evil.example/"}],
    ],
)
def test_other_vocabularies_are_not_judged_and_never_loaded(contexts):
    world = Elsewhere()
    found = world.verify({**signed(), "@context": contexts})
    assert found.outcome == "could_not_be_checked"
    assert world.asked == []


def test_more_than_one_person_and_other_credentials():
    document = signed()
    several = resigned(document, credentialSubject=[document["credentialSubject"]])
    assert codes(Elsewhere().verify(several))["format"] == "several_subjects"
    other = resigned(status_list(7), credentialSubject={"id": "urn:x"})
    assert Elsewhere().verify(other).outcome == "could_not_be_checked"


def test_expired_and_not_yet():
    late, early = NOW + timedelta(days=2000), ISSUED - timedelta(days=1)
    assert codes(Elsewhere().verify(signed(), now=late))["dates"] == "expired"
    assert codes(Elsewhere().verify(signed(), now=early))["dates"] == "not_yet_valid"


# ------------------------------------------------------------- the earner
@pytest.mark.parametrize(
    ("subject", "email", "code"),
    [
        ({}, None, "no_email"),
        ({}, "a@example.org", "recipient_not_named"),
        ({"id": "mailto:A@example.org"}, "a@example.org", "email_matches"),
        ({"id": "mailto:b@example.org"}, "a@example.org", "email_differs"),
        ("plain", "a@example.org", "email_matches"),
        ("plain", "b@example.org", "email_differs"),
    ],
)
def test_whose_badge_it_is(subject, email, code):
    document = issued_as(f"did:key:{KEY.multikey}")
    document.pop("proof")
    person = document["credentialSubject"]
    person.pop("identifier", None)
    if subject == "plain":
        person["identifier"] = [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityHash": "a@example.org",
                "identityType": "emailAddress",
            }
        ]
    else:
        person.update(subject)
    again = add_proof(document, LocalSigner(KEY, f"did:key:{KEY.multikey}"), ISSUED)
    found = Elsewhere().verify(again, email=email)
    assert codes(found)["recipient"] == code
    assert found.outcome == ("not_valid" if code == "email_differs" else "valid")


# ------------------------------------------------------------- keys
@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:school.example", "https://school.example/.well-known/did.json"),
        ("did:web:school.example:a:b-1", "https://school.example/a/b-1/did.json"),
    ],
)
def test_where_did_web_documents_stand(did, url):
    assert did_web_address(did) == url


@pytest.mark.parametrize(
    "did",
    [
        "did:web:127.0.0.1%3A6379",
        "did:web:evil%2F..",
        "did:web:evil.example:..:x",
        "did:web:evil.example:.",
        "did:web:localhost",
        "did:web:user@evil.example",
        "did:web:evil.example/x",
        "did:web:evil.example?x",
        "did:web:",
        "did:web:EVIL.example",
        "did:web:evil.example:a b",
    ],
)
def test_tricks_with_did_web_are_refused(did):
    with pytest.raises(BadKey):
        did_web_address(did)


def test_did_key_and_other_methods():
    assert did_key(f"did:key:{KEY.multikey}#{KEY.multikey}").public_key == KEY.public_key
    for wrong in (f"did:key:{KEY.multikey}#{OTHER_KEY.multikey}", "did:key:zBad", "did:key:"):
        with pytest.raises(BadKey):
            did_key(wrong)
    with pytest.raises(BadKey):
        find_key("did:ethr:0x1#k", "did:ethr:0x1", Elsewhere())
    assert same_origin("https://a.example/1", "https://a.example/2")
    assert not same_origin("https://a.example", "https://[broken")
    assert not same_origin("urn:x", "urn:x")


@pytest.mark.parametrize("content", [b"[]", b"{", b"\xff", Fetched(404, b""), Fetched(410, b"")])
def test_a_did_document_that_cannot_be_read(content):
    found = Elsewhere({DID_URL: content}).verify(signed())
    assert (found.outcome, codes(found)["proof"]) == ("could_not_be_checked", "unknown_key")


def test_a_did_document_of_somebody_else_and_odd_ones():
    for document in (
        published(OTHER_KEY),
        published(KEY, did=OTHER_DID),
        {**published(), "assertionMethod": [5, None, {"id": 7}]},
        {**published(), "assertionMethod": "x"},
        {**published(), "verificationMethod": {"a": 1}},
    ):
        assert Elsewhere({DID_URL: document}).verify(signed()).outcome != "valid"
    assert thumbprint(LocalJwtSigner(P256, DID).public_jwk)
