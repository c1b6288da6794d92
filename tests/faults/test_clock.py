"""F19: the clock of one machine is wrong by hours. Only the database's clock counts."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from badges.models import Award
from badges.services.issuing import issue_due
from badges.tasks import issue_award
from techvet.clock import database_now
from techvet.management.commands.sweep import watch_clock
from tests.factories.badges import queued_award
from tests.faults.conftest import all_issued, check_all_is_well, many_awards, wait_for

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.mark.parametrize("hours", [2, -2])
def test_f19_a_worker_with_another_time(scene, reader, start_worker, hours):
    awards = many_awards(scene, 6)
    worker = start_worker(hours=hours)
    for award in awards:
        issue_award.apply_async(args=[award.pk], retry=False)
    # To a clock ahead each ring is an old one, and dropped; then the sweeper issues.
    wait_for(lambda: all_issued() or worker.text().count("Discarding revoked") >= 6)
    issue_due()
    check_all_is_well()
    at = database_now()
    for award in Award.objects.all():
        assert abs(award.issued_at - at) < timedelta(minutes=5)


@pytest.mark.parametrize("hours", [2, -2])
def test_f19_a_web_process_with_another_time(scene, hours):
    cast, badge = scene
    wrong = datetime.now(UTC) + timedelta(hours=hours)
    with time_machine.travel(wrong, tick=True):
        award = queued_award(cast.teacher, badge, cast.coordinator)
        assert abs(award.issued_at - database_now()) < timedelta(minutes=5)
        assert issue_due() == 1
    check_all_is_well()


@pytest.mark.parametrize(("seconds", "alarms"), [(0, 0), (4, 0), (7, 1), (-7, 1), (7200, 1)])
def test_f19_a_wrong_clock_is_told(db, caplog, seconds, alarms):
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True):
        assert watch_clock() == alarms
    assert ("the clock differs" in caplog.text) == bool(alarms)
