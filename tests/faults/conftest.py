"""The scene of the fault tests, their processes, and what must hold after each of them."""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from badges.enums import AwardBasis, AwardState
from badges.models import Achievement, Award, Credential
from badges.services.auditing import findings
from badges.services.awarding import queue_award
from partners.models import OutgoingMessage
from partners.services.audit_seal import seal_due
from techvet.actor import Actor
from techvet.celery import app
from techvet.clock import database_now
from tests.cast import Cast, assemble
from tests.factories.badges import make_badge, queued_award, ready_issuers
from tests.faults.pages import Reader
from tests.faults.processes import SWEEPER, OwnPostgres, OwnValkey, Process, worker_command

Scene = tuple[Cast, Achievement]
# The nightly run may ask for more; a quick one holds the same promises on fewer rows.
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))


@pytest.fixture
def scene(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The cast with an open badge and issuers that can sign, committed for other processes."""
    monkeypatch.setattr("techvet.doorbell._silent_until", 0.0)
    empty_queue()
    return set_scene()


def set_scene() -> Scene:
    cast = assemble()
    badge = make_badge(cast.school)
    ready_issuers()
    return cast, badge


def empty_queue() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.flushdb()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts a process of the portal; it ends with the test."""
    started: list[Process] = []

    def start(command: list[str], **environment: str) -> Process:
        one = Process(command, tmp_path / f"process-{len(started)}.log", **environment)
        started.append(one)
        return one

    yield start
    for one in started:
        one.end()


@pytest.fixture
def start_worker(run: Callable[..., Process]) -> Callable[..., Process]:
    def start(processes: int = 0, hours: float | None = None, **environment: str) -> Process:
        return run(worker_command(processes, hours), **environment).wait_ready()

    return start


@pytest.fixture
def start_sweeper(run: Callable[..., Process]) -> Callable[..., Process]:
    def start(**environment: str) -> Process:
        return run(SWEEPER, **environment)

    return start


@pytest.fixture
def reader(scene: Scene, live_server: object) -> Iterator[Reader]:
    """Reads public pages all through the test, and says in the end whether all were answered."""
    one = Reader(str(live_server), public_paths())
    one.start()
    yield one
    one.judge()


def public_paths() -> list[str]:
    return [
        "/badges/",
        "/issuers/near-school/did.json",
        "/verify/",
        "/issuers/near-school/keys.json",
        "/badges/WGB-L1/",
        "/issuers/near-school/",
    ]


@pytest.fixture
def valkey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnValkey]:
    """A queue of this test's own, for this process and those it starts."""
    server = OwnValkey(tmp_path / "queue")
    use_queue(monkeypatch, server.url)
    yield server
    server.stop()


def use_queue(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    address = url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    monkeypatch.setenv("REDIS_URL", url)
    monkeypatch.setattr(settings, "REDIS_URL", url)
    monkeypatch.setattr(app.conf, "broker_url", address)
    monkeypatch.setattr(app.conf, "broker_write_url", address)
    # Connections that are open already would still reach the other queue.
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr("techvet.doorbell._silent_until", 0.0)


@pytest.fixture
def postgres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnPostgres]:
    """A database server of this test's own, with tables, for all that it starts."""
    server = OwnPostgres(tmp_path / "database")
    monkeypatch.setenv("DATABASE_URL", server.server.url)
    parts = {"HOST": str(server.server.sockets), "NAME": "portal", "PORT": "", "USER": "portal"}
    connection.close()
    for name, value in parts.items():
        monkeypatch.setitem(connection.settings_dict, name, value)
    call_command("migrate", verbosity=0, interactive=False)
    yield server
    connection.close()
    server.stop()


_numbers = itertools.count(1)


def many_awards(scene: Scene, count: int) -> list[Award]:
    """`count` decided awards, the first after a review, the others as test awards."""
    cast, badge = scene
    people = [cast.teacher, cast.second_teacher, cast.instructor, cast.manager]
    version = badge.versions.get()
    awards = []
    if not Award.objects.filter(basis=AwardBasis.REVIEW).exists():
        awards.append(queued_award(cast.teacher, badge, cast.coordinator))
    with transaction.atomic():
        while len(awards) < count:
            awards.append(
                queue_award(
                    by=Actor.system(),
                    basis=AwardBasis.TEST,
                    recipient=people[next(_numbers) % len(people)],
                    version=version,
                    issuer=cast.school,
                )
            )
    return awards


def is_issued(award: Award) -> bool:
    return Award.objects.filter(pk=award.pk, state=AwardState.ISSUED).exists()


def all_issued() -> bool:
    return not Award.objects.exclude(state=AwardState.ISSUED).exists()


def end_leases() -> None:
    """What a minute does."""
    Award.objects.filter(state=AwardState.LEASED).update(
        lease_until=database_now() - timedelta(seconds=1)
    )


def end_waits() -> None:
    """What the pause after a failure does."""
    Award.objects.filter(state=AwardState.QUEUED).update(next_at=database_now())


def check_all_is_well() -> None:
    """What was decided is issued, once, with one message each; and the auditor finds nothing."""
    assert all_issued()
    awards = Award.objects.count()
    assert Credential.objects.count() == awards
    for public_id in Award.objects.values_list("public_id", flat=True):
        key = f"badge_issued:{public_id}"
        assert OutgoingMessage.objects.filter(unique_key=key).count() == 1
    seal_due()
    assert findings() == []


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
