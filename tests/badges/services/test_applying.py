"""Begin, collect, send, send again, withdraw; and everything that is refused on the way."""

import datetime as dt

import pytest

from badges.enums import ApplicationState as State
from badges.models import Application
from badges.selectors.applications import criteria_of
from badges.selectors.issuers import issuer_for
from badges.selectors.promise import working_days_after
from badges.services.applying import (
    criteria_without_evidence,
    start_application,
    submit_application,
    withdraw_application,
)
from badges.services.evidence import save_text
from guidance.models import Placement, PlacementInstructor
from partners.models import AuditEvent, Membership, Organisation, OutgoingMessage
from techvet.actor import Assurance
from techvet.clock import now, today
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.factories.badges import (
    draft,
    issued_award,
    make_badge,
    make_version,
    returned,
    submitted,
)


@pytest.mark.parametrize("name", ["teacher", "coordinator"])
def test_people_of_a_school_apply_to_their_own(cast, badge, name):
    application = start_application(by=cast.actor(name), achievement=badge)
    assert application.issuer == cast.school
    assert application.state == State.DRAFT
    assert [move.to_state for move in application.moves.all()] == [State.DRAFT]


def guided(cast, person, institution):
    placement = Placement.objects.create(
        student=cast.far_student,
        institution=institution,
        company=cast.company,
        field_of_study="0715",
        starts_on=today(),
        ends_on=today(),
        hours_per_week=30,
        state="running",
        ball_with="workplace",
        created_by=person,
    )
    PlacementInstructor.objects.create(placement=placement, person=person)


def test_an_instructor_applies_where_they_guided_last(cast, badge):
    guided(cast, cast.instructor, cast.other_school)
    by = cast.actor("instructor", Assurance.CODE)
    assert start_application(by=by, achievement=badge).issuer == cast.other_school


def test_without_guiding_the_lead_institution_issues(cast, badge):
    with pytest.raises(WrongState) as refused:
        start_application(by=cast.actor("manager"), achievement=badge)
    assert refused.value.code == "no_issuer"
    Organisation.objects.filter(pk=cast.other_school.pk).update(slug="hamk")
    assert issuer_for(cast.manager).slug == "hamk"


@pytest.mark.parametrize("name", ["student", "leaver", "admin"])
def test_others_do_not_apply(cast, badge, name):
    with pytest.raises(NotAllowed):
        start_application(by=cast.actor(name), achievement=badge)
    assert not Application.objects.exists()


def test_a_link_needs_its_code(cast, badge):
    with pytest.raises(NotAllowed):
        start_application(by=cast.actor("instructor", Assurance.LINK), achievement=badge)


def test_beginning_twice_gives_the_same_application(cast, badge):
    by = cast.actor("teacher")
    first = start_application(by=by, achievement=badge)
    make_version(badge, cast.school)
    assert start_application(by=by, achievement=badge) == first


def test_a_closed_badge_and_one_without_text(cast, badge):
    badge.is_open = False
    with pytest.raises(WrongState):
        start_application(by=cast.actor("teacher"), achievement=badge)


@pytest.mark.usefixtures("issuers")
def test_who_has_the_badge_needs_no_other_until_it_is_gone(cast, badge):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    with pytest.raises(WrongState) as refused:
        start_application(by=cast.actor("teacher"), achievement=badge)
    assert refused.value.code == "has_badge"
    award.valid_until = now()
    award.save()
    assert start_application(by=cast.actor("teacher"), achievement=badge).state == State.DRAFT


def test_sending_promises_an_answer_and_tells_the_reviewers(cast, badge):
    application = submitted(cast.teacher, badge)
    assert (application.state, application.revision) == (State.SUBMITTED, 1)
    assert application.answer_by == working_days_after(today(), 10)
    told = OutgoingMessage.objects.filter(kind="application_sent")
    assert {message.recipient for message in told} == {cast.coordinator, cast.reviewer}
    assert AuditEvent.objects.filter(verb="application_sent").count() == 1


def test_a_coordinator_is_not_told_of_their_own(cast, badge):
    submitted(cast.coordinator, badge)
    told = OutgoingMessage.objects.filter(kind="application_sent")
    assert {message.recipient for message in told} == {cast.reviewer}


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (dt.date(2026, 11, 24), 10, dt.date(2026, 12, 8)),
        (dt.date(2026, 11, 27), 1, dt.date(2026, 11, 30)),
        (dt.date(2026, 11, 28), 1, dt.date(2026, 11, 30)),
        (dt.date(2026, 11, 24), 0, dt.date(2026, 11, 24)),
    ],
)
def test_working_days(day, count, expected):
    assert working_days_after(day, count) == expected


def test_nothing_and_unfinished(cast, badge):
    by = cast.actor("teacher")
    application = draft(cast.teacher, badge, answered=False)
    with pytest.raises(InvalidInput) as refused:
        submit_application(by=by, application=application)
    assert refused.value.code == "nothing"
    first = application.version.criteria.first()
    save_text(by=by, application=application, criterion=first, text="One.")
    assert len(criteria_without_evidence(application)) == 1
    with pytest.raises(InvalidInput) as refused:
        submit_application(by=by, application=application)
    assert refused.value.field == "send_unfinished"
    sent = submit_application(by=by, application=application, send_unfinished=True)
    assert sent.state == State.SUBMITTED


def test_unfinished_is_accepted_only_the_first_time(cast, badge):
    application = returned(cast.teacher, badge, cast.coordinator)
    by = cast.actor("teacher")
    first = application.version.criteria.first()
    save_text(by=by, application=application, criterion=first, text="")
    with pytest.raises(InvalidInput) as refused:
        submit_application(by=by, application=application, send_unfinished=True)
    assert refused.value.code == "unfinished"


def test_sending_again_keeps_the_evidence_and_shows_what_changed(cast, badge):
    application = returned(cast.teacher, badge, cast.coordinator)
    by = cast.actor("teacher")
    first = application.version.criteria.first()
    save_text(by=by, application=application, criterion=first, text="Now with the effect.")
    assert [row.changed for row in criteria_of(application)] == [True, False]
    again = submit_application(by=by, application=application)
    assert (again.revision, again.reviews.filter(revision=2).count()) == (2, 0)
    assert [row.changed for row in criteria_of(again)] == [True, False]
    assert again.evidence.count() == 2


def test_nobody_changes_what_is_with_the_reviewer(cast, badge):
    application = submitted(cast.teacher, badge)
    criterion = application.version.criteria.first()
    with pytest.raises(WrongState):
        save_text(by=cast.actor("teacher"), application=application, criterion=criterion, text="x")
    with pytest.raises(WrongState):
        submit_application(by=cast.actor("teacher"), application=application)


def test_only_the_applicant_sends_and_withdraws(cast, badge):
    application = draft(cast.teacher, badge)
    for step in (submit_application, withdraw_application):
        with pytest.raises(NotAllowed):
            step(by=cast.actor("second_teacher"), application=application)
    withdrawn = withdraw_application(by=cast.actor("teacher"), application=application)
    assert withdrawn.state == State.WITHDRAWN
    with pytest.raises(WrongState):
        withdraw_application(by=cast.actor("teacher"), application=application)
    assert start_application(by=cast.actor("teacher"), achievement=badge) != application


def test_who_has_left_sends_no_more(cast, badge):
    application = draft(cast.teacher, badge)
    Membership.objects.filter(user=cast.teacher).update(ends_on=today() - dt.timedelta(days=1))
    with pytest.raises(NotAllowed):
        submit_application(by=cast.actor("teacher"), application=application)


def test_two_badges_two_applications(cast, badge):
    other = make_badge(cast.school, "GDE-L1", family="GDE")
    assert draft(cast.teacher, badge) != draft(cast.teacher, other)
