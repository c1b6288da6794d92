"""Small things every view does: render, render again with errors, page through a list."""

import functools
from collections.abc import Callable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

PER_PAGE = 25


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    return render(request, template, context, status=status)


def invalid(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The same page again with the answers kept and the summary on top (422)."""
    return render(request, template, {"has_errors": True, **context}, status=422)


def paginate(
    request: HttpRequest, rows: "QuerySet[Any] | list[Any]", per_page: int = PER_PAGE
) -> Page:
    """The asked page of a list; a number out of range gives the nearest page that exists."""
    return Paginator(rows, per_page).get_page(request.GET.get("page"))


def publicly_cached(seconds: int) -> Callable[..., Any]:
    """Lets shared caches keep a public answer, but never one that was made for a known person."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def cached(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response = view(request, *args, **kwargs)
            anonymous = request.actor.is_anonymous  # type: ignore[attr-defined]
            is_personal = request.session.modified or "CSRF_COOKIE_NEEDS_UPDATE" in request.META
            if anonymous and response.status_code == 200 and not is_personal:
                response["Cache-Control"] = f"public, max-age={seconds}"
            return response

        return cached

    return decorate
