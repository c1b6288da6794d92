"""Who may do what, person by person."""

from dataclasses import replace

import pytest

from materials.models import Material
from materials.permissions import (
    can_check_material,
    can_check_materials,
    can_edit_material,
    can_move_material,
    can_retire_material,
    can_write_materials,
    is_author,
)
from partners.models import AccessLink
from techvet.actor import Actor, Assurance
from techvet.clock import now
from tests.cast import Cast
from tests.factories import materials as make

WRITE = {
    "coordinator": True,
    "teacher": True,
    "instructor": True,
    "admin": True,
    "reviewer": True,
    "far_teacher": True,
    "student": False,
    "manager": False,
    "leaver": False,
}
CHECK = {**WRITE, "instructor": False, "admin": False}


def on_link(cast: Cast, name: str, days: int = 90) -> Actor:
    from datetime import timedelta

    user = getattr(cast, name)
    link = AccessLink(person=user, token_hash="x", expires_at=now() + timedelta(days=days))
    return replace(cast.actor(name, Assurance.LINK), link=link)


@pytest.mark.parametrize("name", sorted(WRITE))
def test_who_writes_and_who_checks(cast: Cast, name: str) -> None:
    assert can_write_materials(cast.actor(name)) is WRITE[name]
    assert can_check_materials(cast.actor(name)) is CHECK[name]


def test_nobody_and_the_portal_do_neither(db: None) -> None:
    for actor in (Actor(), Actor.system()):
        assert not can_write_materials(actor)
        assert not can_check_materials(actor)


def test_a_personal_link_writes_and_never_checks(cast: Cast) -> None:
    assert can_write_materials(on_link(cast, "instructor"))
    assert not can_check_materials(on_link(cast, "teacher"))


def test_an_expired_link_only_reads(cast: Cast) -> None:
    material = make.draft(cast.instructor)
    expired = on_link(cast, "instructor", days=-1)
    assert is_author(expired, material)
    assert not can_write_materials(expired)
    assert not can_edit_material(expired, material)
    assert not can_retire_material(expired, material)


def test_only_the_author_moves_and_edits(cast: Cast) -> None:
    material = make.draft(cast.teacher)
    for name in ("second_teacher", "coordinator", "admin", "far_teacher"):
        assert not can_move_material(cast.actor(name), material)
        assert not can_edit_material(cast.actor(name), material)
    assert can_move_material(cast.actor("teacher"), material)
    assert can_edit_material(cast.actor("teacher"), material)


@pytest.mark.parametrize(
    ("state", "editable"),
    [
        ("draft", True),
        ("returned", True),
        ("in_check", False),
        ("published", False),
        ("retired", False),
    ],
)
def test_what_can_be_edited_when(cast: Cast, state: str, editable: bool) -> None:
    material = Material(author=cast.teacher, state=state)
    assert can_edit_material(cast.actor("teacher"), material) is editable


def test_nobody_checks_their_own(cast: Cast) -> None:
    material = make.in_check(cast.teacher)
    assert not can_check_material(cast.actor("teacher"), material)
    assert can_check_material(cast.actor("second_teacher"), material)
    assert can_check_material(cast.actor("far_coordinator"), material)
    assert not can_check_material(cast.actor("student"), material)


def test_who_retires(cast: Cast) -> None:
    draft = make.draft(cast.far_teacher)
    assert can_retire_material(cast.actor("far_teacher"), draft)
    assert not can_retire_material(cast.actor("admin"), draft)
    public = make.of(cast)
    assert can_retire_material(cast.actor("teacher"), public)
    assert can_retire_material(cast.actor("admin"), public)
    assert not can_retire_material(cast.actor("coordinator"), public)
    assert not can_retire_material(cast.actor("second_teacher"), public)
    assert not can_retire_material(Actor(), public)
