"""The emulator others made, as a process."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "telegram_test_api"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """A running peer; installs it first where that was not done."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not installed")
    if not (HERE / "node_modules").is_dir():
        subprocess.run([npm, "install"], cwd=HERE, check=True, timeout=300)
    command = [node, "server.mjs"]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            port = json.loads(process.stdout.readline())["port"]
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
