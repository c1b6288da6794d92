"""Taking an award back, for a time or for ever."""

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.enums import RevocationReason
from techvet.forms import PortalForm


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


class SuspendForm(PortalForm):
    note = forms.CharField(
        label=_("Why is the badge suspended?"),
        help_text=_("The earner reads this. It is not shown to the public."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write down the reason.")},
    )
