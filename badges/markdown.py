"""Lists and bold in the texts of badges; no raw HTML, no pictures, no links."""

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("zero", {"html": False}).enable(
    ["list", "paragraph", "emphasis", "newline", "escape", "entity"]
)


def render(text: str) -> SafeString:
    """Safe HTML: everything but paragraphs, lists and bold is escaped."""
    return mark_safe(_parser.render(text))  # noqa: S308 - the parser escapes and knows no HTML
