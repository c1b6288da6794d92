"""Each permission as a table: who, known how surely, in which state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from badges import permissions
from badges.enums import ApplicationState as State
from badges.models import Application, Award
from badges.selectors.applications import (
    applications_of,
    applications_reviewable_by,
    applications_visible_to,
    evidence_visible_to,
)
from badges.selectors.awards import awards_of, awards_visible_to, parked_awards_for
from partners.enums import Role
from partners.models import AccessLink, Membership, Organisation
from partners.selectors.actors import actor_of
from techvet.actor import Actor, Assurance
from techvet.clock import now, today
from tests.cast import join
from tests.factories.badges import draft, issued_award, make_badge, queued_award, submitted

EVERYBODY = [
    "coordinator",
    "teacher",
    "second_teacher",
    "student",
    "other_student",
    "instructor",
    "second_instructor",
    "manager",
    "reviewer",
    "admin",
    "far_coordinator",
    "far_teacher",
    "far_student",
    "far_instructor",
    "leaver",
]
APPLICANTS = {
    "coordinator",
    "teacher",
    "second_teacher",
    "instructor",
    "second_instructor",
    "manager",
    "reviewer",
    "far_coordinator",
    "far_teacher",
    "far_instructor",
}


@pytest.fixture
def application(cast, badge):
    return submitted(cast.teacher, badge)


def allowed(cast, rule, *args, assurance=Assurance.SECOND_FACTOR):
    return {name for name in EVERYBODY if rule(cast.actor(name, assurance), *args)}


# ------------------------------------------------------------- applying
def test_who_applies_by_role_and_assurance(cast):
    for assurance in Assurance:
        expected = APPLICANTS if assurance >= Assurance.CODE else set()
        assert allowed(cast, permissions.can_apply, assurance=assurance) == expected, assurance


def link_of(person, *, days):
    return AccessLink(person=person, token_hash="0" * 64, expires_at=now() + timedelta(days=days))


@pytest.mark.parametrize(("days", "expected"), [(1, True), (-1, False)])
def test_a_link_that_has_ended_only_reads(cast, badge, days, expected):
    Organisation.objects.filter(pk=cast.school.pk).update(slug="hamk")  # issues for companies
    application = draft(cast.manager, badge)
    link = link_of(cast.manager, days=days)
    actor = replace(cast.actor("manager", Assurance.CODE), link=link)
    assert actor.is_read_only is not expected
    assert permissions.can_apply(actor) is expected
    assert permissions.can_edit_application(actor, application) is expected
    assert permissions.can_withdraw_application(actor, application) is expected
    assert permissions.is_applicant(actor, application)
    assert application in applications_of(actor)


def test_roles_begin_and_end_by_the_day(cast):
    rows = Membership.objects.filter(user=cast.teacher)
    for starts, ends, expected in (
        (today(), None, True),
        (today() + timedelta(days=1), None, False),
        (today() - timedelta(days=9), today() + timedelta(days=1), True),
        (today() - timedelta(days=9), today(), False),
    ):
        rows.update(starts_on=starts, ends_on=ends)
        assert permissions.can_apply(cast.actor("teacher")) is expected, (starts, ends)


def test_editing_and_withdrawing_by_state(cast, application):
    editable = {State.DRAFT, State.RETURNED}
    open_ones = {*editable, State.SUBMITTED, State.IN_REVIEW}
    me = cast.actor("teacher")
    for state in State:
        application.state = state
        assert permissions.can_edit_application(me, application) is (state in editable)
        assert permissions.can_withdraw_application(me, application) is (state in open_ones)
        assert allowed(cast, permissions.can_edit_application, application) <= {"teacher"}
        assert allowed(cast, permissions.can_withdraw_application, application) <= {"teacher"}


def test_the_applicant_is_one_person(cast, application):
    assert allowed(cast, permissions.is_applicant, application) == {"teacher"}
    assert not permissions.is_applicant(Actor(), application)
    assert not permissions.is_applicant(Actor.system(), application)


# ------------------------------------------------------------- reviewing
def test_who_reviews_by_assurance(cast, application):
    for assurance in Assurance:
        full = assurance == Assurance.SECOND_FACTOR
        found = allowed(cast, permissions.can_review_application, application, assurance=assurance)
        assert found == ({"coordinator", "reviewer"} if full else set())
        ids = permissions.reviewing_organisation_ids(cast.actor("coordinator", assurance))
        assert ids == ((cast.school.pk,) if full else ())


def test_only_an_issuer_reviews(cast, application):
    Organisation.objects.filter(pk=cast.school.pk).update(is_issuer=False)
    assert allowed(cast, permissions.can_review_application, application) == set()


def test_a_coordinator_who_left_reviews_no_more(cast, application):
    Membership.objects.filter(user=cast.coordinator).update(ends_on=today())
    assert allowed(cast, permissions.can_review_application, application) == {"reviewer"}


def test_a_link_never_reviews(cast, application):
    link = link_of(cast.coordinator, days=-1)
    actor = replace(cast.actor("coordinator"), link=link)
    assert permissions.reviewing_organisation_ids(actor) == ()
    assert not permissions.can_review_application(actor, application)


def test_nobody_reviews_their_own(cast, badge):
    for name, others in (
        ("coordinator", {"reviewer"}),
        ("reviewer", {"coordinator"}),
    ):
        own = submitted(getattr(cast, name), badge)
        assert allowed(cast, permissions.can_review_application, own) == others
        assert own not in applications_reviewable_by(cast.actor(name))
        assert own in applications_visible_to(cast.actor(name))


def test_the_other_house_is_one_where_the_applicant_never_was(cast):
    badge = make_badge(cast.school, "WGB-L2", level=2, is_reviewed_elsewhere=True)
    application = submitted(cast.teacher, badge)
    assert permissions.needs_other_house(application.version)
    assert allowed(cast, permissions.can_review_application, application) == {"far_coordinator"}
    assert permissions.applicant_organisation_ids(application) == {cast.school.pk}
    ended = join(cast.teacher, cast.other_school, Role.TEACHER, ends_on=today())
    assert allowed(cast, permissions.can_review_application, application) == set()
    assert application not in applications_reviewable_by(cast.actor("far_coordinator"))
    ended.delete()
    join(cast.far_coordinator, cast.school, Role.COORDINATOR)
    assert allowed(cast, permissions.can_review_application, application) == set()
    assert application not in applications_reviewable_by(cast.actor("far_coordinator"))


def test_rule_and_list_agree_about_everybody(cast, badge):
    far = make_badge(cast.school, "WGB-L2", level=2, is_reviewed_elsewhere=True)
    rows = [submitted(cast.teacher, badge), submitted(cast.far_teacher, badge)]
    rows += [submitted(cast.second_teacher, far), submitted(cast.coordinator, badge)]
    for name in EVERYBODY:
        for assurance in (Assurance.PASSWORD, Assurance.SECOND_FACTOR):
            actor = cast.actor(name, assurance)
            listed = set(applications_reviewable_by(actor))
            ruled = {one for one in rows if permissions.can_review_application(actor, one)}
            assert listed == ruled, (name, assurance)


def test_reviewers_see_no_drafts_and_nothing_withdrawn(cast, application):
    seen = {State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.APPROVED, State.DECLINED}
    for state in State:
        Application.objects.update(state=state)
        for name in ("coordinator", "reviewer"):
            actor = cast.actor(name)
            assert (application in applications_reviewable_by(actor)) is (state in seen)
            assert evidence_visible_to(actor).exists() is (state in seen)
        assert evidence_visible_to(cast.actor("teacher")).count() == 2
        for name in ("second_teacher", "student", "admin", "far_coordinator"):
            assert not applications_visible_to(cast.actor(name)).exists()
            assert not evidence_visible_to(cast.actor(name)).exists()


def test_nobody_and_the_portal_see_no_applications(cast, application):
    for actor in (Actor(), Actor.system()):
        assert not applications_of(actor).exists()
        assert not applications_reviewable_by(actor).exists()
        assert not applications_visible_to(actor).exists()
        assert not evidence_visible_to(actor).exists()
        assert not awards_of(actor).exists()


# ------------------------------------------------------------- awards
@pytest.mark.usefixtures("issuers")
def test_who_manages_an_award(cast, badge):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    assert allowed(cast, permissions.can_manage_award, award) == {"coordinator", "reviewer"}
    for assurance in (Assurance.PASSWORD, Assurance.CODE, Assurance.ANONYMOUS):
        assert not allowed(cast, permissions.can_manage_award, award, assurance=assurance)
    own = issued_award(cast.coordinator, badge, cast.reviewer)
    assert allowed(cast, permissions.can_manage_award, own) == {"reviewer"}


@pytest.mark.usefixtures("issuers")
def test_before_it_is_issued_an_award_is_seen_by_those_it_concerns(cast, badge):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    concerned = {"teacher", "coordinator", "reviewer"}
    for state in ("queued", "leased", "parked"):
        Award.objects.update(state=state)
        found = {n for n in EVERYBODY if awards_visible_to(cast.actor(n)).exists()}
        assert found == concerned, state
        assert not awards_visible_to(Actor()).exists()
    Award.objects.update(state="issued")
    assert all(award in awards_visible_to(cast.actor(name)) for name in EVERYBODY)
    assert award in awards_visible_to(Actor())
    assert {name for name in EVERYBODY if awards_of(cast.actor(name)).exists()} == {"teacher"}


@pytest.mark.usefixtures("issuers")
def test_parked_ones_are_shown_to_those_who_can_help(cast, badge):
    queued_award(cast.teacher, badge, cast.coordinator)
    assert not parked_awards_for(cast.actor("coordinator")).exists()
    Award.objects.update(state="parked")
    found = {name for name in EVERYBODY if parked_awards_for(cast.actor(name)).exists()}
    assert found == {"coordinator", "reviewer"}
    assert not parked_awards_for(actor_of(cast.coordinator, Assurance.PASSWORD)).exists()
