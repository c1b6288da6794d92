"""Documents for machines: exact bytes, honest headers, the same from anywhere, and old ones too."""

import hashlib
import json
from uuid import uuid4

import pytest
from django.test import Client

from badges.enums import AwardState, KeyState
from badges.models import Award, KeyLogEntry, SigningKey, StatusList
from badges.openbadges.documents import parse_json
from badges.openbadges.keys import decode_multikey
from badges.openbadges.proof import verify_proof
from badges.openbadges.status_list import decode_list, is_set
from badges.services.keys import rotate_key
from badges.services.revoking import revoke_award
from badges.services.status_lists import publish_due
from partners.models import Organisation
from techvet.actor import Actor
from tests.badges.views.asking import queries_of
from tests.factories.badges import issued_award, make_version, queued_award

pytestmark = pytest.mark.usefixtures("issuers")
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def award(cast, badge):
    return issued_award(cast.teacher, badge, cast.coordinator)


def addresses(award):
    """What is published about one award, with the media type of each."""
    version = award.version.public_id
    return {
        f"/awards/{award.public_id}/credential.json": "application/vc+ld+json",
        f"/status/{award.status_list.public_id}": "application/vc+ld+json",
        "/issuers/near-school/did.json": "application/did+json",
        "/issuers/near-school/profile.json": "application/ld+json",
        f"/achievements/{version}.json": "application/ld+json",
        f"/achievements/{version}.svg": "image/svg+xml",
        f"/achievements/{version}.png": "image/png",
    }


def credential_of(award):
    return f"/awards/{award.public_id}/credential.json"


# ------------------------------------------------------------- headers
def test_each_document_carries_the_headers_of_a_published_one(award):
    for url in addresses(award):
        answer = Client().get(url)
        digest = hashlib.sha256(answer.content).hexdigest()
        assert answer["ETag"] == f'"{digest}"', url
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert not answer.cookies


def test_how_long_each_may_be_kept(award):
    kept = {url: Client().get(url)["Cache-Control"] for url in addresses(award)}
    pictures = {url for url in kept if url.endswith((".svg", ".png"))}
    assert {kept[url] for url in pictures} == {"public, max-age=86400"}
    assert {kept[url] for url in set(kept) - pictures} == {"public, max-age=300"}


def test_a_signed_in_reader_gets_the_same_public_answer(cast, award, as_user):
    client = as_user(cast.teacher)
    for url in addresses(award):
        mine, theirs = client.get(url), Client().get(url)
        assert mine.content == theirs.content
        assert mine["Cache-Control"] == theirs["Cache-Control"]


def test_whoever_has_it_already_is_told_so(award):
    for url in addresses(award):
        tag = Client().get(url)["ETag"]
        for given in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            answer = Client().get(url, headers={"If-None-Match": given})
            assert (answer.status_code, answer.content) == (304, b""), (url, given)
            assert answer["ETag"] == tag
            assert answer["Cache-Control"].startswith("public")
        fresh = Client().get(url, headers={"If-None-Match": '"other"'})
        assert fresh.status_code == 200


def test_head_says_the_same_without_a_body(award):
    for url, content_type in addresses(award).items():
        full, head = Client().get(url), Client().head(url)
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Type"] == content_type
        assert head["ETag"] == full["ETag"]


def test_nothing_is_written_through_them(award):
    for url in addresses(award):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(Client(), method)(url).status_code == 405


def test_a_picture_runs_nothing(award):
    answer = Client().get(f"/achievements/{award.version.public_id}.svg")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")


def test_each_costs_few_queries_with_one_and_three_badges(cast, badge, award):
    before = {url: queries_of(Client(), url) for url in addresses(award)}
    for person in (cast.second_teacher, cast.reviewer):
        issued_award(person, badge, cast.coordinator)
    for url, count in before.items():
        assert queries_of(Client(), url) == count
        assert count <= 4, url


# ------------------------------------------------------------- the credential
def test_the_credential_is_byte_for_byte_what_was_signed(award):
    answer = Client().get(credential_of(award))
    assert answer.content == award.credential.body.encode()
    assert hashlib.sha256(answer.content).hexdigest() == award.credential.body_sha256
    verify_proof(parse_json(answer.content), decode_multikey(award.key.public_key_multibase))
    assert answer["X-Robots-Tag"] == "noindex"
    assert "Content-Disposition" not in answer


def test_letters_beyond_ascii_stay_as_they_were_signed(cast, badge):
    version = make_version(badge, cast.school, name="Ohjaus työpaikalla – õpe 🌟")
    award = issued_award(cast.teacher, badge, cast.coordinator)
    assert award.version == version
    content = Client().get(credential_of(award)).content
    assert content == award.credential.body.encode()
    assert "Ohjaus työpaikalla – õpe 🌟".encode() in content
    verify_proof(parse_json(content), decode_multikey(award.key.public_key_multibase))


def test_the_name_and_address_of_the_earner_are_not_in_it(cast, award):
    content = Client().get(credential_of(award)).content.decode()
    assert cast.teacher.email not in content
    assert cast.teacher.name not in content
    assert str(cast.teacher.public_id) not in content
    assert cast.coordinator.name not in content


def test_a_credential_stays_when_everything_else_changes(cast, badge, award):
    before = Client().get(credential_of(award)).content
    make_version(badge, cast.school, name="Another name")
    cast.teacher.name, cast.teacher.email = "Tiina Married", "married@example.org"
    cast.teacher.save()
    Organisation.objects.filter(pk=cast.school.pk).update(name="Merged School")
    rotate_key(by=Actor.system(), issuer=cast.school)
    revoke_award(by=cast.actor("coordinator"), award=award, reason="earner_asked")
    assert Client().get(credential_of(award)).content == before


@pytest.mark.parametrize("state", [AwardState.QUEUED, AwardState.LEASED, AwardState.PARKED])
def test_there_is_no_credential_before_it_is_issued(cast, badge, as_user, state):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    Award.objects.update(state=state)
    for client in (Client(), as_user(cast.teacher), as_user(cast.coordinator)):
        assert client.get(credential_of(award)).status_code == 404


# ------------------------------------------------------------- the issuer
def test_the_did_document_says_which_keys_sign(cast, award):
    first = award.key
    second = rotate_key(by=Actor.system(), issuer=cast.school)
    third = rotate_key(by=Actor.system(), issuer=cast.school)
    document = Client().get("/issuers/near-school/did.json").json()
    methods = {one["publicKeyMultibase"]: one for one in document["verificationMethod"]}
    assert set(methods) == {one.public_key_multibase for one in (first, second, third)}
    for multikey, method in methods.items():
        assert method["id"] == f"{document['id']}#{multikey}"
        assert method["controller"] == document["id"]
        assert method["type"] == "Multikey"
    named = parse_json(award.credential.body.encode())["proof"]["verificationMethod"]
    assert named in {method["id"] for method in methods.values()}
    assert document["assertionMethod"]


def test_no_private_key_is_anywhere_in_public(cast, award):
    secrets = [bytes(one.encrypted_private_key) for one in SigningKey.objects.all()]
    secrets += [bytes(one.permutation_key) for one in StatusList.objects.filter(source=None)]
    assert all(secrets)
    for url in [*addresses(award), "/issuers/near-school/"]:
        content = Client().get(url).content
        for secret in secrets:
            assert secret not in content
            assert secret.hex().encode() not in content


def test_the_page_of_an_issuer_shows_its_keys_to_people(cast, award):
    rotate_key(by=Actor.system(), issuer=cast.school)
    html = Client().get("/issuers/near-school/").content.decode()
    for key in SigningKey.objects.filter(issuer=cast.school):
        assert key.public_key_multibase in html
        assert str(KeyState(key.state).label) in html
    assert Client().get("/issuers/near-school/did.json").json()["id"] in html
    assert Client().head("/issuers/near-school/").status_code == 200
    assert Client().post("/issuers/near-school/").status_code == 405


def test_an_issuer_without_a_key_says_so(cast):
    KeyLogEntry.objects.filter(issuer=cast.other_school).delete()
    SigningKey.objects.filter(issuer=cast.other_school).delete()
    html = Client().get("/issuers/far-school/").content.decode()
    assert "No key yet" in html
    document = Client().get("/issuers/far-school/did.json").json()
    assert not document.get("verificationMethod")


def test_the_profile_is_the_one_that_credentials_name(award):
    profile = Client().get("/issuers/near-school/profile.json").json()
    named = parse_json(award.credential.body.encode())["issuer"]
    for member in ("id", "name", "url"):
        assert profile[member] == named[member]
    assert "Profile" in profile["type"]


def test_who_stops_issuing_still_answers_for_what_was_issued(cast, award):
    Organisation.objects.filter(pk=cast.school.pk).update(is_issuer=False)
    for rest in ("", "did.json", "profile.json"):
        assert Client().get(f"/issuers/near-school/{rest}").status_code == 200


# ------------------------------------------------------------- the achievement
def test_every_version_of_a_badge_stays_readable(cast, badge, award):
    old = award.version
    new = make_version(badge, cast.school, name="Guidance, written anew", criteria=1)
    documents = {
        one: Client().get(f"/achievements/{one.public_id}.json").json() for one in (old, new)
    }
    assert documents[old]["name"] == "Workplace guidance basics, level 1"
    assert documents[new]["name"] == "Guidance, written anew"
    assert (documents[old]["version"], documents[new]["version"]) == ("1", "2")
    assert "2. Criterion number 2" in documents[old]["criteria"]["narrative"]
    assert "2. Criterion number 2" not in documents[new]["criteria"]["narrative"]


def test_the_achievement_is_the_one_inside_the_credential(award):
    apart = Client().get(f"/achievements/{award.version.public_id}.json").json()
    inside = parse_json(award.credential.body.encode())["credentialSubject"]["achievement"]
    for member in set(inside) - {"creator"}:
        assert apart[member] == inside[member], member
    assert apart["creator"]["id"] == inside["creator"]["id"]


def test_alignments_name_their_frameworks(award):
    apart = Client().get(f"/achievements/{award.version.public_id}.json").json()
    found = {one["targetFramework"].partition(" (")[0] for one in apart["alignment"]}
    assert found == {"ESCO", "European Qualifications Framework"}
    assert {one.get("targetCode") for one in apart["alignment"]} >= {"4"}


def test_the_picture_is_the_same_in_both_forms_and_nothing_else(award):
    where = f"/achievements/{award.version.public_id}"
    assert Client().get(f"{where}.svg").content.decode() == award.version.picture_svg
    assert Client().get(f"{where}.png").content.startswith(b"\x89PNG\r\n")
    for form in ("PNG", "jpg", "svg.png", "html", "%00"):
        assert Client().get(f"{where}.{form}").status_code == 404


# ------------------------------------------------------------- the status list
def test_after_a_revocation_the_published_list_has_one_bit_more(cast, badge, award):
    other = issued_award(cast.second_teacher, badge, cast.coordinator)
    url = f"/status/{award.status_list.public_id}"
    before = Client().get(url)
    revoke_award(by=cast.actor("coordinator"), award=award, reason="issued_in_error")
    assert Client().get(url).content == before.content  # until a worker has signed it anew
    assert publish_due() == 1
    after = Client().get(url)
    assert after["ETag"] != before["ETag"]
    document = parse_json(after.content)
    bits = decode_list(document["credentialSubject"]["encodedList"])
    assert is_set(bits, award.status_index)
    assert not is_set(bits, other.status_index)
    verify_proof(document, decode_multikey(award.key.public_key_multibase))
    assert document["issuer"] == parse_json(award.credential.body.encode())["issuer"]["id"]
    assert json.loads(after.content)["id"].endswith(url)


def test_a_list_that_was_never_signed_is_not_there(award):
    StatusList.objects.update(body="")
    assert Client().get(f"/status/{award.status_list.public_id}").status_code == 404


def test_after_a_rotation_the_list_bears_the_new_key(cast, award):
    new = rotate_key(by=Actor.system(), issuer=cast.school)
    document = parse_json(Client().get(f"/status/{award.status_list.public_id}").content)
    verify_proof(document, decode_multikey(new.public_key_multibase))


# ------------------------------------------------------------- what is not there
@pytest.mark.parametrize(
    "url",
    [
        f"/awards/{NOBODY}/credential.json",
        f"/status/{NOBODY}",
        f"/achievements/{NOBODY}.json",
        f"/achievements/{NOBODY}.svg",
        f"/achievements/{NOBODY}.png",
        "/issuers/nobody/did.json",
        "/issuers/nobody/profile.json",
        "/issuers/near-company/profile.json",
        "/issuers/near-school/other.json",
        "/status/1",
        "/awards/1/credential.json",
        "/awards/../credential.json",
        "/achievements/1.json",
        "/issuers/near%00school/did.json",
    ],
)
def test_unknown_names_give_404_and_are_not_kept(cast, url):
    answer = Client().get(url)
    assert answer.status_code == 404
    assert "public" not in answer.get("Cache-Control", "")


def test_ids_say_nothing_about_one_another(cast, badge, award):
    other = issued_award(cast.second_teacher, badge, cast.coordinator)
    for one in (award, other):
        text = Client().get(credential_of(one)).content.decode()
        rest = other if one is award else award
        assert str(rest.public_id) not in text
        assert f'"{one.pk}"' not in text
    assert Client().get(credential_of(Award(public_id=uuid4()))).status_code == 404
