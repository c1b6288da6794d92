"""Endorsements: asked for, given in one tap, signed, embedded, shown, taken back."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from badges.enums import EndorsementKind, EndorsementState
from badges.models import Endorsement
from badges.openbadges.documents import parse_json
from badges.openbadges.keys import decode_multikey
from badges.openbadges.proof import verify_proof
from badges.selectors.endorsements import endorsers_at, voices_of
from badges.selectors.start import start_items
from badges.services.auditing import findings
from badges.services.endorsement_signing import sign_due_endorsements, sign_endorsement
from badges.services.endorsing import (
    ask_endorsement,
    decline_endorsement,
    endorse,
    give_endorsement,
    take_back_endorsement,
)
from badges.services.status_lists import publish_due
from partners.models import OutgoingMessage
from partners.selectors.actors import actor_of
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.badges import issued_award

pytestmark = pytest.mark.django_db


@pytest.fixture
def award(cast, badge, issuers):
    return issued_award(cast.teacher, badge, cast.coordinator)


@pytest.fixture
def asked(cast, award):
    """The manager of the company was asked to endorse the teacher's badge."""
    assert ask_endorsement(
        by=actor_of(cast.teacher), subject=award, email=cast.manager.email, note="As in May?"
    )
    return Endorsement.objects.get()


@pytest.fixture
def signed(cast, asked):
    give_endorsement(by=actor_of(cast.manager), endorsement=asked, comment="We saw it.")
    assert sign_endorsement(asked.pk)
    asked.refresh_from_db()
    return asked


def test_one_tap_from_the_desk(cast, asked, by_link) -> None:
    items = [one.title for one in start_items(actor_of(cast.manager))]
    assert any("endorse" in title.lower() for title in items)
    browser = by_link(cast.manager)
    where = f"/endorsements/{asked.public_id}/"
    page = browser.get(where)
    assert "As in May?" in page.content.decode()
    comment = page.context["form"]["comment"].value()
    assert comment  # ready to be signed as it is: one tap
    assert browser.post(where, {"comment": comment}).status_code == 302
    asked.refresh_from_db()
    assert asked.state == EndorsementState.GIVEN
    assert "being signed" in browser.get(where).content.decode()


def test_a_worker_signs_what_was_given(cast, signed) -> None:
    document = parse_json(signed.body.encode())
    assert document["type"] == ["VerifiableCredential", "EndorsementCredential"]
    assert document["credentialSubject"]["endorsementComment"] == "We saw it."
    assert document["issuer"]["name"] == cast.company.name
    verify_proof(document, decode_multikey(signed.key.public_key_multibase))
    assert signed.key.issuer == cast.company
    assert not sign_endorsement(signed.pk)  # once
    assert findings() == []


def test_who_asked_hears_of_it(cast, signed) -> None:
    kinds = list(OutgoingMessage.objects.values_list("kind", flat=True))
    assert "endorsement_asked" in kinds
    assert "endorsement_given" in kinds


def test_everybody_reads_what_was_signed(client, cast, signed) -> None:
    text = client.get(f"/endorsements/{signed.public_id}/").content.decode()
    assert "We saw it." in text
    assert cast.manager.name not in text  # the organisation speaks
    response = client.get(f"/endorsements/{signed.public_id}.json")
    assert response.content.decode() == signed.body
    assert response["Access-Control-Allow-Origin"] == "*"
    did = client.get(f"/issuers/{cast.company.slug}/did.json").json()
    assert signed.key.public_key_multibase in json.dumps(did)
    assert "We saw it." in client.get(f"/awards/{signed.award.public_id}/").content.decode()


def test_strangers_see_nothing_before(client, cast, asked, as_user) -> None:
    where = f"/endorsements/{asked.public_id}/"
    assert client.get(where).status_code == 404
    assert as_user(cast.far_teacher).get(where).status_code == 404
    assert client.get(f"/endorsements/{asked.public_id}.json").status_code == 404
    for verb in ("decline", "take-back"):
        assert as_user(cast.far_teacher).post(f"{where}{verb}/").status_code == 404


def test_only_who_was_asked_answers(cast, asked) -> None:
    for person in (cast.teacher, cast.instructor, cast.coordinator):
        with pytest.raises(NotAllowed):
            give_endorsement(by=actor_of(person), endorsement=asked, comment="Yes.")
        with pytest.raises(NotAllowed):
            decline_endorsement(by=actor_of(person), endorsement=asked)


def test_an_answer_is_given_once(cast, asked) -> None:
    by = actor_of(cast.manager)
    with pytest.raises(InvalidInput):
        give_endorsement(by=by, endorsement=asked, comment="  ")
    decline_endorsement(by=by, endorsement=asked)
    with pytest.raises(WrongState):
        give_endorsement(by=by, endorsement=asked, comment="Yes.")
    with pytest.raises(WrongState):
        take_back_endorsement(by=by, endorsement=asked)


def test_the_answer_does_not_tell_who_has_the_address(cast, award, as_user) -> None:
    browser = as_user(cast.teacher)
    where = f"/awards/{award.public_id}/endorsement/ask/"
    pages = [
        browser.post(where, {"email": email}, follow=True).content.decode()
        for email in ("nobody@example.org", cast.student.email)
    ]
    assert not Endorsement.objects.exists()
    assert all("If somebody with this address" in text for text in pages)
    browser.post(where, {"email": cast.manager.email}, follow=True)
    assert Endorsement.objects.count() == 1
    browser.post(where, {"email": cast.manager.email.upper()})
    assert Endorsement.objects.count() == 1  # not twice


@pytest.mark.parametrize("given", [{}, {"email": "no address"}, {"email": "a@b.c\x00"}])
def test_bad_input_keeps_the_form(cast, award, as_user, given) -> None:
    response = as_user(cast.teacher).post(f"/awards/{award.public_id}/endorsement/ask/", given)
    assert response.status_code == 422


def test_nobody_asks_for_somebody_elses_badge(cast, award, as_user) -> None:
    where = f"/awards/{award.public_id}/endorsement/ask/"
    assert as_user(cast.second_teacher).get(where).status_code == 404
    with pytest.raises(NotAllowed):
        ask_endorsement(by=actor_of(cast.second_teacher), subject=award, email=cast.manager.email)


def test_nobody_endorses_themselves(cast, badge, issuers, as_user) -> None:
    own = issued_award(cast.coordinator, badge, cast.reviewer)
    by = actor_of(cast.coordinator)
    assert not ask_endorsement(by=by, subject=own, email=cast.coordinator.email)
    with pytest.raises(NotAllowed):
        endorse(by=by, subject=own, endorser=cast.school, comment="Good.")
    with pytest.raises(NotAllowed):
        endorse(
            by=actor_of(cast.coordinator),
            subject=cast.school,
            endorser=cast.school,
            comment="Good.",
        )


def test_the_number_of_open_requests_is_limited(cast, award, monkeypatch) -> None:
    monkeypatch.setattr("badges.services.endorsing.MOST_OPEN", 1)
    by = actor_of(cast.teacher)
    ask_endorsement(by=by, subject="Explains well", email=cast.manager.email)
    with pytest.raises(InvalidInput):
        ask_endorsement(by=by, subject=award, email=cast.manager.email)


def test_a_skill_is_endorsed_by_an_opaque_id(cast, as_user, issuers) -> None:
    browser = as_user(cast.teacher)
    given = {"skill": "Explains tasks", "email": cast.instructor.email}
    assert browser.post("/endorsements/ask/", given).status_code == 302
    row = Endorsement.objects.get()
    assert row.kind == EndorsementKind.SKILL
    give_endorsement(by=actor_of(cast.instructor), endorsement=row, comment="Yes, daily.")
    assert sign_due_endorsements() == 1
    row.refresh_from_db()
    subject = parse_json(row.body.encode())["credentialSubject"]
    assert subject["id"] == f"urn:uuid:{cast.teacher.public_id}"
    assert cast.teacher.name not in row.body
    assert "Explains tasks" in browser.get("/endorsements/").content.decode()
    assert browser.post("/endorsements/ask/", {"email": "x@example.org"}).status_code == 422
    with pytest.raises(InvalidInput):
        ask_endorsement(by=actor_of(cast.teacher), subject=" ", email=cast.manager.email)


def test_what_exists_before_is_embedded(cast, badge, issuers, as_user, by_link) -> None:
    company = by_link(cast.manager)
    given = {"comment": "These skills are what we need."}
    assert company.post(f"/badges/{badge.code}/endorse/", given).status_code == 302
    assert company.post(f"/issuers/{cast.school.slug}/endorse/", given).status_code == 302
    assert sign_due_endorsements() == 2
    award = issued_award(cast.teacher, badge, cast.coordinator)
    document = parse_json(award.credential.body.encode())
    achievement = document["credentialSubject"]["achievement"]
    assert achievement["endorsement"][0]["issuer"]["name"] == cast.company.name
    assert document["issuer"]["endorsement"][0]["credentialSubject"]["id"].startswith("did:web:")
    verify_proof(document, decode_multikey(award.key.public_key_multibase))
    for inner in (achievement["endorsement"][0], document["issuer"]["endorsement"][0]):
        key = Endorsement.objects.first().key
        verify_proof(inner, decode_multikey(key.public_key_multibase))
    text = as_user(cast.teacher).get(f"/badges/{badge.code}/").content.decode()
    assert "These skills are what we need." in text
    assert findings() == []


def test_the_same_is_not_endorsed_twice(cast, badge, issuers) -> None:
    by = actor_of(cast.manager)
    endorse(by=by, subject=badge, endorser=cast.company, comment="Good.")
    with pytest.raises(WrongState):
        endorse(by=by, subject=badge, endorser=cast.company, comment="Good.")


def test_taking_back_shows_in_the_status_list(client, cast, signed, by_link) -> None:
    publish_due()
    browser = by_link(cast.manager)
    where = f"/endorsements/{signed.public_id}/take-back/"
    assert browser.post(where).status_code == 302
    signed.refresh_from_db()
    assert signed.state == EndorsementState.REVOKED
    signed.status_list.refresh_from_db()
    assert signed.status_list.is_dirty
    publish_due()
    signed.status_list.refresh_from_db()
    from badges.openbadges.status_list import decode_list, is_set

    bits = parse_json(signed.status_list.body.encode())["credentialSubject"]["encodedList"]
    assert is_set(decode_list(bits), signed.status_index)
    assert client.get(f"/endorsements/{signed.public_id}.json").status_code == 200
    assert "We saw it." not in client.get(f"/awards/{signed.award.public_id}/").content.decode()
    assert findings() == []


def test_others_cannot_take_it_back(cast, signed) -> None:
    with pytest.raises(NotAllowed):
        take_back_endorsement(by=actor_of(cast.far_instructor), endorsement=signed)


@pytest.mark.parametrize("path", ["/badges/{badge}/endorse/", "/issuers/{school}/endorse/"])
def test_people_without_a_voice_are_told(cast, badge, issuers, as_user, client, path) -> None:
    where = path.format(badge=badge.code, school=cast.school.slug)
    assert as_user(cast.teacher).get(where).status_code == 403
    assert client.get(where).status_code == 302
    assert as_user(cast.far_coordinator).get(where).status_code == 200
    assert as_user(cast.far_coordinator).post(where, {"comment": ""}).status_code == 422


def test_a_voice_is_a_role_of_today(cast, by_link) -> None:
    assert [one.user for one in endorsers_at(cast.manager.email)] == [cast.manager]
    assert endorsers_at(cast.leaver.email) == []
    assert voices_of(actor_of(cast.teacher)) == []
    expired = by_link(cast.manager, expired=True)
    assert expired.get(f"/issuers/{cast.school.slug}/endorse/").status_code == 403


def test_trouble_waits_and_ends(cast, asked, monkeypatch) -> None:
    give_endorsement(by=actor_of(cast.manager), endorsement=asked, comment="We saw it.")
    with monkeypatch.context() as broken:
        broken.setattr(
            "badges.services.endorsement_signing.signed_text",
            lambda *given, **named: (_ for _ in ()).throw(OSError("no key")),
        )
        assert not sign_endorsement(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.attempts, asked.body) == (EndorsementState.GIVEN, 1, "")
    assert sign_due_endorsements() == 0  # it waits
    assert sign_endorsement(asked.pk)
    assert not sign_endorsement(-1)


def test_lists_cost_the_same_however_long(cast, award, as_user) -> None:
    browser = as_user(cast.teacher)
    costs = []
    for number in range(3):
        ask_endorsement(
            by=actor_of(cast.teacher), subject=f"Skill {number}", email=cast.manager.email
        )
        with CaptureQueriesContext(connection) as queries:
            browser.get("/endorsements/")
        costs.append(len(queries))
    assert costs[1] == costs[2]
