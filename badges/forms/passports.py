"""The shape of a person's own page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.models import Award
from techvet.forms import PortalForm


class PassportForm(PortalForm):
    """Everything on one page, saved at once."""

    shown = forms.TypedMultipleChoiceField(
        label=_("Badges to show"),
        help_text=_("Others see the name of the badge, who issued it and when."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        empty_value=[],
    )
    about = forms.CharField(
        label=_("About me"),
        help_text=_("A few sentences for those who read the page. You can leave this empty."),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    is_public = forms.BooleanField(
        label=_("Anybody with the address may read my page"),
        help_text=_("Search engines are asked not to list it. You can close it again at any time."),
        required=False,
    )

    def __init__(self, *args: Any, awards: list[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["shown"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (
                str(award.public_id),
                _("%(badge)s, %(issuer)s")
                % {"badge": award.version.name, "issuer": award.issuer.display_name},
            )
            for award in awards
        ]
        if not awards:
            del self.fields["shown"]
