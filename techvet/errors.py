"""A rule said no. Services raise these; one middleware turns them into page, fragment or JSON."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404

M = TypeVar("M", bound=Model)


class Refused(Exception):
    """A rule said no, in words that people can act on.

    `code` is stable and for machines, `message` is a translated sentence, `field` names the
    form field it belongs to, if any.
    """

    status = 409

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field


class NotAllowed(Refused):
    """Visible, but not yours to do."""

    status = 403


class WrongState(Refused):
    """The thing has moved on since the page was opened."""

    status = 409


class InvalidInput(Refused):
    """What was sent cannot be used; the form comes back with the answers kept."""

    status = 422


class Gone(Refused):
    """An expired or used link; the page offers a new one."""

    status = 410


def get_visible_or_404(queryset: "QuerySet[M]", **lookup: Any) -> M:
    """The one row of an already limited queryset; anything else does not exist for this person."""
    try:
        return queryset.get(**lookup)
    except (queryset.model.DoesNotExist, ValueError):
        raise Http404 from None
