"""`nlu parse`, `explain`, `check` and what `train` refuses, through the command line."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from bot.cli.nlu_check import refuse_mistakes
from bot.cli.nlu_parse import LINE_MOST, read_lines
from nlu.engine import DATA_DIR
from nlu.intents import INTENTS
from tests.app.test_start_and_stop import Done, run
from tests.process import with_model

HEAD = 'version: "3.1"\nnlu:\n'


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained engine."""
    return with_model(tmp_path_factory.mktemp("nlu") / "var")


def run_with(raw: bytes, arguments: list[str], var_dir: Path) -> Done:
    """A command with these bytes on standard input."""
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw))):
        return run(arguments, var_dir)


# parse ------------------------------------------------------------------------------------------

LINES = [
    b"lam dinh danh muc 2 o dau",
    b"",
    b"   ",
    bytes(byte for byte in range(256) if byte != 10),
    b"\x00\x00",
    b"{not json",
    "chuyển tiền nhầm ".encode() * 6_000,
    "e\u0301".encode() * 40_000,
    b"chao\r",
    "mất tiền rồi".encode("utf-16"),
    b"the end without a line end",
]


@pytest.mark.parametrize("source", ["stdin", "dash", "file"])
def test_any_line_gives_one_object_in_order(source: str, var_dir: Path, tmp_path: Path) -> None:
    raw = b"\n".join(LINES)
    file = tmp_path / "lines.txt"
    file.write_bytes(raw)
    given = {"stdin": [], "dash": ["--file", "-"], "file": ["--file", str(file)]}[source]
    done = run_with(raw, ["nlu", "parse", "--jsonl", *given], var_dir)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    expected = [line.decode("utf-8", "replace").removesuffix("\r") for line in LINES]
    assert [item["text"] for item in found] == expected
    assert {item["decision"] for item in found} <= {"answer", "ask", "refuse"}


def test_no_lines_give_nothing(var_dir: Path) -> None:
    done = run_with(b"", ["nlu", "parse", "--jsonl", "--stats"], var_dir)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("0 messages in ")


def test_stats_go_to_standard_error(var_dir: Path) -> None:
    done = run_with(b"chao\nmat tien roi\n", ["nlu", "parse", "--jsonl", "--stats"], var_dir)
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.startswith("2 messages in ")
    assert " a second: answer " in done.stderr


def test_a_message_and_a_file_are_one_too_many(var_dir: Path) -> None:
    done = run(["nlu", "parse", "chào", "--file", "x"], var_dir)
    assert done.returncode == 2
    assert "not both" in done.stderr


def test_a_folder_is_no_file(var_dir: Path, tmp_path: Path) -> None:
    done = run(["nlu", "parse", "--jsonl", "--file", str(tmp_path)], var_dir)
    assert done.returncode == 2
    assert str(tmp_path)[:20] in done.stderr
    assert "Traceback" not in done.stderr


def test_lines_are_read_in_bounded_pieces() -> None:
    """A line that never ends takes no more memory than one that is allowed."""

    class Endless(io.RawIOBase):
        left = 20 * LINE_MOST
        most = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
            size = min(len(view), self.left)
            view[:size] = b"a" * size
            Endless.most = max(Endless.most, size)
            self.left -= size
            return size

    lines = read_lines(io.BufferedReader(Endless()))
    assert [len(line) for line in lines] == [LINE_MOST]
    assert Endless.most <= LINE_MOST


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_a_long_line_does_not_shift_the_next(extra: int) -> None:
    long = b"a" * (LINE_MOST + extra)
    found = list(read_lines(io.BytesIO(long + b"\n\nchao\n")))
    assert [len(line) for line in found] == [min(LINE_MOST, len(long)), 0, 4]


def test_a_byte_order_mark_is_no_part_of_a_message() -> None:
    assert list(read_lines(io.BytesIO(b"\xef\xbb\xbfchao\n\xef\xbb\xbfx"))) == ["chao", "\ufeffx"]


def test_a_pipe_is_answered_line_by_line(var_dir: Path) -> None:
    """In a terminal of another language, with the writer waiting for each answer."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))},
        "CONGDANSO_VAR_DIR": str(var_dir),
        "LC_ALL": "POSIX",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    command = [str(Path(sys.executable).with_name("congdanso")), "nlu", "parse", "--jsonl"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("cài vneid ở đâu", "mất tiền rồi"):
            process.stdin.write(text.encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == text
        process.stdin.close()
        assert process.wait(30) == 0


def test_an_argument_that_is_not_text(var_dir: Path) -> None:
    """What the shell passes on as it is."""
    done = run(["nlu", "parse", "b\udcff lừa", "--jsonl"], var_dir)
    assert json.loads(done.stdout)["text"] == "b? lừa"


# explain ----------------------------------------------------------------------------------------


def test_explain_in_words(var_dir: Path) -> None:
    done = run(["nlu", "explain", "ko dc cài vi ne id muoons [b]:bell:"], var_dir, COLUMNS="150")
    assert done.returncode == 0, done.stderr
    assert "[b]:bell:" in done.stdout
    assert "không được cài vneid muốn" in done.stdout
    assert "khong duoc cai vneid muon" in done.stdout
    assert "muoons → muốn (Telex keys)" in done.stdout
    assert "ko → không (shorthand" in done.stdout
    assert "Cài VNeID" in done.stdout
    assert "is enough to answer" in done.stdout or "asks" in done.stdout
    assert any(f"({path.name}:" in done.stdout for path in DATA_DIR.glob("*.yml"))


def test_explain_as_json(var_dir: Path) -> None:
    done = run(["nlu", "explain", "cai vneid o dau", "--json", "--top", "2"], var_dir)
    found = json.loads(done.stdout)
    assert found["accented"] == "cai vneid o dau"
    assert found["decision"] in {"answer", "ask", "refuse"}
    assert found["candidates"][0]["name"] == "vneid_install"
    assert len(found["candidates"]) == 2
    assert set(found["thresholds"]) >= {"answer", "refuse"}


@pytest.mark.parametrize("text", ["", "👍", "\x1b[31m", "b\udcff", "k " * 50_000])
def test_explain_of_anything(text: str, var_dir: Path) -> None:
    done = run(["nlu", "explain", text], var_dir)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "decision" in done.stdout


# check and train --------------------------------------------------------------------------------


def test_check_names_everything_and_ends_with_one(var_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(HEAD + "- intent: gret\n  examples: |\n    - chào\n")
    (tmp_path / "b.yml").write_text(HEAD + "\t- intent: greet\n")
    done = run(["nlu", "check", "--data", str(tmp_path)], var_dir)
    assert done.returncode == 1
    assert f"{tmp_path / 'a.yml'}:3: unknown intent 'gret': did you mean greet?" in done.stdout
    assert f"{tmp_path / 'b.yml'}:3: not valid YAML" in done.stdout
    assert "0 sentences in 0 file(s), 0 intents: 2 error(s), 0 warning(s)" in done.stdout


def test_check_without_a_folder(var_dir: Path, tmp_path: Path) -> None:
    done = run(["nlu", "check", "--data", str(tmp_path / "none")], var_dir)
    assert done.returncode == 1
    assert "no training files" in done.stdout
    assert "Traceback" not in done.stderr


def one_each(times: int) -> str:
    """A training file with one sentence for each intent, said so many times."""
    lines = [HEAD.rstrip()]
    for name, intent in INTENTS.items():
        lines += [f"- intent: {name}", "  examples: |", *[f"    - {intent.title}"] * times]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 1)])
def test_warnings_count_when_strict(
    strict: list[str], code: int, var_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.yml").write_text(one_each(1), encoding="utf-8")
    done = run(["nlu", "check", "--data", str(tmp_path), *strict], var_dir)
    assert done.returncode == code
    assert done.stdout.count(": warning: ") == len(INTENTS)
    assert "0 error(s)" in done.stdout


def test_too_much_of_the_same_ends_the_check_but_not_training(
    var_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yml").write_text(one_each(2), encoding="utf-8")
    done = run(["nlu", "check", "--data", str(tmp_path)], var_dir)
    assert done.returncode == 1
    assert "100.00% nearly the same as another (at most 3%)" in done.stdout
    refuse_mistakes(tmp_path)
    assert "100.00% of it nearly the same" in capsys.readouterr().err


def test_train_names_every_mistake_first(var_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(HEAD + "- intent: gret\n  examples: |\n    - chào\n")
    (tmp_path / "b.yml").write_text(HEAD + "- intent: greet\n  examples: |\n    -\n")
    done = run(["nlu", "train", "--data", str(tmp_path)], var_dir)
    assert done.returncode == 2
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == ["congdanso"] * 2
    assert "a.yml:3: " in done.stderr
    assert "b.yml:5: empty sentence" in done.stderr
