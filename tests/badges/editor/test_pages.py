"""The editor's pages: they work, belong to their institution, and bear bad input."""

import io
import zlib
from struct import pack

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from badges.enums import VersionState
from badges.models import Achievement, AchievementVersion, Award, Criterion, PilotReview
from badges.services.editing import add_criterion, create_badge
from badges.services.issuing import issue
from badges.services.publishing import award_for_test, withdraw_badge
from tests.badges.views.asking import goes_to_sign_in, queries_of
from tests.factories.badges import make_badge
from tests.factories.editor import (
    CRITERION,
    TEXTS,
    answer,
    approved,
    begun,
    complete,
    piloted,
    published,
)

URI = "http://data.europa.eu/esco/skill/S1.3"
PARTS = ("editor_texts", "editor_frame", "editor_criteria", "editor_alignments", "editor_picture")
GOOD = {
    "editor_texts": {"name": "Guide", "short_name": "Guide", "language": "fi"},
    "editor_frame": {"eqf_level": "5", "isced_f": "0114", "reviewers": "2", "languages": ["en"]},
    "editor_criteria": {"title": "Shows it first"},
    "editor_alignments": {"uri": URI},
    "editor_picture": {"shape": "shield", "symbol": "FLAME", "colour": "berry"},
}
BAD = {
    "editor_texts": {"name": "x" * 121, "short_name": "\x00", "language": "tlh"},
    "editor_frame": {"eqf_level": "9", "isced_f": "'; --", "reviewers": "7", "workload_hours": "-"},
    "editor_criteria": {"title": "y" * 161, "evidence_kinds": ["magic"]},
    "editor_alignments": {"uri": "https://example.org/"},
    "editor_picture": {"shape": "blob", "symbol": "\x00", "colour": "#fff"},
}


@pytest.fixture
def coordinator(cast, as_user) -> Client:
    return as_user(cast.coordinator)


@pytest.fixture
def version(cast) -> AchievementVersion:
    return complete(cast.actor("coordinator"), cast.school)


def at(name: str, version: AchievementVersion, **more: object) -> str:
    return reverse(name, kwargs={"public_id": version.public_id, **more})


def move(client: Client, version: AchievementVersion, name: str):
    return client.post(at("editor_move", version), {"move": name})


def png(width: int = 300, height: int = 300) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), "#135").save(out, "PNG")
    return out.getvalue()


def bomb() -> bytes:
    """Says that it has 40,000 by 40,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    head = pack(">IIBBBBB", 40_000, 40_000, 8, 6, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def upload(client: Client, version: AchievementVersion, content: bytes, name: str = "own.png"):
    data = {"do": "upload", "upload": SimpleUploadedFile(name, content)}
    return client.post(at("editor_picture", version), data)


# ------------------------------------------------------------- it works
def test_from_the_name_to_the_public_page(cast, coordinator, as_user):
    assert "No badges yet" in coordinator.get("/badges/editor/").content.decode()
    data = {"name": TEXTS["name"], "short_name": "Welding guide", "level": "1"}
    answered = coordinator.post("/badges/editor/new/", data)
    version = AchievementVersion.objects.get()
    assert answered["Location"] == at("editor_show", version)
    page = coordinator.get(at("editor_show", version)).content.decode()
    assert "Write the competence objective." in page
    coordinator.post(at("editor_texts", version), TEXTS)
    frame = {"eqf_level": "4", "isced_f": "0715", "workload_hours": "8", "validity_years": "2"}
    frame |= {"languages": ["en"], "reviewers": "1"}
    coordinator.post(at("editor_frame", version), frame)
    for title in ("Runs the induction", "Gives feedback"):
        coordinator.post(at("editor_criteria", version), {**CRITERION, "title": title})
    coordinator.post(at("editor_alignments", version), {"uri": URI})
    coordinator.post(at("editor_picture", version), GOOD["editor_picture"])
    assert "Nothing is missing" in coordinator.get(at("editor_show", version)).content.decode()
    move(coordinator, version, "pilot")
    for person in (cast.reviewer, cast.far_coordinator):
        client = as_user(person)
        assert TEXTS["name"] in client.get("/badges/editor/").content.decode()
        page = client.get(at("editor_pilot", version))
        assert "We always do." in page.content.decode()
        content = page.context["form"].initial["content"]
        sent = client.post(
            at("editor_pilot", version), {"outcome": "approve", "note": "", "content": content}
        )
        assert sent["Location"] == "/badges/editor/"
    move(coordinator, version, "publish")
    version.refresh_from_db()
    assert version.state == VersionState.PUBLISHED
    visitor = Client()
    page = visitor.get(f"/badges/{version.achievement.code}/").content.decode()
    assert "A badge of Near School" in page
    assert "Gives feedback" in page
    assert "Badges of institutions" in visitor.get("/badges/").content.decode()
    assert visitor.get(f"/achievements/{version.public_id}.json").json()["name"] == TEXTS["name"]


def test_one_criterion_is_edited_moved_and_removed(coordinator, version):
    one = version.criteria.get(number=2)
    url = at("editor_criterion", version, criterion=one.public_id)
    assert CRITERION["good_example"] in coordinator.get(url).content.decode()
    coordinator.post(url, {**CRITERION, "title": "Another"})
    coordinator.post(url, {"do": "up"})
    one.refresh_from_db()
    assert (one.title, one.number) == ("Another", 1)
    coordinator.post(url, {"do": "down"})
    one.refresh_from_db()
    assert one.number == 2
    coordinator.post(url, {"do": "remove"})
    assert version.criteria.count() == 1


def test_skills_are_found_with_and_without_script_and_removed(coordinator, version):
    url = at("editor_alignments", version)
    page = coordinator.get(url, {"q": "TEACH train"}).content.decode()
    assert "teaching and training" in page
    assert "negotiate compromise" not in page
    htmx = {"HX-Request": "true", "HX-Target": "found"}
    fragment = coordinator.get(url, {"q": "compromise"}, headers=htmx).content.decode()
    assert "negotiate compromise" in fragment
    assert "<html" not in fragment
    assert "Nothing in the list" in coordinator.get(url, {"q": "zzz\x00"}).content.decode()
    coordinator.post(url, {"uri": URI})
    version.refresh_from_db()
    assert [one["uri"] for one in version.alignments] == [URI]
    coordinator.post(url, {"uri": URI, "do": "remove"})
    version.refresh_from_db()
    assert version.alignments == []


def test_a_picture_is_looked_at_before_it_is_saved(coordinator, version):
    before = version.picture_svg
    data = {**GOOD["editor_picture"], "do": "preview"}
    page = coordinator.post(at("editor_picture", version), data).content.decode()
    assert "shape=shield&amp;symbol=FLAME&amp;colour=berry" in page
    look = coordinator.get(at("editor_preview", version), GOOD["editor_picture"])
    assert look["Content-Type"] == "image/svg+xml"
    assert look.content.decode() != before
    version.refresh_from_db()
    assert version.picture_svg == before
    assert coordinator.get(at("editor_preview", version)).content.decode() == before


def test_an_uploaded_png_is_the_picture_everywhere(cast, coordinator, version, as_user):
    assert upload(coordinator, version, png(900, 900)).status_code == 302
    version.refresh_from_db()
    kept = Image.open(io.BytesIO(bytes(version.picture_png)))
    assert (kept.size, version.picture_parts) == ((512, 512), {})
    coordinator.post(at("editor_texts", version), {**TEXTS, "name": "Renamed"})
    version.refresh_from_db()
    assert "<title>Renamed</title>" in version.picture_svg
    move(coordinator, version, "pilot")
    version.refresh_from_db()
    answer(cast.actor("reviewer"), version)
    answer(cast.actor("far_coordinator"), version)
    move(coordinator, version, "publish")
    address = f"/achievements/{version.public_id}"
    picture = Client().get(f"{address}.png")
    assert Image.open(io.BytesIO(picture.content)).size == (512, 512)
    svg = Client().get(f"{address}.svg")
    assert b'href="data:image/png;base64,' in svg.content
    assert "img-src data:" in svg["Content-Security-Policy"]


def test_a_test_award_says_so(cast, coordinator, issuers):
    version = piloted(cast)
    assert move(coordinator, version, "test").status_code == 302
    award = Award.objects.get()
    assert issue(award.pk)
    page = coordinator.get(f"/awards/{award.public_id}/").content.decode()
    assert page.count("Test award") >= 2
    assert "Criteria, examples and instructions" not in page
    assert version.name not in coordinator.get("/my-badges/").content.decode()
    signed = Client().get(f"/awards/{award.public_id}/credential.json").json()
    document = Client().get(f"/achievements/{version.public_id}.json").json()
    assert signed["credentialSubject"]["achievement"]["id"] == document["id"]
    for form in ("svg", "png"):
        assert Client().get(f"/awards/{award.public_id}/badge.{form}").status_code == 200


def test_a_badge_with_an_uploaded_picture_is_baked(cast, coordinator, version, issuers):
    upload(coordinator, version, png())
    move(coordinator, version, "pilot")
    award = award_for_test(by=cast.actor("coordinator"), version=version)
    assert issue(award.pk)
    for form in ("svg", "png"):
        assert Client().get(f"/awards/{award.public_id}/badge.{form}").status_code == 200


def test_changing_withdrawing_and_discarding(cast, coordinator):
    version = published(cast)
    address = move(coordinator, version, "change")["Location"]
    draft = AchievementVersion.objects.get(number=2)
    assert address == at("editor_show", draft)
    assert "in the making" in coordinator.get(at("editor_show", version)).content.decode()
    assert move(coordinator, draft, "discard")["Location"] == "/badges/editor/"
    move(coordinator, version, "withdraw")
    page = Client().get(f"/badges/{version.achievement.code}/")
    assert "takes no applications at present" in page.content.decode()
    assert "Badges of institutions" not in Client().get("/badges/").content.decode()
    assert Client().get(f"/achievements/{version.public_id}.json").status_code == 200


# ------------------------------------------------------------- who
def urls_of(version: AchievementVersion) -> list[str]:
    one = version.criteria.first()
    return [
        *(at(name, version) for name in ("editor_show", "editor_preview", *PARTS)),
        at("editor_criterion", version, criterion=one.public_id),
    ]


def test_strangers_find_nothing(cast, as_user, version):
    far = as_user(cast.far_coordinator)
    for url in urls_of(version):
        assert far.get(url).status_code == 404, url
        assert far.post(url, {"title": "x", "do": "remove"}).status_code in (404, 405), url
    assert move(far, version, "discard").status_code == 404
    assert far.get(at("editor_pilot", version)).status_code == 404  # a draft is nobody else's
    assert version.name not in far.get("/badges/editor/").content.decode()
    assert version.criteria.count() == 2


def test_others_read_a_pilot_and_edit_nothing(cast, as_user):
    version = piloted(cast)
    far = as_user(cast.far_coordinator)
    assert far.get(at("editor_pilot", version)).status_code == 200
    assert far.get(at("editor_preview", version)).status_code == 200
    for url in urls_of(version):
        if not url.endswith(".svg"):
            assert far.get(url).status_code == 404, url
    assert move(far, version, "publish").status_code == 404


@pytest.mark.parametrize("name", ["teacher", "student", "manager", "admin"])
def test_wrong_roles_are_refused_and_change_nothing(cast, as_user, version, name):
    client = as_user(getattr(cast, name))
    for url in ("/badges/editor/", "/badges/editor/new/", *urls_of(version)):
        assert client.get(url).status_code == 403, url
    for part in PARTS:
        assert client.post(at(part, version), GOOD[part]).status_code == 403
    assert move(client, version, "discard").status_code == 403
    version.refresh_from_db()
    assert version.name == TEXTS["name"]


def test_nobody_and_one_factor_are_led_on(cast, as_user, version):
    for url in ("/badges/editor/", "/badges/editor/new/", *urls_of(version)):
        assert goes_to_sign_in(Client().get(url)), url
        answered = as_user(cast.coordinator, second_factor=False).get(url)
        assert answered["Location"].startswith("/second-factor/")


def test_drafts_and_pilots_are_not_public(cast, version):
    pilot = piloted(cast, short_name="Pilot")
    for one in (version, pilot):
        for url in (
            f"/badges/{one.achievement.code}/",
            f"/achievements/{one.public_id}.json",
            f"/achievements/{one.public_id}.svg",
            f"/achievements/{one.public_id}/badgeclass.json",
        ):
            assert Client().get(url).status_code == 404, url
    assert Client().get("/api/v1/achievements/").json()["results"] == []


def test_a_badge_of_the_constellation_is_not_edited(cast, coordinator, version):
    foreign = make_badge(cast.school).versions.get()
    assert coordinator.get(at("editor_show", foreign)).status_code == 404
    assert move(coordinator, foreign, "withdraw").status_code == 404


# ------------------------------------------------------------- bad input
@pytest.mark.parametrize("part", PARTS)
def test_bad_input_comes_back_with_the_answers(coordinator, version, part):
    answered = coordinator.post(at(part, version), BAD[part])
    page = answered.content.decode()
    assert answered.status_code == 422
    assert "There is a problem" in page
    if part == "editor_texts":
        assert "x" * 121 in page
    version.refresh_from_db()
    assert version.name == TEXTS["name"]
    assert version.criteria.count() == 2


def test_bad_beginnings(cast, coordinator):
    for data in (
        {},
        {"name": "\x00", "short_name": "x", "level": "1"},
        {"name": "x", "short_name": "x" * 61, "level": "1"},
        {"name": "x", "short_name": "x", "level": "12"},
    ):
        assert coordinator.post("/badges/editor/new/", data).status_code == 422
    assert not Achievement.objects.exists()
    create_badge(
        by=cast.actor("coordinator"), owner=cast.school, name="x", short_name="Same", level=1
    )
    again = coordinator.post(
        "/badges/editor/new/", {"name": "Kept answer", "short_name": "same", "level": "1"}
    )
    assert again.status_code == 422
    assert "Kept answer" in again.content.decode()


def test_bad_pictures(coordinator, version):
    hostile = {
        b"<svg xmlns='http://www.w3.org/2000/svg'/>": "Send a photo as JPEG, PNG or WebP.",
        png(300, 299): "Send a square picture.",
        png(255, 255): "at least 256 pixels",
        bomb(): "picture",
        b"": "The file is empty.",
        b"\x89PNG\r\n\x1a\nbroken": "picture",
    }
    jpeg = io.BytesIO()
    Image.new("RGB", (300, 300)).save(jpeg, "JPEG")
    hostile[jpeg.getvalue()] = "Send the picture as PNG."
    for content, words in hostile.items():
        answered = upload(coordinator, version, content)
        assert answered.status_code == 422
        assert words in answered.content.decode()
    version.refresh_from_db()
    assert version.picture_parts
    own = {"shape": "hexagon", "symbol": "WGB", "colour": "night"}
    answered = coordinator.post(at("editor_picture", version), own)
    assert "kept for the constellation" in answered.content.decode()


def test_two_hundred_criteria_and_foreign_ids(cast, coordinator, version):
    other = complete(cast.actor("coordinator"), cast.school, short_name="Other")
    foreign = other.criteria.first()
    url = at("editor_criterion", version, criterion=foreign.public_id)
    assert coordinator.post(url, {"do": "remove"}).status_code == 404
    assert Criterion.objects.filter(pk=foreign.pk).exists()
    for _ in range(18):
        add_criterion(by=cast.actor("coordinator"), version=version, **CRITERION)
    full = coordinator.post(at("editor_criteria", version), {"title": "One more"})
    assert full.status_code == 422
    assert "at most 20 criteria" in full.content.decode()
    assert "The list is full" in coordinator.get(at("editor_criteria", version)).content.decode()


def test_moves_that_do_not_exist_or_cannot_be(cast, coordinator, version):
    assert move(coordinator, version, "\x00").status_code == 404
    assert move(coordinator, version, "publish").status_code == 409
    empty = begun(cast.actor("coordinator"), cast.school, short_name="Empty")
    answered = move(coordinator, empty, "pilot")
    assert answered.status_code == 422
    assert "Not yet" in answered.content.decode()
    assert move(coordinator, empty, "test").status_code == 409


# ------------------------------------------------------------- refusals in words
def test_a_frozen_version_says_why_it_cannot_be_edited(cast, coordinator):
    version = piloted(cast)
    for part in PARTS:
        answered = coordinator.post(at(part, version), GOOD[part])
        assert answered.status_code == 409
        assert "This version is frozen." in answered.content.decode()


def test_pilot_answers_need_an_outcome_and_a_note_for_changes(cast, as_user, coordinator):
    version = piloted(cast)
    client, url = as_user(cast.reviewer), at("editor_pilot", version)
    content = version.content_sha256
    assert client.post(url, {"content": content}).status_code == 422
    answered = client.post(url, {"outcome": "changes", "note": " ", "content": content})
    assert answered.status_code == 422
    assert "Say what should change." in answered.content.decode()
    stale = client.post(url, {"outcome": "approve", "content": "0" * 64})
    assert stale.status_code == 409
    own = coordinator.post(url, {"outcome": "approve", "content": content})
    assert own.status_code == 403
    assert "You had a hand in this badge" in coordinator.get(url).content.decode()
    assert not PilotReview.objects.exists()


def test_what_reviewers_said_stands_on_the_page(cast, coordinator):
    version = piloted(cast)
    answer(cast.actor("reviewer"), version, approve=False, note="<b>Shorter</b>, please.")
    page = coordinator.get(at("editor_show", version)).content.decode()
    assert "&lt;b&gt;Shorter" in page
    assert "About an earlier draft" in page


# ------------------------------------------------------------- cost
@pytest.mark.parametrize("state", ["draft", "pilot", "published"])
def test_one_and_three_rows_cost_the_same(cast, coordinator, as_user, state):
    make = {
        "draft": lambda name: complete(cast.actor("coordinator"), cast.school, short_name=name),
        "pilot": lambda name: piloted(cast, short_name=name),
        "published": lambda name: published(cast, short_name=name),
    }[state]
    make("One")
    client = as_user(cast.far_coordinator) if state == "pilot" else coordinator
    url = "/badges/" if state == "published" else "/badges/editor/"
    first = queries_of(client, url)
    make("Two")
    make("Three")
    assert queries_of(client, url) == first


def test_more_criteria_cost_the_same(cast, coordinator, version):
    first = queries_of(coordinator, at("editor_show", version))
    for _ in range(3):
        add_criterion(by=cast.actor("coordinator"), version=version, **CRITERION)
    assert queries_of(coordinator, at("editor_show", version)) == first


def test_a_withdrawn_badge_can_come_again(cast, coordinator):
    version = approved(cast)
    move(coordinator, version, "publish")
    withdraw_badge(by=cast.actor("coordinator"), version=version)
    move(coordinator, version, "change")
    assert AchievementVersion.objects.get(number=2).state == VersionState.DRAFT
