"""The shape of what coordinators send about lists of people."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.forms.awards import RevokeForm
from badges.models import AchievementVersion
from badges.services.batch_files import Table
from badges.services.batch_rows import NOWHERE, Columns
from partners.models import Organisation
from techvet.forms import PortalForm
from techvet.text import clean_text


class BatchForm(PortalForm):
    """A badge, a reason and a list."""

    version = forms.ChoiceField(label=_("Which badge?"))
    issuer = forms.ChoiceField(label=_("Which institution issues it?"))
    name = forms.CharField(
        label=_("Name of the list"),
        help_text=_("For you and your colleagues, for example “Mentor course, spring 2027”."),
        max_length=120,
    )
    reason = forms.CharField(
        label=_("Why have these people earned it?"),
        help_text=_("It is kept with the list, in case somebody asks."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    file = forms.FileField(
        label=_("The list"),
        help_text=_(
            "CSV or XLSX with a name and an e-mail address in each row; at most 10,000 people and"
            " 5 MB."
        ),
        max_length=255,
        allow_empty_file=True,
    )

    def __init__(
        self,
        *args: Any,
        versions: list[AchievementVersion],
        issuers: list[Organisation],
        **kwargs: Any,
    ) -> None:
        self.versions = {str(one.public_id): one for one in versions}
        self.issuers = {str(one.public_id): one for one in issuers}
        super().__init__(*args, **kwargs)
        self.fields["version"].choices = [  # type: ignore[attr-defined]
            ("", "---------"),
            *((key, one.name) for key, one in self.versions.items()),
        ]
        self.fields["issuer"].choices = [  # type: ignore[attr-defined]
            (key, one.display_name) for key, one in self.issuers.items()
        ]
        if len(self.issuers) == 1:
            del self.fields["issuer"]

    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        data = self.cleaned_data
        upload = data["file"]
        chosen = data.get("issuer") or next(iter(self.issuers))
        return {
            "version": self.versions[data["version"]],
            "issuer": self.issuers[chosen],
            "name": data["name"],
            "reason": data["reason"],
            "content": upload.read(),
            "file_name": clean_text(upload.name or ""),
        }


class ColumnsForm(PortalForm):
    """Which column holds what; columns are counted from 0."""

    name = forms.TypedChoiceField(label=_("Name, or first name"), coerce=int)
    surname = forms.TypedChoiceField(label=_("Last name, if it is apart"), coerce=int)
    email = forms.TypedChoiceField(label=_("E-mail address"), coerce=int)
    language = forms.TypedChoiceField(label=_("Language of the message"), coerce=int)

    def __init__(self, *args: Any, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = [
            (place, _title(table, place) or str(_("Column %(number)s") % {"number": place + 1}))
            for place in range(table.width)
        ]
        for field in self.fields.values():
            field.choices = [(NOWHERE, _("Not in this list")), *titles]  # type: ignore[attr-defined]

    def columns(self) -> Columns:
        return Columns(**self.cleaned_data)


def _title(table: Table, place: int) -> str:
    return table.heads[place] if place < len(table.heads) else ""


class RowForm(PortalForm):
    """One person, put right; the service says what is still wrong."""

    name = forms.CharField(label=_("Name"), max_length=1000)
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=1000,
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "off"}),
    )


class StartForm(PortalForm):
    """The last look: nothing is issued to many by a single click."""

    leave_out_holders = forms.BooleanField(
        label=_("Leave out those who hold the badge already."), required=False, initial=True
    )
    confirm = forms.BooleanField(
        label=_("I have read the list. These people have earned this badge."),
        error_messages={"required": _("Confirm that these people have earned this badge.")},
    )

    def __init__(self, *args: Any, ask_holders: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask_holders:
            del self.fields["leave_out_holders"]


class RevokeBatchForm(RevokeForm):
    """The reason counts for all badges of the list."""

    confirm = forms.BooleanField(
        label=_("I revoke every badge of this list."),
        error_messages={"required": _("Confirm that all badges of this list are revoked.")},
    )
