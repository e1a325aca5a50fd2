"""What may know of what: the direction of imports, where queries live, and how the code is kept."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_MOST = 400
#: Broad `except` in a thousand lines of code.
BROAD_MOST = 1.0


@dataclass(frozen=True)
class Module:
    """A source file, parsed."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return self.text.count("\n")


@cache
def modules() -> tuple[Module, ...]:
    return tuple(
        _read(path) for top in ("bot", "nlu") for path in sorted((ROOT / top).rglob("*.py"))
    )


def _read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, text, ast.parse(text))


def imports(module: Module) -> Iterator[tuple[str, int]]:
    """(dotted name, line) of everything imported, also inside functions."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.path}:{node.lineno}: relative import"
            assert node.module is not None
            yield node.module, node.lineno
            # `from bot.store import inbox` is an import of bot.store.inbox.
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


# The direction ----------------------------------------------------------------------------------

_PURE = ("bot.domain", "bot.errors")
_CONTENT = ("bot.guides", "bot.cards")
_LEAVES = (
    *_PURE,
    *_CONTENT,
    "bot.models",
    "bot.safety",
    "bot.locality",
    "bot.schedule",
    "bot.rosters",
    "bot.handoff",
    "bot.renderers",
    "bot.pictures",
    "bot.speech",
    "bot.processes",
)
_DIALOGUE = (*_PURE, "bot.guides", "bot.safety", "bot.locality", "bot.schedule")
_STORE = (
    *_PURE,
    "bot.models",
    "bot.settings",
    "bot.locality",
    "bot.schedule",
    "bot.rosters",
)
_SERVICES = (*_LEAVES, "bot.dialogue", "bot.settings", "bot.store", "bot.services")
_OUTSIDE = (*_SERVICES, "bot.weblib")

#: What each part may import besides itself. The most specific name counts.
MAY: dict[str, tuple[str, ...]] = {
    "bot.domain": (),
    "bot.errors": (),
    "bot.logs": (),
    "bot.secret_files": _PURE,
    "bot.settings": (*_PURE, "bot.secret_files", "bot.settings_checks"),
    # The type of what it checks, and nothing at work.
    "bot.settings_checks": (*_PURE, "bot.settings"),
    "bot.models": _PURE,
    "bot.guides": _PURE,
    "bot.cards": (*_PURE, "bot.guides"),
    "bot.posters": (*_PURE, "bot.guides", "bot.cards"),
    "bot.safety": _PURE,
    # Its facts are a file of the content, read and checked as every other.
    "bot.safety.qr": (*_PURE, "bot.safety", "bot.guides"),
    "bot.pictures": _PURE,
    "bot.processes": (),
    "bot.speech": (*_PURE, "bot.processes"),
    "bot.locality": _PURE,
    "bot.schedule": _PURE,
    "bot.handoff": (*_PURE, "bot.guides", "bot.schedule", "bot.locality"),
    "bot.rosters": (*_PURE, "bot.locality", "bot.schedule"),
    "bot.renderers": _PURE,
    "bot.dialogue": _DIALOGUE,
    "bot.store": _STORE,
    "bot.services": _SERVICES,
    "bot.weblib": _SERVICES,
    "bot.channels.telegram": _OUTSIDE,
    "bot.channels.web": _OUTSIDE,
    "bot.channels.terminal": _OUTSIDE,
    "bot.channels.zalo_oa": (*_OUTSIDE, "bot.channels.fetching"),
    "bot.channels.zalo_bot": (*_OUTSIDE, "bot.channels.fetching"),
    "bot.channels.fetching": _OUTSIDE,
    "bot.channels.plug": (),
    "bot.channels": (),
    "bot.console": _OUTSIDE,
    "bot.desk": _OUTSIDE,
    "bot.jobs": _SERVICES,
    "bot.probes": _SERVICES,
    "bot.app": (*_OUTSIDE, "bot.channels", "bot.console", "bot.desk", "bot.jobs", "bot.probes"),
    "bot.server": ("bot.app", "bot.errors", "bot.settings", "bot.logs", "bot.services"),
    "bot.cli": ("bot",),
    "bot.__main__": ("bot",),
    "bot": (),
}

#: Modules of nlu that stand on Python alone (the normaliser is used everywhere, cheaply).
STANDARD_ONLY = (
    "nlu.text",
    "nlu.remembered",
    "nlu.lexicon",
    "nlu.syllable",
    "nlu.entities",
    "nlu.engine",
)


def part_of(name: str) -> str:
    """The longest name of `MAY` that `name` belongs to."""
    found = [part for part in MAY if within(name, part)]
    return max(found, key=len)


def within(name: str, part: str) -> bool:
    return name == part or name.startswith(part + ".")


def in_bot() -> list[Module]:
    return [module for module in modules() if within(module.name, "bot")]


@pytest.mark.parametrize("module", in_bot(), ids=lambda m: m.name)
def test_imports_go_one_way(module: Module) -> None:
    part = part_of(module.name)
    allowed = (part, *MAY[part]) if part != "bot" else ()
    wrong = [
        f"{module.path}:{line}: {part} must not import {name}"
        for name, line in imports(module)
        if within(name, "bot") and name != "bot" and not _may(name, allowed)
    ]
    assert wrong == []


def _may(name: str, allowed: tuple[str, ...]) -> bool:
    return any(within(name, a) for a in allowed)


def test_every_part_is_in_the_list() -> None:
    tops = {".".join(m.name.split(".")[:2]) for m in in_bot()} - {"bot"}
    assert tops <= set(MAY)
    assert {part for part in MAY if not any(within(m.name, part) for m in modules())} == set()


def test_nlu_never_imports_the_bot() -> None:
    assert [
        m.path
        for m in modules()
        for n, _ in imports(m)
        if within(m.name, "nlu") and within(n, "bot")
    ] == []


def test_the_bot_sees_the_normaliser_and_the_seam_of_nlu_only() -> None:
    wrong = []
    for module in in_bot():
        allowed = ["nlu.text", "nlu.remembered", "nlu.engine"]
        if within(module.name, "bot.guides"):
            # What is a Vietnamese syllable decides how readable a guide is.
            allowed.append("nlu.syllable")
        if module.name == "bot.app":
            allowed.append("nlu.intents")
        if within(module.name, "bot.cli"):
            allowed.append("nlu")
        wrong += [
            f"{module.path}:{line}: {name}"
            for name, line in imports(module)
            if within(name, "nlu") and name != "nlu" and not _may(name, tuple(allowed))
        ]
    assert wrong == []


@pytest.mark.parametrize("name", STANDARD_ONLY)
def test_the_normaliser_needs_python_only(name: str) -> None:
    (module,) = (m for m in modules() if m.name == name)
    top_level = [n for n in module.tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    bare = Module(name, module.path, "", ast.Module(body=list(top_level), type_ignores=[]))
    foreign = {
        found.split(".")[0]
        for found, _ in imports(bare)
        if found.split(".")[0] not in sys.stdlib_module_names and not _may(found, STANDARD_ONLY)
    }
    assert foreign - {"nlu"} == set()


def test_the_domain_knows_no_library_but_pydantic() -> None:
    found = {
        name.split(".")[0]
        for module in modules()
        if within(module.name, "bot.domain") or within(module.name, "bot.errors")
        for name, _ in imports(module)
    }
    assert found - set(sys.stdlib_module_names) <= {"pydantic", "bot"}


def test_the_decision_reads_no_clock_no_file_and_no_network() -> None:
    forbidden = {"os", "socket", "time", "random", "secrets", "asyncio", "sqlalchemy", "httpx"}
    used = re.compile(r"datetime\.now|date\.today|utcnow|\bopen\(")
    wrong = [
        str(module.path)
        for module in modules()
        if within(module.name, "bot.dialogue")
        and (used.search(module.text) or forbidden & {n.split(".")[0] for n, _ in imports(module)})
    ]
    assert wrong == []


# Queries and commits ----------------------------------------------------------------------------

_QUERY = re.compile(r"\.execute\(|\bselect\(|\.scalars?\(|exec_driver_sql|\bupdate\(\w+\)\.where")
_COMMIT = re.compile(r"\.commit\(|engine\.begin\(")


def test_queries_live_in_the_store() -> None:
    outside = [m for m in in_bot() if not within(m.name, "bot.store")]
    assert _hits(outside, _QUERY) == []


def test_a_commit_is_made_at_the_boundary_only() -> None:
    # Those that make or copy whole databases, and the queue that makes its own schema.
    boundary = {"bot.store.copying", "bot.store.db", "bot.store.migrate", "bot.store.queueing"}
    assert _hits([m for m in in_bot() if m.name not in boundary], _COMMIT) == []


def test_the_rules_on_queries_would_notice() -> None:
    db = [m for m in modules() if m.name == "bot.store.db"]
    assert _hits(db, _QUERY)
    assert _hits(db, _COMMIT)


def _hits(found: list[Module], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{module.path}:{number}: {line.strip()}"
        for module in found
        for number, line in enumerate(module.text.splitlines(), 1)
        if pattern.search(line)
    ]


# How the code is kept ---------------------------------------------------------------------------


def test_broad_excepts_stay_within_the_budget() -> None:
    broad = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    total = sum(module.lines for module in modules())
    assert len(broad) <= BROAD_MOST * total / 1000, broad


def _is_broad(node: ast.ExceptHandler) -> bool:
    if node.type is None:
        return True
    caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    names = {name.id for name in caught if isinstance(name, ast.Name)}
    # Cleaning up and raising on is not swallowing.
    raises_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
    return bool(names & {"Exception", "BaseException"}) and not raises_on


def test_files_are_short() -> None:
    long = {str(m.path): m.lines for m in modules() if m.lines > LINES_MOST}
    assert long == {}


def test_public_functions_say_what_they_take_and_give() -> None:
    bare = [
        f"{module.path}:{node.lineno}: {node.name}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not _annotated(node)
    ]
    assert bare == []


def _annotated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return node.returns is not None and all(
        a.annotation is not None for a in given if a.arg not in ("self", "cls")
    )


def test_importing_any_part_connects_to_nothing_and_starts_nothing() -> None:
    starts = ("create_engine(", "Thread(", ".start(", "asyncio.run(", "basicConfig(")
    wrong = [
        f"{module.path}:{node.lineno}"
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign)
        and any(word in ast.unparse(node) for word in starts)
    ]
    assert wrong == []


# The tests' own rules ---------------------------------------------------------------------------


def test_tests_reach_this_machine_only() -> None:
    import socket

    from pytest_socket import SocketConnectBlockedError

    with (
        socket.socket() as outside,
        pytest.warns(UserWarning, match="192.0.2.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        outside.connect(("192.0.2.1", 80))
    with socket.socket() as inside:
        inside.settimeout(2)
        assert inside.connect_ex(("127.0.0.1", 9)) != 0
