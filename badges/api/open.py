"""The open part of the API: verifying, and the badges that exist."""

import json
from typing import Any

from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from badges.selectors.achievements import present_versions
from badges.serializers import VerifySerializer, achievement_data, verification_data
from badges.services.verify_limits import TooMany, VerifyLimits
from badges.services.verifying import read_credential, verify_credential
from techvet.errors import InvalidInput


@api_view(["POST"])
def verify_api(request: Request) -> Response:
    """Verdict and checks for a badge of any issuer: an object, its text, a token or an address."""
    serializer = VerifySerializer(data=request.data)
    if not serializer.is_valid():
        return Response({"code": "invalid", "errors": serializer.errors}, status=422)
    given: Any = serializer.validated_data["credential"]
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    email = serializer.validated_data.get("email", "")
    try:
        data = read_credential(text=text)
        result = verify_credential(data, email=email, limits=VerifyLimits(request._request))
    except InvalidInput as refusal:
        return Response({"code": refusal.code, "message": str(refusal.message)}, status=422)
    except TooMany as refusal:
        body = {"code": refusal.code, "message": str(refusal.message)}
        return Response(body, status=429, headers={"Retry-After": str(refusal.seconds)})
    return Response(verification_data(result))


@api_view(["GET"])
def achievements_api(request: Request) -> Response:
    """Every badge with its criteria, as read by people."""
    return Response({"results": [achievement_data(one) for one in present_versions()]})
