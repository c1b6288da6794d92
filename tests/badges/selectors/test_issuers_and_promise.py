"""Who issues for whom, and by when an answer is promised."""

import datetime as dt
from datetime import timedelta

import pytest

from badges.models import Application
from badges.selectors.achievements import issuer_name_for
from badges.selectors.catalogue import catalogue
from badges.selectors.issuers import did_of, issuer_for, issuers
from badges.selectors.promise import answer_by, working_days_after
from guidance.models import PlacementInstructor
from partners.enums import OrganisationKind, Role
from partners.models import Membership, Organisation
from techvet.actor import Actor
from techvet.clock import now, today
from tests.cast import join, organisation
from tests.factories.badges import draft
from tests.factories.guidance import running


@pytest.fixture
def lead(cast):
    return organisation("hamk", OrganisationKind.INSTITUTION)


# ------------------------------------------------------------- the own institution
@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("teacher", "near-school"),
        ("coordinator", "near-school"),
        ("far_teacher", "far-school"),
        ("far_coordinator", "far-school"),
        ("instructor", "hamk"),
        ("manager", "hamk"),
        ("far_instructor", "hamk"),
        ("leaver", "hamk"),
    ],
)
def test_without_guiding(cast, lead, name, slug):
    assert issuer_for(getattr(cast, name)).slug == slug


def test_an_institution_that_does_not_issue_is_passed_over(cast, lead):
    Organisation.objects.filter(pk=cast.school.pk).update(is_issuer=False)
    assert issuer_for(cast.teacher) == lead


def test_a_teacher_who_also_works_in_a_company_stays_with_the_school(cast, lead):
    join(cast.teacher, cast.company, Role.INSTRUCTOR)
    assert issuer_for(cast.teacher) == cast.school


def test_a_school_one_has_left_or_not_begun_at_does_not_count(cast, lead):
    rows = Membership.objects.filter(user=cast.teacher)
    rows.update(ends_on=today())
    assert issuer_for(cast.teacher) == lead
    rows.update(ends_on=None, starts_on=today() + timedelta(days=1))
    assert issuer_for(cast.teacher) == lead


# ------------------------------------------------------------- the placement guided last
def test_an_instructor_applies_where_they_guide(cast, lead):
    running(cast)
    assert issuer_for(cast.instructor) == cast.school
    assert issuer_for(cast.second_instructor) == lead


def test_the_latest_guiding_decides(cast, lead):
    near = running(cast)
    far = running(cast, student=cast.other_student)
    type(far).objects.filter(pk=far.pk).update(institution=cast.other_school)
    for latest, expected in ((far, cast.other_school), (near, cast.school)):
        PlacementInstructor.objects.update(starts_at=now() - timedelta(days=30))
        PlacementInstructor.objects.filter(placement=latest).update(starts_at=now())
        assert issuer_for(cast.instructor) == expected


def test_guiding_for_somebody_who_does_not_issue(cast, lead):
    running(cast)
    Organisation.objects.filter(pk=cast.school.pk).update(is_issuer=False)
    assert issuer_for(cast.instructor) == lead


def test_guiding_that_has_ended_still_counts(cast, lead):
    running(cast)
    PlacementInstructor.objects.update(ends_at=now())
    assert issuer_for(cast.instructor) == cast.school


# ------------------------------------------------------------- the lead, or nobody
def test_without_a_lead_nobody_issues(cast):
    assert issuer_for(cast.manager) is None
    assert issuer_name_for(cast.actor("manager")) == ""
    assert issuer_name_for(Actor()) == ""
    assert issuer_name_for(cast.actor("teacher")) == "Near School"


def test_the_issuer_is_fixed_when_the_application_begins(cast, badge, lead):
    application = draft(cast.manager, badge)
    assert application.issuer == lead
    Membership.objects.filter(user=cast.manager).update(organisation=cast.other_school)
    assert draft(cast.manager, badge) == application
    assert Application.objects.get().issuer == lead


def test_the_did_follows_from_origin_and_slug(cast, settings):
    settings.PORTAL_ORIGIN = "https://portal.example"
    assert did_of(cast.school) == "did:web:portal.example:issuers:near-school"
    settings.PORTAL_ORIGIN = "http://127.0.0.1:8123"
    assert did_of(cast.school) == "did:web:127.0.0.1%3A8123:issuers:near-school"
    assert {one.slug for one in issuers()} == {"near-school", "far-school"}


# ------------------------------------------------------------- ten working days
MONDAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize("offset", range(7))
def test_ten_working_days_from_any_day_of_the_week(offset):
    sent = MONDAY + timedelta(days=offset)
    promised = working_days_after(sent, 10)
    between = [sent + timedelta(days=day + 1) for day in range((promised - sent).days)]
    assert sum(day.weekday() < 5 for day in between) == 10
    assert promised.weekday() < 5
    assert promised == working_days_after(working_days_after(sent, 4), 6)


@pytest.mark.parametrize(
    ("sent", "promised"),
    [
        (dt.date(2026, 11, 20), dt.date(2026, 12, 4)),  # a Friday
        (dt.date(2026, 11, 21), dt.date(2026, 12, 4)),  # Saturday and Sunday count as Friday
        (dt.date(2026, 11, 22), dt.date(2026, 12, 4)),
        (dt.date(2026, 11, 23), dt.date(2026, 12, 7)),
        (dt.date(2026, 12, 24), dt.date(2027, 1, 7)),  # over New Year; holidays are not known
        (dt.date(2028, 2, 22), dt.date(2028, 3, 7)),  # over a leap day
    ],
)
def test_the_promise(sent, promised):
    assert catalogue().answer_working_days == 10
    assert answer_by(sent) == promised


def test_a_negative_count_moves_nothing():
    assert working_days_after(MONDAY, -3) == MONDAY
