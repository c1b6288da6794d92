"""Forms: plain fields, our templates, texts cleaned before anything else looks at them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import pretty_name
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from techvet.errors import InvalidInput
from techvet.text import clean_text

_REQUIRED = forms.Field.default_error_messages["required"]


class PortalForm(forms.Form):
    """The base of all our forms; knows no model and never saves."""

    required_css_class = ""
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if isinstance(field, forms.CharField):
                field.to_python = _cleaned(field.to_python)  # type: ignore[method-assign]
            if field.error_messages.get("required") == _REQUIRED:
                field.error_messages["required"] = _missing(field, field.label or pretty_name(name))

    def refuse(self, refusal: InvalidInput) -> None:
        """Shows a rule's no beside its field, or in the summary when it has none."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, ValidationError(str(refusal.message), code=refusal.code))


def _missing(field: forms.Field, label: object) -> str:
    """Says what to do instead of that something is required."""
    if isinstance(field, forms.ChoiceField):
        return gettext("Choose an answer for “%(label)s”.") % {"label": label}
    return gettext("Fill in “%(label)s”.") % {"label": label}


def _cleaned(to_python: Any) -> Any:
    def convert(value: Any) -> Any:
        if isinstance(value, str):
            value = clean_text(value)
        return to_python(value)

    return convert


class DayField(forms.DateField):
    """A day, by the browser's own picker; also takes d.m.yyyy and dd-mm-yyyy."""

    default_error_messages = {"invalid": _("Enter a day like 24.11.2026.")}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        formats = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%Y.", "%d-%m-%Y"]
        super().__init__(**{"widget": widget, "input_formats": formats, **kwargs})


class HoursField(forms.DecimalField):
    """Hours, with a decimal point or comma, for instance 7.5 or 7,5."""

    default_error_messages = {"invalid": _("Enter hours as a number, for example 7.5.")}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"widget": widget, **kwargs})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.strip().replace(",", ".")
        return super().to_python(value)


class ChipsField(forms.MultipleChoiceField):
    """Several of a few choices, shown as chips to tap."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.CheckboxSelectMultiple, **kwargs})
