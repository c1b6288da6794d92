"""What may be in a text that people type."""

import re
import unicodedata

# Controls other than tab and line breaks, and characters that reorder what is read.
_HOSTILE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)


def clean_text(value: str) -> str:
    """The text in NFC without controls, bidirectional overrides and lone surrogates."""
    return unicodedata.normalize("NFC", _HOSTILE.sub("", value.replace("\r\n", "\n")))
