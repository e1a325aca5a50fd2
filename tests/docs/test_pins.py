"""The versions installed are the ones pinned in pyproject.toml, all of them."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bot.settings import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins() -> dict[str, str]:
    """Pinned version by name, for this Python and platform."""
    found = [Requirement(line) for line in PROJECT["tool"]["uv"]["constraint-dependencies"]]
    return {
        canonicalize_name(r.name): str(r.specifier).removeprefix("==")
        for r in found
        if r.marker is None or r.marker.evaluate()
    }


def closure(wanted: list[str]) -> set[str]:
    """Names of everything that `wanted` brings with it here."""
    waiting = [Requirement(line) for line in wanted]
    done: set[tuple[str, str]] = set()
    names: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), extra)
            if key in done:
                continue
            done.add(key)
            names.add(key[0])
            waiting += [r for r in _needs(key[0]) if _applies(r, extra)]
    return names


def _needs(name: str) -> list[Requirement]:
    try:
        return [Requirement(line) for line in distribution(name).requires or ()]
    except PackageNotFoundError:
        return []


def _applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _here(lines: list[str]) -> list[str]:
    return [line for line in lines if _applies(Requirement(line), "")]


def test_everything_is_pinned() -> None:
    """A dependency added without `uv run poe pin` would float."""
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    assert closure(_here(wanted)) - pins().keys() == set()


def test_what_is_installed_is_what_is_pinned() -> None:
    """Tests that pass with other versions prove little."""
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    pinned = pins()
    other = {}
    for name in sorted(closure(_here(wanted)) & pinned.keys()):
        version = distribution(name).version
        if Version(version) != Version(pinned[name]):
            other[name] = (version, pinned[name])
    assert other == {}
