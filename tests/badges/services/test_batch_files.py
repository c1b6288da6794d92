"""Lists from real offices, and from people who mean harm."""

import csv
import io
import time
import zipfile

import pytest

from badges.services.batch_files import (
    MAX_BYTES,
    MAX_CELL,
    MAX_ROWS,
    is_formula,
    read_table,
    write_csv,
)
from techvet.errors import InvalidInput
from tests.factories.batches import people_csv, people_xlsx

HEADS = ("Nimi", "Sähköposti")
PEOPLE = [("Äijä Öö", "aija@x.example"), ("Jānis Kalniņš", "janis@x.example")]


def lines(delimiter=";", heads=HEADS, people=PEOPLE):
    return "\r\n".join(delimiter.join(row) for row in (heads, *people)) + "\r\n"


def cells(table):
    return [row.cells for row in table.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_unicode_and_every_delimiter(encoding, delimiter):
    table = read_table(lines(delimiter).encode(encoding))
    assert table.heads == HEADS
    assert cells(table) == PEOPLE
    assert [row.number for row in table.rows] == [2, 3]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Väinö Håkan Étienne"),
        ("iso-8859-1", "Jürgen Mäkelä"),
        ("cp1257", "Kārlis Bērziņš, Ģirts Šķēle"),
        ("iso-8859-13", "Pēteris Āboliņš"),
    ],
)
def test_old_encodings(encoding, name):
    content = lines(people=[(name, "a@x.example")]).encode(encoding, "replace")
    assert cells(read_table(content)) == [(name, "a@x.example")]


def test_mixed_encodings_are_read_line_by_line():
    content = (
        b"Name;E-mail\n" + "Äijä;a@x.example\n".encode() + "Väinö;v@x.example\n".encode("cp1252")
    )
    assert cells(read_table(content)) == [("Äijä", "a@x.example"), ("Väinö", "v@x.example")]


def test_a_list_without_heads_and_with_empty_lines():
    table = read_table(b"\n;;\nAino;aino@x.example\n\n Eetu ;eetu@x.example\n")
    assert table.heads == ()
    assert [(row.number, *row.cells) for row in table.rows] == [
        (3, "Aino", "aino@x.example"),
        (5, "Eetu", "eetu@x.example"),
    ]


def test_quotes_line_breaks_and_controls_in_cells():
    table = read_table('Name;E-mail\n"A ""b""\nc\x07\u202e";a@x.example\n'.encode())
    assert cells(table) == [('A "b" c', "a@x.example")]


def test_xlsx():
    content = people_xlsx(
        ["Name", "E-mail", "Born"],
        ["Ūna", "una@x.example", 2001],
        [None],
        ["=1+1", "x@x.example", None],
    )
    table = read_table(content)
    assert table.heads == ("Name", "E-mail", "Born")
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ("Ūna", "una@x.example", "2001")),
        (4, ("=1+1", "x@x.example")),
    ]


def packed(members, *, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_sheet(sheet: bytes, **more: bytes) -> bytes:
    """A real workbook whose only sheet is replaced."""
    source = zipfile.ZipFile(io.BytesIO(people_xlsx(["Name", "E-mail"])))
    members = {name: source.read(name) for name in source.namelist()}
    members["xl/worksheets/sheet1.xml"] = sheet
    return packed(members | more)


SHEET = (
    b'<?xml version="1.0"?>%b<worksheet xmlns='
    b'"http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData>'
    b"</worksheet>"
)
CELL = b'<c t="inlineStr"><is><t>x</t></is></c>'
HOSTILE = {
    "empty": b"",
    "nul": b"Name;E-mail\nA\x00B;a@x.example\n",
    "only heads": b"Name;E-mail\n",
    "broken utf-16": b"\xff\xfe\x00",
    "too large": b"x" * (MAX_BYTES + 1),
    "huge cell": b"Name;E-mail\n" + b"a" * 200_000 + b";a@x.example\n",
    "not a zip": b"PK\x03\x04" + b"\x00" * 100,
    "other zip": packed({"a.txt": b"a"}),
    "bomb": packed({"xl/worksheets/sheet1.xml": b" " * (31 * 1024 * 1024)}),
    "many members": packed({f"{n}.xml": b"" for n in range(201)}),
    "many tags": with_sheet(SHEET % (b"", b"<row>" + b"<c/>" * 1_000_001 + b"</row>")),
    "entities": with_sheet(
        SHEET % (b'<!DOCTYPE w [<!ENTITY a "b">]>', b"<row><c><v>&a;</v></c></row>")
    ),
    "no xml": with_sheet(b"\x00\x01"),
    "bzip2 that lies": packed({"a": b"a" * 99}, compression=zipfile.ZIP_BZIP2)[:60],
    "no workbook": packed({"[Content_Types].xml": b"<Types/>"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_words_and_quickly(name):
    begun = time.monotonic()
    with pytest.raises(InvalidInput) as refusal:
        read_table(HOSTILE[name])
    assert time.monotonic() - begun < 5
    assert refusal.value.field == "file"
    assert str(refusal.value.message).endswith((".", "!"))


def test_a_million_columns_are_cut():
    row = b"<row>" + CELL * 50_000 + b"</row>"
    assert read_table(with_sheet(SHEET % (b"", row + row))).width == 50
    wide = b"Name;E-mail" + b";" * 1_000_000 + b"\nA;a@x.example" + b";z" * 1_000_000
    assert read_table(wide).width == 50


def test_a_sheet_that_lies_about_its_size():
    sheet = SHEET % (
        b"",
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>a@x.example</t></is></c></row>',
    )
    sheet = sheet.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    assert cells(read_table(with_sheet(sheet)))[0][0] == "a@x.example"


def test_ten_thousand_people_and_no_more():
    assert len(read_table(people_csv(MAX_ROWS)).rows) == MAX_ROWS
    with pytest.raises(InvalidInput) as refusal:
        read_table(people_csv(MAX_ROWS + 1))
    assert refusal.value.code == "too_many"
    with pytest.raises(InvalidInput):
        read_table(b"\n" * 30_000 + b"A;a@x.example")


def test_long_cells_are_cut_but_stay_too_long():
    (row,) = read_table(b"A" * 5000 + b";a@x.example").rows
    assert len(row.cells[0]) == MAX_CELL


@pytest.mark.parametrize("text", ["=1+1", "+358", "-2", "@x", "＝1", "=cmd|' /C calc'!A0", "＠x"])
def test_our_own_lists_start_no_formula_and_come_back_as_they_were(text):
    content = write_csv(["Name", "E-mail"], [(text, "a@x.example")])
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][0] == f"'{text}"
    assert is_formula(text)
    assert read_table(content).rows[0].cells[0] == text
