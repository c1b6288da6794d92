"""Saying who reviews: named, automatic, invited, taken back; stepping aside; kept sentences."""

from dataclasses import replace
from datetime import timedelta

import pytest

from badges.enums import ApplicationState as State
from badges.enums import ReviewerKind
from badges.models import ConflictOfInterest, Review, ReviewPhrase
from badges.permissions import can_organise_review, can_review_application
from badges.selectors.applications import applications_reviewable_by, evidence_visible_to
from badges.selectors.reviews import (
    candidates_for,
    capacity_of,
    eligible_reviewers,
    elsewhere_of,
    holders_for,
    phrases_for,
    review_queue,
)
from badges.services.assigning import assign_automatically, assign_review
from badges.services.auditing import findings
from badges.services.conflicts import declare_conflict
from badges.services.deciding import decide
from badges.services.inviting_reviewers import (
    INVITED_FOR,
    end_invitation,
    invite_from_company,
    invite_holder,
)
from badges.services.review_phrases import PHRASE_MAX, delete_phrase, keep_phrase
from badges.services.reviewing import claim_application, release_application
from partners.enums import Role
from partners.models import AccessLink, AuditEvent, OutgoingMessage, User
from partners.selectors.actors import actor_of
from techvet.actor import Actor, Assurance
from techvet.clock import now
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.cast import join, person
from tests.factories.badges import (
    at_work,
    issued_award,
    make_badge,
    mark_all,
    ready_issuers,
    submitted,
)


@pytest.fixture
def application(cast, badge):
    return submitted(cast.teacher, badge)


def invite(cast, application, who="coordinator", **more):
    words = {"name": "Nora New", "email": "nora@example.org", "company": cast.other_company, **more}
    return invite_from_company(by=cast.actor(who), application=application, **words)


def guest(user, assurance=Assurance.CODE, days=1):
    link = AccessLink(person=user, token_hash="0" * 64, expires_at=now() + timedelta(days=days))
    return replace(actor_of(user, assurance), link=link)


# ------------------------------------------------------------- to a colleague
def test_a_named_colleague_gets_it_and_a_message(cast, application):
    review = assign_review(
        by=cast.actor("coordinator"), application=application, reviewer=cast.reviewer
    )
    application.refresh_from_db()
    assert (application.state, at_work(application)) == (State.IN_REVIEW, [cast.reviewer])
    assert (review.organisation, review.kind) == (cast.school, ReviewerKind.INSTITUTION)
    assert OutgoingMessage.objects.get(kind="review_assigned").recipient == cast.reviewer
    assert AuditEvent.objects.filter(verb="review_assigned").count() == 1
    with pytest.raises(InvalidInput):  # has it already
        assign_review(by=cast.actor("reviewer"), application=application, reviewer=cast.reviewer)
    with pytest.raises(WrongState):  # the place is taken
        assign_review(
            by=cast.actor("coordinator"), application=application, reviewer=cast.coordinator
        )


@pytest.mark.parametrize("name", ["teacher", "second_teacher", "far_coordinator", "admin"])
def test_nobody_else_is_named(cast, application, name):
    with pytest.raises(InvalidInput) as refused:
        assign_review(
            by=cast.actor("coordinator"), application=application, reviewer=getattr(cast, name)
        )
    assert refused.value.field == "reviewer"
    assert not Review.objects.exists()


@pytest.mark.parametrize("name", ["teacher", "second_teacher", "far_coordinator", "admin"])
def test_nobody_else_names(cast, application, name):
    assert not can_organise_review(cast.actor(name), application)
    with pytest.raises(NotAllowed):
        assign_automatically(by=cast.actor(name), application=application)
    with pytest.raises(NotAllowed):
        invite(cast, application, name)
    assert not can_organise_review(Actor(), application)
    assert not can_organise_review(cast.actor("coordinator", Assurance.PASSWORD), application)


def test_automatically_by_language_then_by_load(cast, badge, application):
    User.objects.filter(pk__in=[cast.teacher.pk, cast.reviewer.pk]).update(language="fi")
    application.applicant.refresh_from_db()
    review, words = assign_automatically(by=cast.actor("coordinator"), application=application)
    assert review.reviewer == cast.reviewer
    assert words == (
        "Riku Reviewer reviews it: of those who read Finnish they have the fewest open reviews,"
        " 0 until now."
    )
    User.objects.filter(pk=cast.coordinator.pk).update(language="fi")
    second = submitted(cast.second_teacher, badge)
    User.objects.filter(pk=cast.second_teacher.pk).update(language="fi")
    loads = {one.person: one.open_reviews for one in candidates_for(second)}
    assert loads == {cast.reviewer: 1, cast.coordinator: 0}
    review, _words = assign_automatically(by=cast.actor("coordinator"), application=second)
    assert review.reviewer == cast.coordinator  # the colleague has one already
    third = submitted(cast.far_teacher, badge)
    User.objects.filter(pk=cast.far_coordinator.pk).update(language="et")
    review, words = assign_automatically(by=cast.actor("far_coordinator"), application=third)
    assert "nobody who may review it reads English" in words


def test_automatically_with_nobody_left(cast, badge):
    own = submitted(cast.far_coordinator, badge)
    with pytest.raises(NotAllowed):
        assign_automatically(by=cast.actor("far_coordinator"), application=own)
    colleague = person("Karin Colleague")
    join(colleague, cast.other_school, Role.COORDINATOR)
    claim_application(by=actor_of(colleague), application=own)
    with pytest.raises(WrongState) as refused:
        assign_automatically(by=actor_of(colleague), application=own)
    assert refused.value.code == "nobody"


def test_what_does_not_wait_is_not_given_away(cast, application):
    type(application).objects.update(state=State.RETURNED)
    with pytest.raises(WrongState):
        assign_automatically(by=cast.actor("coordinator"), application=application)
    with pytest.raises(WrongState):
        invite(cast, application)


def test_an_issuer_names_reviewers_of_what_it_may_not_judge(cast):
    badge = make_badge(cast.school, "WGB-L2", level=2, reviewers=2)
    application = submitted(cast.teacher, badge)
    by = cast.actor("coordinator")
    assert not can_review_application(by, application)
    assert can_organise_review(by, application)
    assert elsewhere_of(by) == [application]
    assert not evidence_visible_to(by).exists()
    review = assign_review(by=by, application=application, reviewer=cast.far_coordinator)
    assert review.organisation == cast.other_school
    assert elsewhere_of(cast.actor("far_coordinator")) == []


# ------------------------------------------------------------- by invitation
def test_somebody_from_a_company_comes_by_a_link_and_sees_one_application(cast, badge, application):
    other = submitted(cast.second_teacher, badge)
    review = invite(cast, application)
    nora = User.objects.get(email="nora@example.org")
    assert (review.reviewer, review.kind, review.invited_by) == (
        nora,
        ReviewerKind.COMPANY,
        cast.coordinator,
    )
    message = OutgoingMessage.objects.get(kind="review_invited")
    assert (message.recipient, message.is_secret) == (nora, True)
    assert f"/reviews/{application.public_id}/open/" in message.body
    assert cast.teacher.name not in message.subject + message.body
    me = guest(nora)
    assert list(applications_reviewable_by(me)) == [application]
    assert can_review_application(me, application)
    assert evidence_visible_to(me).count() == 2
    assert not can_review_application(me, other)
    assert not can_organise_review(me, application)


def test_a_link_without_code_or_past_its_day_reviews_nothing(cast, application):
    review = invite(cast, application)
    for actor in (guest(review.reviewer, Assurance.LINK), guest(review.reviewer, days=-1)):
        assert not applications_reviewable_by(actor).exists()
        assert not can_review_application(actor, application)
        with pytest.raises(NotAllowed):
            claim_application(by=actor, application=application)
    Review.objects.update(expires_at=now())
    assert not applications_reviewable_by(guest(review.reviewer)).exists()
    with pytest.raises(NotAllowed):
        claim_application(by=guest(review.reviewer), application=application)


def test_what_ran_out_is_free_again_also_for_the_same_person(cast, application):
    invite(cast, application)
    with pytest.raises(WrongState):
        claim_application(by=cast.actor("coordinator"), application=application)
    Review.objects.update(expires_at=now() - timedelta(hours=1))
    again = invite(cast, application)
    assert Review.objects.get() == again
    Review.objects.update(expires_at=now() - timedelta(hours=1))
    claim_application(by=cast.actor("coordinator"), application=application)
    assert at_work(application) == [cast.coordinator]


def test_inviting_twice_sends_a_new_link_for_the_same_place(cast, application):
    first = invite(cast, application)
    Review.objects.update(expires_at=now() + timedelta(days=1))
    second = invite(cast, application)
    assert first.pk == second.pk
    assert second.expires_at > now() + INVITED_FOR - timedelta(minutes=1)
    assert OutgoingMessage.objects.filter(kind="review_invited").count() == 2
    assert AccessLink.objects.count() == 2


def test_an_invited_review_ends_in_a_decision_that_the_auditor_accepts(cast, application):
    ready_issuers()
    review = invite(cast, application)
    me = guest(review.reviewer)
    mark_all(application, review.reviewer)
    decision = decide(by=me, application=application, outcome="approve", revision=1)
    assert decision.reviewer == review.reviewer
    assert findings() == []
    Review.objects.update(invited_by=cast.second_teacher)
    assert any("K4" in line for line in findings())


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "not an address"}, "email"),
        ({"company": "school"}, "company"),
        ({"email": "tiina.teacher@example.org"}, "email"),  # the applicant
    ],
)
def test_an_invitation_that_cannot_be(cast, application, more, field):
    if more.get("company"):
        more = {"company": cast.school}
    before = User.objects.count()
    with pytest.raises(InvalidInput) as refused:
        invite(cast, application, **more)
    assert refused.value.field == field
    assert not Review.objects.exists()
    assert User.objects.count() == before
    assert not OutgoingMessage.objects.filter(kind="review_invited").exists()


def test_the_own_manager_is_not_invited(cast, badge):
    join(cast.teacher, cast.company, Role.INSTRUCTOR)
    application = submitted(cast.teacher, badge)
    with pytest.raises(InvalidInput) as refused:
        invite(cast, application, email=cast.manager.email, company=cast.company)
    assert refused.value.code == "line_manager"
    assert invite(cast, application, email=cast.far_instructor.email)


def test_a_peer_with_a_badge_of_level_two_is_invited(cast, application):
    ready_issuers()
    deep = make_badge(cast.school, "WGB-L2", level=2)
    issued_award(cast.second_teacher, deep, cast.coordinator)
    assert holders_for(application) == [cast.second_teacher]
    by = cast.actor("coordinator")
    with pytest.raises(InvalidInput):
        invite_holder(by=by, application=application, person=cast.far_teacher)
    review = invite_holder(by=by, application=application, person=cast.second_teacher)
    assert (review.kind, review.organisation) == (ReviewerKind.PEER, cast.school)
    message = OutgoingMessage.objects.get(kind="review_invited")
    assert f"/reviews/{application.public_id}/" in message.body
    assert not AccessLink.objects.exists()  # signs in as always
    me = cast.actor("second_teacher", Assurance.PASSWORD)
    assert list(review_queue(me)) == [application]
    mark_all(application, cast.second_teacher)
    assert decide(by=me, application=application, outcome="approve", revision=1)


def test_taking_back(cast, application):
    by = cast.actor("coordinator")
    review = invite(cast, application)
    end_invitation(by=by, application=application, review=review)
    application.refresh_from_db()
    assert (application.state, Review.objects.count()) == (State.SUBMITTED, 0)
    with pytest.raises(WrongState):
        end_invitation(by=by, application=application, review=review)
    with pytest.raises(NotAllowed):
        end_invitation(by=cast.actor("teacher"), application=application, review=review)


def test_an_invited_person_may_give_it_back(cast, application):
    review = invite(cast, application)
    Review.objects.update(claimed_at=now() - timedelta(days=9))
    with pytest.raises(WrongState):  # invitations end by themselves, not after three days
        release_application(by=cast.actor("coordinator"), application=application)
    release_application(by=guest(review.reviewer), application=application)
    assert not Review.objects.exists()


def test_in_which_capacity(cast, application):
    found = {
        name: capacity_of(getattr(cast, name), application)
        for name in ("coordinator", "far_coordinator", "manager", "second_teacher", "leaver")
    }
    assert found == {
        "coordinator": (ReviewerKind.INSTITUTION, cast.school),
        "far_coordinator": (ReviewerKind.INSTITUTION, cast.other_school),
        "manager": (ReviewerKind.COMPANY, cast.company),
        "second_teacher": (ReviewerKind.PEER, cast.school),
        "leaver": (ReviewerKind.PEER, None),
    }


# ------------------------------------------------------------- stepping aside
def test_a_conflict_frees_the_claim_and_leaves_the_queue(cast, application):
    by = cast.actor("coordinator")
    claim_application(by=by, application=application)
    declare_conflict(by=by, application=application, reason=" My brother. ")
    application.refresh_from_db()
    assert (application.state, at_work(application)) == (State.SUBMITTED, [])
    assert ConflictOfInterest.objects.get().reason == "My brother."
    assert application not in review_queue(by)
    assert set(eligible_reviewers(application)) == {cast.reviewer}
    with pytest.raises(NotAllowed) as refused:
        claim_application(by=by, application=application)
    assert refused.value.code == "conflict"
    line = AuditEvent.objects.get(verb="conflict_declared")
    assert (line.by, "brother" in str(line.data)) == (cast.coordinator, False)
    assert can_organise_review(by, application)  # may still say who


def test_a_conflict_without_a_claim_and_of_an_invited_person(cast, application):
    declare_conflict(by=cast.actor("coordinator"), application=application)
    review = invite(cast, application, "reviewer")
    declare_conflict(by=guest(review.reviewer), application=application)
    told = OutgoingMessage.objects.get(kind="review_freed")
    assert told.recipient == cast.reviewer
    assert not Review.objects.exists()
    with pytest.raises(InvalidInput) as refused:
        invite(cast, application, "reviewer")
    assert refused.value.code == "conflict"


def test_too_late_for_a_conflict(cast, application):
    mark_all(application, cast.coordinator)
    decide(
        by=cast.actor("coordinator"),
        application=application,
        outcome="return",
        revision=1,
        note="More.",
    )
    with pytest.raises(WrongState):
        declare_conflict(by=cast.actor("reviewer"), application=application)
    with pytest.raises(NotAllowed):
        declare_conflict(by=cast.actor("teacher"), application=application)


def test_no_conflict_after_ones_own_review(cast):
    badge = make_badge(cast.school, "WGB-L2", level=2, reviewers=2)
    application = submitted(cast.teacher, badge)
    by = cast.actor("far_coordinator")
    decide(by=by, application=application, outcome="return", revision=1, note="More.")
    with pytest.raises(WrongState) as refused:
        declare_conflict(by=by, application=application)
    assert refused.value.code == "finished"


# ------------------------------------------------------------- kept sentences
def test_sentences_belong_to_the_institution(cast):
    by = cast.actor("coordinator")
    phrase = keep_phrase(by=by, text="  Say what the\nstudent did afterwards. ")
    assert phrase.text == "Say what the student did afterwards."
    assert keep_phrase(by=cast.actor("reviewer"), text=phrase.text) == phrase
    assert list(phrases_for(cast.actor("reviewer"))) == [phrase]
    for name in ("far_coordinator", "teacher"):
        assert not phrases_for(cast.actor(name)).exists()
    with pytest.raises(NotAllowed):
        delete_phrase(by=cast.actor("far_coordinator"), phrase=phrase)
    delete_phrase(by=cast.actor("reviewer"), phrase=phrase)
    assert not ReviewPhrase.objects.exists()
    assert not phrases_for(Actor()).exists()


@pytest.mark.parametrize("text", ["", "  \n", "x" * (PHRASE_MAX + 1)])
def test_what_is_no_sentence(cast, text):
    with pytest.raises(InvalidInput):
        keep_phrase(by=cast.actor("coordinator"), text=text)


def test_who_keeps_no_sentences(cast):
    for actor in (cast.actor("teacher"), cast.actor("coordinator", Assurance.PASSWORD), Actor()):
        with pytest.raises(NotAllowed):
            keep_phrase(by=actor, text="Well done.")


def test_sentences_in_the_own_language_come_first(cast):
    cast.coordinator.language = "fi"
    by = cast.actor("coordinator")
    for text, language in (("A", "en"), ("B", "fi"), ("C", "en")):
        ReviewPhrase.objects.create(organisation=cast.school, text=text, language=language)
    assert [one.text for one in phrases_for(by)] == ["B", "A", "C"]
