"""The shape of what people send while they earn badges: quiz, start test, plan, answers."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from badges.forms.applications import NOTE_MAX, TEXT_MAX, EvidenceForm
from badges.models import Criterion
from badges.selectors.catalogue import catalogue
from partners.models import User
from techvet.forms import PortalForm

LONG_TEXT_MAX = 8000  # for a reflection of up to 900 words
PLAN_MAX = 3000
ANSWERS = [("often", _("Often")), ("sometimes", _("Sometimes")), ("not_yet", _("Not yet"))]


class QuizForm(PortalForm):
    """All questions of a quiz on one page, a list of choices for each."""

    def __init__(self, *args: Any, quiz: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, question in enumerate(quiz["questions"], start=1):
            self.fields[question["code"]] = forms.TypedChoiceField(
                label=f"{number}. {question['text']}",
                choices=list(enumerate(question["options"])),
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("Choose an answer for question %(number)s.") % {"number": number}
                },
            )


class StartForm(PortalForm):
    """The eight questions that suggest where to begin; sent by GET, stored nowhere."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in catalogue().start_test:
            self.fields[f"q{question['number']}"] = forms.ChoiceField(
                label=f"{question['number']}. {question['text']}",
                choices=ANSWERS,
                widget=forms.RadioSelect(attrs={"class": "segments"}),
                error_messages={
                    "required": _("Choose an answer for question %(number)s.")
                    % {"number": question["number"]}
                },
            )

    def answers(self) -> dict[str, str]:
        """By the number of the question."""
        return {name[1:]: value for name, value in self.cleaned_data.items()}


class CriterionForm(EvidenceForm):
    """Proof for one criterion, and an answer to the reviewer's note where there is one."""

    answer = forms.CharField(
        label=_("Your answer to the reviewer"),
        help_text=_("Say in a sentence or two what you changed."),
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, *args: Any, criterion: Criterion, asks_answer: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, criterion=criterion, **kwargs)
        if not asks_answer:
            del self.fields["answer"]
        if "text" in self.fields and is_reflection(criterion):
            self.fields["text"] = forms.CharField(
                label=_("Your reflection"),
                help_text=_("600 to 900 words. What did you believe, what changed, what failed?"),
                required=False,
                max_length=LONG_TEXT_MAX,
                widget=forms.Textarea(attrs={"rows": 18}),
            )


class TextAutosaveForm(PortalForm):
    """What is kept while somebody writes."""

    text = forms.CharField(required=False)

    def __init__(self, *args: Any, criterion: Criterion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = LONG_TEXT_MAX if is_reflection(criterion) else TEXT_MAX
        self.fields["text"].validators.append(MaxLengthValidator(limit))


class PlanForm(PortalForm):
    text = forms.CharField(
        label=_("My plan"),
        help_text=_(
            "Five lines: what you want to show, with which proofs, from what period, and who can"
            " confirm it."
        ),
        max_length=PLAN_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write a few lines first.")},
    )


class PeerAskForm(PortalForm):
    """Which colleague is asked to read the draft."""

    peer = forms.UUIDField(
        label=_("Colleague"), error_messages={"required": _("Choose a colleague.")}
    )

    def __init__(self, *args: Any, colleagues: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["peer"] = forms.ChoiceField(
            label=_("Colleague"),
            choices=[("", _("Choose a colleague")), *((p.public_id, p.name) for p in colleagues)],
            error_messages={
                "required": _("Choose a colleague."),
                "invalid_choice": _("Choose somebody of your own organisation."),
            },
        )


class PeerCommentForm(PortalForm):
    """One box for each criterion; empty ones are left out."""

    def __init__(self, *args: Any, criteria: list[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for one in criteria:
            self.fields[f"comment-{one.number}"] = forms.CharField(
                label=_("What would make it stronger?"),
                required=False,
                max_length=NOTE_MAX,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def comments(self) -> dict[int, str]:
        """By the number of the criterion."""
        return {
            one.number: text
            for one in self.criteria
            if (text := self.cleaned_data.get(f"comment-{one.number}", "").strip())
        }


def is_reflection(criterion: Criterion) -> bool:
    """The meta badge asks for one long text; its rule says how long."""
    rule = catalogue().rules.get(criterion.version.achievement.code, {})
    return "reflection_words_min" in rule.get("also", {}) and criterion.code == rule["also"].get(
        "reflection_criterion"
    )
