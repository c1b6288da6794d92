"""The shape of what reviewers and those who organise reviews send."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.enums import Mark, Outcome
from badges.forms.applications import NOTE_MAX
from badges.models import Criterion
from badges.services.conflicts import REASON_MAX
from partners.models import Organisation, User
from techvet.forms import PortalForm


class ReviewForm(PortalForm):
    """A mark and a note for each criterion, one note for the whole, and what was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(choices=Outcome.choices, required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("Note to the applicant"),
        help_text=_("Say exactly what would be enough."),
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, criteria: list[Criterion], **kwargs: Any) -> None:
        self.criteria = criteria
        more: dict[str, forms.Field] = {}
        for one in criteria:
            more[f"mark-{one.number}"] = _mark_field(one)
            more[f"note-{one.number}"] = _note_field()
        self.base_fields = self.base_fields | more  # type: ignore[misc]
        super().__init__(*args, **kwargs)

    def marks(self) -> list[tuple[Criterion, str, str]]:
        """Criterion, mark and note, where either was given."""
        given = []
        for one in self.criteria:
            mark = self.cleaned_data.get(f"mark-{one.number}", "")
            note = self.cleaned_data.get(f"note-{one.number}", "")
            if mark or note:
                given.append((one, mark, note))
        return given

    def with_phrase(self, number: int, phrase: str) -> str:
        """The note on a criterion with a kept sentence at its end, as far as there is room."""
        note = self.cleaned_data.get(f"note-{number}", "").rstrip()
        joined = f"{note} {phrase}" if note else phrase
        return joined if len(joined) <= NOTE_MAX else note


def _mark_field(criterion: Criterion) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=criterion.title,
        choices=Mark.choices,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "segments"}),
    )


def _note_field() -> forms.CharField:
    return forms.CharField(
        label=_("Note on this criterion"),
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PhraseStepForm(forms.Form):
    """Which criterion's button was pressed beside a note, and which kept sentence was chosen."""

    insert = forms.IntegerField(required=False, min_value=1, max_value=1000)
    keep = forms.IntegerField(required=False, min_value=1, max_value=1000)

    def step(self) -> tuple[str, int]:
        """`insert` or `keep` with the number of the criterion; anything else is no step."""
        self.is_valid()
        for name in ("insert", "keep"):
            number = self.cleaned_data.get(name)
            if number:
                return name, number
        return "", 0


class QueueFilterForm(forms.Form):
    """Filters of the review queue; what is not understood filters nothing."""

    badge = forms.SlugField(required=False)
    school = forms.SlugField(required=False)
    language = forms.SlugField(required=False, max_length=5)
    age = forms.ChoiceField(required=False, choices=[("week", ""), ("overdue", "")])
    unassigned = forms.BooleanField(required=False)
    mine = forms.BooleanField(required=False)

    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        given = self.cleaned_data
        words = {name: given.get(name) or "" for name in ("badge", "school", "language", "age")}
        return words | {name: bool(given.get(name)) for name in ("unassigned", "mine")}


class RowField(forms.ModelChoiceField):
    """One of a few rows by its public id; nonsense is a choice that is not there."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"],
                code="invalid_choice",
                params={"value": value},
            ) from None


class AssignForm(PortalForm):
    """A named colleague, or nobody: then the one with the least to do."""

    reviewer = RowField(
        label=_("Reviewer"),
        queryset=User.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("Whoever has the least to do"),
    )

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reviewer"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = User.objects.filter(pk__in=[one.pk for one in people]).order_by("name")


class InviteForm(PortalForm):
    """Somebody from a company by name and address, or somebody who holds a badge."""

    holder = RowField(
        label=_("Somebody who holds a badge of level 2 or higher"),
        queryset=User.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("Nobody of these: I invite somebody from a company"),
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    email = forms.EmailField(label=_("E-mail address"), max_length=254, required=False)
    company = RowField(
        label=_("Company"),
        help_text=_("The company the person works for. They are listed there as an instructor."),
        queryset=Organisation.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label=_("Choose a company"),
    )

    def __init__(self, *args: Any, holders: list[User], companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("holder", User.objects.filter(pk__in=[one.pk for one in holders]).order_by("name")),
            ("company", companies),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("holder") or self.errors:
            return given
        words = {
            "name": _("Enter the name of the person."),
            "email": _("Enter their e-mail address."),
            "company": _("Choose the company they work for."),
        }
        for name, message in words.items():
            if not given.get(name):
                self.add_error(name, message)
        return given


class ConflictForm(PortalForm):
    """Why somebody steps aside; they need not say."""

    reason = forms.CharField(
        label=_("Reason, if you want to give one"),
        help_text=_("Only the people who answer for the portal can read it."),
        required=False,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
