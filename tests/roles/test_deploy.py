"""What deploy/ has, against the program: commands, options, settings, routes that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from bot.cli import app
from bot.settings import ROOT, Settings

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
_SETTING = re.compile(r"\bCONGDANSO_[A-Z_]+")
#: Without these a unit could do more than the program needs.
_LEAST = {
    "DynamicUser": "yes",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "RestrictNamespaces": "yes",
    "UMask": "0077",
}
#: What systemd-analyze may find at most, of 10.
_EXPOSURE_MOST = 2.0


def files() -> list[Path]:
    return sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def unit(path: Path) -> configparser.ConfigParser:
    # A key may come twice, as systemd has it.
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def check_command(words: list[str]) -> None:
    """A command of ours with options of its own."""
    commands: Any = get_command(app)
    command = commands.commands[words[0]]
    options = {name for parameter in command.params for name in parameter.opts}
    given = [word for word in words[1:] if word.startswith("--")]
    assert set(given) <= options, words


def test_there_is_what_the_readme_names() -> None:
    readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for path in files():
        if path.name != "README.md":
            assert path.name in readme, path


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_setting_is_one(path: Path) -> None:
    known = {f"CONGDANSO_{name.upper()}" for name in Settings.model_fields}
    named = set(_SETTING.findall(path.read_text(encoding="utf-8")))
    assert named <= known | {f"{name}_FILE" for name in known}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_with_the_least_rights(path: Path) -> None:
    service = unit(path)["Service"]
    program, *words = service["ExecStart"].split()
    assert program.endswith("/congdanso")
    check_command(words)
    for key, value in _LEAST.items():
        assert service[key] == value, key
    assert service["RestartPreventExitStatus"] == "2"
    # A process says goodbye within this: five seconds of requests, ten of jobs, five of sends.
    assert int(service["TimeoutStopSec"]) >= 30


def test_the_units_differ_in_nothing_but_the_part() -> None:
    own = {"ExecStart", "MemoryMax"}
    rest = {str({k: v for k, v in unit(path)["Service"].items() if k not in own}) for path in UNITS}
    assert len(rest) == 1


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.program
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_little_exposed(path: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    found = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found.group(1)) <= _EXPOSURE_MOST


def test_compose_runs_every_role() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"db", "web", "worker", "scheduler"}
    for name in ("web", "worker", "scheduler"):
        check_command(services[name]["command"])
        assert services[name]["command"][0] == name
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
        assert services[name]["healthcheck"]
    volumes = {
        each.split(":")[0] for service in services.values() for each in service.get("volumes", [])
    }
    assert volumes == set(compose["volumes"])
    assert services["worker"]["deploy"]["replicas"] >= 2


def test_nginx_is_whole_and_passes_what_must_not_be_held() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    bare = "\n".join(line for line in lines if line)
    assert bare.count("{") == bare.count("}")
    for line in bare.splitlines():
        assert line.endswith((";", "{", "}")), line
    upstreams = set(re.findall(r"upstream (\w+) \{", bare))
    assert set(re.findall(r"proxy_pass http://(\w+);", bare)) == upstreams
    stream = bare[bare.index("location = /chat/stream") :].split("}")[0]
    assert "proxy_buffering off;" in stream
    assert "location = /metrics { return 404; }" in bare
    assert "if=$congdanso_loggable" in bare
