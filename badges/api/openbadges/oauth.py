"""The doors of the OAuth server, run by allauth's identity provider behind our access rules."""

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from allauth.idp.oidc import views
from allauth.idp.oidc.models import Client
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.template.response import TemplateResponse
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponseBase]


def without_nul(view: View) -> View:
    """The database refuses NUL characters, so no parameter may hold one."""

    @functools.wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        given = [*request.GET.items(), *request.POST.items()]
        if any("\0" in key or "\0" in str(value) for key, value in given):
            return JsonResponse({"error": "invalid_request"}, status=400)
        return view(request, *args, **kwargs)

    return checked


class ConsentView(views.AuthorizationView):
    """The page where a person says what a program may do.

    After the answer the browser goes to the program's address: the content security policy has to
    let the form end there, and nowhere else.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        if response.status_code == 200 and not isinstance(response, TemplateResponse):
            response.status_code = 400  # allauth's page for what cannot be granted
        client = Client.objects.filter(pk=request.GET.get("client_id", "")[:100]).first()
        if client is not None:
            origins = [_origin(uri) for uri in client.get_redirect_uris()]
            response._csp_update = {"form-action": origins}  # type: ignore[attr-defined]
        return response


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    is_web = parts.scheme in ("http", "https")
    return f"{parts.scheme}://{parts.netloc}" if is_web else f"{parts.scheme}:"


consent = csrf_exempt(
    without_nul(ConsentView.as_view())
)  # allauth checks the token of the form itself
token = csrf_exempt(without_nul(views.token))
revoke = csrf_exempt(without_nul(views.revoke))


def not_offered(request: HttpRequest) -> HttpResponseBase:
    """allauth's metadata names these addresses; we offer neither devices nor ID tokens."""
    raise Http404
