"""The scene is built once for each module, and every test is taken back afterwards."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from django.db import connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.utils.module_loading import import_string

from tests.security.scene import Scene, build


@pytest.fixture(scope="module")
def whole_scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scene]:
    """In a transaction of its own, in which those of the tests are savepoints.

    Django closes the connection after each test, which would end that transaction.
    """
    quick = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        django_db_blocker.unblock(),
        mock.patch.object(connections["default"], "close"),
        transaction.atomic(),
        rare_collections(),
    ):
        with override_settings(PASSWORD_HASHERS=quick):
            scene = build()
        scene.remember_sessions()
        yield scene
        transaction.set_rollback(True)


@contextmanager
def rare_collections() -> Iterator[None]:
    """A fifth of the time of thousands of requests would go into looking for garbage."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


@pytest.fixture
def scene(whole_scene: Scene, db: None) -> Scene:
    """Doorbells ring after a commit only, and nothing is ever committed here."""
    whole_scene.restore_sessions()
    return whole_scene


@pytest.fixture
def plain_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of refusals, each only in its own words; test_headers sees their pages."""

    def shorter(render: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def shown(
            request: HttpRequest, template: str, context: Any = None, status: int = 200
        ) -> HttpResponse:
            if not template.startswith("errors/"):
                return render(request, template, context, status=status)
            refusal = (context or {}).get("refusal")
            return HttpResponse(str(getattr(refusal, "message", "")), status=status)

        return shown

    for name in ("techvet.middleware.render", "techvet.views.page"):
        monkeypatch.setattr(name, shorter(import_string(name)))
