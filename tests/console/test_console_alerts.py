"""The page "Cảnh báo": proposals, the composer, the second look, sending, stopping."""

from __future__ import annotations

import io
from datetime import timedelta

import httpx
import pytest
from PIL import Image
from starlette.testclient import TestClient

from bot.domain.effects import LogQuestion, Outcome
from bot.models.schema import AlertStatus
from bot.store import alerts as store
from bot.store import feeds, inbox, records
from bot.store.inbox import ChatKey
from tests.console.world import World, csrf_of, hidden, log_in

TEXT = "Có người giả công an gọi điện. Đừng đọc mã OTP cho ai."
FORM = {"text": TEXT, "places": "", "theme": "scam_link", "until": "2025-11-25T18:00"}


def write(client: TestClient, **fields: str) -> httpx.Response:
    """Fill in the composer."""
    data = {"csrf": csrf_of(client), **FORM, **fields}
    answer: httpx.Response = client.post("/staff/alerts", data=data)
    return answer


def draft(client: TestClient, **fields: str) -> str:
    """The address of a new draft."""
    answer = write(client, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].partition("?")[0])


def press(client: TestClient, url: str, what: str, **fields: str) -> httpx.Response:
    """A button of an alert's page."""
    page = client.get(url)
    data = {"csrf": hidden(page, "csrf"), **fields}
    if what == "send" and "seen" not in fields:
        data["seen"] = hidden(page, "seen")
    answer: httpx.Response = client.post(f"{url}/{what}", data=data)
    return answer


def subscriber(world: World, name: str, area: str = "", channel: str = "web") -> int:
    def work(c):  # type: ignore[no-untyped-def]
        chat = inbox.chat_id(c, ChatKey(channel, name), world.clock)
        store.subscribe(c, chat, area, "", world.clock)
        return chat

    found: int = world.db.write_now(work)
    return found


def only(world: World) -> store.Alert:
    (alert,) = world.db.read_now(store.latest)
    return alert


def picture(width: int = 2_000, height: int = 1_000, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, kind)
    return out.getvalue()


def test_written_looked_at_again_and_sent(world: World) -> None:
    subscriber(world, "a", "ca-mau.tan-an")
    subscriber(world, "b", "ca-mau.tan-an", "telegram")
    subscriber(world, "c", "dak-lak")
    lead = world.logged_in("lead")
    url = draft(lead, places="xã Tân Ân, Cà Mau")
    page = lead.get(url).text
    assert "<strong>2 người</strong>: Telegram 1, Trang chat 1." in page
    for name in ("Telegram", "Trang chat", "Nơi không có nút bấm và hình"):
        assert f"<h3>{name}</h3>" in page
    assert page.count("📢 Cảnh báo lừa đảo ở xã Tân Ân, Cà Mau:") == 3
    assert page.count("Thôi nhận cảnh báo") >= 6
    assert "2. Thôi nhận cảnh báo" in page
    assert only(world).status is AlertStatus.DRAFT
    answer = press(lead, url, "send")
    assert answer.status_code == 303
    assert "Đã bắt đầu gửi" in lead.get(answer.headers["location"]).text
    alert = only(world)
    assert (alert.status, alert.audience) == (AlertStatus.SENDING, 2)
    assert (alert.written_by, alert.sent_by) == ("cán bộ lead", "cán bộ lead")
    assert alert.until.isoformat() == "2025-11-25T11:00:00+00:00"


def test_an_editor_writes_and_a_lead_sends(world: World) -> None:
    editor, lead = world.logged_in("editor"), world.logged_in("lead")
    url = draft(editor)
    page = editor.get(url).text
    assert "Người phụ trách mới được gửi" in page
    assert "/send" not in page
    data = {"csrf": csrf_of(editor), "seen": hidden(lead.get(url), "seen")}
    assert editor.post(f"{url}/send", data=data).status_code == 403
    assert only(world).status is AlertStatus.DRAFT
    assert press(lead, url, "send").status_code == 303
    assert (only(world).written_by, only(world).sent_by) == ("cán bộ editor", "cán bộ lead")


def test_a_draft_changed_meanwhile_is_not_sent(world: World) -> None:
    lead, editor = world.logged_in("lead"), world.logged_in("editor")
    url = draft(editor)
    seen = hidden(lead.get(url), "seen")
    changed = editor.post(url, data={"csrf": csrf_of(editor), **FORM, "text": "Lời khác."})
    assert changed.status_code == 303
    answer = press(lead, url, "send", seen=seen)
    assert answer.status_code == 409
    assert "vừa được sửa" in answer.text
    assert "Lời khác." in answer.text
    assert only(world).status is AlertStatus.DRAFT


def test_sent_twice_is_sent_once(world: World) -> None:
    lead = world.logged_in("lead")
    url = draft(lead)
    seen = hidden(lead.get(url), "seen")
    assert press(lead, url, "send", seen=seen).status_code == 303
    assert press(lead, url, "send", seen=seen).status_code == 409
    acts = [row.act for row in world.db.read_now(feeds.audit)]
    assert acts == ["alert_sent", "alert_written"]


def test_what_was_sent_is_changed_by_nobody_and_can_be_stopped(world: World) -> None:
    lead, editor = world.logged_in("lead"), world.logged_in("editor")
    url = draft(lead)
    press(lead, url, "send")
    data = {"csrf": csrf_of(lead), **FORM}
    assert lead.post(url, data=data).status_code == 404
    assert lead.get(f"{url}/edit").status_code == 404
    files = {"picture": ("a.png", picture())}
    assert lead.post(f"{url}/picture", data={"csrf": data["csrf"]}, files=files).status_code == 404
    answer = press(editor, url, "cancel")
    assert "Đã dừng" in editor.get(answer.headers["location"]).text
    assert only(world).status is AlertStatus.CANCELLED
    again = editor.post(f"{url}/cancel", data={"csrf": csrf_of(editor)})
    assert again.status_code == 409
    assert "từ trước" in again.text


def test_the_form_of_a_draft_has_what_it_says(world: World) -> None:
    client = world.logged_in("editor")
    url = draft(client, places="xã Tân Ân, Cà Mau\ntỉnh Đắk Lắk")
    page = client.get(f"{url}/edit").text
    assert "xã Tân Ân, Cà Mau\ntỉnh Đắk Lắk" in page
    assert 'value="2025-11-25T18:00"' in page
    assert 'value="scam_link" selected' in page
    assert only(world).areas == ("ca-mau.tan-an", "dak-lak")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " "}, "Chưa có nội dung"),
        ({"text": "a" * 601}, "có 601 chữ cái, nhiều nhất 600"),
        ({"text": "Xem vietcombank-huy.top nhé"}, "vietcombank-huy[.]top"),
        ({"text": "Gọi 0900 000 031 nhé"}, "số điện thoại"),
        ({"places": "Tân Ân"}, "Chưa rõ &#34;Tân Ân&#34;"),
        ({"until": "2025-11-01T08:00"}, "Thời hạn"),
        ({"until": "mai"}, "Thời hạn"),
        ({"until": "9999-12-31T23:59"}, "Thời hạn"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    world: World, fields: dict[str, str], words: str
) -> None:
    answer = write(world.logged_in("editor"), **fields)
    assert answer.status_code == 422
    assert words.replace("&#34;", '"') in answer.text.replace("&#34;", '"')
    for typed in {**FORM, **fields}.values():
        assert typed.strip() in answer.text
    assert world.db.read_now(store.latest) == []


def test_at_night_it_is_said_when_it_will_leave(world: World) -> None:
    client = world.logged_in("lead")
    world.wait(hours=12)
    # The session is shorter than the wait.
    log_in(client, "cán bộ lead")
    url = draft(client)
    assert "Đang là giờ nghỉ" in client.get(url).text


def test_markup_in_the_text_stays_text(world: World) -> None:
    client = world.logged_in("lead")
    page = client.get(draft(client, text="<img src=x> & <b>đậm</b>")).text
    assert "<img src=x>" not in page
    assert page.count("&lt;b&gt;đậm&lt;/b&gt;") == 3


# Pictures -----------------------------------------------------------------------------------------


def give(client: TestClient, url: str, data: bytes | None) -> httpx.Response:
    files = {"picture": ("a.png", data)} if data is not None else {"other": ("", b"")}
    answer: httpx.Response = client.post(
        f"{url}/picture", data={"csrf": csrf_of(client)}, files=files
    )
    return answer


def test_a_picture_is_made_small_and_shown(world: World) -> None:
    client = world.logged_in("editor")
    url = draft(client)
    assert client.get(f"{url}/picture.jpg").status_code == 404
    assert give(client, url, picture()).status_code == 303
    shown = client.get(f"{url}/picture.jpg")
    assert shown.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(shown.content)) as small:
        assert (small.size, small.format) == ((1_280, 640), "JPEG")
    assert client.get(url).text.count(f'src="{url}/picture.jpg"') == 2
    assert give(client, url, None).status_code == 303
    assert only(world).width == 0


@pytest.mark.parametrize("data", [b"no picture", b"%PDF-1.7", picture()[:200], b"\xff\xd8\xff"])
def test_what_is_no_picture_is_refused(world: World, data: bytes) -> None:
    client = world.logged_in("editor")
    url = draft(client)
    answer = give(client, url, data)
    assert answer.status_code == 422
    assert "không phải hình" in answer.text
    assert only(world).width == 0


def test_a_picture_that_is_too_large_is_refused_before_it_is_read(world: World) -> None:
    client = world.logged_in("editor")
    url = draft(client)
    answer = give(client, url, b"\0" * 8_200_000)
    assert answer.status_code == 413
    assert "8 MB" in answer.text


def test_a_form_that_contradicts_itself_is_refused(world: World) -> None:
    client = world.logged_in("editor")
    url = draft(client)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"--y\r\nno", b"", b"--x\r\n\r\n--x--"):
        assert client.post(f"{url}/picture", content=body, headers=headers).status_code == 403


# What rises ---------------------------------------------------------------------------------------


def ask(
    world: World, people: int, locality: str, days_ago: int = 0, first: int = 1, area: str = ""
) -> None:
    """So many people ask about calls of swindlers."""

    def work(c):  # type: ignore[no-untyped-def]
        at = world.clock - timedelta(days=days_ago)
        for n in range(people):
            number = first + n
            chat = inbox.chat_id(c, ChatKey("web", f"asks{number}"), at)
            effect = LogQuestion("cuộc gọi lạ", "scam_call", 0.9, Outcome.ANSWERED, "scam_call")
            records.log_question(c, number, chat, "web", locality, effect, at, area)

    world.db.write_now(work)


def test_a_rising_theme_is_proposed_and_nothing_is_sent(world: World) -> None:
    ask(world, 1, "", days_ago=60)
    ask(world, 6, "xã Tân Ân, tỉnh Cà Mau", first=10, area="96.32236")
    editor = world.logged_in("editor")
    page = editor.get("/staff/alerts").text
    assert "3 ngày qua có 6 người hỏi" in page
    assert "xã Tân Ân, tỉnh Cà Mau" in page
    assert world.db.read_now(store.latest) == []
    link = page.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    form = editor.get(link).text
    assert "cuộc gọi giả danh" in form
    assert 'value="scam_call" selected' in form
    assert "\nxã Tân Ân, tỉnh Cà Mau</textarea>" in form


def test_a_theme_told_of_is_not_proposed_again(world: World) -> None:
    ask(world, 1, "", days_ago=60)
    ask(world, 6, "xã Tân Ân, tỉnh Cà Mau", first=10, area="96.32236")
    lead = world.logged_in("lead")
    press(lead, draft(lead, places="Cà Mau", theme="scam_call"), "send")
    assert "3 ngày qua" not in lead.get("/staff/alerts").text


def test_a_viewer_sees_what_rises_and_has_nothing_to_press(world: World) -> None:
    ask(world, 1, "", days_ago=60)
    ask(world, 6, "xã Tân Ân, tỉnh Cà Mau", first=10, area="96.32236")
    page = world.logged_in("viewer").get("/staff/alerts").text
    assert "3 ngày qua có 6 người hỏi" in page
    assert "/staff/alerts/new" not in page


def test_a_province_is_named_by_its_own_name(world: World) -> None:
    ask(world, 1, "", days_ago=60)
    for n, commune in enumerate(("31834", "31840", "31843", "31849")):
        ask(world, 2, f"nhà số {n}, Cà Mau", first=10 * (n + 1), area=f"96.{commune}.ap-{n}")
    ask(world, 8, "chợ Thủ Dầu Một", first=100)
    page = world.logged_in("viewer").get("/staff/alerts").text
    assert ": tỉnh Cà Mau</h3>" in page
    assert "nhà số" not in page
    assert "Thủ Dầu Một" not in page


@pytest.mark.parametrize("path", ["/staff/alerts/999", f"/staff/alerts/{2**64}", "/staff/alerts/x"])
def test_there_is_no_such_alert(world: World, path: str) -> None:
    assert world.logged_in("lead").get(path).status_code == 404


def test_no_page_needs_what_the_policy_forbids(world: World) -> None:
    client = world.logged_in("lead")
    url = draft(client)
    for path in ("/staff/safety", "/staff/alerts", "/staff/alerts/new", url, f"{url}/edit"):
        page = client.get(path).text
        for forbidden in ("<style", " style=", " onclick", "<script>"):
            assert forbidden not in page, path
