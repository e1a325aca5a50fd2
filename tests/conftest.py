"""What every test has: no network but loopback, a clock that is set, databases of both kinds."""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine

from bot.services.runtime import Runtime
from bot.settings import ROOT, Settings
from bot.store.crypto import Vault
from bot.store.db import Database, make_engine
from tests.chromium import launch
from tests.databases import Postgres, migrated_sqlite, served_postgres
from tests.support import Clock

DATABASES = ("sqlite", "postgresql")
FEW_GUIDES = (
    "digital_citizen",
    "vneid_level_2",
    "vneid_activate",
    "qr_pay",
    "scam_link",
    "scam_victim",
    "wrong_transfer",
)

hypothesis_settings.register_profile("congdanso", deadline=None)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "congdanso")


#: Folders whose tests are groups of their own: with them `uv run pytest` would take minutes more.
GROUPS = {
    "app": "services",
    "console": "staff",
    "desk": "staff",
    "linking": "services",
    "migrations": "staff",
    "operation": "staff",
    "privacy": "services",
    "releases": "staff",
    "roles": "services",
    "rosters": "staff",
    "security": "services",
    "services": "services",
    "speech": "services",
    "telegram": "services",
    "themes": "staff",
    "training": "staff",
    "web": "services",
    "parity": "zalo",
    "zalo": "zalo",
}
_GROUPED = frozenset({"browser", "node", "faults", "rasa", "program"})


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test belongs to the group of its folder, unless it is marked for another."""
    for item in items:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        marked = {mark.name for mark in item.iter_markers()}
        if folder in GROUPS and not marked & _GROUPED:
            item.add_marker(GROUPS[folder])


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Sockets reach this machine only, whatever the command line says (pytest-socket)."""
    config.option.allow_hosts = "127.0.0.1,::1,0.0.0.0,localhost"
    config.option.allow_unix_socket = True


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two workers; none where a test has the machine to itself (and browsers keep one loop)."""
    alone = config.option.markexpr in ("browser", "node", "faults", "rasa")
    return 0 if alone or config.option.usepdb else min(2, os.cpu_count() or 1)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """An `async def` test runs in an event loop of its own."""
    test = pyfuncitem.obj
    if not inspect.iscoroutinefunction(test) or pyfuncitem.get_closest_marker("anyio"):
        return None
    names = inspect.signature(test).parameters
    asyncio.run(test(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a test that was asked for and skipped is a failure: nobody reads "12 skipped"."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None:
        return
    skipped = reporter.stats.get("skipped", [])
    if skipped and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        reporter.write_line(f"CI: {len(skipped)} skipped tests count as failures", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def default_logging() -> Iterator[None]:
    """What one test sets up (a command run in this process) decides over no other's log."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    return migrated_sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The one PostgreSQL server of this session."""
    with served_postgres() as server:
        yield server


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database of each kind."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            template: Path = request.getfixturevalue("sqlite_template")
            path = tmp_path / "congdanso.db"
            path.write_bytes(template.read_bytes())
            yield f"sqlite:///{path}"
        else:
            server: Postgres = request.getfixturevalue("postgres")
            yield stack.enter_context(server.database())


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated database of each kind."""
    made = Database(make_engine(database_url))
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    """What the program takes for now."""
    return Clock()


@pytest.fixture
def vault() -> Vault:
    """A vault with a known key."""
    return Vault(bytes(range(32)))


@pytest.fixture(scope="session")
def few_guides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped content with a few of its guides: reading and keeping all 46 takes each test
    half a second, and tests of the guides themselves read the shipped folder."""
    shipped, folder = ROOT / "content", tmp_path_factory.mktemp("content") / "content"
    shutil.copytree(shipped, folder, ignore=shutil.ignore_patterns("guides"))
    (folder / "guides").mkdir()
    for guide_id in FEW_GUIDES:
        shutil.copy(shipped / "guides" / f"{guide_id}.yml", folder / "guides")
    return folder


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind with nothing in it, not even tables."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path}/empty.db"
        else:
            server: Postgres = request.getfixturevalue("postgres")
            url = stack.enter_context(server.empty())
        made = make_engine(url)
        stack.callback(made.dispose)
        yield made


@pytest.fixture
def runtime(
    database: Database, vault: Vault, clock: Clock, tmp_path: Path, few_guides: Path
) -> Runtime:
    """A runtime on the database, with the set clock."""
    settings = Settings(_env_file=None, var_dir=tmp_path / "var", content_dir=few_guides)
    return Runtime(settings, database, vault, now=clock, owner="one")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; one for the session, since two of its drivers cannot live in one process."""
    with sync_playwright() as playwright:
        opened = launch(playwright)
        yield opened
        opened.close()
