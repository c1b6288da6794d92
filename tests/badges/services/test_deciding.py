"""Taking, marking and deciding; the award that an approval leaves; everybody who may not."""

import json
import threading

import pytest
from django.db import connection

from badges.enums import ApplicationState as State
from badges.enums import AwardState, Mark, Outcome
from badges.models import Award, Decision
from badges.openbadges.credential import email_matches
from badges.selectors.applications import applications_reviewable_by
from badges.selectors.reviews import review_queue
from badges.services.applying import withdraw_application
from badges.services.awarding import years_after
from badges.services.deciding import decide
from badges.services.reviewing import (
    claim_application,
    release_application,
    set_mark,
)
from partners.models import OutgoingMessage
from techvet.actor import Assurance
from techvet.clock import database_now, now
from techvet.errors import InvalidInput, NotAllowed, Refused, WrongState
from tests.factories.badges import (
    at_work,
    draft,
    make_badge,
    mark_all,
    ready_issuers,
    returned,
    submitted,
)


@pytest.fixture
def application(cast, badge):
    return submitted(cast.teacher, badge)


def approve(cast, application, who="coordinator", **more):
    arguments = {"outcome": Outcome.APPROVE, "revision": application.revision, **more}
    return decide(by=cast.actor(who), application=application, **arguments)


# ------------------------------------------------------------- taking and marking
def test_claim_and_give_back(cast, application):
    claim_application(by=cast.actor("coordinator"), application=application)
    again = claim_application(by=cast.actor("coordinator"), application=application)
    assert (again.state, at_work(again)) == (State.IN_REVIEW, [cast.coordinator])
    with pytest.raises(WrongState) as refused:
        claim_application(by=cast.actor("reviewer"), application=application)
    assert cast.coordinator.name in refused.value.message
    with pytest.raises(WrongState):
        release_application(by=cast.actor("reviewer"), application=application)
    back = release_application(by=cast.actor("coordinator"), application=application)
    assert (back.state, at_work(back)) == (State.SUBMITTED, [])
    with pytest.raises(WrongState):
        release_application(by=cast.actor("coordinator"), application=application)


def test_a_colleague_takes_over_after_three_days(cast, application):
    from datetime import timedelta

    claimed = claim_application(by=cast.actor("coordinator"), application=application)
    claimed.reviews.update(claimed_at=now() - timedelta(days=4))
    back = release_application(by=cast.actor("reviewer"), application=application)
    assert at_work(back) == []


def test_the_first_mark_takes_the_application(cast, application):
    mark_all(application, cast.coordinator)
    application.refresh_from_db()
    assert (application.state, at_work(application)) == (State.IN_REVIEW, [cast.coordinator])
    mark_all(application, cast.coordinator, Mark.NOT_YET)
    assert list(application.marks.values_list("mark", flat=True)) == ["not_yet", "not_yet"]


def test_marks_of_an_old_revision_or_another_badge(cast, application):
    criterion = application.version.criteria.first()
    values = {"application": application, "mark": Mark.MET, "note": ""}
    by = cast.actor("coordinator")
    with pytest.raises(WrongState) as refused:
        set_mark(by=by, criterion=criterion, revision=0, **values)
    assert refused.value.code == "other_revision"
    other = make_badge(cast.school, "AWP-L1", family="AWP").versions.get().criteria.first()
    with pytest.raises(InvalidInput):
        set_mark(by=by, criterion=other, revision=1, **values)


@pytest.mark.parametrize(
    ("name", "assurance"),
    [
        ("teacher", Assurance.SECOND_FACTOR),
        ("second_teacher", Assurance.SECOND_FACTOR),
        ("admin", Assurance.SECOND_FACTOR),
        ("far_coordinator", Assurance.SECOND_FACTOR),
        ("leaver", Assurance.SECOND_FACTOR),
        ("coordinator", Assurance.PASSWORD),
    ],
)
@pytest.mark.usefixtures("issuers")
def test_who_may_not(cast, application, name, assurance):
    by = cast.actor(name, assurance)
    with pytest.raises(NotAllowed):
        claim_application(by=by, application=application)
    with pytest.raises(NotAllowed):
        decide(by=by, application=application, outcome=Outcome.APPROVE, revision=1)
    assert not Decision.objects.exists()


@pytest.mark.usefixtures("issuers")
def test_a_coordinator_never_reviews_their_own(cast, badge):
    own = submitted(cast.coordinator, badge)
    with pytest.raises(NotAllowed) as refused:
        approve(cast, own)
    assert refused.value.code == "own_application"
    assert own not in applications_reviewable_by(cast.actor("coordinator"))
    mark_all(own, cast.reviewer)
    assert approve(cast, own, "reviewer").outcome == Outcome.APPROVE


@pytest.mark.usefixtures("issuers")
def test_level_two_is_reviewed_from_another_house(cast):
    badge = make_badge(cast.school, "WGB-L2", level=2, is_reviewed_elsewhere=True)
    application = submitted(cast.teacher, badge)
    assert application not in review_queue(cast.actor("coordinator"))
    assert application in review_queue(cast.actor("far_coordinator"))
    with pytest.raises(NotAllowed):
        approve(cast, application)
    mark_all(application, cast.far_coordinator)
    decision = approve(cast, application, "far_coordinator")
    assert decision.application.award.issuer == cast.school
    told = OutgoingMessage.objects.filter(kind="application_sent")
    assert {message.recipient for message in told} == {cast.far_coordinator}


# ------------------------------------------------------------- deciding
@pytest.mark.usefixtures("issuers")
def test_an_approval_freezes_everything(cast, application, silent_doorbell, badge):
    mark_all(application, cast.coordinator)
    before = database_now().replace(microsecond=0)
    decision = approve(cast, application, note=" Well done. ")
    award = Award.objects.get(application=application)
    assert (decision.note, decision.is_final, decision.revision) == ("Well done.", True, 1)
    assert award.decision == decision
    assert award.state == AwardState.QUEUED
    assert award.recipient_name == cast.teacher.name
    assert before <= award.issued_at <= database_now()
    assert award.valid_until.year == award.issued_at.year + 3
    document = json.loads(award.unsigned)
    assert "proof" not in document
    assert document["id"].endswith(f"/awards/{award.public_id}/credential.json")
    assert document["issuer"]["id"].endswith(":issuers:near-school")
    identity = document["credentialSubject"]["identifier"]
    identity = identity[0] if isinstance(identity, list) else identity
    assert email_matches(cast.teacher.email, identity["identityHash"], identity["salt"])
    assert cast.teacher.email not in award.unsigned
    place = document["credentialStatus"]["statusListIndex"]
    assert place == str(award.status_index)
    application.refresh_from_db()
    assert application.state == State.APPROVED


@pytest.mark.usefixtures("issuers")
def test_the_ring_comes_after_the_commit(
    cast, application, silent_doorbell, django_capture_on_commit_callbacks
):
    mark_all(application, cast.coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        approve(cast, application)
        assert ("issue_award", (Award.objects.get().pk,)) not in silent_doorbell
    assert ("issue_award", (Award.objects.get().pk,)) in silent_doorbell


@pytest.mark.usefixtures("issuers")
def test_approving_needs_every_criterion_met(cast, application):
    with pytest.raises(InvalidInput) as refused:
        approve(cast, application)
    assert "Criterion number 1" in refused.value.message
    mark_all(application, cast.coordinator, Mark.UNCLEAR)
    with pytest.raises(InvalidInput):
        approve(cast, application)
    assert not Award.objects.exists()


def test_an_issuer_without_a_key_is_told_so(cast, application, caplog):
    mark_all(application, cast.coordinator)
    with pytest.raises(WrongState) as refused:
        approve(cast, application)
    assert refused.value.code == "no_key"
    assert "Near School" in refused.value.message
    assert "an issuer has no key" in caplog.text
    application.refresh_from_db()
    assert application.state == State.IN_REVIEW
    assert not Decision.objects.exists()


@pytest.mark.parametrize("outcome", [Outcome.RETURN, Outcome.DECLINE])
def test_a_no_needs_its_reason(cast, application, outcome):
    by = cast.actor("coordinator")
    with pytest.raises(InvalidInput) as refused:
        decide(by=by, application=application, outcome=outcome, revision=1)
    assert refused.value.field == "note"
    decide(by=by, application=application, outcome=outcome, revision=1, note="Because.")
    application.refresh_from_db()
    wanted = {Outcome.RETURN: State.RETURNED, Outcome.DECLINE: State.DECLINED}[outcome]
    assert application.state == wanted
    kind = "application_returned" if outcome == Outcome.RETURN else "application_declined"
    assert OutgoingMessage.objects.get(kind=kind).recipient == cast.teacher
    assert not Award.objects.exists()


def test_a_note_on_a_criterion_is_reason_enough_to_return(cast, application):
    by = cast.actor("coordinator")
    criterion = application.version.criteria.first()
    set_mark(
        by=by,
        application=application,
        criterion=criterion,
        revision=1,
        mark=Mark.NOT_YET,
        note="Say when.",
    )
    decide(by=by, application=application, outcome=Outcome.RETURN, revision=1)


@pytest.mark.usefixtures("issuers")
@pytest.mark.parametrize("state", ["draft", "returned", "withdrawn", "declined"])
def test_steps_cannot_be_skipped(cast, badge, state):
    if state == "returned":
        application = returned(cast.teacher, badge, cast.coordinator)
    else:
        application = draft(cast.teacher, badge)
        type(application).objects.filter(pk=application.pk).update(state=state)
    with pytest.raises(WrongState):
        approve(cast, application)
    assert not Award.objects.exists()


@pytest.mark.usefixtures("issuers")
def test_a_second_decision_is_refused(cast, application):
    mark_all(application, cast.coordinator)
    approve(cast, application)
    for outcome in Outcome.values:
        with pytest.raises(WrongState):
            decide(
                by=cast.actor("coordinator"),
                application=application,
                outcome=outcome,
                revision=1,
                note="No.",
            )
    assert Decision.objects.count() == 1


@pytest.mark.usefixtures("issuers")
def test_another_round_after_a_return(cast, badge):
    from badges.services.applying import submit_application

    application = returned(cast.teacher, badge, cast.coordinator)
    application = submit_application(by=cast.actor("teacher"), application=application)
    mark_all(application, cast.reviewer)
    approve(cast, application, "reviewer")
    outcomes = list(application.decisions.values_list("outcome", "revision"))
    assert outcomes == [("return", 1), ("approve", 2)]


def test_the_end_of_a_leap_day():
    import datetime as dt

    leap = dt.datetime(2028, 2, 29, tzinfo=dt.UTC)
    assert years_after(leap, 3) == dt.datetime(2031, 2, 28, tzinfo=dt.UTC)
    assert years_after(leap, None) is None


# ------------------------------------------------------------- at the same time
def at_once(*steps):
    """Runs all steps from one barrier; gives what each returned or raised."""
    barrier = threading.Barrier(len(steps))
    results = []

    def run(step):
        try:
            barrier.wait()
            results.append(step())
        except Refused as refusal:
            results.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[step]) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def waiting(transactional_db, quick_passwords):
    from tests.cast import assemble

    cast = assemble()
    badge = make_badge(cast.school)
    ready_issuers()
    application = submitted(cast.teacher, badge)
    mark_all(application, cast.coordinator)
    return cast, application


@pytest.mark.parametrize("other", ["approve", "decline", "withdraw"])
def test_only_one_of_two_decisions_at_once(waiting, other):
    cast, application = waiting

    def approving():
        return approve(cast, application)

    def declining():
        return approve(cast, application, outcome=Outcome.DECLINE, note="No.")

    def withdrawing():
        return withdraw_application(by=cast.actor("teacher"), application=application)

    second = {"approve": approving, "decline": declining, "withdraw": withdrawing}[other]
    results = at_once(approving, second, approving, second, approving, second)
    refusals = [one for one in results if isinstance(one, Refused)]
    assert len(refusals) == 5
    assert {one.status for one in refusals} == {409}
    finals = Decision.objects.filter(is_final=True).count()
    application.refresh_from_db()
    assert finals == (0 if application.state == State.WITHDRAWN else 1)
    assert Award.objects.count() == (1 if application.state == State.APPROVED else 0)
