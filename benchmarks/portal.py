"""The portal with a private Postgres: what issuing costs from a click to the stored row."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from techvet.embedded import serving
from techvet.embedded.folder import open_folder


@dataclass
class Scene:
    """A school with a badge, keys and published lists."""

    cast: Any
    badge: Any


@contextlib.contextmanager
def portal() -> Iterator[Scene]:
    """Postgres with fsync on and Valkey, in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="portal-benchmark-") as name:
        path = Path(name)
        with serving(path, durable=True, holder="benchmark") as addresses:
            folder = open_folder(path)
            os.environ |= {
                "DATABASE_URL": addresses.database_url,
                "REDIS_URL": addresses.redis_url,
                "DJANGO_SETTINGS_MODULE": "techvet.settings",
                "PORTAL_ENV": "test",
                "DATA_DIR": name,
                "MEDIA_ROOT": str(path / "media"),
                "SECRET_KEY_FILE": str(folder.secret_key_file()),
                "MASTER_KEY_FILE": str(folder.master_key_file()),
            }
            yield _scene()
            _close()


def _scene() -> Scene:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from tests.cast import assemble
    from tests.factories.badges import make_badge, ready_issuers

    cast = assemble()
    badge = make_badge(cast.school)
    ready_issuers()
    return Scene(cast, badge)


def _close() -> None:
    from django.db import connections

    connections.close_all()


def issue_into_postgres(scene: Scene, chunks: int) -> float:
    """Seconds for chunks of 1,000 through `issue_chunk`: places on the status list, awards,
    credentials, messages to all and the audit line, committed.

    Reading the list of people is not counted.
    """
    from badges.models import Credential
    from badges.services.batch_issuing import issue_chunk
    from badges.services.batches import CHUNK
    from tests.factories.batches import people_csv, started_batch

    before = Credential.objects.count()
    people = people_csv(chunks * CHUNK)
    batch = started_batch(
        scene.cast.actor("coordinator"), scene.badge, scene.cast.school, content=people
    )
    waiting = list(batch.chunks.order_by("pk").values_list("pk", flat=True))
    start = time.perf_counter()
    done = [issue_chunk(pk) for pk in waiting]
    seconds = time.perf_counter() - start
    if not all(done) or Credential.objects.count() != before + chunks * CHUNK:
        raise RuntimeError("the chunks were not issued")
    return seconds


@dataclass(frozen=True)
class Approval:
    """What one approval costs: statements and CPU seconds, for the click and for the worker."""

    statements: int
    cpu_seconds: float
    worker_statements: int
    worker_cpu_seconds: float


def single_approval(scene: Scene, number: int) -> Approval:
    """A marked application is approved; then the worker signs and stores it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from badges.enums import Outcome
    from badges.models import Award
    from badges.services.deciding import decide
    from badges.services.issuing import issue
    from partners.selectors.actors import actor_of
    from tests.factories.badges import make_badge, mark_all, submitted

    badge = make_badge(scene.cast.school, f"BENCH{number}-L1", family=f"BENCH{number}")
    application = submitted(scene.cast.teacher, badge)
    reviewer = scene.cast.reviewer
    mark_all(application, reviewer)
    start = time.process_time()
    with CaptureQueriesContext(connection) as click:
        decide(
            by=actor_of(reviewer),
            application=application,
            outcome=Outcome.APPROVE,
            revision=application.revision,
        )
    middle = time.process_time()
    award = Award.objects.get(application=application)
    with CaptureQueriesContext(connection) as worker:
        if not issue(award.pk):
            raise RuntimeError("the award was not issued")
    end = time.process_time()
    return Approval(len(click), middle - start, len(worker), end - middle)
