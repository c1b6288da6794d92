"""The preview of a text."""

from html import unescape

import pytest
from django.test import Client

from materials.models import Attachment, Material
from tests.cast import Cast
from tests.factories import materials as make


def at(material: Material, step: str = "edit") -> str:
    return f"/materials/drafts/{material.public_id}/{step}/"


def text_of(response) -> str:
    return unescape(response.content.decode())


def test_a_preview_is_a_fragment_or_a_page(as_user, cast: Cast) -> None:
    client = as_user(cast.teacher)
    data = {"body": "## Steps\n\n<script>x</script>"}
    page = client.post("/materials/preview/?field=body", data)
    assert '<h2 id="t-steps">Steps</h2>' in text_of(page)
    assert b"<script>x" not in page.content
    assert b"<html" in page.content
    part = client.post("/materials/preview/?field=body", data, headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert b"Steps</h2>" in part.content
    empty = client.post("/materials/preview/", {"body": ""})
    assert "Nothing written yet." in text_of(empty)


def test_a_preview_shows_pictures_of_ones_own_draft_only(as_user, cast: Cast) -> None:
    material = make.draft(cast.teacher)
    as_user(cast.teacher).post(at(material, "files"), {"file": make.picture()})
    attachment = Attachment.objects.get()
    data = {"draft": material.public_id, "body": f"![x](attachment:{attachment.public_id})"}
    shown = as_user(cast.teacher).post("/materials/preview/", data)
    assert f'<img src="/attachments/{attachment.public_id}/"' in text_of(shown)
    hidden = as_user(cast.second_teacher).post("/materials/preview/", data)
    assert "<img" not in text_of(hidden)


@pytest.mark.parametrize("data", [{}, {"body": "x" * 70_000}, {"draft": "x\x00", "body": "\x00"}])
def test_a_preview_never_breaks(as_user, cast: Cast, data: dict[str, str]) -> None:
    assert as_user(cast.teacher).post("/materials/preview/?field=%00", data).status_code == 200
    assert as_user(cast.teacher).post("/materials/preview/", data).status_code == 200


def test_a_preview_is_for_writers(client: Client, as_user, cast: Cast) -> None:
    assert client.post("/materials/preview/", {"body": "x"}).status_code == 302
    assert as_user(cast.student).post("/materials/preview/", {"body": "x"}).status_code == 403
    assert as_user(cast.teacher).get("/materials/preview/").status_code == 405
