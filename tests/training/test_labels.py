"""Labels: of questions, of files, and what erasing does to them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.errors import BadRequest
from bot.services.labels import (
    IntentFault,
    Refusal,
    import_labels,
    intent_faults,
    label_all,
    label_questions,
    read_rows,
)
from bot.services.runtime import Runtime
from bot.services.staff import Role, Visit
from bot.store import clusters, inbox, labels, records
from bot.store.inbox import ChatKey
from bot.store.labels import NewIntent
from tests.support import Clock
from tests.training.conftest import Ask

LAN = Visit(1, "lan", Role.EDITOR, "x")
KNOWN = {"qr_pay", "vneid_install"}


def label(runtime: Runtime, *ids: int, intent: str = "qr_pay", visit: Visit = LAN) -> Any:
    now = runtime.now()
    return runtime.db.write_now(lambda c: label_questions(c, ids, intent, visit, now))


def kept(runtime: Runtime) -> list[tuple[str, str]]:
    found = runtime.db.read_now(lambda c: labels.latest(c, None, 100))
    return [(each.intent, each.text) for each in found]


def erase(runtime: Runtime, who: str = "a") -> None:
    def work(c: Connection) -> None:
        chat = inbox.chat_id(c, ChatKey("web", who), runtime.now())
        records.erase_chat(c, chat, 10_000_000, runtime.now())

    runtime.db.write_now(work)


def test_a_question_is_labelled_and_labelled_anew(runtime: Runtime, ask: Ask) -> None:
    number = ask("quét mã sao")
    assert label(runtime, number) == {}
    assert label(runtime, number, intent="vneid_install") == {}
    assert kept(runtime) == [("vneid_install", "quét mã sao")]


def test_an_erased_question_cannot_be_labelled(runtime: Runtime, ask: Ask) -> None:
    number = ask("quét mã sao")
    erase(runtime)
    assert label(runtime, number, 99) == {number: Refusal.ERASED, 99: Refusal.GONE}
    assert kept(runtime) == []


def test_erasing_takes_labels_and_places_in_clusters_along(runtime: Runtime, ask: Ask) -> None:
    mine, other = ask("quét mã sao"), ask("quét mã thế nào", "b")
    label(runtime, mine, other)
    grouped = clusters.Grouped(None, [mine, other], [])
    runtime.db.write_now(lambda c: clusters.put(c, [grouped], {}, runtime.now()))
    erase(runtime)
    assert kept(runtime) == [("qr_pay", "quét mã thế nào")]
    assert runtime.db.read_now(clusters.members_of_all) == {1: {other}}


def test_a_question_past_retention_keeps_its_label_until_labels_age(
    runtime: Runtime, ask: Ask, clock: Clock
) -> None:
    number = ask("quét mã sao")
    label(runtime, number)
    clock.forward(100 * 86_400)
    runtime.db.write_now(lambda c: records.purge(c, runtime.now()))
    assert kept(runtime) == [("qr_pay", "quét mã sao")]
    assert label(runtime, number) == {number: Refusal.ERASED}
    assert runtime.db.write_now(lambda c: labels.purge(c, runtime.now())) == 1
    assert kept(runtime) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [("👍", Refusal.EMPTY), ("dài " * 90, Refusal.LONG), ("số 0900000001 đây", Refusal.PRIVATE)],
)
def test_what_cannot_be_learned_from_is_refused(
    runtime: Runtime, ask: Ask, text: str, why: Refusal
) -> None:
    number = ask(text)
    assert label(runtime, number) == {number: why}


def test_questions_of_other_places_are_not_ones_own(runtime: Runtime, ask: Ask) -> None:
    here, there = ask("câu một", area="96.32083.x"), ask("câu hai", area="66.1")
    visit = Visit(1, "lan", Role.EDITOR, "x", scope=("96",))
    assert label(runtime, here, there, visit=visit) == {there: Refusal.PLACE}


async def test_many_are_labelled_in_pieces(runtime: Runtime, ask: Ask) -> None:
    ids = [ask(f"câu số {n}") for n in range(600)]
    assert await label_all(runtime, [*ids, 9999], "qr_pay", LAN, "cluster") == (
        600,
        {Refusal.GONE: 1},
    )


def rows_of(*rows: tuple[str, str]) -> bytes:
    return "\n".join(["intent,text", *(f"{a},{b}" for a, b in rows)]).encode()


def test_a_file_is_taken_row_by_row(runtime: Runtime) -> None:
    data = rows_of(
        ("qr_pay", "quét mã"),
        ("nope", "câu lạ"),
        ("qr_pay", "Quét mã!"),
        ("vneid_install", "quét mã"),
        ("qr_pay", "gọi 0900000001"),
        ("qr_pay", "<script>alert(1)</script> quét"),
    )
    done = import_labels(runtime, read_rows(data), KNOWN, "lan")
    assert (done.rows, done.kept, done.known) == (6, 2, 1)
    assert {fault.row: fault.why for fault in done.faults} == {
        2: Refusal.INTENT,
        4: Refusal.CONFLICT,
        5: Refusal.PRIVATE,
    }
    again = import_labels(runtime, read_rows(data), KNOWN, "lan")
    assert (again.kept, again.known) == (0, 3)


def test_lines_of_json_are_a_file_too(runtime: Runtime) -> None:
    data = "\n".join(json.dumps({"intent": "qr_pay", "text": f"câu {n}"}) for n in "ab").encode()
    assert import_labels(runtime, read_rows(data), KNOWN, "lan").kept == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"a,b\n1,2", "columns intent and text"),
        (b'{"intent": "x"\n', "no JSON object"),
        (b'intent,text\n"' + b"a" * 200_000, "not CSV"),
    ],
)
def test_a_file_that_is_none_is_named(runtime: Runtime, data: bytes, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        import_labels(runtime, read_rows(data), KNOWN, "lan")


def test_many_rows_are_short_transactions(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty thousand at once are two hundred of these, so nobody's answer waits for all of them."""
    monkeypatch.setattr("bot.services.labels._PAUSE", 0.0)
    text = io.StringIO()
    text.write("intent,text\n")
    for number in range(2_000):
        text.write(f"qr_pay,câu mẫu thứ {number} về mã\n")
    sizes: list[int] = []
    real = labels.keep

    def counted(connection: Connection, rows: Any) -> int:
        sizes.append(len(rows))
        return real(connection, rows)

    monkeypatch.setattr("bot.store.labels.keep", counted)
    done = import_labels(runtime, read_rows(text.getvalue().encode()), KNOWN, "lan")
    assert done.kept == 2_000
    assert max(sizes) <= 250


@pytest.mark.parametrize(
    ("number", "title", "faults"),
    [
        ("land_papers", "Giấy tờ đất", set()),
        ("qr_pay", "Giấy tờ đất", {IntentFault.SHIPPED}),
        ("Đất đai", "Giấy tờ đất", {IntentFault.NAME}),
        ("x" * 50, "G", {IntentFault.NAME, IntentFault.TITLE}),
    ],
)
def test_names_of_new_intents(
    runtime: Runtime, number: str, title: str, faults: set[IntentFault]
) -> None:
    intent = NewIntent(number, title, "Sổ đỏ, sang tên, tách thửa", "lan", runtime.now())
    assert runtime.db.read_now(lambda c: intent_faults(c, intent, KNOWN)) == faults


def test_a_name_is_taken_once(runtime: Runtime) -> None:
    intent = NewIntent("land_papers", "Đất", "Sổ đỏ, sang tên", "lan", runtime.now())
    assert runtime.db.write_now(lambda c: labels.new_intent(c, intent))
    assert not runtime.db.write_now(lambda c: labels.new_intent(c, intent))
    assert runtime.db.read_now(lambda c: intent_faults(c, intent, KNOWN)) == {IntentFault.TAKEN}


def test_labels_that_contradict_each_other_are_found(runtime: Runtime, ask: Ask) -> None:
    one, two, three = ask("quét mã"), ask("Quét mã?", "b"), ask("khác hẳn", "c")
    label(runtime, one, three)
    label(runtime, two, intent="vneid_install")
    assert runtime.db.read_now(labels.clashes) == 2
    found = runtime.db.read_now(lambda c: labels.latest(c, None, 9, clash=True))
    assert {each.question_id for each in found} == {one, two}


def test_export_leaves_nothing_in_the_repository(tmp_path: Path) -> None:
    """Files of labels are written where they are asked for only."""
    from bot.cli.nlu_labels import _write
    from nlu.label_check import Labelled

    _write(tmp_path / "a" / "labels.yml", [Labelled(1, "câu", "qr_pay", "lan", "2026-11-22")], [])
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["labels.yml"]
