"""The quiz of badge 0, as people answer it and on their phones."""

import pytest
from django.test import Client

from badges.enums import AwardBasis
from badges.models import Achievement, Award, QuizAttempt
from badges.selectors.catalogue import catalogue
from badges.services.content import load_content
from badges.services.issuing import issue
from badges.services.quizzing import answer_quiz, open_quiz_badge
from techvet.actor import Actor
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.badges.views.asking import goes_to_sign_in
from tests.factories.badges import ready_issuers

QUIZ = catalogue().quizzes["BASICS"]
URL = "/badges/BASICS/quiz/"


@pytest.fixture
def basics(cast):
    load_content(by=Actor.system())
    ready_issuers()
    return Achievement.objects.get(code="BASICS")


def answers(right):
    """The first `right` questions rightly, the others wrongly."""
    return {
        one["code"]: one["answer"] if number < right else (one["answer"] + 1) % 4
        for number, one in enumerate(QUIZ["questions"])
    }


@pytest.mark.parametrize(("right", "is_passed"), [(0, False), (5, False), (6, True), (8, True)])
def test_six_are_enough(cast, basics, right, is_passed):
    attempt = answer_quiz(by=cast.actor("teacher"), achievement=basics, answers=answers(right))
    assert (attempt.correct, attempt.total, attempt.is_passed) == (right, 8, is_passed)
    assert not Award.objects.exists(), "the own badge page was not opened yet"


def test_opening_the_own_page_makes_the_badge_once(cast, basics):
    teacher = cast.actor("teacher")
    first, second = (
        answer_quiz(by=teacher, achievement=basics, answers=answers(7)) for _one in range(2)
    )
    award = open_quiz_badge(by=teacher, attempt=first)
    assert (award.basis, award.quiz_attempt, award.issuer) == (AwardBasis.QUIZ, first, cast.school)
    assert open_quiz_badge(by=teacher, attempt=first) == award
    assert open_quiz_badge(by=teacher, attempt=second) == award
    assert issue(award.pk)
    assert QuizAttempt.objects.count() == 2, "each try is kept"


def test_what_is_refused(cast, basics):
    teacher, actor = cast.actor("teacher"), cast.actor("second_teacher")
    attempt = answer_quiz(by=teacher, achievement=basics, answers=answers(5))
    with pytest.raises(WrongState):
        open_quiz_badge(by=teacher, attempt=attempt)
    with pytest.raises(NotAllowed):
        open_quiz_badge(by=actor, attempt=attempt)
    with pytest.raises(NotAllowed):
        answer_quiz(by=cast.actor("student"), achievement=basics, answers=answers(8))
    with pytest.raises(WrongState):
        other = Achievement.objects.get(code="WGB-L1")
        answer_quiz(by=teacher, achievement=other, answers=answers(8))
    for wrong in ({}, {**answers(8), "BQ-1": 9}, {**answers(8), "BQ-1": -1}):
        with pytest.raises(InvalidInput):
            answer_quiz(by=teacher, achievement=basics, answers=wrong)
    assert not Award.objects.exists()


def test_the_whole_way_in_the_browser(cast, basics, as_user):
    client = as_user(cast.teacher)
    assert "Answer eight questions" in client.get("/badges/BASICS/").content.decode()
    html = client.get(URL).content.decode()
    assert html.count('type="radio"') == 8 * 4
    answer = client.post(URL, answers(4))
    result = client.get(answer["Location"]).content.decode()
    assert "4 of 8 right" in result
    assert "Try again" in result
    assert QUIZ["questions"][7]["explanation"] in result
    assert client.post(answer["Location"] + "open/").status_code == 409
    answer = client.post(URL, answers(8))
    assert "Open my badge page" in client.get(answer["Location"]).content.decode()
    opened = client.post(answer["Location"] + "open/")
    award = Award.objects.get()
    assert opened["Location"] == f"/awards/{award.public_id}/"
    assert "See your badge" in client.get(answer["Location"]).content.decode()


def test_a_missing_answer_is_named_and_the_others_stay(cast, basics, as_user):
    data = answers(8)
    del data["BQ-3"]
    answer = as_user(cast.teacher).post(URL, data)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose an answer for question 3." in html
    assert html.count('" checked') == 7
    for wrong in ("x", "99", "\x00", "-1"):
        bad = as_user(cast.teacher).post(URL, {**answers(8), "BQ-3": wrong})
        assert bad.status_code == 422
    assert not QuizAttempt.objects.exists()


def test_results_are_ones_own(cast, basics, as_user):
    attempt = answer_quiz(by=cast.actor("teacher"), achievement=basics, answers=answers(8))
    url = f"/quiz-results/{attempt.public_id}/"
    other = as_user(cast.second_teacher)
    assert other.get(url).status_code == 404
    assert other.post(url + "open/").status_code == 404
    assert goes_to_sign_in(Client().get(url))
    assert goes_to_sign_in(Client().get(URL))
    assert not Award.objects.exists()


def test_students_read_and_earn_nothing(cast, basics, as_user):
    client = as_user(cast.student)
    assert "For those who guide students" in client.get(URL).content.decode()
    assert client.post(URL, answers(8)).status_code == 403
    assert client.get("/badges/WGB-L1/quiz/").status_code == 404
    assert not QuizAttempt.objects.exists()


# ------------------------------------------------------------- the start test
def start(**more):
    given = {f"q{one['number']}": "not_yet" for one in catalogue().start_test}
    return Client().get("/badges/start/", {**given, **more})


def test_eight_questions_without_sign_in(basics):
    html = Client().get("/badges/start/").content.decode()
    assert html.count('type="radio"') == 8 * 3
    assert "Nothing is stored." in html


def test_the_result_says_where_to_begin_and_why(basics):
    answer = start(q5="often", q1="sometimes")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Begin with Work-based learning cooperation, level 2." in html
    assert html.index("/badges/WCO-L2/") < html.index("/badges/WGB-L1/")
    assert "Start at level 2: you probably have the proof already." in html
    assert "You said: not yet." in html


def test_answers_that_are_none(basics):
    assert start(q3="always").status_code == 422
    assert Client().get("/badges/start/", {"q1": "often"}).status_code == 422
    assert Client().get("/badges/start/", {"q1": "\x00"}).status_code == 422
    assert Client().get("/badges/start/", {"other": "x"}).status_code == 200
    assert Client().post("/badges/start/").status_code == 405
