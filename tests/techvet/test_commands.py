"""The demo as a stranger meets it: seeded twice, listed, removed."""

import json
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client

from badges.models import Award, Credential
from guidance.models import Placement, Week
from materials.enums import MaterialState
from materials.models import Material
from partners.models import Membership, Organisation, User
from techvet.routes import all_routes

OURS = ("partners", "materials", "guidance", "badges")


def output(command: str, *args: str) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for app in OURS
        for model in apps.get_app_config(app).get_models()
    }


@pytest.fixture
def seeded(db: Any) -> None:
    call_command("seed", "--quiet")


def test_seeding_twice_changes_nothing(seeded: None) -> None:
    before = counts()
    call_command("seed", "--quiet")
    assert counts() == before


def test_the_seed_tells_the_whole_story(seeded: None) -> None:
    assert Organisation.objects.filter(kind="institution", is_demo=False).count() == 6
    assert Organisation.objects.filter(kind="company", is_demo=True).count() == 15
    published = Material.objects.filter(state=MaterialState.PUBLISHED, is_demo=False)
    assert published.count() == 12
    assert Placement.objects.exists()
    assert Week.objects.filter(state="confirmed").count() >= 5
    assert Award.objects.count() >= 2
    assert Credential.objects.count() == Award.objects.count()
    assert Award.objects.filter(revoked_at__isnull=False).exists()


def test_the_cast_is_listed_and_every_door_it_names_opens(seeded: None, client: Client) -> None:
    cast = json.loads(output("demo_cast", "--json"))
    roles = {person["role"] for person in cast["people"]}
    assert roles >= {"student", "teacher", "coordinator", "instructor", "project_admin"}
    for person in cast["people"]:
        assert set(person) >= {"email", "password", "role", "organisation", "desk_link"}
        assert bool(person["password"]) is not bool(person["desk_link"])
        assert person["name"].endswith(" Demo")
        if person["desk_link"]:
            path = person["desk_link"].removeprefix(cast["origin"])
            assert Client().get(path, follow=True).status_code == 200
    assert cast["awards"]
    for address in cast["awards"]:
        assert client.get(address.removeprefix(cast["origin"])).status_code == 200


def test_the_cast_is_readable_too(seeded: None) -> None:
    text = output("demo_cast")
    assert "/accounts/login/" in text
    assert "/d/" in text


def test_one_command_removes_all_demo_data(seeded: None) -> None:
    assert "gone" in output("remove_demo_data", "--yes")
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            if any(field.name == "is_demo" for field in model._meta.fields):
                assert not model._default_manager.filter(is_demo=True).exists(), model
    assert not Membership.objects.filter(user__name__endswith=" Demo").exists()
    assert not User.objects.filter(name__endswith=" Demo").exists()
    assert Material.objects.filter(state=MaterialState.PUBLISHED).count() == 12
    assert Organisation.objects.filter(kind="institution").count() == 6


def test_removing_asks_first(seeded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: "no")
    before = counts()
    assert "Nothing was removed" in output("remove_demo_data")
    assert counts() == before


def test_routes_as_table_and_as_json() -> None:
    routes = json.loads(output("routes", "--json"))
    assert {"name": "home", "path": "", "access": "public"} in routes
    assert len(routes) == len(all_routes())
    assert "/verify/" in output("routes")
