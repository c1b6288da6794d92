"""The service description that programs read first (Open Badges API 3.0, 6.2: an OpenAPI file)."""

from typing import Any

from django.urls import reverse

from badges.api.openbadges.scopes import (
    CREDENTIAL_READ,
    CREDENTIAL_UPSERT,
    OFFLINE,
    PROFILE_READ,
    PROFILE_UPDATE,
)
from techvet.origin import absolute, address

BASE = "/ims/ob/v3p0"
_SCHEMAS = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_{name}_schema.json"
# In the words of programmers, so not translated.
_SCOPE_WORDS = {
    CREDENTIAL_READ: "Read the person's credentials.",
    CREDENTIAL_UPSERT: "Add credentials to the person's, or replace them.",
    PROFILE_READ: "Read the person's profile.",
    PROFILE_UPDATE: "Change the person's profile.",
    OFFLINE: "Refresh tokens.",
}


def service_description() -> dict[str, Any]:
    """OpenAPI 3.0, with the members that 1EdTech adds for discovery."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "NextSteps@TechVET: Open Badges API",
            "version": "3.0",
            "description": "Badges of the people who sign in to this portal.",
            "termsOfService": address("privacy"),
            "x-imssf-image": absolute("/static/icons/mark-192.png"),
            "x-imssf-privacyPolicyUrl": address("privacy"),
        },
        "servers": [{"url": absolute(BASE)}],
        "paths": {
            "/credentials": {
                "get": _operation(
                    "getCredentials",
                    CREDENTIAL_READ,
                    "getopenbadgecredentialsresponse",
                    parameters=[
                        _parameter("limit", "integer"),
                        _parameter("offset", "integer"),
                        _parameter("since", "string"),
                    ],
                ),
                "post": _operation(
                    "upsertCredential", CREDENTIAL_UPSERT, "achievementcredential", takes=True
                ),
            },
            "/profile": {
                "get": _operation("getProfile", PROFILE_READ, "profile"),
                "put": _operation("putProfile", PROFILE_UPDATE, "profile", takes=True),
            },
            "/discovery": {
                "get": {
                    "operationId": "getServiceDescription",
                    "security": [],
                    "responses": {"200": {"description": "This document."}},
                }
            },
        },
        "components": {"securitySchemes": {"OAuth2ACG": _security()}},
    }


def _security() -> dict[str, Any]:
    return {
        "type": "oauth2",
        "description": "OAuth 2.0 authorization code with PKCE (S256).",
        "x-imssf-registrationUrl": absolute(reverse("idp:oidc:client_registration")),
        "flows": {
            "authorizationCode": {
                "authorizationUrl": absolute(reverse("idp:oidc:authorization")),
                "tokenUrl": absolute(reverse("idp:oidc:token")),
                "refreshUrl": absolute(reverse("idp:oidc:token")),
                "scopes": _SCOPE_WORDS,
            }
        },
    }


def _operation(
    name: str,
    scope: str,
    schema: str,
    *,
    parameters: list[dict[str, Any]] | None = None,
    takes: bool = False,
) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": _SCHEMAS.format(name=schema)}}}
    operation: dict[str, Any] = {
        "operationId": name,
        "security": [{"OAuth2ACG": [scope]}],
        "responses": {
            "200": {"description": "Done.", "content": content},
            "default": {
                "description": "Refused, with the reason.",
                "content": {
                    "application/json": {
                        "schema": {"$ref": _SCHEMAS.format(name="imsx_statusinfo")}
                    }
                },
            },
        },
    }
    if parameters:
        operation["parameters"] = parameters
    if takes:
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameter(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}}
