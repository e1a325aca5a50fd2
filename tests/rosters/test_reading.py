"""What a roster says, and what is wrong with it, row by row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.domain.tickets import Rung
from bot.locality.gazetteer import Gazetteer
from bot.rosters.cells import CellError, languages, max_open, name, phone, role, shown_hours
from bot.rosters.form import Role
from bot.rosters.reading import read_roster
from bot.rosters.roster import Hamlet, Roster
from bot.rosters.sheets import SheetError
from tests.rosters.conftest import TAN_AN
from tests.rosters.files import GOOD, HEADINGS, write_csv, write_xlsx

Read = Callable[..., Roster]
Said = Callable[..., list[str]]
HAMLET = f"{TAN_AN}.rach-goc"


def row(**changes: str) -> tuple[str, ...]:
    """A good row with other cells, by short names of the columns."""
    short = ("team", "province", "commune", "hamlet", "name", "phone", "role")
    return tuple(changes.get(key, cell) for key, cell in zip(short, GOOD[0], strict=True))


def test_one_team_with_its_members(read: Read) -> None:
    found = read(GOOD)
    assert found.problems == []
    (team,), (members,) = found.teams, found.members
    assert (team.name, team.rung, team.coverage) == ("Tổ ấp Rạch Gốc", Rung.HAMLET, (HAMLET,))
    assert team.commune == "Xã Tân Ân, Tỉnh Cà Mau"
    assert [(m.name, m.phone, m.role, m.row) for m in members] == [
        ("Nguyễn Văn An", "0900000001", Role.LEAD, 2),
        ("Trần Thị Bé", "0900000002", Role.MEMBER, 3),
    ]
    assert found.hamlets == {HAMLET: Hamlet(HAMLET, TAN_AN, "Ấp Rạch Gốc")}


@pytest.mark.parametrize(
    "headings",
    [
        ("TÊN TỔ", "tỉnh/thành phố", "Xã", "Ấp", "Họ và tên", "SĐT", "Chức vụ"),
        ("ten to", "tinh", "xa/phuong", "thon/buon", "ho ten", "so dien thoai", "vai tro"),
        ("Tổ CNSCĐ", "Tỉnh ", "Phường/xã", "Thôn / Bản", "Họ  tên", "Di động", "chức danh"),
    ],
)
def test_headings_as_people_write_them(read: Read, headings: tuple[str, ...]) -> None:
    found = read(GOOD, headings)
    assert (len(found.teams), len(found.members[0]), found.problems) == (1, 2, [])


def test_a_title_and_other_columns_are_left_out(tmp_path: Path, gazetteer: Gazetteer) -> None:
    rows = [("", *GOOD[0], "x"), ("", *HEADINGS, "Ghi chú"), ("", *GOOD[1], "")]
    file = write_xlsx(
        tmp_path / "a.xlsx",
        rows,
        ("STT", *HEADINGS, "Ghi chú"),
        title="DANH SÁCH TỔ CÔNG NGHỆ SỐ CỘNG ĐỒNG",
        merge=["A1:I1"],
    )
    found = read_roster(file, gazetteer)
    # The headings once more, as on every printed page, are no member.
    assert (len(found.members[0]), found.problems) == (2, [])
    assert [note.column for note in found.notes] == ['"STT"', '"Ghi chú"']


def test_merged_cells_of_a_team_count_for_each_row(tmp_path: Path, gazetteer: Gazetteer) -> None:
    second = ("Tổ B", "Cà Mau", "Rạch Gốc", "Ấp 1", "Lê Văn Cu", "0900000003", "")
    rows = [GOOD[0], (None, None, None, None, *GOOD[1][4:]), second]
    merge = ["A2:A3", "B2:B3", "C2:C3", "D2:D3"]
    found = read_roster(write_xlsx(tmp_path / "a.xlsx", rows, merge=merge), gazetteer)
    assert found.problems == []
    assert [len(members) for members in found.members] == [2, 1]


def test_merged_cells_of_members_are_refused_once(tmp_path: Path, gazetteer: Gazetteer) -> None:
    file = write_xlsx(tmp_path / "a.xlsx", GOOD, merge=["F2:F3"])
    problems = read_roster(file, gazetteer).problems
    assert [str(p) for p in problems] == [
        'row 2, column F "Điện thoại": is merged with others; unmerge and fill in every cell'
    ]
    wide = write_xlsx(tmp_path / "b.xlsx", GOOD, merge=["A2:B2"])
    assert "is merged with others" in str(read_roster(wide, gazetteer).problems[0])


def test_without_headings_it_is_no_roster(read: Read) -> None:
    with pytest.raises(SheetError, match="no row of headings; the first row must have: Tên tổ,"):
        read(GOOD, GOOD[0])
    with pytest.raises(SheetError, match=r"row 1: has no column Tỉnh, Xã/phường"):
        read(GOOD, ("Tên tổ", "x", "y", "Ấp", "Họ tên", "Điện thoại", "Vai trò"))
    with pytest.raises(SheetError, match=r"has two columns Điện thoại \(F and G\)"):
        read(GOOD, (*HEADINGS[:6], "SĐT"))


def test_a_file_of_headings_only(read: Read) -> None:
    assert [str(p) for p in read(()).problems] == ["has headings but no rows"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"commune": ""}, 'column C "Xã/phường": is empty; a hamlet must have its commune'),
        ({"commune": "Tân Ấn Độ"}, "'Tân Ấn Độ' is no commune of Tỉnh Cà Mau; perhaps Xã Tân Ân"),
        ({"commune": "Tân Thành"}, "'Tân Thành' may be Phường Tân Thành (31999), Xã Tân Thành"),
        ({"commune": "Van Lang"}, "'Van Lang' may be Xã Văn Lang (02143), Xã Văn Lăng (05665)"),
        ({"commune": "Xã Chia Đôi"}, "was divided; write one of: Xã Tân Ân (32236), Xã Rạch Gốc"),
        ({"commune": "99999"}, "'99999' is no code of a commune of Tỉnh Cà Mau"),
        ({"commune": "Tân Ân; Rạch Gốc"}, "must be of one commune"),
        ({"province": ""}, 'column B "Tỉnh": is empty; every team must say its province'),
        ({"province": "Cà Mâu Mâu"}, "is no province; perhaps Tỉnh Cà Mau"),
        ({"province": "Đắk Lắk"}, "communes of Tỉnh Đắk Lắk are not loaded"),
        ({"province": "mọi nơi"}, "says everywhere; then leave commune, hamlet and rung empty"),
        ({"hamlet": "!!!"}, "'!!!' is no name of a hamlet"),
        ({"team": ""}, 'column A "Tên tổ": is empty; every row must name its team'),
        ({"name": ""}, 'column E "Họ tên": is empty; must be the member\'s name'),
        ({"name": "12345"}, "'12345' is no name; must have letters"),
        ({"role": "giám đốc"}, "'giám đốc' is not known; one of: thành viên, tổ trưởng, trực xã"),
        ({"role": "trực xã"}, "is of a desk, but the team's rung is hamlet"),
        ({"phone": "9E+08"}, "was shortened by Excel (as in 9E+08)"),
        ({"phone": "09000"}, "is no phone number of Vietnam; must be 10 digits"),
    ],
)
def test_a_wrong_cell_is_named(said: Said, changes: dict[str, str], why: str) -> None:
    (problem,) = said(row(**changes))
    assert problem.startswith("row 2, column ")
    assert why in problem


@pytest.mark.parametrize(
    ("commune", "code"),
    [
        ("Tân Ân", TAN_AN),
        ("xa tan an", TAN_AN),
        ("32236", TAN_AN),
        (TAN_AN, TAN_AN),
        ("Xã Viên An", TAN_AN),
        ("Văn Lăng", "96.05665"),
        ("P. Tân Thành", "96.31999"),
        ("Phường Rạch Gốc", "96.32240"),
    ],
)
def test_a_commune_by_any_of_its_names(read: Read, commune: str, code: str) -> None:
    found = read([row(commune=commune, hamlet="Ấp 4")])
    assert found.problems == []
    assert found.teams[0].coverage == (f"{code}.ap-4",)


@pytest.mark.parametrize("province", ["Cà Mau", "tinh ca mau", "96", "Bạc Liêu"])
def test_a_province_by_any_of_its_names(read: Read, province: str) -> None:
    assert read([row(province=province)]).problems == []


def test_rungs_follow_from_the_places(read: Read) -> None:
    found = read(
        [
            row(hamlet="", team="Tổ xã"),
            row(commune="", hamlet="", team="Tổ tỉnh", name="Ba", phone=""),
            row(province="mọi nơi", commune="", hamlet="", team="Tổ chung", name="Tư", phone=""),
            row(hamlet="Ấp 1; Ấp 2", team="Tổ hai ấp", name="Năm", phone=""),
        ]
    )
    assert found.problems == []
    assert [(t.rung, t.coverage) for t in found.teams] == [
        (Rung.COMMUNE, (TAN_AN,)),
        (Rung.PROVINCE, ("96",)),
        (Rung.PROVINCE, ("",)),
        (Rung.HAMLET, (f"{TAN_AN}.ap-1", f"{TAN_AN}.ap-2")),
    ]


def test_two_members_with_one_phone(said: Said, read: Read) -> None:
    (problem,) = said(GOOD[0], row(name="Lê Cu", role=""))
    assert 'row 3, column F "Điện thoại": is that of row 2 too' in problem
    # One person in two teams is one person.
    twice = read([GOOD[0], row(team="Tổ xã", hamlet="")])
    assert (twice.problems, len(twice.teams)) == ([], 2)


def test_the_same_member_twice(said: Said, read: Read) -> None:
    (problem,) = said(GOOD[0], GOOD[0])
    assert "stands in row 2 of the same team" in problem
    # Two of one name are told apart by their phones; a mark makes another name.
    others = [row(phone="0900000009"), row(name="Nguyễn Văn Ân", phone="")]
    assert read([GOOD[0], *others]).problems == []


def test_rows_that_contradict_each_other(read: Read) -> None:
    headings = (*HEADINGS, "Điện thoại tổ", "Mã tổ")
    one, two = (*GOOD[0], "0900000100", "A"), (*GOOD[1], "0900000200", "A")
    (problem,) = read([one, two], headings).problems
    assert str(problem) == (
        'row 3, column H "Điện thoại tổ": is not what row 2 says of the same team; make them equal'
    )
    filled = read([one, (*[""] * 4, *GOOD[1][4:], "", "A")], headings)
    assert (filled.problems, len(filled.members[0])) == ([], 2)


def test_a_key_may_stand_in_one_row_only(read: Read) -> None:
    headings = (*HEADINGS, "Mã tổ")
    for rows in ([(*GOOD[0], "A"), (*GOOD[1], "")], [(*GOOD[0], ""), (*GOOD[1], "A")]):
        found = read(rows, headings)
        assert [(team.key, len(m)) for team, m in zip(found.teams, found.members, strict=True)] == [
            ("A", 2)
        ]


def test_a_key_is_one_members(read: Read) -> None:
    headings = (*HEADINGS, "Mã thành viên")
    (problem,) = read([(*GOOD[0], "x1"), (*GOOD[1], "x1")], headings).problems
    assert "is that of row 2; must be their own" in problem.text
    (bad,) = read([(*GOOD[0], "có dấu cách")], headings).problems
    assert "is no key; use letters, digits" in bad.text


def test_hamlets_alike_without_marks_are_one_and_said(read: Read) -> None:
    found = read([row(hamlet="Ấp Tân Lập"), row(hamlet="Ấp Tân Lấp", name="Ba", phone="")])
    assert found.problems == []
    assert [note.text for note in found.notes] == [
        "'Ấp Tân Lấp' is taken for 'Ấp Tân Lập' of the same commune"
    ]


# Cells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0900 000 001", "0900000001"),
        ("+84 900.000.001", "0900000001"),
        ("84900000001", "0900000001"),
        (900000001, "0900000001"),
        (900000001.0, "0900000001"),
        ("900000001", "0900000001"),
        ("0290 3000 001", "02903000001"),
        (2903000001, "02903000001"),
        ("", ""),
        (None, ""),
    ],
)
def test_phones(cell: Any, number: str) -> None:
    assert phone(cell) == number


@pytest.mark.parametrize(
    "cell",
    [
        900000000.5,
        "9E+8",
        "9,0E+08",
        datetime(1924, 8, 12),
        "12/08/1924",
        12345,
        "O900000001",
        True,
        "0900000001/0900000002",
        "1900000001",
        "không có",
        "#N/A",
    ],
)
def test_what_excel_makes_of_phones_is_refused(cell: Any) -> None:
    with pytest.raises(CellError) as caught:
        phone(cell)
    # Whatever it was, the number itself is not repeated.
    assert "0900000001" not in str(caught.value)


def test_languages() -> None:
    assert languages("Khmer, tiếng Việt") == ("khmer", "vi")
    assert languages("ê đê; M'Nông và Tày") == ("vi", "ede", "mnong", "tay")
    assert languages(None) == ()
    with pytest.raises(CellError, match="'Klingon' is not known; of: Việt, Ê Đê"):
        languages("Klingon")


def test_hours_and_limits(read: Read) -> None:
    headings = (*HEADINGS, "Giờ trực tổ", "Giờ trực", "Số phiếu tối đa")
    good = read([(*GOOD[0], "T2-T6 7h30-11h30, 13h30-17h", "tối T2-CN 19h-21h", "3")], headings)
    assert good.problems == []
    assert shown_hours(good.teams[0].hours) == "T2-T6 07:30-11:30, 13:30-17:00"
    assert shown_hours(good.members[0][0].hours) == "T2-CN 19:00-21:00"
    assert good.members[0][0].max_open == 3
    (bad,) = read([(*GOOD[0], "sáng sớm", "", "")], headings).problems
    assert bad.column == 'H "Giờ trực tổ"'
    assert "T2-T6 07:30-11:30" in bad.text
    for wrong in ("năm", "-1", "101", "2.5"):
        with pytest.raises(CellError):
            max_open(wrong)


def test_names_and_roles() -> None:
    assert name("  Nguyễn\u200b  Văn\nAn ") == "Nguyễn Văn An"
    with pytest.raises(CellError, match="161 characters long; at most 160"):
        name("a" * 161)
    assert (role("TỔ TRƯỞNG"), role("tổ phó"), role("")) == (Role.LEAD, Role.MEMBER, "")


def test_many_rows_are_read_in_bounded_time(tmp_path: Path, gazetteer: Gazetteer) -> None:
    wrong = [row(name="", phone="x") for _ in range(2_000)]
    problems = read_roster(write_csv(tmp_path / "a.csv", wrong), gazetteer).problems
    assert len(problems) == 2_000
