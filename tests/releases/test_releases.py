"""Releases: one row for what is served, taken up by every process; files and console together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, update
from sqlalchemy.exc import DatabaseError

from bot.models.schema import releases as table
from bot.services import reloading
from bot.services.drafts import Clash, Refusal
from bot.services.exporting import carry_out, plan_export
from bot.services.releasing import Moved
from bot.store import drafts, guides, releases
from tests.releases.shop import NAME, QR, Process, processes, with_values


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reloading, "_SETTLE_SECONDS", 0)


@pytest.fixture
def two(database_url: str, tmp_path: Path) -> Iterator[list[Process]]:
    with processes(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def apart(database_url: str, tmp_path: Path) -> Iterator[list[Process]]:
    with processes(database_url, tmp_path, shared=False) as made:
        yield made


def history(process: Process) -> list[tuple[str, str, str]]:
    rows = process.db.read_now(lambda c: releases.history(c, 50))
    return [(row.why, row.name, row.made_by) for row in rows]


def changed(process: Process, statement: Executable) -> None:
    process.db.write_now(lambda c: c.execute(statement))


def again(process: Process) -> Process:
    """The same program, started anew."""
    return Process(
        process.db.engine.url.render_as_string(hide_password=False),
        process.folder,
        process.runtime.settings.var_dir,
    )


async def test_one_release_is_taken_up_by_every_process(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    await other.serve()
    assert history(one) == [("files", "", "")]
    one.publisher.model = lambda: "model-1"
    number = await one.publish(title="Quét mã mới")
    assert one.title == "Quét mã mới"
    assert other.title == "Quét QR"
    await other.tick()
    assert other.title == "Quét mã mới"
    assert other.publisher.release == one.publisher.release == number
    made = one.db.read_now(lambda c: releases.history(c, 1))[0]
    guide = one.publisher.loaded.guides[QR]
    assert (made.made_by, made.why, made.model) == ("minh", "publish", "model-1")
    assert made.manifest.guides[QR] == guide.revision
    assert len(made.manifest.files["phrases.yml"]) == 64
    stored = one.db.read_now(lambda c: guides.revision(c, QR, guide.revision))
    assert stored == guide.to_json()


async def test_a_release_is_never_changed(two: list[Process]) -> None:
    one, _ = two
    await one.serve()
    for change in (update(table).values(made_by="x"), delete(table)):
        with pytest.raises(DatabaseError, match="never changed"):
            changed(one, change)
    assert len(history(one)) == 1


async def test_after_a_restart_the_release_is_served(two: list[Process]) -> None:
    one, _ = two
    await one.serve()
    number = await one.publish(title="Quét mã mới")
    fresh = again(one)
    try:
        assert fresh.title == "Quét mã mới"
        assert fresh.publisher.problems == ()
        await fresh.serve()
        assert fresh.publisher.release == number
    finally:
        fresh.close()


async def test_a_changed_file_and_a_release_are_a_conflict_that_is_told(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    await one.publish(title="Của trang")
    await other.tick()
    one.change_file(title="Của tệp")
    for process in two:
        await process.tick()
        assert process.title == "Của trang"
        assert [p.file for p in process.publisher.problems] == [NAME]
    fresh = again(one)
    try:
        assert fresh.title == "Của trang"
        assert [p.file for p in fresh.publisher.problems] == [NAME]
    finally:
        fresh.close()
    plan = plan_export(one.publisher.edits, one.folder, one.folder)
    assert plan.conflicts == (NAME,)
    assert carry_out(plan) == []
    assert "Của tệp" in one.text


@pytest.mark.parametrize(("keep", "title"), [(True, "Của trang"), (False, "Của tệp")])
async def test_a_conflict_is_settled_either_way(two: list[Process], keep: bool, title: str) -> None:
    one, other = two
    await one.serve()
    await one.publish(title="Của trang")
    one.change_file(title="Của tệp")
    await one.tick()
    await other.tick()
    await one.editing.releasing.settle(QR, "hoa", keep=keep)
    await other.tick()
    for process in two:
        assert process.title == title
        assert process.publisher.problems == ()
    with pytest.raises(Moved):
        await one.editing.releasing.settle(QR, "hoa", keep=keep)
    assert history(one)[0] == ("keep" if keep else "follow", NAME, "hoa")


async def test_a_file_without_an_edit_goes_on_being_read(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    await one.publish(title="Của trang")
    await other.tick()
    file = one.folder / "guides/scam_link.yml"
    file.write_text(with_values(file.read_text(encoding="utf-8"), title="Link lạ hoắc"), "utf-8")
    for process in two:
        await process.tick()
        assert process.publisher.content.guides["scam_link"].title == "Link lạ hoắc"
        assert process.title == "Của trang"
    assert [why for why, _, _ in history(one)] == ["files", "publish", "files"]
    assert one.publisher.problems == ()


async def test_what_was_exported_and_changed_by_git_afterwards_is_newer(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    await one.publish(title="Của trang")
    plan = plan_export(one.publisher.edits, one.folder, one.folder)
    assert carry_out(plan) == [one.folder / NAME]
    assert "title: Của trang" in one.text
    assert sorted(f.name for f in (one.folder / "guides").iterdir()) == [
        "qr_pay.yml",
        "scam_link.yml",
    ]
    await one.tick()
    await other.tick()
    assert one.publisher.edits[NAME].taken
    one.change_file(title="Của git sau đó")
    for process in two:
        await process.tick()
        assert process.title == "Của git sau đó"
        assert process.publisher.problems == ()
    # And the console goes on from there.
    await one.publish(fee="Không mất phí gì.")
    await other.tick()
    assert other.title == "Của git sau đó"
    assert other.publisher.content.guides[QR].fee == "Không mất phí gì."


async def test_machines_with_older_and_newer_files_serve_one_release(apart: list[Process]) -> None:
    one, other = apart
    await one.serve()
    await other.serve()
    await one.publish(title="Của trang")
    await other.tick()
    carry_out(plan_export(one.publisher.edits, one.folder, one.folder))
    for _ in range(3):
        for process in apart:
            await process.tick()
            assert process.title == "Của trang"
            assert process.publisher.problems == ()
    assert len(history(one)) <= 4


async def test_an_export_elsewhere_writes_only_what_changed(
    two: list[Process], tmp_path: Path
) -> None:
    one, _ = two
    await one.serve()
    await one.publish(title="Của trang")
    out = tmp_path / "out"
    plan = plan_export(one.publisher.edits, one.folder, out)
    assert carry_out(plan) == [out / NAME]
    before, after = one.text.splitlines(), (out / NAME).read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == ["title: Của trang"]
    assert plan_export(one.publisher.edits, one.folder, out).same == (NAME,)
    (out / NAME).write_text("something else\n", encoding="utf-8")
    assert plan_export(one.publisher.edits, one.folder, out).conflicts == (NAME,)


async def test_a_broken_file_under_an_edit_hurts_nobody(two: list[Process]) -> None:
    one, _ = two
    await one.serve()
    await one.publish(title="Của trang")
    (one.folder / NAME).write_text("title: [\n", encoding="utf-8")
    await one.tick()
    assert one.title == "Của trang"
    fresh = again(one)
    try:
        assert fresh.title == "Của trang"
    finally:
        fresh.close()


async def test_an_edit_that_cannot_be_read_any_more_is_served_as_it_was(two: list[Process]) -> None:
    one, _ = two
    await one.serve()
    await one.publish(title="Của trang")
    # The shared answer that the guide uses is gone, from the file as well.
    values = one.text.replace("      - use: dark\n", "")
    (one.folder / NAME).write_text(values, encoding="utf-8")
    (one.folder / "snippets.yml").unlink()
    fresh = again(one)
    try:
        assert fresh.title == "Của trang"
        assert any(p.file == NAME for p in fresh.publisher.problems)
    finally:
        fresh.close()


async def test_two_publish_two_guides_at_once(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    version = await one.write("lan", title="Của một")
    await one.editing.drafts.send(QR, version, "lan")
    begun = await other.editing.drafts.begin("scam_link", "lan")
    text = with_values(begun.text, title="Của hai")
    draft = await other.editing.drafts.save("scam_link", text, begun.version, "lan")
    await other.editing.drafts.send("scam_link", draft.version, "lan")
    await asyncio.gather(
        one.editing.drafts.approve(QR, version, "minh"),
        other.editing.drafts.approve("scam_link", draft.version, "hoa"),
    )
    for process in two:
        await process.tick()
        found = process.publisher.content.guides
        assert (found[QR].title, found["scam_link"].title) == ("Của một", "Của hai")
    newest = one.db.read_now(releases.latest)[1]
    assert set(newest) == {NAME, "guides/scam_link.yml"}


async def test_two_approve_one_draft_at_once(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    version = await one.write("lan", title="Của một")
    await one.editing.drafts.send(QR, version, "lan")
    done = await asyncio.gather(
        one.editing.drafts.approve(QR, version, "minh"),
        other.editing.drafts.approve(QR, version, "hoa"),
        return_exceptions=True,
    )
    assert sum(isinstance(each, int) for each in done) == 1
    assert sum(isinstance(each, Refusal | Moved) for each in done) == 1
    assert [why for why, _, _ in history(one)].count("publish") == 1


async def test_a_draft_whose_base_is_served_no_more_is_held_back(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    version = await one.write("lan", title="Bản nháp")
    await one.editing.drafts.send(QR, version, "lan")
    one.change_file(fee="Phí mới trong tệp.")
    for process in two:
        await process.tick()
    with pytest.raises(Moved):
        await other.editing.drafts.approve(QR, version, "minh")
    standing = await other.editing.drafts.find(QR)
    assert standing is not None
    assert standing.moved
    await one.editing.drafts.rebase(QR, version, "lan")
    with pytest.raises(Refusal, match="state"):
        await other.editing.drafts.approve(QR, version, "minh")
    await one.editing.drafts.send(QR, version, "lan")
    await other.editing.drafts.approve(QR, version, "minh")
    await one.tick()
    assert one.title == "Bản nháp"
    assert one.publisher.problems == ()


async def test_two_writers_in_two_processes(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    begun = await one.editing.drafts.begin(QR, "lan")
    assert (await other.editing.drafts.begin(QR, "minh")).id == begun.id
    await one.editing.drafts.save(QR, begun.text + "# lan\n", begun.version, "lan")
    with pytest.raises(Clash) as clash:
        await other.editing.drafts.save(QR, begun.text + "# minh\n", begun.version, "minh")
    assert clash.value.base == begun.text
    assert clash.value.theirs.text.endswith("# lan\n")
    kept = one.db.read_now(lambda c: drafts.all_saved(c, begun.id, 9))
    assert [each.by for each in kept] == ["lan", ""]


async def test_both_save_at_the_same_moment(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    begun = await one.editing.drafts.begin(QR, "lan")
    done = await asyncio.gather(
        one.editing.drafts.save(QR, begun.text + "# lan\n", begun.version, "lan"),
        other.editing.drafts.save(QR, begun.text + "# minh\n", begun.version, "minh"),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Clash) for each in done) == 1


async def test_going_back_and_what_was_withdrawn(two: list[Process]) -> None:
    one, other = two
    await one.serve()
    first = one.publisher.loaded.guides[QR]
    await one.publish(title="Bản hai")
    second = one.publisher.loaded.guides[QR]
    await one.editing.history.go_back(QR, first.revision, second.revision, "hoa")
    await other.tick()
    assert other.publisher.content.guides[QR] == first
    source = await asyncio.to_thread(one.editing.releasing.source, QR)
    assert source is not None
    assert source.text.count("\n") == one.text.count("\n")
    await asyncio.to_thread(one.editing.recalling.guide, QR, "phí đã đổi", old=True, who="hoa")
    await one.publisher.refresh()
    with pytest.raises(Refusal, match="withdrawn"):
        await one.editing.history.go_back(QR, second.revision, first.revision, "hoa")
    past = await one.editing.history.of(QR)
    assert [each.why_gone for each in past if each.kept.name == second.revision] == ["phí đã đổi"]


async def test_a_withdrawn_step_is_not_published_again(two: list[Process]) -> None:
    one, _ = two
    await one.serve()
    await asyncio.to_thread(one.editing.recalling.step, QR, 2, "nút đã dời", who="hoa")
    await one.publisher.refresh()
    version = await one.write("lan", title="Chỉ đổi tên")
    with pytest.raises(Refusal, match="check"):
        await one.editing.drafts.send(QR, version, "lan")
    proof = await one.editing.drafts.proof(QR)
    assert proof is not None
    assert [p.field for p in proof.errors] == ["steps[2].text"]


async def test_the_past_review_date_stops_going_back(two: list[Process]) -> None:
    one, _ = two
    await one.serve()
    first = one.publisher.loaded.guides[QR]
    await one.publish(title="Bản hai", review_by="2029-01-01")
    later = datetime.combine(first.review_by + timedelta(days=2), time(3), UTC)
    one.runtime.now = lambda: later
    second = one.publisher.loaded.guides[QR]
    with pytest.raises(Refusal, match="check"):
        await one.editing.history.go_back(QR, first.revision, second.revision, "hoa")
    assert one.title == "Bản hai"


async def test_a_session_keeps_the_text_it_began_with(two: list[Process]) -> None:
    one, _ = two
    await one.serve()
    first = one.publisher.loaded.guides[QR]
    await one.publish(title="Bản hai")
    held = one.db.read_now(lambda c: guides.revision(c, QR, first.revision))
    assert held == first.to_json()
