"""getCredentials, upsertCredential, getProfile and putProfile as the specification has them."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft201909Validator

from badges.api.openbadges.scopes import SCOPES
from badges.models import BackpackCredential, Passport
from badges.openbadges.jose import LocalJwtSigner, sign_jwt
from tests.badges.api_openbadges.conftest import CREDENTIALS, PROFILE
from tests.factories.badges import issued_award

pytestmark = pytest.mark.django_db
SPECS = Path(__file__).parents[4] / "shared" / "specs" / "ob3" / "schema" / "json"


def foreign(number: int = 1, issuer: str = "did:web:elsewhere.example", **more) -> dict:
    return {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": f"https://elsewhere.example/credentials/{number}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Elsewhere"},
        "validFrom": "2026-01-31T12:00:00Z",
        "name": "Welding",
        "credentialSubject": {
            "id": "urn:uuid:11111111-1111-4111-8111-111111111111",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://elsewhere.example/achievements/1",
                "type": ["Achievement"],
                "name": "Welding",
                "description": "Welds.",
                "criteria": {"narrative": "Has welded."},
            },
        },
        "proof": [{"type": "DataIntegrityProof", "proofValue": "z1"}],
        **more,
    }


def valid_as(name: str, document: object) -> None:
    path = SPECS / f"ob_v3p0_{name}_schema.json"
    if not path.exists():
        pytest.skip("the specification files are not beside the project")
    Draft201909Validator(json.loads(path.read_text())).validate(document)


@pytest.fixture
def award(cast, badge, issuers):
    return issued_award(cast.teacher, badge, cast.coordinator)


def test_own_badges_come_byte_for_byte(connected, award) -> None:
    response = connected.get(CREDENTIALS)
    assert response.status_code == 200
    assert response["X-Total-Count"] == "1"
    assert award.credential.body.encode() in response.content
    assert response.json()["compactJwsString"] == []


def test_the_answer_fits_the_published_schema(connected, award) -> None:
    connected.send("POST", CREDENTIALS, foreign())
    answer = connected.get(CREDENTIALS).json()
    for credential in answer["credential"]:
        # The schemas of 2024 want a list where the standard lets one proof stand alone.
        if isinstance(credential["proof"], dict):
            credential["proof"] = [credential["proof"]]
    valid_as("getopenbadgecredentialsresponse", answer)


def test_other_peoples_badges_do_not_come(connected, cast, badge, issuers) -> None:
    issued_award(cast.second_teacher, badge, cast.coordinator)
    assert connected.get(CREDENTIALS).json()["credential"] == []


def test_a_foreign_badge_is_kept_once_and_replaced(connected) -> None:
    document = foreign()
    first = connected.send("POST", CREDENTIALS, document)
    assert first.status_code == 201
    assert first.json() == document
    changed = foreign(name="Welding 2")
    assert connected.send("POST", CREDENTIALS, changed).status_code == 200
    kept = BackpackCredential.objects.get()
    assert json.loads(kept.body)["name"] == "Welding 2"
    # the same id of another issuer is another badge
    other = foreign(issuer="did:web:third.example")
    assert connected.send("POST", CREDENTIALS, other).status_code == 201


def test_a_token_is_kept_as_text(connected) -> None:
    signer = LocalJwtSigner(_private_key(), "did:web:elsewhere.example")
    document = foreign()
    document.pop("proof")
    token = sign_jwt(document, signer)
    response = connected.send("POST", CREDENTIALS, token, "text/plain")
    assert response.status_code == 201
    assert response.content.decode() == token
    assert connected.get(CREDENTIALS).json()["compactJwsString"] == [token]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "application/json"),
        ("{", "application/json"),
        ("[]", "application/json"),
        ('"text"', "application/json"),
        ('{"type": "VerifiableCredential"}', "application/json"),
        ("{}" * 200_000, "application/json"),
        ("[" * 10_000, "application/json"),
        ("a.b.c", "text/plain"),
        ("\x00", "text/plain"),
        ("<x/>", "application/xml"),
        ("a=b", "application/x-www-form-urlencoded"),
        (json.dumps(foreign(proof=None)), "application/json"),
        (json.dumps(foreign(id="x" * 600)), "application/json"),
        (json.dumps(foreign(id=7)), "application/json"),
        (json.dumps(foreign(issuer=7)), "application/json"),
    ],
)
def test_what_is_no_badge_is_refused_in_words(connected, body, kind) -> None:
    response = connected.send("POST", CREDENTIALS, body, kind)
    assert response.status_code == 400
    assert response.json()["imsx_codeMajor"] == "failure"
    assert response.json()["imsx_description"]
    assert not BackpackCredential.objects.exists()


def test_pages_are_linked(connected) -> None:
    for number in range(5):
        connected.send("POST", CREDENTIALS, foreign(number))
    response = connected.get(CREDENTIALS, limit=2, offset=2)
    assert len(response.json()["credential"]) == 2
    assert response["X-Total-Count"] == "5"
    links = response["Link"]
    assert 'limit=2&offset=4>; rel="next"' in links
    assert 'limit=2&offset=0>; rel="prev"' in links
    assert 'offset=4>; rel="last"' in links
    seen = {
        one["id"]
        for offset in (0, 2, 4)
        for one in connected.get(CREDENTIALS, limit=2, offset=offset).json()["credential"]
    }
    assert len(seen) == 5


def test_since_leaves_out_what_is_older(connected, award) -> None:
    assert connected.get(CREDENTIALS, since="2020-01-01T00:00:00Z").json()["credential"]
    assert connected.get(CREDENTIALS, since="2999-01-01T00:00:00").json()["credential"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "many"},
        {"limit": "9" * 40},
        {"offset": "-1"},
        {"offset": "1.5"},
        {"since": "yesterday"},
        {"since": "2026-13-45T00:00:00Z"},
        {"since": "\x00"},
    ],
)
def test_a_query_that_makes_no_sense_is_named(connected, query) -> None:
    response = connected.get(CREDENTIALS, **query)
    assert response.status_code == 400
    minor = response.json()["imsx_CodeMinor"]["imsx_codeMinorField"][0]
    assert minor["imsx_codeMinorFieldValue"] == "invalid_query_parameter"


def test_a_page_far_behind_the_end_is_empty(connected) -> None:
    assert connected.get(CREDENTIALS, offset=9_999_999).json()["credential"] == []


def test_the_number_of_queries_does_not_grow(connected, django_assert_max_num_queries) -> None:
    for number in range(30):
        connected.send("POST", CREDENTIALS, foreign(number))
    with django_assert_max_num_queries(12):
        connected.get(CREDENTIALS)


def test_a_backpack_has_an_end(connected, cast, monkeypatch) -> None:
    monkeypatch.setattr("badges.services.backpack.MAX_KEPT", 2)
    for number in (1, 2):
        assert connected.send("POST", CREDENTIALS, foreign(number)).status_code == 201
    assert connected.send("POST", CREDENTIALS, foreign(3)).status_code == 400
    assert connected.send("POST", CREDENTIALS, foreign(2)).status_code == 200


def test_kept_badges_are_listed_and_removed_by_their_person(connected, cast, as_user) -> None:
    connected.send("POST", CREDENTIALS, foreign())
    kept = BackpackCredential.objects.get()
    browser = as_user(cast.teacher)
    assert "elsewhere.example" in browser.get("/connected-apps/").content.decode()
    where = f"/connected-apps/kept/{kept.public_id}/remove/"
    assert as_user(cast.coordinator).post(where).status_code == 404
    assert browser.get(where).status_code == 405
    assert browser.post(where).status_code == 302
    assert not BackpackCredential.objects.exists()


def test_the_profile_is_the_persons_own(connected, cast) -> None:
    profile = connected.get(PROFILE).json()
    assert profile["id"] == f"urn:uuid:{cast.teacher.public_id}"
    assert profile["email"] == cast.teacher.email
    valid_as("profile", profile)


def test_a_profile_is_changed_by_name_and_words(connected, cast) -> None:
    sent = {"type": ["Profile"], "name": "New Demo\u202e", "description": "I guide."}
    sent["email"] = "x@y.example"
    response = connected.send("PUT", PROFILE, sent)
    assert response.status_code == 200
    assert response.json()["name"] == "New Demo"
    assert response.json()["email"] == cast.teacher.email  # an address is not changed from outside
    assert Passport.objects.get(person=cast.teacher).about == "I guide."
    assert connected.send("PUT", PROFILE, {"description": ""}).json()["name"] == "New Demo"


@pytest.mark.parametrize(
    "sent", [{"name": ""}, {"name": 7}, {"name": "x" * 121}, {"description": "x" * 601}, "no", []]
)
def test_a_bad_profile_changes_nothing(connected, cast, sent) -> None:
    assert connected.send("PUT", PROFILE, sent).status_code == 400
    name = cast.teacher.name
    cast.teacher.refresh_from_db()
    assert cast.teacher.name == name


def test_methods_that_do_not_exist_are_refused_in_kind(connected) -> None:
    response = connected.send("DELETE", PROFILE, "")
    assert response.status_code in (403, 405)
    assert response.json()["imsx_codeMajor"] == "failure"


def test_every_scope_has_words() -> None:
    assert all(str(words) for words in SCOPES.values())


def _private_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
