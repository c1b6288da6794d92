"""Lists of people from spreadsheets: CSV in the encodings that offices use, and XLSX.

Everything that comes is hostile until it is read: sizes, cells and rows are bounded, nothing that a
file refers to is opened, and a formula stays text.
"""

import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from techvet.errors import InvalidInput
from techvet.text import clean_text

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 10_000  # people in one list
MAX_COLUMNS = 50
MAX_CELL = 1_000  # characters; what is longer is cut and never fits a field
MAX_UNPACKED = 30 * 1024 * 1024  # bytes in all members of an XLSX file
MAX_MEMBERS = 200
MAX_TAGS = 1_000_000  # of XML in an XLSX file: about three seconds of reading
# A row may be empty, but not so many of them that reading them is work.
MAX_LINES = 2 * MAX_ROWS + 1
DELIMITERS = ";,\t"
# Letters of our languages: of two readings of a byte, the one with more of them is the right one.
_LETTERS = frozenset("äöåõüšžéèëïóāčēģīķļņūÄÖÅÕÜŠŽÉÈËÏÓĀČĒĢĪĶĻŅŪ")
_ENCODINGS = ("cp1252", "cp1257", "iso-8859-13")
_DANGEROUS = tuple("=+-@\t\r＝＋－＠")


@dataclass(frozen=True)
class Row:
    """A line that is not empty; `number` counts from 1 and includes the head line."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The first sheet of a list; `heads` is empty when the first line is a person already."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def width(self) -> int:
        return max(len(self.heads), *(len(row.cells) for row in self.rows))


def read_table(content: bytes) -> Table:
    """The people of a list; raises InvalidInput in words for a file that cannot be used."""
    if not content:
        raise InvalidInput("file_empty", _("The file is empty."), field="file")
    if len(content) > MAX_BYTES:
        raise InvalidInput(
            "file_size",
            _("The file is too large. The limit is %(limit)s MB.")
            % {"limit": MAX_BYTES // 1024 // 1024},
            field="file",
        )
    lines = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    return _table(lines)


def _table(lines: Iterable[Sequence[Any]]) -> Table:
    """Trims cells, drops empty lines, finds the head line and counts."""
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        cells = [_text(cell) for cell in line[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            rows.append(Row(number, tuple(cells)))
        if len(rows) > MAX_ROWS + 1 or number > MAX_LINES:
            raise _too_many()
    heads: tuple[str, ...] = ()
    if rows and not any("@" in cell for cell in rows[0].cells):
        heads = rows.pop(0).cells
    if len(rows) > MAX_ROWS:
        raise _too_many()
    if not rows:
        raise InvalidInput("no_rows", _("There is nobody in this list."), field="file")
    return Table(heads, tuple(rows))


def _too_many() -> InvalidInput:
    return InvalidInput(
        "too_many",
        _("A list holds at most %(limit)s people. Send several lists.") % {"limit": MAX_ROWS},
        field="file",
    )


def _text(cell: Any) -> str:
    """One line without controls; what our own export guards comes back as it was."""
    text = "" if cell is None else str(cell)
    text = " ".join(clean_text(text[: 2 * MAX_CELL]).split())[:MAX_CELL]
    return text[1:] if text.startswith("'") and text[1:].startswith(_DANGEROUS) else text


# ------------------------------------------------------------- CSV
def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        yield from reader
    except csv.Error:
        raise _unreadable() from None


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, else the single-byte encoding that reads best, line by line."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            raise _unreadable() from None
    else:
        text = _by_line(content.removeprefix(b"\xef\xbb\xbf"))
    if "\x00" in text:
        raise _unreadable()
    return text


def _by_line(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    lines: list[bytes] = content.splitlines(keepends=True)
    odd = b"".join(line for line in lines if not _is_utf8(line))
    encoding = max(_ENCODINGS, key=lambda one: _score(odd, one))
    return "".join(
        line.decode() if _is_utf8(line) else line.decode(encoding, "replace") for line in lines
    )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _score(content: bytes, encoding: str) -> int:
    return sum(char in _LETTERS for char in content.decode(encoding, "replace"))


def _delimiter(text: str) -> str:
    """The one that stands most often in the first line that is not empty."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=head.count)


# ------------------------------------------------------------- XLSX
def _xlsx(content: bytes) -> Iterator[Sequence[Any]]:
    _check_archive(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size is not believed
            yield from sheet.iter_rows(max_row=MAX_LINES + 1, max_col=MAX_COLUMNS, values_only=True)
        finally:
            book.close()
    except (
        InvalidFileException,
        DefusedXmlException,
        ParseError,
        zipfile.BadZipFile,
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        NotImplementedError,
        OSError,
        OverflowError,
        RuntimeError,
        TypeError,
        ValueError,
    ):
        raise _unreadable() from None


def _check_archive(content: bytes) -> None:
    """Refuses bombs before anything is parsed; unpacks at most MAX_UNPACKED to count tags."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(one.file_size for one in members) > MAX_UNPACKED:
                raise _unreadable()
            tags = 0
            for member in members:
                text = archive.read(member)
                tags += text.count(b"<")
                if tags > MAX_TAGS or b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                    raise _unreadable()
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
    ):
        raise _unreadable() from None


def _unreadable() -> InvalidInput:
    return InvalidInput(
        "file_broken",
        _("This file cannot be read. Save the list as CSV or XLSX and send it again."),
        field="file",
    )


# ------------------------------------------------------------- out
def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take this for a formula."""
    return text.startswith(_DANGEROUS)


def write_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """CSV that spreadsheets open by a click and that starts no formula (UTF-8 with its mark)."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    for row in (heads, *rows):
        writer.writerow([_guarded(str(cell)) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _guarded(text: str) -> str:
    return f"'{text}" if is_formula(text) else text
