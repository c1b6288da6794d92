"""Refusals as the Open Badges API 3.0 spells them (Imsx_StatusInfo)."""

from typing import Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler

# Minor codes of the specification by HTTP status.
_MINOR = {
    400: "invalid_data",
    401: "unauthorizedrequest",
    403: "forbidden",
    404: "not_found",
    405: "not_allowed",
    406: "not_acceptable",
    413: "invalid_data",
    415: "invalid_data",
    429: "server_busy",
}


class BadQuery(ParseError):
    """A query parameter that cannot be used."""

    minor = "invalid_query_parameter"


def status_info(status: int, description: str, minor: str = "") -> dict[str, Any]:
    value = minor or _MINOR.get(status, "unknown")
    return {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": description,
        "imsx_CodeMinor": {
            "imsx_codeMinorField": [
                {
                    "imsx_codeMinorFieldName": "OpenBadgesAPI",
                    "imsx_codeMinorFieldValue": value,
                }
            ]
        },
    }


def refuse(error: Exception, context: dict[str, Any]) -> Response | None:
    """The exception handler of these views; unknown errors stay errors."""
    response = exception_handler(error, context)
    if response is None:
        return None
    description = str(error.detail) if isinstance(error, APIException) else "Not found."
    response.data = status_info(response.status_code, description, getattr(error, "minor", ""))
    return response
