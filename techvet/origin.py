"""Public addresses come from PORTAL_ORIGIN alone, never from the request's Host header."""

from django.conf import settings
from django.urls import reverse


def absolute(path: str) -> str:
    """The public address of a path of this portal, for instance `/verify/`."""
    return f"{settings.PORTAL_ORIGIN}{path}"


def address(name: str, *args: object, **kwargs: object) -> str:
    """The public address of a named route."""
    return absolute(reverse(name, args=args or None, kwargs=kwargs or None))
