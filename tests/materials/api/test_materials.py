"""The public API: what it gives, and what it refuses (Q01, M02)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from materials.services.publishing import change_material, retire_material, submit_for_check
from materials.services.writing import add_attachment, save_draft
from tests.cast import Cast
from tests.factories import materials as make

API = "/api/v1/materials/"


def slugs(client: Client, query: str = "") -> list[str]:
    response = client.get(f"{API}?{query}")
    assert response.status_code == 200
    return [entry["slug"] for entry in response.json()["results"]]


def test_a_list_for_anybody(client: Client, cast: Cast, settings) -> None:
    material = make.of(cast, minutes=5, phases=["start"])
    response = client.get(API)
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=60"
    body = response.json()
    assert {k: body[k] for k in ("count", "page", "pages", "next", "previous")} == {
        "count": 1,
        "page": 1,
        "pages": 1,
        "next": None,
        "previous": None,
    }
    entry = body["results"][0]
    assert entry.pop("published_at")
    assert entry == {
        "slug": material.slug,
        "url": f"{settings.PORTAL_ORIGIN}/materials/{material.slug}/",
        "title": make.FULL["title"],
        "summary": make.FULL["summary"],
        "kind": "guidance_material",
        "language": "en",
        "audiences": ["workplace"],
        "theme": "feedback",
        "phases": ["start"],
        "questions": [],
        "minutes": 5,
        "criteria": [],
        "licence": "CC-BY-4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "author": "Tiina Teacher",
        "organisation": "Near School",
        "version": 1,
    }


def test_one_entry_with_its_text_and_files(client: Client, cast: Cast) -> None:
    by = cast.actor("teacher")
    material = make.draft(cast.teacher)
    add_attachment(by=by, material=material, upload=make.plain_file(), description="A list")
    submit_for_check(by=by, material=material)
    make.publish(material, cast.second_teacher)
    body = client.get(f"{API}{material.slug}/").json()
    assert body["text"] == make.FULL["body"]
    (attachment,) = body["attachments"]
    assert (attachment["name"], attachment["description"]) == ("notes.txt", "A list")
    assert "public_id" not in body
    assert "author_id" not in body


def test_words_and_facets(client: Client, cast: Cast) -> None:
    make.of(cast, title="Hyvä palaute", language="fi", audiences=["teacher"])
    make.of(cast, title="Another", audiences=["student", "workplace"], minutes=15)
    assert slugs(client, "q=palaute") == ["hyva-palaute"]
    assert slugs(client, "audience=student") == ["another"]
    assert slugs(client, "audience=student&audience=teacher") == ["another", "hyva-palaute"]
    assert slugs(client, "language=fi&theme=feedback") == ["hyva-palaute"]
    assert slugs(client, "minutes=20") == ["another"]
    assert client.get(f"{API}?q=palautee").json()["searched_instead"] in (None, "palaute")
    assert client.get(f"{API}?q=anothr").json()["searched_instead"] == "another"


def test_pages(client: Client, cast: Cast) -> None:
    for number in range(3):
        make.of(cast, title=f"Entry {number}")
    first = client.get(f"{API}?page_size=2&theme=feedback").json()
    assert (first["count"], first["pages"], len(first["results"])) == (3, 2, 2)
    assert first["next"].endswith("?page_size=2&theme=feedback&page=2")
    second = client.get(f"{API}?page_size=2&page=2").json()
    assert second["previous"].endswith("page=1")
    assert second["next"] is None
    assert client.get(f"{API}?page_size=100").status_code == 200


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("colour=red", "colour"),
        ("ordering=password", "ordering"),
        ("fields=*", "fields"),
        ("format=json", "format"),
        ("audience=nobody", "audience"),
        ("audience=%00", "audience"),
        ("theme=", "theme"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=1.5", "page"),
        ("page=٣", "page"),
        ("page=99999", "page"),
        ("page=1e9", "page"),
        ("page_size=101", "page_size"),
        ("page_size=1000000", "page_size"),
        ("page_size=0", "page_size"),
        ("q=" + "x" * 201, "q"),
    ],
)
def test_what_is_not_known_is_refused(client: Client, cast: Cast, query: str, name: str) -> None:
    make.of(cast)
    response = client.get(f"{API}?{query}")
    assert response.status_code == 400
    assert name in response.json()
    assert "public" not in response["Cache-Control"]


def test_drafts_are_never_given(client: Client, cast: Cast) -> None:
    by = cast.actor("teacher")
    make.draft(cast.teacher, title="Hidden")
    make.in_check(cast.teacher, title="Hidden too")
    public = make.of(cast, title="Open")
    change_material(by=by, material=public)
    save_draft(by=by, material=public, title="Hidden change", body="Hidden text")
    assert slugs(client) == ["open"]
    assert slugs(client, "q=hidden") == []
    assert "Hidden" not in client.get(f"{API}open/").content.decode()
    for slug in ("hidden", "hidden-too", "hidden-change", "none"):
        assert client.get(f"{API}{slug}/").status_code == 404


def test_a_retired_entry_is_gone(client: Client, cast: Cast) -> None:
    material = make.of(cast)
    retire_material(by=cast.actor("teacher"), material=material)
    assert slugs(client) == []
    assert client.get(f"{API}{material.slug}/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_here(client: Client, cast: Cast, method: str) -> None:
    slug = make.of(cast).slug
    for address in (API, f"{API}{slug}/"):
        response = getattr(client, method)(address, {"title": "x"}, content_type="application/json")
        assert response.status_code == 405


def test_somebody_signed_in_gets_a_private_answer(as_user, cast: Cast) -> None:
    make.of(cast)
    assert as_user(cast.teacher).get(API)["Cache-Control"] == "private, no-store"


def test_one_row_and_three_rows_cost_the_same(client: Client, cast: Cast) -> None:
    def queries() -> int:
        client.get(API)
        with CaptureQueriesContext(connection) as captured:
            client.get(API)
        return len(captured)

    make.of(cast)
    few = queries()
    make.of(cast, title="Two")
    make.of(cast, title="Three")
    assert queries() == few
