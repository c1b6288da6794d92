"""The peer check in the browser."""

import uuid
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from materials.enums import CheckPoint
from materials.models import Material, MaterialReview
from tests.cast import Cast
from tests.factories import materials as make

QUEUE = "/materials/checks/"


def at(material: Material) -> str:
    return f"/materials/drafts/{material.public_id}/check/"


def text_of(response) -> str:
    return unescape(response.content.decode())


def test_the_queue(as_user, cast: Cast) -> None:
    make.in_check(cast.teacher, title="Wait for me")
    make.draft(cast.teacher, title="Not yet")
    text = text_of(as_user(cast.second_teacher).get(QUEUE))
    assert "Wait for me" in text
    assert "Tiina Teacher, Near School" in text
    assert "Waiting since today." in text
    assert "Not yet" not in text


def test_an_empty_queue_and_one_with_ones_own_only(as_user, cast: Cast) -> None:
    client = as_user(cast.teacher)
    assert "Nothing waits for a check" in text_of(client.get(QUEUE))
    make.in_check(cast.teacher)
    text = text_of(client.get(QUEUE))
    assert "Only your own entries wait" in text
    assert "Feedback in five minutes" not in text


def test_who_has_a_queue(client: Client, as_user, by_link, cast: Cast) -> None:
    assert client.get(QUEUE)["Location"].startswith("/accounts/login/")
    for user in (cast.student, cast.manager, cast.admin):
        assert as_user(user).get(QUEUE).status_code == 403
    assert by_link(cast.teacher).get(QUEUE).status_code == 302
    assert as_user(cast.far_coordinator).get(QUEUE).status_code == 200


def test_one_row_and_three_rows_cost_the_same(as_user, cast: Cast) -> None:
    client = as_user(cast.coordinator)

    def queries() -> int:
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as captured:
            client.get(QUEUE)
        return len(captured)

    make.in_check(cast.teacher)
    few = queries()
    make.in_check(cast.second_teacher)
    make.in_check(cast.far_teacher)
    assert queries() == few


def test_text_and_points_stand_beside_each_other(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    text = text_of(as_user(cast.second_teacher).get(at(material)))
    assert '<h2 id="t-steps">Steps</h2>' in text
    for point in CheckPoint:
        assert str(point.label) in text
        assert f'name="{point.value}" value="fix"' in text
    assert text.count("<h1>") == 1


def test_ten_clicks_publish(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    client = as_user(cast.second_teacher)
    response = client.post(at(material), {**make.ALL_OK, "outcome": "publish"}, follow=True)
    assert "Published. The author gets a message." in text_of(response)
    material.refresh_from_db()
    assert material.state == "published"
    assert client.get(f"/materials/{material.slug}/").status_code == 200


def test_returning(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    answers = {**make.ALL_OK, "useful": "fix", "note": "An example, please.", "outcome": "return"}
    response = as_user(cast.second_teacher).post(at(material), answers, follow=True)
    assert "Returned. The author gets your note." in text_of(response)
    material.refresh_from_db()
    assert material.state == "returned"
    assert MaterialReview.objects.get().note == "An example, please."


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"outcome": "publish"}, "Choose OK or Fix for advertising."),
        ({**make.ALL_OK, "correct": "perhaps", "outcome": "publish"}, "Select a valid choice."),
        ({**make.ALL_OK, "correct": "fix", "outcome": "publish"}, "You marked something to fix."),
        ({**make.ALL_OK, "outcome": "return"}, "Write what the author should change."),
        ({**make.ALL_OK}, "Choose whether to publish or to return the entry."),
        ({**make.ALL_OK, "outcome": "\x00"}, "Choose whether to publish or to return the entry."),
        ({**make.ALL_OK, "note": "x" * 2001, "outcome": "publish"}, "2000"),
    ],
)
def test_a_check_that_is_not_whole_comes_back(
    as_user, cast: Cast, answers: dict[str, str], words: str
) -> None:
    material = make.in_check(cast.teacher)
    answers = {"note": "Kept as typed.", **answers}
    if answers["outcome" if "outcome" in answers else "note"] == "return":
        answers["note"] = " "
    response = as_user(cast.second_teacher).post(at(material), answers)
    text = text_of(response)
    assert response.status_code == 422
    assert words in text
    assert "<title>Error:" in text
    assert "There is a problem" in text
    if answers["note"] == "Kept as typed.":
        assert "Kept as typed." in text
    material.refresh_from_db()
    assert material.state == "in_check"
    assert not MaterialReview.objects.exists()


def test_marks_are_kept_after_a_refusal(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    answers = {**make.ALL_OK, "correct": "fix", "outcome": "publish"}
    text = text_of(as_user(cast.second_teacher).post(at(material), answers))
    assert text.count("checked") >= 8


def test_ones_own_is_not_checked(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    client = as_user(cast.teacher)
    for response in (
        client.get(at(material)),
        client.post(at(material), {**make.ALL_OK, "outcome": "publish"}),
    ):
        assert response.status_code == 403
        assert "who is not the author" in text_of(response)
    material.refresh_from_db()
    assert material.state == "in_check"


def test_strangers_and_wrong_roles(client: Client, as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    answers = {**make.ALL_OK, "outcome": "publish"}
    for user in (cast.student, cast.instructor, cast.admin):
        assert as_user(user).post(at(material), answers).status_code == 403
    assert client.post(at(material), answers).status_code == 302
    draft = make.draft(cast.teacher, title="Hidden")
    assert as_user(cast.second_teacher).get(at(draft)).status_code == 404
    missing = f"/materials/drafts/{uuid.uuid4()}/check/"
    assert as_user(cast.second_teacher).get(missing).status_code == 404
    material.refresh_from_db()
    assert material.state == "in_check"


def test_somebody_was_faster(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    make.publish(material, cast.coordinator)
    response = as_user(cast.second_teacher).post(
        at(material), {**make.ALL_OK, "outcome": "publish"}
    )
    assert response.status_code == 404
    assert MaterialReview.objects.count() == 1
