"""Rows of the materials app, made the way people make them: through its services."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from materials.enums import CheckPoint, MaterialKind
from materials.models import Material
from materials.services.publishing import check_material, submit_for_check
from materials.services.writing import create_draft, save_draft
from partners.enums import Role
from partners.models import Organisation, User
from partners.selectors.actors import actor_of
from tests.cast import Cast, join, organisation, person

ALL_OK = dict.fromkeys(CheckPoint.values, "ok")
FULL = {
    "title": "Feedback in five minutes",
    "summary": "Three questions for Friday afternoon.",
    "language": "en",
    "audiences": ["workplace"],
    "theme": "feedback",
    "licence": "CC-BY-4.0",
    "body": "Ask first, then tell.\n\n## Steps\n\n- one\n- two\n",
}


def draft(author: User, **values: Any) -> Material:
    """A full draft; give `title=""` and so on for one with gaps."""
    by = actor_of(author)
    material = create_draft(by=by, kind=MaterialKind.GUIDANCE_MATERIAL)
    return save_draft(by=by, material=material, **{**FULL, **values})


def in_check(author: User, **values: Any) -> Material:
    return submit_for_check(by=actor_of(author), material=draft(author, **values))


def returned(author: User, checker: User, **values: Any) -> Material:
    material = in_check(author, **values)
    points = {**ALL_OK, "useful": "fix"}
    check_material(
        by=actor_of(checker),
        material=material,
        points=points,
        note="Add an example.",
        outcome="return",
    )
    material.refresh_from_db()
    return material


def published(author: User, checker: User, **values: Any) -> Material:
    material = in_check(author, **values)
    return publish(material, checker)


def publish(material: Material, checker: User) -> Material:
    """A colleague finds nothing to fix."""
    check_material(
        by=actor_of(checker), material=material, points=ALL_OK, note="", outcome="publish"
    )
    material.refresh_from_db()
    return material


def of(cast: Cast, **values: Any) -> Material:
    """Published by the teacher of the cast, checked by the second teacher."""
    return published(cast.teacher, cast.second_teacher, **values)


def picture(name: str = "bench.png") -> SimpleUploadedFile:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def plain_file(name: str = "notes.txt", content: bytes = b"bring gloves") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/plain")


def editors() -> User:
    """Those who keep the built-in entries."""
    hamk = Organisation.objects.filter(slug="hamk").first() or organisation("hamk", "institution")
    user = person("Editors", password=False)
    user.email, user.name = "editors@nextsteps.invalid", "NextSteps editors"
    user.save()
    join(user, hamk, Role.TEACHER)
    return user


def demo_people() -> dict[str, User]:
    """The teachers whom the demo rows need."""
    school = organisation("tavastia", "institution")
    people = {}
    for name in ("mikko", "sari", "jussi"):
        user = person(name.title(), is_demo=True)
        user.email = f"{name}.demo@example.org"
        user.save()
        join(user, school, Role.TEACHER)
        people[name] = user
    return people
