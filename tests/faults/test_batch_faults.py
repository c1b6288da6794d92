"""Workers die while they issue a list: each good row gets exactly one credential, no row two."""

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from badges.enums import AwardState, BatchState, ChunkState
from badges.models import Award, BatchChunk, Credential, IssuingBatch
from badges.services import batch_issuing, batches
from badges.services.batch_issuing import STEPS, issue_chunk, issue_due_chunks
from badges.services.verifying import verify_credential
from badges.tasks import issue_batch_chunk
from partners.models import AuditEvent, OutgoingMessage
from techvet.clock import database_now
from tests.factories.batches import people_csv, started_batch
from tests.faults.conftest import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def end_leases():
    """What a minute does."""
    BatchChunk.objects.filter(state=ChunkState.LEASED).update(
        lease_until=database_now() - timedelta(seconds=1)
    )


def check_all_is_well(batch, count):
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    awards = Award.objects.filter(batch=batch, state=AwardState.ISSUED)
    assert set(awards.values_list("recipient_email", flat=True)) == set(
        batch.rows.filter(error="").values_list("email", flat=True)
    )
    assert awards.count() == Credential.objects.filter(award__batch=batch).count() == count
    places = set(awards.values_list("status_list", "status_index"))
    assert len(places) == count
    assert batch.rows.filter(is_issued=True).count() == count
    keys = [f"badge_issued:{pk}" for pk in awards.values_list("public_id", flat=True)]
    assert OutgoingMessage.objects.filter(unique_key__in=keys).count() == count
    lines = AuditEvent.objects.filter(verb="batch_chunk_issued", thing_id=str(batch.public_id))
    assert sum(line.data["count"] for line in lines) == count
    for award in awards.select_related("credential")[:3]:
        verdict = verify_credential(award.credential.body.encode(), email=award.recipient_email)
        assert verdict.outcome == "valid"


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step(scene, start_worker, step):
    cast, badge = scene
    batch = started_batch(cast.actor("coordinator"), badge, cast.school, count=7)
    chunk = batch.chunks.get()
    worker = start_worker(TESTING_FAILPOINTS="1", FAILPOINT=step)
    issue_batch_chunk.apply_async(args=[chunk.pk], retry=False)
    worker.wait_killed()
    assert (
        Credential.objects.count() == Award.objects.count() == (7 if step == "after_commit" else 0)
    )
    end_leases()
    issue_due_chunks()
    check_all_is_well(batch, 7)
    chunk.refresh_from_db()
    assert chunk.attempts <= 2


def test_a_worker_issues_what_is_rung_for_and_repeats_do_nothing(scene, start_worker, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 4)
    cast, badge = scene
    batch = started_batch(cast.actor("coordinator"), badge, cast.school, count=10)
    start_worker()
    for pk in [*batch.chunks.values_list("pk", flat=True)] * 3:
        issue_batch_chunk.apply_async(args=[pk], retry=False)
    wait_for(lambda: IssuingBatch.objects.get(pk=batch.pk).state == BatchState.DONE)
    check_all_is_well(batch, 10)


def test_many_threads_issue_every_chunk_once(scene, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 3)
    cast, badge = scene
    batch = started_batch(cast.actor("coordinator"), badge, cast.school, count=9)
    chunks = list(batch.chunks.values_list("pk", flat=True))
    barrier = threading.Barrier(4)
    results = []

    def run():
        try:
            barrier.wait()
            results.extend(issue_chunk(pk) for pk in chunks)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(results) == 3
    check_all_is_well(batch, 9)


def test_stopped_while_a_worker_is_at_it(scene, start_worker, monkeypatch):
    """The chunk under way ends, the others wait until somebody goes on."""
    monkeypatch.setattr(batches, "CHUNK", 5)
    cast, badge = scene
    by = cast.actor("coordinator")
    batch = started_batch(by, badge, cast.school, count=10)
    first, second = batch.chunks.values_list("pk", flat=True)
    assert issue_chunk(first)
    batches.cancel_batch(by=by, batch=batch)
    start_worker()
    issue_batch_chunk.apply_async(args=[second], retry=False)
    assert Award.objects.count() == 5
    batches.resume_batch(by=by, batch=batch)
    wait_for(lambda: IssuingBatch.objects.get(pk=batch.pk).state == BatchState.DONE)
    check_all_is_well(batch, 10)


class Killed(BaseException):
    """Stands for a process that ends here: nothing of ours catches it."""


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_every_good_row_gets_exactly_one_credential(scene, monkeypatch, data):
    """Any number of deaths at any steps, repeats, stops and resumptions in any order."""
    cast, badge = scene
    by = cast.actor("coordinator")
    count = data.draw(st.integers(1, 9), label="people")
    size = data.draw(st.integers(1, 4), label="chunk")
    fates = st.sampled_from([*STEPS, None, "stop"])
    script = data.draw(st.lists(fates, max_size=12), label="fates")
    with monkeypatch.context() as patch:
        patch.setattr(batches, "CHUNK", size)
        batch = started_batch(
            by, badge, cast.school, content=people_csv(count) + b"\nNobody;\nNo;no\n"
        )
        for fate in script:
            step_of(fate, batch, by, patch)
            end_leases()
        patch.setattr(batch_issuing, "failpoint", lambda _step: None)
        batch.refresh_from_db()
        if batch.state == BatchState.CANCELLED or batch.chunks.filter(state="parked").exists():
            batches.resume_batch(by=by, batch=batch)
        issue_due_chunks()
    check_all_is_well(batch, count)


def step_of(fate, batch, by, patch):
    """One try at the first open chunk that ends at `fate`; or a stop and a resumption."""
    batch.refresh_from_db()
    if fate == "stop" and batch.state == BatchState.RUNNING:
        batches.cancel_batch(by=by, batch=batch)
        return
    if fate == "stop" and batch.state == BatchState.CANCELLED:
        batches.resume_batch(by=by, batch=batch)
        return

    def dies(step):
        if step == fate:
            raise Killed

    patch.setattr(batch_issuing, "failpoint", dies)
    chunk = batch.chunks.exclude(state=ChunkState.DONE).first() or batch.chunks.first()
    with contextlib.suppress(Killed):
        issue_chunk(chunk.pk)
