"""F16, F18, F20, F25, F26: many at once, repeats, slow ones; one decision, one credential."""

import signal
import threading

import pytest
from django.db import connection

from badges.enums import AwardState, Outcome
from badges.models import Application, Award, Credential
from badges.services.applying import withdraw_application
from badges.services.deciding import decide
from badges.services.issuing import issue, issue_due
from badges.tasks import issue_award
from partners.selectors.actors import actor_of
from techvet.errors import Refused
from tests.factories.badges import make_badge, mark_all, queued_award, submitted
from tests.faults.conftest import (
    ROUNDS,
    all_issued,
    check_all_is_well,
    end_leases,
    many_awards,
    wait_for,
)
from tests.faults.pages import slowest_of_95_percent

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def at_once(*deeds):
    """Runs all in threads that begin together; what each returned or refused, in order."""
    barrier = threading.Barrier(len(deeds))
    results = [None] * len(deeds)

    def run(number, deed):
        try:
            barrier.wait()
            results[number] = deed()
        except Refused as refusal:
            results[number] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_f16_every_ring_comes_three_times(scene, reader, start_worker):
    """Four worker processes, two hundred awards."""
    awards = many_awards(scene, 40 * ROUNDS)
    start_worker(4)
    for award in awards:
        for _ in range(3):
            issue_award.apply_async(args=[award.pk], retry=False)
    wait_for(all_issued)
    check_all_is_well()
    assert Award.objects.filter(attempts=1).count() == 40 * ROUNDS


def test_f16_many_threads_issue_the_same_award_once(scene):
    cast, badge = scene
    award = queued_award(cast.teacher, badge, cast.coordinator)
    assert sorted(at_once(*[lambda: issue(award.pk)] * 6)) == [False] * 5 + [True]
    check_all_is_well()


def test_f18_two_workers_and_two_sweepers(scene, reader, start_worker, start_sweeper):
    awards = many_awards(scene, 40 * ROUNDS)
    for _ in range(2):
        start_sweeper()
        start_worker()
    for award in awards:
        issue_award.apply_async(args=[award.pk], retry=False)
    wait_for(all_issued)
    check_all_is_well()


def test_f20_the_first_worker_was_only_slow(scene, reader, start_worker):
    """Stopped after signing, for longer than its lease; its own insert then meets the other's."""
    (award,) = many_awards(scene, 1)
    slow = start_worker(FAILPOINT="after_sign:1!stop")
    issue_award.apply_async(args=[award.pk], retry=False)
    wait_for(slow.is_stopped)
    end_leases()
    assert issue_due() == 1
    body = Credential.objects.get(award=award).body
    slow.signal(signal.SIGCONT)
    wait_for(lambda: "issue_award[" in slow.text() and "succeeded" in slow.text())
    assert "issuing failed" not in slow.text()
    assert Credential.objects.get(award=award).body == body
    check_all_is_well()


def test_f25_very_many_are_due_at_once(scene, reader, start_sweeper):
    """After an outage: one at a time in each sweeper, and pages are still answered in time."""
    count = 300 * ROUNDS
    many_awards(scene, count)
    before = _slowest_when_calm(reader)
    begun, most = len(reader.answers), 0
    start_sweeper()
    start_sweeper()

    def is_done():
        nonlocal most
        most = max(most, Award.objects.filter(state=AwardState.LEASED).count())
        return all_issued()

    wait_for(is_done, seconds=60 + count / 4)
    during = slowest_of_95_percent(reader.answers[begun:])
    assert most <= 2
    # What the machine is slow at by itself is no fault of ours.
    assert during < 0.5 + 2 * before, (before, during)
    check_all_is_well()


def _slowest_when_calm(reader):
    """After the first reading of each page, which fills the caches."""
    begun = len(reader.answers)
    wait_for(lambda: len(reader.answers) >= begun + 10)
    return slowest_of_95_percent(reader.answers[begun:])


@pytest.mark.parametrize("other", ["withdraw", "decline", "return", "approve"])
def test_f26_an_approval_meets_something_else(scene, reader, other):
    """Exactly one of them counts: a credential, or none."""
    cast, _badge = scene
    for number in range(3 * ROUNDS):
        badge = make_badge(cast.school, f"GDE-{number}-L1", family=f"GDE-{number}")
        application = submitted(cast.teacher, badge)
        mark_all(application, cast.coordinator)
        first, second = at_once(
            lambda a=application: _decide(cast.coordinator, a, Outcome.APPROVE),
            lambda a=application: _other(cast, a, other),
        )
        issue_due()
        application.refresh_from_db()
        is_approved = application.state == "approved"
        awards = Award.objects.filter(application=application)
        assert awards.count() == Credential.objects.filter(award__in=awards).count()
        assert awards.count() == (1 if is_approved else 0)
        # exactly one of the two was told no
        assert isinstance(first, Refused) != isinstance(second, Refused)
    check_all_is_well()


def _decide(reviewer, application, outcome):
    return decide(
        by=actor_of(reviewer),
        application=Application.objects.get(pk=application.pk),
        outcome=outcome,
        revision=1,
        note="Not enough yet.",
    )


def _other(cast, application, other):
    if other == "withdraw":
        return withdraw_application(by=actor_of(cast.teacher), application=application)
    return _decide(cast.coordinator, application, other)


def test_f26_revoking_and_suspending_meet_issuing(scene, reader):
    """What is not issued yet is not revoked; afterwards one state is told everywhere."""
    from badges.services.revoking import revoke_award
    from badges.services.status_lists import publish_due
    from badges.services.suspending import suspend_award

    cast, badge = scene
    award = queued_award(cast.teacher, badge, cast.coordinator)
    by = actor_of(cast.coordinator)
    at_once(
        lambda: issue(award.pk),
        lambda: revoke_award(by=by, award=award, reason="issued_in_error"),
        lambda: suspend_award(by=by, award=award, note="We ask."),
    )
    issue_due()  # the row may have been held by another when issuing asked for it
    assert Award.objects.get(pk=award.pk).state == AwardState.ISSUED
    publish_due()
    check_all_is_well()
