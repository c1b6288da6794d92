"""The design holds by computation: contrast, tokens, and templates that a strict policy allows."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, sources, templates

CSS = ROOT / "static" / "css"
TOKENS = CSS / "tokens.css"
HEX = re.compile(r"#(?:[0-9a-fA-F]{3,4}){1,2}\b")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|lab|lch)a?\(|\b(?:white|black|red)\b")

# Foreground on ground, as the stylesheets use them; each keeps 4.5:1 in both themes.
GROUNDS = ("paper", "surface", "sunken")
TEXT_PAIRS = [
    *[(text, ground) for text in ("ink", "ink-soft", "lake", "spruce") for ground in GROUNDS],
    *[("attention", ground) for ground in GROUNDS],
    *[(tone, f"{tone}-wash") for tone in ("ok", "wait", "attention", "info", "quiet")],
    *[
        (text, f"{tone}-wash")
        for text in ("ink", "ink-soft", "lake")
        for tone in ("ok", "wait", "attention", "info", "spruce")
    ],
    ("spruce", "spruce-wash"),
    ("ink", "cloudberry-wash"),
    ("on-spruce", "spruce"),
    ("on-spruce", "spruce-deep"),
    ("on-ok", "ok"),
    ("on-attention", "attention"),
    ("on-band", "band"),
    ("on-band-soft", "band"),
    *[
        (text, sky)
        for text in ("on-night", "on-night-soft", "star")
        for sky in ("night", "night-soft", "night-glow")
    ],
    ("on-star", "star"),
    ("on-star", "on-night"),
    ("on-star", "cloudberry"),
    ("qr-ink", "qr-ground"),
]
# Borders of controls, rings and marks: 3:1.
SHAPE_PAIRS = [
    *[("line-strong", ground) for ground in GROUNDS],
    ("night-line", "night"),
    ("cloudberry", "night"),
    ("focus-outer", "paper"),
    ("focus-outer", "surface"),
    ("focus-inner", "focus-outer"),
]


def block(css: str, selector: str) -> dict[str, str]:
    """Custom properties of the first rule with this selector."""
    start = css.index("{", css.index(selector)) + 1
    body = re.sub(r"/\*.*?\*/", "", css[start : css.index("}", start)], flags=re.S)
    return {name: value.strip() for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", body)}


def themes() -> dict[str, dict[str, str]]:
    css = TOKENS.read_text(encoding="utf-8")
    fixed = block(css[css.rindex(":root {") :], ":root")
    light = block(css, '[data-theme="light"] {')
    dark = block(css, '\n[data-theme="dark"]')
    return {"light": {**fixed, **light}, "dark": {**fixed, **dark}}


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_are_readable_on_their_grounds(theme: str) -> None:
    tokens = themes()[theme]
    weak = {
        f"{text} on {ground}": round(contrast(tokens[text], tokens[ground]), 2)
        for text, ground in TEXT_PAIRS
        if contrast(tokens[text], tokens[ground]) < 4.5
    }
    assert weak == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_controls_are_seen_on_their_grounds(theme: str) -> None:
    tokens = themes()[theme]
    weak = {
        f"{shape} on {ground}": round(contrast(tokens[shape], tokens[ground]), 2)
        for shape, ground in SHAPE_PAIRS
        if contrast(tokens[shape], tokens[ground]) < 3
    }
    assert weak == {}


def test_both_ways_into_the_dark_are_equal_and_complete() -> None:
    css = TOKENS.read_text(encoding="utf-8")
    by_device = block(css, ':root:not([data-theme="light"])')
    by_choice = block(css, '\n[data-theme="dark"]')
    assert by_device == by_choice
    assert set(by_choice) == set(block(css, '[data-theme="light"] {'))


def stylesheets() -> list[Path]:
    return sorted(CSS.glob("*.css"))


def test_colours_come_from_tokens_alone() -> None:
    """Paper has its own values for the tokens; everything else only names them."""
    found = []
    for sheet in stylesheets():
        if sheet == TOKENS:
            continue
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
        if sheet.name == "print.css":
            text = re.sub(r"--[\w-]+:[^;]+;", "", text)
        text = re.sub(r'url\("[^"]*"\)|white-space', "", text)
        found += [f"{sheet.name}: {match}" for match in COLOUR.findall(text)]
    assert found == []


def test_every_token_that_is_used_exists() -> None:
    known = set(themes()["light"])
    used = {
        name
        for sheet in stylesheets()
        for name in re.findall(r"var\(--([\w-]+)", sheet.read_text(encoding="utf-8"))
    }
    assert used - known == set()


def test_directions_are_logical() -> None:
    """Start and end, never left and right, so that any script can be set."""
    physical = re.compile(r"\b(?:margin|padding|border)-(?:left|right)\b|\b(?:left|right):")
    found = {
        sheet.name: physical.findall(sheet.read_text(encoding="utf-8")) for sheet in stylesheets()
    }
    assert {name: hits for name, hits in found.items() if hits} == {}


def read(path: Path) -> str:
    """A page template without its comments; mails are read by mail programs, not by browsers."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", text, flags=re.S)
    return re.sub(r"{#.*?#}", "", text)


def pages() -> list[Path]:
    return [path for path in templates() if "mail" not in path.relative_to(ROOT).parts]


INLINE = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "style element": re.compile(r"<style\b", re.I),
    "event attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.I),
    "htmx event attribute": re.compile(r"\shx-on\b", re.I),
    "evaluated htmx value": re.compile(r"""=["']js:|javascript:""", re.I),
}
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.I | re.S)


def test_nothing_is_inline() -> None:
    found = []
    for path in pages():
        text = read(path)
        found += [f"{path.name}: {what}" for what, shape in INLINE.items() if shape.search(text)]
        for attributes, body in SCRIPT.findall(text):
            is_data = re.search(r'type="application/(?:ld\+)?json"', attributes)
            if body.strip() and not is_data:
                found.append(f"{path.name}: script")
    assert found == []


def mentioned() -> set[str]:
    """Template names as Python files and other templates write them."""
    words: set[str] = set()
    for source in sources():
        text = source.path.read_text(encoding="utf-8")
        words |= set(re.findall(r"""["']([\w/.-]+\.(?:html|txt))["']""", text))
    for path in templates():
        words |= set(re.findall(r"""["']([\w/.-]+\.html)["']""", read(path)))
    return words


def replaces_one_of_a_package(name: str) -> bool:
    """Ours stands in for a template of Django or allauth, which names it."""
    import allauth
    import django.forms

    packages = (Path(allauth.__file__).parent, Path(django.forms.__file__).parent)
    return any((package / "templates" / name).exists() for package in packages)


def test_every_template_is_used() -> None:
    names = mentioned()
    unused = []
    for path in templates():
        name = path.relative_to(ROOT / "templates").as_posix()
        # Chosen by the status of a refusal or of the reverse proxy.
        is_status_page = re.fullmatch(r"errors/\d{3}\.html", name)
        if name not in names and not is_status_page and not replaces_one_of_a_package(name):
            unused.append(name)
    assert unused == []


def test_vendored_files_say_where_they_come_from() -> None:
    for folder in ("fonts", "vendor/htmx"):
        place = ROOT / "static" / folder
        assert (place / "SOURCES.md").exists()
        assert [each.name for each in place.iterdir() if each.name in ("OFL.txt", "LICENSE")]
