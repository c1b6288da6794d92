"""The database says no, in words where people may see them."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from guidance.enums import PlacementEvent, WeekState
from guidance.models import DiaryEntry, Goal, PlacementInstructor, Week
from techvet.clock import now
from tests.factories import guidance as make


@pytest.fixture
def placement(cast):
    return make.running(cast)


def refuses(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def test_dates_hours_and_ball(placement):
    def change(**fields):
        refuses(lambda: type(placement).objects.filter(pk=placement.pk).update(**fields))

    change(ends_on=placement.starts_on - dt.timedelta(days=1))
    change(hours_per_week=0)
    change(ball_with="")


def test_weeks(placement):
    week = placement.weeks.first()
    refuses(lambda: Week.objects.create(placement=placement, monday=week.monday))
    tuesday = week.monday + dt.timedelta(days=1)
    refuses(lambda: Week.objects.create(placement=placement, monday=tuesday))
    confirmed = Week.objects.filter(pk=week.pk)
    refuses(lambda: confirmed.update(state=WeekState.CONFIRMED))
    refuses(lambda: confirmed.update(state=WeekState.RETURNED))


def test_entries_and_instructors(cast, placement):
    week = make.waiting_week(cast, placement)
    entry = week.entries.first()
    copy = {"week": week, "hours": 1, "written_by": cast.student}
    refuses(lambda: DiaryEntry.objects.create(day=entry.day, **copy))
    refuses(lambda: DiaryEntry.objects.filter(pk=entry.pk).update(hours=25))
    again = {"placement": placement, "person": cast.instructor}
    refuses(lambda: PlacementInstructor.objects.create(**again))
    placement.instructors.update(ends_at=now())
    PlacementInstructor.objects.create(**again)


def test_names_for_people_who_look_at_rows(cast, placement):
    make.write(cast, placement, make.days_of_week(1, 1), photo=make.picture())
    week = Week.objects.get(state=WeekState.TO_CONFIRM)
    entry = week.entries.get()
    assert str(placement) == "Saara Student, Near Company"
    assert str(week) == f"Saara Student, Near Company, {week.monday:%G-W%V}"
    assert str(entry) == f"{entry.day}: 7.50 h" and str(entry.photo) == f"photo of {entry}"
    assert str(week.moves.get()) == f"{week}: to_confirm"
    assert str(placement.instructors.get()).startswith("Ines Instructor: ")
    assert str(placement.moves.first()) == f"{placement}: {PlacementEvent.LOGGED.value}"
    assert str(Goal(text="Weld")) == "Weld"
