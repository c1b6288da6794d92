"""F09 to F11: the queue is away, hangs, forgets, refuses. It is only a doorbell."""

import signal
import time

import pytest
import redis
from django.conf import settings

from badges.models import Application, Award
from badges.services.issuing import issue_due
from badges.tasks import issue_award
from partners.models import User
from tests.cast import join
from tests.factories.badges import mark_all, submitted
from tests.faults.conftest import (
    ROUNDS,
    all_issued,
    check_all_is_well,
    many_awards,
    use_queue,
    wait_for,
)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def applications(scene, count):
    """Ready for the decision, from as many people."""
    cast, badge = scene
    people = User.objects.bulk_create(
        User(name=f"Person {one}", email=f"person-{one}@example.org") for one in range(count)
    )
    rows = []
    for person in people:
        join(person, cast.school, "teacher")
        rows.append(submitted(person, badge))
        mark_all(rows[-1], cast.coordinator)
    return rows


@pytest.fixture
def ringing(monkeypatch):
    """How long each ring of this process took, in seconds."""
    from badges.services import rings

    seconds, ring = [], rings.ring

    def timed(*args):
        begun = time.monotonic()
        answer = ring(*args)
        seconds.append(time.monotonic() - begun)
        return answer

    monkeypatch.setattr(rings, "ring", timed)
    return seconds


def approve(client, application):
    """Seconds until the coordinator has the answer, all that follows the commit included."""
    begun = time.monotonic()
    answer = client.post(
        f"/reviews/{application.public_id}/decide/",
        {"revision": application.revision, "outcome": "approve", "note": ""},
    )
    assert answer.status_code == 302, answer.content[:500]
    return time.monotonic() - begun


def check_nobody_waited(seconds, well, ringing):
    """No answer took two seconds more than one did with the queue (`well`), nor did any ring.

    What the machine itself is slow at, both have in common.
    """
    assert max(seconds) < max(well) + 2, (seconds, well)
    assert max(ringing) < 2, ringing


def test_f09_the_queue_is_stopped_when_fifty_are_approved(
    scene, reader, valkey, as_user, start_sweeper, ringing
):
    cast, _badge = scene
    rows = applications(scene, 55)
    start_sweeper()
    client = as_user(cast.coordinator)
    well = [approve(client, one) for one in rows[:5]]
    ringing.clear()
    valkey.stop()
    seconds = [approve(client, one) for one in rows[5:]]
    check_nobody_waited(seconds, well, ringing)
    assert len(ringing) >= 50
    assert Application.objects.filter(state="approved").count() == 55
    wait_for(all_issued)
    check_all_is_well()


@pytest.mark.parametrize("how", ["SIGSTOP", "CLIENT PAUSE"])
def test_f10_the_queue_accepts_and_never_answers(scene, reader, valkey, as_user, ringing, how):
    cast, _badge = scene
    rows = applications(scene, 6)
    client = as_user(cast.coordinator)
    well = [approve(client, one) for one in rows[:3]]
    ringing.clear()
    if how == "SIGSTOP":
        valkey.freeze()
    else:
        with redis.Redis.from_url(valkey.url) as server:
            server.execute_command("CLIENT", "PAUSE", "20000", "ALL")
    seconds = [approve(client, one) for one in rows[3:]]
    check_nobody_waited(seconds, well, ringing)
    assert issue_due() == 6
    check_all_is_well()


@pytest.mark.parametrize("how", ["flushed", "started empty", "wrong password", "full"])
def test_f11_the_queue_forgets_or_refuses(
    scene, reader, valkey, start_worker, start_sweeper, monkeypatch, how
):
    count = 40 * ROUNDS if how == "flushed" else 20
    awards = many_awards(scene, count)
    if how == "wrong password":
        use_queue(monkeypatch, f"{valkey.url}&password=wrong")
        with redis.Redis.from_url(valkey.url) as server:
            server.config_set("requirepass", "secret")
    if how == "full":
        with redis.Redis.from_url(valkey.url) as server:
            server.config_set("maxmemory", "1")
    for award in awards:
        _ring(award)
    if how == "flushed":
        with redis.Redis.from_url(settings.REDIS_URL) as server:
            assert server.llen("portal:celery") >= count
            server.flushall()
    if how == "started empty":
        valkey.stop()
        valkey.start()
        start_worker()
    start_sweeper()
    wait_for(all_issued, seconds=60)
    check_all_is_well()
    assert Award.objects.count() == count


def _ring(award):
    """As a web process rings: a refusal is swallowed."""
    from techvet.doorbell import ring

    ring(issue_award, award.pk)


def test_f10_a_frozen_queue_goes_on_where_it_was(scene, reader, valkey, start_worker):
    awards = many_awards(scene, 10)
    worker = start_worker()
    for award in awards[:5]:
        issue_award.apply_async(args=[award.pk], retry=False)
    valkey.freeze()
    time.sleep(1.5)
    valkey.freeze(signal.SIGCONT)
    for award in awards[5:]:
        wait_for(lambda award=award: _rung(award))
    wait_for(all_issued)
    assert worker.process.poll() is None, worker.text()
    check_all_is_well()


def _rung(award):
    try:
        issue_award.apply_async(args=[award.pk], retry=False)
    except Exception:
        return False
    return True
