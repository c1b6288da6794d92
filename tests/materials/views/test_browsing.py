"""Finding and reading without signing in."""

import json
import re
import uuid
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from materials.services.publishing import change_material, retire_material, submit_for_check
from materials.services.writing import add_attachment, save_draft
from tests.cast import Cast
from tests.factories import materials as make

LIST = "/materials/"


def text_of(response) -> str:
    return unescape(response.content.decode())


def data_of(response) -> dict:
    found = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.S
    )
    assert found
    return json.loads(found[1])


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# ---------------------------------------------------------------- the list
def test_anybody_browses(client: Client, cast: Cast) -> None:
    make.of(cast, minutes=5)
    response = client.get(LIST)
    assert response.status_code == 200
    text = text_of(response)
    assert '<a href="/materials/feedback-in-five-minutes/">Feedback in five minutes</a>' in text
    for words in ("Three questions for Friday", "Workplace instructors", "5 min", "1 entry"):
        assert words in text
    assert "Write something" not in text
    assert response["Cache-Control"] == "public, max-age=60"
    assert "HX-Request" in response["Vary"]


def test_writers_see_where_to_write_and_nothing_is_shared(as_user, cast: Cast) -> None:
    response = as_user(cast.teacher).get(LIST)
    assert "/materials/new/" in text_of(response)
    assert response["Cache-Control"] == "private, no-store"
    assert "/materials/new/" not in text_of(as_user(cast.student).get(LIST))


def test_the_eight_questions_lead_somewhere(client: Client, cast: Cast) -> None:
    make.of(cast, questions=["far_away"])
    make.of(cast, title="Another")
    text = text_of(client.get(LIST))
    assert text.count("/materials/?question=") == 8
    chosen = text_of(client.get(f"{LIST}?question=far_away"))
    assert '<a href="/materials/" aria-current="true">My student works far away</a>' in chosen
    assert '<input type="hidden" form="find" name="question" value="far_away">' in chosen
    assert "Another" not in chosen


def test_words_and_facets_work_without_script(client: Client, cast: Cast) -> None:
    make.of(cast, audiences=["teacher"])
    make.of(cast, title="Feedback for students", audiences=["student"])
    text = text_of(client.get(f"{LIST}?q=feedback&audience=student"))
    assert "1 result for “feedback”" in text
    assert "<mark>Feedback</mark> for students" in text
    assert "in five minutes" not in text
    assert re.search(r'name="audience" value="student" checked', text)
    assert 'value="feedback"' in text


def test_htmx_gets_the_found_part_alone(client: Client, cast: Cast) -> None:
    make.of(cast)
    response = client.get(LIST, headers={"HX-Request": "true"})
    text = text_of(response)
    assert "<html" not in text
    assert "Feedback in five minutes" in text
    whole = text_of(client.get(LIST))
    row = re.search(r"<h2><a href=.*?</h2>", text)
    assert row and row[0] in whole


def test_a_misspelt_word_says_what_was_searched(client: Client, cast: Cast) -> None:
    make.of(cast)
    assert "(searched also: feedback)" in text_of(client.get(f"{LIST}?q=feedbak"))


def test_three_kinds_of_nothing(client: Client, as_user, cast: Cast) -> None:
    assert "Come back soon." in text_of(client.get(LIST))
    assert "Begin the library" in text_of(as_user(cast.teacher).get(LIST))
    make.of(cast)
    text = text_of(client.get(f"{LIST}?q=qqqqzzzz"))
    assert "Nothing matches" in text
    assert "Show everything" in text


def test_too_long_a_search_is_worded(client: Client, cast: Cast) -> None:
    make.of(cast)
    response = client.get(LIST, {"q": "x" * 201})
    assert response.status_code == 422
    text = text_of(response)
    assert "<title>Error:" in text
    assert "Use at most 200 characters to search." in text
    assert "x" * 201 in text


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%00abc%FF",
        "q='%3BDROP",
        "q=<script>alert(1)</script>",
        "q=" + "-" * 200,
        "audience=nobody",
        "audience=%00",
        "theme[]=x&kind=x&language='--",
        "minutes=999999999999999999999",
        "page=-1",
        "page=0",
        "page=99999999999999999999",
        "page=abc",
        "ordering=password&fields=*",
        "question=x&question=far_away&question=far_away",
    ],
)
def test_hostile_addresses_get_a_page(client: Client, cast: Cast, query: str) -> None:
    make.of(cast)
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200
    assert b"<script>alert" not in response.content


def test_names_are_escaped_everywhere(client: Client, cast: Cast) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    cast.teacher.name = hostile
    cast.teacher.save()
    material = make.of(cast, title=f"Solder {hostile}", summary=hostile, body=hostile)
    for address in (LIST, f"{LIST}?q=solder", f"/materials/{material.slug}/"):
        assert b"<img" not in client.get(address).content


def test_a_page_has_25_rows(client: Client, cast: Cast) -> None:
    for number in range(26):
        make.of(cast, title=f"Entry {number:02}")
    first = text_of(client.get(LIST))
    assert first.count("<h2><a") == 25
    assert 'href="?page=2"' in first
    assert text_of(client.get(f"{LIST}?page=2")).count("<h2><a") == 1


def test_drafts_are_nowhere(client: Client, cast: Cast) -> None:
    make.draft(cast.teacher, title="Hidden draft")
    make.in_check(cast.teacher, title="Hidden waiting")
    public = make.of(cast, title="Open")
    change_material(by=cast.actor("teacher"), material=public)
    save_draft(by=cast.actor("teacher"), material=public, title="Hidden", body="Hidden")
    for address in (LIST, f"{LIST}?q=hidden", f"/materials/{public.slug}/"):
        response = client.get(address)
        assert response.status_code == 200
        assert "Hidden" not in text_of(response)
    assert client.get("/materials/hidden-draft/").status_code == 404


def test_one_row_and_three_rows_cost_the_same(client: Client, cast: Cast) -> None:
    make.of(cast)
    few = queries(client, f"{LIST}?q=feedback")
    make.of(cast, title="Feedback two")
    make.of(cast, title="Feedback three")
    assert queries(client, f"{LIST}?q=feedback") == few


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_reading_pages_take_no_writes(client: Client, cast: Cast, method: str) -> None:
    slug = make.of(cast).slug
    for address in (LIST, f"/materials/{slug}/", f"/materials/{slug}/versions/1/"):
        assert getattr(client, method)(address).status_code == 405


# ---------------------------------------------------------------- one entry
def test_anybody_reads(client: Client, cast: Cast) -> None:
    material = make.of(cast, minutes=5, phases=["start"], theme="feedback")
    response = client.get(f"/materials/{material.slug}/")
    text = text_of(response)
    assert response.status_code == 200
    assert text.count("<h1>") == 1
    for words in (
        "<h1>Feedback in five minutes</h1>",
        '<h2 id="t-steps">Steps</h2>',
        "5 minutes",
        "First week",
        "Tiina Teacher, Near School",
        "1, checked by a colleague on",
        "“Feedback in five minutes” by Tiina Teacher, Near School, version 1,",
        "https://creativecommons.org/licenses/by/4.0/",
    ):
        assert words in text, words
    assert "Toivo" not in text
    assert response["Cache-Control"] == "public, max-age=60"
    assert "Open my entry" not in text


def test_the_author_gets_a_way_to_change(as_user, cast: Cast) -> None:
    material = make.of(cast)
    text = text_of(as_user(cast.teacher).get(f"/materials/{material.slug}/"))
    assert f"/materials/drafts/{material.public_id}/" in text
    text = text_of(as_user(cast.admin).get(f"/materials/{material.slug}/"))
    assert f"/materials/drafts/{material.public_id}/retire/" in text


def test_machines_read_it_too(client: Client, cast: Cast, settings) -> None:
    material = make.of(
        cast, title="Say </script><script>alert(1)</script>", minutes=5, audiences=["workplace"]
    )
    data = data_of(client.get(f"/materials/{material.slug}/"))
    assert data["@type"] == "LearningResource"
    assert data["name"] == "Say </script><script>alert(1)</script>"
    assert data["url"] == f"{settings.PORTAL_ORIGIN}/materials/{material.slug}/"
    assert data["timeRequired"] == "PT5M"
    assert data["license"].endswith("/by/4.0/")
    assert data["audience"] == [{"@type": "EducationalAudience", "educationalRole": "mentor"}]
    assert data["author"]["name"] == "Tiina Teacher"
    without = make.of(cast, title="No time")
    assert "timeRequired" not in data_of(client.get(f"/materials/{without.slug}/"))


def test_versions_stay_readable(client: Client, cast: Cast) -> None:
    by = cast.actor("teacher")
    material = make.of(cast)
    change_material(by=by, material=material)
    save_draft(by=by, material=material, title="Second", change_note="New example")
    submit_for_check(by=by, material=material)
    make.publish(material, cast.second_teacher)
    home = f"/materials/{material.slug}/"
    new = text_of(client.get(home))
    assert "<h1>Second</h1>" in new
    assert "New example" in new
    assert f'href="{home}versions/1/"' in new
    assert "noindex" not in new
    old = text_of(client.get(f"{home}versions/1/"))
    assert "<h1>Feedback in five minutes</h1>" in old
    assert "This is version 1." in old
    assert "noindex" in old
    assert data_of(client.get(home))["datePublished"]
    for number in (3, 10**30):
        assert client.get(f"{home}versions/{number}/").status_code == 404


def test_a_case_is_seen_by_three_parties(client: Client, cast: Cast) -> None:
    body = (
        "Opening.\n\n## Context\n\nRunning.\n\n## As the teacher sees it\n\nI teach.\n\n"
        "## As the student sees it\n\nI learn.\n\n## Card: the day\n\n- [ ] Ring\n"
    )
    material = make.of(cast, body=body, kind="best_practice")
    home = f"/materials/{material.slug}/"
    first = text_of(client.get(home))
    assert "I teach." in first
    assert "I learn." not in first
    student = text_of(client.get(f"{home}?view=student"))
    assert "I learn." in student
    assert '<a href="?view=student#view" aria-current="true">As the student sees it</a>' in student
    assert "I teach." in text_of(client.get(f"{home}?view=%00<script>"))
    assert student.index("Opening.") < student.index("I learn.") < student.index("Running.")
    assert '<section class="card">' in student


def test_the_card_is_a_page_of_its_own(client: Client, cast: Cast) -> None:
    material = make.of(cast, body="## Card: the day\n\n- [ ] Ring the bell\n")
    text = text_of(client.get(f"/materials/{material.slug}/card/"))
    assert "<h1>The day</h1>" in text
    assert "Ring the bell" in text
    assert f'href="/materials/{material.slug}/card/"' in text_of(
        client.get(f"/materials/{material.slug}/")
    )
    without = make.of(cast, title="No card")
    assert client.get(f"/materials/{without.slug}/card/").status_code == 404
    assert client.get("/materials/none/card/").status_code == 404


def test_links_between_entries(client: Client, cast: Cast) -> None:
    other = make.of(cast, title="Other")
    material = make.of(cast, body=f"[there](material:{other.slug}) [gone](material:gone)")
    text = text_of(client.get(f"/materials/{material.slug}/"))
    assert f'<a href="/materials/{other.slug}/">there</a> gone' in text


def test_a_retired_entry_says_so(client: Client, cast: Cast) -> None:
    material = make.of(cast)
    retire_material(by=cast.actor("teacher"), material=material)
    response = client.get(f"/materials/{material.slug}/")
    assert response.status_code == 410
    assert "no longer published" in text_of(response)
    assert "Feedback in five minutes" not in text_of(response)
    assert client.get(f"/materials/{material.slug}/versions/1/").status_code == 404


def test_reading_costs_the_same_with_more_versions(client: Client, cast: Cast) -> None:
    by = cast.actor("teacher")
    material = make.of(cast)
    home = f"/materials/{material.slug}/"
    few = queries(client, home)
    for _ in range(2):
        change_material(by=by, material=material)
        submit_for_check(by=by, material=material)
        make.publish(material, cast.second_teacher)
    assert queries(client, home) == few


# ---------------------------------------------------------------- files
@pytest.fixture
def file_of_draft(cast: Cast):
    material = make.draft(cast.teacher)
    return add_attachment(
        by=cast.actor("teacher"),
        material=material,
        upload=make.plain_file("Käsikirja <b>.txt", b"<script>alert(1)</script>"),
    )


def test_a_file_of_a_draft_is_for_those_who_see_the_draft(
    client: Client, as_user, cast: Cast, file_of_draft
) -> None:
    address = f"/attachments/{file_of_draft.public_id}/"
    assert client.get(address).status_code == 404
    for user in (cast.second_teacher, cast.student, cast.admin):
        assert as_user(user).get(address).status_code == 404
    own = as_user(cast.teacher).get(address)
    assert own.status_code == 200
    assert own["Cache-Control"] == "private, no-store"
    own.close()


def test_a_public_file_is_a_download_without_rights(
    client: Client, cast: Cast, file_of_draft
) -> None:
    material = file_of_draft.material
    submit_for_check(by=cast.actor("teacher"), material=material)
    make.publish(material, cast.second_teacher)
    response = client.get(f"/attachments/{file_of_draft.public_id}/")
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''K%C3%A4sikirja")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "public" in response["Cache-Control"]
    page = text_of(client.get(f"/materials/{material.slug}/"))
    assert f"/attachments/{file_of_draft.public_id}/" in page


def test_a_file_whose_bytes_are_gone_is_not_found(as_user, cast: Cast, file_of_draft) -> None:
    file_of_draft.file.storage.delete(file_of_draft.file.name)
    address = f"/attachments/{file_of_draft.public_id}/"
    assert as_user(cast.teacher).get(address).status_code == 404


def test_a_guessed_file_is_not_found(client: Client, db: None) -> None:
    assert client.get(f"/attachments/{uuid.uuid4()}/").status_code == 404
    assert client.get("/attachments/../../etc/passwd/").status_code == 404
