"""Taking badges away: tokens, Open Badges 2.0, pictures, certificates, the ZIP."""

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from badges.enums import KeyAlgorithm, KeyState, RevocationReason
from badges.models import Award, BackpackCredential, SigningKey
from badges.openbadges import ob2
from badges.openbadges.baking import ContentKind, Generation, unbake
from badges.openbadges.documents import parse_json
from badges.openbadges.errors import OpenBadgesError
from badges.openbadges.jose import read_jwt_unverified, verify_jwt
from badges.services import ob2_documents
from badges.services.archives import Archive, check_archive
from badges.services.baked import baked_picture
from badges.services.certificates import certificate_pdf
from badges.services.compromising import compromise_key
from badges.services.exporting import archive_of, members_of
from badges.services.keys import rotate_key
from badges.services.revoking import revoke_award
from badges.services.status_lists import publish_due
from badges.services.tokens import sign_due_tokens, sign_token_of
from badges.tasks import issue_award
from partners.selectors.actors import actor_of
from techvet.actor import Actor
from techvet.clock import now
from tests.factories.badges import issued_award, make_badge, queued_award

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def award(cast, badge):
    return issued_award(cast.teacher, badge, cast.coordinator)


def revoked(cast, award):
    return revoke_award(
        by=actor_of(cast.coordinator), award=award, reason=RevocationReason.ISSUED_IN_ERROR
    )


# ------------------------------------------------------------- tokens
def test_the_token_says_what_the_credential_says(award):
    assert sign_token_of(award.pk)
    award.credential.refresh_from_db()
    key = award.credential.jwt_key
    header = read_jwt_unverified(award.credential.jwt).header
    assert (key.algorithm, header["alg"], header["typ"]) == (KeyAlgorithm.RSA, "RS256", "JWT")
    document = parse_json(award.credential.body.encode())
    del document["proof"]
    assert verify_jwt(award.credential.jwt, key.public_jwk) == document


def test_a_token_is_made_once(award):
    assert sign_due_tokens() == 1
    first = award.credential.__class__.objects.get(award=award).jwt
    assert not sign_token_of(award.pk)
    assert sign_due_tokens() == 0
    assert award.credential.__class__.objects.get(award=award).jwt == first


def test_the_algorithm_is_a_setting(award, settings):
    settings.JWT_ALGORITHM = "ES256"
    sign_due_tokens()
    award.credential.refresh_from_db()
    assert award.credential.jwt_key.algorithm == KeyAlgorithm.P256
    assert read_jwt_unverified(award.credential.jwt).algorithm == "ES256"


def test_a_token_of_a_compromised_key_is_replaced(award):
    sign_due_tokens()
    award.credential.refresh_from_db()
    old = award.credential.jwt_key
    SigningKey.objects.filter(pk=old.pk).update(state=KeyState.COMPROMISED)
    assert sign_due_tokens() == 1
    award.credential.refresh_from_db()
    assert award.credential.jwt_key_id != old.pk


def test_nothing_is_signed_without_the_master_key(award, settings):
    settings.MASTER_KEY = ""
    assert sign_due_tokens() == 0
    award.credential.refresh_from_db()
    assert award.credential.jwt == ""


def test_a_failure_waits_for_the_next_round(award, settings, caplog):
    sign_due_tokens()
    type(award.credential).objects.update(jwt="", jwt_key=None)
    settings.MASTER_KEY = "A" * 43 + "="
    assert sign_due_tokens() == 0
    assert "no token" in caplog.text


def test_the_worker_makes_both(cast, badge):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    issue_award(award.pk)
    assert award.credential.jwt.count(".") == 2


# ------------------------------------------------------------- Open Badges 2.0
def test_the_assertion_holds_the_same_hash(cast, award):
    document = ob2_documents.assertion_document(award)
    ob2.check_ob2(document, ob2.Ob2Kind.ASSERTION)
    assert ob2.recipient_matches(cast.teacher.email, document)
    assert not ob2.recipient_matches("other@example.org", document)
    assert cast.teacher.email not in json.dumps(document)


def test_nobody_without_an_address_has_an_assertion(cast, badge):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    bare = json.loads(award.unsigned)
    del bare["credentialSubject"]["identifier"]
    issue_award(award.pk)
    award.credential.body = json.dumps(bare)
    assert ob2_documents.assertion_document(award) is None
    assert baked_picture(award=award, form="svg", generation=Generation.OPEN_BADGES_2) is None


def test_what_is_withheld_says_nothing_of_the_person(cast, award):
    award.suspended_at = now()
    document = ob2_documents.assertion_document(award)
    assert document["revoked"] is True
    assert document["revocationReason"] == ob2_documents.SUSPENDED
    assert "recipient" not in document
    award.suspended_at = None
    with translation.override("fi"):
        document = ob2_documents.assertion_document(revoked(cast, award))
    assert document["revocationReason"] == "Issued in error"


def test_the_chain_of_documents_closes(cast, award):
    assertion = ob2_documents.assertion_document(award)
    badge_class = ob2_documents.badge_class_document(award.version, award.issuer)
    issuer = ob2_documents.issuer_document(award.issuer)
    assert assertion["badge"] == badge_class["id"]
    assert badge_class["issuer"] == issuer["id"]
    assert ob2.in_scope(assertion["id"], issuer)
    elsewhere = ob2_documents.badge_class_document(award.version, cast.other_school)
    assert elsewhere["id"] != badge_class["id"]
    assert elsewhere["issuer"] == ob2_documents.issuer_address(cast.other_school)
    listed = ob2_documents.revocations_document(revoked(cast, award).issuer)
    assert [one["id"] for one in listed["revokedAssertions"]] == [assertion["id"]]


# ------------------------------------------------------------- pictures
@pytest.mark.parametrize("form", ["png", "svg"])
def test_what_is_baked_comes_out_again(award, form):
    picture = baked_picture(award=award, form=form, generation=Generation.OPEN_BADGES_3)
    baked = unbake(picture)
    assert (baked.kind, baked.content) == (ContentKind.JSON, award.credential.body)
    older = unbake(baked_picture(award=award, form=form, generation=Generation.OPEN_BADGES_2))
    assert older.generation == Generation.OPEN_BADGES_2
    assert json.loads(older.content) == ob2_documents.assertion_document(award)


# ------------------------------------------------------------- certificates
@pytest.mark.parametrize("language", ["en", "fi", "lv", "et", "nl"])
def test_a_certificate_is_tagged_and_archivable(award, language):
    content = certificate_pdf(award=award, language=language)
    assert content.startswith(b"%PDF-")
    for mark in (b"pdfuaid", b"pdfaid", b"StructTreeRoot", f"/Lang({language})".encode()):
        assert mark in content, mark


@pytest.mark.parametrize(
    "name", ["Jänis Ķēniņš-Žagariņš", "Äijö", "A" * 120, "李小龍 Иван 😀", '#eval("x") *b* $x$ \\']
)
def test_any_name_gets_a_certificate(award, name):
    award.recipient_name = name
    assert certificate_pdf(award=award, language="en").startswith(b"%PDF-")


# ------------------------------------------------------------- everything
def zip_of(person, language="en"):
    return b"".join(archive_of(person=person, language=language))


def test_everything_verifies_from_the_archive_alone(cast, award):
    other = make_badge(cast.school, "GDE-L1", family="GDE")
    issued_award(cast.teacher, other, cast.coordinator)
    sign_due_tokens()
    rotate_key(by=Actor.system(), issuer=cast.school)
    publish_due()
    lines = list(check_archive(zip_of(cast.teacher), now=now()))
    assert len(lines) == 8
    assert {line.outcome for line in lines} == {"valid"}


def test_a_compromised_key_confirms_nothing(cast, award):
    compromise_key(by=Actor.system(), key=award.key, since=award.issued_at)
    lines = {one.name: one for one in check_archive(zip_of(cast.teacher), now=now())}
    assert lines["badges/001-wgb-l1/credential.json"].outcome != "valid"


def test_a_forged_archive_does_not_verify(cast, award):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as forged:
        for name, content in members_of(person=cast.teacher, language="en"):
            forged.writestr(name, content.replace(b"Workplace guidance", b"Workplace guidanse"))
    outcomes = {one.name: one.outcome for one in check_archive(data.getvalue(), now=now())}
    assert outcomes["badges/001-wgb-l1/credential.json"] == "not_valid"
    assert outcomes["badges/001-wgb-l1/badge.png"] == "not_valid"


def test_a_revoked_badge_stays_in_and_says_so(cast, award):
    revoked(cast, award)
    publish_due()
    members = dict(members_of(person=cast.teacher, language="en"))
    assert "badges/001-wgb-l1/certificate.pdf" not in members
    assert "badges/001-wgb-l1/credential.json" in members
    lines = list(check_archive(zip_of(cast.teacher), now=now()))
    assert {line.codes[0] for line in lines} == {"revoked"}


def test_what_the_archive_holds(cast, award):
    sign_due_tokens()
    BackpackCredential.objects.create(
        person=cast.teacher, credential_id="urn:uuid:1", form="json", body="{}", body_sha256=""
    )
    members = dict(members_of(person=cast.teacher, language="fi"))
    folder = "badges/001-wgb-l1"
    for name in (
        "README.txt",
        "index.json",
        f"{folder}/credential.json",
        f"{folder}/credential.jwt",
        f"{folder}/badge.png",
        f"{folder}/badge.svg",
        f"{folder}/badge-ob2.png",
        f"{folder}/badge-ob2.svg",
        f"{folder}/certificate.pdf",
        f"{folder}/assertion-ob2.json",
        f"{folder}/badgeclass-ob2.json",
        f"{folder}/achievement.json",
        "issuers/near-school/did.json",
        "issuers/near-school/keys.json",
        "issuers/near-school/issuer-ob2.json",
        "issuers/near-school/revocations-ob2.json",
        "contexts/ob-context-3.0.3.json",
        "kept/001.json",
    ):
        assert name in members, name
    assert sum(name.startswith("status/") for name in members) == 2
    index = json.loads(members["index.json"])["files"]
    assert set(index.values()) <= set(members)
    assert cast.teacher.name in members["README.txt"].decode()
    assert cast.second_teacher.name not in str(members)


def test_nothing_to_take_is_a_small_archive(cast):
    members = dict(members_of(person=cast.student, language="en"))
    assert not [name for name in members if name.startswith("badges/")]


def test_one_member_at_a_time_is_sent(cast, award):
    pieces = list(archive_of(person=cast.teacher, language="en"))
    assert len(pieces) == len(list(members_of(person=cast.teacher, language="en"))) + 1
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None


# ------------------------------------------------------------- the command
def test_the_command(cast, award, tmp_path, capsys):
    file = tmp_path / "everything.zip"
    file.write_bytes(zip_of(cast.teacher))
    call_command("verify_archive", str(file))
    assert "All 3 confirmed." in capsys.readouterr().out
    revoked(cast, award)
    publish_due()
    file.write_bytes(zip_of(cast.teacher))
    with pytest.raises(CommandError, match="3 of 3"):
        call_command("verify_archive", str(file))
    file.write_bytes(b"no zip")
    with pytest.raises(CommandError, match="no archive"):
        call_command("verify_archive", str(file))


def test_an_archive_of_something_else(tmp_path):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(OpenBadgesError, match="no index"):
        Archive(data.getvalue())


def test_awards_stay_as_they_were(award):
    before = Award.objects.values().get(pk=award.pk)
    dict(members_of(person=award.recipient, language="en"))
    assert Award.objects.values().get(pk=award.pk) == before
