"""`check qr`, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.bad_pictures import code, encoded
from bot.safety.qr.vietqr import make
from tests.app.test_start_and_stop import run

CARD = "079012345678|012345678|Nguyễn Văn Mẫu|01011990|Nam|Ấp Mẫu|01012021"
PAYLOADS = {
    "pay.png": make("970405", "1234567890", 150_000, "mua tom kho"),
    "open.png": make("970436", "0123456789"),
    "broken.png": make("970405", "1234567890")[:-4] + "0000",
    "link.png": "https://dichvucong.gov.vn/",
    "wifi.png": "WIFI:S:Quan;T:WPA;P:bi-mat-123;;",
    "card.png": CARD,
}


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What is printed of all of these, by the picture's name."""
    folder = tmp_path_factory.mktemp("pictures")
    for name, payload in PAYLOADS.items():
        (folder / name).write_bytes(encoded(code(payload)))
    (folder / "file.pdf").write_bytes(b"%PDF-1.7")
    names = [*PAYLOADS, "file.pdf", "missing.png"]
    done = run(["check", "qr", "--jsonl", *(str(folder / name) for name in names)], folder / "var")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["image"]).name for line in lines] == names
    return dict(zip(names, lines, strict=True))


def test_a_payment_code(objects: dict[str, dict[str, Any]]) -> None:
    found = objects["pay.png"]
    wanted = {
        "verdict": "unknown",
        "kind": "vietqr",
        "bin": "970405",
        "bank": "Agribank",
        "account": "••••••7890",
        "service": "account",
        "amount": 150_000,
        "memo": "mua tom kho",
        "dynamic": True,
    }
    assert wanted.items() <= found.items()
    assert found["reasons"]
    assert 0 <= found["score"] <= 1
    assert "amount" not in objects["open.png"]


def test_the_other_kinds(objects: dict[str, dict[str, Any]]) -> None:
    broken, link = objects["broken.png"], objects["link.png"]
    assert (broken["kind"], broken["fault"]) == ("broken_payment", "bad_crc")
    assert broken["verdict"] == "caution"
    assert (link["kind"], link["verdict"]) == ("url", "official")
    assert objects["wifi.png"]["text"] == "Quan"
    assert objects["card.png"]["kind"] == "citizen_card"


def test_secrets_are_not_printed(objects: dict[str, dict[str, Any]]) -> None:
    printed = json.dumps(list(objects.values()), ensure_ascii=False)
    for secret in ("1234567890", "0123456789", "bi-mat", "0790", "Mẫu"):
        assert secret not in printed


def test_what_is_no_picture_has_an_object_too(objects: dict[str, dict[str, Any]]) -> None:
    assert (objects["file.pdf"]["kind"], objects["file.pdf"]["error"]) == (None, "pdf")
    assert objects["missing.png"]["error"] == "not_fetched"


def test_in_words(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(encoded(code(PAYLOADS["pay.png"])))
    done = run(["check", "qr", str(picture)], tmp_path / "var")
    assert "Agribank" in done.stdout
    assert "đọc to tên người nhận" in done.stdout
