"""Reviewing under attack and under haste: own applications, old pages, lost rights, skipped steps.

The cases R06 to R15 of the threat model, by the services and by the pages.
"""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from badges.enums import ApplicationState as State
from badges.enums import AwardState, Mark
from badges.models import Application, Award, Criterion, CriterionMark, Decision, Review
from badges.services.applying import submit_application
from badges.services.auditing import findings
from badges.services.deciding import decide
from badges.services.evidence import save_text
from badges.services.issuing import issue
from badges.services.news import reviewers_of
from badges.services.reviewing import (
    FREE_AFTER,
    claim_application,
    release_application,
    set_mark,
)
from partners.enums import Role
from partners.models import AuditEvent, Membership, OutgoingMessage, User
from partners.selectors.actors import actor_of
from techvet.actor import Actor
from techvet.clock import now, today
from techvet.errors import NotAllowed, WrongState
from tests.cast import join, person
from tests.factories.badges import (
    at_work,
    draft,
    make_badge,
    make_version,
    mark_all,
    returned,
    submitted,
)


@pytest.fixture
def application(cast, badge):
    return submitted(cast.teacher, badge)


def decision_of(cast, application, who="coordinator", **more):
    values = {"outcome": "approve", "revision": application.revision, **more}
    return decide(by=cast.actor(who), application=application, **values)


def post(client, application, step="decide/", **more):
    data = {"revision": application.revision, "outcome": "approve", "note": "", **more}
    met = {f"mark-{one.number}": "met" for one in application.version.criteria.all()}
    return client.post(f"/reviews/{application.public_id}/{step}", {**met, **data})


# ------------------------------------------------------------- marks
def test_each_reviewer_has_own_marks_and_each_round_its_own(cast, application):
    mark_all(application, cast.coordinator, Mark.NOT_YET)
    decision_of(cast, application, outcome="return", note="More.")
    save_text(
        by=cast.actor("teacher"),
        application=application,
        criterion=application.version.criteria.first(),
        text="More.",
    )
    again = submit_application(by=cast.actor("teacher"), application=application)
    mark_all(again, cast.reviewer)
    rows = CriterionMark.objects.order_by("revision").values_list("revision", "reviewer", "mark")
    assert list(rows) == [
        *[(1, cast.coordinator.pk, "not_yet")] * 2,
        *[(2, cast.reviewer.pk, "met")] * 2,
    ]


def test_marks_of_a_colleague_do_not_approve(cast, application, issuers):
    mark_all(application, cast.coordinator)
    release_application(by=cast.actor("coordinator"), application=application)
    with pytest.raises(Exception, match="not_all_met"):
        decision_of(cast, application, "reviewer")
    assert not Award.objects.exists()


def test_a_note_is_trimmed_and_a_second_mark_replaces_the_first(cast, application):
    first = application.version.criteria.first()
    where = {"by": cast.actor("coordinator"), "application": application, "criterion": first}
    set_mark(**where, revision=1, mark=Mark.UNCLEAR, note="  Which week?\n")
    row = set_mark(**where, revision=1, mark=Mark.MET, note="")
    assert (CriterionMark.objects.get(), row.note) == (row, "")
    row = set_mark(**where, revision=1, mark="", note=" Which week? ")
    assert (row.mark, row.note) == ("", "Which week?")


# ------------------------------------------------------------- claiming
def test_a_claim_is_written_down_once(cast, application):
    by = cast.actor("coordinator")
    for _ in range(3):
        claim_application(by=by, application=application)
    assert AuditEvent.objects.filter(verb="application_claimed").count() == 1
    assert application.moves.filter(to_state=State.IN_REVIEW).count() == 1


@pytest.mark.parametrize(
    ("age", "is_free"),
    [
        (timedelta(0), False),
        (FREE_AFTER - timedelta(hours=1), False),
        (FREE_AFTER + timedelta(hours=1), True),
    ],
)
def test_when_a_colleague_may_take_over(cast, application, age, is_free):
    claim_application(by=cast.actor("coordinator"), application=application)
    Review.objects.update(claimed_at=now() - age)
    if not is_free:
        with pytest.raises(WrongState) as refused:
            release_application(by=cast.actor("reviewer"), application=application)
        assert cast.coordinator.name in refused.value.message
        return
    release_application(by=cast.actor("reviewer"), application=application)
    taken = claim_application(by=cast.actor("reviewer"), application=application)
    assert at_work(taken) == [cast.reviewer]


def test_a_reviewer_who_is_gone_leaves_no_locked_application(cast, application, issuers):
    claim_application(by=cast.actor("coordinator"), application=application)
    Membership.objects.filter(user=cast.coordinator).update(ends_on=today())
    with pytest.raises(NotAllowed):
        release_application(by=cast.actor("coordinator"), application=application)
    Review.objects.update(claimed_at=now() - FREE_AFTER - timedelta(minutes=1))
    release_application(by=cast.actor("reviewer"), application=application)
    mark_all(application, cast.reviewer)
    assert decision_of(cast, application, "reviewer").reviewer == cast.reviewer


# ------------------------------------------------------------- R06, R07: one's own
def test_r06_ones_own_is_refused_by_page_service_and_database(cast, badge, as_user, issuers):
    own = submitted(cast.coordinator, badge)
    assert post(as_user(cast.coordinator), own).status_code == 404
    for step in (
        lambda by: claim_application(by=by, application=own),
        lambda by: release_application(by=by, application=own),
        lambda by: decide(by=by, application=own, outcome="approve", revision=1),
    ):
        with pytest.raises(NotAllowed) as refused:
            step(cast.actor("coordinator"))
        assert refused.value.code == "own_application"
    for applicant in (cast.coordinator, cast.teacher):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.create(
                application=own,
                applicant=applicant,
                reviewer=cast.coordinator,
                outcome="approve",
                is_final=True,
                revision=1,
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(application=own, revision=1, reviewer=cast.coordinator)
    assert not Decision.objects.exists()


def test_r06_nobody_has_two_accounts_with_one_address(cast):
    for email in (cast.coordinator.email, cast.coordinator.email.upper()):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user(email, name="Clara Again")


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TEACHER])
def test_r06_a_colleague_of_two_houses_does_not_count_as_another_house(cast, as_user, role):
    """Coordinator over there and in any role here: still a colleague."""
    badge = make_badge(cast.school, "WGB-L2", level=2, is_reviewed_elsewhere=True)
    application = submitted(cast.teacher, badge)
    double = person("Dora Double")
    join(double, cast.other_school, Role.COORDINATOR)
    assert {one.pk for one in reviewers_of(application)} == {cast.far_coordinator.pk, double.pk}
    join(double, cast.school, role)
    assert {one.pk for one in reviewers_of(application)} == {cast.far_coordinator.pk}
    with pytest.raises(NotAllowed):
        claim_application(by=actor_of(double), application=application)
    assert as_user(double).get(f"/reviews/{application.public_id}/").status_code == 404
    assert claim_application(by=cast.actor("far_coordinator"), application=application)


def test_r07_nobody_becomes_reviewer_by_what_they_send(cast, application, as_user):
    more = {"reviewer": cast.teacher.pk, "reviewer_id": cast.second_teacher.pk, "applicant": 1}
    assert post(as_user(cast.coordinator), application, "marks/", **more).status_code == 302
    application.refresh_from_db()
    assert at_work(application) == [cast.coordinator]
    assert application.applicant == cast.teacher
    assert set(application.marks.values_list("reviewer", flat=True)) == {cast.coordinator.pk}


# ------------------------------------------------------------- R08: old pages
def test_r08_a_page_of_the_first_round_decides_nothing_in_the_second(cast, badge, as_user, issuers):
    application = returned(cast.teacher, badge, cast.coordinator)
    submit_application(by=cast.actor("teacher"), application=application)
    client = as_user(cast.coordinator)
    for outcome in ("approve", "return", "decline"):
        answer = post(client, application, outcome=outcome, note="From the old page.")
        assert answer.status_code == 409
    assert post(client, application, "marks/").status_code == 409
    assert Decision.objects.count() == 1
    assert not CriterionMark.objects.filter(revision=2).exists()


@pytest.mark.parametrize("revision", ["", "x", "-1", "2", "1.5", "99999999999999999999"])
def test_r08_a_revision_must_be_given_and_be_the_present_one(
    cast, application, as_user, issuers, revision
):
    answer = post(as_user(cast.coordinator), application, revision=revision)
    assert answer.status_code in (409, 422)
    assert not Decision.objects.exists()


# ------------------------------------------------------------- R09: lost rights
def test_r09_rights_that_ended_while_the_page_was_open(cast, application, as_user, issuers):
    client = as_user(cast.coordinator)
    assert client.get(f"/reviews/{application.public_id}/").status_code == 200
    Membership.objects.filter(user=cast.coordinator).update(ends_on=today())
    assert post(client, application).status_code == 404
    assert post(client, application, "marks/").status_code == 404
    assert not Decision.objects.exists()


def test_r09_rights_that_ended_after_the_decision_do_not_hold_the_badge_up(
    cast, application, issuers
):
    mark_all(application, cast.coordinator)
    decision_of(cast, application)
    Membership.objects.filter(user=cast.coordinator).update(ends_on=today())
    User.objects.filter(pk=cast.coordinator.pk).update(is_active=False)
    award = Award.objects.get()
    assert issue(award.pk)
    award.refresh_from_db()
    assert award.state == AwardState.ISSUED
    assert findings() == []


def test_r09_an_account_that_is_closed_does_nothing(cast, application, as_user):
    client = as_user(cast.coordinator)
    User.objects.filter(pk=cast.coordinator.pk).update(is_active=False)
    assert post(client, application).status_code == 302
    assert not CriterionMark.objects.exists()


# ------------------------------------------------------------- R10: skipped steps
@pytest.mark.parametrize("state", [State.DRAFT, State.WITHDRAWN])
def test_r10_what_was_not_sent_is_not_there_to_review(cast, badge, as_user, issuers, state):
    application = draft(cast.teacher, badge)
    Application.objects.update(state=state)
    client = as_user(cast.coordinator)
    for step in ("decide/", "marks/", "claim/", "release/"):
        assert post(client, application, step).status_code == 404
    assert not Decision.objects.exists()


@pytest.mark.parametrize("state", [State.RETURNED, State.APPROVED, State.DECLINED])
def test_r10_what_was_answered_is_not_answered_again(cast, application, as_user, issuers, state):
    Application.objects.update(state=state)
    client = as_user(cast.coordinator)
    for step in ("decide/", "marks/", "claim/", "release/"):
        answer = post(client, application, step)
        assert answer.status_code == 409, step
        assert str(state.label) in answer.content.decode()
    assert not Decision.objects.exists()
    assert not CriterionMark.objects.exists()


def test_r10_there_is_no_door_to_issue_by_hand(cast, application, as_user):
    client = as_user(cast.coordinator)
    for path in ("issue/", "approve/", "state/", "award/"):
        for where in ("reviews", "applications"):
            url = f"/{where}/{application.public_id}/{path}"
            assert client.post(url, {"state": "issued"}).status_code == 404
    assert not Award.objects.exists()


# ------------------------------------------------------------- R14: the badge changes meanwhile
def test_r14_an_application_keeps_the_version_it_began_with(cast, badge, as_user, issuers):
    application = draft(cast.teacher, badge)
    old = application.version
    make_version(badge, cast.school, name="Guidance, written anew", criteria=5)
    submit_application(by=cast.actor("teacher"), application=application)
    application.refresh_from_db()
    answer = post(as_user(cast.coordinator), application)
    assert answer["Location"].startswith("/awards/")
    award = Award.objects.get()
    assert award.version == old
    assert "Guidance, written anew" not in award.unsigned
    assert issue(award.pk)
    assert findings() == []


def test_r14_criteria_of_another_version_are_not_marked(cast, badge, application):
    newer = make_version(badge, cast.school)
    criterion = Criterion.objects.filter(version=newer).first()
    with pytest.raises(Exception, match="criterion"):
        set_mark(
            by=cast.actor("coordinator"),
            application=application,
            criterion=criterion,
            revision=1,
            mark=Mark.MET,
            note="",
        )


# ------------------------------------------------------------- R15: for whom one issues
def test_r15_the_issuer_follows_from_the_application(cast, application, as_user, issuers):
    more = {"issuer": cast.other_school.pk, "issuer_id": cast.other_school.pk, "key": 1}
    assert post(as_user(cast.coordinator), application, **more).status_code == 302
    award = Award.objects.get()
    assert award.issuer == cast.school
    assert award.key.issuer == award.status_list.issuer == cast.school
    assert '"did:web:' in award.unsigned
    assert ":issuers:near-school" in award.unsigned
    assert "far-school" not in award.unsigned


def test_r15_coordinators_of_another_school_do_not_issue_for_this_one(cast, application, as_user):
    client = as_user(cast.far_coordinator)
    for step in ("decide/", "marks/", "claim/", "release/"):
        assert post(client, application, step).status_code == 404
    with pytest.raises(NotAllowed):
        decision_of(cast, application, "far_coordinator")
    with pytest.raises(NotAllowed):
        decide(by=Actor.system(), application=application, outcome="approve", revision=1)
    assert not Decision.objects.exists()


# ------------------------------------------------------------- who is told
def test_only_those_who_may_review_today_are_told(cast, badge):
    gone, ahead, ended_today = (person(f"{word} Coordinator") for word in ("Gone", "New", "Last"))
    join(gone, cast.school, Role.COORDINATOR, ends_on=today() - timedelta(days=1))
    join(ahead, cast.school, Role.COORDINATOR, starts_on=today() + timedelta(days=1))
    join(ended_today, cast.school, Role.COORDINATOR, ends_on=today())
    User.objects.filter(pk=cast.reviewer.pk).update(is_active=False)
    application = submitted(cast.teacher, badge)
    told = {message.recipient for message in OutgoingMessage.objects.all()}
    assert told == set(reviewers_of(application)) == {cast.coordinator}


def test_each_round_is_told_once(cast, badge):
    application = returned(cast.teacher, badge, cast.coordinator)
    submit_application(by=cast.actor("teacher"), application=application)
    kinds = list(OutgoingMessage.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == [*["application_sent"] * 2, "application_returned", *["application_sent"] * 2]
