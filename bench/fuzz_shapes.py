"""Updates of every channel as they come, and what becomes of them in hostile or broken hands.

Everything is made from one `random.Random`: the same seed gives the same updates.
"""

from __future__ import annotations

import copy
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

_WORDS = (
    "chào làm định danh mức 2 quét mã gặp người cô Ba Trả lời tại đây thôi tiếp xong kẹt quay lại"
    " có không đồng ý bỏ qua menu lộ trình Tân Ân Cà Mau xóa dữ liệu của tôi bị lừa rồi nó xin otp"
    " mật khẩu là Abc@123 0912 345 678 001099000001 113 1 2 3 4 5 nhận cảnh báo dừng phiếu của tôi"
    " sửa tên gọi tôi là cô cho mẹ tôi bổ sung: máy cũ 500.000đ https://vneid-capnhat.example/"
    " /start /menu /khongco 👍 👎 mã tài khoản ngân hàng 9 10 99 tôi đã gửi những gì"
)
_WHOLE = (
    "chào con",
    "gặp người",
    "gap nguoi giup voi",
    "Đồng ý",
    "cô Ba",
    "xã Tân Ân, Cà Mau",
    "làm định danh mức 2 sao con",
    "tôi bị lừa mất tiền rồi",
    "xóa dữ liệu của tôi",
    "tôi đã gửi những gì",
    "nhận cảnh báo",
    "tạo mã qr nhận tiền",
    "thôi",
    "xong",
    "tiếp",
    "kẹt",
    "menu",
    "/start",
    "/start loc_96",
    "lộ trình",
    "gia đình",
    "phiếu của tôi",
    "hủy phiếu",
    "gọi tôi là cô",
    "0900000001",
    "123456",
)
_ACTIONS = (
    "menu path household who address form all group guide again back card pictures case reask next"
    " prev stuck still which why pick none scam victim human urgent hand endtalk ticket talk drop"
    " dropped reopen rate ready notyet did didnot nofollow judge erase seller alerts claim done fin"
    " to call spoke noans visit visitat novisit resend acts pass passto climb giveback mau buoc"
    " hlist hhelp hmine away link mine"
)
_ARGUMENTS = (
    "vneid_level_2 qr_pay scam_link nope self me other yes no 0 1 2 3 99 -1 on off chat phone"
    " noname nocommune at:96 at:96.32083 elsewhere right wrong 1:5 vneid_level_2:0 vneid_level_2:1"
    " qr_pay:2 vneid_level_2@me:0 999999999999999999 make stop start when:morning for:me"
)
_ODD = (
    "",
    " ",
    "\u200b",
    "\x00",
    "\ud83d",
    "🇻🇳" * 40,
    "e" + "\u0301" * 300,
    "\u202eabc\u202c",
    "{you} %s {0} <b>",
    "'; DROP TABLE chats; --",
    "a" * 5000,
    "không " * 700,
    "9" * 3000,
    "\n" * 500,
    "⟨mật khẩu⟩",
    "null",
    "../../etc/passwd",
)


def words(dice: random.Random) -> str:
    """Something somebody might write; now and then what nobody would."""
    sort = dice.random()
    if sort < 0.5:
        return dice.choice(_WHOLE)
    if sort < 0.85:
        return " ".join(dice.choice(_WORDS.split()) for _ in range(dice.randint(1, 8)))
    if sort < 0.95:
        return dice.choice(_ODD)
    return "".join(chr(dice.randrange(1, 0x1FFFF)) for _ in range(dice.randint(1, 200)))


def press(dice: random.Random) -> str:
    """The id of a button: one there is, or was, or never was."""
    if dice.random() < 0.1:
        return words(dice)[:80]
    action = dice.choice(_ACTIONS.split())
    parts = [dice.choice(_ARGUMENTS.split()) for _ in range(dice.choice((0, 1, 1, 1, 2)))]
    return ":".join((action, *parts))


# Breaking things ---------------------------------------------------------------------------------


def _value(dice: random.Random) -> Any:
    choices: tuple[Callable[[], Any], ...] = (
        lambda: None,
        lambda: dice.choice((True, False)),
        lambda: dice.choice((0, -1, 1, 2**31, 2**63, -(2**63), 10**30)),
        lambda: dice.choice((0.5, 1e308, -0.0)),
        lambda: words(dice),
        list,
        dict,
        lambda: [words(dice)] * dice.randint(1, 20),
        lambda: {words(dice)[:20]: words(dice)},
        lambda: _deep(dice.randint(2, 80)),
    )
    return dice.choice(choices)()


def _deep(levels: int) -> Any:
    made: Any = 1
    for level in range(levels):
        made = {"reply_to_message": made} if level % 2 else [made]
    return made


def mutated(update: Json, dice: random.Random) -> Json:
    """The update with one to four things of it taken away, replaced, doubled or moved."""
    made = copy.deepcopy(update)
    for _ in range(dice.randint(1, 4)):
        places = list(_places(made))
        if not places:
            break
        holder, key = dice.choice(places)
        act = dice.random()
        if act < 0.3 and isinstance(holder, dict):
            del holder[key]
        elif act < 0.8:
            holder[key] = _value(dice)
        else:
            other, name = dice.choice(places)
            holder[key] = copy.deepcopy(other[name])
    return made


def _places(value: Any) -> Any:
    """Every (holder, key) in a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield value, key
            yield from _places(inner)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield value, at
            yield from _places(inner)


def torn(body: bytes, dice: random.Random) -> bytes:
    """Bytes that something happened to on the way."""
    sort = dice.randrange(4)
    if sort == 0:
        return body[: dice.randrange(len(body) + 1)]
    if sort == 1:
        at = dice.randrange(len(body) + 1)
        return body[:at] + dice.randbytes(dice.randint(1, 8)) + body[at:]
    if sort == 2:
        return dice.randbytes(dice.randint(0, 300))
    return b"[" * dice.choice((10, 100_000)) + body


def as_bytes(update: Any) -> bytes:
    """JSON as a platform writes it: half of a pair of code units stays an escape."""
    try:
        return json.dumps(update, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return json.dumps(update).encode()


# Telegram ----------------------------------------------------------------------------------------

_TELEGRAM_KINDS = ("text",) * 12 + ("press",) * 8 + ("media",) * 3 + ("contact", "service", "group")


def telegram(dice: random.Random, number: int, chat: int) -> Json:
    """An update of the Bot API (https://core.telegram.org/bots/api#update)."""
    person = {"id": chat, "is_bot": False, "first_name": f"N{chat}", "language_code": "vi"}
    place: Json = {"id": chat, "type": "private", "first_name": f"N{chat}"}
    kind = dice.choice(_TELEGRAM_KINDS)
    if kind == "group":
        place = {"id": -1_000_000 - chat % 3, "type": "supergroup", "title": "Tổ"}
    message: Json = {"message_id": number, "date": 1_760_000_000, "chat": place, "from": person}
    if kind == "press":
        query = {"id": str(number), "from": person, "message": message, "data": press(dice)}
        return {"update_id": number, "callback_query": query | {"chat_instance": "1"}}
    if kind in ("text", "group"):
        message["text"] = words(dice)
        if dice.random() < 0.1:
            message["reply_to_message"] = {**message, "message_id": dice.randint(1, 50)}
    elif kind == "media":
        message |= _telegram_media(dice)
    elif kind == "contact":
        owner = chat if dice.random() < 0.5 else 5
        message["contact"] = {"phone_number": words(dice), "first_name": "A", "user_id": owner}
    else:
        message["new_chat_members"] = [person]
    name = "message" if dice.random() < 0.95 else dice.choice(("edited_message", "my_chat_member"))
    return {"update_id": number, name: message}


def _telegram_media(dice: random.Random) -> Json:
    file = {"file_id": f"f{dice.randrange(99)}", "file_unique_id": "u", "file_size": 10}
    size = {**file, "width": 9, "height": 9}
    every: tuple[Json, ...] = (
        {"photo": [size]},
        {"voice": {**file, "duration": dice.choice((1, 5, 4000)), "mime_type": "audio/ogg"}},
        {"document": {**file, "file_name": "a.pdf", "mime_type": "application/pdf"}},
        {"document": {**file, "file_name": "a.png", "mime_type": "image/png"}},
        {"sticker": {**size, "type": "regular", "is_animated": False, "is_video": False}},
        {"location": {"latitude": 8.6, "longitude": 105.0}},
        {"video": {**size, "duration": 3}},
        {"dice": {"emoji": "🎲", "value": 6}},
    )
    return {**dice.choice(every), **({"caption": words(dice)} if dice.random() < 0.3 else {})}


# Zalo --------------------------------------------------------------------------------------------


def zalo_oa(dice: random.Random, number: int, chat: int, app: str, account: str, now: int) -> Json:
    """An event of an Official Account's webhook."""
    user = str(2_512_523_625_000_000 + chat)
    base: Json = {"app_id": app, "user_id_by_app": f"9{user}", "timestamp": str(now + number)}
    name = dice.choice(("user_send_text",) * 12 + _OA_EVENTS)
    if "_send_" not in name:
        return {**base, "oa_id": account, "follower": {"id": user}, "event_name": name}
    message: Json = {"msg_id": f"m{number:09d}"}
    if name.endswith("text"):
        said = f"#!{press(dice)}" if dice.random() < 0.35 else words(dice)
        message["text"] = said
    else:
        payload = {"url": "http://127.0.0.1:9/x.jpg", "thumbnail": "http://127.0.0.1:9/t.jpg"}
        message["attachments"] = [{"type": name.rsplit("_", 1)[1], "payload": payload}]
    told = {"event_name": name, "message": message, "recipient": {"id": account}}
    return {**base, "sender": {"id": user}, **told}


_OA_EVENTS = (
    "follow",
    "unfollow",
    "user_withdraw",
    "user_send_image",
    "user_send_audio",
    "user_send_sticker",
    "user_send_location",
    "user_send_file",
    "user_send_business_card",
    "anonymous_send_text",
    "oa_send_text",
    "user_received_message",
)


def zalo_bot(dice: random.Random, number: int, chat: int) -> Json:
    """An update of the Bot Platform's webhook."""
    user = f"6ede9afa66b88fe6d6a{chat:05d}"
    kind = dice.choice(("text",) * 14 + ("image", "sticker", "audio", "unsupported", "link"))
    message: Json = {
        "from": {"id": user, "display_name": "Ba", "is_bot": False},
        "chat": {"id": user, "chat_type": dice.choice(("PRIVATE",) * 9 + ("GROUP",))},
        "message_id": f"2d758cb5e222177a{number:06d}",
        "date": 1_750_316_131_602 + number,
    }
    if kind == "text":
        message["text"] = words(dice)
    elif kind == "image":
        message |= {"photo_url": "http://127.0.0.1:9/x.jpg", "caption": words(dice)}
    elif kind == "audio":
        message["voice_url"] = "http://127.0.0.1:9/x.aac"
    update = {"event_name": f"message.{kind}.received", "message": message}
    return {"ok": True, "result": update} if dice.random() < 0.7 else update


# The web chat ------------------------------------------------------------------------------------


def web(dice: random.Random) -> tuple[str, str, Json]:
    """A call of the web chat: method, path, JSON."""
    sort = dice.random()
    number = str(uuid.UUID(int=dice.getrandbits(128)))
    if sort < 0.5:
        return "POST", "/chat/messages", {"id": number, "text": words(dice)}
    if sort < 0.8:
        return "POST", "/chat/messages", {"id": number, "choice": press(dice)[:64]}
    if sort < 0.83:
        return "POST", "/chat/messages", {"id": number, "start": "loc_96"}
    if sort < 0.9:
        return "POST", "/chat/ack", {"seq": dice.choice((0, 1, 5, 2**31, 2**31 + 1, -1))}
    if sort < 0.94:
        return "POST", f"/chat/pictures?id={number}", {"x": words(dice)}
    path = dice.choice(_WEB_PATHS).format(
        words(dice)[:40].replace("/", ""), dice.randint(-5, 2**70)
    )
    return dice.choice(("GET", "GET", "GET", "PUT", "DELETE", "POST")), path, {}


_WEB_PATHS = (
    "/",
    "/chat/open",
    "/alert/{1}.jpg",
    "/the/{0}.png",
    "/static/{0}/chat.js",
    "/huong-dan/{0}",
    "/huong-dan",
    "/icons/{0}.png",
    "/healthz",
    "/readyz",
    "/{0}",
    "/chat/mine",
)
