"""The whole program as a process, with the platform beside it: connected while it runs, a guide
walked to its end over real HTTP, and nothing lost or doubled when it is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.process import ROOT, Served, with_model
from tests.telegram.stage import QUICK, eventually
from tests.zalo import oa_fake
from tests.zalo.oa_fake import FakeOa, Sent, signed

pytestmark = pytest.mark.program


@dataclass
class OaProgram:
    """A served program and the platform it is connected to."""

    fake: FakeOa
    served: Served
    environment: dict[str, str]
    _read: dict[str, int] = field(default_factory=dict)

    def post(self, event: dict[str, Any]) -> int:
        """Zalo posts an event."""
        raw, headers = signed(event)
        url = f"{self.served.url}/zalo/oa/webhook"
        answer = httpx.post(url, content=raw, headers=headers, trust_env=False, verify=False)
        assert answer.elapsed.total_seconds() < 2
        return answer.status_code

    def next(self, user: str) -> Sent:
        """The next message to a person."""
        place = self._read.get(user, 0)

        def seen() -> Sent | None:
            found = [m for m in self.fake.messages if m.user == user]
            return found[place] if len(found) > place else None

        message = eventually(seen, f"a message to {user}")
        assert message is not None
        self._read[user] = place + 1
        return message

    def says(self, user: str, text: str) -> Sent:
        """Somebody writes; the last message of the answer, which has the choices."""
        assert self.post(self.fake.text(user, text)) == 200
        answer = self.next(user)
        while not answer.buttons:
            answer = self.next(user)
        return answer

    def presses(self, user: str, message: Sent, label: str) -> Sent:
        """Somebody taps a button."""
        (button,) = [b for b in message.buttons if b["title"] == label]
        return self.says(user, button["payload"])

    def state(self) -> str:
        """What /readyz says of the channel."""
        page = httpx.get(f"{self.served.url}/readyz", trust_env=False, verify=False)
        return str(page.json()["zalo_oa"])

    def command(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """A command on the same machine, while the program runs."""
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OaProgram]:
    """Connected while it ran, as whoever installs it does; somebody (100) wrote before that."""
    var_dir: Path = with_model(tmp_path_factory.mktemp("oa") / "var")
    with FakeOa() as fake:
        given = {f"CONGDANSO_{k.upper()}": str(v) for k, v in oa_fake.settings(fake.url).items()}
        served = Served(var_dir, given | QUICK)
        plain = {k: v for k, v in os.environ.items() if not k.startswith("CONGDANSO_")}
        environment = {**plain, **given, "CONGDANSO_VAR_DIR": str(var_dir)}
        with served:
            program = OaProgram(fake, served, environment)
            says_so = "not connected: congdanso zalo connect"
            eventually(lambda: program.state() == says_so, says_so)
            assert program.post(fake.text("100", "xin chào")) == 200
            assert not fake.messages
            _, refresh = fake.grant()
            done = program.command("zalo", "connect", "--refresh-token", given=f"{refresh}\n")
            assert done.returncode == 0, done.stderr
            yield program


def test_connected_while_it_runs_a_message_that_waited_is_answered(program: OaProgram) -> None:
    assert "Chào anh/chị" in program.next("100").text
    assert "Chào anh/chị" in program.says("101", "chào em").text
    status = program.command("zalo", "status")
    assert status.returncode == 0
    assert "works until" in status.stdout


def test_a_guide_is_walked_to_its_end(program: OaProgram) -> None:
    step = program.says("200", "cách trả tiền bằng mã QR")
    assert "Bước 1/6" in step.text
    shown = program.presses("200", step, "Xem hình")
    picture = next(m for m in program.fake.messages if m.user == "200" and m.picture)
    assert program.fake.uploads[picture.picture].startswith(b"\x89PNG")
    assert not picture.buttons
    assert {b["title"] for b in shown.buttons} >= {"Xong, bước tiếp"}
    for number in range(2, 7):
        step = (
            program.presses("200", step, "Xong, bước tiếp")
            if number % 2
            else program.says("200", "1")
        )
        assert step.text.startswith(f"Bước {number}/6")
    done = program.presses("200", step, "Xong rồi")
    assert "Xong rồi, anh/chị giỏi quá" in done.text
    assert len(done.buttons) == 5
    assert "7. Về trang đầu" in done.text
    mine = [m for m in program.fake.messages if m.user == "200"]
    assert all(len(m.text) <= 600 for m in mine)


def test_killed_with_messages_in_hand_it_answers_each_once(program: OaProgram) -> None:
    users = [str(300 + n) for n in range(30)]
    for user in users[:15]:
        assert program.post(program.fake.text(user, "xin chào")) == 200
    program.served.kill()
    sending = program.served.sending()
    program.served.start()
    for user in users[15:]:
        assert program.post(program.fake.text(user, "xin chào")) == 200
    for user in users:
        assert "Chào anh/chị" in program.next(user).text
    # Those whose sending was cut may come twice; no others.
    assert len([m for m in program.fake.messages if m.user in users]) <= len(users) + sending
