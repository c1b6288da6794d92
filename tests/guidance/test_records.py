"""Evidence from what guidance stores: each kind counts what is true, and names nobody."""

import json

import pytest

from guidance.enums import GoalProgress, PlacementState
from guidance.models import Goal, Placement, Week
from guidance.selectors.records import (
    assessment_records,
    cooperation_records,
    feedback_records,
    guidance_records,
)
from guidance.services.goals import add_goal, mark_goal
from guidance.services.weeks import confirm_week, return_week
from tests.factories.guidance import running, waiting_week

REASON = "Saara, say what you did on Tuesday."


@pytest.fixture
def placement(cast):
    return running(cast, weeks_ago=3)


def sent_back(cast, placement, weeks_ago=1, by="instructor"):
    week = waiting_week(cast, placement, weeks_ago)
    return return_week(by=cast.actor(by), week=week, reason=REASON)


def marked(cast, placement, text="Turns a shaft", by="instructor", progress="practised"):
    goal = add_goal(by=cast.actor("teacher"), placement=placement, text=text)
    return mark_goal(by=cast.actor(by), goal=goal, progress=progress)


def ended(placement):
    Placement.objects.filter(pk=placement.pk).update(state=PlacementState.ENDED, ball_with="")


# ------------------------------------------------------------- feedback given
def test_notes_to_the_student_are_feedback(cast, placement):
    assert feedback_records(cast.instructor) == []
    sent_back(cast, placement, 2)
    sent_back(cast, placement, 1)
    (record,) = feedback_records(cast.instructor)
    assert record.kind == "feedback_given"
    assert record.facts["notes"] == 2
    assert record.facts["first_week"] < record.facts["last_week"]
    assert record.facts["country"] == "FI"
    assert record.title.startswith("2 written notes")


def test_confirming_without_a_word_is_no_feedback(cast, placement):
    confirm_week(by=cast.actor("instructor"), week=waiting_week(cast, placement))
    assert feedback_records(cast.instructor) == []


def test_feedback_of_others_is_not_mine(cast, placement):
    sent_back(cast, placement)
    for person in (cast.teacher, cast.second_instructor, cast.student, cast.far_instructor):
        assert feedback_records(person) == []


# ------------------------------------------------------------- assessments made
def test_marked_goals_are_assessments(cast, placement):
    goal = marked(cast, placement)
    marked(cast, placement, "Measures ten parts")
    mark_goal(by=cast.actor("instructor"), goal=goal, progress=GoalProgress.MASTERED)
    (record,) = assessment_records(cast.instructor)
    assert (record.facts["goals"], record.facts["marks"]) == (2, 3)
    assert record.kind == "assessments_made"
    assert assessment_records(cast.teacher) == []


def test_what_the_student_marks_is_no_assessment(cast, placement):
    marked(cast, placement, by="student")
    for person in (cast.student, cast.instructor, cast.teacher):
        assert assessment_records(person) == []


def test_a_mark_that_changed_nothing_was_none(cast, placement):
    goal = marked(cast, placement)
    mark_goal(by=cast.actor("teacher"), goal=goal, progress=GoalProgress.PRACTISED)
    assert assessment_records(cast.teacher) == []


# ------------------------------------------------------------- cooperation cycles
def whole_cycle(cast, placement):
    sent_back(cast, placement, 2)
    confirm_week(by=cast.actor("instructor"), week=waiting_week(cast, placement, 1))
    ended(placement)


def test_a_whole_cycle_counts_for_both_sides(cast, placement):
    whole_cycle(cast, placement)
    for person in (cast.teacher, cast.instructor):
        (record,) = cooperation_records(person)
        assert record.kind == "cooperation_cycle"
        assert (record.facts["contacts"], record.facts["feedback"]) == (2, 1)
        assert record.facts["ended_on"] == placement.ends_on.isoformat()
        assert record.facts["agreed_on"]
    assert cooperation_records(cast.second_teacher) == []


@pytest.mark.parametrize("without", ["end", "contacts", "feedback", "agreement"])
def test_a_part_that_is_missing_makes_no_cycle(cast, placement, without):
    whole_cycle(cast, placement)
    if without == "end":
        Placement.objects.update(state=PlacementState.RUNNING, ball_with="workplace")
    if without == "contacts":
        Week.objects.filter(state="confirmed").delete()
    if without == "feedback":
        for week in Week.objects.all():
            week.moves.filter(event="returned").update(event="confirmed", note="")
    if without == "agreement":
        placement.moves.filter(event__in=["accepted", "confirmed"]).delete()
    assert cooperation_records(cast.teacher) == []


def test_goals_that_were_followed_are_feedback_too(cast, placement):
    for weeks_ago in (2, 1):
        confirm_week(by=cast.actor("instructor"), week=waiting_week(cast, placement, weeks_ago))
    ended(placement)
    assert cooperation_records(cast.teacher) == []
    Placement.objects.update(state=PlacementState.RUNNING, ball_with="workplace")
    marked(cast, placement)
    ended(placement)
    assert len(cooperation_records(cast.teacher)) == 1


# ------------------------------------------------------------- all together
def test_no_record_names_anybody_or_tells_what_was_written(cast, placement):
    marked(cast, placement)
    whole_cycle(cast, placement)
    records = [*guidance_records(cast.instructor), *guidance_records(cast.teacher)]
    assert {record.kind for record in records} == {
        "confirmed_weeks",
        "feedback_given",
        "assessments_made",
        "cooperation_cycle",
    }
    told = json.dumps([[record.title, record.facts] for record in records])
    for word in (
        *(cast.student.name, cast.instructor.name, cast.teacher.name),
        *(cast.company.display_name, cast.school.display_name, "Saara", REASON),
        *("Turns a shaft", "Made a bushing.", "Turning"),
    ):
        assert word not in told


def test_each_record_has_an_id_of_its_own_and_keeps_it(cast, placement):
    marked(cast, placement)
    whole_cycle(cast, placement)
    ids = [record.record_id for record in guidance_records(cast.instructor)]
    assert len(set(ids)) == len(ids) == 4
    assert [record.record_id for record in guidance_records(cast.instructor)] == ids


def test_the_same_number_of_queries_for_one_and_three(cast, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        with CaptureQueriesContext(connection) as seen:
            guidance_records(cast.teacher)
        return len(seen)

    first = running(cast, weeks_ago=3)
    whole_cycle(cast, first)
    one = count()
    for weeks_ago, student in ((4, cast.other_student), (5, cast.student)):
        other = running(cast, weeks_ago=weeks_ago, student=student)
        sent_back(cast, other, weeks_ago - 1)
        ended(other)
    assert count() == one
    assert Goal.objects.count() == 0
