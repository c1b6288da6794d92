"""The shape of what coordinators write when they make a badge; nearly everything may stay empty."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from badges.enums import EvidenceKind
from badges.pictures import GROUNDS, SHAPES, SYMBOLS_TO_CHOOSE
from partners.models import Organisation
from techvet.forms import ChipsField, PortalForm

SHAPE_WORDS = {
    "hexagon": _("Hexagon"),
    "circle": _("Circle"),
    "shield": _("Shield"),
    "star": _("Star"),
}
COLOUR_WORDS = {
    "night": _("Night blue"),
    "forest": _("Forest green"),
    "lake": _("Lake"),
    "berry": _("Lingonberry"),
    "plum": _("Plum"),
    "granite": _("Granite"),
}
SYMBOL_WORDS = {
    "WGB": _("A way that rises"),
    "CGW": _("A compass"),
    "GDE": _("A screen with a signal"),
    "WCO": _("Two circles that meet"),
    "AWP": _("Scales"),
    "SAFE": _("A shield with a tick"),
    "LANG": _("Two voices"),
    "LEAF": _("A plant"),
    "FLAME": _("A flame"),
}
LEVEL_WORDS = [
    (0, _("Without levels")),
    (1, _("1: Knows and tries")),
    (2, _("2: Does and adapts")),
    (3, _("3: Develops and guides others")),
]


def _text(label: Any, help_text: Any = "", *, rows: int = 4, length: int = 2000) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=False,
        max_length=length,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class BadgeForm(PortalForm):
    """The beginning: a name and a level, everything else comes later."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("As it stands on the badge, for example “Guiding at the welding shop”."),
        max_length=120,
    )
    short_name = forms.CharField(
        label=_("Short name"),
        help_text=_("For lists. It also makes the address of the badge."),
        max_length=60,
    )
    level = forms.TypedChoiceField(
        label=_("Level"),
        help_text=_("The level cannot be changed later. Make one badge for each level."),
        choices=LEVEL_WORDS,
        coerce=int,
        widget=forms.RadioSelect,
    )
    owner = forms.ChoiceField(label=_("Which institution makes it?"))

    def __init__(self, *args: Any, houses: list[Organisation], **kwargs: Any) -> None:
        self.houses = {str(one.public_id): one for one in houses}
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            (key, one.display_name) for key, one in self.houses.items()
        ]
        if len(self.houses) == 1:
            del self.fields["owner"]

    def facts(self) -> dict[str, Any]:
        """What the service takes."""
        data = dict(self.cleaned_data)
        chosen = data.pop("owner", None) or next(iter(self.houses))
        return {**data, "owner": self.houses[chosen]}


class TextsForm(PortalForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    short_name = forms.CharField(label=_("Short name"), max_length=60)
    language = forms.ChoiceField(
        label=_("Language of the texts"), choices=settings.LANGUAGES, initial="en"
    )
    competence_objective = _text(
        _("Competence objective"),
        _("One or two sentences that begin with a verb: what can somebody do who has the badge?"),
        rows=3,
        length=1000,
    )
    demonstration_instructions = _text(
        _("Skills demonstration instructions"),
        _("Say how to show the skill. You may use lists (- item) and **bold**."),
        rows=8,
        length=5000,
    )


class FrameForm(PortalForm):
    """The frame in numbers and codes."""

    eqf_level = forms.TypedChoiceField(
        label=_("Comparable EQF level"),
        help_text=_("The level of the learning outcome. The badge is not a qualification."),
        choices=[("", "---------"), *((n, str(n)) for n in range(1, 9))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    isced_f = forms.RegexField(
        label=_("Field of study (ISCED-F 2013)"),
        help_text=_(
            "Four digits: 0111 education science, 0114 teacher training with subject, 0413"
            " management, 0613 software, 0715 mechanics and metal, 0732 building, 0913 nursing,"
            " 1013 hotels and restaurants."
        ),
        regex=r"^(?:0[0-9]|10)[1-9][0-9]$",
        error_messages={"invalid": _("Enter the four digits of ISCED-F, for example 0114.")},
        required=False,
        max_length=4,
        widget=forms.TextInput(attrs={"class": "w-4", "inputmode": "numeric"}),
    )
    workload_hours = forms.IntegerField(
        label=_("Work in hours"),
        min_value=1,
        max_value=500,
        required=False,
        widget=forms.TextInput(attrs={"class": "w-4", "inputmode": "numeric"}),
    )
    validity_years = forms.IntegerField(
        label=_("Valid for how many years?"),
        help_text=_("Leave it empty for a badge that does not end."),
        min_value=1,
        max_value=10,
        required=False,
        widget=forms.TextInput(attrs={"class": "w-4", "inputmode": "numeric"}),
    )
    languages = ChipsField(
        label=_("Languages of the evidence"), choices=settings.LANGUAGES, required=False
    )
    reviewers = forms.TypedChoiceField(
        label=_("How many reviewers decide?"),
        choices=[(1, _("One reviewer")), (2, _("Two reviewers"))],
        coerce=int,
        widget=forms.RadioSelect,
    )
    is_reviewed_elsewhere = forms.BooleanField(
        label=_("The reviewers come from another organisation than the applicant."),
        required=False,
    )
    needs_world_of_work = forms.BooleanField(
        label=_("Where two decide, one of them comes from the world of work."), required=False
    )


class CriterionForm(PortalForm):
    title = forms.CharField(
        label=_("Criterion"),
        help_text=_("A short sentence with a verb, for example “Runs the induction”."),
        max_length=160,
    )
    description = _text(_("What counts"), rows=3)
    evidence_kinds = ChipsField(
        label=_("Evidence that fits"), choices=EvidenceKind.choices, required=False
    )
    good_example = _text(_("A good example"), rows=3)
    weak_example = _text(
        _("A weak example"), _("Something that is often handed in and is not enough."), rows=3
    )


class PictureForm(PortalForm):
    shape = forms.ChoiceField(
        label=_("Shape"),
        choices=[(key, SHAPE_WORDS[key]) for key in SHAPES],
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )
    symbol = forms.ChoiceField(
        label=_("Symbol"),
        choices=[(key, SYMBOL_WORDS[key]) for key in SYMBOLS_TO_CHOOSE],
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )
    colour = forms.ChoiceField(
        label=_("Colour"),
        choices=[(key, COLOUR_WORDS[key]) for key in GROUNDS],
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )


class UploadForm(PortalForm):
    upload = forms.FileField(
        label=_("Picture"),
        help_text=_("A square PNG, at least 256 pixels wide. It says what the badge is in itself."),
        max_length=255,
        allow_empty_file=True,
    )


class PilotForm(PortalForm):
    """What a pilot reviewer answers; the hash says which content they have read."""

    outcome = forms.ChoiceField(
        label=_("Your answer"),
        choices=[("approve", _("I approve it")), ("changes", _("I ask for changes"))],
        widget=forms.RadioSelect,
    )
    note = _text(_("Note"), _("Say what should change, or what you like."))
    content = forms.CharField(max_length=64, widget=forms.HiddenInput)


class AlignmentForm(PortalForm):
    uri = forms.CharField(label=_("Skill"), max_length=200, widget=forms.HiddenInput)
