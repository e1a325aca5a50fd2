"""Documents against the code they describe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from prometheus_client import Metric
from starlette.routing import Route

from bot.channels.web.routes import TEXT_MOST, WebChat
from bot.guides import model, schema
from bot.guides.allowed import load_allowed
from bot.guides.phrases import Command
from bot.services.metrics import Metrics
from bot.settings import ROOT, Settings
from scripts.settings_table import rows, with_table

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("**/*.md")])
#: In pieces, so that this file is not found by itself.
REGISTRIES = [
    ".".join(name)
    for name in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
    )
]
_NOT_OURS = {"node_modules", "__pycache__", "var", "dist", "uv.lock"}


def read(name: str) -> str:
    """A page of docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def own_files(folder: Path) -> Iterator[Path]:
    """Files of the repository, without what .gitignore leaves out."""
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.is_dir() and path.name != ".ci"
        if hidden or path.name in _NOT_OURS or path.name == ".env":
            continue
        if path.is_dir():
            yield from own_files(path)
        else:
            yield path


def test_settings_table_is_the_code() -> None:
    """Renewed by `uv run poe docs`."""
    page = read("settings.md")
    assert with_table(page) == page
    assert len(list(rows())) == len(Settings.model_fields)


def test_every_setting_says_what_it_is() -> None:
    """The table is worth nothing without descriptions."""
    assert [n for n, f in Settings.model_fields.items() if not f.description] == []


def test_metrics_table_is_the_code() -> None:
    """Names and labels, both ways."""
    written = {
        name: re.findall(r"`(\w+)`", labels)
        for name, labels in re.findall(
            r"^\| `(congdanso_\w+)` \| ([^|]*)\|", read("monitoring.md"), re.M
        )
    }
    collectors = Metrics().registry._collector_to_names
    real: dict[str, list[str]] = {}
    for collector in collectors:
        labels = list(getattr(collector, "_labelnames", ()))
        for metric in collector.collect():
            real[_exposed(metric)] = labels
    assert written == real


def _exposed(metric: Metric) -> str:
    return f"{metric.name}_total" if metric.type == "counter" else metric.name


def test_web_chat_calls_are_the_code() -> None:
    """Every route of the web chat stands in its contract, and no other."""
    chat = object.__new__(WebChat)
    real = {
        f"{method} {route.path}"
        for route in chat.router().routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    } | {f"POST {path}" for path in chat.quick()}
    page = read("web-chat.md")
    assert set(re.findall(r"^\| `((?:GET|POST) [^`?]+)", page, re.M)) == real
    assert str(TEXT_MOST) in page


def test_content_guide_names_every_field() -> None:
    """Field by field, as the heads of its tables."""
    heads = set(re.findall(r"^\| `(\w+)` \|", read("content-guide.md"), re.M))
    guide = {f.name for f in fields(model.Guide)} - {"revision"}
    step = {f.name for f in fields(model.Step)} - {"situations", "recalled"} | {"for"}
    question = {f.name for f in fields(model.Question)}
    choice = {f.name for f in fields(model.Situation)}
    assert guide | step | question | choice <= heads


def test_content_guide_has_the_limits() -> None:
    """Limits that are constants, numbers that may be named, provinces."""
    page = read("content-guide.md")
    for limit in (schema.STEP_TEXT, schema.STUCK_ANSWER):
        assert f"{limit}" in page
    digits = re.sub(r"[ .]", "", page)
    allowed = load_allowed(ROOT / "content" / "allowed.yml")
    assert [phone.number for phone in allowed.phones if phone.digits not in digits] == []
    assert [code for code in model.PROVINCES if f"`{code}`" not in page] == []


def test_members_words_are_commands() -> None:
    """Words that operations.md tells members to type."""
    phrases = (ROOT / "content" / "phrases.yml").read_text(encoding="utf-8")
    listed = re.search(rf"^  {Command.TICKETS.value}: \[(.*)\]", phrases, re.M)
    assert listed is not None
    assert "/phieu" in listed.group(1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Files that are linked to exist, with the heading that is named."""
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://")):
            continue
        name, _, heading = target.partition("#")
        found = (page.parent / name) if name else page
        assert found.exists(), target
        if heading:
            assert heading in headings(found), target


def headings(page: Path) -> set[str]:
    """Anchors of a page, as GitHub makes them."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


def test_readme_is_short() -> None:
    """It is read by people who want to start."""
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 200


def test_every_decision_is_listed() -> None:
    """docs/adr/README.md links each ADR."""
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", read("adr/README.md"))
    assert listed == sorted(p.name for p in (DOCS / "adr").glob("[0-9]*.md"))


def test_no_registry_is_named() -> None:
    """Whoever installs decides where from."""
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in own_files(ROOT)
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert named == []
