"""Written text in templates: Markdown as safe HTML, and data for machines."""

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString, mark_safe

from materials.markdown import render

register = template.Library()
# Nothing in the data may end the script element or begin a comment in it.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@register.filter
def material_text(value: str | None) -> SafeString:
    """Markdown as HTML, without pictures and without links between entries."""
    return render(value or "")


@register.filter
def json_ld(value: dict[str, Any]) -> SafeString:
    """Linked data for `<script type="application/ld+json">`; valid JSON in any context."""
    text = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308 - escaped in this line
