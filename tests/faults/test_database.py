"""F12 to F15: the database refuses, ends sessions, is away, or asks for another try."""

import time

import psycopg2
import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import InterfaceError, OperationalError, connection

from badges.enums import AwardState
from badges.models import Award, Credential
from badges.services.issuing import MAX_ATTEMPTS, issue, issue_due, retry
from tests.faults.conftest import (
    all_issued,
    check_all_is_well,
    end_waits,
    is_issued,
    many_awards,
    public_paths,
    set_scene,
    wait_for,
)
from tests.faults.pages import Reader
from tests.workers import worker_environment

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]


def run_sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def trap(scene):
    """A trigger on the table of credentials, gone after the test."""

    def set_trap(body):
        run_sql(
            "CREATE SEQUENCE fault_passes; CREATE FUNCTION fault() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$;"
            " CREATE TRIGGER fault BEFORE INSERT ON badges_credential"
            " FOR EACH ROW EXECUTE FUNCTION fault()"
        )

    yield set_trap
    run_sql(
        "DROP TRIGGER IF EXISTS fault ON badges_credential; DROP FUNCTION IF EXISTS fault();"
        " DROP SEQUENCE IF EXISTS fault_passes"
    )


def test_f12_one_marked_award_is_refused_and_the_others_are_not(
    scene, reader, trap, start_worker, caplog
):
    cast, _badge = scene
    marked, *others = many_awards(scene, 12)
    trap(f"IF NEW.award_id = {marked.pk} THEN RAISE EXCEPTION 'no room'; END IF;")
    for _ in range(MAX_ATTEMPTS):
        end_waits()
        issue_due()
    assert all(is_issued(one) for one in others)
    marked.refresh_from_db()
    assert (marked.state, marked.attempts) == (AwardState.PARKED, MAX_ATTEMPTS)
    assert [one.message for one in caplog.records].count("an award is parked") == 1
    run_sql("DROP TRIGGER fault ON badges_credential")
    frozen = marked.unsigned_sha256
    start_worker()
    from partners.selectors.actors import actor_of

    retry(by=actor_of(cast.reviewer), award=marked)  # rings the worker
    wait_for(all_issued)
    marked.refresh_from_db()
    assert marked.unsigned_sha256 == frozen
    check_all_is_well()


def test_f13_sessions_are_ended_again_and_again(scene, reader, start_worker, start_sweeper):
    """Those of all workers and sweepers; the pages are read through others."""
    many_awards(scene, 60)
    start_worker(PGAPPNAME="fault")
    start_sweeper(PGAPPNAME="fault")
    killer = psycopg2.connect(worker_environment()["DATABASE_URL"])
    killer.autocommit = True
    deadline = time.monotonic() + 5
    ended = 0
    while time.monotonic() < deadline:
        with killer.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name = 'fault' AND datname = current_database()"
            )
            ended += cursor.fetchone()[0]
        time.sleep(0.3)
        end_waits()
    killer.close()
    assert ended > 2
    wait_for(lambda: end_waits() or all_issued())
    check_all_is_well()


def test_f14_the_database_is_stopped_and_started(
    postgres, django_db_blocker, live_server, start_worker, start_sweeper
):
    """Pages say so in words, with 503; nothing that was decided is lost."""
    scene = set_scene()
    many_awards(scene, 8)
    reader = Reader(str(live_server), [*public_paths(), "/"], may_rest=True)
    reader.start()
    worker = start_worker()
    start_sweeper(FAILPOINT="")
    postgres.stop()
    connection.close()
    with pytest.raises((OperationalError, InterfaceError)):
        Award.objects.count()
    time.sleep(2)
    connection.close()
    postgres.start()
    connection.close()
    assert worker.process.poll() is None
    wait_for(lambda: end_waits() or all_issued())
    time.sleep(1)
    reader.judge()
    statuses = {status for _path, status, _seconds, _body in reader.answers}
    assert {200, 503} <= statuses
    check_all_is_well()


@pytest.mark.parametrize("code", ["40P01", "40001"])
def test_f15_the_database_asks_for_another_try(scene, reader, trap, code):
    """Twice no, then yes: that counts as one attempt."""
    (award,) = many_awards(scene, 1)
    trap(f"IF nextval('fault_passes') < 3 THEN RAISE EXCEPTION 'x' USING ERRCODE='{code}'; END IF;")
    assert issue(award.pk)
    award.refresh_from_db()
    assert award.attempts == 1
    check_all_is_well()


def test_f15_no_more_than_three_tries(scene, reader, trap):
    (award,) = many_awards(scene, 1)
    trap("PERFORM nextval('fault_passes'); RAISE EXCEPTION 'x' USING ERRCODE='40P01';")
    assert not issue(award.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM fault_passes")
        assert cursor.fetchone()[0] == 3
    with pytest.raises(ObjectDoesNotExist):
        Credential.objects.get(award=award)
    run_sql("DROP TRIGGER fault ON badges_credential")
    end_waits()
    assert issue_due() == 1
    check_all_is_well()
