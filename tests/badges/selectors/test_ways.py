"""The shortest way to the next badge: by steps left, in one sentence and as a drawn path."""

from uuid import uuid4

import pytest

from badges.constellation import DrawnStar, draw
from badges.models import Achievement
from badges.selectors.achievements import progress_of
from badges.selectors.catalogue import catalogue
from badges.selectors.sky import sky_for
from badges.selectors.ways import path_between, shortest_way
from badges.services.content import load_content
from badges.services.evidence import save_text
from techvet.actor import Actor
from techvet.records import Record
from tests.factories.badges import draft, issued_award, make_badge, ready_issuers, submitted

WEEKS = Record(uuid4(), "confirmed_weeks", "Six weeks", {"weeks": 6})


@pytest.fixture
def teacher(cast):
    return cast.actor("teacher")


def way_of(actor):
    return shortest_way(actor, progress_of(actor))


def kinds(badge, *lists):
    for criterion, kinds_of_one in zip(badge.versions.get().criteria.all(), lists, strict=True):
        criterion.evidence_kinds = kinds_of_one
        criterion.save()


def test_fewest_criteria_first(cast, teacher):
    make_badge(cast.school, "WGB-L1", criteria=4)
    make_badge(cast.school, "GDE-L1", family="GDE", criteria=2)
    way = way_of(teacher)
    assert (way.achievement.code, way.missing) == ("GDE-L1", 2)
    assert "it has 2 criteria" in way.sentence


def test_what_the_portal_knows_counts(cast, teacher, monkeypatch):
    first = make_badge(cast.school, "WGB-L1", criteria=3)
    second = make_badge(cast.school, "GDE-L1", family="GDE", criteria=2)
    kinds(first, ["text", "confirmed_weeks"], ["confirmed_weeks"], ["text"])
    kinds(second, ["text"], ["text"])
    assert way_of(teacher).achievement == second
    monkeypatch.setattr("badges.selectors.ways.records_for", lambda person: [WEEKS])
    way = way_of(teacher)
    assert (way.achievement, way.proven, way.missing) == (first, 2, 1)
    assert "for 2 of its 3 criteria you already have proof, 1 is missing." in way.sentence


def test_what_is_begun_comes_before_what_waits_for_an_answer(cast, teacher):
    make_badge(cast.school, "AWP-L1", family="AWP", criteria=1)
    sent = make_badge(cast.school, "WGB-L1", criteria=1)
    submitted(cast.teacher, sent)
    assert way_of(teacher).achievement == sent
    begun = make_badge(cast.school, "GDE-L1", family="GDE", criteria=5)
    application = draft(cast.teacher, begun, answered=False)
    way = way_of(teacher)
    assert (way.achievement, way.proven, way.total) == (begun, 0, 5)
    for criterion in application.version.criteria.all():
        save_text(by=teacher, application=application, criterion=criterion, text="Done.")
    assert "there is proof for every criterion" in way_of(teacher).sentence


def test_a_newcomer_is_led_to_the_quiz(cast, teacher):
    load_content(by=Actor.system())
    way = way_of(teacher)
    assert way.achievement.code == "BASICS"
    assert "eight questions" in way.sentence
    assert way_of(Actor()).achievement.code == "BASICS"
    assert sky_for(Actor()).way == ""


def test_nothing_is_ahead_when_all_is_earned(cast, teacher, badge, issuers):
    issued_award(cast.teacher, badge, cast.coordinator)
    assert way_of(teacher) is None
    assert sky_for(teacher).way == ""


def test_goals_tell_their_parts_and_open_only_with_all(cast, teacher):
    load_content(by=Actor.system())
    ready_issuers()
    issued_award(cast.teacher, Achievement.objects.get(code="WGB-L1"), cast.coordinator)
    rows = {row.family.code: row for row in progress_of(teacher)}
    assert rows["LEARNING_AMBASSADOR"].parts == (1, 5)
    assert rows["WORKPLACE_INSTRUCTOR"].parts == (0, 4)
    assert rows["WGB"].parts is None
    assert rows["WBL_GUIDANCE_EXPERT"].next_achievement is None
    sky = sky_for(teacher)
    assert sky.goal == "For “Learning Ambassador” you have 1 of 5 parts."
    assert sky.svg.count(">1 of 5 parts<") == 2


# ------------------------------------------------------------- the drawn path
LINES = (("A", "B"), ("B", "C"), ("A", "D"), ("D", "C"), ("C", "E"))


@pytest.mark.parametrize(
    ("start", "goal", "length"),
    [("A", "A", 0), ("A", "B", 1), ("B", "A", 1), ("A", "C", 2), ("E", "A", 3), ("A", "X", 0)],
)
def test_the_fewest_lines(start, goal, length):
    path = path_between(LINES, start, goal)
    assert len(path) == length
    assert all(one in LINES or one[::-1] in LINES for one in path)
    if length:
        assert (path[0][0], path[-1][1]) == (start, goal)


def test_every_star_of_the_map_is_reached():
    content = catalogue()
    for family in content.families:
        assert family == "BASICS" or path_between(content.lines, "BASICS", family)


def test_the_way_is_drawn_from_where_one_stands(cast, teacher):
    load_content(by=Actor.system())
    ready_issuers()
    issued_award(cast.teacher, Achievement.objects.get(code="WGB-L1"), cast.coordinator)
    sky = sky_for(teacher)
    assert sky.svg.count(">You are here<") == 2
    assert sky.svg.count(">Next<") == 2
    assert sky.svg.count("sky-way") >= 2
    assert "sky-way" not in sky_for(Actor()).svg


def test_levels_are_dots_below_the_star():
    star = DrawnStar("A", "A", "/A/", 1, 1, True, "lit", levels=3, level=2, words="Earned, level 2")
    svg = draw([star], [], 1000, 520)
    assert svg.count('"sky-level-lit"') == 2 * 2
    assert svg.count('"sky-level"') == 2 * 1
    assert svg.count('aria-label="A, Earned, level 2"') == 2
