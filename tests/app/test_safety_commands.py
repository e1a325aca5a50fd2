"""congdanso check link, and congdanso safety …, as an operator types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, without a database yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONGDANSO_VAR_DIR", str(tmp_path / "var"))
    return tmp_path


def run(*words: str, **more: Any) -> Result:
    return CliRunner().invoke(app, list(words), **more)


def lines(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_object_a_line_in_the_same_order(place: Path) -> None:
    file = place / "links.txt"
    file.write_bytes(
        "vietcombank-hotro.top\n\ndichvucong.gov.vn\r\nbấm shopee88 . vip nhé\nchào\n".encode()
        + b"\xff\xfe\n"
    )
    found = lines(run("check", "link", "--file", str(file), "--jsonl"))
    assert [f["verdict"] for f in found] == [
        "dangerous",
        "unknown",
        "official",
        "dangerous",
        "unknown",
        "unknown",
    ]
    assert all(0 <= f["score"] <= 1 and f["reasons"] for f in found)
    assert found[3]["host"] == "shopee88.vip"


def test_standard_input() -> None:
    found = lines(run("check", "link", "--file", "-", "--jsonl", input="momo.vn\n"))
    assert [f["verdict"] for f in found] == ["official"]


def test_for_people_hosts_cannot_be_pressed() -> None:
    done = run("check", "link", "shopee88.vip", "momo.vn")
    assert "shopee88[.]vip" in done.stdout
    assert "momo.vn" in done.stdout


@pytest.mark.parametrize("words", [[], ["momo.vn", "--file", "x"], ["--file", "missing.txt"]])
def test_wrong_arguments(words: list[str]) -> None:
    done = run("check", "link", *words)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_a_feed_from_adding_to_removing(place: Path) -> None:
    file = place / "list.txt"
    file.write_text("quan-an-ngon.vn\n")
    done = run("safety", "feed", "add", "mine", str(file), "--title", "Danh sách A")
    assert "1 hosts" in done.stdout, done.output
    assert "ok" in run("safety", "feed", "list").stdout
    found = lines(run("check", "link", "quan-an-ngon.vn", "--jsonl"))[0]
    assert found["verdict"] == "dangerous"
    assert "Danh sách A" in found["reasons"][0]
    done = run("safety", "host", "clear", "quan-an-ngon.vn", "--why", "đã hỏi", "--who", "lan")
    assert done.stdout == "quan-an-ngon.vn: cleared\n"
    assert lines(run("check", "link", "quan-an-ngon.vn", "--jsonl"))[0]["verdict"] == "unknown"
    assert "cleared, lan" in run("safety", "host", "list").stdout
    assert run("safety", "host", "forget", "quan-an-ngon.vn").exit_code == 0
    assert run("safety", "feed", "remove", "mine").stdout == "mine: removed\n"
    assert lines(run("check", "link", "quan-an-ngon.vn", "--jsonl"))[0]["verdict"] == "unknown"
    assert "lan host_cleared quan-an-ngon.vn đã hỏi" in run("safety", "audit").stdout


def test_a_refused_feed_says_why(place: Path) -> None:
    file = place / "list.txt"
    file.write_text("<html>")
    assert "REFUSED: is a web page" in run("safety", "feed", "add", "mine", str(file)).stdout
    assert run("safety", "feed", "refresh", "other").exit_code == 1
    assert run("safety", "feed", "remove", "other").exit_code == 1
    assert run("safety", "host", "bad", "x", "--why", "y").exit_code == 1


def test_training_writes_a_model_that_is_used(place: Path) -> None:
    file = place / "list.txt"
    file.write_text("".join(f"qzxwkj{n}.com\n" for n in range(60)))
    run("safety", "feed", "add", "mine", str(file))
    before = lines(run("check", "link", "qzxwkjq.com", "--jsonl"))[0]["score"]
    done = run("safety", "train", "--feed", "mine", "--names", "100")
    assert "and 60 hosts of feeds" in done.stdout, done.output
    assert (place / "var" / "models" / "links_model.npz").is_file()
    assert lines(run("check", "link", "qzxwkjq.com", "--jsonl"))[0]["score"] != before
    assert run("safety", "train", "--feed", "other", "--names", "100").exit_code == 1
