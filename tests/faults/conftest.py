"""A real worker process on the test's own database and queue; nothing here is simulated."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from badges.models import Achievement
from tests.cast import Cast, assemble
from tests.factories.badges import make_badge, ready_issuers

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30


class Worker:
    """One Celery worker with one process; ends with the test."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.log = folder / "worker.log"
        self.output = self.log.open("ab")
        command = [sys.executable, "-m", "celery", "-A", "techvet", "worker"]
        command += ["--pool", "solo", "--loglevel", "INFO", "--without-gossip"]
        command += ["--without-mingle", "--without-heartbeat"]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=worker_environment(**environment),
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def wait_ready(self) -> "Worker":
        deadline = time.monotonic() + START_SECONDS
        while b"ready." not in self.log.read_bytes():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        return self

    def wait_killed(self) -> None:
        """It killed itself at the failpoint, with no chance to clean up."""
        assert self.process.wait(timeout=START_SECONDS) == -signal.SIGKILL, self.log.read_text()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=10)
        self.output.close()


def worker_environment(**more: str) -> dict[str, str]:
    """This test's own database; the queue is the test's already."""
    database = connection.settings_dict
    url = os.environ["DATABASE_URL"]
    base, _, query = url.partition("?")
    host_part = base.rsplit("/", 1)[0]
    own = f"{host_part}/{database['NAME']}" + (f"?{query}" if query else "")
    return {**os.environ, "DATABASE_URL": own, **more}


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


@pytest.fixture
def scene(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> tuple[Cast, Achievement]:
    """The cast with an open badge and issuers that can sign, committed for other processes."""
    monkeypatch.setattr("techvet.doorbell._silent_until", 0.0)
    monkeypatch.setattr(
        settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
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
