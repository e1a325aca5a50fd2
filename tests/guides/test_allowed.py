"""The list of numbers and addresses: its form, what it covers, what nobody needs."""

from datetime import date
from pathlib import Path

import pytest

from bot.guides.allowed import Allowed, Domain, Origin, load_allowed
from bot.guides.errors import ContentError, Severity
from tests.guides.helpers import ROOT, Shelf

FILE = "allowed.yml"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf.make(tmp_path)


def shipped() -> Allowed:
    return load_allowed(ROOT / "content" / FILE)


def test_the_shipped_list_says_where_everything_was_read() -> None:
    allowed = shipped()

    assert {phone.digits for phone in allowed.phones} == {
        *("113", "114", "115", "156", "1414", "5656"),
        *("19000368", "18001096"),
    }
    origins = [phone.origin for phone in allowed.phones]
    for origin in origins + [item.origin for item in allowed.domains]:
        assert origin.url.startswith("https://") or origin.note


def test_a_number_is_known_however_it_is_spaced() -> None:
    phone = shipped().phone("1900 03-68")

    assert phone is not None
    assert phone.number == "1900.0368"
    assert phone.checked_on == date(2026, 11, 21)
    assert shipped().phone("1900 0369") is None


@pytest.mark.parametrize(
    ("entry", "host", "path", "covered"),
    [
        ("*.gov.vn", "gov.vn", "", True),
        ("*.gov.vn", "A.B.gov.vn", "/x", True),
        ("*.gov.vn", "xgov.vn", "", False),
        ("*.gov.vn", "gov.vn.top", "", False),
        ("help.zalo.me", "help.zalo.me", "/vi", True),
        ("help.zalo.me", "x.help.zalo.me", "", False),
        ("facebook.com/hacked", "Facebook.com", "/hacked", True),
        ("facebook.com/hacked", "facebook.com", "/hacked/", True),
        ("facebook.com/hacked", "facebook.com", "", False),
        ("facebook.com/hacked", "facebook.com", "/hacked2", False),
    ],
)
def test_what_an_address_covers(entry: str, host: str, path: str, covered: bool) -> None:
    assert Domain(entry, "", Origin()).covers(host, path) is covered


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ('"113", whose', '"một một ba", whose', "phones[1].number", "must be digits with dots"),
        ('"115", whose', '"113", whose', "phones[2].number", "'113' is listed twice; keep one"),
        ("use: Báo tin rác, ", "", "phones[3].use", "is missing; add it"),
        ("Bệnh nặng, note: Ai cũng biết.", "Bệnh", "phones[2].source", "or say in `note` why"),
        ("https://example.org/so", "example.org", "phones[4].source.url", "begins with https://"),
        ("date: 2025}", "date: hôm qua}", "phones[4].source.date", "must be a date written YYYY"),
        ("    checked_on: 2026-11-21\n", "", "phones[4].checked_on", "is missing; add it"),
        ("domain: help.zalo.me", "domain: https://zalo.me", "domains[2].domain", "a host in lower"),
        ("domains:", "hosts: []\ndomains:", "hosts", "is not a known field; must be one of"),
    ],
)
def test_a_wrong_list_is_named_with_its_line(
    shelf: Shelf, old: str, new: str, field: str, message: str
) -> None:
    shelf.change(FILE, old, new)

    with pytest.raises(ContentError) as caught:
        load_allowed(shelf.folder / FILE)

    (problem,) = caught.value.problems
    assert problem.file == str(shelf.folder / FILE)
    assert problem.line > 1
    assert problem.field == field
    assert message in problem.message


def test_with_a_wrong_list_no_text_is_held_against_it(shelf: Shelf) -> None:
    shelf.change(FILE, "use: Báo tin rác, ", "")

    assert shelf.only().field == "phones[3].use"


@pytest.mark.parametrize(
    ("entry", "section", "field", "what"),
    [
        (
            '  - {number: "114", whose: A, use: B, note: C, checked_on: 2026-11-21}\n',
            "phones:\n",
            "phones[1].number",
            "'114' is in no text; remove it",
        ),
        (
            "  - {domain: a.vn/b, whose: A, note: C}\n",
            "domains:\n",
            "domains[1].domain",
            "'a.vn/b' is in no text; remove it",
        ),
    ],
)
def test_what_nobody_is_sent_to_is_a_warning(
    shelf: Shelf, entry: str, section: str, field: str, what: str
) -> None:
    line = shelf.change(FILE, section, section + entry)

    problem = shelf.only(Severity.WARNING)

    assert (problem.line, problem.field, problem.message) == (line + 1, field, what)
