"""Documents that machines read: cacheable, readable from any origin, the stored bytes unchanged."""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from badges.selectors.achievements import present_versions, versions
from badges.selectors.awards import (
    credentials,
    issuers_with_keys,
    keys_of,
    published_status_lists,
    status_list_versions,
)
from badges.selectors.endorsements import living, voices_of
from badges.selectors.issuers import did_of
from badges.services import did, documents
from badges.services.content import picture_png
from badges.services.key_log import log_document
from techvet.errors import get_visible_or_404
from techvet.pages import page

CREDENTIAL = "application/vc+ld+json"
LINKED_DATA = "application/ld+json"
DID = "application/did+json"
# An uploaded picture stands in its SVG as data; nothing is loaded from anywhere.
PICTURE_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
FIVE_MINUTES, ONE_DAY, ONE_YEAR = 300, 86_400, 31_536_000


def published(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """CORS for all, no cookies, `ETag` by content, 304 for who has it already."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        etag = f'"{hashlib.sha256(response.content).hexdigest()}"'
        response["ETag"] = etag
        response["Access-Control-Allow-Origin"] = "*"
        response.headers.setdefault("Cache-Control", f"public, max-age={FIVE_MINUTES}")
        return get_conditional_response(request, etag=etag, response=response) or response

    document = require_safe(answer)
    document.is_machine_document = True  # cookies are not even looked at (techvet/middleware.py)
    return document


def _json(document: dict[str, Any], content_type: str) -> HttpResponse:
    return HttpResponse(json.dumps(document, ensure_ascii=False), content_type=content_type)


@published
def credential_document(request: HttpRequest, public_id: str) -> HttpResponse:
    """The credential exactly as it was signed and stored."""
    credential = get_visible_or_404(credentials(), award__public_id=public_id)
    response = HttpResponse(credential.body, content_type=CREDENTIAL)
    response["X-Robots-Tag"] = "noindex"
    if "download" in request.GET:
        code = credential.award.version.achievement.code.lower()
        response["Content-Disposition"] = f'attachment; filename="{code}.json"'
    return response


@published
def status_list_document(request: HttpRequest, public_id: str) -> HttpResponse:
    """The list as it was signed last."""
    status_list = get_visible_or_404(published_status_lists(), public_id=public_id)
    return HttpResponse(status_list.body, content_type=CREDENTIAL)


@published
def status_list_version(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """What was published once: never changes, so it may be kept for ever."""
    version = get_visible_or_404(
        status_list_versions(), status_list__public_id=public_id, number=number
    )
    response = HttpResponse(version.body, content_type=CREDENTIAL)
    response["Cache-Control"] = f"public, max-age={ONE_YEAR}, immutable"
    return response


@published
def did_document(request: HttpRequest, slug: str) -> HttpResponse:
    issuer = get_visible_or_404(issuers_with_keys(), slug=slug)
    return HttpResponse(did.did_document(issuer), content_type=DID)


@published
def key_log(request: HttpRequest, slug: str) -> HttpResponse:
    """Every key there ever was, chained by hashes."""
    issuer = get_visible_or_404(issuers_with_keys(), slug=slug)
    return _json(log_document(issuer), "application/json")


@published
def issuer_document(request: HttpRequest, slug: str) -> HttpResponse:
    issuer = get_visible_or_404(issuers_with_keys(), slug=slug)
    return _json(documents.issuer_document(issuer), LINKED_DATA)


@published
def achievement_document(request: HttpRequest, public_id: str) -> HttpResponse:
    version = get_visible_or_404(versions(), public_id=public_id)
    return _json(documents.achievement_document(version), LINKED_DATA)


@published
def achievement_picture(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """The badge picture; a version never changes, so it may be kept for a day."""
    version = get_visible_or_404(versions(), public_id=public_id)
    if form == "svg":
        response = HttpResponse(version.picture_svg, content_type="image/svg+xml")
        response["Content-Security-Policy"] = PICTURE_POLICY
    elif form == "png":
        response = HttpResponse(picture_png(version=version), content_type="image/png")
    else:
        raise Http404
    response["Cache-Control"] = f"public, max-age={ONE_DAY}"
    return response


@require_safe
def issuer_show(request: HttpRequest, slug: str) -> HttpResponse:
    """Who issues, by which keys, for people."""
    issuer = get_visible_or_404(issuers_with_keys(), slug=slug)
    context = {
        "issuer": issuer,
        "did": did_of(issuer),
        "keys": keys_of(issuer),
        "versions": present_versions(),
        "endorsements": living(subject_issuer=issuer),
        "endorse_url": reverse("issuer_endorse", kwargs={"slug": issuer.slug})
        if voices_of(request.actor)  # type: ignore[attr-defined]
        else "",
    }
    return page(request, "badges/issuer_show.html", context)
