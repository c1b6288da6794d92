"""Asking for an endorsement, and giving one."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.models import Organisation
from techvet.forms import PortalForm


class AskForm(PortalForm):
    skill = forms.CharField(
        label=_("Skill"),
        help_text=_("For example: explains tasks so that beginners can do them."),
        max_length=160,
    )
    email = forms.EmailField(
        label=_("E-mail address of the person whom you ask"),
        help_text=_("Somebody at a company or a school in this portal who has seen you at work."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("A line to them"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, ask_skill: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask_skill:
            del self.fields["skill"]


class GiveForm(PortalForm):
    endorser = forms.ChoiceField(label=_("In the name of"))
    comment = forms.CharField(
        label=_("What you sign"),
        help_text=_("It is public, with the name of your organisation but not yours."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, voices: Iterable[Organisation] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.voices = {str(one.public_id): one for one in voices}
        if len(self.voices) < 2:
            del self.fields["endorser"]
        else:
            field: Any = self.fields["endorser"]
            field.choices = [(key, one.display_name) for key, one in self.voices.items()]

    def chosen(self) -> Organisation | None:
        """The organisation chosen, or the only one."""
        key = self.cleaned_data.get("endorser") or next(iter(self.voices), "")
        return self.voices.get(key)
