"""The list, one placement, proposing; buttons and goals."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from guidance.enums import PlacementState
from guidance.models import Goal, Placement
from guidance.services.decisions import decline_placement
from guidance.services.goals import add_goal
from partners.enums import Role
from partners.models import Membership
from tests.factories import guidance as make

SEES = ("coordinator", "teacher", "student", "instructor", "manager")
STRANGERS = (
    "second_teacher",
    "other_student",
    "second_instructor",
    "far_coordinator",
    "far_teacher",
    "far_student",
    "far_instructor",
    "admin",
    "leaver",
)


def show(placement):
    return reverse("placement_show", args=[placement.public_id])


def client_of(cast, name, as_user, by_link):
    user = getattr(cast, name)
    return by_link(user) if "instructor" in name else as_user(user)


# ---------------------------------------------------------------- the list
@pytest.mark.parametrize("name", SEES)
def test_list_for_each_role(cast, as_user, by_link, name):
    placement = make.running(cast)
    html = client_of(cast, name, as_user, by_link).get(reverse("placements_list")).content.decode()
    assert show(placement) in html and "Saara Student, Near Company" in html


@pytest.mark.parametrize("name", STRANGERS)
def test_list_hides_it_from_strangers(cast, as_user, by_link, name):
    make.running(cast)
    client = client_of(cast, name, as_user, by_link)
    html = client.get(reverse("placements_list"), {"q": "Saara"}).content.decode()
    assert "Saara Student" not in html


def test_list_filters(cast, as_user):
    make.running(cast)
    other = make.logged(cast, student=cast.other_student)
    decline_placement(by=cast.actor("teacher"), placement=other, reason="No.")
    client = as_user(cast.coordinator)

    def names(**query):
        html = client.get(reverse("placements_list"), query).content.decode()
        return {name for name in ("Saara", "Otso") if f"{name} Student, " in html}

    assert names() == {"Saara", "Otso"}
    assert names(state="running") == names(state="open") == {"Saara"}
    assert names(state="declined") == {"Otso"}
    assert names(q="otso near") == {"Otso"}
    assert names(q="far") == set()
    assert names(state="'; drop", q="\x00") == {"Saara", "Otso"}
    assert names(need="quiet") == {"Saara"}
    assert names(need="late") == names(need="logged") == names(need="returned") == set()


def test_list_empty_states(cast, as_user, by_link):
    def html(client, **query):
        return client.get(reverse("placements_list"), query).content.decode()

    assert "Find a workplace" in html(as_user(cast.student))
    assert "log the placement" in html(by_link(cast.instructor))
    assert "appear here when" in html(as_user(cast.manager))
    assert "No placement matches" in html(as_user(cast.student), q="zzz")


def test_list_pages_and_clamps(cast, as_user):
    for weeks in range(1, 27):
        make.logged(cast, weeks_ago=-weeks)
    client = as_user(cast.teacher)
    html = client.get(reverse("placements_list")).content.decode()
    assert html.count("Saara Student, Near Company") == 25
    for page in ("2", "999", "-1", "x"):
        assert client.get(reverse("placements_list"), {"page": page}).status_code == 200


def test_a_coordinator_without_second_factor_is_told(cast, as_user):
    make.running(cast)
    client = as_user(cast.coordinator, second_factor=False)
    html = client.get(reverse("placements_list")).content.decode()
    assert "second factor" in html and "Saara" not in html


def test_one_and_three_rows_cost_the_same(cast, as_user):
    client = as_user(cast.coordinator)
    make.running(cast)
    client.get(reverse("placements_list"))
    with CaptureQueriesContext(connection) as one:
        client.get(reverse("placements_list"))
    make.running(cast, weeks_ago=3)
    make.running(cast, student=cast.other_student)
    with CaptureQueriesContext(connection) as three:
        client.get(reverse("placements_list"))
    assert len(one) == len(three)


# ---------------------------------------------------------------- one placement
@pytest.mark.parametrize("name", SEES)
def test_show_for_each_role(cast, as_user, by_link, name):
    placement = make.running(cast)
    make.waiting_week(cast, placement, line="A secret of the workshop.")
    html = client_of(cast, name, as_user, by_link).get(show(placement)).content.decode()
    assert "Ines Instructor" in html and "Tiina Teacher" in html
    assert "0 of 300 hours confirmed" in html
    assert "Placement started" in html and "Accepted by the school" in html
    assert "A secret of the workshop." not in html  # stands in the week, not here
    assert ("It is your turn." in html) == (name == "instructor")
    assert ("Write the diary" in html) == (name == "student")
    assert ("New goal" in html) == (name != "manager")


@pytest.mark.parametrize("name", STRANGERS)
def test_show_does_not_exist_for_strangers(cast, as_user, by_link, name):
    placement = make.running(cast)
    client = client_of(cast, name, as_user, by_link)
    missing = client.get(reverse("placement_show", args=[uuid.uuid4()]))
    found = client.get(show(placement))
    assert found.status_code == missing.status_code == 404


def test_anonymous_goes_to_sign_in(cast, client):
    placement = make.running(cast)
    for url in (show(placement), reverse("placements_list"), reverse("placement_propose")):
        response = client.get(url)
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))


def test_show_costs_the_same_with_more_weeks(cast, as_user):
    placement = make.running(cast, weeks_ago=4)
    client = as_user(cast.student)
    make.waiting_week(cast, placement, 1)
    client.get(show(placement))
    with CaptureQueriesContext(connection) as one:
        client.get(show(placement))
    make.waiting_week(cast, placement, 2)
    make.waiting_week(cast, placement, 3)
    for text in ("Weld", "Mill"):
        add_goal(by=cast.actor("student"), placement=placement, text=text)
    with CaptureQueriesContext(connection) as three:
        client.get(show(placement))
    assert len(one) == len(three)


# ---------------------------------------------------------------- buttons
def test_accept(cast, as_user):
    placement = make.logged(cast)
    client = as_user(cast.teacher)
    assert "Accept the placement" in client.get(show(placement)).content.decode()
    url = reverse("placement_accept", args=[placement.public_id])
    assert client.get(url).url == show(placement)
    placement.refresh_from_db()
    assert placement.state == PlacementState.LOGGED
    assert client.post(url).url == show(placement)
    placement.refresh_from_db()
    assert placement.state == PlacementState.RUNNING
    response = client.post(url)
    assert response.status_code == 409 and "Running" in response.content.decode()


@pytest.mark.parametrize("action", ["accept", "confirm", "decline", "cancel"])
def test_buttons_for_the_wrong_people(cast, as_user, client, action):
    placement = make.logged(cast)
    url = reverse(f"placement_{action}", args=[placement.public_id])
    data = {"reason": "No."}
    assert as_user(cast.second_teacher).post(url, data).status_code == 404
    assert as_user(cast.manager).post(url, data).status_code == 403
    assert as_user(cast.student).post(url, data).status_code == 403
    assert client.post(url, data).url.startswith(reverse("account_login"))
    placement.refresh_from_db()
    assert placement.state == PlacementState.LOGGED


@pytest.mark.parametrize(("action", "who"), [("decline", "teacher"), ("cancel", "instructor")])
def test_no_needs_a_reason(cast, as_user, by_link, action, who):
    placement = make.logged(cast)
    client = client_of(cast, who, as_user, by_link)
    url = reverse(f"placement_{action}", args=[placement.public_id])
    assert "Reason" in client.get(url).content.decode()
    for reason in ("", "x" * 501, "\x00"):
        response = client.post(url, {"reason": reason})
        assert response.status_code == 422
        assert "There is a problem" in response.content.decode()
    assert client.post(url, {"reason": "No seat."}).url == show(placement)
    placement.refresh_from_db()
    assert placement.state == {"decline": "declined", "cancel": "cancelled"}[action]
    assert "No seat." in client.get(show(placement)).content.decode()


# ---------------------------------------------------------------- goals
def test_goal_is_added_and_marked(cast, as_user, by_link):
    placement = make.running(cast)
    student = as_user(cast.student)
    url = reverse("goal_add", args=[placement.public_id])
    assert student.get(url).url == show(placement)
    assert student.post(url, {"text": "I can weld."}).url == show(placement)
    goal = Goal.objects.get()
    progress = reverse("goal_progress", args=[goal.public_id])
    instructor = by_link(cast.instructor)
    assert instructor.post(progress, {"progress": "mastered"}).url == show(placement)
    response = instructor.post(progress, {"progress": "practised"}, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "<html" not in html and "Practised" in html and "data-swap-focus" in html
    goal.refresh_from_db()
    assert goal.progress == "practised"
    assert student.post(progress, {"progress": "mastered"}).status_code == 403
    assert student.get(progress).status_code == 405


def test_goal_bad_input(cast, as_user):
    placement = make.running(cast)
    client = as_user(cast.student)
    url = reverse("goal_add", args=[placement.public_id])
    client.post(url, {"text": "I can weld."})
    for text in ("", "x" * 201, "I CAN WELD.", "\x00"):
        response = client.post(url, {"text": text})
        assert response.status_code == 422
        assert "There is a problem" in response.content.decode()
    assert Goal.objects.count() == 1
    goal = Goal.objects.get()
    response = client.post(reverse("goal_progress", args=[goal.public_id]), {"progress": "x"})
    assert response.status_code == 422


def test_goal_strangers_and_wrong_roles(cast, as_user, client):
    placement = make.running(cast)
    goal = add_goal(by=cast.actor("student"), placement=placement, text="Weld")
    add = reverse("goal_add", args=[placement.public_id])
    mark = reverse("goal_progress", args=[goal.public_id])
    assert as_user(cast.far_teacher).post(add, {"text": "x"}).status_code == 404
    assert as_user(cast.far_teacher).post(mark, {"progress": "mastered"}).status_code == 404
    assert as_user(cast.manager).post(add, {"text": "x"}).status_code == 403
    assert as_user(cast.manager).post(mark, {"progress": "mastered"}).status_code == 403
    assert client.post(add, {"text": "x"}).url.startswith(reverse("account_login"))
    goal.refresh_from_db()
    assert goal.progress == "not_started" and Goal.objects.count() == 1


# ---------------------------------------------------------------- proposing
def propose_data(cast, **more):
    plan = make.plan(-1)
    return {
        "field_of_study": plan.field_of_study,
        "starts_on": plan.starts_on.isoformat(),
        "ends_on": plan.ends_on.isoformat(),
        "hours_per_week": "35",
        "teacher": str(cast.teacher.public_id),
        "name": "",
        "email_or_phone": "",
        **more,
    }


def test_propose_first_finds_the_workplace(cast, as_user):
    client = as_user(cast.student)
    url = reverse("placement_propose")
    assert "First find the workplace." in client.get(url).content.decode()
    html = client.get(url, {"q": "near"}).content.decode()
    assert "?company=near-company" in html and "far-company" not in html
    assert "No workplace has this name" in client.get(url, {"q": "zz\x00"}).content.decode()
    assert client.get(url, {"company": "no-such"}).status_code == 200
    make.running(cast)
    assert "?company=near-company" in client.get(url).content.decode()


def test_a_student_proposes_without_seeing_names(cast, as_user):
    client = as_user(cast.student)
    url = f"{reverse('placement_propose')}?company={cast.company.slug}"
    html = client.get(url).content.decode()
    assert "Ines Instructor" not in html and "Tiina Teacher" in html
    response = client.post(url, propose_data(cast))
    placement = Placement.objects.get()
    assert response.url == show(placement)
    assert (placement.state, placement.student) == ("proposed", cast.student)


def test_a_teacher_proposes_to_a_known_instructor(cast, as_user):
    client = as_user(cast.teacher)
    url = f"{reverse('placement_propose')}?company={cast.company.slug}"
    html = client.get(url).content.decode()
    assert "Ines Instructor" in html and "Saara Student" in html and "Fiona" not in html
    data = propose_data(
        cast,
        student=str(cast.student.public_id),
        instructor=str(cast.second_instructor.public_id),
    )
    client.post(url, data)
    placement = Placement.objects.get()
    assert placement.instructors.get().person == cast.second_instructor
    assert placement.teacher == cast.teacher


@pytest.mark.parametrize(
    "more",
    [
        {"student": ""},
        {"student": "x"},
        {"instructor": "x"},
        {"email_or_phone": "nonsense", "name": "N"},
        {"email_or_phone": "new@example.org", "name": ""},
        {"starts_on": "32.13.2026"},
        {"hours_per_week": "61"},
        {"name": "n" * 121},
        {"teacher": "\x00"},
    ],
)
def test_propose_bad_input_keeps_the_answers(cast, as_user, more):
    url = f"{reverse('placement_propose')}?company={cast.company.slug}"
    data = propose_data(cast, student=str(cast.student.public_id), tasks_other="Honing")
    response = as_user(cast.teacher).post(url, {**data, **more})
    assert response.status_code == 422
    html = response.content.decode()
    assert "There is a problem" in html and "Honing" in html
    assert not Placement.objects.exists()


def test_a_foreign_student_cannot_be_chosen(cast, as_user):
    url = f"{reverse('placement_propose')}?company={cast.company.slug}"
    data = propose_data(cast, student=str(cast.far_student.public_id))
    assert as_user(cast.teacher).post(url, data).status_code == 422
    assert not Placement.objects.exists()


def test_propose_wrong_role(cast, as_user, by_link):
    url = f"{reverse('placement_propose')}?company={cast.company.slug}"
    assert as_user(cast.manager).post(url, propose_data(cast)).status_code == 403
    response = by_link(cast.instructor).get(url)
    assert response.status_code == 302  # a link is not a sign-in
    assert not Placement.objects.exists()


def test_propose_chips_follow_the_field(cast, as_user):
    url = f"{reverse('placement_propose')}?company={cast.company.slug}&field_of_study=0732"
    html = as_user(cast.student).get(url, headers={"HX-Request": "true"}).content.decode()
    assert "Bricklaying" in html and "<html" not in html


def test_propose_is_limited_in_words(cast, as_user):
    for weeks in range(1, 6):
        make.proposed(cast, by="student", weeks_ago=-weeks - 1)
    url = f"{reverse('placement_propose')}?company={cast.company.slug}"
    response = as_user(cast.student).post(url, propose_data(cast))
    assert response.status_code == 409 and "Go on tomorrow." in response.content.decode()


def test_rights_end_at_once(cast, as_user):
    placement = make.running(cast)
    client = as_user(cast.teacher)
    assert client.get(show(placement)).status_code == 200
    yesterday = dt.date.today() - dt.timedelta(days=1)
    Membership.objects.filter(user=cast.teacher, role=Role.TEACHER).update(ends_on=yesterday)
    assert client.get(show(placement)).status_code == 404
