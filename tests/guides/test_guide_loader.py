"""Each way a file can be wrong gives the file, the line, the field and what would be right."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.guides.errors import ContentError, Problem
from bot.guides.loader import dump_guide, load_guides, parse_guide

Break = Callable[[str, str], Problem]
Ids = Mapping[str, str]


def line_with(text: str, piece: str) -> int:
    """The line, from 1, on which a piece of a text begins."""
    return text[: text.index(piece)].count("\n") + 1


# (what is replaced, by what, field, part of the message); the line is where `what` stands.
CASES = [
    (
        "fee: Tùy ngân hàng.",
        "fee: Tùy.\nfee: Không.",
        "fee",
        "is given twice; keep one",
    ),
    (
        "time: Vài phút.",
        "time: Vài phút.\nprice: 5",
        "price",
        "not a known field; must be one of",
    ),
    ("time: Vài phút.\n", "", "time", "is missing; add it"),
    ("id: qr_pay", "id: scam_link", "id", "must be the file's name, 'qr_pay'"),
    (
        "prepare: [Điện thoại]",
        "prepare: Điện thoại",
        "prepare",
        "is not a list; must be lines",
    ),
    ("title: Quét QR", "title: 12", "title", "is not text; must be text"),
    ("title: Quét QR", "title: no", "title", "is not text; must be text"),
    ("title: Quét QR", "title:", "title", "is empty; give it a value"),
    ("title: Quét QR", 'title: " "', "title", "is empty; give it a value"),
    ("title: Quét QR", "title: !!python/name:os.system x", "title", "is not text"),
    (
        "title: Quét QR",
        "title: |\n  a\n  b",
        "title",
        "has several lines; must be one line",
    ),
    (
        "text: Đưa máy vào mã.",
        "text: " + "a" * 2000,
        "steps[2].text",
        "must have at most 280",
    ),
    (
        "problem: Mã mờ",
        "problem: " + "a" * 61,
        "steps[2].if_stuck[2].problem",
        "at most 60",
    ),
    ("days: 3", "days: ba", "steps[3].wait.days", "a whole number from 1 to 90"),
    ("days: 3", "days: 0", "steps[3].wait.days", "a whole number from 1 to 90"),
    ("days: 3", "days: ٣", "steps[3].wait.days", "a whole number from 1 to 90"),
    (
        "working: true",
        "working: maybe",
        "steps[3].wait.working",
        "must be true or false",
    ),
    ("verified_on: 2026-11-21", "verified_on: 21/11/2026", "verified_on", "YYYY-MM-DD"),
    ("verified_on: 2026-11-21", "verified_on: 2026-02-30", "verified_on", "YYYY-MM-DD"),
    ("verified_on: 2026-11-21", "verified_on: [1]", "verified_on", "YYYY-MM-DD"),
    ("related: [scam_link]", "related: [gone]", "related[1]", "must be a guide id"),
    (
        "related: [scam_link]",
        "related: [scam_link, scam_link]",
        "related[2]",
        "listed twice",
    ),
    (
        "https://example.org/bai-1",
        "http://example.org",
        "sources[1].url",
        "begins with https://",
    ),
    ("date: 2025-07", "date: 2025-13", "sources[1].date", "YYYY-MM or YYYY-MM-DD"),
    (
        "official: {app: VNeID,",
        "official: {app: VNeID, tel: x,",
        "official.tel",
        "must be one of",
    ),
    ("  ca_mau:", "  ha_noi:", "provinces.ha_noi", "must be one of ca_mau, dak_lak"),
    (
        "      2: {text",
        "      4: {text",
        "provinces.ca_mau.steps.4",
        "must be one of 1, 2, 3",
    ),
    (
        "warnings: [Đọc tên trước khi trả.]",
        "warnings: [{a: b}]",
        "warnings[1]",
        "is not text",
    ),
]


@pytest.mark.parametrize(("old", "new", "field", "message"), CASES)
def test_a_wrong_field_is_named_with_its_line(
    broken: Break, valid: str, old: str, new: str, field: str, message: str
) -> None:
    problem = broken(old, new)

    assert problem.field == field
    assert message in problem.message
    if not problem.message.startswith("is missing"):
        last_line = line_with(valid, old) + new.count("\n")
        assert line_with(valid, old) <= problem.line <= last_line


def test_a_missing_field_is_named_at_the_start_of_its_mapping(broken: Break, valid: str) -> None:
    problem = broken("    text: Đưa máy vào mã.\n", "")

    assert (problem.field, problem.line) == (
        "steps[2].text",
        line_with(valid, "- title: Quét mã"),
    )


def test_the_text_of_a_problem_is_one_line(broken: Break) -> None:
    problem = broken("days: 3", "days: x")

    expected = "23: steps[3].wait.days: is not allowed; must be a whole number from 1 to 90"
    assert str(problem) == f"{problem.file}:{expected}"


def test_steps_may_not_be_missing(broken: Break) -> None:
    whole = "  - title: Chờ\n    text: Chờ tin nhắn.\n    wait: "
    problem = broken(whole + '{days: 3, working: true, ask: "Có tin chưa?"}\n', "")

    assert (problem.field, problem.line) == ("steps", 7)
    assert "has 2 entries; must have 3 to 9" in problem.message


def test_a_guide_needs_three_obstacles(broken: Break) -> None:
    problem = broken("      - problem: Mã mờ\n        answer: Nhờ {you} hỏi lại người bán.\n", "")

    assert problem.field == "steps"
    assert "at least 3" in problem.message


WHOLE_FILES = [
    (b"", 1, "is empty; must be lines"),
    (b"# only a comment\n", 1, "is empty; must be lines"),
    (b"- a\n- b\n", 1, "is not a mapping; must be"),
    (b"just text\n", 1, "is not a mapping; must be"),
    (b"id: qr_pay\ntitle: \xff\xfe\n", 2, "is not UTF-8; save the file as UTF-8"),
    (b"id: qr_pay\n\ttitle: a\n", 2, "has a tab; use spaces"),
    (b"id: qr_pay\ntitle: a\tb\n", 2, "has a tab; use spaces"),
    (b"id: qr_pay\ntitle: 'a\n", 3, "is not valid YAML"),
    (b"id: qr_pay\ntitle: \x00\n", 1, "is not valid YAML"),
    (b"a: &x [b]\nc: *x\n", 2, "has the alias *x; write it out"),
    (b"? [a, b]\n: c\n", 1, "has a key that is not text; use"),
    (b"a: b\n---\nc: d\n", 2, "is not valid YAML"),
    (b"[" * 90_000, 1, "nests more than 20 deep; check"),
    (b"- " * 40_000, 1, "nests more than 20 deep; check"),
    (b"a: " + b"x" * 100_000, 1, "must have at most 100000"),
]


@pytest.mark.parametrize(("raw", "line", "message"), WHOLE_FILES)
def test_a_file_that_is_no_guide_at_all(
    folder: Path, known_ids: Ids, raw: bytes, line: int, message: str
) -> None:
    (folder / "qr_pay.yml").write_bytes(raw)

    with pytest.raises(ContentError) as caught:
        load_guides(folder, known_ids)

    problem = caught.value.problems[0]
    assert problem.line == line
    assert message in problem.message
    assert problem.file.endswith("qr_pay.yml")


def test_all_problems_of_all_files_are_told_at_once(
    folder: Path, known_ids: Ids, valid: str
) -> None:
    wrong = valid.replace("fee: Tùy ngân hàng.", "fee: 1").replace("days: 3", "days: x")
    (folder / "qr_pay.yml").write_text(wrong, encoding="utf-8")
    (folder / "scam_link.yml").write_text("", encoding="utf-8")
    (folder / "notes.yaml").write_text("", encoding="utf-8")
    (folder / "other.yml").write_text(valid.replace("id: qr_pay", "id: other"), encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        load_guides(folder, known_ids)

    found = [(Path(problem.file).name, problem.field) for problem in caught.value.problems]
    assert sorted(found) == [
        ("notes.yaml", "-"),
        ("other.yml", "id"),
        ("qr_pay.yml", "fee"),
        ("qr_pay.yml", "steps[3].wait.days"),
        ("scam_link.yml", "-"),
    ]
    assert len(str(caught.value).splitlines()) == 5


def test_a_folder_that_is_not_there(tmp_path: Path, known_ids: Ids) -> None:
    with pytest.raises(ContentError, match="is not a folder; must be"):
        load_guides(tmp_path / "guides", known_ids)


def test_text_is_composed_and_stripped(valid: str, known_ids: Ids) -> None:
    decomposed = valid.replace("title: Quét QR", "title: ' Que\u0301t QR '")

    assert parse_guide(decomposed, "qr_pay", known_ids).title == "Quét QR"


def test_a_dumped_guide_reads_back_equal(valid: str, known_ids: Ids) -> None:
    guide = parse_guide(valid, "qr_pay", known_ids)

    assert parse_guide(dump_guide(guide), "qr_pay", known_ids) == guide


_MARKS = """- |: |:|{|}|[|]|'|"|>-|&a |*a |!!int |? |#|null|12|2026-99-99|é|<<: """
PIECES = st.sampled_from(
    [*_MARKS.split("|"), "", "|", "  ", "\n", "---\n", "\t", "\x00", "\ud7ff", "%YAML 9\n"]
)


# The fixture is an immutable string, so sharing it between examples does no harm.
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_mutated_text_gives_a_guide_or_a_content_error(valid: str, data: st.DataObject) -> None:
    text = valid
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = text[:start] + data.draw(PIECES | st.text(max_size=5)) + text[start + cut :]

    problems: tuple[Problem, ...] = ()
    try:
        parse_guide(text, "qr_pay", {"qr_pay", "scam_link"})
    except ContentError as error:
        problems = error.problems
        assert problems
    assert all(problem.line >= 1 and ";" in problem.message for problem in problems)


def test_half_a_character_from_a_web_form_is_refused(valid: str, known_ids: Ids) -> None:
    with pytest.raises(ContentError, match="is not valid YAML"):
        parse_guide(valid.replace("Quét QR", "Quét \ud800"), "qr_pay", known_ids)
