"""The badges as written in `badges/content/`: families, the map, and the rules of track badges."""

import functools
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps

MAP_FILE = "constellation.toml"
HELP_FILE = "scaffolding.toml"


@dataclass(frozen=True)
class Family:
    code: str
    slug: str
    name: str
    short_name: str
    kind: str  # basics, core, add_on, track or meta
    description: str
    shape: str
    symbol: str


@dataclass(frozen=True)
class Star:
    """The place of a family on the map, in the units of the map."""

    family: str
    x: float
    y: float
    label_above: bool


@dataclass(frozen=True)
class Catalogue:
    """Everything the content folder says; achievements are plain dictionaries as in the files."""

    families: dict[str, Family]
    achievements: tuple[dict[str, Any], ...]
    width: int = 1000
    height: int = 520
    stars: tuple[Star, ...] = ()
    lines: tuple[tuple[str, str], ...] = ()
    rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    reviewer_card: tuple[str, ...] = ()
    answer_working_days: int = 10
    # by the code of the badge: {"pass_mark", "questions": [{"code", "text", "options", "answer"…}]}
    quizzes: dict[str, dict[str, Any]] = field(default_factory=dict)
    start_test: tuple[dict[str, Any], ...] = ()
    start_answers: dict[str, str] = field(default_factory=dict)
    # by family: {"template", "worked_example"}
    scaffolding: dict[str, dict[str, str]] = field(default_factory=dict)
    words_enough: int = 25


def content_folder() -> Path:
    return Path(apps.get_app_config("badges").path) / "content"


def catalogue() -> Catalogue:
    """Read once for each process."""
    return read_catalogue(content_folder())


@functools.lru_cache(maxsize=8)
def read_catalogue(folder: Path) -> Catalogue:
    """Raises ValueError with the file's name when a file cannot be read."""
    families: dict[str, Family] = {}
    achievements: list[dict[str, Any]] = []
    quizzes: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name in (MAP_FILE, HELP_FILE):
            continue
        data = _read(path)
        for one in data.get("families", []):
            families[one["code"]] = _family(one)
        achievements += data.get("achievements", [])
        if quiz := data.get("quiz"):
            quizzes[quiz["achievement"]] = quiz
    helping = _read(folder / HELP_FILE) if (folder / HELP_FILE).exists() else {}
    frame = _read(folder / MAP_FILE)
    sky = frame.get("map", {})
    return Catalogue(
        families=families,
        achievements=tuple(achievements),
        width=sky.get("width", 1000),
        height=sky.get("height", 520),
        stars=tuple(_star(one) for one in sky.get("stars", [])),
        lines=tuple((one["from"], one["to"]) for one in sky.get("lines", [])),
        rules={one["gives"]: one for one in frame.get("rules", [])},
        reviewer_card=tuple(one["text"] for one in frame.get("reviewer_card", [])),
        answer_working_days=frame.get("answer_working_days", 10),
        quizzes=quizzes,
        start_test=tuple(frame.get("start_test", [])),
        start_answers=dict(frame.get("start_test_answers", {})),
        scaffolding={one["family"]: one for one in helping.get("scaffolding", [])},
        words_enough=helping.get("words_enough", 25),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path.name}: {error}") from error


def _family(one: dict[str, Any]) -> Family:
    picture = one.get("picture", {})
    return Family(
        code=one["code"],
        slug=one["slug"],
        name=one["name"],
        short_name=one.get("short_name", one["name"]),
        kind=one["kind"],
        description=one.get("description", ""),
        shape=picture.get("shape", "hexagon"),
        symbol=picture.get("symbol", one["code"]),
    )


def _star(one: dict[str, Any]) -> Star:
    return Star(one["family"], float(one["x"]), float(one["y"]), one.get("label") == "above")
