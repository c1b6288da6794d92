"""The public, read-only API of published entries."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.decorators import api_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from materials.forms import SearchForm
from materials.selectors.entries import public_version
from materials.selectors.search import FACETS, search_entries
from materials.serializers import EntrySerializer, WholeEntrySerializer
from techvet.errors import get_visible_or_404
from techvet.origin import absolute
from techvet.pages import publicly_cached

PAGE_SIZE, MAX_PAGE_SIZE = 25, 100
MAX_PAGE = 100_000
_PARAMETERS = {"q", "page", "page_size", *FACETS}


@publicly_cached(60)
@api_view(["GET"])
def api_materials(request: Request) -> Response:
    """Published entries. Takes q, the facets (repeatable), page and page_size up to 100."""
    params = request.query_params
    unknown = sorted(set(params) - _PARAMETERS)
    if unknown:
        raise ValidationError({name: [_("Unknown parameter.")] for name in unknown})
    form = SearchForm(params)
    if not form.is_valid():
        raise ValidationError(form.errors)
    size = _number(params, "page_size", PAGE_SIZE, MAX_PAGE_SIZE)
    number = _number(params, "page", 1, MAX_PAGE)
    found = search_entries(form.wish)
    pages = Paginator(found.rows, size)
    if number > pages.num_pages:
        raise ValidationError({"page": [_("There is no such page.")]})
    rows = pages.page(number)
    return Response(
        {
            "count": pages.count,
            "page": number,
            "pages": pages.num_pages,
            "next": _link(params, number + 1) if rows.has_next() else None,
            "previous": _link(params, number - 1) if rows.has_previous() else None,
            "searched_instead": found.instead or None,
            "results": EntrySerializer(rows, many=True).data,
        }
    )


@publicly_cached(60)
@api_view(["GET"])
def api_material(request: Request, slug: str) -> HttpResponseBase:
    """One published entry with its text."""
    return Response(WholeEntrySerializer(get_visible_or_404(public_version(slug))).data)


def _number(params: Any, name: str, default: int, most: int) -> int:
    text = params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most):
        raise ValidationError(
            {name: [_("Give a whole number between 1 and %(most)s.") % {"most": most}]}
        )
    return int(text)


def _link(params: Any, number: int) -> str:
    pairs = [(k, v) for k, values in params.lists() if k != "page" for v in values]
    query = urlencode([*pairs, ("page", number)])
    return absolute(f"{reverse('api_materials')}?{query}")
