"""Between the request and the views: who asks, in which language, and what a refusal becomes."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from partners.selectors.actors import actor_for
from techvet.errors import Refused

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ActorMiddleware:
    """Sets `request.actor`, freshly read for each request: nothing about rights is remembered."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = actor_for(request.user, request.session)  # type: ignore[attr-defined]
        return self.get_response(request)


class LanguageMiddleware:
    """The person's own language and time zone, else the visitor's choice or the browser's."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.actor.user  # type: ignore[attr-defined]
        language = user.language if user else self._visitors(request)
        translation.activate(language)
        if user:
            timezone.activate(user.time_zone)
        else:
            timezone.deactivate()
        request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    def _visitors(self, request: HttpRequest) -> str:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if chosen in dict(settings.LANGUAGES):
            return chosen
        # Django reads the cookie more loosely than the caches in front of us do.
        request.COOKIES.pop(settings.LANGUAGE_COOKIE_NAME, None)
        return translation.get_language_from_request(request)


class PrivateByDefaultMiddleware:
    """`private, no-store` on everything but what a public view opted out of; and no open doors."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        """A view that states no rule is closed: allauth's own pages are the listed exception."""
        if hasattr(view, "access") or request.path.startswith("/accounts/"):
            return None
        raise RuntimeError(f"{request.path} has no access rule; list it with `route`.")


class MachineDocumentMiddleware:
    """Documents for machines know no visitor: cookies are dropped before a session is looked for.

    So the answer is the same for everybody, and shared caches may keep one copy of it. Stands
    outside the sessions; views say that they are such documents by `is_machine_document`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_machine_document(request.path_info):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)
        request.COOKIES = {}
        response = self.get_response(request)
        kept = [one for one in _varies(response) if one.lower() not in ("cookie", "")]
        if kept:
            response.headers["Vary"] = ", ".join(kept)
        else:
            response.headers.pop("Vary", None)
        return response


def _is_machine_document(path: str) -> bool:
    try:
        return getattr(resolve(path).func, "is_machine_document", False)
    except Resolver404:
        return False


def _varies(response: HttpResponseBase) -> list[str]:
    return [one.strip() for one in response.headers.get("Vary", "").split(",")]


class RefusalMiddleware:
    """Turns a rule's no into a page, a fragment or JSON, in the words of the rule."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if request.path.startswith("/api/"):
            body = {"code": exception.code, "message": str(exception.message)}
            return JsonResponse(body, status=exception.status)
        context = {"refusal": exception}
        template = f"errors/{exception.status}.html"
        return render(request, template, context, status=exception.status)
