"""Every route of an application, and an address for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

_PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """(method, path with its parameters) of every route, each once."""
    return sorted({found for route in app.routes for found in _of(route)})


def _of(route: Any) -> Iterator[tuple[str, str]]:
    # A router that was included keeps its own routes.
    inside = getattr(route, "original_router", None)
    if inside is not None:
        for each in inside.routes:
            yield from _of(each)
        return
    for method in getattr(route, "methods", None) or ():
        yield method, route.path


def address(path: str, value: str = "1") -> str:
    """The path with something in the place of each parameter."""
    return _PARAMETER.sub(value, path)


def parameters(path: str) -> list[tuple[str, str]]:
    """(name, kind) of each parameter; the kind is "" for plain text."""
    return [(name, kind or "") for name, kind in _PARAMETER.findall(path)]
