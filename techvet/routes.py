"""All routes of the portal with who may come in, read from the address tables themselves."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    name: str
    path: str
    access: str


def all_routes() -> list[Route]:
    return sorted(_walk(get_resolver().url_patterns, ""), key=lambda route: route.path)


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            # allauth guards its own pages: some are for visitors, some for who has signed in.
            access = getattr(pattern.callback, "access", "by allauth")
            yield Route(pattern.name or "", path, str(access))
