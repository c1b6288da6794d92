"""Every field that can hold something about a person says whose it is and when it goes (G01)."""

from importlib import import_module

import pytest
from django.apps import apps

from techvet.data_protection import OnErasure, Tag, Whose, needs_tag
from tests.architecture.source import APPS


def tags(app: str) -> dict[str, Tag]:
    return import_module(f"{app}.data_protection").TAGS


def fields(app: str) -> set[str]:
    return {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if needs_tag(field)
    }


@pytest.mark.parametrize("app", APPS)
def test_each_field_has_a_tag_and_each_tag_a_field(app: str) -> None:
    assert set(tags(app)) == fields(app)


@pytest.mark.parametrize("app", APPS)
def test_whoever_it_is_about_something_happens_on_erasure(app: str) -> None:
    for name, tag in tags(app).items():
        if tag.whose in {Whose.PERSON, Whose.AUTHOR, Whose.SECRET}:
            assert tag.on_erasure is not OnErasure.KEEP, name
        assert tag.kept


@pytest.mark.parametrize("app", APPS)
def test_secrets_are_never_stored_in_the_clear(app: str) -> None:
    for name, tag in tags(app).items():
        if tag.whose is Whose.SECRET:
            assert name.endswith(("hash", "key", "password", "body")), name
