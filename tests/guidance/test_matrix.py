"""Every address of guidance against everybody of the cast: who gets in, who is told no.

R a page or a move onward, f visible but not yours (403), . does not exist for you (404).
Nothing may ever be a server error, and what is refused changes nothing.
"""

import uuid

import pytest
from django.db import transaction
from django.urls import reverse

from guidance.models import DiaryPhoto, Goal, Placement, Week
from guidance.services.goals import add_goal
from tests.factories import guidance as make

PEOPLE = (
    "student",
    "other_student",
    "teacher",
    "second_teacher",
    "instructor",
    "second_instructor",
    "manager",
    "coordinator",
    "admin",
    "far_student",
    "far_teacher",
    "far_instructor",
    "far_coordinator",
)
TABLE = {
    #                           St O T 2 In 2 M C A  far
    ("GET", "placement_show"): "R.R.R.RR.....",
    ("GET", "week_show"): "R.R.R.RR.....",
    ("GET", "photo_show"): "R.R.R..R.....",
    ("GET", "diary_write"): "R.f.f.ff.....",
    ("GET", "placement_decline"): "R.R.R.RR.....",
    ("GET", "week_return"): "R.R.R.RR.....",
    ("GET", "instructor_change"): "R.R.R.RR.....",
    ("POST", "placement_accept"): "f.R.f.fR.....",
    ("POST", "placement_confirm"): "f.f.f.ff.....",
    ("POST", "placement_decline"): "f.R.f.fR.....",
    ("POST", "placement_cancel"): "f.R.R.fR.....",
    ("POST", "instructor_change"): "f.R.R.fR.....",
    ("POST", "goal_add"): "R.R.R.fR.....",
    ("POST", "goal_progress"): "R.R.R.fR.....",
    ("POST", "week_confirm"): "f.f.R.ff.....",
    ("POST", "week_return"): "f.f.R.ff.....",
    ("POST", "week_undo"): "f.f.R.ff.....",
}
# Moves of a placement that is only logged; the rest is asked of a running one.
LOGGED = {"placement_accept", "placement_confirm", "placement_decline", "placement_cancel"}
DATA = {
    "reason": "A reason.",
    "text": "I can weld.",
    "progress": "practised",
    "name": "Kaisa",
    "email_or_phone": "kaisa@example.org",
}


@pytest.fixture
def things(cast):
    """The address part of each kind of thing, in a running and in a logged placement."""
    placement = make.running(cast)
    make.write(cast, placement, make.days_of_week(1, 1), photo=make.picture())
    goal = add_goal(by=cast.actor("student"), placement=placement, text="Mill")
    logged = make.logged(cast, weeks_ago=-1)
    week = Week.objects.get(state="to_confirm")
    photo = DiaryPhoto.objects.get()

    def find(name):
        if name in LOGGED:
            return logged.public_id
        return (
            {"week": week, "goal": goal, "photo": photo}.get(
                name.partition("_")[0], placement
            ).public_id
            if name != "goal_add"
            else placement.public_id
        )

    return find


def client_for(cast, name, as_user, by_link):
    user = getattr(cast, name)
    return by_link(user, code=True) if "instructor" in name else as_user(user)


def read_out(response):
    """A file that is sent is closed once it is read."""
    if response.streaming:
        assert b"".join(response.streaming_content)


def snapshot():
    return (
        list(Placement.objects.order_by("pk").values_list("pk", "state", "ball_with")),
        list(Week.objects.order_by("pk").values_list("pk", "state", "return_reason")),
        list(Goal.objects.order_by("pk").values_list("pk", "text", "progress")),
        list(Placement.objects.order_by("pk").values_list("instructors", "moves")),
    )


@pytest.mark.parametrize(("method", "name"), TABLE)
def test_the_table(cast, things, as_user, by_link, method, name):
    url = reverse(name, args=[things(name)])
    line = TABLE[(method, name)]
    before = snapshot()
    for who, cell in zip(PEOPLE, line, strict=True):
        client = client_for(cast, who, as_user, by_link)
        place = transaction.savepoint()
        response = client.get(url) if method == "GET" else client.post(url, DATA)
        read_out(response)
        if name == "diary_write" and "student" not in who:
            # The door asks for the role already; a link is led to the sign-in.
            assert response.status_code in (403, 302, 404)
        elif cell == ".":
            assert response.status_code == 404, who
        elif cell == "f":
            assert response.status_code == 403, who
        else:
            done = (409,) if name in ("week_undo", "placement_cancel") else ()
            assert response.status_code in (200, 302, *done), who
        if cell != "R" or method == "GET":
            assert snapshot() == before, who
        transaction.savepoint_rollback(place)


@pytest.mark.parametrize(("method", "name"), TABLE)
def test_an_id_of_nothing_and_an_anonymous_visitor(cast, things, as_user, client, method, name):
    signed_in = as_user(cast.student)
    nothing = reverse(name, args=[uuid.uuid4()])
    response = signed_in.get(nothing) if method == "GET" else signed_in.post(nothing, DATA)
    assert response.status_code == 404
    before = snapshot()
    url = reverse(name, args=[things(name)])
    response = client.get(url) if method == "GET" else client.post(url, DATA)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
    assert snapshot() == before


@pytest.mark.parametrize(("method", "name"), [key for key in TABLE if key[0] == "POST"])
def test_an_expired_link_changes_nothing(cast, things, by_link, method, name):
    before = snapshot()
    url = reverse(name, args=[things(name)])
    response = by_link(cast.instructor, expired=True).post(url, DATA)
    assert response.status_code == 403
    assert "Your link has expired" in response.content.decode()
    assert snapshot() == before


@pytest.mark.parametrize("name", [name for method, name in TABLE if method == "GET"])
def test_pages_are_kept_by_no_cache(cast, things, as_user, name):
    response = as_user(cast.student).get(reverse(name, args=[things(name)]))
    read_out(response)
    assert response["Cache-Control"] == "private, no-store"


def test_things_of_two_placements_are_not_mixed_up(cast, as_user):
    """One's own placement in the address does not open what belongs to another's."""
    own = make.running(cast)
    foreign = make.running(cast, student=cast.other_student)
    week = make.waiting_week(cast, foreign)
    goal = add_goal(by=cast.actor("other_student"), placement=foreign, text="Mill")
    client = as_user(cast.student)
    assert client.get(reverse("placement_show", args=[own.public_id])).status_code == 200
    assert client.get(reverse("week_show", args=[week.public_id])).status_code == 404
    response = client.post(reverse("goal_progress", args=[goal.public_id]), DATA)
    assert response.status_code == 404
    for kind in (week, goal):
        url = reverse("placement_show", args=[kind.public_id])
        assert client.get(url).status_code == 404
