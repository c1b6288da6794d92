"""Taking a badge back, and helping one that could not be issued."""

from datetime import timedelta

import pytest
from django.test import Client

from badges.enums import AwardState, KeyState, RevocationReason
from badges.models import Award, Credential, StatusList
from badges.openbadges.documents import parse_json
from badges.openbadges.status_list import decode_list, is_set
from badges.services import issuing
from badges.services.applying import start_application
from badges.services.auditing import findings
from badges.services.keys import rotate_key
from badges.services.revoking import revoke_award
from badges.services.status_lists import publish_due
from badges.services.verifying import verify_credential
from partners.models import AuditEvent, OutgoingMessage, User
from techvet.actor import Actor, Assurance
from techvet.clock import database_now, now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.badges.views.asking import goes_to_sign_in
from tests.factories.badges import issued_award, make_badge, queued_award

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def award(cast, badge):
    return issued_award(cast.teacher, badge, cast.coordinator)


@pytest.fixture
def parked(cast, badge):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    Award.objects.filter(pk=award.pk).update(
        state=AwardState.PARKED, attempts=8, last_error="KeystoreClosed"
    )
    award.refresh_from_db()
    return award


def revoke(cast, award, who="coordinator", **more):
    values = {"reason": RevocationReason.ISSUED_IN_ERROR, **more}
    return revoke_award(by=cast.actor(who), award=award, **values)


def at(award, rest=""):
    return f"/awards/{award.public_id}/{rest}"


# ------------------------------------------------------------- revoking
@pytest.mark.parametrize("reason", RevocationReason.values)
def test_every_reason_is_kept_and_told(cast, award, reason):
    note = "  The plan was a colleague’s.  " if reason == RevocationReason.OTHER else ""
    before = now()
    revoked = revoke(cast, award, reason=reason, note=note)
    award.refresh_from_db()
    assert before <= award.revoked_at <= now()
    assert (award.revoked_by, award.revocation_reason) == (cast.coordinator, reason)
    assert award.revocation_note == note.strip()
    assert revoked.state == AwardState.ISSUED
    event = AuditEvent.objects.get(verb="award_revoked")
    assert (event.by, event.organisation) == (cast.coordinator, cast.school)
    assert event.data == {"reason": reason}
    message = OutgoingMessage.objects.get(kind="badge_revoked")
    assert str(RevocationReason(reason).label) in message.body
    assert at(award) in message.body


def test_the_earner_hears_in_their_own_language(cast, award):
    User.objects.filter(pk=cast.teacher.pk).update(language="fi")
    revoke(cast, award)
    message = OutgoingMessage.objects.get(kind="badge_revoked")
    assert message.recipient == cast.teacher
    assert award.version.name in message.subject


def test_only_this_one_bit_is_set(cast, badge, award):
    others = [issued_award(one, badge, cast.coordinator) for one in (cast.second_teacher,)]
    others.append(issued_award(cast.reviewer, badge, cast.coordinator))
    elsewhere = StatusList.objects.get(issuer=cast.other_school, source=None)
    revoke(cast, award)
    dirty = StatusList.objects.filter(is_dirty=True)
    assert list(dirty) == [award.status_list]
    assert publish_due() == 1
    document = parse_json(StatusList.objects.get(pk=award.status_list_id).body.encode())
    bits = decode_list(document["credentialSubject"]["encodedList"])
    assert is_set(bits, award.status_index)
    for other in others:
        assert not is_set(bits, other.status_index)
        assert verify_credential(other.credential.body.encode()).is_valid
    elsewhere.refresh_from_db()
    assert elsewhere.version == 1


def test_the_credential_and_the_audit_stay_sound(cast, award):
    body = award.credential.body
    revoke(cast, award)
    publish_due()
    assert Credential.objects.get(award=award).body == body
    assert findings() == []


def test_who_lost_a_badge_may_earn_it_again(cast, badge, award):
    with pytest.raises(WrongState):
        start_application(by=cast.actor("teacher"), achievement=badge)
    revoke(cast, award)
    again = start_application(by=cast.actor("teacher"), achievement=badge)
    assert again.pk != award.application_id
    second = issued_award(cast.teacher, badge, cast.coordinator)
    publish_due()
    assert second.status_index != award.status_index
    assert verify_credential(second.credential.body.encode()).is_valid
    assert not verify_credential(award.credential.body.encode()).is_valid


def test_an_expired_badge_can_be_revoked_too(cast, award):
    Award.objects.filter(pk=award.pk).update(valid_until=now() - timedelta(days=1))
    assert revoke(cast, award).revoked_at


@pytest.mark.parametrize("state", [AwardState.QUEUED, AwardState.LEASED, AwardState.PARKED])
def test_what_is_not_issued_is_not_revoked(cast, badge, state):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    Award.objects.update(state=state)
    with pytest.raises(WrongState) as refused:
        revoke(cast, award)
    assert refused.value.code == "not_issued"
    assert not OutgoingMessage.objects.filter(kind="badge_revoked").exists()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "ISSUED_IN_ERROR"}, "reason"),
        ({"reason": "\x00"}, "reason"),
        ({"reason": "other"}, "note"),
        ({"reason": "other", "note": "\n\t "}, "note"),
    ],
)
def test_a_reason_that_is_none(cast, award, more, field):
    with pytest.raises(InvalidInput) as refused:
        revoke(cast, award, **more)
    assert refused.value.field == field
    award.refresh_from_db()
    assert award.revoked_at is None
    assert not StatusList.objects.filter(is_dirty=True).exists()
    assert not AuditEvent.objects.filter(verb="award_revoked").exists()


def test_the_page_of_revoking_is_for_those_who_may(cast, award, as_user):
    for name, status in (
        ("coordinator", 200),
        ("reviewer", 200),
        ("far_coordinator", 403),
        ("teacher", 403),
        ("admin", 403),
        ("student", 403),
    ):
        assert as_user(getattr(cast, name)).get(at(award, "revoke/")).status_code == status, name
    assert goes_to_sign_in(Client().get(at(award, "revoke/")))
    half = as_user(cast.coordinator, second_factor=False)
    assert half.get(at(award, "revoke/")).status_code == 302
    award.refresh_from_db()
    assert award.revoked_at is None


def test_ones_own_badge_is_not_ones_own_to_revoke(cast, badge, as_user):
    own = issued_award(cast.coordinator, badge, cast.reviewer)
    client = as_user(cast.coordinator)
    assert "Revoke this badge" not in client.get(at(own)).content.decode()
    assert client.get(at(own, "revoke/")).status_code == 403
    assert client.post(at(own, "revoke/"), {"reason": "earner_asked"}).status_code == 403
    assert as_user(cast.reviewer).get(at(own, "revoke/")).status_code == 200


def test_bad_input_keeps_what_was_chosen(cast, award, as_user):
    client = as_user(cast.coordinator)
    for data, words in (
        ({"note": "kept words"}, "Choose the reason."),
        ({"reason": "nonsense", "note": "kept words"}, "Select a valid choice"),
        ({"reason": "other", "note": ""}, "Write down the reason."),
        ({"reason": "other", "note": "kept words" + "x" * 500}, "at most 500"),
    ):
        answer = client.post(at(award, "revoke/"), data)
        html = answer.content.decode()
        assert answer.status_code == 422, data
        assert "There is a problem" in html
        assert words in html
        if data["note"]:
            assert "kept words" in html


# ------------------------------------------------------------- trying again
@pytest.mark.parametrize("state", [AwardState.QUEUED, AwardState.LEASED, AwardState.ISSUED])
def test_only_parked_ones_are_tried_again(cast, parked, state):
    Award.objects.update(state=state)
    with pytest.raises(WrongState) as refused:
        issuing.retry(by=cast.actor("coordinator"), award=parked)
    assert refused.value.code == "not_parked"
    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == (state, 8)


def test_trying_again_begins_from_nothing_with_the_same_facts(cast, parked, silent_doorbell):
    frozen = (parked.unsigned, parked.unsigned_sha256, parked.issued_at, parked.status_index)
    again = issuing.retry(by=cast.actor("reviewer"), award=parked)
    assert (again.state, again.attempts, again.last_error) == (AwardState.QUEUED, 0, "")
    assert again.next_at <= database_now()
    event = AuditEvent.objects.get(verb="award_retried")
    assert (event.by, event.organisation) == (cast.reviewer, cast.school)
    assert issuing.issue(parked.pk)
    parked.refresh_from_db()
    assert frozen == (
        parked.unsigned,
        parked.unsigned_sha256,
        parked.issued_at,
        parked.status_index,
    )
    assert verify_credential(parked.credential.body.encode()).is_valid
    assert findings() == []


def test_a_key_that_was_retired_meanwhile_still_signs_what_was_frozen(cast, parked):
    rotate_key(by=Actor.system(), issuer=cast.school)
    issuing.retry(by=cast.actor("coordinator"), award=parked)
    assert issuing.issue(parked.pk)
    parked.refresh_from_db()
    assert parked.key.state == KeyState.RETIRED
    assert verify_credential(parked.credential.body.encode()).is_valid
    assert findings() == []


def test_what_is_still_broken_is_parked_again_and_nothing_else_suffers(cast, parked):
    Award.objects.filter(pk=parked.pk).update(unsigned_sha256="0" * 64)
    other = queued_award(
        cast.second_teacher, make_badge(cast.school, "G", family="GDE"), cast.reviewer
    )
    issuing.retry(by=cast.actor("coordinator"), award=parked)
    assert issuing.issue_due() == 1
    other.refresh_from_db()
    parked.refresh_from_db()
    assert (other.state, parked.state) == (AwardState.ISSUED, AwardState.QUEUED)
    assert parked.last_error == "FrozenFactsDiffer"
    Award.objects.filter(pk=parked.pk).update(attempts=7, next_at=database_now())
    assert issuing.issue_due() == 0
    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == (AwardState.PARKED, 8)


@pytest.mark.parametrize(
    ("name", "assurance"),
    [
        ("teacher", Assurance.SECOND_FACTOR),
        ("far_coordinator", Assurance.SECOND_FACTOR),
        ("admin", Assurance.SECOND_FACTOR),
        ("coordinator", Assurance.PASSWORD),
    ],
)
def test_who_does_not_try_again(cast, parked, name, assurance):
    with pytest.raises(NotAllowed):
        issuing.retry(by=cast.actor(name, assurance), award=parked)
    parked.refresh_from_db()
    assert parked.state == AwardState.PARKED


def test_trying_again_by_its_button(cast, parked, as_user):
    url = at(parked, "retry/")
    assert as_user(cast.far_coordinator).post(url).status_code == 404
    assert as_user(cast.teacher).post(url).status_code == 403
    assert as_user(cast.student).post(url).status_code == 403
    assert goes_to_sign_in(Client().post(url))
    assert as_user(cast.coordinator).get(url).status_code == 405
    parked.refresh_from_db()
    assert parked.state == AwardState.PARKED
    earner = as_user(cast.teacher).get(at(parked)).content.decode()
    assert "Try again" not in earner
    assert "KeystoreClosed" not in earner
    coordinator = as_user(cast.coordinator)
    assert coordinator.post(url)["Location"] == at(parked)
    refused = coordinator.post(url)
    assert refused.status_code == 409
    assert "not waiting for another try" in refused.content.decode()
