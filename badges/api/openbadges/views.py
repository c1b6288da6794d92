"""The endpoints of the Open Badges API 3.0, section 6: credentials, profile, discovery."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from allauth.idp.oidc.contrib.rest_framework.authentication import TokenAuthentication
from allauth.idp.oidc.contrib.rest_framework.permissions import TokenPermission
from django.http import HttpResponse
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotAuthenticated, ParseError, PermissionDenied
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from badges.api.openbadges.discovery import BASE, service_description
from badges.api.openbadges.profiles import person_profile
from badges.api.openbadges.scopes import (
    CREDENTIAL_READ,
    CREDENTIAL_UPSERT,
    PROFILE_READ,
    PROFILE_UPDATE,
)
from badges.api.openbadges.status_info import BadQuery, refuse
from badges.enums import CredentialForm
from badges.selectors.backpack import Held, held_by
from badges.services.backpack import keep, read_received
from badges.services.profiles import update_profile
from partners.models import User
from techvet.actor import Actor, Assurance
from techvet.errors import InvalidInput
from techvet.origin import absolute

MAX_PAGE = 100
MAX_BYTES = 262_144
_NUMBER = re.compile(r"[0-9]{1,7}")


class RawParser(BaseParser):
    """The body as bytes: a signed document is kept exactly as it came."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> bytes:
        data: bytes = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ParseError("The body is larger than 256 kB.")
        return data


class HeaderTokenAuthentication(TokenAuthentication):
    """Asks the plain request: our parser gives bytes where allauth expects a form."""

    def authenticate(self, request: Any) -> Any:
        return super().authenticate(request._request)


class OpenBadgesView(APIView):
    """A token with the scope of the method; refusals as the specification spells them."""

    authentication_classes: Sequence[Any] = [HeaderTokenAuthentication]
    parser_classes: Sequence[Any] = [RawParser]
    scopes: dict[str, str] = {}

    def get_exception_handler(self) -> Any:
        return refuse

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def get_permissions(self) -> list[Any]:
        # A method without a scope is refused later, as one that does not exist.
        wanted: dict[str, Any] = {name.upper(): [] for name in self.http_method_names}
        wanted |= self.scopes
        return [TokenPermission.has_scope(wanted)()]

    def permission_denied(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.auth is None:
            raise NotAuthenticated("Send an access token.")
        raise PermissionDenied("The access token does not have the scope for this.")

    def person(self) -> User:
        person: User = self.request.user
        if not person.is_active:
            raise PermissionDenied("This account is closed.")
        return person

    def actor(self) -> Actor:
        """Acts as the person, with no more assurance than a personal link with its code."""
        return Actor(user=self.person(), assurance=Assurance.CODE)


class CredentialsView(OpenBadgesView):
    """getCredentials and upsertCredential."""

    scopes = {"GET": CREDENTIAL_READ, "POST": CREDENTIAL_UPSERT}

    def get(self, request: Request) -> HttpResponse:
        limit = _number(request, "limit", MAX_PAGE, least=1)
        offset = _number(request, "offset", 0, least=0)
        since = _moment(request)
        held = held_by(self.person(), since)
        limit = min(limit, MAX_PAGE)
        response = HttpResponse(
            orjson.dumps(_response_of(held[offset : offset + limit])),
            content_type="application/json",
        )
        response["X-Total-Count"] = str(len(held))
        if links := _links(request, len(held), limit, offset):
            response["Link"] = links
        return response

    def post(self, request: Request) -> HttpResponse:
        form = _form_of(request)
        try:
            received = read_received(request.data, form)
            _row, is_new = keep(by=self.actor(), received=received)
        except InvalidInput as refusal:
            raise ParseError(str(refusal.message)) from None
        kind = "application/json" if form == CredentialForm.JSON else "text/plain"
        return HttpResponse(received.body, content_type=kind, status=201 if is_new else 200)


class ProfileView(OpenBadgesView):
    """getProfile and putProfile."""

    scopes = {"GET": PROFILE_READ, "PUT": PROFILE_UPDATE}

    def get(self, request: Request) -> Response:
        return Response(person_profile(self.person()))

    def put(self, request: Request) -> Response:
        try:
            update_profile(by=self.actor(), body=request.data)
        except InvalidInput as refusal:
            raise ParseError(str(refusal.message)) from None
        return Response(person_profile(self.person()))


class DiscoveryView(APIView):
    """getServiceDescription; open to everybody."""

    def get(self, request: Request) -> Response:
        response = Response(service_description())
        response["Access-Control-Allow-Origin"] = "*"
        response["Cache-Control"] = "public, max-age=3600"
        return response


def _response_of(held: list[Held]) -> dict[str, list[Any]]:
    """GetOpenBadgeCredentialsResponse; signed documents pass through byte for byte."""
    return {
        "credential": [
            orjson.Fragment(one.body) for one in held if one.form == CredentialForm.JSON
        ],
        "compactJwsString": [one.body for one in held if one.form == CredentialForm.JWT],
    }


def _form_of(request: Request) -> CredentialForm:
    kind = (request.content_type or "").partition(";")[0].strip().lower()
    forms = {"application/json": CredentialForm.JSON, "text/plain": CredentialForm.JWT}
    if kind not in forms:
        raise ParseError("Send application/json, or a compact JWS as text/plain.")
    return forms[kind]


def _number(request: Request, name: str, default: int, *, least: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or int(text) < least:
        raise BadQuery(f"{name} must be a number of at least {least}.")
    return int(text)


def _moment(request: Request) -> datetime | None:
    text = request.query_params.get("since")
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise BadQuery("since must be a moment such as 2026-01-31T12:00:00Z.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _links(request: Request, total: int, limit: int, offset: int) -> str:
    """RFC 8288, as the specification asks: first, previous, next and last page."""
    last = max(total - 1, 0) // limit * limit
    pages = {"first": 0, "last": last}
    if offset + limit < total:
        pages["next"] = offset + limit
    if offset > 0:
        pages["prev"] = max(offset - limit, 0)
    kept = {key: value for key, value in request.query_params.items() if key == "since"}
    return ", ".join(
        f"<{absolute(BASE)}/credentials?"
        f'{urlencode({**kept, "limit": limit, "offset": start})}>; rel="{name}"'
        for name, start in pages.items()
    )
