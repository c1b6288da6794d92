"""Badge pictures: a hexagon of night sky, a line figure per badge family, one star per level.

The SVG is composed from the few facts of an achievement and rendered to PNG once per version. No
text is drawn, so that a picture looks the same everywhere and in every language: the name is the
picture's title, which screen readers speak. Colours are those of `static/css/tokens.css`.
"""

import base64
import functools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from xml.sax.saxutils import escape, quoteattr

import typst

from badges.openbadges.errors import BadValue
from badges.openbadges.gate import check_text

NIGHT = "#101c36"
NIGHT_SOFT = "#1a2a4d"
FAINT = "#4a5e92"
STAR = "#f7d58a"
CLOUDBERRY = "#e8912d"


@dataclass(frozen=True, slots=True)
class Ground:
    """The colours behind the figure; star yellow and orange are readable on each (4.5:1, 3:1)."""

    dark: str
    soft: str
    faint: str


GROUNDS: Mapping[str, Ground] = MappingProxyType(
    {
        "night": Ground(NIGHT, NIGHT_SOFT, FAINT),
        "forest": Ground("#0e2a1f", "#163c2d", "#47806a"),
        "lake": Ground("#06303c", "#0d414f", "#3f8494"),
        "berry": Ground("#3a0d20", "#501630", "#9d5270"),
        "plum": Ground("#2d1540", "#3d2155", "#7f60a0"),
        "granite": Ground("#20242b", "#2f353e", "#6c7684"),
    }
)
SHAPES = ("hexagon", "circle", "shield", "star")
SIZE = 240  # units of the view box
CENTRE = 120.0
HIGHEST_LEVEL = 3
LARGEST_PIXELS = 2048
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Where the faint stars of the background stand: x, y, radius.
_SKY = (
    (62, 74, 1.8),
    (184, 60, 1.5),
    (46, 132, 1.5),
    (196, 118, 1.8),
    (120, 34, 1.6),
    (74, 186, 1.6),
    (172, 178, 1.5),
    (88, 46, 1.2),
    (158, 40, 1.2),
    (120, 214, 1.5),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """What stands on the badge: lines in star yellow, nodes on them, and what is lit in orange."""

    kind: str  # basics, core, addon, track or meta: how rich the frame is
    lines: str
    nodes: tuple[tuple[float, float, float], ...] = ()
    lit: str = ""  # path, filled
    lit_lines: str = ""  # path, stroked
    behind: str = ""  # path drawn first, covered by what stands before it
    front: str = ""  # path that covers what is behind it


def _polygon(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _around(radius: float, count: int, turn: float = -90.0) -> list[tuple[float, float]]:
    """Points on a circle about the origin, the first one upwards."""
    angles = [math.radians(turn + 360 * n / count) for n in range(count)]
    return [(radius * math.cos(a), radius * math.sin(a)) for a in angles]


def _star(x: float, y: float, radius: float, points: int = 5, waist: float = 0.45) -> str:
    """A star with straight sides; `waist` is how far its inner corners are out."""
    outer = _around(radius, points)
    inner = _around(radius * waist, points, -90 + 180 / points)
    corners = [corner for pair in zip(outer, inner, strict=True) for corner in pair]
    return _polygon((x + a, y + b) for a, b in corners)


def _spark(x: float, y: float, radius: float) -> str:
    """A star of four points, long and thin."""
    return _star(x, y, radius, points=4, waist=0.34)


def _ring(x: float, y: float, radius: float) -> str:
    r = f"{radius:g}"
    return f"M{x - radius:g} {y:g}a{r} {r} 0 1 0 {2 * radius:g} 0a{r} {r} 0 1 0 {-2 * radius:g} 0Z"


def _gear(x: float, y: float, outer: float, inner: float, teeth: int) -> str:
    points = []
    for n in range(teeth):
        middle = -90 + 360 * n / teeth
        for turn, radius in ((-15, inner), (-9, outer), (9, outer), (15, inner)):
            angle = math.radians(middle + turn)
            points.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return _polygon(points)


_HEXAGON = [(120 + x, 106 + y) for x, y in _around(52, 6)]

SYMBOLS: Mapping[str, Figure] = MappingProxyType(
    {
        # A medal: what an open badge is.
        "BASICS": Figure(
            "basics",
            "M101 126L90 162L107 154L118 166L124 138M139 126L150 162L133 154L122 166",
            front=_ring(120, 96, 40),
            lit=_star(120, 97, 23),
        ),
        # A way that rises step by step towards its star.
        "WGB": Figure(
            "core",
            "M66 148L96 94L126 122L164 70",
            nodes=((66, 148, 9), (96, 94, 9), (126, 122, 9)),
            lit=_spark(164, 70, 25),
        ),
        # A compass: finding one's own direction.
        "CGW": Figure(
            "core",
            _ring(120, 104, 52) + "M98 126L112 96L142 82L128 112Z",
            nodes=((120, 52, 6), (172, 104, 6), (120, 156, 6), (68, 104, 6)),
            lit="M144 80L128 112L112 96Z",
        ),
        # A screen from which a signal goes out.
        "GDE": Figure(
            "core",
            "M84 60H156a10 10 0 0 1 10 10V126H74V70a10 10 0 0 1 10 -10ZM58 146H182",
            nodes=(),
            lit=_ring(120, 110, 7),
            lit_lines="M103 96a24 24 0 0 1 34 0M92 84a40 40 0 0 1 56 0",
        ),
        # Two circles that share a part: school and workplace.
        "WCO": Figure(
            "core",
            _ring(95, 104, 40) + _ring(145, 104, 40),
            nodes=((120, 72.8, 8), (120, 135.2, 8)),
            lit=_spark(120, 104, 21),
        ),
        # Scales: a fair judgement.
        "AWP": Figure(
            "core",
            "M120 66V150M92 152H148M70 82H170"
            "M70 82L50 120M70 82L90 120M170 82L150 120M170 82L190 120"
            "M46 120H94a24 22 0 0 1 -48 0ZM146 120H194a24 22 0 0 1 -48 0Z",
            nodes=((70, 82, 6), (170, 82, 6)),
            lit=_spark(120, 62, 20),
        ),
        # A shield that keeps somebody safe.
        "SAFE": Figure(
            "addon",
            "M120 50L168 66V104C168 132 146 152 120 162C94 152 72 132 72 104V66Z",
            nodes=((120, 50, 7), (168, 66, 7), (72, 66, 7)),
            lit_lines="M97 106L114 123L145 87",
        ),
        # Two voices.
        "LANG": Figure(
            "addon",
            "",
            behind="M78 62H138a12 12 0 0 1 12 12V100a12 12 0 0 1 -12 12H100L82 128V112H78"
            "a12 12 0 0 1 -12 -12V74a12 12 0 0 1 12 -12Z",
            front="M104 92H162a12 12 0 0 1 12 12V132a12 12 0 0 1 -12 12H160V160L142 144H104"
            "a12 12 0 0 1 -12 -12V104a12 12 0 0 1 12 -12Z",
            nodes=((112, 118, 6), (133, 118, 6), (154, 118, 6)),
            lit=_spark(85, 84, 14),
        ),
        # A leaf: what grows, and what should last.
        "LEAF": Figure(
            "core",
            "M120 166V96M120 140C84 138 62 112 66 64C112 62 138 84 136 122M120 116C126 92 148 76"
            " 180 82C182 116 158 140 120 140",
            nodes=((120, 166, 7),),
            lit=_spark(66, 64, 18),
        ),
        # A flame: heat, craft and energy.
        "FLAME": Figure(
            "core",
            "M120 44C128 78 168 92 168 128A48 42 0 0 1 72 128C72 108 86 98 92 80C100 90 106 94 110"
            " 96C116 80 114 62 120 44Z",
            lit=_spark(120, 132, 24),
        ),
        # Work, with a star in the middle of it.
        "WORKPLACE_INSTRUCTOR": Figure(
            "track",
            _gear(120, 106, 60, 46, 8),
            lit=_star(120, 107, 28),
        ),
        # A book and the star above it.
        "LEARNING_AMBASSADOR": Figure(
            "track",
            "M120 96C104 84 82 80 60 84V148C82 144 104 148 120 160C136 148 158 144 180 148V84"
            "C158 80 136 84 120 96ZM120 96V160",
            nodes=(),
            lit=_star(120, 60, 22),
        ),
        # The whole constellation.
        "WBL_GUIDANCE_EXPERT": Figure(
            "meta",
            _polygon(_HEXAGON) + "".join(f"M120 106L{x:.1f} {y:.1f}" for x, y in _HEXAGON),
            nodes=tuple((x, y, 8.0) for x, y in _HEXAGON),
            lit=_star(120, 106, 30),
        ),
    }
)


# What institutions choose from: the rich frames of whole tracks stay the project's own.
SYMBOLS_TO_CHOOSE = tuple(key for key, one in SYMBOLS.items() if one.kind in {"core", "addon"})


def compose_svg(
    *,
    name: str,
    symbol: str,
    level: int = 0,
    shape: str = "hexagon",
    colour: str = "night",
    language: str = "",
) -> str:
    """The picture of a badge as SVG, 240 by 240 units, without text and without outside parts.

    `level` 1 to 3 shows as many stars; 0 is for badges without levels. Raises BadValue for a
    symbol, shape, colour, level or language that does not exist, and a name XML cannot hold.
    """
    figure, ground = SYMBOLS.get(symbol), GROUNDS.get(colour)
    if figure is None or ground is None or shape not in SHAPES:
        raise BadValue("unknown_picture", symbol=symbol, shape=shape, colour=colour)
    if level not in range(HIGHEST_LEVEL + 1):
        raise BadValue("bad_level", level=level)
    if language and not _LANGUAGE.fullmatch(language):
        raise BadValue("bad_language", value=language)
    title = escape(check_text(name, "name"))
    spoken = f" lang={quoteattr(language)}" if language else ""
    # Smaller and higher where stars stand below it, else larger and in the middle.
    place = "translate(14.4 5.3) scale(0.88)" if level else "translate(-6 7.7) scale(1.05)"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img"{spoken}>',
        f"<title>{title}</title>",
        *_frame(figure.kind, level, shape, ground),
        f'<g transform="{place}" stroke-linejoin="round" stroke-linecap="round">',
        *_figure(figure, ground.soft),
        "</g>",
        *_stars(level),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def wrap_png(*, name: str, png: bytes) -> str:
    """An uploaded picture as SVG, for everything that asks for one; it loads nothing from outside.

    Raises BadValue for a name that XML cannot hold.
    """
    title = escape(check_text(name, "name"))
    data = base64.b64encode(png).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img">\n'
        f"<title>{title}</title>\n"
        f'<image width="{SIZE}" height="{SIZE}" href="data:image/png;base64,{data}"/>\n'
        "</svg>\n"
    )


def _figure(figure: Figure, soft: str) -> list[str]:
    outline = f'stroke="{STAR}" stroke-width="6.5"'
    parts = []
    if figure.behind:
        parts.append(f'<path d="{figure.behind}" fill="none" {outline}/>')
    if figure.lines:
        parts.append(f'<path d="{figure.lines}" fill="none" {outline}/>')
    if figure.front:
        parts.append(f'<path d="{figure.front}" fill="{soft}" {outline}/>')
    for x, y, radius in figure.nodes:
        parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{STAR}"/>')
    if figure.lit_lines:
        parts.append(
            f'<path d="{figure.lit_lines}" fill="none" stroke="{CLOUDBERRY}" stroke-width="8"/>'
        )
    if figure.lit:
        parts.append(
            f'<path d="{figure.lit}" fill="{CLOUDBERRY}" stroke="{soft}" stroke-width="5"'
            ' paint-order="stroke"/>'
        )
    return parts


def _frame(kind: str, level: int, shape: str, ground: Ground) -> list[str]:
    """The ground and its border: richer for higher levels, a band of orange for whole tracks."""
    edge = functools.partial(_edge, shape)
    parts = [
        edge(110, ground.dark, ground.dark, 10),
        f'<circle cx="120" cy="{104 if level else 120}" r="70" fill="{ground.soft}"/>',
        f'<g fill="{ground.faint}">',
        *(f'<circle cx="{x}" cy="{y}" r="{radius:g}"/>' for x, y, radius in _SKY),
        "</g>",
    ]
    if level == HIGHEST_LEVEL or kind in {"track", "meta"}:
        parts += [edge(104, "none", CLOUDBERRY, 8), edge(93, "none", STAR, 2.5)]
    elif kind == "addon":
        parts.append(edge(101, "none", STAR, 4.5, ' stroke-dasharray="0.1 10"'))
    else:
        parts.append(edge(101, "none", STAR, 4 if level else 2.5))
    if level == 2:
        parts.append(edge(92, "none", STAR, 2))
    corners = [(CENTRE + x, CENTRE + y) for x, y in _around(104, 6)]
    if kind == "track":
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="{STAR}"/>' for x, y in corners]
    if kind == "meta":
        parts += [
            f'<path d="{_spark(x, y, 13)}" fill="{STAR}" stroke="{ground.dark}" stroke-width="4"'
            ' stroke-linejoin="round" paint-order="stroke"/>'
            for x, y in corners
        ]
    return parts


def _edge(shape: str, radius: float, fill: str, stroke: str, width: float, more: str = "") -> str:
    path = _outline(shape, radius)
    return (
        f'<path d="{path}" fill="{fill}" stroke="{stroke}" stroke-width="{width:g}"'
        f' stroke-linejoin="round" stroke-linecap="round"{more}/>'
    )


def _outline(shape: str, radius: float) -> str:
    if shape == "circle":
        return _ring(CENTRE, CENTRE, radius)
    if shape == "star":
        return _star(CENTRE, CENTRE, radius, points=12, waist=0.88)
    if shape == "shield":
        scale = radius / 110
        place = [
            f"{CENTRE + x * scale:.1f} {CENTRE + y * scale:.1f}"
            for x, y in ((0, -110), (94, -88), (94, 0), (94, 58), (50, 92), (0, 110))
        ]
        left = [
            f"{CENTRE + x * scale:.1f} {CENTRE + y * scale:.1f}"
            for x, y in ((-50, 92), (-94, 58), (-94, 0), (-94, -88))
        ]
        return (
            f"M{place[0]}L{place[1]}L{place[2]}C{place[3]} {place[4]} {place[5]}"
            f"C{left[0]} {left[1]} {left[2]}L{left[3]}Z"
        )
    return _polygon((CENTRE + x, CENTRE + y) for x, y in _around(radius, 6))


def _stars(level: int) -> list[str]:
    """One, two or three stars below the figure, along the lower corner of the hexagon."""
    places = {
        1: ((0, 188),),
        2: ((-17, 181), (17, 181)),
        3: ((-33, 173), (0, 185), (33, 173)),
    }.get(level, ())
    return [f'<path d="{_star(CENTRE + x, y, 14.5)}" fill="{CLOUDBERRY}"/>' for x, y in places]


def render_png(svg: str, size: int = 512) -> bytes:
    """The picture as PNG with a transparent ground, `size` pixels wide and high.

    The same SVG gives the same bytes. Takes about 0.1 s; call it once per version, never per
    reader. Raises BadValue for a size outside 16 to 2048 or an SVG that cannot be drawn.
    """
    if not 16 <= size <= LARGEST_PIXELS:
        raise BadValue("bad_size", size=size)
    page = (
        f"#set page(width: {size}pt, height: {size}pt, margin: 0pt, fill: none)\n"
        '#image(bytes(sys.inputs.picture), format: "svg", width: 100%, height: 100%)'
    )
    try:
        return bytes(
            typst.compile(
                page.encode(),
                format="png",
                ppi=72,
                sys_inputs={"picture": svg},
                ignore_system_fonts=True,
            )
        )
    except typst.TypstError as error:
        raise BadValue("bad_picture", str(error)) from None
