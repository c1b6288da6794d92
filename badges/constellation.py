"""Draws the constellation of badges as SVG; the same content stands beside it as a list."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

WIDE, TALL = 760, 420  # widths of the two drawings; texts are sized for them
MARGIN_X, MARGIN_Y = 64, 44
STRETCH = 1.2  # downwards, so that labels find room
DUST = 26
LETTER = 7.9  # mean width of a letter of a label, in the units of the drawing
LINE = 19
STEP, LEVELS_BELOW = 10, 23  # between the dots of the levels, and from the star to them

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class DrawnStar:
    """One family on the map: where, what it is called, and how far the reader is."""

    key: str
    name: str
    url: str
    x: float
    y: float
    label_above: bool
    state: str  # lit, part, open or goal
    is_goal: bool = False
    share: float = 0.0  # of the way to the next badge, 0 to 1
    here: str = ""  # words, for instance "You are here"
    is_new: bool = False
    levels: int = 0  # how many the family has
    level: int = 0  # the highest earned
    words: str = ""  # how far, for those who hear the drawing


def draw(
    stars: Sequence[DrawnStar],
    lines: Sequence[tuple[str, str]],
    width: int,
    height: int,
    way: Sequence[tuple[str, str]] = (),
) -> SafeString:
    """Two drawings, for wide and for narrow screens; `width` and `height` are the map's units.

    Each star is a link that the keyboard reaches; `way` are the lines to the next badge.
    """
    turned = [replace(one, x=height - one.y, y=one.x) for one in stars]
    return format_html(
        '<div class="sky-wide">{}</div><div class="sky-tall">{}</div>',
        _sheet(stars, lines, way, WIDE, (WIDE - 2 * MARGIN_X) / width, height),
        _sheet(turned, lines, way, TALL, (TALL - 2 * MARGIN_X) / height, width),
    )


def _sheet(
    stars: Sequence[DrawnStar],
    lines: Sequence[tuple[str, str]],
    way: Sequence[tuple[str, str]],
    across: int,
    scale: float,
    height: int,
) -> SafeString:
    down = round(height * scale * STRETCH) + 2 * MARGIN_Y
    places = {
        one.key: (round(MARGIN_X + one.x * scale), round(MARGIN_Y + one.y * scale * STRETCH))
        for one in stars
    }
    lit = {one.key for one in stars if one.state == "lit"}
    labels = _labels(stars, places, across)
    return format_html(
        '<svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}{}{}</svg>',
        across,
        down,
        _("Guidance skills constellation"),
        _dust(across, down, list(places.values())),
        _paths(lines, places, lit, way),
        format_html_join(
            "", "{}", ((_star(one, *places[one.key], labels[one.key]),) for one in stars)
        ),
    )


def _labels(
    stars: Sequence[DrawnStar], places: dict[str, tuple[int, int]], across: int
) -> dict[str, Box]:
    """A box for each label: above, below or beside its star, wherever it covers least."""
    taken: list[Box] = [(x - 16, y - 16, x + 16, y + 24) for x, y in places.values()]
    found: dict[str, Box] = {}
    for one in stars:
        boxes = _choices(one, *places[one.key], across)
        best = min(boxes, key=lambda box: sum(_overlap(box, other) for other in taken))
        taken.append(best)
        found[one.key] = best
    return found


def _choices(one: DrawnStar, x: int, y: int, across: int) -> list[Box]:
    """The wished place first; `min` keeps it when nothing is better."""
    wide = max(len(text) for text in _texts(one)) * LETTER
    high = LINE * len(_texts(one))
    middle = min(max(x, wide / 2 + 2), across - wide / 2 - 2)
    foot = y - (31 if one.is_goal and one.share and one.state != "lit" else 22)
    above: Box = (middle - wide / 2, foot - high, middle + wide / 2, foot)
    top = y + (28 if one.levels else 20)
    below: Box = (middle - wide / 2, top, middle + wide / 2, top + high)
    boxes: list[Box] = [above, below] if one.label_above else [below, above]
    for left in (x + 26, x - 26 - wide):
        if left > 0 and left + wide < across:
            boxes.append((left, y - high / 2, left + wide, y + high / 2))
    return boxes


def _overlap(one: Box, other: Box) -> float:
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0) * max(high, 0)


def _texts(one: DrawnStar) -> list[str]:
    return [one.name, one.here] if one.here else [one.name]


def _dust(across: int, down: int, taken: list[tuple[int, int]]) -> SafeString:
    """Small far stars, the same at every visit, away from what means something."""
    chance = random.Random(20)  # noqa: S311 - a decoration
    points: list[tuple[int, int, float]] = []
    while len(points) < DUST:
        x, y = chance.randrange(12, across - 12), chance.randrange(10, down - 10)
        radius = chance.choice((1, 1.2, 1.5))
        if all(math.hypot(x - a, y - b) > 46 for a, b in taken):
            points.append((x, y, radius))
    return format_html(
        '<g class="sky-dust">{}</g>',
        format_html_join("", '<circle cx="{}" cy="{}" r="{}"/>', points),
    )


def _paths(
    lines: Sequence[tuple[str, str]],
    places: dict[str, tuple[int, int]],
    lit: set[str],
    way: Sequence[tuple[str, str]],
) -> SafeString:
    ahead = {frozenset(one) for one in way}
    order = {"sky-path": 0, "sky-path-lit": 1, "sky-way": 2}
    drawn = []
    for start, end in lines:
        if start in places and end in places:
            kind = "sky-path-lit" if start in lit and end in lit else "sky-path"
            if frozenset((start, end)) in ahead and kind == "sky-path":
                kind = "sky-way"
            drawn.append((kind, *places[start], *places[end]))
    # Lit paths and the way ahead last, so that they lie on top.
    drawn.sort(key=lambda one: order[one[0]])
    return format_html_join("", '<path class="{}" d="M{} {} {} {}"/>', drawn)


def _star(one: DrawnStar, x: int, y: int, box: Box) -> SafeString:
    middle = round((box[0] + box[2]) / 2)
    label = format_html(
        '<text class="sky-label" x="{}" y="{}">{}</text>', middle, round(box[1] + 14), one.name
    )
    if one.here:
        label += format_html(
            '<text class="sky-label" x="{}" y="{}"><tspan fill="var(--star)">{}</tspan></text>',
            *(middle, round(box[1] + 14 + LINE), one.here),
        )
    return format_html(
        '<a class="sky-link" href="{}" aria-label="{}">{}<g{}>{}</g>{}{}</a>',
        one.url,
        ", ".join(text for text in (*_texts(one), one.words) if text),
        _circle("sky-focus", x, y, 27),
        mark_safe(' class="star-new"') if one.is_new else "",
        _shape(one, x, y),
        _levels(one, x, y),
        label,
    )


def _levels(one: DrawnStar, x: int, y: int) -> SafeString:
    """A small dot for each level below the star, filled up to the level earned."""
    left = x - STEP * (one.levels - 1) // 2
    return format_html_join(
        "",
        '<circle class="{}" cx="{}" cy="{}" r="3"/>',
        (
            (
                "sky-level-lit" if number < one.level else "sky-level",
                left + STEP * number,
                y + LEVELS_BELOW,
            )
            for number in range(one.levels)
        ),
    )


def _shape(one: DrawnStar, x: int, y: int) -> SafeString:
    if one.is_goal:
        kind = "sky-goal-lit" if one.state == "lit" else "sky-goal"
        halo = _circle("sky-halo", x, y, 24) if one.state == "lit" else SafeString("")
        star = halo + format_html('<path class="{}" d="{}"/>', kind, _five_points(x, y, 19))
        if one.state == "lit" or one.share <= 0:
            return star
        return star + format_html('<path class="sky-progress" d="{}"/>', _arc(x, y, 24, one.share))
    if one.state == "lit":
        return _circle("sky-halo", x, y, 20) + _circle("sky-star", x, y, 11)
    if one.state == "part":
        ring = _circle("sky-ring", x, y, 12)
        if one.share <= 0:
            return ring
        return ring + format_html('<path class="sky-progress" d="{}"/>', _arc(x, y, 12, one.share))
    return _circle("sky-open", x, y, 10)


def _circle(kind: str, x: int, y: int, radius: int) -> SafeString:
    return format_html('<circle class="{}" cx="{}" cy="{}" r="{}"/>', kind, x, y, radius)


def _arc(x: int, y: int, radius: int, share: float) -> str:
    """Clockwise from the top."""
    angle = 2 * math.pi * min(share, 0.999)
    end_x, end_y = x + radius * math.sin(angle), y - radius * math.cos(angle)
    large = 1 if share > 0.5 else 0
    return f"M{x} {y - radius}A{radius} {radius} 0 {large} 1 {end_x:.1f} {end_y:.1f}"


def _five_points(x: int, y: int, radius: int) -> str:
    points = []
    for number in range(10):
        angle = math.pi * number / 5
        reach = radius if number % 2 == 0 else radius * 0.45
        points.append(f"{x + reach * math.sin(angle):.1f} {y - reach * math.cos(angle):.1f}")
    return f"M{'L'.join(points)}Z"
