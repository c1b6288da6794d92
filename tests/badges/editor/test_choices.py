"""What editors choose from: colours that can be seen, shapes, and the bundled list of ESCO."""

import io
import re
from itertools import product
from xml.etree import ElementTree

import pytest
from PIL import Image

from badges.openbadges.errors import BadValue
from badges.pictures import (
    CLOUDBERRY,
    GROUNDS,
    SHAPES,
    STAR,
    SYMBOLS_TO_CHOOSE,
    compose_svg,
    render_png,
    wrap_png,
)
from badges.selectors.catalogue import catalogue
from badges.selectors.esco import MOST_FOUND, esco_entries, find_esco


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colour", list(GROUNDS))
def test_figures_can_be_seen_on_every_colour(colour):
    for ground in (GROUNDS[colour].dark, GROUNDS[colour].soft):
        assert contrast(STAR, ground) >= 4.5
        assert contrast(CLOUDBERRY, ground) >= 3


@pytest.mark.parametrize(("shape", "colour"), list(product(SHAPES, GROUNDS)))
def test_every_choice_is_plain_svg(shape, colour):
    for symbol in SYMBOLS_TO_CHOOSE:
        svg = compose_svg(name="x", symbol=symbol, shape=shape, colour=colour, level=2)
        tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
        assert tags <= {"svg", "title", "g", "path", "circle"}
        assert GROUNDS[colour].dark in svg


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_drawn_on_a_transparent_ground(shape):
    svg = compose_svg(name="x", symbol="LEAF", shape=shape, colour="plum", level=3)
    picture = Image.open(io.BytesIO(render_png(svg, 96)))
    assert picture.getpixel((0, 0))[3] == 0
    assert picture.getpixel((48, 80))[3] == 255


def test_the_rich_frames_of_tracks_are_not_to_choose():
    assert not {"BASICS", "WORKPLACE_INSTRUCTOR", "WBL_GUIDANCE_EXPERT"} & set(SYMBOLS_TO_CHOOSE)


@pytest.mark.parametrize("wrong", [{"shape": "blob"}, {"colour": "#fff"}, {"symbol": "X"}])
def test_other_choices_do_not_exist(wrong):
    with pytest.raises(BadValue) as refused:
        compose_svg(**{"name": "x", "symbol": "WGB", **wrong})
    assert refused.value.code == "unknown_picture"


def test_an_upload_is_wrapped_and_drawn():
    out = io.BytesIO()
    Image.new("RGB", (256, 256), "#ff0000").save(out, "PNG")
    svg = wrap_png(name='<script>"', png=out.getvalue())
    assert "<script" not in svg
    root = ElementTree.fromstring(svg)
    assert [one.tag.rpartition("}")[2] for one in root] == ["title", "image"]
    drawn = Image.open(io.BytesIO(render_png(svg, 64)))
    assert drawn.getpixel((32, 32))[:3] == (255, 0, 0)
    with pytest.raises(BadValue):
        wrap_png(name="\x00", png=b"")


def test_the_bundled_list_is_whole_and_agrees_with_the_constellation():
    entries = esco_entries()
    kinds = {one.kind for one in entries.values()}
    assert kinds == {"skill", "skill_group", "occupation"}
    place = re.compile(r"http://data\.europa\.eu/esco/(skill|occupation)/(S[\d.]+|[0-9a-f-]{36})")
    assert all(place.fullmatch(uri) for uri in entries)
    for badge in catalogue().achievements:
        for one in badge.get("alignments", []):
            assert entries[one["uri"]].as_alignment() == one


def test_search_finds_words_in_any_order_and_case():
    assert [one.label for one in find_esco("Train OPERATIONAL")] == [
        "training on operational procedures"
    ]
    assert find_esco("nothing like it") == []
    assert len(find_esco("")) == min(MOST_FOUND, len(esco_entries()))
    assert find_esco("x " * 5000) == []
