"""One's own entries, and the steps from where each stands."""

from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from materials.models import Material, MaterialVersion
from tests.cast import Cast
from tests.factories import materials as make

MINE = "/materials/mine/"


def at(material: Material, step: str = "") -> str:
    return f"/materials/drafts/{material.public_id}/{step}"


def text_of(response) -> str:
    return unescape(response.content.decode())


def test_my_materials_in_all_states(as_user, cast: Cast) -> None:
    make.draft(cast.teacher, title="")
    make.returned(cast.teacher, cast.second_teacher, title="Back")
    make.of(cast, title="Open")
    make.draft(cast.second_teacher, title="Not mine")
    text = text_of(as_user(cast.teacher).get(MINE))
    for words in ("Without a title", "Back", "Open", "Draft", "Returned with notes", "Published"):
        assert words in text
    assert "Not mine" not in text


def test_nothing_written_yet(as_user, by_link, cast: Cast) -> None:
    assert "You have not written anything yet" in text_of(as_user(cast.teacher).get(MINE))
    assert by_link(cast.instructor).get(MINE).status_code == 200


def test_who_has_a_list(client: Client, as_user, cast: Cast) -> None:
    assert client.get(MINE)["Location"].startswith("/accounts/login/")
    assert as_user(cast.student).get(MINE).status_code == 403
    assert as_user(cast.teacher).post(MINE).status_code == 405


def test_one_row_and_three_rows_cost_the_same(as_user, cast: Cast) -> None:
    client = as_user(cast.teacher)

    def queries() -> int:
        client.get(MINE)
        with CaptureQueriesContext(connection) as captured:
            client.get(MINE)
        return len(captured)

    make.draft(cast.teacher, title="One")
    few = queries()
    make.of(cast, title="Two")
    make.in_check(cast.teacher, title="Three")
    assert queries() == few


# ---------------------------------------------------------------- the page of an entry
def test_a_draft_is_its_authors_turn(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    text = text_of(as_user(cast.teacher).get(at(material)))
    for words in ("It is your turn.", "Go on writing", "Send to check", "Throw the draft away"):
        assert words in text
    assert "Begun" in text
    assert "Change it" not in text


def test_what_waits_can_be_taken_back(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    client = as_user(cast.teacher)
    text = text_of(client.get(at(material)))
    assert "Take it back" in text
    assert "your colleagues" in text
    assert "Go on writing" not in text
    response = client.post(at(material, "withdraw/"), follow=True)
    assert "You have your draft back." in text_of(response)
    material.refresh_from_db()
    assert material.state == "draft"
    assert client.post(at(material, "withdraw/")).status_code == 409


def test_a_checker_is_led_to_the_check(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    text = text_of(as_user(cast.second_teacher).get(at(material)))
    assert "Check this entry" in text
    assert "Take it back" not in text


def test_notes_are_shown_to_the_author(as_user, cast: Cast) -> None:
    material = make.returned(cast.teacher, cast.second_teacher)
    client = as_user(cast.teacher)
    for address in (at(material), at(material, "edit/")):
        text = text_of(client.get(address))
        assert "A colleague asks you to look again" in text
        assert "Somebody can do something with it at work tomorrow" in text
        assert "Add an example." in text
    assert as_user(cast.second_teacher).get(at(material)).status_code == 404


def test_changing_and_throwing_the_changes_away(as_user, cast: Cast) -> None:
    material = make.of(cast)
    client = as_user(cast.teacher)
    text = text_of(client.get(at(material)))
    assert "Change it" in text
    assert "Read it in the library" in text
    assert client.post(at(material, "change/"))["Location"] == at(material, "edit/")
    text = text_of(client.get(at(material)))
    assert "Everybody still reads the published version." in text
    assert "Throw my changes away" in text
    response = client.post(at(material, "discard/"), follow=True)
    assert "Your changes are thrown away." in text_of(response)
    material.refresh_from_db()
    assert material.state == "published"


@pytest.mark.parametrize("step", ["withdraw/", "change/", "discard/"])
def test_steps_out_of_turn_are_refused_in_words(as_user, cast: Cast, step: str) -> None:
    client = as_user(cast.teacher)
    material = make.draft(cast.teacher)
    response = client.post(at(material, step))
    assert response.status_code == 409
    assert ("in the state" in text_of(response)) or ("no published version" in text_of(response))
    assert client.get(at(material, step)).status_code == 405
    material.refresh_from_db()
    assert material.state == "draft"


# ---------------------------------------------------------------- retire
def test_a_draft_is_thrown_away_after_a_question(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    client = as_user(cast.teacher)
    assert "Throw this draft away?" in text_of(client.get(at(material, "retire/")))
    assert Material.objects.count() == 1
    response = client.post(at(material, "retire/"), follow=True)
    assert "The draft is thrown away." in text_of(response)
    assert not Material.objects.exists()


def test_a_public_entry_is_retired_after_a_question(as_user, cast: Cast) -> None:
    material = make.of(cast)
    client = as_user(cast.teacher)
    assert "Retire this entry?" in text_of(client.get(at(material, "retire/")))
    assert MaterialVersion.objects.get().is_current
    response = client.post(at(material, "retire/"), follow=True)
    assert "The entry is retired." in text_of(response)
    assert not MaterialVersion.objects.get().is_current
    text = text_of(client.get(at(material)))
    assert "Change it" in text
    assert "Retire it" not in text
    assert client.post(at(material, "retire/")).status_code == 409


def test_an_administrator_retires_what_is_public(as_user, cast: Cast) -> None:
    material = make.of(cast)
    assert as_user(cast.admin).post(at(material, "retire/")).status_code == 302
    material.refresh_from_db()
    assert material.state == "retired"


def test_what_waits_is_not_thrown_away(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    assert as_user(cast.teacher).post(at(material, "retire/")).status_code == 409
    assert as_user(cast.second_teacher).post(at(material, "retire/")).status_code == 403
    assert Material.objects.count() == 1


def test_an_expired_link_reads_and_changes_nothing(by_link, cast: Cast) -> None:
    material = make.draft(cast.instructor)
    client = by_link(cast.instructor, expired=True)
    assert "Go on writing" not in text_of(client.get(at(material)))
    for step in ("submit/", "retire/", "edit/", "autosave/"):
        assert client.post(at(material, step)).status_code == 403
    material.refresh_from_db()
    assert material.state == "draft"
