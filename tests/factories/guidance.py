"""Placements in the state that a test needs, made by the app's own services."""

import datetime as dt
import io
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from guidance.models import DiaryEntry, Placement, Week
from guidance.selectors.weeks import monday_of
from guidance.services.decisions import accept_placement
from guidance.services.diary import write_day
from guidance.services.placements import Plan, log_placement, propose_placement
from partners.enums import FieldOfStudy
from techvet.clock import today
from tests.cast import Cast


def plan(weeks_ago: int = 2, weeks: int = 8, **more: object) -> Plan:
    """From a Monday; a negative `weeks_ago` is ahead."""
    first = monday_of(today()) - dt.timedelta(days=7 * weeks_ago)
    fields = {
        "field_of_study": FieldOfStudy.MECHANICS,
        "starts_on": first,
        "ends_on": first + dt.timedelta(days=7 * weeks - 3),
        "hours_per_week": Decimal("37.5"),
        "tasks": ["Turning", "Milling"],
        **more,
    }
    return Plan(**fields)  # type: ignore[arg-type]


def logged(cast: Cast, weeks_ago: int = 2, **people: object) -> Placement:
    """By the instructor; the school has not answered."""
    return log_placement(
        by=cast.actor("instructor"),
        company=cast.company,
        student=people.get("student", cast.student),  # type: ignore[arg-type]
        teacher=people.get("teacher", cast.teacher),  # type: ignore[arg-type]
        plan=plan(weeks_ago),
    )


def proposed(cast: Cast, by: str = "teacher", weeks_ago: int = -1, **more: object) -> Placement:
    """To the instructor, by the teacher or by the student."""
    return propose_placement(
        by=cast.actor(by),
        company=cast.company,
        student=cast.student,
        teacher=cast.teacher,
        plan=plan(weeks_ago),
        **{"instructor": cast.instructor, **more},  # type: ignore[arg-type]
    )


def running(cast: Cast, weeks_ago: int = 2, **people: object) -> Placement:
    placement = logged(cast, weeks_ago, **people)
    return accept_placement(by=cast.actor("teacher"), placement=placement)


def days_of_week(weeks_ago: int = 1, count: int = 5) -> list[dt.date]:
    first = monday_of(today()) - dt.timedelta(days=7 * weeks_ago)
    return [first + dt.timedelta(days=offset) for offset in range(count)]


def write(
    cast: Cast, placement: Placement, days: list[dt.date], hours: str = "7.5", **more: object
) -> list[DiaryEntry]:
    from partners.selectors.actors import actor_of

    return [
        write_day(
            by=actor_of(placement.student),
            placement=placement,
            day=day,
            hours=Decimal(hours),
            **{"tasks": ["Turning"], "line": "Made a bushing.", **more},  # type: ignore[arg-type]
        )
        for day in days
    ]


def waiting_week(cast: Cast, placement: Placement, weeks_ago: int = 1, **more: object) -> Week:
    """A whole week that waits for the workplace."""
    entries = write(cast, placement, days_of_week(weeks_ago), **more)  # type: ignore[arg-type]
    return entries[0].week


def picture(name: str = "work.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/png")
