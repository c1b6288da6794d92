"""Controls for one tap, with a line for what is not offered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from techvet.forms import ChipsField, HoursField
from techvet.templatetags.portal import hours as in_words
from techvet.text import clean_text

USUAL_HOURS = (Decimal(6), Decimal(7), Decimal("7.5"), Decimal(8))


class TaskChips(forms.CheckboxSelectMultiple):
    """Chips to tap and a line for one more task; together they are one answer."""

    template_name = "guidance/_task_chips.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = super().value_from_datadict(data, files, name) or []
        other = clean_text(str(data.get(f"{name}_other") or "")).strip()
        values = [clean_text(str(value)) for value in values]
        return values + ([other] if other else [])

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """What was typed has become a chip that is chosen, so the line is empty again."""
        shown = {str(choice) for choice, _label in self.choices}
        for task in value or []:
            if task and task not in shown:
                self.choices = [*self.choices, (task, task)]
        return super().get_context(name, value, attrs)


class TasksField(ChipsField):
    """Tasks as texts, not only those offered; the services check their number and length."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": TaskChips, "required": False, **kwargs})

    def valid_value(self, value: str) -> bool:
        return True

    def offer(self, tasks: list[str]) -> None:
        self.choices = [(task, task) for task in dict.fromkeys(tasks)]


class HoursChips(forms.RadioSelect):
    """Usual hours as big buttons and a line for any other; what is typed counts."""

    template_name = "guidance/_hours_chips.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = str(data.get(f"{name}_other") or "").strip()
        return typed or super().value_from_datadict(data, files, name)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, self._key(value), attrs)
        keys = {str(key) for key, _label in self.choices}
        shown = self._key(value)
        context["other"] = "" if shown in keys or shown is None else shown
        return context

    def _key(self, value: Any) -> str | None:
        """7.50 and 7.5 are the same button."""
        if value in (None, ""):
            return None
        text = str(value).replace(",", ".")
        try:
            number = Decimal(text)
        except ArithmeticError:
            return text
        # Written out, an exponent of nine digits would fill the memory.
        if not number.is_finite() or abs(number.adjusted()) > 6:
            return text
        return f"{number.normalize():f}"


class DayHoursField(HoursField):
    """The hours of one day, 0 to 24."""

    def __init__(self, **kwargs: Any) -> None:
        message = _("Enter the hours worked, between 0 and 24.")
        super().__init__(
            **{
                "decimal_places": 2,
                "validators": [
                    MinValueValidator(Decimal(0), message),
                    MaxValueValidator(Decimal(24), message),
                ],
                "error_messages": {
                    "required": message,
                    "max_decimal_places": _("Enter hours as a number, for example 7.5."),
                },
                **kwargs,
            }
        )

    def offer(self, usual: Decimal) -> None:
        """Big buttons: the hours of the plan among the usual ones, at most four."""
        hours = sorted({*USUAL_HOURS, usual}, key=lambda each: (abs(each - usual), each))[:4]
        choices = [(f"{each.normalize():f}", in_words(each)) for each in sorted(hours)]
        self.widget = HoursChips(attrs={"class": "hours"}, choices=choices)
