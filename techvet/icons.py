"""Icons as inline SVG: 20 by 20, drawn with the colour of the text beside them.

An icon never stands alone for a meaning, so all are hidden from screen readers.
"""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def _line(path: str) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _area(path: str) -> str:
    return f'<path d="{path}" fill="currentColor"/>'


def _ring(x: float, y: float, radius: float) -> str:
    return (
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="currentColor"'
        ' stroke-width="2"/>'
    )


def _disc(x: float, y: float, radius: float) -> str:
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="currentColor"/>'


_SHAPES = {
    "check": _line("m4 10.5 4 4 8-9"),
    "clock": _ring(10, 10, 7.5) + _area("M10 5v5h5a5 5 0 0 0-5-5z"),
    "warning": _area("M10 2.5 18.5 17h-17z"),
    "dot": _disc(10, 10, 5.5),
    "ring": _ring(10, 10, 5.5),
    "dash": _line("M5 10h10"),
    "cross": _line("m5 5 10 10M15 5 5 15"),
    "plus": _line("M10 4v12M4 10h12"),
    "star": _area("m10 1.8 2.4 5.3 5.8.6-4.3 3.9 1.2 5.7-5.1-2.9-5.1 2.9 1.2-5.7L1.8 7.7l5.8-.6z"),
    "star-open": _line("m10 2.6 2.2 4.9 5.3.5-4 3.6 1.2 5.2-4.7-2.7-4.7 2.7 1.2-5.2-4-3.6 5.3-.5z"),
    "star-part": _line("M10 3.5a6.5 6.5 0 1 1-6.5 6.5") + _disc(10, 10, 2.5),
    "chevron": _line("m5 7.5 5 5 5-5"),
    "previous": _line("M12.5 4.5 7 10l5.5 5.5"),
    "next": _line("M7.5 4.5 13 10l-5.5 5.5"),
    "menu": _line("M3 5.5h14M3 10h14M3 14.5h14"),
    "globe": _ring(10, 10, 7.5)
    + _line("M2.5 10h15M10 2.5c4.5 4 4.5 11 0 15M10 2.5c-4.5 4-4.5 11 0 15"),
    "search": _ring(8.5, 8.5, 5.5) + _line("m12.7 12.7 4.8 4.8"),
    "file": _line("M5 2.5h6.5L16 7v10.5H5zM11.5 2.5V7H16"),
    "download": _line("M10 3v9.5m-4-4 4 4 4-4M4 17h12"),
    "link": _line(
        "M8.5 11.5a3.5 3.5 0 0 0 5 0L16 9a3.5 3.5 0 0 0-5-5l-1 1"
        "m1.5 3.5a3.5 3.5 0 0 0-5 0L4 11a3.5 3.5 0 0 0 5 5l1-1"
    ),
    "list": _line("M8 5h9M8 10h9M8 15h9")
    + _disc(3.5, 5, 1.5)
    + _disc(3.5, 10, 1.5)
    + _disc(3.5, 15, 1.5),
    "checklist": _line("M2.5 5.5 4 7l3-3.5m-4.5 10L4 15l3-3.5M10.5 5.5H17m-6.5 9H17"),
    "quote": _line("M8 5.5C4.5 6.5 3 9 3 14h5V9.5H5m12-4c-3.5 1-5 3.5-5 8.5h5V9.5h-3"),
    "person": _ring(10, 6.5, 3.5) + _line("M3.5 17.5c0-8 13-8 13 0"),
    "people": _ring(7.5, 7, 3)
    + _line("M2 16.5c0-6.5 11-6.5 11 0M13 4.3a3 3 0 0 1 0 5.4m2 2.3c2 .7 3 2.3 3 4.5"),
    "calendar": _line("M3.5 4.5h13V17h-13zm0 4h13M7 2.5v4m6-4v4"),
    "phone": _line("M6 2.5h8v15H6zM9 15h2"),
    "mail": _line("M2.5 4.5h15v11h-15zl7.5 6 7.5-6"),
    "lock": _line("M4.5 9h11v8h-11zM7 9V6.5a3 3 0 0 1 6 0V9"),
    "shield": _line("M10 2.5 16.5 5v5c0 4-3 6.5-6.5 7.5C6.5 16.5 3.5 14 3.5 10V5z"),
    "key": _ring(6.5, 13.5, 3.5) + _line("m9 11 7.5-7.5M13 7l2.5 2.5"),
    "print": _line("M6 7V2.5h8V7M6 14H3V7h14v7h-3M6 11.5h8v6H6z"),
    "copy": _line("M7 7h10v10.5H7zM13 7V2.5H3V13h4"),
    "filter": _line("M3 4.5h14M6 10h8m-5.5 5.5h3"),
    "pin": _line("M10 17.5S4 12 4 8a6 6 0 0 1 12 0c0 4-6 9.5-6 9.5z") + _disc(10, 8, 2),
    "external": _line("M11 3h6v6m0-6-8 8M8 4.5H3.5v12h12V12"),
}

NAMES = tuple(_SHAPES)
# The icon of a tone, when a state does not name its own.
OF_TONE = {"ok": "check", "wait": "clock", "attention": "warning", "info": "dot", "quiet": "ring"}


def icon(name: str) -> SafeString:
    """The drawing; an unknown name is a mistake in a template and raises `KeyError`."""
    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(_SHAPES[name]),  # noqa: S308 - constant drawings from this file
    )
