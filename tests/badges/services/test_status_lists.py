"""Two lists for each place, one rebuild for many changes, versions that never change."""

from datetime import timedelta

import pytest
from django.test import Client

from badges.enums import AwardBasis, StatusPurpose
from badges.models import Award, StatusList, StatusListVersion
from badges.openbadges.documents import parse_json
from badges.openbadges.status_list import decode_list, is_set
from badges.services import status_lists
from badges.services.auditing import findings
from badges.services.revoking import revoke_award
from badges.services.suspending import lift_suspension, suspend_award
from badges.services.verifying import verify_credential
from partners.models import AuditEvent, OutgoingMessage
from techvet.clock import database_now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.badges import issued_award, queued_award

pytestmark = pytest.mark.usefixtures("issuers")


@pytest.fixture
def award(cast, badge):
    return issued_award(cast.teacher, badge, cast.coordinator)


def lists_of(award):
    return {
        one.purpose: one
        for one in StatusList.objects.filter(issuer=award.issuer).order_by("purpose")
    }


def bits(status_list):
    status_list.refresh_from_db()
    document = parse_json(status_list.body.encode())
    assert document["credentialSubject"]["statusPurpose"] == status_list.purpose
    return decode_list(document["credentialSubject"]["encodedList"])


def outcome(award):
    return verify_credential(award.credential.body.encode()).outcome


# ------------------------------------------------------------- two purposes, one place
def test_a_credential_names_the_one_list_that_open_badges_allow(award):
    entry = parse_json(award.credential.body.encode())["credentialStatus"]
    assert entry["statusPurpose"] == "revocation"
    assert entry["statusListIndex"] == str(award.status_index)


def test_by_setting_a_credential_names_both_lists_with_one_place(cast, badge, settings):
    settings.SUSPENSION_ENTRY = True
    award = issued_award(cast.teacher, badge, cast.coordinator)
    lists = lists_of(award)
    entries = parse_json(award.credential.body.encode())["credentialStatus"]
    assert [one["statusPurpose"] for one in entries] == ["revocation", "suspension"]
    assert {one["statusListIndex"] for one in entries} == {str(award.status_index)}
    for entry in entries:
        public_id = lists[entry["statusPurpose"]].public_id
        assert entry["statusListCredential"].endswith(f"/status/{public_id}")


def test_suspending_and_lifting_reach_the_lists_and_the_earner(cast, award):
    by = cast.actor("coordinator")
    assert outcome(award) == "valid"
    suspend_award(by=by, award=award, note="We ask the workplace.")
    assert status_lists.publish_due() == 1
    lists = lists_of(award)
    assert is_set(bits(lists["suspension"]), award.status_index)
    assert not any(bits(lists["revocation"]))
    assert outcome(award) == "not_valid"
    lift_suspension(by=cast.actor("reviewer"), award=award)
    assert status_lists.publish_due() == 1
    assert not any(bits(lists["suspension"]))
    assert outcome(award) == "valid"
    messages = OutgoingMessage.objects.filter(recipient=cast.teacher, kind__contains="suspen")
    assert [one.kind for one in messages.order_by("pk")] == [
        "badge_suspended",
        "badge_suspension_lifted",
    ]
    assert "We ask the workplace." in messages.get(kind="badge_suspended").body
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert verbs >= {"award_suspended", "award_suspension_lifted"}
    assert findings() == []


def test_what_suspending_refuses(cast, badge, award):
    by = cast.actor("coordinator")
    with pytest.raises(InvalidInput) as refused:
        suspend_award(by=by, award=award, note="  ")
    assert refused.value.field == "note"
    with pytest.raises(WrongState):
        lift_suspension(by=by, award=award)
    for who in ("far_coordinator", "teacher", "second_teacher", "admin"):
        with pytest.raises(NotAllowed):
            suspend_award(by=cast.actor(who), award=award, note="x")
    waiting = queued_award(cast.second_teacher, badge, cast.coordinator)
    with pytest.raises(WrongState):
        suspend_award(by=by, award=waiting, note="x")
    suspend_award(by=by, award=award, note="x")
    with pytest.raises(WrongState):
        suspend_award(by=by, award=award, note="x")
    revoke_award(by=by, award=award, reason="issued_in_error")
    with pytest.raises(WrongState):
        lift_suspension(by=by, award=award)


def test_old_lists_get_a_follower_once(cast, award):
    StatusListVersion.objects.all().delete()
    StatusList.objects.exclude(source=None).delete()
    assert status_lists.ensure_followers() == 2
    assert status_lists.ensure_followers() == 0
    assert status_lists.publish_due() == 2


# ------------------------------------------------------------- many at once
def test_ten_thousand_revocations_are_one_rebuild(cast, badge, award):
    lists = lists_of(award)
    before = lists["revocation"].version
    version = badge.versions.get()
    places, count = [], 10_000
    while len(places) < count:
        status_list, more = status_lists.take_indexes(issuer=cast.school, count=count - len(places))
        places += more
    assert len(set(places)) == count
    at = database_now()
    Award.objects.bulk_create(
        Award(
            basis=AwardBasis.TEST,
            recipient=cast.teacher,
            recipient_name="x",
            version=version,
            issuer=cast.school,
            key=award.key,
            status_list=status_list,
            status_index=place,
            issued_at=at,
            revoked_at=at,
            revocation_reason="other",
        )
        for place in places
    )
    for _ in range(3):
        status_lists.mark_dirty(status_list)
    assert status_lists.publish_due() == 1
    assert status_lists.publish_due() == 0
    after = bits(lists["revocation"])
    assert lists["revocation"].version == before + 1
    assert sum(byte.bit_count() for byte in after) == count
    assert not any(bits(lists["suspension"]))


def test_many_changes_ring_once(cast, award, silent_doorbell, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(5):
            status_lists.mark_dirty(award.status_list)
        status_lists.mark_dirty(award.status_list, StatusPurpose.SUSPENSION)
    assert silent_doorbell == [("publish_status_list", (award.status_list_id,))] * 2


def test_a_ring_soon_after_publishing_waits_for_the_sweeper(award):
    status_lists.mark_dirty(award.status_list)
    assert status_lists.publish_rung(award.status_list_id) == 0
    StatusList.objects.update(signed_at=database_now() - status_lists.PAUSE)
    assert status_lists.publish_rung(award.status_list_id) == 1


# ------------------------------------------------------------- before they end
def test_both_are_signed_anew_before_they_end(award):
    soon = database_now() + status_lists.RESIGN_BEFORE - timedelta(minutes=1)
    StatusList.objects.filter(issuer=award.issuer).update(valid_until=soon)
    assert status_lists.publish_due() == 2
    assert all(one.valid_until > soon for one in StatusList.objects.all())


# ------------------------------------------------------------- as static bytes
def test_the_current_list_is_static_with_etag_and_a_short_life(award):
    url = f"/status/{award.status_list.public_id}"
    answer = Client().get(url)
    assert answer["Cache-Control"] == "public, max-age=300"
    again = Client().get(url, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_each_version_keeps_its_bytes_at_its_own_address(cast, award):
    award.status_list.refresh_from_db()
    url = f"/status/{award.status_list.public_id}/{award.status_list.version}"
    first = Client().get(url)
    assert "immutable" in first["Cache-Control"]
    revoke_award(by=cast.actor("coordinator"), award=award, reason="issued_in_error")
    assert status_lists.publish_due() == 1
    assert Client().get(url).content == first.content
    current = Client().get(f"/status/{award.status_list.public_id}").content
    following = f"/status/{award.status_list.public_id}/{award.status_list.version + 1}"
    assert Client().get(following).content == current != first.content
    assert Client().get(f"/status/{award.status_list.public_id}/99").status_code == 404


def test_old_versions_are_let_go(award):
    StatusListVersion.objects.update(signed_at=database_now() - timedelta(days=91))
    status_lists.mark_dirty(award.status_list)
    status_lists.publish_due()
    kept = StatusListVersion.objects.filter(status_list=award.status_list)
    assert [one.number for one in kept] == [2]
