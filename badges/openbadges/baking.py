"""Badges inside pictures: putting a credential into a PNG or SVG, and reading it back.

Sources: 1EdTech "Open Badges Specification 3.0", 5.3 (Baked Badge); IMS "Open Badges Baking
Specification" of 2018 for Open Badges 2.0; W3C "PNG Specification (Third Edition)", 5 and 11.3.3.
No pixel is touched: a PNG gets one text chunk, an SVG one element. Pictures that people bring are
hostile input, so sizes, checksums, compression and XML entities are limited or refused.
"""

import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from xml.sax.saxutils import quoteattr

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from badges.openbadges.errors import BadValue, OpenBadgesError
from badges.openbadges.gate import is_absolute_iri, parse_json
from badges.openbadges.jose import looks_like_jwt

MAX_PICTURE_BYTES = 8_388_608
MAX_CONTENT_BYTES = 524_288  # also after decompression
_MAX_CHUNKS = 20_000
_MAX_ELEMENTS, _MAX_DEPTH = 100_000, 256
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNK_TYPE = re.compile(rb"[A-Za-z]{4}")
_TEXT_CHUNKS = frozenset({b"iTXt", b"tEXt", b"zTXt"})
_SVG = "http://www.w3.org/2000/svg"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class BadImage(OpenBadgesError):
    """A picture that cannot be read safely, or that holds no single credential."""


class Generation(StrEnum):
    """The generation of Open Badges; each has its own place in a picture."""

    OPEN_BADGES_3 = "3"
    OPEN_BADGES_2 = "2"


class ContentKind(StrEnum):
    """What stands in a picture: the document, a compact JWS, or the address of the document."""

    JSON = "json"
    JWT = "jwt"
    URL = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baked:
    """What was found in a picture. Nothing about it is proved yet."""

    generation: Generation
    kind: ContentKind
    content: str


_KEYWORDS = {
    Generation.OPEN_BADGES_3: b"openbadgecredential",
    Generation.OPEN_BADGES_2: b"openbadges",
}
_NAMESPACES = {
    Generation.OPEN_BADGES_3: "https://purl.imsglobal.org/ob/v3p0",
    Generation.OPEN_BADGES_2: "http://openbadges.org",
}
_ELEMENTS = {Generation.OPEN_BADGES_3: "credential", Generation.OPEN_BADGES_2: "assertion"}


def bake_png(
    picture: bytes, content: str | bytes, generation: Generation = Generation.OPEN_BADGES_3
) -> bytes:
    """The picture with the content in one uncompressed text chunk; an older one is replaced.

    Content is the stored JSON, a compact JWS, or for Open Badges 2.0 the assertion's address.
    Raises BadImage.
    """
    text, _kind = _checked(content, generation)
    keyword = _KEYWORDS[generation]
    baked = b"".join([keyword, b"\0\0\0\0\0", text.encode()])  # no compression, no language
    kept = [one for one in _chunks(picture) if _keyword_of(*one) != keyword]
    kept.insert(1, (b"iTXt", baked))
    return _PNG_SIGNATURE + b"".join(_chunk(kind, data) for kind, data in kept)


def bake_svg(
    picture: bytes | str, content: str | bytes, generation: Generation = Generation.OPEN_BADGES_3
) -> bytes:
    """The picture with the content in one element after its first tag; an older one is replaced.

    Raises BadImage. The picture must be UTF-8.
    """
    text, kind = _checked(content, generation)
    data = picture.encode() if isinstance(picture, str) else picture
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise BadImage("not_xml", "an SVG to be baked must be UTF-8") from None
    data = _without_element(data, generation)
    return _with_element(data, _element(text, kind, generation), generation)


def unbake(data: bytes) -> Baked:
    """The credential in a PNG or an SVG, told apart by their content; raises BadImage."""
    if data.startswith(_PNG_SIGNATURE):
        return unbake_png(data)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return unbake_svg(data)
    raise BadImage("not_an_image", "neither PNG nor SVG")


def unbake_png(data: bytes) -> Baked:
    """The credential in a PNG; raises BadImage."""
    found: dict[Generation, list[str]] = {}
    generations = {keyword: generation for generation, keyword in _KEYWORDS.items()}
    for kind, content in _chunks(data):
        generation = generations.get(_keyword_of(kind, content))
        if generation:
            found.setdefault(generation, []).append(_text_of(kind, content))
    return _single(found)


def unbake_svg(data: bytes) -> Baked:
    """The credential in an SVG; raises BadImage."""
    found: dict[Generation, list[str]] = {}
    for one in _read_svg(data).found:
        found.setdefault(one.generation, []).append(one.content())
    return _single(found)


def _single(found: Mapping[Generation, list[str]]) -> Baked:
    """The newest generation; twice the same kind is refused, as readers would pick differently."""
    for generation in Generation:
        texts = found.get(generation, [])
        if len(texts) > 1:
            raise BadImage("repeated_credential")
        if texts:
            text, kind = _checked(texts[0], generation)
            return Baked(generation=generation, kind=kind, content=text)
    raise BadImage("no_credential")


def _checked(content: str | bytes, generation: Generation) -> tuple[str, ContentKind]:
    """The content as text without white space around it, and what it is; raises BadImage."""
    if len(content) > MAX_CONTENT_BYTES:
        raise BadImage("too_large", size=len(content))
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
        data = text.encode("utf-8")
    except UnicodeError:
        raise BadImage("bad_content", reason="not_utf8") from None
    text = text.strip()
    if text.startswith("{"):
        try:
            parse_json(data)
        except BadValue as error:
            raise BadImage("bad_content", reason=error.code) from None
        if _NOT_IN_XML.search(text):
            raise BadImage("bad_content", reason="forbidden_character")
        return text, ContentKind.JSON
    if looks_like_jwt(text):
        return text, ContentKind.JWT
    is_address = is_absolute_iri(text) and text.startswith(("https://", "http://"))
    if generation == Generation.OPEN_BADGES_2 and is_address:
        return text, ContentKind.URL
    raise BadImage("bad_content", reason="neither_json_nor_token")


# --- PNG -----------------------------------------------------------------------------------------


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """All chunks from IHDR to IEND with their checksums checked; what follows is left out."""
    if len(data) > MAX_PICTURE_BYTES:
        raise BadImage("too_large", size=len(data))
    if not data.startswith(_PNG_SIGNATURE):
        raise BadImage("not_an_image", "no PNG signature")
    found: list[tuple[bytes, bytes]] = []
    place = len(_PNG_SIGNATURE)
    while not found or found[-1][0] != b"IEND":
        if len(data) < place + 12:
            raise BadImage("truncated")
        (length,) = struct.unpack_from(">I", data, place)
        kind = data[place + 4 : place + 8]
        if not _CHUNK_TYPE.fullmatch(kind) or (kind == b"IHDR") == bool(found):
            raise BadImage("malformed_chunk")
        if length > len(data) - place - 12:
            raise BadImage("truncated")
        content = data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", data, place + 8 + length)
        if zlib.crc32(kind + content) != checksum:
            raise BadImage("bad_checksum", chunk=kind.decode())
        found.append((kind, content))
        if len(found) > _MAX_CHUNKS:
            raise BadImage("too_large", "too many chunks")
        place += 12 + length
    if len(found[0][1]) != 13 or found[-1][1]:
        raise BadImage("malformed_chunk")
    return found


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _keyword_of(kind: bytes, data: bytes) -> bytes:
    return data[:80].partition(b"\0")[0] if kind in _TEXT_CHUNKS else b""


def _text_of(kind: bytes, data: bytes) -> str:
    """The text of an iTXt or tEXt chunk; both may be compressed by careless writers."""
    _keyword, end, rest = data.partition(b"\0")
    if not end:
        raise BadImage("malformed_chunk")
    if kind == b"iTXt":
        if len(rest) < 4 or rest[0] > 1 or rest[1] != 0 or rest.count(b"\0", 2) < 2:
            raise BadImage("malformed_chunk")
        text = rest[2:].split(b"\0", 2)[2]
        text = _decompressed(text) if rest[0] else text
    elif kind == b"zTXt":
        if rest[:1] != b"\0":
            raise BadImage("malformed_chunk")
        text = _decompressed(rest[1:])
    else:
        text = rest
    if len(text) > MAX_CONTENT_BYTES:
        raise BadImage("too_large", size=len(text))
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        raise BadImage("bad_content", reason="not_utf8") from None


def _decompressed(data: bytes) -> bytes:
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(data, MAX_CONTENT_BYTES + 1)
    except zlib.error:
        raise BadImage("malformed_chunk", "not zlib") from None
    if len(text) > MAX_CONTENT_BYTES:
        raise BadImage("too_large", "the text is too long once decompressed")
    if not reader.eof:
        raise BadImage("truncated")
    return text


# --- SVG -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """One element with a credential: where it stands, in bytes, and what it says."""

    generation: Generation
    start: int
    verify: str
    end_tag: int = -1
    parts: list[str] = field(default_factory=list)
    size: int = 0

    def content(self) -> str:
        body = "".join(self.parts).strip()
        if self.generation == Generation.OPEN_BADGES_3:
            if self.verify and body:
                raise BadImage("repeated_credential", "a token and a body in one element")
            return self.verify or body
        return body or self.verify


class _Reader:
    """Receives the elements of an SVG and keeps only those that hold a credential."""

    def __init__(self) -> None:
        self.parser: Any = None
        self.depth = self.elements = 0
        self.root_start = -1
        self.found: list[_Found] = []
        self._open: _Found | None = None
        self._names = {f"{{{_NAMESPACES[one]}}}{_ELEMENTS[one]}": one for one in _NAMESPACES}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > _MAX_DEPTH or self.elements > _MAX_ELEMENTS:
            raise BadImage("too_large", "too many elements")
        place = self.parser.CurrentByteIndex
        if self.depth == 1:
            if name != f"{{{_SVG}}}svg":
                raise BadImage("not_an_image", "the first element is not svg")
            self.root_start = place
        if self._open:
            raise BadImage("bad_content", reason="element_inside")
        if name in self._names:
            verify = attributes.get("verify", "").strip()
            self._open = _Found(self._names[name], place, verify=verify)
            self.found.append(self._open)

    def end(self, _name: str) -> None:
        self.depth -= 1
        if self._open:
            self._open.end_tag = self.parser.CurrentByteIndex
            self._open = None

    def data(self, text: str) -> None:
        if self._open:
            self._open.parts.append(text)
            self._open.size += len(text)
            if self._open.size > MAX_CONTENT_BYTES:
                raise BadImage("too_large", "the text of the credential is too long")

    def close(self) -> None:
        """Asked for by the parser."""


def _read_svg(data: bytes) -> _Reader:
    """Reads the whole file; entities, external references and broken XML are refused."""
    if len(data) > MAX_PICTURE_BYTES:
        raise BadImage("too_large", size=len(data))
    reader = _Reader()
    try:
        parser = DefusedXMLParser(target=reader)
        reader.parser = parser.parser
        parser.feed(data)
        parser.close()
    except DefusedXmlException:
        raise BadImage("entities_not_allowed") from None
    except (ParseError, ValueError, LookupError) as error:
        raise BadImage("not_xml", str(error)) from None
    return reader


def _element(text: str, kind: ContentKind, generation: Generation) -> str:
    name = f"openbadges:{_ELEMENTS[generation]}"
    if kind != ContentKind.JSON:
        return f"<{name} verify={quoteattr(text)}></{name}>"
    # Only a JSON string can hold "]]>", and there the escape means the same.
    body = f"<![CDATA[{text.replace(']]>', ']]' + chr(92) + 'u003e')}]]>"
    if generation == Generation.OPEN_BADGES_3:
        return f"<{name}>{body}</{name}>"
    address = parse_json(text.encode()).get("id")
    if not isinstance(address, str) or not is_absolute_iri(address):
        raise BadImage("bad_content", reason="assertion_without_id")
    return f"<{name} verify={quoteattr(address)}>{body}</{name}>"


def _without_element(data: bytes, generation: Generation) -> bytes:
    for one in reversed(_read_svg(data).found):
        if one.generation == generation:
            end = _end_of_tag(data, one.start)
            if data[end - 2 : end] != b"/>":
                end = data.index(b">", one.end_tag) + 1
            data = data[: one.start] + data[end:]
    return data


def _with_element(data: bytes, element: str, generation: Generation) -> bytes:
    start = _read_svg(data).root_start
    end = _end_of_tag(data, start)
    tag = data[start:end]
    if tag.endswith(b"/>"):
        raise BadImage("bad_content", reason="empty_svg")
    declared = re.search(rb"""\sxmlns:openbadges\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag)
    namespace = _NAMESPACES[generation].encode()
    if declared is None:
        tag = tag[:-1] + b' xmlns:openbadges="' + namespace + b'">'
    elif (declared[1] or declared[2]) != namespace:  # the other generation has the prefix
        element = re.sub(r"^<[\w:]+", rf'\g<0> xmlns:openbadges="{namespace.decode()}"', element)
    return data[:start] + tag + element.encode() + data[end:]


def _end_of_tag(data: bytes, start: int) -> int:
    """The place after the tag that begins here; a > inside quotes does not end it."""
    quote = 0
    for place in range(start, len(data)):
        byte = data[place]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == ord(">"):
            return place + 1
    raise BadImage("not_xml")
