"""F01 to F08: processes are killed in the middle of their work, or end as they should."""

import signal
import subprocess
import sys

import pytest

from badges.enums import AwardState
from badges.models import Award, Credential
from badges.services.failpoints import STEPS
from badges.services.issuing import issue_due
from badges.tasks import issue_award
from partners.enums import MessageState
from partners.models import OutgoingMessage
from tests.factories.badges import mark_all, queued_award, submitted
from tests.faults.conftest import (
    ROUNDS,
    all_issued,
    check_all_is_well,
    end_leases,
    many_awards,
    wait_for,
)
from tests.workers import ROOT, worker_environment

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


@pytest.mark.parametrize("step", STEPS)
def test_f01_to_f05_killed_at_each_step(scene, reader, start_worker, step):
    cast, badge = scene
    award = queued_award(cast.teacher, badge, cast.coordinator)
    worker = start_worker(FAILPOINT=step)
    issue_award.apply_async(args=[award.pk], retry=False)
    worker.wait_killed()
    assert Credential.objects.count() == (1 if step == "after_commit" else 0)
    end_leases()
    issue_due()
    check_all_is_well()
    award.refresh_from_db()
    assert award.attempts <= 2


def test_f06_a_whole_worker_is_killed_and_stays_away(scene, reader, start_worker, start_sweeper):
    """Its children with it, at work on twenty; the sweeper finds them all."""
    awards = many_awards(scene, 20)
    worker = start_worker(4)
    for award in awards:
        issue_award.apply_async(args=[award.pk], retry=False)
    wait_for(lambda: Award.objects.exclude(state=AwardState.QUEUED).exists())
    worker.signal(signal.SIGKILL, group=True)
    worker.wait_end()
    start_sweeper()
    wait_for(all_issued)
    check_all_is_well()


def test_f07_rolling_restarts_under_load(scene, reader, start_worker):
    """Asked to end, a worker ends what it does; the next one goes on. Ten times, if asked."""
    restarts = min(10, 2 * ROUNDS)
    awards = many_awards(scene, 20 * restarts)
    worker = start_worker(2)
    for number in range(restarts):
        for award in awards[20 * number : 20 * number + 20]:
            issue_award.apply_async(args=[award.pk], retry=False)
        following = start_worker(2)
        worker.signal(signal.SIGTERM)
        assert worker.wait_end() == 0, worker.text()
        assert "Traceback" not in worker.text()
        worker = following
    wait_for(all_issued)
    check_all_is_well()


DECIDE = """
import os, signal, sys, django
django.setup()
from badges.models import Application
from badges.services import rings
from badges.services.deciding import decide
from partners.models import User
from partners.selectors.actors import actor_of
rings.ring = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
application = Application.objects.get(pk=sys.argv[1])
decide(
    by=actor_of(User.objects.get(pk=sys.argv[2])),
    application=application,
    outcome="approve",
    revision=application.revision,
)
"""


def test_f08_the_web_process_dies_between_the_commit_and_the_ring(scene, reader, start_sweeper):
    cast, badge = scene
    application = submitted(cast.teacher, badge)
    mark_all(application, cast.coordinator)
    sweeper = start_sweeper()
    # The letters to the reviewers are gone: the sweeper has been round once.
    wait_for(lambda: not OutgoingMessage.objects.exclude(state=MessageState.SENT).exists())
    sweeper.signal(signal.SIGSTOP)  # so that what is seen next is what the dead process left
    answer = subprocess.run(
        [sys.executable, "-c", DECIDE, str(application.pk), str(cast.coordinator.pk)],
        cwd=ROOT,
        env=worker_environment(DJANGO_SETTINGS_MODULE="techvet.settings", MASTER_KEY_FILE=""),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == -signal.SIGKILL, answer.stderr
    assert Award.objects.get(application=application).state == AwardState.QUEUED
    sweeper.signal(signal.SIGCONT)
    wait_for(all_issued, seconds=15)
    check_all_is_well()
