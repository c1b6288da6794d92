"""Fixtures of the badges app: one open badge, issuers that can sign, silent doorbells."""

import pytest

from badges.models import Achievement
from tests.cast import Cast
from tests.factories.badges import make_badge, ready_issuers


@pytest.fixture(autouse=True)
def silent_doorbell(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[object, ...]]]:
    """Rings are noted, and no worker hears them."""
    rings: list[tuple[str, tuple[object, ...]]] = []

    def note(task, *args):
        rings.append((task.name.rpartition(".")[2], args))
        return True

    monkeypatch.setattr("badges.services.rings.ring", note)
    monkeypatch.setattr("techvet.doorbell.ring", note)
    return rings


@pytest.fixture
def badge(cast: Cast) -> Achievement:
    return make_badge(cast.school)


@pytest.fixture
def issuers(cast: Cast) -> None:
    ready_issuers()
