"""The pages of plan, colleague and earlier rounds, and what they add to a criterion's page."""

import pytest
from django.test import Client

from badges.enums import Mark
from badges.models import OwnPlan, PeerComment, PeerFeedback
from badges.services.deciding import decide
from badges.services.reviewing import set_mark
from badges.services.scaffolding import ask_peer
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import draft, make_badge, submitted


@pytest.fixture
def level2(cast):
    return draft(cast.teacher, make_badge(cast.school, "WGB-L2", level=2))


@pytest.fixture
def level3(cast):
    badge = make_badge(cast.school, "WGB-L3", level=3)
    return draft(cast.teacher, badge, answered=False)


@pytest.fixture
def asked(cast, level2):
    return ask_peer(by=cast.actor("teacher"), application=level2, peer=cast.second_teacher)


def of(application, rest=""):
    return f"/applications/{application.public_id}/{rest}"


# ------------------------------------------------------------- plan
def test_the_plan_is_asked_for_first(cast, level3, as_user):
    client = as_user(cast.teacher)
    assert "Write the plan" in client.get(of(level3)).content.decode()
    answer = client.get(of(level3, "criteria/1/"))
    assert answer["Location"] == of(level3, "plan/")
    assert client.post(of(level3, "criteria/1/"), {"text": "Proof."})["Location"].endswith("/plan/")
    answer = client.post(of(level3, "plan/"), {"text": "Before and after, in five lines."})
    assert answer["Location"] == of(level3)
    assert "Before and after" in client.get(of(level3)).content.decode()
    assert client.get(of(level3, "criteria/1/")).status_code == 200
    assert "Before and after" in client.get(of(level3, "plan/")).content.decode()


@pytest.mark.parametrize("text", ["", "  ", "x" * 3001, "\x00"])
def test_a_plan_that_is_none(cast, level3, as_user, text):
    answer = as_user(cast.teacher).post(of(level3, "plan/"), {"text": text})
    assert answer.status_code == 422
    assert not OwnPlan.objects.exists()


def test_plans_are_ones_own(cast, level3, as_user, badge):
    for other in (cast.second_teacher, cast.student, cast.far_coordinator):
        assert as_user(other).post(of(level3, "plan/"), {"text": "Mine."}).status_code == 404
    assert goes_to_sign_in(Client().get(of(level3, "plan/")))
    first = draft(cast.teacher, badge)
    assert as_user(cast.teacher).post(of(first, "plan/"), {"text": "A plan."}).status_code == 409
    assert not OwnPlan.objects.exists()


# ------------------------------------------------------------- a colleague
def test_a_colleague_is_asked_and_answers(cast, level2, as_user):
    client = as_user(cast.teacher)
    html = client.get(of(level2, "peers/")).content.decode()
    assert cast.second_teacher.name in html
    assert cast.far_teacher.name not in html
    peer = str(cast.second_teacher.public_id)
    assert client.post(of(level2, "peers/"), {"peer": peer})["Location"] == of(level2)
    assert "Asked" in client.get(of(level2)).content.decode()
    feedback = PeerFeedback.objects.get()
    url = f"/peer-feedback/{feedback.public_id}/"
    theirs = as_user(cast.second_teacher)
    html = theirs.get(url).content.decode()
    assert "What I did for criterion 1." in html
    assert theirs.post(url, {"comment-1": "Say when."}).status_code == 302
    assert "Say when." in theirs.get(url).content.decode()
    html = client.get(of(level2, "criteria/1/")).content.decode()
    assert "Toivo Teacher suggests" in html
    assert "Say when." in html
    assert "Has commented" in client.get(of(level2)).content.decode()


@pytest.mark.parametrize("peer", ["", "nobody", "\x00", "far"])
def test_who_cannot_be_asked(cast, level2, as_user, peer):
    value = str(cast.far_teacher.public_id) if peer == "far" else peer
    answer = as_user(cast.teacher).post(of(level2, "peers/"), {"peer": value})
    assert answer.status_code == 422
    assert not PeerFeedback.objects.exists()


def test_only_the_one_who_was_asked_reads_it(cast, asked, as_user):
    url = f"/peer-feedback/{asked.public_id}/"
    for other in (cast.teacher, cast.coordinator, cast.student, cast.far_teacher):
        assert as_user(other).get(url).status_code == 404
        assert as_user(other).post(url, {"comment-1": "x"}).status_code == 404
    assert goes_to_sign_in(Client().get(url))
    assert not PeerComment.objects.exists()


@pytest.mark.parametrize("data", [{}, {"comment-1": "x" * 2001}, {"comment-9": "x"}])
def test_comments_that_are_none(cast, asked, as_user, data):
    answer = as_user(cast.second_teacher).post(f"/peer-feedback/{asked.public_id}/", data)
    assert answer.status_code == 422
    assert not PeerComment.objects.exists()


def test_after_sending_the_draft_is_closed_to_the_colleague(cast, asked, level2, as_user):
    from badges.services.applying import submit_application

    submit_application(by=cast.actor("teacher"), application=level2)
    client, url = as_user(cast.second_teacher), f"/peer-feedback/{asked.public_id}/"
    html = client.get(url).content.decode()
    assert "The application has been sent" in html
    assert "What I did for criterion 1." not in html
    assert client.post(url, {"comment-1": "Late."}).status_code == 409


def test_the_feedback_page_costs_the_same_with_one_and_three_criteria(cast, as_user):
    pages = []
    for family, count in (("GDE", 1), ("CGW", 3)):
        badge = make_badge(cast.school, f"{family}-L2", family=family, level=2, criteria=count)
        application = draft(cast.teacher, badge)
        asked = ask_peer(
            by=cast.actor("teacher"), application=application, peer=cast.second_teacher
        )
        pages.append(f"/peer-feedback/{asked.public_id}/")
    client = as_user(cast.second_teacher)
    assert queries_of(client, pages[0]) == queries_of(client, pages[1])


# ------------------------------------------------------------- rounds, answers, template
@pytest.fixture
def back(cast, badge):
    application = submitted(cast.teacher, badge)
    set_mark(
        by=cast.actor("coordinator"),
        application=application,
        criterion=application.version.criteria.first(),
        revision=1,
        mark=Mark.NOT_YET,
        note="When was it?",
    )
    decide(by=cast.actor("coordinator"), application=application, outcome="return", revision=1)
    application.refresh_from_db()
    return application


def test_the_answer_stands_below_the_note(cast, back, as_user):
    client = as_user(cast.teacher)
    url = of(back, "criteria/1/")
    html = client.get(url).content.decode()
    assert "When was it?" in html
    assert "Your answer to the reviewer" in html
    assert "Your answer to the reviewer" not in client.get(of(back, "criteria/2/")).content.decode()
    client.post(url, {"text": "In May I did it.", "answer": "It was in May."})
    assert "It was in May." in client.get(url).content.decode()
    assert client.post(url, {"text": "x", "answer": "y" * 2001}).status_code == 422


def test_on_return_only_the_changes_stand_in_front(cast, back, as_user):
    client = as_user(cast.teacher)
    html = client.get(of(back, "check/")).content.decode()
    assert "Nothing is new since you sent it last." in html
    client.post(of(back, "criteria/1/"), {"text": "In May, with two students."})
    html = client.get(of(back, "check/")).content.decode()
    changed = html.partition("What you changed")[2].partition("All answers")[0]
    assert "In May, with two students." in changed
    assert "What I did for criterion 2." not in changed
    assert "What I did for criterion 2." in html


def test_earlier_rounds_are_read(cast, back, as_user):
    client = as_user(cast.teacher)
    client.post(of(back, "criteria/1/"), {"text": "Written anew.", "answer": "In May."})
    client.post(of(back, "check/"), {})
    first = client.get(of(back, "revisions/1/")).content.decode()
    assert "What I did for criterion 1." in first
    assert "Written anew." not in first
    assert "When was it?" in first
    assert "In May." in first
    second = client.get(of(back, "revisions/2/")).content.decode()
    assert "Written anew." in second
    assert "Changed" in second
    reviewer = as_user(cast.coordinator)
    assert "What I did" in reviewer.get(of(back, "revisions/1/")).content.decode()
    assert client.get(of(back, "revisions/3/")).status_code == 404
    assert as_user(cast.second_teacher).get(of(back, "revisions/1/")).status_code == 404
    assert goes_to_sign_in(Client().get(of(back, "revisions/1/")))


def test_the_template_fills_an_empty_box_only(cast, badge, as_user):
    application = draft(cast.teacher, badge, answered=False)
    client, url = as_user(cast.teacher), of(application, "criteria/1/")
    html = client.get(url).content.decode()
    assert "Begin with the template" in html
    assert "A worked example" in html
    assert "Next time I will:" not in html
    assert "Next time I will:" in client.get(f"{url}?template=1").content.decode()
    client.post(url, {"text": "My own words."})
    html = client.get(f"{url}?template=1").content.decode()
    assert "My own words." in html
    assert "Next time I will:" not in html


def test_the_check_says_what_could_be_stronger(cast, badge, as_user):
    application = draft(cast.teacher, badge)
    html = as_user(cast.teacher).get(of(application, "check/")).content.decode()
    assert "2 criteria could be stronger" in html
    assert "most answers that are met have" in html
    answer = as_user(cast.teacher).post(of(application, "check/"), {})
    assert answer.status_code == 302
