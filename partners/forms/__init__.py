"""The shape of what people send to the partners app."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from partners.enums import Country, FieldOfStudy, OrganisationKind, Role
from partners.models import Organisation, User
from techvet.forms import PortalForm

# The partner countries first; the rest of Europe for those who work from elsewhere.
_FIRST_ZONES = ("Europe/Helsinki", "Europe/Tallinn", "Europe/Riga", "Europe/Amsterdam")
_ZONES = _FIRST_ZONES + tuple(
    zone
    for zone in sorted(available_timezones())
    if zone.startswith("Europe/") and zone not in _FIRST_ZONES
)


def _zone_name(zone: str) -> str:
    return zone.partition("/")[2].replace("_", " ")


class DirectoryFilter(PortalForm):
    """What the public directory may be narrowed by."""

    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        choices=[("", _("All countries")), *Country.choices],
        widget=forms.Select(attrs={"class": "btn-wide"}),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All kinds")), *OrganisationKind.choices],
        widget=forms.Select(attrs={"class": "btn-wide"}),
    )
    field = forms.ChoiceField(
        label=_("Field"),
        required=False,
        choices=[("", _("All fields")), *FieldOfStudy.choices],
        widget=forms.Select(attrs={"class": "btn-wide"}),
    )


class InvitationForm(PortalForm):
    """Choices are those of this person; the service asks again."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The invitation works only for this address."),
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=settings.LANGUAGES)

    def __init__(
        self, *args: Any, organisations: list[Organisation], roles: list[Role], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [(o.slug, str(o)) for o in organisations]
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
        if len(organisations) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()
            self.initial.setdefault("organisation", organisations[0].slug)


class JoinForm(PortalForm):
    """Somebody new accepts; the password is asked only of people who sign in."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=_("Choose a password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters. A short sentence is easy to remember."),
    )

    def __init__(self, *args: Any, with_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_password:
            del self.fields["password"]


class AddressForm(PortalForm):
    """Where a personal link is to be sent."""

    address = forms.CharField(
        label=_("E-mail address or phone number"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "email"}),
        help_text=_(
            "The one that your school or workplace has written down. Start a phone number with"
            " its country code, for example +358 40 123 4567."
        ),
    )


class CodeForm(PortalForm):
    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        help_text=_("Six digits."),
        widget=forms.TextInput(
            attrs={
                "class": "input-code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
            }
        ),
    )


class ProfileForm(PortalForm):
    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("For pages and messages."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=[(zone, _zone_name(zone)) for zone in _ZONES]
    )
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    @classmethod
    def of(cls, person: User) -> "ProfileForm":
        return cls(
            initial={
                "name": person.name,
                "language": person.language,
                "time_zone": person.time_zone,
                "phone": person.phone,
            }
        )
