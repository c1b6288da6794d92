"""What anybody may put in to be verified."""

from django import forms
from django.utils.translation import gettext_lazy as _

from techvet.forms import PortalForm


class VerifyForm(PortalForm):
    """A badge of any issuer: as text, as a file, or by its address."""

    text = forms.CharField(
        label=_("Paste the badge, or its address"),
        help_text=_("The text of the badge (JSON or a signed token), or an address."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "w-full"}),
    )
    file = forms.FileField(
        label=_("Or choose the file, or drop it here"),
        help_text=_("A picture of the badge (PNG or SVG), or its file (JSON or JWT)."),
        required=False,
        max_length=255,
        widget=forms.ClearableFileInput(
            attrs={"accept": ".json,.jsonld,.jwt,.txt,.png,.svg,image/png,image/svg+xml"}
        ),
    )
    email = forms.EmailField(
        label=_("E-mail address of the earner"),
        help_text=_("To see whether the badge is theirs. It is not kept."),
        required=False,
        max_length=254,
    )
