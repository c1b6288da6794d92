"""What a page is given: criteria with marks, tasks, standings, the start page, achievements."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from badges.enums import ApplicationState as State
from badges.enums import AwardState
from badges.models import Achievement, Application, Award
from badges.selectors.achievements import (
    achievements,
    award_for,
    open_application_for,
    present_versions,
    versions,
)
from badges.selectors.applications import answered_marks, criteria_of, reviewer_badges
from badges.selectors.awards import award_at, credentials, keys_of, published_status_lists
from badges.selectors.progress import standing_of, steps_of
from badges.selectors.records import records_by_criterion, records_for
from badges.selectors.reviews import QueueFilters, families_in, review_queue
from badges.selectors.start import start_items
from badges.selectors.timeline import tasks_of
from badges.services.applying import submit_application
from badges.services.deciding import decide
from badges.services.evidence import add_link, use_record
from badges.services.keys import rotate_key
from badges.services.reviewing import set_mark
from guidance.services.weeks import confirm_week
from techvet.actor import Actor, Assurance
from techvet.clock import now, today
from tests.factories import guidance, materials
from tests.factories.badges import (
    draft,
    issued_award,
    make_badge,
    make_version,
    queued_award,
    returned,
    submitted,
)


def mark(cast, application, number, value, note="", who="coordinator"):
    return set_mark(
        by=cast.actor(who),
        application=application,
        criterion=application.version.criteria.get(number=number),
        revision=application.revision,
        mark=value,
        note=note,
    )


def give_back(cast, application, note="More, please."):
    decide(
        by=cast.actor("coordinator"),
        application=application,
        outcome="return",
        revision=application.revision,
        note=note,
    )
    application.refresh_from_db()


# ------------------------------------------------------------- criteria and marks
def test_the_applicant_sees_no_mark_before_the_answer(cast, badge):
    application = submitted(cast.teacher, badge)
    mark(cast, application, 1, "not_yet", "Say when.")
    application.refresh_from_db()
    assert [row.mark for row in criteria_of(application)] == [None, None]
    own = criteria_of(application, reviewer=cast.coordinator)
    assert [row.mark and row.mark.note for row in own] == ["Say when.", None]
    assert [row.mark for row in criteria_of(application, reviewer=cast.reviewer)] == [None, None]
    give_back(cast, application)
    assert criteria_of(application)[0].mark.note == "Say when."
    assert criteria_of(application)[0].needs_work


def test_in_the_second_round_old_marks_are_told_apart(cast, badge):
    application = submitted(cast.teacher, badge)
    mark(cast, application, 1, "not_yet", "Say when.")
    give_back(cast, application)
    submit_application(by=cast.actor("teacher"), application=application)
    application.refresh_from_db()
    assert [one.note for (one,) in answered_marks(application).values()] == ["Say when."]
    assert criteria_of(application, reviewer=cast.coordinator)[0].mark is None
    mark(cast, application, 1, "met", "Good.")
    assert criteria_of(application)[0].mark.note == "Say when."  # until it is answered
    assert [one.note for (one,) in answered_marks(application).values()] == ["Say when."]


def test_criteria_cost_three_queries_however_many(cast):
    for code, count in (("GDE", 2), ("AWP", 6)):
        badge = make_badge(cast.school, f"{code}-L1", family=code, criteria=count)
        application = submitted(cast.teacher, badge)
        with CaptureQueriesContext(connection) as captured:
            assert len(criteria_of(application)) == count
        assert len(captured) == 3


def test_tasks_tell_what_is_left(cast, badge):
    application = draft(cast.teacher, badge, answered=False)

    def told():
        found = Application.objects.get(pk=application.pk)
        return [(one["word"], bool(one["url"])) for one in tasks_of(found, criteria_of(found))]

    assert told() == [("To do", True), ("To do", True), ("Cannot start yet", False)]
    first = application.version.criteria.first()
    add_link(
        by=cast.actor("teacher"),
        application=application,
        criterion=first,
        url="https://example.org/",
    )
    assert told() == [("Completed", True), ("To do", True), ("To do", True)]


def test_a_task_with_a_note_until_it_is_changed(cast, badge):
    application = submitted(cast.teacher, badge)
    mark(cast, application, 1, "unclear", "Which week?")
    mark(cast, application, 2, "met")
    give_back(cast, application)
    first, second, _last = tasks_of(application, criteria_of(application))
    assert (first["word"], first["hint"]) == ("Has a note", "Reviewer: Which week?")
    assert (second["word"], second["hint"]) == ("Completed", "Met")
    add_link(
        by=cast.actor("teacher"),
        application=application,
        criterion=application.version.criteria.first(),
        url="https://example.org/",
    )
    assert tasks_of(application, criteria_of(application))[0]["word"] == "Completed"


# ------------------------------------------------------------- the queue
def test_the_queue_is_oldest_first_and_counts_by_family(cast, badge):
    other = make_badge(cast.school, "GDE-L1", family="GDE")
    unknown = make_badge(cast.school, "OLD-L1", family="OLD")
    rows = [submitted(cast.teacher, badge), submitted(cast.second_teacher, badge)]
    rows += [submitted(cast.teacher, other), submitted(cast.teacher, unknown)]
    for days, one in enumerate(rows):
        Application.objects.filter(pk=one.pk).update(submitted_at=now() - timedelta(days=days))
    queue = review_queue(cast.actor("coordinator"))
    assert list(queue) == rows[::-1]
    assert [(one["code"], one["count"]) for one in families_in(queue)] == [("GDE", 1), ("WGB", 2)]
    assert not review_queue(cast.actor("coordinator", Assurance.PASSWORD)).exists()


def test_overdue_begins_the_day_after_the_promise(cast, badge):
    submitted(cast.teacher, badge)
    by = cast.actor("coordinator")
    for days, expected in ((1, False), (0, False), (-1, True)):
        Application.objects.update(answer_by=today() + timedelta(days=days))
        assert review_queue(by, QueueFilters(age="overdue")).exists() is expected


@pytest.mark.usefixtures("issuers")
def test_a_reviewer_learns_of_the_other_valid_badges(cast, badge):
    other = make_badge(cast.school, "GDE-L1", family="GDE", name="Digital guidance")
    award = issued_award(cast.teacher, other, cast.coordinator)
    application = submitted(cast.teacher, badge)
    assert reviewer_badges(application) == ["Digital guidance"]
    Award.objects.filter(pk=award.pk).update(valid_until=now())
    assert reviewer_badges(application) == []


# ------------------------------------------------------------- real records of the other apps
def test_weeks_and_materials_are_offered_and_name_nobody(cast, badge):
    placement = guidance.running(cast)
    week = guidance.waiting_week(cast, placement)
    confirm_week(by=cast.actor("instructor"), week=week)
    material = materials.of(cast)
    found = records_for(cast.teacher)
    assert [one.kind for one in found] == ["confirmed_weeks", "published_material"]
    assert [one.record_id for one in found] == [placement.public_id, material.public_id]
    application = draft(cast.teacher, badge, answered=False)
    first = application.version.criteria.first()
    for one in found:
        item = use_record(
            by=cast.actor("teacher"),
            application=application,
            criterion=first,
            record_id=one.record_id,
        )
        told = f"{item.snapshot}"
        for person in (cast.student, cast.instructor):
            assert person.name not in told
            assert person.email not in told
    assert records_for(cast.second_teacher) == []
    assert records_for(cast.instructor)[0].facts["weeks"] == 1


def test_a_record_goes_first_to_an_empty_criterion(cast, badge, monkeypatch):
    from techvet.records import Record

    record = Record(uuid4(), "confirmed_weeks", "2 confirmed weeks", {"weeks": 2})
    monkeypatch.setattr("badges.selectors.records.guidance_records", lambda person: [record])
    application = draft(cast.teacher, badge, answered=False)
    add_link(
        by=cast.actor("teacher"),
        application=application,
        criterion=application.version.criteria.first(),
        url="https://example.org/",
    )
    (offer,) = records_by_criterion(cast.teacher, criteria_of(application))
    assert offer["criterion"].number == 2
    application.version.criteria.update(evidence_kinds=["text"])
    assert records_by_criterion(cast.teacher, criteria_of(application)) == []


# ------------------------------------------------------------- awards
@pytest.mark.usefixtures("issuers")
def test_how_an_award_stands(cast, badge):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    day = timedelta(days=1)
    for changes, word, is_valid in (
        ({"state": "queued"}, "Being issued", False),
        ({"state": "leased"}, "Being signed", False),
        ({"state": "parked"}, "Being looked at", False),
        ({"state": "issued"}, "Valid", True),
        ({"valid_until": None}, "Valid", True),
        ({"valid_until": now() + 400 * day}, "Valid", True),
        ({"valid_until": now() + day}, "Valid for 1 more day", True),
        ({"valid_until": now() - day}, "Expired", False),
        ({"revoked_at": now()}, "Revoked", False),
        ({"valid_until": now() + day}, "Revoked", False),
    ):
        for name, value in changes.items():
            setattr(award, name, value)
        standing = standing_of(award)
        assert (standing.word, standing.is_valid) == (word, is_valid), changes
        assert (standing.tone == "ok") is (standing.word == "Valid")


def test_the_steps_of_issuing():
    expected = {
        AwardState.QUEUED: ["done", "now", "next"],
        AwardState.LEASED: ["done", "now", "next"],
        AwardState.ISSUED: ["done", "done", "done"],
        AwardState.PARKED: ["done", "failed", "next"],
    }
    for state, wanted in expected.items():
        steps = steps_of(Award(state=state))
        assert [step["state"] for step in steps] == wanted
        assert all(step["name"] and step["word"] for step in steps)


@pytest.mark.usefixtures("issuers")
def test_an_award_is_found_by_its_addresses_only(cast, badge):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    for url in (
        f"/awards/{award.public_id}/",
        f"https://anywhere.example/awards/{award.public_id}/credential.json?x=1#y",
        f"/awards/{str(award.public_id).upper()}",
    ):
        assert award_at(url) == award
    for url in (
        "",
        "/awards/",
        f"/status/{award.public_id}",
        f"/awards/{award.pk}/",
        f"/awards/{uuid4()}/",
        "http://[broken",
        "/awards/\x00/",
    ):
        assert award_at(url) is None
    Award.objects.update(state="parked")
    assert award_at(f"/awards/{award.public_id}/") is None
    assert not credentials().exists()


@pytest.mark.usefixtures("issuers")
def test_public_lists_of_keys_and_lists_leave_the_secrets_out(cast):
    rotate_key(by=Actor.system(), issuer=cast.school)
    keys = list(keys_of(cast.school))
    assert [one.state for one in keys] == ["retired", "active"]
    assert all("encrypted_private_key" in one.get_deferred_fields() for one in keys)
    lists = list(published_status_lists())
    assert lists
    assert all("permutation_key" in one.get_deferred_fields() for one in lists)


# ------------------------------------------------------------- achievements
def test_the_present_version_is_the_latest_of_each(cast, badge):
    first = badge.versions.get()
    second = make_version(badge, cast.school, name="Anew")
    other = make_badge(cast.school, "GDE-L1", family="GDE").versions.get()
    assert set(present_versions()) == {second, other}
    assert set(versions()) == {first, second, other}
    found = achievements().get(code="WGB-L1")
    assert (found.name, found.version_id_now) == ("Anew", second.public_id)
    Achievement.objects.create(code="EMPTY", family="EMPTY")
    assert not achievements().filter(code="EMPTY").exists()


@pytest.mark.usefixtures("issuers")
def test_what_a_person_has_of_one_badge(cast, badge):
    me, other = cast.actor("teacher"), make_badge(cast.school, "GDE-L1", family="GDE")
    application = returned(cast.teacher, badge, cast.coordinator)
    make_version(badge, cast.school)
    assert open_application_for(me, badge) == application
    assert open_application_for(me, other) is None
    assert open_application_for(cast.actor("second_teacher"), badge) is None
    award = issued_award(cast.teacher, other, cast.coordinator)
    assert award_for(me, other) == award
    assert award_for(me, badge) is None
    for selector in (open_application_for, award_for):
        assert selector(Actor(), badge) is None


# ------------------------------------------------------------- the start page
@pytest.mark.usefixtures("issuers")
def test_what_waits_for_whom(cast, badge):
    sent = submitted(cast.teacher, badge)
    own = draft(cast.coordinator, badge)
    parked = queued_award(cast.second_teacher, badge, cast.reviewer)
    Award.objects.filter(pk=parked.pk).update(state="parked")
    items = start_items(cast.actor("coordinator"))
    assert [(one.url, one.tone) for one in items] == [
        ("/reviews/", "wait"),
        (f"/awards/{parked.public_id}/", "attention"),
        (f"/applications/{own.public_id}/", "info"),
    ]
    assert "1 badge application" in items[0].title
    assert items[0].since == sent.submitted_at
    without = start_items(cast.actor("coordinator", Assurance.PASSWORD))
    assert [one.tone for one in without] == ["info"]
    assert start_items(cast.actor("teacher")) == []
    assert start_items(cast.actor("student")) == []
    assert start_items(Actor.system()) == []


def test_overdue_reviews_are_said_first(cast, badge):
    submitted(cast.teacher, badge)
    submitted(cast.second_teacher, badge)
    Application.objects.filter(applicant=cast.teacher).update(answer_by=today() - timedelta(days=1))
    (item,) = start_items(cast.actor("reviewer"))
    assert (item.tone, item.detail) == ("attention", "1 is overdue.")
    assert "2 badge applications" in item.title
    Application.objects.update(state=State.WITHDRAWN)
    assert start_items(cast.actor("reviewer")) == []
