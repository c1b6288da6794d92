"""The shape of what people send about applications, reviews, awards and verifying."""

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from badges.enums import EvidenceKind, Mark, Outcome, RevocationReason
from badges.models import Criterion
from techvet.forms import PortalForm

TEXT_MAX = 5000
NOTE_MAX = 2000


class EvidenceForm(PortalForm):
    """Proof for one criterion: the applicant's words, a file, a link; any of them."""

    text = forms.CharField(
        label=_("In your own words"),
        help_text=_("What did you do, and what could the student do afterwards?"),
        required=False,
        max_length=TEXT_MAX,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    file = forms.FileField(
        label=_("Add a file"),
        help_text=_("PDF, picture, office document or text, at most 10 MB. No names of students."),
        required=False,
        max_length=255,
    )
    link = forms.URLField(
        label=_("Add a link"),
        help_text=_("A page that the reviewer can open without signing in."),
        required=False,
        max_length=500,
        assume_scheme="https",
        validators=[URLValidator(schemes=["http", "https"])],
    )

    def __init__(self, *args: Any, criterion: Criterion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {
            "text": EvidenceKind.TEXT,
            "file": EvidenceKind.FILE,
            "link": EvidenceKind.LINK,
        }
        for name, kind in kinds.items():
            if kind not in criterion.evidence_kinds:
                del self.fields[name]


class AutosaveForm(PortalForm):
    text = forms.CharField(required=False, max_length=TEXT_MAX)


class RecordForm(PortalForm):
    record = forms.UUIDField()
    criterion = forms.IntegerField(min_value=1, max_value=1000)


class SendForm(PortalForm):
    """The last look before sending; the box is there only while something is missing."""

    send_unfinished = forms.BooleanField(
        label=_("I send it unfinished once, to get early comments."), required=False
    )

    def __init__(self, *args: Any, ask_unfinished: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask_unfinished:
            del self.fields["send_unfinished"]


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
        for one in criteria:
            self.base_fields = self.base_fields | {
                f"mark-{one.number}": _mark_field(one),
                f"note-{one.number}": _note_field(),
            }
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


class QueueFilterForm(forms.Form):
    """Filters of the review queue; what is not understood filters nothing."""

    badge = forms.SlugField(required=False)
    age = forms.ChoiceField(choices=[("", ""), ("overdue", "overdue")], required=False)
    mine = forms.BooleanField(required=False)


class RevokeForm(PortalForm):
    reason = forms.ChoiceField(
        label=_("Why is the badge revoked?"),
        choices=RevocationReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the reason.")},
    )
    note = forms.CharField(
        label=_("In your own words"),
        help_text=_("The earner reads this. It is not shown to the public."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class VerifyForm(PortalForm):
    """A credential as text, as a file, or the address of a badge of this portal."""

    text = forms.CharField(
        label=_("Paste the credential, or the address of the badge"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "w-full"}),
    )
    file = forms.FileField(label=_("Or choose the file"), required=False, max_length=255)
    email = forms.EmailField(
        label=_("E-mail address of the earner"),
        help_text=_("To see whether the badge is theirs. It is not kept."),
        required=False,
        max_length=254,
    )
