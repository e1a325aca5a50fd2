"""The page of health: each part in good and in bad state, and what can be done about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from bot.domain import events as ev
from bot.models.schema import audit_log, inbox, outbox
from bot.services import health as service
from bot.services.health import Backup, Disk, Level, Process, backup_of, health_of, unsafe
from bot.settings import Settings
from bot.store import health, jobs_log, records
from bot.store import inbox as inbox_store
from bot.store.inbox import ChatKey
from bot.store.jobs_log import JobRun
from tests.console.world import World, csrf_of

GB = 1 << 30


def event(world: World, number: int, **values: object) -> int:
    """An event in the inbox of somebody on Telegram."""
    sealed = world.runtime.vault.seal(ev.encode(ev.Envelope(ev.Text("giúp tôi"))), "inbox")

    def work(c):  # type: ignore[no-untyped-def]
        chat = inbox_store.chat_id(c, ChatKey("telegram", "501"), world.clock)
        row = {
            "chat_id": chat,
            "source": "telegram",
            "external_id": f"x{number}",
            "payload": sealed,
            "received_at": world.clock,
            **values,
        }
        return c.execute(inbox.insert().values(row)).inserted_primary_key[0]

    return int(world.db.write_now(work))


def given_up(world: World, number: int = 1) -> int:
    return event(world, number, handled_at=world.clock, error="gave up", attempts=3)


def message(world: World, number: int, **values: object) -> None:
    """A message in the outbox of the same."""

    def work(c):  # type: ignore[no-untyped-def]
        chat = inbox_store.chat_id(c, ChatKey("telegram", "501"), world.clock)
        row = {
            "chat_id": chat,
            "seq": number,
            "priority": 1,
            "status": "pending",
            "created_at": world.clock,
            **values,
        }
        c.execute(outbox.insert().values(row))

    world.db.write_now(work)


def job(world: World, **values: object) -> JobRun:
    now = world.clock
    return replace(JobRun("ladder", "w1", 10, now, now, 12, 40, 9, 0), **values)  # type: ignore[arg-type]


def page(world: World, role: str = "admin") -> str:
    """The page as text, one part a line."""
    text = world.logged_in(role, f"{role} {world.clock:%f%S%M}").get("/staff/health").text
    assert "UndefinedError" not in text
    return str(text)


def row(text: str, name: str) -> str:
    """The row of a part: its level and its words."""
    found = re.search(rf'class="text">{name}</td>(.*?)</tr>', text, re.S)
    assert found, name
    return re.sub(r"\s+", " ", found.group(1))


# Parts ----------------------------------------------------------------------------------------


def test_a_quiet_program_is_well(world: World) -> None:
    world.db.write_now(lambda c: jobs_log.put(c, [job(world)]))
    text = page(world)
    for part in ("Tin chờ xử lý", "Tin chờ gửi", "Máy hiểu câu hỏi", "Phiếu quá hạn", "Nội dung"):
        assert 'data-level="ok"' in row(text, part), part
    assert 'data-level="ok"' in row(text, "Việc tự động")
    assert "12 ms" in text
    assert "chưa đặt nơi để bản sao lưu" in text


def test_queues_that_stand_still_are_red(world: World) -> None:
    event(world, 1)
    message(world, 1)
    message(world, 2, not_before=world.clock + timedelta(days=9))
    world.wait(minutes=5)
    text = page(world)
    assert 'data-level="red"' in row(text, "Tin chờ xử lý")
    assert "1 tin, cũ nhất 5 phút trước" in row(text, "Tin chờ xử lý")
    assert "1 tin, cũ nhất" in row(text, "Tin chờ gửi")
    assert "khởi động lại" in row(text, "Tin chờ xử lý")


def test_failures_are_counted_by_kind(world: World) -> None:
    for number, (why, hours) in enumerate(
        (("rejected", 1), ("rejected", 2), ("uncertain twice", 3), ("old", 30))
    ):
        at = world.clock - timedelta(hours=hours)
        message(world, number + 1, status="failed", error=why, created_at=at, uncertain=number == 2)
    text = page(world)
    assert "nền tảng từ chối tin" in text
    assert re.search(r'data-label="Số tin">2<', text)
    assert "old" not in text
    assert "(mạng đứt giữa chừng, gửi lại một lần): <strong>1</strong>" in text


def test_jobs_that_fail_or_do_not_run_are_red(world: World) -> None:
    now = world.clock
    runs = [
        job(world, name="ladder", failures=1, failed_at=now, error="OperationalError"),
        job(world, name="timers", ended_at=now - timedelta(minutes=5), seen_at=now),
        job(world, name="purge", every_seconds=86_400, ended_at=now - timedelta(hours=20)),
        job(world, name="feeds", ended_at=None, runs=0),
    ]
    world.db.write_now(lambda c: jobs_log.put(c, runs))
    text = page(world)
    for name, level in (
        ("Thang giúp đỡ", "red"),
        ("Nhắc hẹn giờ", "red"),
        ("Xóa theo hạn", "ok"),
        ("Danh sách trang lừa đảo</td>.*Danh sách trang lừa đảo", "off"),
    ):
        assert f'data-level="{level}"' in (
            row(text, name) if ">" not in name else text.split('id="jobs"')[1]
        )
    assert "2 việc hỏng" in text
    assert "OperationalError" in text


def test_no_scheduler_at_all_is_said(world: World) -> None:
    assert "Chưa thấy tiến trình nào chạy việc" in page(world)
    world.db.write_now(lambda c: jobs_log.put(c, [job(world)]))
    world.wait(minutes=10)
    assert "Chưa thấy tiến trình nào chạy việc" in page(world)


def test_two_schedulers_count_together(world: World) -> None:
    now = world.clock
    runs = [
        job(world, worker="a", runs=3, failures=1, failed_at=now - timedelta(hours=1)),
        job(world, worker="b", runs=4, ended_at=now + timedelta(seconds=1), milliseconds=7),
        job(world, worker="c", seen_at=now - timedelta(days=1), ended_at=now - timedelta(days=1)),
    ]
    merged, alive = jobs_log.together(runs, now)
    assert alive == 2
    assert [(m.runs, m.failures, m.milliseconds, m.failing) for m in merged] == [(7, 1, 7, False)]


def test_writing_a_job_again_changes_its_row(world: World) -> None:
    for runs in (1, 2):
        world.db.write_now(lambda c, n=runs: jobs_log.put(c, [job(world, runs=n)]))  # type: ignore[misc]
    world.db.write_now(lambda c: jobs_log.put(c, []))
    assert [run.runs for run in world.db.read_now(jobs_log.all_runs)] == [2]
    assert world.db.write_now(lambda c: jobs_log.purge(c, world.clock + timedelta(1))) == 1


@pytest.mark.parametrize(
    ("free", "total", "level"),
    [(50, 100, Level.OK), (10, 100, Level.WARN), (4, 100, Level.RED), (0.2, 0.5, Level.RED)],
)
def test_levels_of_the_disk(free: float, total: float, level: Level) -> None:
    assert Disk(int(free * GB), int(total * GB)).level is level


def test_the_newest_file_is_the_backup_s_age(tmp_path: Path) -> None:
    def found(folder: Path | None) -> Backup:
        return backup_of(Settings(_env_file=None, backup_dir=folder))

    now = datetime.now(UTC)
    assert found(None) == Backup("unset")
    assert found(tmp_path / "no").level(now) is Level.RED
    assert found(tmp_path) == Backup("empty")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "congdanso.db").write_text("x")
    assert found(tmp_path).level(now) is Level.OK
    assert found(tmp_path).level(now + timedelta(hours=27)) is Level.RED
    assert Backup("unset").level(now) is Level.WARN


@pytest.mark.parametrize("folder", ["", None])
def test_an_empty_variable_is_no_folder(
    folder: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if folder is not None:
        monkeypatch.setenv("CONGDANSO_BACKUP_DIR", folder)
    assert Settings(_env_file=None).backup_dir is None


def test_what_is_unsafe_is_named(tmp_path: Path) -> None:
    def found(**values: object) -> tuple[str, ...]:
        return unsafe(Settings(_env_file=None, var_dir=tmp_path, **values))  # type: ignore[arg-type]

    assert found() == ("local", "key_beside")
    (tmp_path / "key").write_text("x")
    (tmp_path / "key").chmod(0o644)
    assert found() == ("local", "key_beside", "key_open")
    key = SecretStr("x")
    assert found(public_url="http://a.example", data_key=key) == ("http",)
    assert found(public_url="https://a.example", data_key=key) == ("cookies",)
    assert found(public_url="https://a.example", data_key=key, secure_cookies=True) == ()


def test_only_admins_are_told_what_is_unsafe(world: World) -> None:
    assert "Cài đặt an toàn" in page(world, "admin")
    text = page(world, "viewer")
    assert "Cài đặt an toàn" not in text
    assert "/retry" not in text


@pytest.mark.parametrize(
    ("process", "level"),
    [
        (Process("ready", "embedded"), Level.OK),
        (Process("training", "embedded"), Level.WARN),
        (Process("starting", "embedded"), Level.RED),
        (Process("ready", "embedded (rasa down)"), Level.WARN),
    ],
)
def test_levels_of_the_engine(world: World, process: Process, level: Level) -> None:
    found = world.db.read_now(lambda c: health_of(c, world.runtime, process))
    assert found.nlu_level is level


def test_channels_with_their_last_messages(world: World) -> None:
    event(world, 1, handled_at=world.clock)
    message(world, 1, status="sent", sent_at=world.clock + timedelta(minutes=1))
    message(world, 2, status="failed", error="rejected")
    process = Process(connections={"telegram": "the Bot API cannot be reached", "zalo_oa": "ok"})
    found = world.db.read_now(lambda c: health_of(c, world.runtime, process))
    by_name = {channel.name: channel for channel in found.channels}
    assert set(by_name) == {"telegram", "web", "zalo_oa"}
    telegram = by_name["telegram"]
    assert (telegram.last.came, telegram.failed, telegram.level) == (world.clock, 1, Level.RED)
    assert telegram.last.went == world.clock + timedelta(minutes=1)
    assert by_name["zalo_oa"].level is Level.OK


@pytest.mark.parametrize(
    ("people_most", "words"),
    [(50, "Gói thử: 1/50 người, tháng này gửi 0/3.000 tin<"), (1, "sắp hết, nên chuyển sang Zalo")],
)
def test_how_much_of_zalos_pilot_is_used(world: World, people_most: int, words: str) -> None:
    def work(c):  # type: ignore[no-untyped-def]
        chat = inbox_store.chat_id(c, ChatKey("zalo_bot", "p1"), world.clock)
        inbox_store.put(c, chat, "zalo_bot", "1", b"sealed", world.clock)

    world.db.write_now(work)
    token = {"zalo_bot_token": SecretStr("1:invented"), "zalo_bot_people_most": people_most}
    world.runtime.settings = world.runtime.settings.model_copy(update=token)
    assert words in re.sub(r"\s+", " ", page(world))


@pytest.mark.parametrize(
    ("trouble", "words"),
    [("full", "đã đầy"), ("read-only", "chỉ đọc"), ("unreachable", "không tới được")],
)
def test_a_database_that_cannot_be_written_to_is_red(
    world: World, trouble: str, words: str
) -> None:
    world.runtime.db.trouble = trouble
    found = world.db.read_now(lambda c: health_of(c, world.runtime, Process()))
    assert found.disk_level is Level.RED
    assert words in page(world)
    world.runtime.db.trouble = ""
    assert words not in page(world, "viewer")


# Events that were set aside -----------------------------------------------------------------------


def test_an_event_is_tried_again_or_put_away(world: World) -> None:
    first, second = given_up(world, 1), given_up(world, 2)
    admin = world.logged_in("admin", "hoa")
    text = admin.get("/staff/health").text
    assert f"Tin {first}" in text
    assert "giúp tôi" not in text
    form = {"csrf": csrf_of(admin)}
    url = "/staff/health/events"
    assert admin.post(f"{url}/{first}/retry", data=form).headers["location"].endswith("retried")
    assert admin.post(f"{url}/{first}/retry", data=form).headers["location"].endswith("gone")
    assert (
        admin.post(f"{url}/{second}/discard", data=form).headers["location"].endswith("discarded")
    )
    assert admin.post(f"{url}/{second}/retry", data=form).headers["location"].endswith("gone")
    assert admin.post(f"{url}/{2**63}/retry", data=form).status_code == 404
    rows = world.db.read_now(lambda c: c.execute(select(inbox).order_by(inbox.c.id)).all())
    assert [(r.handled_at is None, r.payload is None) for r in rows] == [
        (True, False),
        (False, True),
    ]
    assert len(world.woken) == 1
    query = (
        select(audit_log.c.action)
        .where(audit_log.c.action.startswith("event."))
        .order_by(audit_log.c.id)
    )
    assert world.db.read_now(lambda c: list(c.execute(query).scalars())) == [
        "event.retry",
        "event.discard",
    ]


def test_texts_set_aside_are_kept_three_days_and_erased_with_the_person(world: World) -> None:
    given_up(world, 1)
    early = world.clock - timedelta(seconds=1)
    assert world.db.write_now(lambda c: health.forget(c, early)) == 0
    late = world.clock + timedelta(seconds=1)
    assert world.db.write_now(lambda c: health.forget(c, late)) == 1
    number = given_up(world, 2)
    chat = world.db.read_now(lambda c: inbox_store.find_chat(c, ChatKey("telegram", "501")))
    assert chat is not None
    world.db.write_now(lambda c: records.erase_chat(c, chat, 0, world.clock))
    query = select(inbox.c.payload).where(inbox.c.id == number)
    assert world.db.read_now(lambda c: c.execute(query).scalar()) is None


# Metrics ------------------------------------------------------------------------------------------


def test_the_metrics_say_the_same(world: World) -> None:
    event(world, 1)
    given_up(world, 2)
    message(world, 1, status="failed", error="rejected")
    world.wait(seconds=90)
    process = Process(connections={"telegram": "the Bot API cannot be reached"})
    found = world.db.read_now(lambda c: health_of(c, world.runtime, process))
    service.measure(world.runtime, found)

    def value(name: str, **labels: str) -> float | None:
        return world.runtime.metrics.registry.get_sample_value(f"congdanso_{name}", labels)

    assert value("inbox_age_seconds") == 90
    assert value("outbox_age_seconds") == 0
    assert value("inbox_given_up") == 1
    assert value("outbox_failures", channel="telegram", why="rejected") == 1
    assert value("channel_up", channel="telegram") == 0
    assert value("channel_up", channel="web") == 1
    assert value("disk_free_bytes") == found.disk.free
    assert (value("database_bytes") or 0) > 100_000
    assert str(value("backup_age_seconds")) == "nan"
    world.db.write_now(lambda c: c.execute(update(outbox).values(status="cancelled")).rowcount)
    again: Callable[..., object] = service.measure
    again(world.runtime, world.db.read_now(lambda c: health_of(c, world.runtime, process)))
    assert value("outbox_failures", channel="telegram", why="rejected") is None
