"""Workers die, the queue is away, rings come twice: each approval gives exactly one credential."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from badges.enums import AwardState
from badges.models import Award, Credential
from badges.services.auditing import findings
from badges.services.failpoints import STEPS
from badges.services.issuing import issue, issue_due
from badges.tasks import issue_award
from partners.models import OutgoingMessage
from techvet import doorbell
from techvet.celery import app
from techvet.clock import database_now
from tests.factories.badges import mark_all, queued_award, submitted
from tests.faults.conftest import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def is_issued(award):
    return Award.objects.filter(pk=award.pk, state=AwardState.ISSUED).exists()


def end_leases():
    """What a minute does."""
    Award.objects.filter(state=AwardState.LEASED).update(
        lease_until=database_now() - timedelta(seconds=1)
    )


def check_all_is_well(*awards):
    for award in awards:
        assert is_issued(award)
        assert Credential.objects.filter(award=award).count() == 1
        message = f"badge_issued:{award.public_id}"
        assert OutgoingMessage.objects.filter(unique_key=message).count() == 1
    assert findings() == []


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step(scene, start_worker, step):
    cast, badge = scene
    award = queued_award(cast.teacher, badge, cast.coordinator)
    worker = start_worker(TESTING_FAILPOINTS="1", FAILPOINT=step)
    issue_award.apply_async(args=[award.pk], retry=False)
    worker.wait_killed()
    assert Credential.objects.count() == (1 if step == "after_commit" else 0)
    end_leases()
    issue_due()
    check_all_is_well(award)
    award.refresh_from_db()
    assert award.attempts <= 2


def test_a_worker_issues_what_is_rung_for_and_repeats_are_harmless(scene, start_worker):
    cast, badge = scene
    awards = [
        queued_award(person, badge, cast.coordinator)
        for person in (cast.teacher, cast.second_teacher)
    ]
    start_worker()
    for award in awards * 3:
        issue_award.apply_async(args=[award.pk], retry=False)
    wait_for(lambda: all(is_issued(award) for award in awards))
    check_all_is_well(*awards)


def test_many_threads_issue_the_same_award_once(scene):
    cast, badge = scene
    award = queued_award(cast.teacher, badge, cast.coordinator)
    barrier = threading.Barrier(6)
    results = []

    def run():
        try:
            barrier.wait()
            results.append(issue(award.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 5 + [True]
    check_all_is_well(award)


@pytest.fixture(params=["nobody listens", "accepts and never answers"])
def dead_queue(request, monkeypatch):
    """A broker address that fails in one of two ways."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    if request.param == "nobody listens":
        listener.close()
    else:
        listener.listen(8)
    address = f"redis://127.0.0.1:{port}/0"
    monkeypatch.setattr(app.conf, "broker_url", address)
    monkeypatch.setattr(app.conf, "broker_write_url", address)
    # Connections that are open already would still reach the real queue.
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    monkeypatch.setattr(app, "_pool", None)
    yield
    listener.close()


def test_the_queue_is_away_when_a_coordinator_approves(scene, dead_queue, as_user):
    cast, badge = scene
    application = submitted(cast.teacher, badge)
    mark_all(application, cast.coordinator)
    client: Client = as_user(cast.coordinator)
    begun = time.monotonic()
    answer = client.post(
        f"/reviews/{application.public_id}/decide/",
        {"revision": application.revision, "outcome": "approve", "note": ""},
    )
    assert time.monotonic() - begun < 2
    assert doorbell._silent_until > 0  # it tried, and gave up
    award = Award.objects.get(application=application)
    assert answer.status_code == 302
    assert answer["Location"] == f"/awards/{award.public_id}/"
    assert award.state == AwardState.QUEUED
    assert issue_due() == 1
    check_all_is_well(award)
