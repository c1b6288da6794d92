"""Anybody can check a badge here, without signing in; nothing that is sent is kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from badges.forms import VerifyForm
from badges.selectors.progress import standing_of
from badges.services.verifying import MAX_BYTES, Verification, read_credential, verify_credential
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
            result = _result(form.cleaned_data)
        except InvalidInput as refusal:
            form.refuse(refusal)
        else:
            return page(request, "badges/verify.html", _context(form, result))
    return invalid(request, "badges/verify.html", {"form": form})


def _result(data: dict[str, Any]) -> Verification:
    upload = data.get("file")
    content = read_credential(
        text=data["text"], upload=upload.read(MAX_BYTES + 1) if upload else None
    )
    return verify_credential(content, email=data["email"])


def _context(form: VerifyForm, result: Verification) -> dict[str, Any]:
    tone, word, title = {
        "valid": ("ok", _("Valid, and we know the issuer"), _("This badge is valid.")),
        "not_valid": ("attention", _("Not valid"), _("Do not rely on this badge.")),
        "could_not_be_checked": (
            "wait",
            _("Could not be checked"),
            _("The badge could not be checked completely."),
        ),
        "not_issued_here": (
            "quiet",
            _("Not issued here"),
            _("This badge was not issued by this portal."),
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
