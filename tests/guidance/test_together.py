"""Two people at the same moment, with real transactions: one wins, nothing is doubled."""

import threading
from decimal import Decimal

import pytest
from django.db import connection

from guidance.models import DiaryEntry, Placement, Week
from guidance.services import weeks
from guidance.services.decisions import (
    accept_placement,
    advance_due,
    cancel_placement,
    confirm_placement,
    decline_placement,
)
from guidance.services.diary import write_day
from guidance.services.instructors import hand_over
from guidance.services.placements import log_placement
from partners.models import OutgoingMessage
from techvet.errors import Refused
from tests.cast import assemble
from tests.factories import guidance as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db):
    return assemble()


def at_once(*deeds):
    """Runs the deeds in threads that start together; returns what each gave or refused."""
    barrier = threading.Barrier(len(deeds))
    results = [None] * len(deeds)

    def run(place, deed):
        barrier.wait()
        try:
            results[place] = ("done", deed())
        except Refused as refusal:
            results[place] = ("refused", refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def outcomes(results):
    return sorted(outcome for outcome, _what in results)


def test_two_taps_on_log_make_one_placement(cast):
    def log():
        return log_placement(
            by=cast.actor("instructor"),
            company=cast.company,
            student=cast.student,
            teacher=cast.teacher,
            plan=make.plan(-1),
        )

    results = at_once(log, log, log)
    assert outcomes(results) == ["done", "refused", "refused"]
    assert {code for outcome, code in results if outcome == "refused"} == {"already_there"}
    assert Placement.objects.count() == 1
    assert OutgoingMessage.objects.filter(kind="placement_logged").count() == 1


def test_two_taps_on_confirm_confirm_once(cast):
    week = make.waiting_week(cast, make.running(cast))

    def confirm():
        return weeks.confirm_week(by=cast.actor("instructor"), week=week)

    assert outcomes(at_once(confirm, confirm)) == ["done", "refused"]
    assert week.moves.filter(event="confirmed").count() == 1


def test_confirm_and_return_at_once(cast):
    week = make.waiting_week(cast, make.running(cast))
    by = cast.actor("instructor")
    results = at_once(
        lambda: weeks.confirm_week(by=by, week=week),
        lambda: weeks.return_week(by=by, week=week, reason="No."),
    )
    assert outcomes(results) == ["done", "refused"]
    found = Week.objects.get(pk=week.pk)
    assert (found.confirmed_at is not None) == (found.state == "confirmed")


def test_writing_while_the_workplace_confirms(cast):
    placement = make.running(cast)
    week = make.waiting_week(cast, placement)
    day = make.days_of_week()[0]
    seen = weeks.fingerprint(week)
    results = at_once(
        lambda: weeks.confirm_week(by=cast.actor("instructor"), week=week, seen=seen),
        lambda: write_day(by=cast.actor("student"), placement=placement, day=day, hours=Decimal(2)),
    )
    assert outcomes(results) == ["done", "refused"]
    hours = DiaryEntry.objects.get(week=week, day=day).hours
    confirmed = Week.objects.get(pk=week.pk).state == "confirmed"
    assert hours == (Decimal("7.5") if confirmed else Decimal(2))


def test_two_devices_write_the_same_day(cast):
    placement = make.running(cast)
    day = make.days_of_week()[0]

    def write(hours):
        return lambda: write_day(
            by=cast.actor("student"), placement=placement, day=day, hours=Decimal(hours)
        )

    assert outcomes(at_once(write(6), write(7))) == ["done", "done"]
    assert DiaryEntry.objects.get().hours in (6, 7)
    assert Week.objects.filter(placement=placement).count() == 8


def test_accept_and_decline_at_once(cast):
    placement = make.logged(cast)
    results = at_once(
        lambda: accept_placement(by=cast.actor("teacher"), placement=placement),
        lambda: decline_placement(
            by=cast.actor("coordinator"), placement=placement, reason="Full."
        ),
    )
    assert outcomes(results) == ["done", "refused"]
    placement.refresh_from_db()
    decided = placement.moves.filter(event__in=["accepted", "declined"])
    assert decided.count() == 1
    assert (placement.state == "declined") == (decided.get().event == "declined")


def test_confirm_and_cancel_a_proposal_at_once(cast):
    placement = make.proposed(cast)
    results = at_once(
        lambda: confirm_placement(by=cast.actor("instructor"), placement=placement),
        lambda: cancel_placement(by=cast.actor("teacher"), placement=placement, reason="No."),
    )
    placement.refresh_from_db()
    # The school may also cancel what has just been agreed, so both may be done, in this order.
    assert placement.state in ("accepted", "cancelled")
    assert ("done" in outcomes(results)) and placement.moves.count() == 1 + sum(
        outcome == "done" for outcome, _what in results
    )


def test_two_who_were_asked_confirm_at_once(cast):
    placement = make.proposed(cast, instructor=None)
    results = at_once(
        lambda: confirm_placement(by=cast.actor("instructor"), placement=placement),
        lambda: confirm_placement(by=cast.actor("second_instructor"), placement=placement),
    )
    assert outcomes(results) == ["done", "refused"]
    assert placement.instructors.count() == 1


def test_two_hand_overs_at_once_leave_one_instructor(cast):
    placement = make.running(cast)

    def give(name):
        return lambda: hand_over(
            by=cast.actor("instructor"),
            placements=[placement],
            name=name,
            email_or_phone=f"{name}@example.org",
        )

    assert outcomes(at_once(give("kaisa"), give("kalle"))) == ["done", "refused"]
    assert placement.instructors.filter(ends_at=None).count() == 1


def test_two_sweepers_move_once(cast):
    placement = make.logged(cast)
    Placement.objects.update(state="accepted", ball_with="student")
    results = at_once(advance_due, advance_due)
    assert outcomes(results) == ["done", "done"]
    assert sum(moved for _outcome, moved in results) == 1
    assert placement.moves.filter(event="started").count() == 1
