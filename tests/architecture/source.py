"""The project's own Python files and what each of them imports."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("partners", "materials", "guidance", "badges")  # each may import those before it
PACKAGES = (*APPS, "techvet")


@dataclass(frozen=True)
class Source:
    path: Path
    module: str
    tree: ast.Module
    lines: int

    @property
    def package(self) -> str:
        return self.module.split(".")[0]

    @property
    def layer(self) -> str:
        """The second part of the dotted name: `services` for badges.services.deciding."""
        parts = self.module.split(".")
        return parts[1] if len(parts) > 1 else ""

    def imports(self, *, at_module_level: bool = False) -> Iterator[str]:
        """Dotted names of what is imported; `if TYPE_CHECKING` blocks do not count."""
        yield from _imports(self.tree.body, deep=not at_module_level)


def _imports(body: list[ast.stmt], deep: bool) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
        elif deep:
            for field in ("body", "orelse", "finalbody", "handlers"):
                yield from _imports(getattr(node, field, []), deep)


@cache
def sources() -> tuple[Source, ...]:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            text = path.read_text(encoding="utf-8")
            dotted = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
            module = dotted.removesuffix(".__init__")
            found.append(Source(path, module, ast.parse(text), text.count("\n")))
    return tuple(found)


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))
