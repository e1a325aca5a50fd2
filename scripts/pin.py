"""`uv run poe pin`: take the newest allowed version of everything, and pin it in pyproject.toml.

The pins are uv's constraints: name and version, for every supported Python, without an address.
uv.lock is not kept, because it names the registry it was made with.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import tomllib
from pathlib import Path
from typing import Any

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def main() -> None:
    """Rewrite both lists of pins."""
    text = PYPROJECT.read_text(encoding="utf-8")
    lists = {"constraint-dependencies": resolve(text), "build-constraint-dependencies": build(text)}
    for name, lines in lists.items():
        text = with_list(text, name, lines)
        print(f"{name}: {len(lines)}")
    PYPROJECT.write_text(text, encoding="utf-8")


def resolve(pyproject: str) -> list[str]:
    """Pins of the program and of the development group, resolved as if there were none yet."""
    with tempfile.TemporaryDirectory() as folder:
        free = with_list(pyproject, "constraint-dependencies", [])
        Path(folder, "pyproject.toml").write_text(free, encoding="utf-8")
        # The free copy has no lock of its own: this takes the newest of everything.
        subprocess.run(["uv", "lock", "--quiet", "--project", folder], check=True)
        lock = tomllib.loads(Path(folder, "uv.lock").read_text(encoding="utf-8"))
    return sorted(pin(package) for package in lock["package"] if "registry" in package["source"])


def pin(package: dict[str, Any]) -> str:
    """One package of a lock as a constraint, with a marker where Pythons need other versions."""
    line = f"{package['name']}=={package['version']}"
    markers = package.get("resolution-markers", [])
    return f"{line} ; {' or '.join(markers)}" if markers else line


def build(pyproject: str) -> list[str]:
    """Pins of what builds the package."""
    wanted = tomllib.loads(pyproject)["build-system"]["requires"]
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--no-header", "--no-annotate", "-"]
    done = subprocess.run(
        command, input="\n".join(wanted), text=True, check=True, stdout=subprocess.PIPE
    )
    return sorted(done.stdout.splitlines())


def with_list(pyproject: str, name: str, lines: list[str]) -> str:
    """The same file with other lines in one list of `[tool.uv]`."""
    body = "".join(f'    "{line}",\n' for line in lines)
    pattern = re.compile(rf"^{re.escape(name)} = \[\n.*?^\]\n", re.MULTILINE | re.DOTALL)
    changed, found = pattern.subn(lambda _: f"{name} = [\n{body}]\n", pyproject)
    if found != 1:
        raise SystemExit(f"{PYPROJECT}: has {found} lists named {name}; must have one")
    return changed


if __name__ == "__main__":
    main()
