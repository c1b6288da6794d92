"""Controls for one tap, and what the forms make of what is typed."""

import datetime as dt
from decimal import Decimal

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as some

from guidance.forms.diary import DiaryForm, ReturnForm, WeekHoursForm
from guidance.forms.fields import DayHoursField, TasksField
from guidance.forms.placements import (
    GoalForm,
    HandOverForm,
    LogForm,
    PlanForm,
    ProposeForm,
    ReasonForm,
    next_monday,
)
from guidance.selectors.weeks import days_of
from guidance.services.weeks import confirm_week
from partners.enums import FieldOfStudy
from techvet.clock import today
from techvet.forms import PortalForm
from tests.factories import guidance as make


class Sample(PortalForm):
    hours = DayHoursField()
    tasks = TasksField()

    def __init__(self, *args, usual="7.5", tasks=("Turning",), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hours"].offer(Decimal(usual))
        self.fields["tasks"].offer(list(tasks))


def sample(query="", **kwargs):
    return Sample(QueryDict(query), **kwargs)


# ---------------------------------------------------------------- hours
@pytest.mark.parametrize(
    ("usual", "offered"),
    [
        ("7.5", ["6", "7", "7.5", "8"]),
        ("8", ["6", "7", "7.5", "8"]),
        ("4", ["4", "6", "7", "7.5"]),
        ("10", ["7", "7.5", "8", "10"]),
        ("7.06", ["7", "7.06", "7.5", "8"]),
    ],
)
def test_four_buttons_around_the_plan(usual, offered):
    form = Sample(usual=usual)
    assert [value for value, _label in form.fields["hours"].widget.choices] == offered


@pytest.mark.parametrize(
    ("query", "hours"),
    [
        ("hours=7.5", "7.5"),
        ("hours=7.5&hours_other=5", "5"),
        ("hours_other=5,25", "5.25"),
        ("hours=6&hours_other=%20%20", "6"),
        ("hours=0", "0"),
        ("hours=24", "24"),
        ("hours=3", "3"),  # a button of another plan
    ],
)
def test_hours_that_are_typed_count(query, hours):
    form = sample(query)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["hours"] == Decimal(hours)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "hours=",
        "hours=24.01",
        "hours=-1",
        "hours=NaN",
        "hours=7.555",
        "hours=1e3",
        "hours_other=1e999999999",
        "hours_other=1e-999999999",
        "hours=%00",
    ],
)
def test_hours_that_cannot_be(query):
    form = sample(query)
    assert not form.is_valid()
    [message] = form.errors["hours"]
    assert message.startswith("Enter")
    assert len(str(form["hours"])) < 5000


def test_a_stored_value_is_the_button_or_the_line():
    html = str(Sample(initial={"hours": Decimal("7.50")})["hours"])
    assert 'value="7.5"' in html and "checked" in html
    assert 'name="hours_other" value=""' in html
    html = str(Sample(initial={"hours": Decimal("5.25")})["hours"])
    assert "checked" not in html and 'name="hours_other" value="5.25"' in html
    html = str(sample("hours_other=lots")["hours"])
    assert 'name="hours_other" value="lots"' in html


# ---------------------------------------------------------------- tasks
def test_chips_and_the_line_are_one_answer():
    form = sample("hours=7&tasks=Turning&tasks=Own&tasks_other=%20Honing%20")
    assert form.is_valid()
    assert form.cleaned_data["tasks"] == ["Turning", "Own", "Honing"]


def test_what_was_typed_becomes_a_chip():
    html = str(sample("hours=x&tasks_other=Honing")["tasks"])
    assert 'value="Honing"' in html and html.count("checked") == 1
    assert 'value="Turning"' in html


def test_no_task_is_an_answer_too():
    form = sample("hours=7")
    assert form.is_valid() and form.cleaned_data["tasks"] == []


def test_chips_are_offered_once():
    form = Sample(tasks=["Turning", "Milling", "Turning"])
    assert [value for value, _label in form.fields["tasks"].choices] == ["Turning", "Milling"]


def test_markup_in_a_task_stays_text():
    html = str(sample("tasks=%3Cscript%3Ealert(1)%3C/script%3E")["tasks"])
    assert "<script>" not in html and "&lt;script&gt;" in html


@given(some.text(), some.lists(some.text(), max_size=4), some.text())
def test_nothing_typed_breaks_the_controls(hours, tasks, other):
    data = QueryDict(mutable=True)
    data["hours_other"] = hours
    data["tasks_other"] = other
    data.setlist("tasks", tasks)
    form = Sample(data)
    form.is_valid()
    assert "\x00" not in "".join(form["tasks"].value() or [])
    assert str(form["hours"]) and str(form["tasks"])


# ---------------------------------------------------------------- the plan
@pytest.mark.parametrize("offset", range(7))
def test_next_monday_is_always_ahead(offset):
    day = dt.date(2026, 11, 23) + dt.timedelta(days=offset)
    assert next_monday(day) == dt.date(2026, 11, 30)


def test_sensible_values_of_a_plan(cast):
    cast.company.fields_of_study = ["0732", "no-such", "0715"]
    form = PlanForm(company=cast.company, tasks_url="/x/")
    first = next_monday(today())
    assert form["starts_on"].value() == first
    assert form["ends_on"].value() == first + dt.timedelta(days=53)
    assert form["hours_per_week"].value() == 35
    assert form["field_of_study"].value() == "0732"
    codes = [code for code, _label in form.fields["field_of_study"].choices]
    assert codes[:2] == ["0732", "0715"] and len(codes) == len(FieldOfStudy)
    assert "Bricklaying" in str(form["tasks"])


def test_a_company_without_fields_has_to_choose(cast):
    form = PlanForm(company=cast.company, tasks_url="/x/")
    assert form.fields["field_of_study"].choices[0][0] == ""
    form = PlanForm(QueryDict(""), company=cast.company, tasks_url="/x/")
    assert not form.is_valid()
    assert form.errors["field_of_study"] == ["Choose a field."]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("2026-11-30", dt.date(2026, 11, 30)),
        ("30.11.2026", dt.date(2026, 11, 30)),
        ("30-11-2026", dt.date(2026, 11, 30)),
        ("11/30/2026", None),
        ("2026-02-30", None),
    ],
)
def test_days_as_people_type_them(cast, typed, first):
    form = PlanForm(QueryDict(f"starts_on={typed}"), company=cast.company, tasks_url="/x/")
    form.is_valid()
    assert form.cleaned_data.get("starts_on") == first
    assert ("starts_on" in form.errors) == (first is None)


@pytest.mark.parametrize("hours", ["0", "0.9", "60.1", "61", "99.9", "1000"])
def test_hours_a_week_within_reason(cast, hours):
    form = PlanForm(QueryDict(f"hours_per_week={hours}"), company=cast.company, tasks_url="/x/")
    form.is_valid()
    assert form.errors["hours_per_week"] == ["Hours a week are between 1 and 60."]


# ---------------------------------------------------------------- logging, proposing
def log_form(cast, query="", student=None):
    data = QueryDict(query) if query else None
    return LogForm(data, company=cast.company, student=student, tasks_url="/x/")


def test_the_student_by_address_decides_the_contacts(cast):
    form = log_form(cast, f"student={cast.student.email.upper()}")
    assert form.the_student == cast.student
    names = [label for _value, label in form.fields["teacher"].choices]
    assert names == ["I do not know", "Tiina Teacher", "Toivo Teacher"]
    assert [str(label) for _v, label in log_form(cast).fields["teacher"].choices] == [
        "The school chooses"
    ]


def test_the_student_by_code_is_not_asked_again(cast):
    make.running(cast)
    form = log_form(cast, student=cast.student)
    assert "student" not in form.fields
    assert form["teacher"].value() == str(cast.teacher.public_id)


def test_an_address_of_nobody(cast):
    form = log_form(cast, "student=nobody@example.org")
    assert not form.is_valid() and form.the_student is None
    assert "ask the school to invite" in form.errors["student"][0]


def test_a_student_is_not_asked_who_and_sees_no_names(cast):
    form = ProposeForm(
        by=cast.student, students=[], instructors=[], company=cast.company, tasks_url="/x/"
    )
    assert "student" not in form.fields and "instructor" not in form.fields
    assert form.the_student == cast.student
    assert "people who guide students there" in str(form.fields["name"].help_text)


def test_a_teacher_chooses_student_and_instructor(cast):
    query = f"student={cast.student.public_id}&instructor={cast.instructor.public_id}"
    form = ProposeForm(
        QueryDict(query),
        by=cast.teacher,
        students=[cast.student, cast.other_student],
        instructors=[cast.instructor],
        company=cast.company,
        tasks_url="/x/",
    )
    form.is_valid()
    assert form.the_student == cast.student and form.the_instructor == cast.instructor
    assert form.the_teacher is None
    assert "not in the list above" in str(form.fields["name"].help_text)
    own = ProposeForm(
        by=cast.teacher,
        students=[cast.student],
        instructors=[],
        company=cast.company,
        tasks_url="/x/",
    )
    assert own["teacher"].value() == str(cast.teacher.public_id)
    assert "instructor" not in own.fields and own.the_student is None


# ---------------------------------------------------------------- days and weeks
def test_the_diary_offers_to_remove_a_photo_only_when_there_is_one():
    def names(has_photo):
        form = DiaryForm(usual=Decimal("7.5"), tasks=["Turning"], has_photo=has_photo)
        return set(form.fields)

    assert names(True) - names(False) == {"removes_photo"}


def test_hours_of_a_week_are_asked_for_open_days_only(cast):
    placement = make.running(cast)
    days = make.days_of_week()
    [entry] = make.write(cast, placement, days[:1], hours="8")
    week = confirm_week(by=cast.actor("instructor"), week=entry.week)
    form = WeekHoursForm(days=days_of(week, placement))
    assert list(form.fields) == [f"hours-{day}" for day in days[1:]]
    week = make.waiting_week(cast, placement, 2, hours="10")
    form = WeekHoursForm(days=days_of(week, placement))
    assert {form[name].value() for name in form.fields} == {"10"}


def test_days_still_to_come_are_not_asked(cast):
    placement = make.running(cast)
    week = placement.weeks.get(monday=make.days_of_week(-1)[0])
    assert not WeekHoursForm(days=days_of(week, placement)).fields


def test_only_what_was_given_changes(cast):
    placement = make.running(cast)
    days = make.days_of_week()
    week = placement.weeks.get(monday=days[0])
    data = QueryDict(f"hours-{days[0]}=&hours-{days[1]}=6,5&hours-2020-01-01=9")
    form = WeekHoursForm(data, days=days_of(week, placement))
    assert form.is_valid()
    assert form.changed_hours == {days[1]: Decimal("6.5")}


# ---------------------------------------------------------------- a few words
@pytest.mark.parametrize(
    ("form", "field", "most"),
    [
        (ReasonForm, "reason", 500),
        (ReturnForm, "reason", 500),
        (GoalForm, "text", 200),
        (HandOverForm, "name", 120),
    ],
)
def test_texts_are_asked_for_and_have_an_end(form, field, most):
    def errors(text):
        data = QueryDict(mutable=True)
        data[field] = text
        return form(data).errors.get(field, [])

    assert errors("") and errors("   ") and errors("\x00")
    assert str(most) in errors("x" * (most + 1))[0]
    assert errors("x" * most) == []
