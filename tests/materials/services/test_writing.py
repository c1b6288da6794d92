"""Drafts: begun, saved, thrown away."""

import pytest

from materials.enums import MaterialKind
from materials.models import ENTRY_FIELDS, Material, MaterialMove
from materials.services.publishing import submit_for_check
from materials.services.writing import WRITABLE, create_draft, delete_draft, save_draft
from partners.enums import Role
from partners.models import AuditEvent
from techvet.errors import InvalidInput, NotAllowed, WrongState
from tests.cast import Cast, join
from tests.factories import materials as make


def test_an_empty_draft_belongs_to_its_author(cast: Cast) -> None:
    by = cast.actor("teacher")
    material = create_draft(by=by, kind=MaterialKind.GUIDANCE_MATERIAL)
    assert (material.author, material.organisation) == (cast.teacher, cast.school)
    assert (material.state, material.version, material.slug) == ("draft", 0, None)
    assert (material.title, material.body, material.language) == ("", "", "en")
    assert not material.is_demo
    move = MaterialMove.objects.get(material=material)
    assert (move.from_state, move.to_state, move.by) == ("", "draft", cast.teacher)
    event = AuditEvent.objects.get(verb="material.begin")
    assert event.thing_id == str(material.public_id)


@pytest.mark.parametrize(
    ("language", "words"), [("en", "## Context"), ("fi", "## Haaste"), ("lv", "## Soļi")]
)
def test_a_best_practice_has_its_headings(cast: Cast, language: str, words: str) -> None:
    material = create_draft(by=cast.actor("teacher"), kind="best_practice", language=language)
    assert words in material.body
    assert material.language == language
    assert material.body.count("## ") == 11


def test_an_untouched_draft_is_used_again(cast: Cast) -> None:
    by = cast.actor("teacher")
    first = create_draft(by=by, kind="best_practice")
    assert create_draft(by=by, kind="best_practice") == first
    assert create_draft(by=by, kind="guidance_material") != first
    assert create_draft(by=cast.actor("second_teacher"), kind="best_practice") != first
    save_draft(by=by, material=first, title="Mine")
    assert create_draft(by=by, kind="best_practice") != first


def test_a_draft_with_a_file_is_not_untouched(cast: Cast) -> None:
    from materials.services.writing import add_attachment

    by = cast.actor("teacher")
    first = create_draft(by=by, kind="guidance_material")
    add_attachment(by=by, material=first, upload=make.plain_file())
    assert create_draft(by=by, kind="guidance_material") != first


@pytest.mark.parametrize("name", ["student", "manager", "leaver"])
def test_others_write_nothing(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        create_draft(by=cast.actor(name), kind="guidance_material")
    assert not Material.objects.exists()


def test_an_unknown_kind_is_refused(cast: Cast) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_draft(by=cast.actor("teacher"), kind="poem")
    assert refusal.value.field == "kind"


def test_somebody_with_two_roles_writes_for_the_one_that_writes(cast: Cast) -> None:
    join(cast.manager, cast.school, Role.TEACHER)
    material = create_draft(by=cast.actor("manager"), kind="guidance_material")
    assert material.organisation == cast.school


def test_a_draft_keeps_what_there_is(cast: Cast) -> None:
    material = make.draft(cast.teacher, title="", theme="", audiences=[])
    saved = save_draft(by=cast.actor("teacher"), material=material, minutes=7, phases=["start"])
    assert (saved.minutes, saved.phases, saved.title) == (7, ["start"], "")
    assert saved.updated_at > material.updated_at


def test_what_may_be_written(cast: Cast) -> None:
    assert {*ENTRY_FIELDS} - WRITABLE == {"criteria"}
    material = make.draft(cast.teacher)
    for name in ("criteria", "state", "version", "slug", "author", "is_demo"):
        with pytest.raises(InvalidInput):
            save_draft(by=cast.actor("teacher"), material=material, **{name: "x"})
    material.refresh_from_db()
    assert (material.state, material.criteria) == ("draft", [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "x" * 121),
        ("summary", "x" * 241),
        ("body", "x" * 60_001),
        ("language", "sv"),
        ("audiences", ["everybody"]),
        ("theme", "cooking"),
        ("licence", "mine"),
        ("phases", ["later"]),
        ("questions", ["why"]),
        ("minutes", -1),
        ("kind", "poem"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(cast: Cast, name: str, value: object) -> None:
    material = make.draft(cast.teacher)
    with pytest.raises(InvalidInput) as refusal:
        save_draft(by=cast.actor("teacher"), material=material, **{name: value})
    assert refusal.value.field == name
    assert refusal.value.message
    before = getattr(material, name)
    material.refresh_from_db()
    assert getattr(material, name) == before


def test_the_longest_text_fits(cast: Cast) -> None:
    material = make.draft(cast.teacher, body="ä" * 60_000)
    assert len(material.body) == 60_000


def test_strangers_save_nothing(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    for name in ("second_teacher", "coordinator", "admin"):
        with pytest.raises(NotAllowed):
            save_draft(by=cast.actor(name), material=material, title="Stolen")
    material.refresh_from_db()
    assert material.title == make.FULL["title"]


def test_what_waits_for_a_check_is_left_alone(cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    with pytest.raises(WrongState):
        save_draft(by=cast.actor("teacher"), material=material, title="Later")


def test_a_draft_is_thrown_away_for_good(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    delete_draft(by=cast.actor("teacher"), material=material)
    assert not Material.objects.exists()
    assert AuditEvent.objects.filter(verb="material.delete").count() == 1


def test_only_the_author_throws_a_draft_away(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    with pytest.raises(NotAllowed):
        delete_draft(by=cast.actor("admin"), material=material)
    assert Material.objects.count() == 1


def test_only_a_draft_is_thrown_away(cast: Cast) -> None:
    waiting = make.in_check(cast.teacher)
    public = make.of(cast, title="Another")
    for material in (waiting, public):
        with pytest.raises(WrongState):
            delete_draft(by=cast.actor("teacher"), material=material)
    assert Material.objects.count() == 2


def test_a_missing_answer_is_named_when_sent(cast: Cast) -> None:
    for name in ("title", "summary", "audiences", "theme", "body"):
        material = make.draft(cast.teacher, **{name: [] if name == "audiences" else " "[:0]})
        with pytest.raises(InvalidInput) as refusal:
            submit_for_check(by=cast.actor("teacher"), material=material)
        assert refusal.value.field == name
        material.delete()
