"""One JSON line for each request: what, how long, how many queries; no bodies, no secrets."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponseBase

logger = logging.getLogger("portal.request")
# Tokens of personal links and invitations must not reach a log.
_SECRET = re.compile(r"^/+(d|invitations)/[^/]+")


class RequestLogMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.id = uuid.uuid4().hex  # type: ignore[attr-defined]
        started = time.perf_counter()
        queries = 0

        def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            nonlocal queries
            queries += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        match = request.resolver_match
        logger.info(
            "request",
            extra={
                "request": request.id,  # type: ignore[attr-defined]
                "method": request.method,
                "path": _SECRET.sub(r"/\1/…", request.path),
                "route": match.view_name if match else "",
                "status": response.status_code,
                "ms": round((time.perf_counter() - started) * 1000, 1),
                "queries": queries,
            },
        )
        return response
