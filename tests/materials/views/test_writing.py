"""Writing in the browser."""

import uuid
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from materials.models import Attachment, Material
from tests.cast import Cast
from tests.factories import materials as make

NEW = "/materials/new/"
ANSWERS = {**make.FULL, "kind": "guidance_material"}


def at(material: Material, step: str = "edit") -> str:
    return f"/materials/drafts/{material.public_id}/{step}/"


def text_of(response) -> str:
    return unescape(response.content.decode())


STEPS = ["edit", "autosave", "submit", "files", "withdraw", "change", "discard", "retire"]


# ---------------------------------------------------------------- begin
def test_four_clicks_from_new_to_sent(as_user, cast: Cast) -> None:
    client = as_user(cast.teacher)
    assert "Begin a best practice" in text_of(client.get(NEW))
    begun = client.post(NEW, {"kind": "guidance_material"})
    material = Material.objects.get()
    assert begun["Location"] == at(material)
    assert client.get(at(material)).status_code == 200
    sent = client.post(at(material, "submit"), ANSWERS, follow=True)
    material.refresh_from_db()
    assert material.state == "in_check"
    assert (material.title, material.audiences) == (make.FULL["title"], ["workplace"])
    assert "Your entry waits for a check." in text_of(sent)


def test_opening_the_page_begins_nothing(as_user, cast: Cast) -> None:
    client = as_user(cast.teacher)
    for method in ("get", "head", "options", "put", "delete"):
        getattr(client, method)(NEW)
    assert not Material.objects.exists()


def test_a_best_practice_comes_with_its_headings(as_user, cast: Cast) -> None:
    client = as_user(cast.teacher)
    page = client.post(NEW, {"kind": "best_practice"}, follow=True)
    assert "## How to transfer" in text_of(page)
    assert "Write a best practice" in text_of(page)


@pytest.mark.parametrize("kind", ["", "poem", "\x00", "x" * 5000])
def test_an_unknown_kind_gets_the_page_again(as_user, cast: Cast, kind: str) -> None:
    response = as_user(cast.teacher).post(NEW, {"kind": kind})
    assert response.status_code == 422
    assert "There is a problem" in text_of(response)
    assert not Material.objects.exists()


def test_an_instructor_writes_from_a_personal_link(by_link, cast: Cast) -> None:
    client = by_link(cast.instructor)
    client.post(NEW, {"kind": "guidance_material"})
    material = Material.objects.get()
    assert (material.author, material.organisation) == (cast.instructor, cast.company)
    assert client.post(at(material, "submit"), ANSWERS).status_code == 302


def test_an_expired_link_begins_nothing(by_link, cast: Cast) -> None:
    response = by_link(cast.instructor, expired=True).post(NEW, {"kind": "guidance_material"})
    assert response.status_code == 403
    assert not Material.objects.exists()


# ---------------------------------------------------------------- the doors
@pytest.mark.parametrize("step", STEPS)
def test_strangers_find_no_draft(as_user, cast: Cast, step: str) -> None:
    material = make.draft(cast.teacher)
    for user in (cast.second_teacher, cast.far_teacher, cast.admin):
        response = as_user(user).post(at(material, step), {"title": "Stolen"})
        assert response.status_code == 404, step
    material.refresh_from_db()
    assert (material.title, material.state) == (make.FULL["title"], "draft")


@pytest.mark.parametrize("step", STEPS)
def test_wrong_roles_change_nothing(as_user, cast: Cast, step: str) -> None:
    material = make.draft(cast.teacher)
    for user in (cast.student, cast.manager, cast.leaver):
        response = as_user(user).post(at(material, step), {"title": "Stolen"})
        assert response.status_code == 403
    material.refresh_from_db()
    assert (material.title, material.state) == (make.FULL["title"], "draft")


@pytest.mark.parametrize("step", ["", *STEPS])
def test_nobody_without_a_name(client: Client, cast: Cast, step: str) -> None:
    address = at(make.draft(cast.teacher), step) if step else NEW
    for method in ("get", "post"):
        response = getattr(client, method)(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")


def test_a_checker_sees_what_waits_and_cannot_write_in_it(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    client = as_user(cast.second_teacher)
    for step in ("edit", "autosave", "submit", "files"):
        assert client.post(at(material, step), ANSWERS).status_code == 403
    material.refresh_from_db()
    assert material.state == "in_check"


def test_what_waits_is_left_alone_in_words(as_user, cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    client = as_user(cast.teacher)
    for step in ("edit", "autosave", "submit", "files"):
        response = client.post(at(material, step), {**ANSWERS, "title": "Late"})
        assert response.status_code == 409
        assert "not a draft any more" in text_of(response)
    assert client.get(at(material)).status_code == 409
    material.refresh_from_db()
    assert material.title == make.FULL["title"]


def test_an_unknown_draft_is_not_found(as_user, cast: Cast) -> None:
    client = as_user(cast.teacher)
    assert client.get(f"/materials/drafts/{uuid.uuid4()}/edit/").status_code == 404


# ---------------------------------------------------------------- save
def test_the_page_shows_what_was_saved(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher, minutes=7, body="Läs detta & mer")
    text = text_of(as_user(cast.teacher).get(at(material)))
    for words in (make.FULL["title"], "Läs detta & mer", "Send to check", "data-autosave-url"):
        assert words in text
    assert "(optional)" not in text.partition("More, if you like")[0]
    assert "<details open>" in text
    assert text.count("<h1>") == 1


def test_a_draft_with_gaps_is_saved(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    client = as_user(cast.teacher)
    response = client.post(at(material), {"title": "Only a title"}, follow=True)
    assert "Your draft is saved." in text_of(response)
    material.refresh_from_db()
    assert (material.title, material.summary, material.audiences) == ("Only a title", "", [])
    assert (material.language, material.licence, material.kind) == (
        "en",
        "CC-BY-4.0",
        "guidance_material",
    )


def test_all_answers_are_kept(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    answers = {
        **ANSWERS,
        "language": "lv",
        "audiences": ["teacher", "student"],
        "theme": "goals",
        "licence": "CC0-1.0",
        "phases": ["start", "after"],
        "questions": ["far_away"],
        "minutes": "12",
        "kind": "best_practice",
    }
    as_user(cast.teacher).post(at(material), answers)
    material.refresh_from_db()
    assert material.audiences == ["teacher", "student"]
    assert (material.language, material.theme, material.licence) == ("lv", "goals", "CC0-1.0")
    assert (material.phases, material.questions) == (["start", "after"], ["far_away"])
    assert (material.minutes, material.kind) == (12, "best_practice")


def test_fields_that_are_not_asked_change_nothing(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    extra = {"state": "published", "version": "9", "criteria": "WGB-1", "author": "1", "slug": "x"}
    as_user(cast.teacher).post(at(material), {**ANSWERS, **extra})
    material.refresh_from_db()
    assert (material.state, material.version, material.slug) == ("draft", 0, None)
    assert (material.criteria, material.author) == ([], cast.teacher)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("body", "x" * 60_001, "Shorten the text to 60,000 characters. It has 60001 now."),
        ("title", "x" * 121, "Shorten the title to 120 characters. It has 121 now."),
        ("summary", "x" * 241, "Shorten the summary to 240 characters."),
        ("minutes", "soon", "Enter the minutes as a whole number."),
        ("minutes", "0", "Enter the minutes as a number between 1 and 600."),
        ("minutes", "99999999999", "Enter the minutes as a number between 1 and 600."),
        ("language", "sv", "Select a valid choice."),
        ("audiences", "everybody", "Select a valid choice."),
        ("theme", "x\x00", "Select a valid choice."),
    ],
)
def test_what_does_not_fit_comes_back(
    as_user, cast: Cast, name: str, value: str, words: str
) -> None:
    material = make.draft(cast.teacher)
    client = as_user(cast.teacher)
    answers = {**ANSWERS, "summary": "Kept as typed.", name: value}
    for step in ("edit", "submit"):
        response = client.post(at(material, step), answers)
        text = text_of(response)
        assert response.status_code == 422
        assert "<title>Error:" in text
        assert "There is a problem" in text
        assert words in text
        assert name == "summary" or "Kept as typed." in text
    assert client.post(at(material, "autosave"), answers).status_code == 422
    material.refresh_from_db()
    assert material.state == "draft"
    assert material.summary == make.FULL["summary"]


def test_controls_are_taken_out_of_texts(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    answers = {**ANSWERS, "title": "A\x00b\u202ec", "body": "a\r\nb\x07"}
    as_user(cast.teacher).post(at(material), answers)
    material.refresh_from_db()
    assert (material.title, material.body) == ("Abc", "a\nb")


def test_autosave_answers_without_a_page(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    client = as_user(cast.teacher)
    response = client.post(at(material, "autosave"), {"title": "While typing"})
    assert (response.status_code, response.content) == (204, b"")
    material.refresh_from_db()
    assert material.title == "While typing"
    assert client.get(at(material, "autosave")).status_code == 405


# ---------------------------------------------------------------- send
def test_what_is_missing_is_said_and_the_rest_is_kept(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    response = as_user(cast.teacher).post(
        at(material, "submit"), {"title": "", "summary": "Mine", "body": "Mine"}
    )
    text = text_of(response)
    assert response.status_code == 422
    for words in ("Enter a title.", "Choose at least one audience.", "Choose a theme."):
        assert words in text
    assert 'href="#id_title"' in text
    material.refresh_from_db()
    assert (material.state, material.summary, material.body) == ("draft", "Mine", "Mine")


def test_sending_from_the_page_of_the_draft(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher, minutes=None)
    response = as_user(cast.teacher).post(at(material, "submit"))
    assert response.status_code == 302
    material.refresh_from_db()
    assert material.state == "in_check"
    gaps = make.draft(cast.teacher, title="Gaps", body="")
    response = as_user(cast.teacher).post(at(gaps, "submit"))
    assert response.status_code == 422
    assert "Write the text before you send it." in text_of(response)


def test_a_refusal_of_a_rule_is_worded(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    client = as_user(cast.teacher)
    client.post(at(material, "files"), {**ANSWERS, "file": make.picture()})
    response = client.post(at(material, "submit"), ANSWERS)
    assert response.status_code == 422
    assert "Say what “bench.png” shows and where it is from" in text_of(response)


def test_the_change_note_is_asked_from_the_second_version_on(as_user, cast: Cast) -> None:
    client = as_user(cast.teacher)
    question = "What changed since the last version?"
    assert question not in text_of(client.get(at(make.draft(cast.teacher))))
    material = make.of(cast, title="Public")
    client.post(at(material, "change"))
    assert question in text_of(client.get(at(material)))
    client.post(at(material, "submit"), {**ANSWERS, "change_note": "Shorter"})
    make.publish(material, cast.second_teacher)
    assert material.versions.get(number=2).change_note == "Shorter"


# ---------------------------------------------------------------- files
def test_adding_a_file_keeps_what_was_written(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    client = as_user(cast.teacher)
    answers = {**ANSWERS, "title": "Typed just now", "file": make.picture(), "description": "Own"}
    response = client.post(at(material, "files"), answers, follow=True)
    text = text_of(response)
    assert "The file is added." in text
    attachment = Attachment.objects.get()
    assert f"![Own](attachment:{attachment.public_id})" in text
    material.refresh_from_db()
    assert material.title == "Typed just now"


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (
            make.plain_file("x.pdf", b"<html><script>x</script>"),
            "This kind of file cannot be used.",
        ),
        (make.plain_file("x.svg", b"<svg onload='x'/>"), "This kind of file cannot be used."),
        (make.plain_file("x.txt", b""), "The file is empty."),
        (None, "Choose a file first."),
        ("no file at all", "Choose a file first."),
    ],
)
def test_a_bad_file_is_refused_beside_its_field(
    as_user, cast: Cast, upload: object, words: str
) -> None:
    material = make.draft(cast.teacher)
    answers = {**ANSWERS, "title": "Typed just now"}
    if upload is not None:
        answers["file"] = upload
    response = as_user(cast.teacher).post(at(material, "files"), answers)
    text = text_of(response)
    assert response.status_code == 422
    assert words in text
    assert "<title>Error:" in text
    assert not Attachment.objects.exists()
    material.refresh_from_db()
    assert material.title == "Typed just now"


def test_a_file_with_a_bad_text_is_not_added(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    answers = {**ANSWERS, "title": "x" * 121, "file": make.plain_file()}
    response = as_user(cast.teacher).post(at(material, "files"), answers)
    assert response.status_code == 422
    assert not Attachment.objects.exists()


def test_a_file_can_be_added_alone_and_removed(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    client = as_user(cast.teacher)
    client.post(at(material, "files"), {"file": make.plain_file()})
    attachment = Attachment.objects.get()
    remove = at(material, f"files/{attachment.public_id}/remove")
    too_long = client.post(remove, {**ANSWERS, "title": "x" * 121})
    assert too_long.status_code == 422
    assert as_user(cast.second_teacher).post(remove).status_code == 404
    assert client.post(at(material, f"files/{uuid.uuid4()}/remove")).status_code == 404
    response = client.post(remove, ANSWERS, follow=True)
    assert "The file is removed." in text_of(response)
    assert not Attachment.objects.exists()


def test_a_file_of_another_draft_is_not_found(as_user, cast: Cast) -> None:
    client = as_user(cast.teacher)
    other = make.draft(cast.teacher, title="Other")
    client.post(at(other, "files"), {"file": make.plain_file()})
    attachment = Attachment.objects.get()
    here = make.draft(cast.teacher)
    remove = at(here, f"files/{attachment.public_id}/remove")
    assert client.post(remove).status_code == 404
    assert Attachment.objects.count() == 1


def test_one_file_and_three_files_cost_the_same(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    client = as_user(cast.teacher)

    def queries() -> int:
        client.get(at(material))
        with CaptureQueriesContext(connection) as captured:
            client.get(at(material))
        return len(captured)

    client.post(at(material, "files"), {"file": make.plain_file("a.txt")})
    few = queries()
    for name in ("b.txt", "c.txt"):
        client.post(at(material, "files"), {"file": make.plain_file(name)})
    assert queries() == few
