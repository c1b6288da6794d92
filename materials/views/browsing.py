"""Finding and reading, without signing in."""

from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from materials.enums import Audience, Licence, MaterialKind, Phase, Question, Reading, Theme
from materials.forms import SearchForm
from materials.permissions import can_retire_material, can_write_materials, is_author
from materials.selectors.entries import (
    attachments_visible_to,
    public_version,
    retired_entries,
)
from materials.selectors.search import Found, Wish, marked_title, search_entries
from materials.views.reading import credit_line, linked_data, text_context
from techvet.errors import get_visible_or_404
from techvet.pages import invalid, page, paginate, publicly_cached

# The facets in the order of the page, each with the words of its values.
_FACETS: dict[str, tuple[Any, Any]] = {
    "audience": (_lazy("For whom"), Audience.choices),
    "phase": (_lazy("When"), Phase.choices),
    "theme": (_lazy("Theme"), Theme.choices),
    "minutes": (_lazy("How long"), Reading.choices),
    "kind": (_lazy("Kind"), MaterialKind.choices),
    "language": (
        _lazy("Language"),
        [
            (code, get_language_info(code)["name_local"].capitalize())
            for code, _name in settings.LANGUAGES
        ],
    ),
}


@require_safe
@publicly_cached(60)
def materials_list(request: HttpRequest) -> HttpResponse:
    form = SearchForm.forgiving(request.GET)
    valid = form.is_valid()
    wish = form.wish if valid else Wish()
    found = search_entries(wish)
    rows = paginate(request, found.rows)
    for entry in rows:
        entry.marked_title = marked_title(entry)
    context = {
        "form": form,
        "wish": wish,
        "words": form["q"].value() or "",
        "found": found,
        "page_obj": rows,
        "facets": _facets(wish, found),
        "questions": _questions(wish),
        "can_write": can_write_materials(request.actor),
        "is_library_empty": wish.is_empty and not rows.paginator.count,
        "list_url": reverse("materials_list"),
    }
    if not valid:
        return invalid(request, "materials/materials_list.html", context)
    template = "materials/_found.html" if request.htmx else "materials/materials_list.html"
    response = page(request, template, context)
    patch_vary_headers(response, ("HX-Request",))
    return response


@require_safe
@publicly_cached(60)
def material_show(request: HttpRequest, slug: str) -> HttpResponse:
    if retired_entries().filter(slug=slug).exists():
        return page(request, "materials/material_retired.html", status=410)
    return _show(request, slug, None)


@require_safe
@publicly_cached(60)
def material_version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    return _show(request, slug, number)


@require_safe
@publicly_cached(60)
def material_card(request: HttpRequest, slug: str) -> HttpResponse:
    version = get_visible_or_404(public_version(slug))
    context = text_context(version, list(version.attachments.all()))
    if context["card"] is None:
        raise Http404
    return page(request, "materials/material_card.html", {"entry": version, **context})


@require_safe
@publicly_cached(300)
def attachment_show(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The bytes, never to be shown as a page of ours: a download in a sandbox without rights."""
    attachment = get_visible_or_404(attachments_visible_to(request.actor), public_id=public_id)
    try:
        stored = attachment.file.open()
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        stored,
        as_attachment=True,
        filename=attachment.original_name,
        content_type=attachment.content_type,
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _show(request: HttpRequest, slug: str, number: int | None) -> HttpResponse:
    version = get_visible_or_404(public_version(slug, number))
    material = version.material
    text = text_context(version, list(version.attachments.all()), request.GET.get("view", "")[:20])
    context = {
        "entry": version,
        "material": material,
        "licence": Licence(version.licence),
        "credit_line": credit_line(version),
        "linked_data": linked_data(version),
        "versions": material.all_versions,
        "is_author": is_author(request.actor, material),
        "may_retire": can_retire_material(request.actor, material),
        "crumbs": [{"url": reverse("materials_list"), "name": _("Materials")}],
        **text,
    }
    return page(request, "materials/material_show.html", context)


def _facets(wish: Wish, found: Found) -> list[dict[str, Any]]:
    """Only values that lead somewhere, or that are chosen."""
    facets = []
    for name, (label, choices) in _FACETS.items():
        chosen = wish.chosen.get(name, [])
        options = [
            {
                "value": value,
                "label": words,
                "count": found.counts[name].get(value, 0),
                "is_chosen": value in chosen,
            }
            for value, words in choices
            if found.counts[name].get(value) or value in chosen
        ]
        if options:
            facets.append({"name": name, "label": label, "options": options})
    return facets


def _questions(wish: Wish) -> list[dict[str, Any]]:
    """The questions as links; following the chosen one takes it back."""
    chosen = wish.chosen.get("question", [])
    home = reverse("materials_list")
    return [
        {
            "label": question.label,
            "url": home if question.value in chosen else f"{home}?question={question.value}",
            "is_chosen": question.value in chosen,
        }
        for question in Question
    ]
