"""A fake Telegram Bot API server for tests, benches and demonstrations.

    with FakeTelegram(rate_limits=False) as tg:
        an = tg.user(1001, "An")
        bot = telegram.Bot(tg.token, base_url=tg.url, base_file_url=tg.file_url)
        tg.send_text(an, "/start")
        ...
        menu = tg.wait_message(an.id, containing="Xin chào")
        tg.press(an, menu, "Tiếng Việt")

Predicates given to `wait_for` run under the world's lock: keep them short.
"""

from .limits import Fault, Limits
from .model import Button, Call, Chat, Edit, SentMessage, User
from .remote import RemoteTelegram
from .server import FakeTelegram
from .state import DEFAULT_TOKEN

__all__ = [
    "DEFAULT_TOKEN",
    "Button",
    "Call",
    "Chat",
    "Edit",
    "FakeTelegram",
    "Fault",
    "Limits",
    "RemoteTelegram",
    "SentMessage",
    "User",
]
