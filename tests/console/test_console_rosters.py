"""A roster through the page: looked at row by row, then exactly that file imported."""

from __future__ import annotations

import io
import re
import time

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from starlette.testclient import TestClient

from bot.console.roster_words import in_vietnamese
from bot.models.schema import audit_log, roster_files, staff
from bot.store import roster_files as store
from bot.store import tickets
from tests.console.world import World, csrf_of, hidden

HEAD = "Tên tổ,Tỉnh,Xã/phường,Thôn/ấp,Họ tên,Điện thoại,Vai trò"
ROWS = (
    "Tổ ấp Rạch Gốc,Cà Mau,Tân Ân,Ấp Rạch Gốc,Nguyễn Văn An,0900000001,tổ trưởng",
    "Tổ ấp Rạch Gốc,Cà Mau,Tân Ân,Ấp Rạch Gốc,<b>Trần Bé</b>,0900000002,",
)


class Desk:
    """An admin with a file."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.client: TestClient = world.logged_in("admin", "hoa")
        self.csrf = csrf_of(self.client)

    def upload(self, *rows: str, name: str = "danh sách.csv", **fields: str) -> str:
        body = "\n".join((HEAD, *rows)).encode()
        return self.raw(body, name, **fields)

    def raw(self, body: bytes, name: str, **fields: str) -> str:
        answer = self.client.post(
            "/staff/rosters",
            data={"csrf": self.csrf, **fields},
            files={"file": (name, body)},
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def import_(self, url: str) -> int:
        digest = hidden(self.client.get(url), "digest")
        data = {"csrf": self.csrf, "digest": digest}
        status: int = self.client.post(f"{url}/import", data=data).status_code
        return status

    def until(self, url: str, state: str) -> str:
        """The page once the import is that far; it runs in a thread of the program."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            text = self.client.get(f"{url}/live").text
            if f'data-state="{state}"' in text:
                return str(text)
        raise AssertionError(text)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def members(world: World) -> list[str]:
    from bot.models.schema import members as table

    query = select(table.c.name).where(table.c.removed_at.is_(None)).order_by(table.c.name)
    return world.db.read_now(lambda c: list(c.execute(query).scalars()))


def test_looked_at_then_imported_then_nothing_to_change(desk: Desk) -> None:
    url = desk.upload(*ROWS)
    page = desk.client.get(url).text
    assert "1 tổ, 2 thành viên" in page
    assert "&lt;b&gt;Trần Bé" in page
    assert "<b>Trần" not in page
    assert members(desk.world) == []
    with desk.client:
        assert desk.import_(url) == 303
        assert "4 thay đổi" in desk.until(url, "imported")
    assert members(desk.world) == ["<b>Trần Bé</b>", "Nguyễn Văn An"]
    again = desk.client.get(desk.upload(*ROWS)).text
    assert "không có gì để đổi" in again
    actions = desk.world.db.read_now(
        lambda c: list(c.execute(select(audit_log.c.action).order_by(audit_log.c.id)).scalars())
    )
    assert [a for a in actions if a.startswith("roster.")] == [
        "roster.upload",
        "roster.import",
        "roster.upload",
    ]


def test_mistakes_are_shown_by_row_and_nothing_can_be_imported(desk: Desk) -> None:
    bad = ROWS[1].replace("0900000002", "123").replace("Ấp Rạch Gốc,", ",", 1)
    url = desk.upload(ROWS[0], bad)
    page = desk.client.get(url).text
    assert re.search(r'data-label="Dòng">3<', page)
    assert "Điện thoại" in page
    assert 'name="digest"' not in page
    assert "123" not in page.replace("0123", "")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"\x00\x01\x02", "a.csv"),
        (b"PK\x03\x04 broken", "a.xlsx"),
        (b"a,b\n1,2\n", "a.csv"),
        ("Tên tổ\n".encode("utf-16"), "a.csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "a.xls"),
        (b"x" * 1000, "../../etc/passwd"),
    ],
)
def test_what_is_no_roster_is_said(desk: Desk, body: bytes, name: str) -> None:
    url = desk.raw(body, name)
    answer = desk.client.get(url)
    assert answer.status_code == 200
    assert "Không đọc được tệp này" in answer.text or "chỗ sai" in answer.text
    assert "Traceback" not in answer.text
    assert "/tmp" not in answer.text


def test_only_the_file_that_was_looked_at_is_imported(desk: Desk) -> None:
    first, second = desk.upload(ROWS[0]), desk.upload(*ROWS)
    digest = hidden(desk.client.get(second), "digest")
    for forged in ("", "x", digest):
        data = {"csrf": desk.csrf, "digest": forged}
        assert desk.client.post(f"{first}/import", data=data).status_code == 403
    assert members(desk.world) == []
    assert desk.client.post("/staff/rosters/99/import", data={"csrf": desk.csrf}).status_code == 404


def test_a_file_is_imported_once(desk: Desk) -> None:
    url = desk.upload(ROWS[0])
    data = {"csrf": desk.csrf, "digest": hidden(desk.client.get(url), "digest")}
    with desk.client:
        for _ in range(3):
            assert desk.client.post(f"{url}/import", data=data).status_code == 303
        desk.until(url, "imported")
    kept = desk.world.db.read_now(lambda c: store.find(c, 1))
    assert kept is not None
    assert not kept.there


def test_what_the_file_does_not_have_is_removed_only_when_asked(desk: Desk) -> None:
    with desk.client:
        url = desk.upload(*ROWS)
        desk.import_(url)
        desk.until(url, "imported")
        assert "giữ nguyên" in desk.client.get(desk.upload(ROWS[0])).text
        url = desk.upload(ROWS[0], remove_missing="1")
        assert "Bỏ: 1" in desk.client.get(url).text
        desk.import_(url)
        desk.until(url, "imported")
    assert members(desk.world) == ["Nguyễn Văn An"]


def test_an_import_whose_process_died_says_so(desk: Desk) -> None:
    url = desk.upload(ROWS[0])
    change = update(roster_files).values(state="importing")
    desk.world.db.write_now(lambda c: c.execute(change).rowcount)
    assert "Máy chủ bị ngắt" in desk.client.get(url).text


def test_files_are_forgotten_after_a_day(desk: Desk) -> None:
    url = desk.upload(ROWS[0])
    desk.world.wait(hours=25)
    now = desk.world.clock
    assert desk.world.db.write_now(lambda c: store.forget(c, now - store.KEEP)) == 1
    desk.client.cookies.clear()
    client = desk.world.logged_in("admin", "minh")
    assert "để quá một ngày" in client.get(url).text


def test_an_export_is_what_was_imported(desk: Desk) -> None:
    url = desk.upload(*ROWS)
    with desk.client:
        desk.import_(url)
        desk.until(url, "imported")
    answer = desk.client.get("/staff/rosters/export.xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    names = {row[10].value for row in sheet.iter_rows(min_row=2)}
    assert names == {"Nguyễn Văn An", "<b>Trần Bé</b>"}
    assert "0900000001" in desk.client.get("/staff/rosters/export.csv").text
    assert desk.client.get("/staff/rosters/export.exe").status_code == 404


def test_no_file_is_asked_for_again(desk: Desk) -> None:
    answer = desk.client.post("/staff/rosters", data={"csrf": desk.csrf}, files={"x": ("a", b"")})
    assert answer.status_code == 422
    assert desk.world.db.read_now(tickets.all_teams) == ()


def test_whoever_has_a_part_of_the_country_imports_nothing(desk: Desk) -> None:
    change = update(staff).values(scope="96")
    desk.world.db.write_now(lambda c: c.execute(change).rowcount)
    assert desk.client.get("/staff/rosters").status_code == 403
    assert desk.client.get("/staff/rosters/export.csv").status_code == 403
    answer = desk.client.post(
        "/staff/rosters", data={"csrf": desk.csrf}, files={"file": ("a.csv", b"x")}
    )
    assert answer.status_code == 403


def test_mistakes_are_said_in_vietnamese(desk: Desk) -> None:
    rows = (
        "Tổ A,Cà Mau,Tân Ân,Ấp 1,Nguyễn Văn An,9E+08,tổ trưởng",
        "Tổ A,Cà Mau,Tân Ân,Ấp 1,Nguyễn Văn An,0900000001,vua",
        "Tổ B,Cà Mau,Tân Âm Phủ,Ấp 1,Trần Bé,0900000001,",
        "Tổ C,Cà Màu Mè,Tân Ân,Ấp 1,123,0900000003,",
        ",Cà Mau,Tân Ân,Ấp 1,Lê Cu,0900000004,",
        "Tổ D,Cà Mau,Tân Ân,,Lê Tí,0900000005,",
    )
    page = desk.client.get(desk.upload(*rows)).text
    assert 'lang="en"' not in page
    assert page.count('data-label="Sai thế nào"') >= 6
    for words in ("Excel viết gọn", "chưa rõ; dùng một trong", "phải có chữ", "phải có tên tổ"):
        assert words in page


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("is a formula; copy it and paste it back as a value", "là công thức"),
        ("is that of row 7 too; two members must not have one phone", "trùng dòng 7"),
        ("is that of row 7; one group, one team", "mỗi nhóm một tổ"),
        ("is that of 'An' of 'Tổ A', who is not in this file", "của 'An' ở 'Tổ A'"),
        ("is that of 'Tổ A', which is not in this file", "của 'Tổ A'"),
        ("'x' is no commune of Cà Mau; perhaps Xã A, Xã B", "có phải Xã A, Xã B?"),
        ("'x' may be Xã A (1), Xã B (2); write which", "ghi rõ nơi nào"),
        ("is a damaged Excel file; open it in Excel and save it again", "tệp Excel hỏng"),
        ("something new", ""),
    ],
)
def test_words_of_mistakes(text: str, words: str) -> None:
    said = in_vietnamese(text)
    assert words in said
    assert bool(said) is bool(words)
