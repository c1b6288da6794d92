"""A badge in the forms in which people and programs carry it away, and everything in one file."""

import json
from typing import Any

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from badges.models import Award
from badges.openbadges.baking import Generation
from badges.selectors.achievements import versions
from badges.selectors.awards import awards_with_credential, issuers_with_keys, token_keys_of
from badges.services import ob2_documents
from badges.services.baked import baked_picture
from badges.services.certificates import certificate_pdf
from badges.services.exporting import archive_of
from badges.views.documents import LINKED_DATA, PICTURE_POLICY, published
from techvet.clock import today
from techvet.errors import Gone, get_visible_or_404

PICTURE_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


def _award(public_id: str) -> Award:
    return get_visible_or_404(awards_with_credential(), public_id=public_id)


def _linked_data(document: dict[str, Any], status: int = 200) -> HttpResponse:
    text = json.dumps(document, ensure_ascii=False)
    return HttpResponse(text, content_type=LINKED_DATA, status=status)


def _download(content: bytes | str, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Robots-Tag"] = "noindex"
    return response


def _file_name(award: Award, ending: str) -> str:
    """Readable, in ASCII: wgb-l1-guiding-at-the-workplace.pdf"""
    words = slugify(award.version.short_name)[:60].strip("-")
    return f"{award.version.achievement.code.lower()}-{words}{ending}"


@published
def credential_token(request: HttpRequest, public_id: str) -> HttpResponse:
    """The credential as VC-JWT; plain text, as section 8 of Open Badges 3.0 has it."""
    award = _award(public_id)
    if not award.credential.jwt:
        raise Http404
    return _download(award.credential.jwt, "text/plain", _file_name(award, ".jwt"))


@published
def award_picture(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """The picture with the credential of Open Badges 3.0 inside."""
    return _picture(public_id, form, Generation.OPEN_BADGES_3)


@published
def award_picture_ob2(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """The picture with the assertion of Open Badges 2.0 inside."""
    return _picture(public_id, form, Generation.OPEN_BADGES_2)


def _picture(public_id: str, form: str, generation: Generation) -> HttpResponse:
    if form not in PICTURE_TYPES:
        raise Http404
    award = _award(public_id)
    picture = baked_picture(award=award, form=form, generation=generation)
    if picture is None:
        raise Http404
    mark = "-ob2" if generation == Generation.OPEN_BADGES_2 else ""
    response = _download(picture, PICTURE_TYPES[form], _file_name(award, f"{mark}.{form}"))
    response["Content-Security-Policy"] = PICTURE_POLICY
    return response


@require_safe
def award_certificate(request: HttpRequest, public_id: str) -> HttpResponse:
    """The PDF, in the language of the page; made anew for each reader and kept nowhere."""
    award = _award(public_id)
    if ob2_documents.is_withheld(award):
        raise Gone("not_valid", _("This badge is not valid now, so there is no certificate."))
    content = certificate_pdf(award=award, language=get_language() or "en")
    return _download(content, "application/pdf", _file_name(award, ".pdf"))


@published
def ob2_assertion(request: HttpRequest, public_id: str) -> HttpResponse:
    """The hosted assertion; 410 for one that was taken back, as Open Badges 2.0 asks."""
    document = ob2_documents.assertion_document(_award(public_id))
    if document is None:
        raise Http404
    response = _linked_data(document, status=410 if document.get("revoked") else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


@published
def ob2_badge_class(request: HttpRequest, public_id: str) -> HttpResponse:
    version = get_visible_or_404(versions(), public_id=public_id)
    return _linked_data(ob2_documents.badge_class_document(version, version.creator))


@published
def ob2_issuer_badge_class(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """The same badge as another institution issues it."""
    issuer = get_visible_or_404(issuers_with_keys(), slug=slug)
    version = get_visible_or_404(versions(), public_id=public_id)
    return _linked_data(ob2_documents.badge_class_document(version, issuer))


@published
def ob2_issuer(request: HttpRequest, slug: str) -> HttpResponse:
    issuer = get_visible_or_404(issuers_with_keys(), slug=slug)
    return _linked_data(ob2_documents.issuer_document(issuer))


@published
def ob2_revocations(request: HttpRequest, slug: str) -> HttpResponse:
    issuer = get_visible_or_404(issuers_with_keys(), slug=slug)
    return _linked_data(ob2_documents.revocations_document(issuer))


@published
def issuer_key(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One public key as a JWK, for those who look tokens up by an address."""
    issuer = get_visible_or_404(issuers_with_keys(), slug=slug)
    key = get_visible_or_404(token_keys_of(issuer), name=name)
    return HttpResponse(json.dumps(key.public_jwk), content_type="application/jwk+json")


@require_GET
def everything(request: HttpRequest) -> HttpResponseBase:
    """The person's ZIP, written while it is sent."""
    pieces = archive_of(
        person=request.actor.user,  # type: ignore[attr-defined]
        language=get_language() or "en",
    )
    response = StreamingHttpResponse(pieces, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="badges-{today().isoformat()}.zip"'
    return response
