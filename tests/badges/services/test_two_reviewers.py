"""Where two decide: blind to each other, a third when they differ, and what the database holds."""

import pytest
from django.db import IntegrityError, transaction

from badges.enums import ApplicationState as State
from badges.enums import Mark, Outcome, ReviewerKind
from badges.models import Award, CriterionMark, Decision, Review
from badges.selectors.applications import answered_marks, criteria_of
from badges.selectors.reviews import panel_of, panel_words, review_queue
from badges.services.auditing import findings
from badges.services.deciding import decide
from badges.services.reviewing import claim_application, release_application, set_mark
from partners.enums import Country, OrganisationKind, Role
from partners.models import AuditEvent, OutgoingMessage
from partners.selectors.actors import actor_of
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.cast import join, organisation, person
from tests.factories.badges import at_work, make_badge, mark_all, ready_issuers, submitted


@pytest.fixture
def third_school(cast):
    return organisation("third-school", OrganisationKind.INSTITUTION, Country.LV)


@pytest.fixture
def others(cast, third_school):
    """Three coordinators of other schools than the applicant's."""
    one, two = person("Lilita Coordinator"), person("Laima Coordinator")
    for each in (one, two):
        join(each, third_school, Role.COORDINATOR)
    return cast.far_coordinator, one, two


@pytest.fixture
def application(cast, others):
    badge = make_badge(cast.school, "WGB-L2", level=2, reviewers=2)
    ready_issuers()
    return submitted(cast.teacher, badge)


def finish(who, application, outcome=Outcome.APPROVE, note="", mark=""):
    mark_all(application, who, mark or (Mark.MET if outcome == "approve" else Mark.NOT_YET))
    return decide(
        by=actor_of(who),
        application=application,
        outcome=outcome,
        revision=application.revision,
        note=note or f"{who.name} says why.",
    )


# ------------------------------------------------------------- two of one mind
def test_both_finish_and_then_there_is_a_decision(others, application):
    first, second, _third = others
    assert finish(first, application) is None
    application.refresh_from_db()
    assert application.state == State.IN_REVIEW
    assert not Decision.objects.exists()
    decision = finish(second, application)
    assert (decision.outcome, decision.is_final, decision.reviewer) == ("approve", True, second)
    assert decision.note == f"{first.name} says why.\n\n{second.name} says why."
    application.refresh_from_db()
    assert application.state == State.APPROVED
    assert Award.objects.get().decision == decision
    assert findings() == []


@pytest.mark.parametrize(
    ("outcome", "state"), [("return", State.RETURNED), ("decline", State.DECLINED)]
)
def test_a_no_waits_for_the_other_and_brings_both_notes(others, application, outcome, state):
    first, second, _third = others
    assert finish(first, application, outcome, "One.") is None
    assert not OutgoingMessage.objects.filter(kind__startswith=f"application_{outcome}").exists()
    decision = finish(second, application, outcome, "Two.")
    application.refresh_from_db()
    assert (decision.note, application.state) == ("One.\n\nTwo.", state)


def test_the_applicant_sees_the_marks_of_both_after_the_answer(cast, others, application):
    first, second, _third = others
    finish(first, application, "return", mark=Mark.UNCLEAR)
    assert answered_marks(application) == {}
    finish(second, application, "return", mark=Mark.NOT_YET)
    application.refresh_from_db()
    (row, _other) = criteria_of(application)
    assert {one.reviewer for one in row.marks} == {first, second}
    assert row.mark.mark == Mark.NOT_YET  # the strictest counts


# ------------------------------------------------------------- blind
def test_nobody_learns_what_the_other_thinks_before_the_end(others, application, as_user, cast):
    first, second, third = others
    note = "Secretly unconvinced"
    by = actor_of(first)
    for criterion in application.version.criteria.all():
        set_mark(
            by=by,
            application=application,
            criterion=criterion,
            revision=1,
            mark=Mark.NOT_YET,
            note=note,
        )
    decide(by=by, application=application, outcome="return", revision=1, note="Overall secret")
    for who in (second, third, cast.coordinator):
        client = as_user(who)
        pages = [f"/reviews/{application.public_id}/", "/reviews/"]
        pages.append(f"/reviews/{application.public_id}/people/")
        for path in pages:
            html = client.get(path).content.decode()
            assert note not in html
            assert "Overall secret" not in html
            assert 'value="not_yet" checked' not in html
    html = as_user(cast.teacher).get(f"/applications/{application.public_id}/").content.decode()
    assert note not in html
    assert "Overall secret" not in html
    lines = AuditEvent.objects.filter(thing_id=str(application.public_id))
    told = [f"{line.verb} {line.data}" for line in lines]
    assert any("review_finished" in one for one in told)
    assert not [one for one in told if "return" in one or "secret" in one.lower()]
    assert criteria_of(application, reviewer=second)[0].mark is None
    assert criteria_of(application)[0].marks == ()


def test_marks_of_somebody_who_gave_it_back_are_never_shown(others, application):
    first, second, third = others
    mark_all(application, first, Mark.NOT_YET)
    release_application(by=actor_of(first), application=application)
    finish(second, application, "return")
    finish(third, application, "return")
    assert {one.reviewer for rows in answered_marks(application).values() for one in rows} == {
        second,
        third,
    }
    assert CriterionMark.objects.filter(reviewer=first).exists()


# ------------------------------------------------------------- a third
@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("approve", "return", "approve"), "approve"),
        (("approve", "return", "return"), "return"),
        (("approve", "decline", "decline"), "decline"),
        (("return", "decline", "return"), "return"),
        (("approve", "return", "decline"), "return"),
        (("decline", "approve", "return"), "return"),
    ],
)
def test_the_majority_of_three_decides(others, application, outcomes, expected):
    first, second, third = others
    assert finish(first, application, outcomes[0]) is None
    assert finish(second, application, outcomes[1]) is None
    panel = panel_of(application)
    assert (panel.is_third_asked, panel.wanted, panel.free) == (True, 3, 1)
    assert panel_words(panel) == "The two reviewers differ: a third reviewer is asked."
    decision = finish(third, application, outcomes[2])
    assert decision.outcome == expected
    assert Award.objects.exists() is (expected == "approve")
    assert findings() == []


def test_those_who_may_give_the_third_view_are_told(others, application):
    first, second, third = others
    finish(first, application, "approve")
    finish(second, application, "return")
    told = OutgoingMessage.objects.filter(kind="review_third")
    assert [one.recipient for one in told] == [third]
    assert "return" not in told[0].body
    assert application in review_queue(actor_of(third))
    assert application not in review_queue(actor_of(first))


# ------------------------------------------------------------- places
def test_there_are_two_places_and_no_more(others, application):
    first, second, third = others
    for who in (first, second):
        claim_application(by=actor_of(who), application=application)
    assert at_work(application) == [first, second]
    with pytest.raises(WrongState) as refused:
        claim_application(by=actor_of(third), application=application)
    assert first.name in refused.value.message
    assert second.name in refused.value.message
    release_application(by=actor_of(first), application=application)
    application.refresh_from_db()
    assert application.state == State.IN_REVIEW  # the second is still at it
    claim_application(by=actor_of(third), application=application)
    for who in (second, third):
        release_application(by=actor_of(who), application=application)
    application.refresh_from_db()
    assert (application.state, at_work(application)) == (State.SUBMITTED, [])


def test_who_has_finished_marks_and_decides_no_more(others, application):
    first, *_others = others
    finish(first, application)
    for step in (
        lambda: mark_all(application, first),
        lambda: finish(first, application, "return"),
        lambda: claim_application(by=actor_of(first), application=application),
        lambda: release_application(by=actor_of(first), application=application),
    ):
        with pytest.raises(WrongState) as refused:
            step()
        assert refused.value.code == "finished"
    assert panel_words(panel_of(application)) == "1 of 2 reviewers have finished."


def test_one_place_is_kept_for_the_world_of_work(cast, others):
    badge = make_badge(cast.school, "GDE-L2", family="GDE", level=2, reviewers=2)
    badge.versions.update(needs_world_of_work=True)
    ready_issuers()
    application = submitted(cast.teacher, badge)
    first, second, _third = others
    finish(first, application)
    with pytest.raises(WrongState) as refused:
        claim_application(by=actor_of(second), application=application)
    assert "world of work" in refused.value.message
    join(second, cast.other_company, Role.MANAGER)
    assert finish(second, application).outcome == "approve"
    assert Review.objects.get(reviewer=second).kind == ReviewerKind.COMPANY
    assert findings() == []
    Review.objects.filter(reviewer=second).update(kind=ReviewerKind.PEER)
    assert any("world of work" in line for line in findings())


def test_approving_needs_own_marks_of_each(others, application):
    first, second, _third = others
    finish(first, application)
    with pytest.raises(InvalidInput):
        decide(by=actor_of(second), application=application, outcome="approve", revision=1)


def test_nobody_of_the_own_school(cast, application):
    for name in ("coordinator", "reviewer"):
        with pytest.raises(NotAllowed) as refused:
            claim_application(by=cast.actor(name), application=application)
        assert refused.value.code == "own_house"
        assert application not in review_queue(cast.actor(name))


# ------------------------------------------------------------- the database itself
def final(application, reviewer, outcome="approve"):
    return Decision.objects.create(
        application=application,
        applicant=application.applicant,
        reviewer=reviewer,
        outcome=outcome,
        is_final=outcome != "return",
        revision=application.revision,
    )


def test_the_database_refuses_a_final_decision_with_too_few_reviews(others, application):
    first, second, _third = others
    with pytest.raises(IntegrityError), transaction.atomic():
        final(application, first)
    finish(first, application)
    with pytest.raises(IntegrityError), transaction.atomic():
        final(application, first)
    Review.objects.create(application=application, revision=1, reviewer=second)
    with pytest.raises(IntegrityError), transaction.atomic():
        final(application, first)  # begun is not finished
    Review.objects.filter(reviewer=second).update(outcome="decline", finished_at=now())
    for outcome in ("approve", "decline"):
        with pytest.raises(IntegrityError), transaction.atomic():
            final(application, first, outcome)
    assert final(application, first, "return")  # asking for changes is not final
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.update(outcome="approve", is_final=True)


def test_the_reviews_under_a_decision_stay(others, application):
    first, second, _third = others
    finish(first, application)
    finish(second, application)
    rows = Review.objects.filter(reviewer=first)
    for change in (
        lambda: rows.delete(),
        lambda: rows.update(outcome="decline"),
        lambda: rows.update(finished_at=None),
        lambda: rows.update(reviewer=others[2]),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert rows.update(note="Corrected.") == 1


def test_the_database_refuses_a_review_of_ones_own(cast, others, application):
    first, *_others = others
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(application=application, revision=1, reviewer=cast.teacher)
    row = Review.objects.create(application=application, revision=1, reviewer=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=row.pk).update(reviewer=cast.teacher)


def test_one_reviewer_is_still_enough_elsewhere(cast, badge):
    ready_issuers()
    application = submitted(cast.teacher, badge)
    assert finish(cast.coordinator, application).outcome == "approve"
    assert panel_words(panel_of(application)) == ""
