"""Fixtures that every folder of tests may use."""

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from partners.models import User
from partners.selectors.actors import LINK_SESSION_KEY
from tests.cast import Cast, assemble
from tests.workers import Worker


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end: the garbage collector need not walk them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The cast has a dozen passwords; hashing them well would take seconds for each test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def cast(db: Any) -> Cast:
    return assemble()


@pytest.fixture
def as_user() -> Callable[..., Client]:
    """A browser in which this person has signed in; `second_factor` as if with a code, too."""

    def sign_in(user: User, *, second_factor: bool = True) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        methods: list[dict[str, Any]] = [{"method": "password", "email": user.email}]
        if second_factor:
            methods.append({"method": "mfa", "type": "totp"})
        session["account_authentication_methods"] = methods
        session.save()
        return client

    return sign_in


@pytest.fixture
def by_link() -> Callable[..., Client]:
    """A browser in which this person has opened their personal link."""

    def open_link(user: User, *, code: bool = False, expired: bool = False) -> Client:
        from datetime import timedelta

        from partners.models import AccessLink
        from partners.selectors.actors import CODE_SESSION_KEY
        from techvet.clock import now

        days = -1 if expired else 90
        link = AccessLink.objects.create(
            person=user,
            token_hash=f"{user.pk}-{AccessLink.objects.count()}".rjust(64, "0"),
            expires_at=now() + timedelta(days=days),
        )
        client = Client()
        session = client.session
        session[LINK_SESSION_KEY] = link.pk
        if code:
            session[CODE_SESSION_KEY] = (now() + timedelta(hours=1)).timestamp()
        session.save()
        return client

    return open_link


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    started: list[Worker] = []

    def start(**environment: str) -> Worker:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        worker = Worker(folder, **environment)
        started.append(worker)
        return worker.wait_ready()

    yield start
    for worker in started:
        worker.stop()
