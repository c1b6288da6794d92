"""Anybody can check a badge here, without signing in; nothing that is sent is kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from badges.forms.verifying import VerifyForm
from badges.selectors.progress import standing_of
from badges.services.verify_limits import TooMany, VerifyLimits
from badges.services.verifying import (
    MAX_PICTURE_BYTES,
    Verification,
    read_credential,
    verify_credential,
)
from techvet.errors import InvalidInput
from techvet.pages import invalid, page


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The form, and under it the verdict with each check; `?badge=` checks an address at once."""
    asked = request.GET.get("badge", "")
    if request.method == "GET" and not asked:
        return page(request, "badges/verify.html", {"form": VerifyForm()})
    data = request.POST if request.method == "POST" else {"text": asked}
    form = VerifyForm(data, request.FILES or None)
    if form.is_valid():
        try:
            result = _result(request, form.cleaned_data)
        except InvalidInput as refusal:
            form.refuse(refusal)
        except TooMany as refusal:
            context = {"form": form, "refusal": refusal}
            response = page(request, "badges/verify.html", context, status=refusal.status)
            response["Retry-After"] = str(refusal.seconds)
            return response
        else:
            return page(request, "badges/verify.html", _context(form, result))
    return invalid(request, "badges/verify.html", {"form": form})


def _result(request: HttpRequest, data: dict[str, Any]) -> Verification:
    upload = data.get("file")
    content = read_credential(
        text=data["text"], upload=upload.read(MAX_PICTURE_BYTES + 1) if upload else None
    )
    return verify_credential(content, email=data["email"], limits=VerifyLimits(request))


def _context(form: VerifyForm, result: Verification) -> dict[str, Any]:
    tone, word, title = {
        "valid": ("ok", _("Valid, and we know the issuer"), _("This badge is valid.")),
        "valid_issuer_unknown": (
            "info",
            _("Valid, issuer unknown"),
            _("This badge is valid, but we do not know its issuer."),
        ),
        "not_valid": ("attention", _("Not valid"), _("Do not rely on this badge.")),
        "could_not_be_checked": (
            "wait",
            _("Could not be checked"),
            _("The badge could not be checked completely."),
        ),
    }[result.outcome]
    return {
        "form": form,
        "result": result,
        "tone": tone,
        "word": word,
        "title": title,
        "standing": standing_of(result.award) if result.award else None,
    }
