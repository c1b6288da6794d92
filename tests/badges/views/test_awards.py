"""What was earned: pages, documents for machines, revoking, verifying, the API."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from badges.enums import AwardState
from badges.models import Award
from badges.openbadges.documents import parse_json
from badges.openbadges.keys import did_web_url
from badges.openbadges.status_list import decode_list
from badges.services.issuing import issue
from badges.services.keys import rotate_key
from techvet.actor import Actor
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import issued_award, make_badge, queued_award

pytestmark = pytest.mark.usefixtures("issuers")
HX = {"HX-Request": "true"}


@pytest.fixture
def award(cast, badge):
    return issued_award(cast.teacher, badge, cast.coordinator)


@pytest.fixture
def queued(cast, badge):
    return queued_award(cast.teacher, badge, cast.coordinator)


def at(award, rest=""):
    return f"/awards/{award.public_id}/{rest}"


# ------------------------------------------------------------- pages
def test_the_public_page(award):
    answer = Client().get(at(award))
    html = answer.content.decode()
    assert award.recipient_name in html
    assert "Valid" in html
    assert "Revoke this badge" not in html
    assert award.recipient.email not in html
    assert answer["X-Robots-Tag"] == "noindex"
    assert 'name="robots" content="noindex"' in html


def test_nothing_is_public_before_it_is_issued(cast, queued, as_user):
    for client in (Client(), as_user(cast.second_teacher), as_user(cast.far_coordinator)):
        for page in ("", "status/", "credential.json"):
            assert client.get(at(queued, page)).status_code == 404
    for person in (cast.teacher, cast.coordinator, cast.reviewer):
        assert "The badge is being issued." in as_user(person).get(at(queued)).content.decode()


def test_the_star_lights_up(cast, queued, as_user):
    client = as_user(cast.teacher)
    waiting = client.get(at(queued, "status/"), headers=HX).content.decode()
    assert 'hx-trigger="every 1s"' in waiting
    assert client.get(at(queued, "status/"))["Location"] == at(queued)
    issue(queued.pk)
    lit = client.get(at(queued, "status/"), headers=HX).content.decode()
    assert "star-new" in lit
    assert "hx-get" not in lit
    assert "The star is lit." in lit


def test_a_parked_award_can_be_tried_again(cast, queued, as_user):
    Award.objects.update(state=AwardState.PARKED, last_error="KeystoreClosed")
    assert "Somebody is looking at it" in as_user(cast.teacher).get(at(queued)).content.decode()
    coordinator = as_user(cast.coordinator)
    assert "Try again" in coordinator.get(at(queued)).content.decode()
    assert coordinator.post(at(queued, "retry/"))["Location"] == at(queued)
    assert issue(queued.pk)
    assert coordinator.post(at(queued, "retry/")).status_code == 409


def test_my_badges(cast, award, as_user):
    assert at(award) in as_user(cast.teacher).get("/my-badges/").content.decode()
    assert "No badges yet" in as_user(cast.second_teacher).get("/my-badges/").content.decode()
    assert goes_to_sign_in(Client().get("/my-badges/"))


def test_my_badges_cost_the_same_with_one_and_three(cast, award, as_user):
    client = as_user(cast.teacher)
    one = queries_of(client, "/my-badges/")
    for code in ("GDE", "AWP"):
        other = make_badge(cast.school, f"{code}-L1", family=code)
        issued_award(cast.teacher, other, cast.coordinator)
    assert queries_of(client, "/my-badges/") == one


# ------------------------------------------------------------- revoking
def test_revoking(cast, award, as_user):
    client = as_user(cast.coordinator)
    assert "This cannot be undone." in client.get(at(award, "revoke/")).content.decode()
    answer = client.post(at(award, "revoke/"), {"reason": "other", "note": "Wrong person."})
    assert answer["Location"] == at(award)
    assert "Wrong person." in client.get(at(award)).content.decode()
    public = Client().get(at(award)).content.decode()
    assert "Revoked" in public
    assert "Wrong person." not in public
    assert client.post(at(award, "revoke/"), {"reason": "other", "note": "x"}).status_code == 409


@pytest.mark.parametrize("data", [{}, {"reason": "because"}, {"reason": "other", "note": " "}])
def test_revoking_needs_a_reason(cast, award, as_user, data):
    answer = as_user(cast.coordinator).post(at(award, "revoke/"), data)
    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    award.refresh_from_db()
    assert award.revoked_at is None


def test_who_may_not_revoke(cast, award, as_user):
    data = {"reason": "earner_asked"}
    for name in ("teacher", "student", "admin", "far_coordinator"):
        assert as_user(getattr(cast, name)).post(at(award, "revoke/"), data).status_code == 403
    assert Client().post(at(award, "revoke/"), data).status_code == 302
    award.refresh_from_db()
    assert award.revoked_at is None


# ------------------------------------------------------------- documents
def documents_of(award):
    version = award.version.public_id
    return {
        at(award, "credential.json"): "application/vc+ld+json",
        f"/status/{award.status_list.public_id}": "application/vc+ld+json",
        "/issuers/near-school/did.json": "application/did+json",
        "/issuers/near-school/profile.json": "application/ld+json",
        f"/achievements/{version}.json": "application/ld+json",
        f"/achievements/{version}.svg": "image/svg+xml",
        f"/achievements/{version}.png": "image/png",
    }


def test_documents_are_cacheable_and_readable_from_anywhere(award):
    for url, content_type in documents_of(award).items():
        answer = Client().get(url)
        assert answer.status_code == 200, url
        assert answer["Content-Type"] == content_type
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cache-Control"].startswith("public, max-age=")
        again = Client().get(url, headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert Client().head(url).status_code == 200
        assert Client().post(url).status_code == 405
        assert not answer.cookies


def test_the_credential_is_served_as_signed(award):
    body = Client().get(at(award, "credential.json")).content
    assert body == award.credential.body.encode()
    named = Client().get(at(award, "credential.json?download"))
    assert named["Content-Disposition"] == 'attachment; filename="wgb-l1.json"'


def test_everything_that_the_credential_names_can_be_read(award, settings):
    document = parse_json(award.credential.body.encode())
    achievement = document["credentialSubject"]["achievement"]
    names = [document["id"], achievement["id"], achievement["image"]["id"]]
    names.append(document["credentialStatus"]["statusListCredential"])
    names += [did_web_url(document["issuer"]["id"]), document["issuer"]["url"]]
    names += [achievement["criteria"]["id"]]
    for name in names:
        assert name.startswith(settings.PORTAL_ORIGIN), name
        answer = Client().get(name.removeprefix(settings.PORTAL_ORIGIN))
        assert answer.status_code == 200, name
        if name == achievement["id"]:
            assert json.loads(answer.content)["id"] == name


def test_the_did_document_lists_retired_keys_too(cast, award):
    rotate_key(by=Actor.system(), issuer=cast.school)
    document = Client().get("/issuers/near-school/did.json").json()
    methods = [one["publicKeyMultibase"] for one in document["verificationMethod"]]
    assert len(methods) == 2
    assert award.key.public_key_multibase in methods
    assert "Retired" in Client().get("/issuers/near-school/").content.decode()


def test_the_status_list_is_the_published_one(award):
    document = Client().get(f"/status/{award.status_list.public_id}").json()
    assert not any(decode_list(document["credentialSubject"]["encodedList"]))


@pytest.mark.parametrize(
    "url",
    [
        "/awards/00000000-0000-4000-8000-000000000000/",
        "/awards/00000000-0000-4000-8000-000000000000/credential.json",
        "/achievements/00000000-0000-4000-8000-000000000000.json",
        "/status/00000000-0000-4000-8000-000000000000",
        "/issuers/nobody/did.json",
        "/issuers/near-company/did.json",
        "/issuers/near-company/",
    ],
)
def test_what_does_not_exist(cast, url):
    assert Client().get(url).status_code == 404


def test_pictures_in_other_forms(award):
    assert Client().get(f"/achievements/{award.version.public_id}.gif").status_code == 404


# ------------------------------------------------------------- verifying
def test_verifying_by_address_text_and_file(award, settings):
    body = award.credential.body
    url = f"/verify/?badge={settings.PORTAL_ORIGIN}{at(award)}"
    answers = [
        Client().get(url),
        Client().post("/verify/", {"text": body}),
        Client().post("/verify/", {"file": SimpleUploadedFile("a.json", body.encode())}),
    ]
    for answer in answers:
        html = answer.content.decode()
        assert answer.status_code == 200
        assert "Valid, and we know the issuer" in html
        assert html.count('<li class="check-') == 7
        assert award.recipient_name in html


def test_the_recipient_is_checked_when_asked(cast, award):
    data = {"text": award.credential.body, "email": cast.teacher.email}
    html = Client().post("/verify/", data).content.decode()
    assert "Given to the person with this e-mail address." in html
    data["email"] = "other@example.org"
    html = Client().post("/verify/", data).content.decode()
    assert "Given to somebody with another e-mail address." in html
    assert "Do not rely on this badge." in html


def test_other_issuers_are_said_plainly(award):
    document = json.loads(award.credential.body)
    document["issuer"] = "did:web:elsewhere.example"
    html = Client().post("/verify/", {"text": json.dumps(document)}).content.decode()
    assert "Valid, and we know the issuer" not in html
    assert html.count('<li class="check-') == 7


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Paste a credential or an address, or choose a file."),
        ({"text": "{}", "email": "nobody"}, "Enter a valid email address."),
        ({"text": "{" + "x" * 300_000}, "too large"),
    ],
)
def test_bad_input(cast, data, words):
    answer = Client().post("/verify/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "<title>Error:" in answer.content.decode()


@pytest.mark.parametrize("text", ["{\x00}", "{" * 5000, '{"@context": 5}', "‮", "{ }", "null"])
def test_hostile_text_never_breaks_the_page(cast, text):
    assert Client().post("/verify/", {"text": text}).status_code in (200, 422)
    assert Client().get("/verify/", {"badge": text}).status_code in (200, 422)


# ------------------------------------------------------------- the API
def ask(data):
    return Client().post("/api/v1/verify/", data, content_type="application/json")


def test_verifying_by_the_api(award, settings):
    body = award.credential.body
    for given in (json.loads(body), body, f"{settings.PORTAL_ORIGIN}{at(award)}"):
        answer = ask({"credential": given})
        assert answer.status_code == 200
        assert answer.json()["outcome"] == "valid"
    names = [check["name"] for check in answer.json()["checks"]]
    assert names == ["format", "proof", "issuer", "dates", "status", "recipient", "endorsements"]
    assert answer.json()["checks"][0]["outcome"] == "passed"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({}, 422),
        ({"credential": 5}, 422),
        ({"credential": []}, 422),
        ({"credential": ""}, 422),
        ({"credential": "https://elsewhere.example/"}, 200),
        ({"credential": {}, "email": "x"}, 422),
        ({"credential": {}}, 200),
        ("{", 400),
        ("[]", 422),
    ],
)
def test_bad_input_to_the_api(cast, data, status):
    assert ask(data).status_code == status
    assert Client().get("/api/v1/verify/").status_code == 405


def test_the_badges_by_the_api(cast, badge):
    one = queries_of(Client(), "/api/v1/achievements/")
    make_badge(cast.school, "GDE-L1", family="GDE")
    make_badge(cast.school, "AWP-L1", family="AWP")
    results = Client().get("/api/v1/achievements/").json()["results"]
    assert {row["code"] for row in results} == {"WGB-L1", "GDE-L1", "AWP-L1"}
    assert len(results[0]["criteria"]) == 2
    assert queries_of(Client(), "/api/v1/achievements/") == one
