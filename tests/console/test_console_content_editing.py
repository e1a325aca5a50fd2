"""A guide written in the browser: drafts, the check, two editors, review, publishing, back."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import httpx
import pytest
from starlette.testclient import TestClient

from bot.console.sections import form_of
from bot.guides.rewriting import read_values
from bot.store import audit, drafts
from bot.store.audit import Filter
from bot.store.drafts import Draft
from tests.console.few import TITLES
from tests.console.world import World, csrf_of

QR = "qr_pay"
URL = f"/staff/content/{QR}"
NAME = "guides/qr_pay.yml"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def site(world: World) -> World:
    """On a day when the shipped guides are neither too new nor too old."""
    world.clock = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    return world


def post(client: TestClient, address: str, **fields: str) -> httpx.Response:
    answer: httpx.Response = client.post(address, data={"csrf": csrf_of(client), **fields})
    return answer


def draft_of(world: World) -> Draft:
    found = world.db.read_now(lambda c: drafts.open_draft(c, NAME))
    assert found is not None
    return found


def fields_of(world: World, section: str) -> dict[str, str]:
    """The form of a part as the browser would send it back unchanged."""
    draft = draft_of(world)
    values, _ = read_values(draft.text)
    assert values is not None
    sent = {"version": str(draft.version)}
    for group in form_of(values, section, TITLES) or ():
        for each in group.fields:
            if each.kind == "ids":
                sent |= {f"{each.name}.{key}": "1" for key in each.value}
            else:
                value = "\n".join(each.value) if each.kind == "list" else each.value
                sent[each.name] = value
    return sent


def save(client: TestClient, world: World, section: str, **changed: str) -> httpx.Response:
    return post(client, f"{URL}/edit/{section}", **{**fields_of(world, section), **changed})


def said(world: World) -> list[str]:
    return [
        f"{line.who} {line.action}"
        for line in world.db.read_now(lambda c: audit.latest(c, Filter(), 50))
    ]


def writer_and_reviewer(world: World) -> tuple[TestClient, TestClient]:
    writer, other = world.logged_in("editor", "lan"), world.logged_in("editor", "minh")
    assert post(writer, f"{URL}/draft").status_code == 303
    return writer, other


def publish(world: World, writer: TestClient, other: TestClient) -> httpx.Response:
    sent = post(writer, f"{URL}/send", version=str(draft_of(world).version))
    assert sent.headers["location"].endswith("done=sent"), sent.text
    return post(other, f"{URL}/approve", version=str(draft_of(world).version))


def title_now(world: World) -> str:
    return world.editing().publisher.content.guides[QR].title


def test_a_guide_from_draft_to_published_and_back(site: World) -> None:
    writer, other = writer_and_reviewer(site)
    before = site.editing().publisher.content.guides[QR]
    assert save(writer, site, "main", title="Quét mã kiểu mới").status_code == 303
    assert title_now(site) == before.title
    assert "Quét mã kiểu mới" in re.sub(r"<[^>]+>", "", other.get(f"{URL}/edit").text)
    done = publish(site, writer, other)
    assert done.headers["location"] == f"{URL}?done=published"
    assert title_now(site) == "Quét mã kiểu mới"
    page = other.get(f"{URL}?done=published").text
    assert "lan viết, minh duyệt" in page
    lead = site.logged_in("lead", "hoa")
    past = lead.get(f"{URL}/past/{before.revision}")
    assert "Quay lại bản này ngay" in past.text
    served = re.search(r'name="served" value="(\w+)"', past.text)
    assert served
    back = post(lead, f"{URL}/past/{before.revision}", served=served[1])
    assert back.headers["location"] == f"{URL}?done=rollback"
    assert site.editing().publisher.content.guides[QR] == before
    # The same form again: something else is served by now.
    assert post(lead, f"{URL}/past/{before.revision}", served=served[1]).status_code == 409
    acts = said(site)
    for act in (
        "lan draft.begin",
        "lan draft.save",
        "lan draft.send",
        "minh guide.publish",
        "hoa guide.rollback",
    ):
        assert act in acts


@pytest.mark.parametrize("role", ["editor", "lead", "admin"])
def test_who_wrote_may_not_approve_whatever_the_role(site: World, role: str) -> None:
    client = site.logged_in(role, "lan")
    post(client, f"{URL}/draft")
    save(client, site, "main", title="Quét mã kiểu mới")
    refused = publish(site, client, client)
    assert refused.status_code == 409
    assert "không tự duyệt được" in refused.text
    assert "Duyệt và đăng" not in client.get(f"{URL}/edit").text
    assert title_now(site) != "Quét mã kiểu mới"


def test_whoever_mends_it_while_reviewing_has_written_too(site: World) -> None:
    writer, other = writer_and_reviewer(site)
    save(writer, site, "main", title="Quét mã kiểu mới")
    save(other, site, "main", fee="Không mất phí gì.")
    assert publish(site, writer, other).status_code == 409
    third = site.logged_in("lead", "hoa")
    assert post(third, f"{URL}/approve", version=str(draft_of(site).version)).status_code == 303


def test_a_wrong_part_is_saved_and_named_and_not_sent(site: World) -> None:
    writer, _ = writer_and_reviewer(site)
    answer = save(writer, site, "step-1", **{"steps.1.text": "Bấm nút. " * 60})
    assert answer.status_code == 200
    assert "Đã lưu bản nháp" in answer.text
    assert "Bước 1, nội dung" in answer.text
    assert "nhiều nhất 280" in answer.text
    assert " ".join(draft_of(site).text.split()).count("Bấm nút.") == 60
    refused = post(writer, f"{URL}/send", version=str(draft_of(site).version))
    assert refused.status_code == 409
    assert "chưa đăng được" in refused.text


def test_the_check_while_typing_saves_nothing(site: World) -> None:
    writer, _ = writer_and_reviewer(site)
    before = draft_of(site)
    sent = {**fields_of(site, "main"), "answer": "Gọi số 0900 000 001 hỏi."}
    answer = post(writer, f"{URL}/check/main", **sent)
    assert answer.status_code == 200
    assert "0900 000 001" in answer.text
    assert "Câu trả lời ngắn" in answer.text
    assert "<html" not in answer.text
    assert draft_of(site) == before


def test_two_editors_in_two_parts_keep_both(site: World) -> None:
    one, other = writer_and_reviewer(site)
    first, second = fields_of(site, "main"), fields_of(site, "step-1")
    assert post(one, f"{URL}/edit/main", **{**first, "fee": "Không mất phí gì."}).status_code == 303
    late = post(other, f"{URL}/edit/step-1", **{**second, "steps.1.title": "Mở ra"})
    assert late.status_code == 303
    text = draft_of(site).text
    assert "Không mất phí gì." in text
    assert "title: Mở ra" in text


def test_two_editors_at_one_place_are_shown_the_difference(site: World) -> None:
    one, other = writer_and_reviewer(site)
    form = fields_of(site, "main")
    post(one, f"{URL}/edit/main", **{**form, "fee": "Phí của Lan."})
    clash = post(other, f"{URL}/edit/main", **{**form, "fee": "Phí của Minh."})
    assert clash.status_code == 409
    assert "lan vừa lưu cùng chỗ này" in clash.text
    plain = re.sub(r"<[^>]+>", "", clash.text)
    assert "Phí của Lan." in plain
    assert "Phí của Minh." in clash.text
    assert "Phí của Lan." in draft_of(site).text
    # Both together, on purpose.
    merged = {**form, "fee": "Phí của hai người.", "version": str(draft_of(site).version)}
    assert post(other, f"{URL}/edit/main", **merged).status_code == 303
    assert "Phí của hai người." in draft_of(site).text


def test_what_one_typed_can_be_put_aside(site: World) -> None:
    one, other = writer_and_reviewer(site)
    form = fields_of(site, "main")
    post(one, f"{URL}/edit/main", **{**form, "fee": "Phí của Lan."})
    mine = {**form, "fee": "Phí của Minh."}
    assert post(other, f"{URL}/aside/main", **mine).headers["location"].endswith("done=aside")
    assert "Phí của Minh." not in draft_of(site).text
    page = other.get(f"{URL}/edit").text
    number = re.search(r"/saved/(\d+)\">.{0,120}cất riêng", page, re.DOTALL)
    assert "cất riêng" in page
    numbers = re.findall(r"/saved/(\d+)", page)
    assert number or numbers
    kept = other.get(f"{URL}/saved/{max(map(int, numbers))}").text
    assert "Phí của Minh." in kept
    assert other.get(f"{URL}/saved/999999").status_code == 404


def test_the_text_of_two_editors_is_never_written_over(site: World) -> None:
    one, other = writer_and_reviewer(site)
    draft = draft_of(site)
    mine = draft.text.replace("title:", "# ghi chú\ntitle:", 1)
    post(one, f"{URL}/edit/text", version=str(draft.version), text=mine)
    clash = post(
        other, f"{URL}/edit/text", version=str(draft.version), text=draft.text + "# của Minh\n"
    )
    assert clash.status_code == 409
    assert "# của Minh" in html.unescape(clash.text)
    assert draft_of(site).text == mine


def test_a_session_that_ended_shows_what_was_typed(site: World) -> None:
    writer, _ = writer_and_reviewer(site)
    form = {**fields_of(site, "main"), "fee": "Phí em vừa gõ."}
    csrf = csrf_of(writer)
    writer.cookies.clear()
    answer = writer.post(f"{URL}/edit/main", data={"csrf": csrf, **form})
    assert answer.status_code == 401
    assert "Phí em vừa gõ." in answer.text


def test_a_draft_that_is_gone_shows_what_was_typed(site: World) -> None:
    one, other = writer_and_reviewer(site)
    form = {**fields_of(site, "main"), "fee": "Phí em vừa gõ."}
    post(one, f"{URL}/discard", version=str(draft_of(site).version))
    answer = post(other, f"{URL}/edit/main", **form)
    assert answer.status_code == 409
    assert "Phí em vừa gõ." in answer.text


def test_giving_back_says_why(site: World) -> None:
    writer, other = writer_and_reviewer(site)
    save(writer, site, "main", title="Quét mã kiểu mới")
    post(writer, f"{URL}/send", version=str(draft_of(site).version))
    version = str(draft_of(site).version)
    assert post(other, f"{URL}/return", version=version, text=" ").status_code == 422
    assert post(other, f"{URL}/return", version=version, text="x" * 501).status_code == 422
    assert (
        post(other, f"{URL}/return", version=version, text=f"Ghi rõ phí {SCRIPT}").status_code
        == 303
    )
    page = writer.get(f"{URL}/edit").text
    assert "Ghi rõ phí" in page
    assert SCRIPT not in page
    assert post(other, f"{URL}/approve", version=version).status_code == 409


def test_a_change_after_sending_is_reviewed_again(site: World) -> None:
    writer, other = writer_and_reviewer(site)
    save(writer, site, "main", title="Quét mã kiểu mới")
    post(writer, f"{URL}/send", version=str(draft_of(site).version))
    seen = str(draft_of(site).version)
    save(writer, site, "main", title="Quét mã kiểu khác hẳn")
    refused = post(other, f"{URL}/approve", version=seen)
    assert refused.status_code == 409
    assert title_now(site) not in ("Quét mã kiểu mới", "Quét mã kiểu khác hẳn")


def test_nothing_unchanged_is_sent(site: World) -> None:
    writer, _ = writer_and_reviewer(site)
    refused = post(writer, f"{URL}/send", version=str(draft_of(site).version))
    assert "chưa sửa gì" in refused.text


STEPS = [
    ("add", 1, lambda old: [old[0], "Bước mới", *old[1:]]),
    ("down", 1, lambda old: [old[1], old[0], *old[2:]]),
    ("up", 2, lambda old: [old[1], old[0], *old[2:]]),
    ("drop", 1, lambda old: old[1:]),
]


@pytest.mark.parametrize(("act", "number", "wanted"), STEPS)
def test_steps_are_added_moved_and_dropped(site: World, act: str, number: int, wanted) -> None:  # type: ignore[no-untyped-def]
    writer, _ = writer_and_reviewer(site)

    def titles() -> list[str]:
        values, _ = read_values(draft_of(site).text)
        assert values is not None
        return [step["title"] for step in values["steps"]]

    before = titles()
    version = str(draft_of(site).version)
    assert (
        post(writer, f"{URL}/steps", version=version, act=act, step=str(number)).status_code == 303
    )
    assert titles() == wanted(before)


@pytest.mark.parametrize(
    ("act", "number"), [("up", "1"), ("drop", "99"), ("drop", "x"), ("burn", "1"), ("", "")]
)
def test_a_step_that_is_not_there(site: World, act: str, number: str) -> None:
    writer, _ = writer_and_reviewer(site)
    before = draft_of(site)
    version = str(before.version)
    assert post(writer, f"{URL}/steps", version=version, act=act, step=number).status_code == 422
    assert draft_of(site) == before


BOMB = (
    "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n"
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "không dùng được"),
        ("[" * 5000, "nhiều tầng"),
        ("id: qr_pay\n\ttitle: x\n", "phím Tab"),
        ("title: 'không đóng\n", "Chưa đọc được"),
        ("", "để trống"),
        (SCRIPT, "phải"),
    ],
)
def test_bad_yaml_is_kept_and_named(site: World, text: str, words: str) -> None:
    writer, _ = writer_and_reviewer(site)
    version = str(draft_of(site).version)
    answer = post(writer, f"{URL}/edit/text", version=version, text=text)
    assert answer.status_code == 200
    assert words in answer.text.casefold() or words in answer.text
    assert SCRIPT not in answer.text
    assert draft_of(site).text.strip() == text.strip()
    # The forms wait until it can be read again.
    assert writer.get(f"{URL}/edit/main").headers["location"].endswith("/edit/text")
    assert writer.get(f"{URL}/edit").status_code == 200


def test_a_text_of_a_megabyte_is_not_kept_and_not_lost(site: World) -> None:
    writer, _ = writer_and_reviewer(site)
    before = draft_of(site)
    big = "answer: " + "x" * 400_000
    answer = post(writer, f"{URL}/edit/text", version=str(before.version), text=big)
    assert answer.status_code == 422
    assert "dài quá" in answer.text
    assert big in answer.text
    assert draft_of(site) == before


@pytest.mark.parametrize(
    "section", ["main", "question", "step-1", "temporary", "provinces", "sources"]
)
def test_script_in_every_field_is_text(site: World, section: str) -> None:
    writer, _ = writer_and_reviewer(site)
    form = fields_of(site, section)
    hostile = {name: SCRIPT for name in form if name != "version"}
    answer = post(writer, f"{URL}/edit/{section}", **{**form, **hostile})
    assert answer.status_code in (200, 303, 409)
    for page in (
        f"{URL}/edit",
        f"{URL}/edit/{section}",
        f"{URL}/edit/text",
        URL,
        "/staff/content",
        f"{URL}/preview?of=draft",
    ):
        text = writer.get(page, follow_redirects=True).text
        assert SCRIPT not in text, page


@pytest.mark.parametrize(
    "address",
    [
        "/staff/content/nothing",
        "/staff/content/..%2f",
        "/staff/content/qr_pay/edit/step-99",
        "/staff/content/qr_pay/past/xyz",
    ],
)
def test_what_there_is_not_is_a_page_that_says_so(site: World, address: str) -> None:
    writer, _ = writer_and_reviewer(site)
    assert writer.get(address).status_code == 404


def test_a_guide_without_a_file_has_a_page_and_no_draft(site: World) -> None:
    writer = site.logged_in("editor", "lan")
    assert "Chưa có bài này" in writer.get("/staff/content/vneid_level_2").text
    answer = post(writer, "/staff/content/vneid_level_2/draft")
    assert answer.headers["location"].endswith("no=unwritten")


def test_preview_on_each_channel(site: World) -> None:
    writer, _ = writer_and_reviewer(site)
    save(writer, site, "main", title="Quét mã kiểu mới")
    for channel in ("telegram", "zalo_oa", "zalo_bot", "web"):
        page = writer.get(f"{URL}/preview?of=draft&channel={channel}&stuck=1").text
        assert "Quét mã kiểu mới" in page
        numbered = "1. " in page
        assert numbered is (channel.startswith("zalo")) or 'class="keys"' in page
    assert writer.get(f"{URL}/preview?channel=x&choice=x&province=x").status_code == 200


def test_a_withdrawn_text_does_not_come_back(site: World) -> None:
    writer, other = writer_and_reviewer(site)
    save(writer, site, "main", title="Quét mã kiểu mới")
    publish(site, writer, other)
    wrong = site.editing().publisher.content.guides[QR]
    lead = site.logged_in("lead", "hoa")
    asked = post(lead, f"{URL}/recall", what="all", text="phí đã đổi")
    assert "người sẽ được báo" in asked.text
    seen = re.search(r'name="seen" value="([\d:]+)"', asked.text)
    assert seen
    done = post(lead, f"{URL}/recall", what="all", text="phí đã đổi", seen=seen[1])
    assert done.headers["location"].endswith("done=recalled")
    assert QR not in site.editing().publisher.content.guides
    assert "phí đã đổi" in lead.get("/staff/recalls").text
    refused = post(lead, f"{URL}/past/{wrong.revision}", served=wrong.revision)
    assert refused.status_code == 409
    # A draft of the withdrawn text must change it.
    post(writer, f"{URL}/draft")
    page = writer.get(f"{URL}/edit").text
    assert "đã thu hồi vì: phí đã đổi" in page
    assert post(writer, f"{URL}/send", version=str(draft_of(site).version)).status_code == 409
    save(writer, site, "main", fee="Phí ghi trên màn hình.")
    assert publish(site, writer, other).headers["location"].endswith("done=published")
    assert site.editing().publisher.content.guides[QR].fee == "Phí ghi trên màn hình."


@pytest.mark.parametrize(
    ("what", "why", "status"),
    [
        ("", "x", 422),
        ("all", " ", 422),
        ("all", "x" * 301, 422),
        ("step-99", "x", 409),
        ("old", "x", 409),
    ],
)
def test_a_recall_that_cannot_be(site: World, what: str, why: str, status: int) -> None:
    lead = site.logged_in("lead", "hoa")
    assert post(lead, f"{URL}/recall", what=what, text=why).status_code == status
    assert QR in site.editing().publisher.content.guides
