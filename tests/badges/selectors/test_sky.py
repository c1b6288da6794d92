"""The map as one person sees it: lit, half lit, open, far; where they are and what comes next."""

from datetime import timedelta

import pytest

from badges.constellation import DrawnStar, draw
from badges.enums import ApplicationState as State
from badges.models import Achievement, Application, Award
from badges.selectors.achievements import progress_of, valid_awards_of
from badges.selectors.sky import sky_for, words_of
from badges.services.content import load_content
from badges.services.evidence import save_text
from techvet.actor import Actor
from techvet.clock import now
from tests.factories.badges import draft, issued_award, make_badge, queued_award, submitted


@pytest.fixture
def teacher(cast):
    return cast.actor("teacher")


def families(cast, *codes, **more):
    return [make_badge(cast.school, f"{code}-L1", family=code, **more) for code in codes]


def states(actor):
    return {row.family.code: row.state for row in progress_of(actor)}


def star_of(sky, name):
    return next(star for star in sky.stars if star["name"] == name)


# ------------------------------------------------------------- states of a star
def test_open_part_lit_and_goal(cast, teacher, issuers):
    first, second, _third = families(cast, "WGB", "GDE", "AWP")
    families(cast, "WBL_GUIDANCE_EXPERT", "WORKPLACE_INSTRUCTOR")
    assert set(states(teacher).values()) == {"open", "goal"}
    issued_award(cast.teacher, first, cast.coordinator)
    draft(cast.teacher, second, answered=False)
    assert states(teacher) == {
        "WGB": "lit",
        "GDE": "part",
        "AWP": "open",
        "WBL_GUIDANCE_EXPERT": "goal",
        "WORKPLACE_INSTRUCTOR": "goal",
    }
    assert set(states(Actor()).values()) == {"open", "goal"}
    assert set(states(cast.actor("second_teacher")).values()) == {"open", "goal"}


def test_a_star_is_lit_from_the_approval_on(cast, teacher, badge, issuers):
    award = queued_award(cast.teacher, badge, cast.coordinator)
    for state in ("queued", "leased", "parked", "issued"):
        Award.objects.filter(pk=award.pk).update(state=state)
        assert states(teacher) == {"WGB": "lit"}


def test_what_expired_or_was_revoked_is_dark_again(cast, teacher, badge, issuers):
    award = issued_award(cast.teacher, badge, cast.coordinator)
    for change, is_valid in (
        ({"valid_until": None}, True),
        ({"valid_until": now() + timedelta(hours=1)}, True),
        ({"valid_until": now() - timedelta(seconds=1)}, False),
        ({"valid_until": None, "revoked_at": now(), "revocation_reason": "other"}, False),
    ):
        Award.objects.filter(pk=award.pk).update(**change)
        assert valid_awards_of(cast.teacher.pk).exists() is is_valid, change
        assert states(teacher) == {"WGB": "lit" if is_valid else "open"}, change


def test_only_open_applications_make_a_ring(cast, teacher, badge):
    draft(cast.teacher, badge)
    for state in State:
        Application.objects.update(state=state)
        is_open = state not in (State.APPROVED, State.DECLINED, State.WITHDRAWN)
        assert states(teacher) == {"WGB": "part" if is_open else "open"}, state
        if is_open:
            assert words_of(progress_of(teacher)[0]) == str(state.label)


def test_the_highest_level_counts_and_the_next_is_above_it(cast, teacher, badge, issuers):
    second = make_badge(cast.school, "WGB-L2", level=2)
    third = make_badge(cast.school, "WGB-L3", level=3)
    assert progress_of(teacher)[0].next_achievement == badge
    issued_award(cast.teacher, second, cast.coordinator)
    row = progress_of(teacher)[0]
    assert (row.level, row.next_achievement) == (2, third)
    issued_award(cast.teacher, badge, cast.coordinator)
    assert progress_of(teacher)[0].level == 2
    Achievement.objects.filter(pk=third.pk).update(is_open=False)
    assert progress_of(teacher)[0].next_achievement is None


def test_words_for_each_state(cast, teacher, badge):
    (row,) = progress_of(teacher)
    assert words_of(row) == "Open"
    Achievement.objects.update(is_open=False)
    (row,) = progress_of(teacher)
    assert words_of(row) == "Not open yet"
    make_badge(cast.school, "X", family="WBL_GUIDANCE_EXPERT", level=0)
    assert words_of(progress_of(teacher)[-1]) == "0 of 4 parts"


def test_a_badge_without_a_level_is_simply_earned(cast, teacher, issuers):
    badge = make_badge(cast.school, "BASICS", family="BASICS", level=0)
    issued_award(cast.teacher, badge, cast.coordinator)
    assert words_of(progress_of(teacher)[0]) == "Earned"


def test_a_family_that_the_content_does_not_know_is_no_star(cast, teacher):
    make_badge(cast.school, "OLD-L1", family="OLD")
    assert progress_of(teacher) == []
    sky = sky_for(teacher)
    assert (sky.lit, sky.ahead, sky.next_url, sky.stars) == (0, 0, "", [])


# ------------------------------------------------------------- where one stands
def test_you_are_here_is_for_people_we_know(cast, teacher):
    load_content(by=Actor.system())
    assert sky_for(teacher).svg.count(">You are here<") == 2
    assert "You are here" not in sky_for(Actor()).svg


def test_you_are_here_follows_what_is_under_way(cast, teacher):
    _first, second = families(cast, "WGB", "GDE")
    sky = sky_for(teacher)
    assert sky.next_url == "/badges/WGB-L1/"
    assert star_of(sky, sky.next_name)["word"] == "Your next step"
    assert not sky.is_under_way
    application = draft(cast.teacher, second, answered=False)
    sky = sky_for(teacher)
    assert sky.next_url == f"/applications/{application.public_id}/"
    assert (sky.next_name, sky.is_under_way) == ("Digital guidance", True)
    assert star_of(sky, "Digital guidance")["word"] == "Draft"


def test_the_next_step_is_the_first_open_family_in_the_order_of_the_map(cast, teacher, issuers):
    first, second = families(cast, "WGB", "GDE")
    issued_award(cast.teacher, first, cast.coordinator)
    assert sky_for(teacher).next_url == "/badges/GDE-L1/"
    issued_award(cast.teacher, second, cast.coordinator)
    sky = sky_for(teacher)
    assert (sky.lit, sky.ahead, sky.next_url) == (2, 0, "")
    make_badge(cast.school, "WGB-L2", level=2)
    assert sky_for(teacher).next_url == "/badges/WGB-L2/"


def test_the_ring_grows_with_the_answered_criteria(cast, teacher):
    badge = make_badge(cast.school, criteria=4)
    application = draft(cast.teacher, badge, answered=False)
    arcs = []
    for criterion in application.version.criteria.all():
        arcs.append(sky_for(teacher).svg.count("sky-progress"))
        for text in ("One.", "One, written again."):
            save_text(by=teacher, application=application, criterion=criterion, text=text)
    assert arcs == [0, 2, 2, 2]
    (row,) = progress_of(teacher)
    assert (row.application.answered, row.application.total) == (4, 4)


def test_a_new_star_is_marked_once_in_each_drawing(cast, teacher, badge, issuers):
    issued_award(cast.teacher, badge, cast.coordinator)
    assert sky_for(teacher, new_family="WGB").svg.count("star-new") == 2
    assert "star-new" not in sky_for(teacher).svg


# ------------------------------------------------------------- the drawing
def star(key="A", **more):
    values = {"name": key, "url": f"/{key}/", "x": 100, "y": 100, "label_above": False}
    return DrawnStar(key=key, **{"state": "open", **values, **more})


@pytest.mark.parametrize(
    ("more", "shown", "hidden"),
    [
        ({"state": "open"}, "sky-open", "sky-star"),
        ({"state": "lit"}, "sky-star", "sky-open"),
        ({"state": "part", "share": 0.0}, "sky-ring", "sky-progress"),
        ({"state": "part", "share": 0.4}, "sky-progress", "sky-halo"),
        ({"state": "part", "share": 1.0}, "sky-progress", "sky-halo"),
        ({"state": "goal", "is_goal": True}, 'class="sky-goal"', "sky-halo"),
        ({"state": "lit", "is_goal": True}, "sky-goal-lit", "sky-open"),
    ],
)
def test_each_state_has_its_own_shape(more, shown, hidden):
    svg = draw([star(**more)], [], 1000, 520)
    assert svg.count(shown) >= 2
    assert hidden not in svg


def test_a_path_is_lit_when_both_ends_are():
    ends = [star("A", state="lit"), star("B", x=400, state="lit"), star("C", x=700)]
    svg = draw(ends, [("B", "C"), ("A", "B"), ("C", "NOWHERE")], 1000, 520)
    assert svg.count("sky-path-lit") == 2
    assert svg.count('class="sky-path"') == 2
    assert svg.index('class="sky-path"') < svg.index("sky-path-lit")


def test_names_and_addresses_are_escaped():
    svg = draw([star(name="<b>A & B</b>", url='/"><script>')], [], 1000, 520)
    assert "<b>" not in svg
    assert "<script>" not in svg
    assert "A &amp; B" in svg


def test_labels_stay_inside_and_the_drawing_is_the_same_each_time():
    stars = [star("A", x=0, name="A rather long name of a star"), star("B", x=1000, y=520)]
    assert draw(stars, [], 1000, 520) == draw(stars, [], 1000, 520)
    for part in draw(stars, [], 1000, 520).split('class="sky-label" x="')[1:]:
        assert 0 <= int(part.partition('"')[0]) <= 760


def test_submitted_and_draft_say_their_word(cast, teacher, badge):
    submitted(cast.teacher, badge)
    assert star_of(sky_for(teacher), sky_for(teacher).next_name)["word"] == "Sent"
