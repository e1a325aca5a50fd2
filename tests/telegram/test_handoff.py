"""From a citizen to a helper and back, through Telegram."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.telegram.stage import (
    PATIENCE,
    Person,
    Stage,
    Team,
    ask_for_help,
    level_2,
    say_place,
    texts,
    ticket_number,
)

pytestmark = pytest.mark.program

PHONE = "0912 345 678"


@pytest.fixture
def ba(stage: Stage) -> Person:
    """A citizen who has read the greeting."""
    person = stage.person("Ba")
    person.start()
    return person


@pytest.fixture(scope="module")
def team(stage: Stage) -> Team:
    """A team with two helpers who have opened the bot."""
    return stage.team("Tân Ân", stage.person("An"), stage.person("Bình"))


def talk(stage: Stage, team: Team) -> tuple[Person, int]:
    """A citizen and the ticket that the team's first helper has taken."""
    citizen = stage.person("Ba")
    citizen.start()
    ticket = ask_for_help(citizen, team.commune)
    team.take(team.helpers[0], ticket)
    citizen.hears("đã nhận phiếu")
    return citizen, ticket


def end(team: Team, ticket: int, helper: Person) -> None:
    """Close a ticket, so that the helper holds none for the next test."""
    assert f"Đã đóng phiếu {ticket}" in helper.say(f"xong {ticket}").text


# The form and the card --------------------------------------------------------------------------


def test_a_guide_ends_at_a_person_who_knows_the_step(stage: Stage, ba: Person, team: Team) -> None:
    an = team.helpers[0]
    level_2(ba)
    ba.say("tiếp")
    ba.tap("Chưa làm được")
    ba.tap("SIM đứng tên người khác")
    consent = ba.tap("Gặp người giúp")
    assert "đồng ý không" in consent.text
    assert "gọi anh/chị là gì" in ba.tap("Đồng ý").text
    assert ba.say("cô Ba").labels == ["Gọi điện cho tôi", "Trả lời tại đây"]
    ba.tap("Gọi điện cho tôi")
    ba.tap(ba.say(PHONE).labels[0])
    opened = say_place(ba, "xã Tân Ân, Cà Mau")
    ticket = ticket_number(opened)
    assert "Tổ Tân Ân" in opened.text
    assert "không xin mật khẩu" in opened.text

    card = team.card(ticket)
    assert card.labels == [f"Nhận phiếu {ticket}"]
    assert "Định danh mức 2" in card.text
    assert "bước 2" in card.text
    assert "SIM đứng tên người khác" in card.text
    assert "0912" not in card.text
    assert "cô Ba" not in card.text

    briefing = team.take(an, ticket)
    assert "0912345678" in briefing.text
    assert "cô Ba" in briefing.text
    assert "bước 2" in briefing.text
    assert briefing.labels == [
        f"Xong phiếu {ticket}",
        f"Gọi điện, phiếu {ticket}",
        f"Hẹn tới nhà, phiếu {ticket}",
        f"Chuyển phiếu {ticket}",
        f"Trả lại phiếu {ticket}",
    ]
    assert "sẽ gọi cho anh/chị" in ba.hears("An đã nhận phiếu").text

    assert "kết quả thế nào" in an.tap(f"Xong phiếu {ticket}", briefing).text
    assert "Đã đóng" in an.tap("Đã giải quyết").text
    team.hears(f"Phiếu {ticket}: An báo đã xong")
    asked = ba.hears("đã đóng phiếu")
    assert asked.labels == ["Rất tốt", "Tạm được", "Chưa giúp được", "Quay lại bước 2"]
    assert "Bước 2/8" in ba.tap("Rất tốt").text
    assert stage.rows("SELECT rating, status FROM tickets WHERE id = ?", ticket) == [(5, "closed")]


def test_no_consent_passes_nothing_on(stage: Stage, ba: Person) -> None:
    before = stage.rows("SELECT count(*) FROM tickets")
    ba.say("gặp người")
    assert "không chuyển gì" in ba.tap("Không").text
    assert stage.rows("SELECT count(*) FROM tickets") == before


def test_a_shared_contact_is_a_phone_number(stage: Stage, ba: Person, team: Team) -> None:
    ba.say("gặp người")
    ba.tap("Đồng ý")
    ba.say("cô Ba")
    ba.tap("Gọi điện cho tôi")
    ba.catch_up()
    stage.tg.send_contact(ba.user, "+84912345678")
    assert "xã hay phường nào" in ba.tap(ba.next().labels[0]).text
    ticket = ticket_number(say_place(ba, team.commune))
    assert "0912345678" in team.take(team.helpers[0], ticket).text
    end(team, ticket, team.helpers[0])


def test_nobody_is_promised_where_there_is_no_team(stage: Stage, ba: Person) -> None:
    ask_for_help(ba, "", until_place=True)
    opened = say_place(ba, "xã Nậm Pồ, Điện Biên")
    assert "chưa có tổ nào" in opened.text
    assert "chưa biết khi nào" in opened.text


def test_of_two_who_take_it_at_once_one_wins_and_the_other_is_told(
    stage: Stage, ba: Person, team: Team
) -> None:
    ticket = ask_for_help(ba, team.commune)
    card = team.card(ticket)

    def press(helper: Person) -> None:
        stage.tg.press(helper.user, card, f"Nhận phiếu {ticket}", chat=team.group)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, team.helpers))
    told = team.hears(f"Phiếu {ticket}: ", times=3)
    won = team.hears(f"Phiếu {ticket}: An đã nhận" if "An nhận" in told.text else "Bình đã nhận")
    winner, loser = team.helpers if "An đã" in won.text else reversed(team.helpers)
    assert told.text == f"Phiếu {ticket}: {winner.name} nhận trước rồi ạ. Cảm ơn {loser.name}."
    winner.hears(f"đã nhận phiếu {ticket}")
    assert winner.name in ba.hears("đã nhận phiếu").text
    stage.settle()
    assert not [m for m in texts(loser.unread) if f"phiếu {ticket}" in m]
    end(team, ticket, winner)


def test_only_who_holds_it_can_close_it(stage: Stage, team: Team) -> None:
    citizen, ticket = talk(stage, team)
    an, binh = team.helpers
    won = team.hears(f"Phiếu {ticket}: An đã nhận")
    stage.tg.press(binh.user, won, f"Xong phiếu {ticket}", chat=team.group)
    assert "Bình" in team.hears(f"Phiếu {ticket} không phải").text
    stage.tg.press(an.user, won, f"Xong phiếu {ticket}", chat=team.group)
    asked = team.hears(f"Phiếu {ticket}: kết quả thế nào")
    stage.tg.press(an.user, asked, "Đã giải quyết", chat=team.group)
    team.hears(f"Phiếu {ticket}: An báo đã xong")
    citizen.hears("đã đóng phiếu")


# The talk ---------------------------------------------------------------------------------------


def test_lines_go_both_ways_and_codes_are_covered(stage: Stage, team: Team) -> None:
    citizen, ticket = talk(stage, team)
    an = team.helpers[0]
    stage.tg.send_text(an.user, "Cô đang ở đâu ạ?")
    assert "An: Cô đang ở đâu ạ?" in citizen.next().text
    stage.tg.send_text(citizen.user, "dạ ở nhà, xong rồi đó")
    assert "dạ ở nhà, xong rồi đó" in an.hears(f"Phiếu {ticket}, người hỏi").text

    an.catch_up()
    stage.tg.send_text(an.user, "cô đọc mã otp 482913 cho con")
    asked = citizen.hears("An:").text
    assert "482913" not in asked
    assert "không đưa" in asked.lower() or "đừng" in asked.lower()
    assert "hỏi mã, mật khẩu" in an.next().text
    citizen.catch_up()
    stage.tg.send_text(citizen.user, "mã otp là 482913 nè")
    assert "482913" not in an.hears(f"Phiếu {ticket}, người hỏi").text
    assert "che" in citizen.next().text
    end(team, ticket, an)


def test_the_citizen_goes_back_to_the_machine_and_the_helper_still_reaches_them(
    stage: Stage, team: Team
) -> None:
    citizen, ticket = talk(stage, team)
    an = team.helpers[0]
    assert "máy trả lời tự động" in citizen.say("kết thúc").text
    assert "cho ai" in citizen.say("lam dinh danh muc 2").text
    stage.tg.send_text(an.user, "con tới liền")
    assert "An: con tới liền" in citizen.next().text
    end(team, ticket, an)


def test_an_answer_goes_to_the_ticket_of_the_message_it_answers(stage: Stage, team: Team) -> None:
    an = team.helpers[0]
    one, first = talk(stage, team)
    two, second = talk(stage, team)
    stage.tg.send_text(one.user, "tôi hỏi một")
    question = an.hears("tôi hỏi một")
    stage.tg.send_text(two.user, "tôi hỏi hai")
    an.hears("tôi hỏi hai")
    stage.tg.send_text(an.user, "trả lời một", reply_to=question)
    assert "trả lời một" in one.hears("An:").text

    which = an.say("không rõ gửi cho ai")
    assert len(which.labels) == 2
    label = next(label for label in which.labels if f"Phiếu {second}:" in label)
    assert f"Đã chuyển cho phiếu {second}" in an.tap(label).text
    assert "không rõ gửi cho ai" in two.hears("An:").text
    stage.settle()
    assert not [m for m in texts(one.unread) if "không rõ" in m]
    end(team, first, an)
    end(team, second, an)


def test_the_citizen_cancels(stage: Stage, team: Team) -> None:
    citizen, ticket = talk(stage, team)
    status = citizen.say("phiếu của tôi")
    assert "An, Tổ Tân Ân" in status.text
    citizen.tap("Hủy phiếu")
    assert f"Đã hủy phiếu số {ticket}" in citizen.tap("Đúng, hủy phiếu").text
    team.hears(f"Phiếu {ticket}: người hỏi đã hủy")
    team.helpers[0].hears(f"Phiếu {ticket} đã đóng hoặc người hỏi đã hủy")


def test_a_card_of_a_cancelled_ticket_cannot_be_taken(stage: Stage, ba: Person, team: Team) -> None:
    ticket = ask_for_help(ba, team.commune)
    card = team.card(ticket)
    ba.say("phiếu của tôi")
    ba.tap("Hủy phiếu")
    ba.tap("Đúng, hủy phiếu")
    an = team.helpers[0]
    stage.tg.press(an.user, card, f"Nhận phiếu {ticket}", chat=team.group)
    team.hears(f"Phiếu {ticket} đã đóng")


def test_a_citizen_who_blocked_the_bot_is_reported_to_the_helper(stage: Stage, team: Team) -> None:
    citizen, ticket = talk(stage, team)
    an = team.helpers[0]
    stage.tg.block(citizen.user)
    stage.tg.send_text(an.user, "cô còn đó không?")
    assert "không gửi được" in an.hears(f"Phiếu {ticket}:").text
    end(team, ticket, an)


# Helpers who have not opened the bot ------------------------------------------------------------


def test_a_helper_without_a_private_chat_is_asked_to_open_it(stage: Stage, ba: Person) -> None:
    tu = stage.person("Tư", started=False)
    team = stage.team("Đất Mũi", tu)
    ticket = ask_for_help(ba, "Đất Mũi", phone=PHONE)
    stage.tg.press(tu.user, team.card(ticket), f"Nhận phiếu {ticket}", chat=team.group)
    asked = team.hears("mở chat riêng")
    assert "Tư" in asked.text
    assert "0912" not in asked.text
    briefing = tu.start()
    assert f"đã nhận phiếu {ticket}" in briefing.text
    assert "0912345678" in briefing.text
    stage.tg.send_text(tu.user, "chào cô")
    assert "chào cô" in ba.hears("Tư:").text


def test_until_then_an_answer_in_the_group_reaches_the_citizen(stage: Stage, ba: Person) -> None:
    tu = stage.person("Tư", started=False)
    team = stage.team("Viên An", tu)
    ticket = ask_for_help(ba, "Viên An")
    stage.tg.press(tu.user, team.card(ticket), f"Nhận phiếu {ticket}", chat=team.group)
    won = team.hears(f"Phiếu {ticket}: Tư đã nhận")
    team.hears("mở chat riêng")
    stage.tg.send_text(tu.user, "chào cô ạ", chat=team.group, reply_to=won)
    assert "chào cô ạ" in ba.hears("Tư:").text
    stage.tg.send_text(tu.user, "xong", chat=team.group, reply_to=won)
    team.hears(f"Phiếu {ticket}: Tư báo đã xong")
    ba.hears("đã đóng phiếu")


# Groups -----------------------------------------------------------------------------------------


def test_a_group_that_became_a_supergroup_goes_on(stage: Stage) -> None:
    nam = stage.person("Năm")
    team = stage.team("Biển Bạch", nam, group=-4321)
    first, second = stage.person(), stage.person()
    ticket = ask_for_help(first, "Biển Bạch")
    team.take(nam, ticket)
    team.group = stage.tg.migrate_group(team.group)
    after = ask_for_help(second, "Biển Bạch")
    assert team.card(after).chat_id == team.group.id
    team.take(nam, after)
    assert not [c for c in stage.tg.calls_of("sendMessage", chat_id=-4321) if not c.ok]


def test_a_migration_nobody_told_of_is_found_when_sending(stage: Stage) -> None:
    nam = stage.person("Năm")
    team = stage.team("Khánh Hội", nam, group=-4322)
    citizen = stage.person()
    ask_for_help(citizen, "", until_place=True)
    with stage.tg.lock:
        # The service message got lost: the bot learns of it by the refusal alone.
        team.group = stage.tg.migrate_group(team.group)
        lost = [p for p in stage.tg.pending if "migrate" in str(p.update)]
        for pending in lost:
            stage.tg.pending.remove(pending)
    ticket = ticket_number(say_place(citizen, "Khánh Hội"))
    assert team.card(ticket).chat_id == team.group.id
    team.take(nam, ticket)


def test_a_citizen_is_told_when_the_teams_group_is_closed_to_the_bot(stage: Stage) -> None:
    team = stage.team("Tam Giang", stage.person("Bảy"))
    stage.tg.kick(team.group)
    citizen = stage.person()
    ticket = ask_for_help(citizen, "Tam Giang")
    assert f"phiếu số {ticket}" in citizen.hears("chưa báo được cho tổ").text


def test_cards_that_wait_for_one_group_come_as_one(stage: Stage) -> None:
    sau = stage.person("Sáu")
    team = stage.team("Phong Điền", sau)
    citizens = [stage.person() for _ in range(4)]
    for citizen in citizens:
        ask_for_help(citizen, "", until_place=True)
    offers = [citizen.say("Phong Điền") for citizen in citizens]
    stage.tg.fault("sendMessage", chat_id=team.group.id, retry_after=1)
    for citizen, offer in zip(citizens, offers, strict=True):
        stage.tg.press(citizen.user, offer, offer.labels[0])
    tickets = [ticket_number(citizen.hears("Đã ghi phiếu")) for citizen in citizens]
    stage.tg.wait_for(
        lambda tg: len({b.data for m in tg.chats[team.group.id].sent for b in m.buttons}) == 4,
        PATIENCE,
        "four cards",
    )
    cards = stage.tg.messages(team.group.id)
    assert len(cards) < 4
    assert {label for m in cards for label in m.labels} == {f"Nhận phiếu {t}" for t in tickets}
    last = cards[-1]
    assert last.labels
    stage.tg.press(sau.user, last, last.labels[-1], chat=team.group)
    sau.hears("đã nhận phiếu")
