"""F17: messages and awards that no worker survives, or that make no sense."""

import base64
import json
import signal

import pytest
import redis
from django.conf import settings

from badges.enums import AwardState
from badges.models import Award
from badges.services.issuing import MAX_ATTEMPTS, issue_due, retry
from badges.services.signing import FrozenFactsDiffer
from badges.tasks import issue_award
from partners.selectors.actors import actor_of
from techvet.celery import app
from tests.faults.conftest import (
    all_issued,
    check_all_is_well,
    end_leases,
    end_waits,
    is_issued,
    many_awards,
    wait_for,
)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def test_f17_messages_that_make_no_sense(scene, reader, start_worker):
    """Started again, as its supervisor does, the worker goes on with what is left."""
    awards = many_awards(scene, 6)
    app.send_task("badges.tasks.no_such_task", args=[1], retry=False)
    issue_award.apply_async(args=["not a number"], retry=False)
    app.send_task(issue_award.name, args=[1, 2, 3], retry=False)
    issue_award.apply_async(args=[-1], retry=False)
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.rpush("portal:celery", "{not json")
        server.lpush("portal:celery", json.dumps({"body": base64.b64encode(b"x").decode()}))
    for award in awards:
        issue_award.apply_async(args=[award.pk], retry=False)
    worker = start_worker()
    starts = 1
    while not all_issued() and starts < 6:
        wait_for(lambda: all_issued() or worker.process.poll() is not None)
        if worker.process.poll() is not None:
            starts += 1
            worker.start()
            worker.wait_ready(starts)
    if not all_issued():
        issue_due()
    check_all_is_well()


def test_f17_an_award_that_kills_its_worker_is_parked_and_the_others_are_issued(
    scene, reader, start_worker, start_sweeper
):
    cast, _badge = scene
    poison, *others = many_awards(scene, 8)
    start_worker(1, FAILPOINT=f"after_claim@{poison.public_id}")
    for number in range(MAX_ATTEMPTS + 1):
        issue_award.apply_async(args=[poison.pk], retry=False)
        wait_for(lambda n=number: _was_tried(poison, n + 1))
        end_leases()
    for award in others:
        issue_award.apply_async(args=[award.pk], retry=False)
    wait_for(lambda: all(is_issued(one) for one in others))
    poison.refresh_from_db()
    assert (poison.state, poison.attempts) == (AwardState.PARKED, MAX_ATTEMPTS)
    retry(by=actor_of(cast.reviewer), award=poison)
    issue_due()
    check_all_is_well()


def _was_tried(award, times):
    award.refresh_from_db()
    return award.attempts >= times or award.state == AwardState.PARKED


def test_f17_an_award_with_broken_facts_is_parked_and_mended(scene, reader, caplog):
    cast, _badge = scene
    broken, *others = many_awards(scene, 4)
    whole = broken.unsigned
    Award.objects.filter(pk=broken.pk).update(unsigned=whole.replace("level 1", "level 9"))
    for _ in range(MAX_ATTEMPTS):
        end_waits()
        issue_due()
    assert all(is_issued(one) for one in others)
    broken.refresh_from_db()
    assert (broken.state, broken.last_error) == (AwardState.PARKED, FrozenFactsDiffer.__name__)
    assert "an award is parked" in caplog.text
    Award.objects.filter(pk=broken.pk).update(unsigned=whole)
    retry(by=actor_of(cast.reviewer), award=broken)
    issue_due()
    check_all_is_well()


def test_f17_a_worker_that_is_only_asked_to_end_is_not_poisoned(scene, start_worker):
    worker = start_worker()
    worker.signal(signal.SIGTERM)
    assert worker.wait_end() == 0
