"""Evidence by criterion, and sending an application."""

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from badges.enums import EvidenceKind
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
