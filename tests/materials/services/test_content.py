"""The built-in entries: read strictly, published once, changed by a changed file."""

from pathlib import Path

import pytest

from materials.enums import Audience, Licence, MaterialKind, Phase, Question, Theme
from materials.markdown import own_links, sections
from materials.models import Material, MaterialMove, MaterialVersion
from materials.selectors.entries import entries_for_criterion
from materials.services import demo
from materials.services.content import FOLDER, load_content, read_file
from materials.services.publishing import retire_material
from partners.models import OutgoingMessage
from techvet.actor import Actor
from techvet.errors import NotAllowed
from tests.cast import Cast
from tests.factories import materials as make

FILES = sorted(FOLDER.glob("*/*.md"))
TEXT = """+++
slug = "{slug}"
title = "A title"
summary = "A summary."
kind = "guidance_material"
language = "en"
audiences = ["teacher"]
theme = "feedback"
phases = ["during"]
minutes = 5
licence = "CC-BY-4.0"
criteria = ["WGB-5"]
questions = ["hardly_talk"]
illustrative = false
+++

{body}
"""


def write(folder: Path, slug: str = "a-title", body: str = "Text.", **more: str) -> Path:
    (folder / "en").mkdir(exist_ok=True)
    path = folder / "en" / f"01-{slug}.md"
    path.write_text(TEXT.format(slug=slug, body=body), encoding="utf-8")
    return path


def test_there_are_twelve() -> None:
    assert len(FILES) == 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_keeps_to_the_format(path: Path) -> None:
    facts, body = read_file(path)
    assert path.stem.partition("-")[2] == facts["slug"]
    assert len(facts["title"]) <= 120
    assert len(facts["summary"]) <= 180
    assert facts["kind"] in MaterialKind.values
    assert facts["language"] == path.parent.name
    assert facts["audiences"] and set(facts["audiences"]) <= set(Audience.values)
    assert facts["theme"] in Theme.values
    assert facts["phases"] and set(facts["phases"]) <= set(Phase.values)
    assert set(facts["questions"]) <= set(Question.values)
    assert facts["licence"] in Licence.values
    assert 1 <= facts["minutes"] <= 60
    kinds = [part.kind for part in sections(body)]
    assert kinds.count("five") == 1
    assert kinds.count("card") <= 1
    if facts["kind"] == "best_practice":
        assert {"teacher", "workplace", "student"} <= set(kinds)
        assert facts["illustrative"] is True
        assert "llustrative" in body[:120]


def test_links_between_the_files_lead_somewhere() -> None:
    slugs = {f"material:{read_file(path)[0]['slug']}" for path in FILES}
    for path in FILES:
        assert own_links(read_file(path)[1]) <= slugs, path.name


def test_loading_publishes_all_and_again_changes_nothing(db: None) -> None:
    editors = make.editors()
    assert load_content(by=Actor.system()) == {"added": 12}
    assert load_content(by=Actor.system()) == {"unchanged": 12}
    assert MaterialVersion.objects.filter(is_current=True, number=1).count() == 12
    assert set(Material.objects.values_list("author", "state", "is_demo")) == {
        (editors.pk, "published", False)
    }
    assert not MaterialVersion.objects.exclude(checked_by=None).exists()
    assert not OutgoingMessage.objects.exists()
    assert (
        entries_for_criterion("WGB-1").filter(material__slug="the-first-day-in-60-minutes").exists()
    )
    assert not entries_for_criterion("WGB-99").exists()


def test_a_changed_file_makes_a_new_version(db: None, tmp_path: Path) -> None:
    make.editors()
    write(tmp_path)
    assert load_content(by=Actor.system(), folder=tmp_path) == {"added": 1}
    write(tmp_path, body="Better text.")
    assert load_content(by=Actor.system(), folder=tmp_path) == {"changed": 1}
    material = Material.objects.get()
    assert (material.version, material.state, material.slug) == (2, "published", "a-title")
    assert material.versions.get(is_current=True).body == "Better text.\n"
    assert MaterialMove.objects.filter(material=material).count() == 3


def test_somebody_elses_address_is_left_alone(cast: Cast, tmp_path: Path) -> None:
    make.editors()
    material = make.of(cast, title="A title")
    write(tmp_path)
    assert load_content(by=Actor.system(), folder=tmp_path) == {"taken": 1}
    material.refresh_from_db()
    assert (material.author, material.version) == (cast.teacher, 1)


def test_a_retired_entry_stays_retired(cast: Cast, tmp_path: Path) -> None:
    make.editors()
    write(tmp_path)
    load_content(by=Actor.system(), folder=tmp_path)
    retire_material(by=cast.actor("admin"), material=Material.objects.get())
    write(tmp_path, body="Changed.")
    assert load_content(by=Actor.system(), folder=tmp_path) == {"retired": 1}
    assert Material.objects.get().state == "retired"


def test_only_the_portal_loads(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        load_content(by=cast.actor("admin"))


def test_without_editors_nothing_is_loaded(db: None) -> None:
    with pytest.raises(LookupError):
        load_content(by=Actor.system())


@pytest.mark.parametrize(
    "text",
    [
        "no facts",
        "+++\nslug = 'a'\n",
        "+++\nslug = \n+++\nx",
        "+++\nslug = 'a'\n+++\nx",
        "x +++\nslug='a'\ntitle='b'\nsummary='c'\n+++\nx",
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "07-bad.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"07-bad\.md"):
        read_file(path)


def test_demo_rows_come_once_and_go_again(cast: Cast) -> None:
    make.editors()
    people = make.demo_people()
    for _ in range(2):
        demo.seed(by=Actor.system())
    rows = Material.objects.filter(is_demo=True)
    assert sorted(rows.values_list("author__name", "state")) == [
        ("Mikko", "draft"),
        ("Mikko", "returned"),
        ("Sari", "in_check"),
    ]
    assert Material.objects.filter(is_demo=False).count() == 12
    real = make.in_check(cast.teacher, title="Real")
    make.publish(real, people["jussi"])
    demo.remove(by=Actor.system())
    assert set(Material.objects.values_list("author__name", flat=True)) == {
        "NextSteps editors",
        "Tiina Teacher",
    }
    assert Material.objects.count() == 13
    for user in people.values():
        user.delete()
