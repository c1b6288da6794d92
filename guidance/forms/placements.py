"""What is asked about a placement: at most seven things when it is logged at the workplace."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from guidance.forms.fields import TasksField
from guidance.selectors.people import (
    contacts_for_workplace,
    institution_of,
    school_contacts,
    student_with_email,
    usual_contact,
)
from guidance.selectors.suggestions import task_suggestions
from guidance.services.placements import MOST_TASK_LETTERS, Plan
from partners.enums import FieldOfStudy
from partners.models import Organisation, User
from techvet.clock import today
from techvet.forms import DayField, HoursField, PortalForm
from techvet.text import clean_text

USUAL_WEEKS = 8
USUAL_HOURS = Decimal(35)


def next_monday(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=7 - day.weekday())


class PlanForm(PortalForm):
    """What both ways to a placement ask: field, days, hours and tasks."""

    field_of_study = forms.ChoiceField(
        label=_("Field"),
        error_messages={
            "required": _("Choose a field."),
            "invalid_choice": _("Choose a field of the list."),
        },
    )
    starts_on = DayField(
        label=_("First day"), error_messages={"required": _("Enter the first day.")}
    )
    ends_on = DayField(label=_("Last day"), error_messages={"required": _("Enter the last day.")})
    hours_per_week = HoursField(
        label=_("Hours a week"),
        decimal_places=1,
        min_value=1,
        max_value=60,
        error_messages={
            "required": _("Enter the hours a week."),
            "min_value": _("Hours a week are between 1 and 60."),
            "max_value": _("Hours a week are between 1 and 60."),
            "max_decimal_places": _("Enter hours as a number, for example 37.5."),
        },
    )
    tasks = TasksField(label=_("Main tasks"))

    def __init__(self, *args: Any, company: Organisation, tasks_url: str, **kwargs: Any) -> None:
        own = [FieldOfStudy(code) for code in company.fields_of_study if code in FieldOfStudy]
        kwargs["initial"] = {**self._usual(own), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.company = company
        rest = sorted((f for f in FieldOfStudy if f not in own), key=lambda f: str(f.label))
        fields: list[Any] = [(f.value, f.label) for f in [*own, *rest]]
        if not own:
            fields = [("", _("Choose")), *fields]
        control = self.fields["field_of_study"]
        control.choices = fields  # type: ignore[attr-defined]
        # With script, the chips follow the field at once; without it, they can be typed.
        control.widget.attrs |= {
            "hx-get": tasks_url,
            "hx-target": "#tasks-of-field",
            "hx-swap": "outerHTML",
            "hx-include": "[name=tasks],[name=tasks_other]",
            "class": "w-full",
        }
        chosen = self["field_of_study"].value() or ""
        self.fields["tasks"].offer(task_suggestions(str(chosen)))  # type: ignore[attr-defined]

    def _usual(self, own: list[FieldOfStudy]) -> dict[str, Any]:
        starts_on = next_monday(today())
        return {
            "field_of_study": own[0].value if own else "",
            "starts_on": starts_on,
            "ends_on": starts_on + dt.timedelta(days=7 * USUAL_WEEKS - 3),
            "hours_per_week": USUAL_HOURS,
        }

    def clean_tasks(self) -> list[str]:
        tasks = self.cleaned_data["tasks"]
        if any(len(task) > MOST_TASK_LETTERS for task in tasks):
            raise forms.ValidationError(
                _("Use at most %(max)s characters for a task."),
                params={"max": MOST_TASK_LETTERS},
            )
        return tasks

    @property
    def plan(self) -> Plan:
        data = self.cleaned_data
        return Plan(
            field_of_study=data["field_of_study"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            hours_per_week=data["hours_per_week"],
            tasks=data["tasks"],
        )


def person_choices(people: list[User], empty: Any) -> list[tuple[str, Any]]:
    return [("", empty), *((str(person.public_id), str(person)) for person in people)]


class LogForm(PlanForm):
    """Seven things at most; six when the student's code was scanned."""

    field_order = ("student", "field_of_study")
    student = forms.EmailField(
        label=_("Student's e-mail address"),
        help_text=_("Or scan the code that the student shows you under “My code”."),
        max_length=254,
        error_messages={
            "required": _("Enter the student's e-mail address, or scan their code."),
            "invalid": _("Enter an e-mail address like name@example.org."),
            "max_length": _("This e-mail address is too long."),
        },
    )
    teacher = forms.ChoiceField(
        label=_("Contact at the school"),
        required=False,
        error_messages={"invalid_choice": _("Choose a teacher of the student's school.")},
    )

    def __init__(self, *args: Any, student: User | None, **kwargs: Any) -> None:
        usual = usual_contact(student) if student else None
        if usual:
            kwargs["initial"] = {"teacher": str(usual.public_id), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.known_student = student
        if student is not None:
            del self.fields["student"]
        people = contacts_for_workplace(self.company, self.the_student)
        self.people = {str(person.public_id): person for person in people}
        empty = _("I do not know") if people else _("The school chooses")
        self.fields["teacher"].choices = person_choices(people, empty)  # type: ignore[attr-defined]

    @cached_property
    def the_student(self) -> User | None:
        """The student of the code, or of the address that was typed."""
        if self.known_student is not None:
            return self.known_student
        typed = clean_text(str(self.data.get("student") or "")) if self.is_bound else ""
        return student_with_email(typed) if "@" in typed and len(typed) <= 254 else None

    def clean_student(self) -> str:
        if self.the_student is None:
            raise forms.ValidationError(
                _(
                    "No school has a student with this address here. Ask the student which"
                    " address the school uses, or ask the school to invite the student."
                )
            )
        return self.cleaned_data["student"]

    @property
    def the_teacher(self) -> User | None:
        return self.people.get(self.cleaned_data.get("teacher") or "")


class ProposeForm(PlanForm):
    """A student's or a teacher's proposal to one workplace."""

    field_order = ("student", "instructor", "name", "email_or_phone")
    student = forms.ChoiceField(
        label=_("Student"),
        error_messages={
            "required": _("Choose a student."),
            "invalid_choice": _("Choose a student of your school."),
        },
    )
    instructor = forms.ChoiceField(
        label=_("Workplace instructor"),
        required=False,
        error_messages={"invalid_choice": _("Choose somebody who works there.")},
    )
    name = forms.CharField(
        label=_("Name of the workplace instructor"),
        required=False,
        max_length=120,
        error_messages={"max_length": _("Use at most 120 characters for the name.")},
    )
    email_or_phone = forms.CharField(
        label=_("Their e-mail address or phone number"),
        required=False,
        max_length=254,
        error_messages={"max_length": _("This address is too long.")},
    )
    teacher = forms.ChoiceField(
        label=_("Teacher in charge"),
        required=False,
        error_messages={"invalid_choice": _("Choose a teacher of the school.")},
    )

    def __init__(
        self,
        *args: Any,
        by: User,
        students: list[User],
        instructors: list[User],
        **kwargs: Any,
    ) -> None:
        """`students` is empty for a student; names of `instructors` are for the school only."""
        initial = {"teacher": str(by.public_id), **(kwargs.get("initial") or {})}
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.by = by
        self.students = {str(person.public_id): person for person in students}
        self.instructors = {str(person.public_id): person for person in instructors}
        if students:
            self._choices("student", person_choices(students, _("Choose")))
            self._choices("instructor", person_choices(instructors, _("Anybody who guides there")))
            school = institution_of(self.the_student or students[0])
        else:
            del self.fields["student"], self.fields["instructor"]
            school = institution_of(by)
        if not self.instructors:
            self.fields.pop("instructor", None)
        self._explain()
        self.teachers = {str(p.public_id): p for p in school_contacts([school] if school else [])}
        empty = _("The school chooses")
        self._choices("teacher", person_choices(list(self.teachers.values()), empty))

    def _explain(self) -> None:
        hint = _("Leave both empty and we ask the people who guide students there.")
        if self.instructors:
            hint = _("Only when the person is not in the list above.")
        self.fields["name"].help_text = hint

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def the_student(self) -> User | None:
        """Oneself, or the chosen one."""
        if not self.students:
            return self.by
        return self.students.get(str(self.data.get("student") or "")) if self.is_bound else None

    @property
    def the_instructor(self) -> User | None:
        return self.instructors.get(self.cleaned_data.get("instructor") or "")

    @property
    def the_teacher(self) -> User | None:
        return self.teachers.get(self.cleaned_data.get("teacher") or "")


class ReasonForm(PortalForm):
    """Why not."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("One or two sentences that the others will read."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Say why, in a few words."),
            "max_length": _("Use at most 500 characters."),
        },
    )


class HandOverForm(PortalForm):
    """Two fields: who takes over, and how to reach them."""

    name = forms.CharField(
        label=_("Name of your colleague"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter the name of the person."),
            "max_length": _("Use at most 120 characters for the name."),
        },
    )
    email_or_phone = forms.CharField(
        label=_("Their e-mail address or phone number"),
        help_text=_("We send the link of the desk there."),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter an e-mail address or a phone number."),
            "max_length": _("This address is too long."),
        },
    )


class GoalForm(PortalForm):
    text = forms.CharField(
        label=_("New goal"),
        help_text=_("In plain words, for example: I can set up the lathe on my own."),
        max_length=200,
        error_messages={
            "required": _("Write the goal in a few words."),
            "max_length": _("Use at most 200 characters."),
        },
    )
