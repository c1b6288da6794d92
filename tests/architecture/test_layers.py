"""The shape of the house (docs/developers/architecture.md), read from the syntax trees."""

import ast

import pytest

from tests.architecture.source import APPS, ROOT, Source, sources

# Inside an app each layer may import those above it, and itself.
LAYERS = [
    {"enums", "states", "openbadges", "data_protection"},
    {"models", "markdown", "pictures", "constellation"},
    {"permissions", "selectors"},
    {"services"},
    {"forms", "serializers", "keystore"},
    {"views", "api", "management", "tasks", "urls", "templatetags"},
]
HEIGHT = {name: height for height, names in enumerate(LAYERS) for name in names}
# What one app may use of another.
SHARED = {"models", "enums", "selectors", "services", "permissions"}
# These modules of techvet sit on top of the apps; all the others sit below them.
TOP = {"views", "urls", "middleware", "management", "accounts", "seeding"}
ANYWHERE = {"apps", "sms", ""}  # leaf modules without a layer of their own


def ids(source: Source) -> str:
    return source.module


app_sources = [s for s in sources() if s.package in APPS]
base_sources = [s for s in sources() if s.package == "techvet" and s.layer not in TOP]


@pytest.mark.parametrize("source", app_sources, ids=ids)
def test_apps_import_only_lower_apps_and_only_their_public_rooms(source: Source) -> None:
    own = APPS.index(source.package)
    for name in source.imports():
        package, _, rest = name.partition(".")
        if package not in APPS or package == source.package:
            continue
        assert APPS.index(package) < own, f"{source.module} looks up to {name}"
        assert rest.split(".")[0] in SHARED, f"{source.module} enters a private room: {name}"


@pytest.mark.parametrize("source", app_sources, ids=ids)
def test_layers_inside_an_app(source: Source) -> None:
    if source.layer in ANYWHERE:
        return
    assert source.layer in HEIGHT, f"{source.module} has no place in the house"
    for name in source.imports(at_module_level=True):
        parts = name.split(".")
        if parts[0] != source.package or len(parts) < 2 or parts[1] in ANYWHERE:
            continue
        assert HEIGHT[parts[1]] <= HEIGHT[source.layer], f"{source.module} skips up to {name}"


@pytest.mark.parametrize("source", base_sources, ids=ids)
def test_the_base_of_techvet_knows_no_app(source: Source) -> None:
    for name in source.imports():
        assert name.split(".")[0] not in APPS, f"{source.module} imports {name}"


@pytest.mark.parametrize(
    "source",
    [s for s in sources() if ".openbadges" in s.module and ".api." not in s.module],
    ids=ids,
)
def test_openbadges_is_pure(source: Source) -> None:
    for name in source.imports():
        assert name.split(".")[0] not in {*APPS, "techvet", "django", "celery"} or name.startswith(
            "badges.openbadges"
        ), f"{source.module} imports {name}"
        assert not name.startswith(("datetime.datetime.now", "socket", "httpx", "urllib.request"))


def test_only_workers_reach_the_private_keys() -> None:
    for source in sources():
        if source.layer in {"views", "api", "urls", "forms", "serializers", "selectors"}:
            for name in source.imports():
                assert "keystore" not in name, f"{source.module} imports {name}"


def test_only_services_write() -> None:
    """Views, forms, selectors, permissions and templates tags call services to change rows."""
    writes = {"save", "create", "bulk_create", "update_or_create", "get_or_create", "bulk_update"}
    for source in app_sources:
        if source.layer not in {"views", "api", "forms", "selectors", "permissions", "tasks"}:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                target = ast.unparse(node.func.value)
                is_row = node.func.attr in writes and not target.startswith(
                    ("request.session", "session", "qr", "image", "img")
                )
                assert not is_row, f"{source.module}:{node.lineno} writes by {node.func.attr}"


def test_models_have_no_effects() -> None:
    """No `save()` of our own and no signals: what happens is written in services."""
    for source in sources():
        if source.layer == "models":
            for node in ast.walk(source.tree):
                assert not (isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"})
        for name in source.imports():
            assert not name.startswith("django.db.models.signals"), source.module


@pytest.mark.parametrize("source", sources(), ids=ids)
def test_files_and_functions_stay_small(source: Source) -> None:
    assert source.lines <= 400, f"{source.module} has {source.lines} lines"
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef):
            limit = 45 if source.layer in {"views", "api"} else 40
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= limit, f"{source.module}.{node.name} has {length} lines"


def test_no_circles() -> None:
    """Imports at module level form no circle between files."""
    known = {s.module: s for s in sources()}
    graph: dict[str, set[str]] = {}
    for module, source in known.items():
        graph[module] = set()
        for name in source.imports(at_module_level=True):
            target = name if name in known else name.rpartition(".")[0]
            if target in known and target != module:
                graph[module].add(target)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"a circle: {' → '.join((*path[path.index(module) :], module))}"
        if module in done:
            return
        for target in graph[module]:
            visit(target, (*path, module))
        done.add(module)

    for module in graph:
        visit(module, ())


def test_there_are_at_least_as_many_test_lines_as_source_lines() -> None:
    count = sum(p.read_text(encoding="utf-8").count("\n") for p in (ROOT / "tests").rglob("*.py"))
    assert count >= sum(s.lines for s in sources())


def test_names_avoid_empty_words() -> None:
    for source in sources():
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                assert not node.name.endswith(("Helper", "Util", "Utils", "Handler", "Mixin"))
