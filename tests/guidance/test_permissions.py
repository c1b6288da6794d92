"""Who may do what: each of the cast against one placement (trust.md 2.1)."""

import pytest

from guidance import permissions as may
from guidance.enums import GoalProgress, Party, PlacementEvent, WeekEvent
from guidance.models import Goal
from guidance.selectors.placements import placements_visible_to
from guidance.selectors.weeks import weeks_visible_to
from partners.enums import Role
from partners.models import AccessLink, Membership
from techvet.actor import Actor, Assurance
from techvet.clock import now, today
from techvet.errors import NotAllowed
from tests.factories import guidance as make

EVERYBODY = (
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
)
SEES = {"coordinator", "reviewer", "teacher", "student", "instructor", "manager"}


@pytest.fixture
def placement(cast):
    return make.running(cast)


@pytest.mark.parametrize("name", EVERYBODY)
def test_who_sees_the_placement_and_its_weeks(cast, placement, name):
    week = make.waiting_week(cast, placement)
    actor = cast.actor(name)
    assert placements_visible_to(actor).filter(pk=placement.pk).exists() == (name in SEES)
    assert weeks_visible_to(actor).filter(pk=week.pk).exists() == (name in SEES)
    reads = name in SEES - {"manager"}
    assert may.can_read_diary(actor, placement) == reads


@pytest.mark.parametrize("name", EVERYBODY)
def test_sides(cast, placement, name):
    sides = {
        "student": {Party.STUDENT},
        "teacher": {Party.SCHOOL},
        "coordinator": {Party.SCHOOL},
        "reviewer": {Party.SCHOOL},
        "instructor": {Party.WORKPLACE},
    }
    actor = cast.actor(name)
    assert may.parties_of(actor, placement) == sides.get(name, set())
    assert may.can_write_diary(actor, placement) == (name == "student")
    assert may.can_confirm_week(actor, placement) == (name == "instructor")
    assert may.can_add_goal(actor, placement) == (name in sides)
    assert may.can_hand_over(actor, placement) == (name in sides and name != "student")
    accepts = may.can_move_placement(actor, placement, PlacementEvent.ACCEPTED)
    assert accepts == (sides.get(name) == {Party.SCHOOL})


def test_anonymous_and_the_portal_see_nothing(cast, placement):
    for actor in (Actor(), Actor.system()):
        assert not placements_visible_to(actor).exists()
        assert may.parties_of(actor, placement) == frozenset()
        assert not may.has_instructed(actor, placement)


def test_a_link_is_not_enough_for_the_school(cast, placement):
    teacher = cast.actor("teacher", Assurance.LINK)
    assert not placements_visible_to(teacher).exists()
    assert not may.is_teacher_of(teacher, placement)
    coordinator = cast.actor("coordinator", Assurance.PASSWORD)
    assert not placements_visible_to(coordinator).exists()
    assert not may.is_coordinator_of(coordinator, placement)
    assert placements_visible_to(cast.actor("instructor", Assurance.LINK)).exists()
    assert not may.can_propose_placement(cast.actor("student", Assurance.LINK), cast.school)


def test_rights_end_with_the_membership(cast, placement):
    Membership.objects.filter(user__in=[cast.teacher, cast.instructor]).update(
        ends_on=today() - make.dt.timedelta(days=1)
    )
    for name in ("teacher", "instructor"):
        assert not placements_visible_to(cast.actor(name)).exists()
        assert may.parties_of(cast.actor(name), placement) == frozenset()


def test_rights_move_with_the_teacher(cast, placement):
    placement.teacher = cast.second_teacher
    placement.save()
    assert not placements_visible_to(cast.actor("teacher")).exists()
    assert placements_visible_to(cast.actor("second_teacher")).exists()


def test_reading_ends_a_month_after_the_placement_for_the_workplace(cast, placement):
    placement.starts_on = today() - make.dt.timedelta(days=60)
    placement.ends_on = today() - make.dt.timedelta(days=30)
    placement.save()
    assert placements_visible_to(cast.actor("instructor")).exists()
    placement.ends_on = today() - make.dt.timedelta(days=31)
    placement.save()
    assert not placements_visible_to(cast.actor("instructor")).exists()
    assert placements_visible_to(cast.actor("student")).exists()


def test_who_handed_over_reads_only(cast, placement):
    placement.instructors.update(ends_at=now())
    actor = cast.actor("instructor")
    assert placements_visible_to(actor).exists()
    assert may.can_read_diary(actor, placement)
    assert not may.can_confirm_week(actor, placement)
    assert may.moves_open_to(actor, placement) == []


def test_expired_link_says_so(cast):
    link = AccessLink(person=cast.instructor, expires_at=now())
    actor = Actor(user=cast.instructor, assurance=Assurance.LINK, link=link)
    with pytest.raises(NotAllowed) as refusal:
        may.require(actor, True)
    assert refusal.value.code == "link_expired"
    with pytest.raises(NotAllowed) as refusal:
        may.require(cast.actor("instructor"), False)
    assert refusal.value.code == "not_yours"
    may.require(cast.actor("instructor"), True)


def test_moves_open_now(cast):
    placement = make.logged(cast)
    E = PlacementEvent
    assert may.moves_open_to(cast.actor("teacher"), placement) == [E.ACCEPTED, E.DECLINED]
    assert may.moves_open_to(cast.actor("instructor"), placement) == [E.CANCELLED]
    assert may.moves_open_to(cast.actor("student"), placement) == []
    link = AccessLink(person=cast.instructor, expires_at=now())
    expired = Actor(user=cast.instructor, assurance=Assurance.LINK, link=link)
    assert may.moves_open_to(expired, placement) == []


def test_week_moves_open_now(cast, placement):
    week = make.waiting_week(cast, placement)
    E = WeekEvent
    assert may.week_moves_open_to(cast.actor("instructor"), week) == [E.CONFIRMED, E.RETURNED]
    assert may.week_moves_open_to(cast.actor("student"), week) == [E.WRITTEN]
    assert may.week_moves_open_to(cast.actor("teacher"), week) == []
    link = AccessLink(person=cast.instructor, expires_at=now())
    expired = Actor(cast.instructor, memberships=(), assurance=Assurance.LINK, link=link)
    assert may.week_moves_open_to(expired, week) == []


def test_logging_and_proposing(cast):
    assert may.can_log_placement(cast.actor("instructor"), cast.company)
    assert not may.can_log_placement(cast.actor("instructor"), cast.other_company)
    assert not may.can_log_placement(cast.actor("manager"), cast.company)
    assert not may.can_log_placement(cast.actor("instructor"), None)
    for name in ("student", "teacher", "coordinator"):
        assert may.can_propose_placement(cast.actor(name), cast.school)
        assert not may.can_propose_placement(cast.actor(name), cast.other_school)
    assert not may.can_propose_placement(cast.actor("instructor"), cast.school)


def test_students_practise_and_others_say_mastered(cast, placement):
    goal = Goal(placement=placement, text="Weld")
    P = GoalProgress
    assert may.can_mark_goal(cast.actor("student"), goal, P.PRACTISED)
    assert not may.can_mark_goal(cast.actor("student"), goal, P.MASTERED)
    for name in ("teacher", "instructor", "coordinator"):
        assert may.can_mark_goal(cast.actor(name), goal, P.MASTERED)
    for name in ("manager", "second_teacher", "second_instructor"):
        assert not may.can_mark_goal(cast.actor(name), goal, P.PRACTISED)
    goal.progress = P.MASTERED
    assert not may.can_mark_goal(cast.actor("student"), goal, P.NOT_STARTED)


def test_a_role_elsewhere_opens_nothing_here(cast, placement):
    """Context comes from the thing: an instructor of two companies sees each one's own."""
    Membership.objects.create(
        user=cast.far_instructor, organisation=cast.company, role=Role.INSTRUCTOR
    )
    assert not placements_visible_to(cast.actor("far_instructor")).exists()
