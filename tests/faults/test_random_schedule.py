"""F30: everything together, in an order that a printed seed repeats."""

import os
import random
import signal
import time

import pytest
import redis
from django.db import connection

from badges.models import Award
from badges.services.keys import active_key_of, rotate_key
from badges.services.revoking import revoke_award
from badges.services.status_lists import publish_due
from badges.services.suspending import suspend_award
from badges.tasks import issue_award
from partners.selectors.actors import actor_of
from techvet.actor import Actor
from techvet.doorbell import ring
from tests.faults.conftest import (
    ROUNDS,
    all_issued,
    check_all_is_well,
    end_waits,
    is_issued,
    many_awards,
    wait_for,
)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
SECONDS = 6.0  # times FAULT_ROUNDS: a hundred rounds are ten minutes


def test_f30_anything_at_any_time(scene, reader, valkey, start_worker, start_sweeper, capsys):
    seed = int(os.environ.get("FAULT_SEED", random.randrange(10**6)))
    with capsys.disabled():
        print(f"\nFAULT_SEED={seed}")
    chance = random.Random(seed)
    cast, _badge = scene
    worker = start_worker(PGAPPNAME="fault")
    sweeper = start_sweeper(PGAPPNAME="fault")
    starts = 1

    def decide_more():
        for award in many_awards(scene, chance.randint(1, 12)):
            for _ in range(chance.randint(0, 3)):
                ring(issue_award, award.pk)

    def kill_worker():
        worker.signal(signal.SIGKILL, group=True)
        worker.wait_end()
        worker.start()

    def freeze(process):
        process.signal(signal.SIGSTOP)
        time.sleep(chance.uniform(0.2, 1.5))
        process.signal(signal.SIGCONT)

    def freeze_queue():
        valkey.freeze()
        time.sleep(chance.uniform(0.2, 1.0))
        valkey.freeze(signal.SIGCONT)

    def restart_queue():
        valkey.stop()
        valkey.start()

    def forget():
        with redis.Redis.from_url(valkey.url) as server:
            server.flushall()

    def end_sessions():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'fault' AND datname = current_database()"
            )

    def change_the_key():
        rotate_key(by=Actor.system(), issuer=cast.school)

    def take_one_back():
        award = Award.objects.filter(state="issued", revoked_at__isnull=True).first()
        if award is not None:
            revoke_award(by=actor_of(cast.reviewer), award=award, reason="earner_asked")

    def suspend_one():
        rows = Award.objects.filter(state="issued", revoked_at__isnull=True)
        award = rows.filter(suspended_at__isnull=True).last()
        if award is not None:
            suspend_award(by=actor_of(cast.reviewer), award=award, note="We ask.")

    deeds = [
        *[decide_more] * 4,
        kill_worker,
        lambda: freeze(worker),
        lambda: freeze(sweeper),
        freeze_queue,
        restart_queue,
        forget,
        *[end_sessions] * 2,
        change_the_key,
        take_one_back,
        suspend_one,
        end_waits,
    ]
    decide_more()
    deadline = time.monotonic() + SECONDS * ROUNDS
    while time.monotonic() < deadline:
        chance.choice(deeds)()
        if sweeper.process.poll() is not None:  # its supervisor starts it again
            sweeper.start()
            starts += 1
        time.sleep(chance.uniform(0, 0.4))
    key = active_key_of(cast.school)
    wait_for(lambda: end_waits() or all_issued())
    publish_due()
    last = many_awards(scene, 1)[0]
    assert last.key == key
    wait_for(lambda: is_issued(last))
    check_all_is_well()
