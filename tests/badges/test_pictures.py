"""Badge pictures: one figure per family, stars by level, the same everywhere."""

import io
import tomllib
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from badges.openbadges.errors import BadValue
from badges.pictures import CLOUDBERRY, NIGHT, STAR, SYMBOLS, compose_svg, render_png

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[2]
LEVELS = {"core": (1, 2, 3), "addon": (1, 2), "basics": (0,), "track": (0,), "meta": (0,)}
ALL = [(symbol, level) for symbol, figure in SYMBOLS.items() for level in LEVELS[figure.kind]]


def drawn(symbol: str, level: int, size: int = 96) -> Image.Image:
    return Image.open(
        io.BytesIO(render_png(compose_svg(name="x", symbol=symbol, level=level), size))
    )


def elements(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())


@pytest.mark.parametrize(("symbol", "level"), ALL)
def test_each_is_plain_svg_that_a_strict_page_may_show(symbol: str, level: int) -> None:
    """No text, no style, no script and nothing from elsewhere."""
    svg = compose_svg(name="Workplace guidance", symbol=symbol, level=level)
    names = {element.tag.removeprefix(SVG) for element in elements(svg)}
    assert names <= {"svg", "title", "g", "path", "circle"}
    attributes = {name for element in elements(svg) for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on") or "href" in name}
    assert "style" not in attributes
    assert len(svg) < 8_000


@pytest.mark.parametrize(("symbol", "level"), ALL)
def test_each_is_drawn_in_its_colours_on_a_transparent_ground(symbol: str, level: int) -> None:
    picture = drawn(symbol, level)
    assert picture.size == (96, 96)
    assert picture.mode == "RGBA"
    assert picture.getpixel((0, 0))[3] == 0  # type: ignore[index]
    colours = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b, a) in picture.getcolors(9216) if a == 255}  # type: ignore[misc,union-attr]
    assert {NIGHT, STAR, CLOUDBERRY} <= colours


def difference(one: Image.Image, other: Image.Image) -> float:
    """How much two pictures differ, from 0 to 255."""
    pairs = zip(one.convert("L").tobytes(), other.convert("L").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (one.width * one.height)


def test_all_families_look_different() -> None:
    pictures = {symbol: drawn(symbol, LEVELS[SYMBOLS[symbol].kind][0], 48) for symbol in SYMBOLS}
    alike = [
        (one, other)
        for one, other in combinations(pictures, 2)
        if difference(pictures[one], pictures[other]) < 4
    ]
    assert alike == []


@pytest.mark.parametrize("symbol", [symbol for symbol in SYMBOLS if SYMBOLS[symbol].kind == "core"])
def test_levels_look_different(symbol: str) -> None:
    pictures = [drawn(symbol, level, 48) for level in (1, 2, 3)]
    for one, other in combinations(pictures, 2):
        assert difference(one, other) > 2


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_as_many_stars_as_levels(level: int) -> None:
    top = ElementTree.fromstring(compose_svg(name="x", symbol="WGB", level=level))
    stars = [one for one in top.findall(f"{SVG}path") if one.get("fill") == CLOUDBERRY]
    assert len(stars) == level


def test_the_name_is_the_title_and_is_escaped() -> None:
    name = 'Ohjaus <script>alert("1")</script> & Līga’s ]]>'
    top = ElementTree.fromstring(compose_svg(name=name, symbol="WGB", level=1, language="fi"))
    assert top.findtext(f"{SVG}title") == name
    assert top.get("lang") == "fi"
    assert "lang" not in ElementTree.fromstring(compose_svg(name="x", symbol="WGB")).attrib


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"symbol": "XYZ"}, "unknown_picture"),
        ({"shape": "blob"}, "unknown_picture"),
        ({"level": 4}, "bad_level"),
        ({"level": -1}, "bad_level"),
        ({"language": 'en" onload="x'}, "bad_language"),
        ({"name": "a\x00b"}, "forbidden_character"),
    ],
)
def test_what_cannot_be_drawn(changes: dict[str, object], code: str) -> None:
    with pytest.raises(BadValue) as refused:
        compose_svg(**{"name": "x", "symbol": "WGB", "level": 1, **changes})  # type: ignore[arg-type]
    assert refused.value.code == code


def test_the_same_facts_give_the_same_bytes() -> None:
    svg = compose_svg(name="x", symbol="AWP", level=2)
    assert svg == compose_svg(name="x", symbol="AWP", level=2)
    assert render_png(svg, 96) == render_png(svg, 96)


@pytest.mark.parametrize("size", [16, 512])
def test_any_sensible_size(size: int) -> None:
    assert drawn("WCO", 3, size).size == (size, size)


@pytest.mark.parametrize("size", [0, 15, 2049])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(BadValue) as refused:
        render_png(compose_svg(name="x", symbol="WGB"), size)
    assert refused.value.code == "bad_size"


@pytest.mark.parametrize("svg", ["", "not a picture", "<svg"])
def test_what_is_no_svg_is_refused(svg: str) -> None:
    with pytest.raises(BadValue) as refused:
        render_png(svg, 96)
    assert refused.value.code == "bad_picture"


def test_every_badge_that_is_described_has_its_figure() -> None:
    described = [
        family["picture"]
        for path in sorted((ROOT / "badges" / "content").glob("*.toml"))
        for family in tomllib.loads(path.read_text()).get("families", [])
    ]
    # Two more are there for badges that institutions make.
    assert {one["symbol"] for one in described} | {"LEAF", "FLAME"} == set(SYMBOLS)
    assert {one["shape"] for one in described} == {"hexagon"}
