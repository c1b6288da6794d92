"""Credentials in pictures: there and back, replaced, and hostile files."""

import json
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from xml.etree import ElementTree

import pytest
from PIL import Image

from badges.openbadges.baking import (
    MAX_CONTENT_BYTES,
    BadImage,
    Baked,
    ContentKind,
    Generation,
    bake_png,
    bake_svg,
    unbake,
)
from badges.openbadges.documents import parse_json, serialise
from badges.openbadges.jose import LocalJwtSigner, sign_jwt
from badges.openbadges.jwk import KeyAlgorithm, generate_private_key
from tests.badges.openbadges.facts import DID, World, signed

BADGE = serialise(signed())
TOKEN = sign_jwt(signed(), LocalJwtSigner(generate_private_key(KeyAlgorithm.P256), DID))
ASSERTION_URL = "https://portal.example/ob2/assertions/1.json?a=1&b=2"
ASSERTION = json.dumps({"id": ASSERTION_URL, "type": "Assertion", "name": "Työ & oppi"})
V2, V3 = Generation.OPEN_BADGES_2, Generation.OPEN_BADGES_3
SVG = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- ä > -->\n'
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" aria-label="a > b">'
    "<title>Ohjaus</title><rect width='8' height='8'/></svg>"
)


def picture() -> bytes:
    made = BytesIO()
    Image.linear_gradient("L").resize((64, 64)).convert("RGBA").save(made, "PNG")
    return made.getvalue()


PNG = picture()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    """The picture with more chunks after its first."""
    return PNG[:33] + b"".join(chunk(kind, data) for kind, data in chunks) + PNG[33:]


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(BadImage) as refused:
        call()
    return refused.value.code


CONTENTS = [
    (BADGE, V3, ContentKind.JSON),
    (TOKEN, V3, ContentKind.JWT),
    (ASSERTION, V2, ContentKind.JSON),
    (ASSERTION_URL, V2, ContentKind.URL),
    (TOKEN, V2, ContentKind.JWT),
]
EACH = pytest.mark.parametrize(("content", "generation", "kind"), CONTENTS)


@EACH
@pytest.mark.parametrize(("bake", "blank"), [(bake_png, PNG), (bake_svg, SVG)])
def test_there_and_back(
    bake: Callable[..., bytes],
    blank: bytes | str,
    content: str | bytes,
    generation: Generation,
    kind: ContentKind,
) -> None:
    text = content.decode() if isinstance(content, bytes) else content
    baked = bake(blank, content, generation)
    assert unbake(baked) == Baked(generation=generation, kind=kind, content=text)


def test_the_unbaked_badge_verifies() -> None:
    for baked in (bake_png(PNG, BADGE), bake_svg(SVG, BADGE)):
        found = unbake(baked).content.encode()
        assert found == BADGE
        assert World().verify(found).outcome == "valid"


@EACH
def test_baking_again_replaces(
    content: str | bytes, generation: Generation, kind: ContentKind
) -> None:
    other = ASSERTION if generation == V2 else BADGE
    assert bake_png(bake_png(PNG, other, generation), content, generation) == bake_png(
        PNG, content, generation
    )
    twice = bake_svg(bake_svg(SVG, other, generation), content, generation)
    assert twice == bake_svg(SVG, content, generation)


def test_both_generations_in_one_picture() -> None:
    for baked in (
        bake_png(bake_png(PNG, ASSERTION, V2), TOKEN, V3),
        bake_svg(bake_svg(SVG, ASSERTION, V2), TOKEN, V3),
        bake_svg(bake_svg(SVG, TOKEN, V3), ASSERTION_URL, V2),
        bake_svg(bake_svg(SVG, TOKEN, V3), ASSERTION, V2),
    ):
        assert unbake(baked).generation == V3
        assert unbake(baked).content == TOKEN


def test_no_pixel_and_no_other_chunk_is_touched() -> None:
    described = with_chunks((b"tEXt", b"Title\0Ohjaus"))
    baked = bake_png(described, BADGE)
    expected = list(Image.open(BytesIO(PNG)).tobytes())
    with Image.open(BytesIO(baked)) as read:
        assert list(read.tobytes()) == expected
        assert read.info["openbadgecredential"] == BADGE.decode()
        assert read.info["Title"] == "Ohjaus"
    start = baked.index(b"iTXt") - 4
    length = struct.unpack(">I", baked[start : start + 4])[0] + 12
    assert baked[:start] + baked[start + length :] == described


def test_the_chunk_is_as_the_standard_asks() -> None:
    data = bake_png(PNG, TOKEN)
    assert data[33:].startswith(
        struct.pack(">I", len(TOKEN) + 24) + b"iTXtopenbadgecredential\0\0\0\0\0" + TOKEN.encode()
    )
    assert b"iTXtopenbadges\0\0\0\0\0https://" in bake_png(PNG, ASSERTION_URL, V2)


def test_the_element_is_as_the_standard_asks() -> None:
    text = bake_svg(SVG, BADGE).decode()
    tag_end = text.index(">", text.index('b"')) + 1
    assert 'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">' in text[:tag_end]
    assert text[tag_end:].startswith("<openbadges:credential><![CDATA[{")
    root = ElementTree.fromstring(bake_svg(SVG, TOKEN))
    assert root[0].tag == "{https://purl.imsglobal.org/ob/v3p0}credential"
    assert root[0].attrib == {"verify": TOKEN}
    older = ElementTree.fromstring(bake_svg(SVG, ASSERTION, V2))
    assert older[0].tag == "{http://openbadges.org}assertion"
    assert older[0].attrib == {"verify": ASSERTION_URL}
    assert json.loads(older[0].text or "") == json.loads(ASSERTION)


def test_the_rest_of_the_svg_stays() -> None:
    baked = bake_svg(SVG.encode(), BADGE).decode()
    start = baked.index("<openbadges:credential")
    end = baked.index("</openbadges:credential>") + len("</openbadges:credential>")
    rest = baked[:start] + baked[end:]
    assert rest.replace(' xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"', "") == SVG


def test_the_end_of_a_cdata_section_inside_the_text() -> None:
    document = {"id": "urn:x:1", "description": "x]]>y]]]]>"}
    found = unbake(bake_svg(SVG, serialise(document)))
    assert parse_json(found.content.encode()) == document


def test_an_existing_prefix_with_single_quotes_and_a_self_closing_element() -> None:
    older = SVG.replace(
        "<title>",
        "<o:assertion verify='https://e.example/1'/><title>",
    ).replace("viewBox", "xmlns:o='http://openbadges.org' viewBox")
    assert unbake(older.encode()).content == "https://e.example/1"
    baked = bake_svg(older, ASSERTION_URL, V2)
    assert unbake(baked).content == ASSERTION_URL
    assert b"e.example" not in baked


@pytest.mark.parametrize(
    "content",
    [
        "",
        "text",
        "[1]",
        "{",
        '{"a":1,"a":2}',
        "https://portal.example/1",
        b"\xff",
        "{" + '"a":[' * 40 + "]" * 40 + "}",
        '{"a":"\ufffe"}',
        '{"a":"\ud800"}',
    ],
)
def test_other_contents_are_not_baked(content: str | bytes) -> None:
    assert refusal(lambda: bake_png(PNG, content)) == "bad_content"
    assert refusal(lambda: bake_svg(SVG, content)) == "bad_content"


def test_contents_that_are_too_long() -> None:
    long = '{"a":"' + "x" * MAX_CONTENT_BYTES + '"}'
    assert refusal(lambda: bake_png(PNG, long)) == "too_large"


def test_an_older_assertion_needs_its_address_in_an_svg() -> None:
    assert refusal(lambda: bake_svg(SVG, '{"type":"Assertion"}', V2)) == "bad_content"
