"""The scene of the fault tests, and a queue that starts empty."""

import time
from collections.abc import Callable

import pytest
import redis
from django.conf import settings

from badges.models import Achievement
from tests.cast import Cast, assemble
from tests.factories.badges import make_badge, ready_issuers


@pytest.fixture
def scene(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> tuple[Cast, Achievement]:
    """The cast with an open badge and issuers that can sign, committed for other processes."""
    monkeypatch.setattr("techvet.doorbell._silent_until", 0.0)
    empty_queue()
    cast = assemble()
    badge = make_badge(cast.school)
    ready_issuers()
    return cast, badge


def empty_queue() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.flushdb()


def wait_for(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
