"""The shape of what people send: a search, an entry, a file, a check."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from materials.enums import (
    Audience,
    CheckPoint,
    Licence,
    MaterialKind,
    Phase,
    PointMark,
    Question,
    Theme,
)
from materials.models import MAX_BODY, Material
from materials.selectors.search import FACETS, MAX_QUERY, Wish
from techvet.forms import ChipsField, PortalForm


class SearchForm(PortalForm):
    """Words and facets in the address; a value that no facet has is an error."""

    q = forms.CharField(
        label=_("What do you need help with?"),
        required=False,
        max_length=MAX_QUERY,
        error_messages={"max_length": _("Use at most 200 characters to search.")},
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        for name, values in FACETS.items():
            self.fields[name] = forms.MultipleChoiceField(
                required=False, choices=[(value, value) for value in values]
            )

    @classmethod
    def forgiving(cls, data: QueryDict) -> "SearchForm":
        """Leaves out values that no facet has: old links go on working."""
        known = data.copy()
        for name, values in FACETS.items():
            known.setlist(name, [value for value in data.getlist(name) if value in values])
        return cls(known)

    @property
    def wish(self) -> Wish:
        """What a valid form asks for."""
        chosen = {name: self.cleaned_data[name] for name in FACETS}
        return Wish(" ".join(self.cleaned_data["q"].split()), chosen)


class BeginForm(PortalForm):
    kind = forms.ChoiceField(label=_("What do you want to write?"), choices=MaterialKind.choices)


class MaterialForm(PortalForm):
    """One entry. A draft may have gaps; `complete` asks for everything that a check needs."""

    title = forms.CharField(
        label=_("Title"),
        max_length=120,
        help_text=_("What it helps with, in at most 120 characters."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter a title."),
            "max_length": _("Shorten the title to 120 characters. It has %(show_value)s now."),
        },
    )
    summary = forms.CharField(
        label=_("Summary"),
        max_length=240,
        help_text=_("One or two sentences: who can do what with it?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Enter a summary: one or two sentences."),
            "max_length": _("Shorten the summary to 240 characters. It has %(show_value)s now."),
        },
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=MAX_BODY,
        help_text=_("A line that begins with ## is a heading, with - a list, with - [ ] a box."),
        widget=forms.Textarea(
            attrs={
                "rows": 18,
                "data-editor": True,
                "data-preview-url": reverse_lazy("material_preview"),
            }
        ),
        error_messages={
            "required": _("Write the text before you send it."),
            "max_length": _("Shorten the text to 60,000 characters. It has %(show_value)s now."),
        },
    )
    audiences = ChipsField(
        label=_("For whom?"),
        choices=Audience.choices,
        error_messages={"required": _("Choose at least one audience.")},
    )
    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("", _("Choose a theme")), *Theme.choices],
        error_messages={"required": _("Choose a theme.")},
    )
    language = forms.ChoiceField(label=_("Language of the text"), choices=settings.LANGUAGES)
    licence = forms.ChoiceField(
        label=_("Licence"),
        choices=Licence.choices,
        widget=forms.RadioSelect,
        help_text=_("Your name and organisation are shown as the author."),
        error_messages={"required": _("Choose a licence.")},
    )
    phases = ChipsField(label=_("When is it useful?"), choices=Phase.choices, required=False)
    questions = ChipsField(
        label=_("Which question does it answer?"), choices=Question.choices, required=False
    )
    minutes = forms.IntegerField(
        label=_("Reading time in minutes"),
        min_value=1,
        max_value=600,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "w-4"}),
        error_messages={
            "invalid": _("Enter the minutes as a whole number."),
            "min_value": _("Enter the minutes as a number between 1 and 600."),
            "max_value": _("Enter the minutes as a number between 1 and 600."),
        },
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=MaterialKind.choices)
    change_note = forms.CharField(
        label=_("What changed since the last version?"), max_length=240, required=False
    )

    OPTIONAL = ("phases", "questions", "minutes", "kind", "change_note")

    def __init__(self, data: Any = None, *, material: Material, complete: bool = False) -> None:
        names = [name for name in self.base_fields if name != "change_note" or material.version]
        super().__init__(data, initial={name: getattr(material, name) for name in names})
        if not material.version:
            del self.fields["change_note"]
        self.complete = complete

    def add_error(self, field: str | None, error: Any) -> None:
        """A draft may lack what a check needs: then the answer is empty, or stays as it was."""
        if field and not self.complete and getattr(error, "code", "") == "required":
            if field in ("language", "licence", "kind"):
                self.cleaned_data[field] = self.initial[field]
            else:
                self.cleaned_data[field] = [] if field == "audiences" else ""
            return
        super().add_error(field, error)

    def shown(self) -> list[Any]:
        """What stands on the page; all of it is asked before a check."""
        return [self[name] for name in self.fields if name not in self.OPTIONAL]

    def folded(self) -> list[Any]:
        return [self[name] for name in self.fields if name in self.OPTIONAL]

    @property
    def has_folded_answers(self) -> bool:
        """Whether the folded part holds an answer or an error, and should be open."""
        names = ("phases", "questions", "minutes", "change_note")
        known = self.cleaned_data if self.is_bound and self.is_valid() else self.initial
        has_error = any(name in self.errors for name in self.OPTIONAL) if self.is_bound else False
        return has_error or any(known.get(name) for name in names)


class AttachmentForm(PortalForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, office document, picture or text, at most 10 MB."),
        error_messages={"required": _("Choose a file first."), "empty": _("The file is empty.")},
    )
    description = forms.CharField(
        label=_("What is it, and where is it from?"),
        max_length=240,
        required=False,
        help_text=_("A picture needs this: what it shows, who made it, under which licence."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CheckForm(PortalForm):
    """Eight points, a note, a decision."""

    note = forms.CharField(
        label=_("Note to the author"),
        max_length=2000,
        required=False,
        help_text=_("The author reads it. When you return the entry, say what to change."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for point in CheckPoint:
            self.fields[point.value] = forms.ChoiceField(
                label=point.label,
                choices=PointMark.choices,
                widget=forms.RadioSelect(attrs={"class": "segments"}),
                error_messages={"required": point.missing},
            )
        self.order_fields([*CheckPoint.values, "note"])

    def point_fields(self) -> list[Any]:
        return [self[name] for name in CheckPoint.values]

    @property
    def points(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in CheckPoint.values}
