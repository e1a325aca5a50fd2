"""Editing and withdrawing guides while the program serves, as people meet it."""

from __future__ import annotations

import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.settings import ROOT
from tests.app.test_start_and_stop import assert_one_clear_line, run
from tests.process import Served, with_model

pytestmark = pytest.mark.program

QR = "qr_pay"
WHY = "phí đã đổi"


class Citizen:
    """A browser with the web chat open."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False, verify=False, timeout=30)
        self._seen = 0
        self._http.post("/chat/open", json={}).raise_for_status()
        self.hears()

    def press(self, choice: str) -> str:
        """Press a button; what is answered."""
        body = {"id": str(uuid.uuid4()), "choice": choice}
        self._http.post("/chat/messages", json=body).raise_for_status()
        return self.hears()

    def hears(self) -> str:
        """The next message, whenever it comes."""
        with self._http.stream("GET", "/chat/stream", params={"after": self._seen}) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    message = json.loads(line.removeprefix("data: "))
                    self._seen = message["seq"]
                    return str(message["text"])
        raise AssertionError("the stream ended")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped content, to be edited."""
    folder = tmp_path_factory.mktemp("edited") / "content"
    shutil.copytree(ROOT / "content", folder)
    return folder


@pytest.fixture(scope="module")
def served(content: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The program, looking at its content several times a second."""
    settings = {"CONGDANSO_CONTENT_DIR": str(content), "CONGDANSO_CONTENT_SECONDS": "0.2"}
    with Served(with_model(tmp_path_factory.mktemp("served") / "var"), settings) as running:
        yield running


def state(served: Served) -> dict[str, Any]:
    answer = httpx.get(f"{served.url}/readyz", trust_env=False, verify=False, timeout=30)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def until(served: Served, what: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What /readyz says as soon as it says so."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        found = state(served)
        if what(found):
            return found
        # Nothing else tells that the files were looked at.
        time.sleep(0.05)
    raise AssertionError(f"/readyz still says {found}")


def test_a_broken_file_is_named_and_the_last_good_text_goes_on(
    served: Served, content: Path
) -> None:
    file = content / "guides" / f"{QR}.yml"
    good = file.read_text(encoding="utf-8")
    title = next(line for line in good.splitlines() if line.startswith("title: "))
    name = title.removeprefix("title: ")
    assert state(served)["content"] == "ok"
    assert name in Citizen(served.url).press(f"guide:{QR}")

    # Saved half way.
    file.write_text(good[: len(good) // 2], encoding="utf-8")
    found = until(served, lambda now: now["content"] == "stale")
    assert found["ready"] is True
    assert all(place.startswith(f"guides/{QR}.yml:") for place in found["content_problems"])
    assert name in Citizen(served.url).press(f"guide:{QR}")
    metrics = httpx.get(f"{served.url}/metrics", trust_env=False, verify=False).text
    assert "congdanso_content_stale 0.0" not in metrics

    file.write_text(good.replace(title, "title: Quét mã bản mới", 1), encoding="utf-8")
    until(served, lambda now: now["content"] == "ok")
    assert "Quét mã bản mới" in Citizen(served.url).press(f"guide:{QR}")


def test_a_recall_from_the_command_line_reaches_whoever_is_inside(
    served: Served, content: Path
) -> None:
    settings = {"CONGDANSO_CONTENT_DIR": str(content)}
    inside = Citizen(served.url)
    inside.press("guide:scam_link")
    # The file is being mended meanwhile, and is no guide at all at this moment.
    file = content / "guides" / "scam_link.yml"
    file.write_text("id: scam_link\n", encoding="utf-8")
    until(served, lambda now: now["content"] == "stale")
    done = run(
        ["content", "recall", "scam_link", "--why", WHY, "--step", "1"], served.var_dir, **settings
    )
    assert done.returncode == 0, done.stderr
    assert "step 1 recalled; 1 conversation(s)" in done.stdout
    assert WHY in inside.hears()
    done = run(["content", "recall", "scam_link", "--why", WHY], served.var_dir, **settings)
    assert done.returncode == 0, done.stderr
    said = inside.hears()
    assert WHY in said
    assert "rút lại" in said
    until(served, lambda _: "chưa có bài" in Citizen(served.url).press("guide:scam_link"))

    listed = run(["content", "recalls"], served.var_dir, **settings).stdout.splitlines()
    assert [line.split("\t")[2] for line in listed] == ["all", "step 1"]
    assert all("not corrected yet" in line for line in listed)
    again = run(["content", "recall", "scam_link", "--why", WHY], served.var_dir, **settings)
    assert_one_clear_line(again, "scam_link", "recalled already", WHY)

    shutil.copy(ROOT / "content" / "guides" / "scam_link.yml", file)
    until(served, lambda now: now["content"] == "ok")
    # The very text that was withdrawn stays withdrawn.
    assert "chưa có bài" in Citizen(served.url).press("guide:scam_link")
    text = file.read_text(encoding="utf-8")
    title = next(line for line in text.splitlines() if line.startswith("title: "))
    file.write_text(text.replace(title, "title: Đường link đã sửa", 1), encoding="utf-8")
    until(served, lambda _: "đã sửa" in Citizen(served.url).press("guide:scam_link"))
    listed = run(["content", "recalls"], served.var_dir, **settings).stdout.splitlines()
    assert all("another text is served now" in line for line in listed)
