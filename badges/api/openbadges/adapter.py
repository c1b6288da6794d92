"""What we ask of allauth's OAuth server: our four scopes, safe addresses, no numbers of people."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client
from django.core.exceptions import ValidationError

from badges.api.openbadges.scopes import SCOPES
from partners.models import User
from techvet.origin import absolute

MAX_REDIRECT_URIS = 10
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_GRANTS = {"authorization_code", "refresh_token"}
_NEVER = {"javascript", "data", "vbscript", "file", "blob", "about"}


class OpenBadgesAdapter(DefaultOIDCAdapter):
    """Plain OAuth 2.0 with PKCE; no ID tokens, so web processes hold no signing key."""

    scope_display = SCOPES

    def get_issuer(self) -> str:
        return absolute("").rstrip("/")

    def get_user_sub(self, client: Client, user: Any) -> str:
        return str(user.public_id)

    def get_user_by_sub(self, client: Client, sub: str) -> Any:
        return User.objects.filter(public_id=sub, is_active=True).first()

    def populate_server_metadata(self, data: dict[str, Any]) -> None:
        for name in ("device_authorization_endpoint", "end_session_endpoint", "userinfo_endpoint"):
            data.pop(name, None)
        data["scopes_supported"] = list(SCOPES)
        data["grant_types_supported"] = sorted(_GRANTS)
        data["response_types_supported"] = ["code"]

    def validate_client_registration(
        self, *, client: Client, client_metadata: dict[str, Any], **kwargs: Any
    ) -> None:
        """RFC 7591; a program without a name would ask people for their consent namelessly."""
        if not client.name:
            raise ValidationError("client_name is required.")
        if not client_metadata.get("scope"):
            client.set_scopes(list(SCOPES))
        if unknown := sorted(set(client.get_scopes()) - set(SCOPES)):
            raise ValidationError(f"Unknown scope: {', '.join(unknown)[:200]}")
        if not set(client.get_grant_types()) <= _GRANTS:
            raise ValidationError("Use the authorization code grant, with refresh tokens.")
        if client.get_response_types() != ["code"]:
            raise ValidationError("Use the response type code.")
        _check_redirects(client.get_redirect_uris())


def _check_redirects(uris: Iterable[str]) -> None:
    """https, a loopback address (RFC 8252, 7.3), or an app's own scheme with a dot (7.1)."""
    found = list(uris)
    if len(found) > MAX_REDIRECT_URIS:
        raise ValidationError("Too many redirect_uris.")
    for uri in found:
        parts = urlsplit(uri)
        is_fine = (
            (parts.scheme == "https" and bool(parts.hostname))
            or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
            or ("." in parts.scheme and parts.scheme not in _NEVER)
        )
        if not is_fine or parts.fragment or "*" in uri or len(uri) > 500:
            raise ValidationError(f"This address cannot be used: {uri[:100]}")
