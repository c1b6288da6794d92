"""QR codes as inline SVG, without style attributes, black on the white of their frame."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M


def qr_svg(text: str, words: str) -> SafeString:
    """A code to scan that holds `text`; `words` say to screen readers what it is for."""
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    size = len(code.modules)
    squares = "".join(
        f"M{x} {y}h1v1h-1z"
        for y, row in enumerate(code.modules)
        for x, dark in enumerate(row)
        if dark
    )
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" shape-rendering="crispEdges">'
        '<path d="{}" fill="#000"/></svg>',
        size,
        size,
        words,
        mark_safe(squares),  # noqa: S308 - digits and letters from above
    )
