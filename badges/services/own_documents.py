"""What stands at the portal's own addresses, looked up instead of fetched."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from badges.models import Award, StatusList
from badges.selectors.achievements import versions
from badges.selectors.awards import awards_with_credential, issuers_with_keys
from badges.services import ob2_documents
from badges.services.documents import status_list_address
from partners.models import Organisation

Found = tuple[int, bytes] | None
_AWARD_PAGES = frozenset(
    {
        "award_show",
        "credential_document",
        "award_picture",
        "award_picture_ob2",
        "award_certificate",
        "award_progress",
    }
)


def own_document(url: str) -> Found:
    """Status and content of a badge, a list or a document of Open Badges 2.0; None for the rest."""
    name, arguments = _route(url)
    if name in _AWARD_PAGES:
        name = "credential_document"
    look_up = _DOCUMENTS.get(name)
    return look_up(arguments, url) if look_up else None


def issuer_at(url: str) -> Organisation | None:
    """The issuer whose profile of Open Badges 2.0 stands at this address."""
    name, arguments = _route(url)
    if name != "ob2_issuer":
        return None
    found = issuers_with_keys().filter(slug=arguments["slug"]).first()
    return found if found is not None and ob2_documents.issuer_address(found) == url else None


def _route(url: str) -> tuple[str, Mapping[str, Any]]:
    try:
        found = resolve(urlsplit(url).path)
    except (Resolver404, ValueError):
        return "", {}
    return found.url_name or "", found.kwargs


def _award(arguments: Mapping[str, Any]) -> Award | None:
    return awards_with_credential().filter(public_id=arguments["public_id"]).first()


def _credential(arguments: Mapping[str, Any], _url: str) -> Found:
    award = _award(arguments)
    return (200, award.credential.body.encode()) if award is not None else None


def _token(arguments: Mapping[str, Any], _url: str) -> Found:
    award = _award(arguments)
    if award is None or not award.credential.jwt:
        return None
    return 200, award.credential.jwt.encode()


def _status_list(arguments: Mapping[str, Any], url: str) -> Found:
    found = StatusList.objects.filter(public_id=arguments["public_id"]).exclude(body="").first()
    if found is None or status_list_address(found) != url:
        return None
    return 200, found.body.encode()


def _assertion(arguments: Mapping[str, Any], _url: str) -> Found:
    award = _award(arguments)
    document = ob2_documents.assertion_document(award) if award is not None else None
    if document is None:
        return None
    return (410 if document.get("revoked") else 200), _bytes(document)


def _badge_class(arguments: Mapping[str, Any], _url: str) -> Found:
    version = versions().filter(public_id=arguments["public_id"]).first()
    if version is None:
        return None
    issuer: Organisation | None = version.creator
    if "slug" in arguments:
        issuer = issuers_with_keys().filter(slug=arguments["slug"]).first()
    if issuer is None:
        return None
    return 200, _bytes(ob2_documents.badge_class_document(version, issuer))


def _issuer(arguments: Mapping[str, Any], _url: str) -> Found:
    issuer = issuers_with_keys().filter(slug=arguments["slug"]).first()
    return None if issuer is None else (200, _bytes(ob2_documents.issuer_document(issuer)))


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


_DOCUMENTS: dict[str, Callable[[Mapping[str, Any], str], Found]] = {
    "credential_document": _credential,
    "credential_token": _token,
    "status_list_document": _status_list,
    "ob2_assertion": _assertion,
    "ob2_badge_class": _badge_class,
    "ob2_issuer_badge_class": _badge_class,
    "ob2_issuer": _issuer,
}
