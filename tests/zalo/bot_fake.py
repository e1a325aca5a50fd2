"""A Zalo Bot Platform on loopback: its Bot API over real HTTP, the people, and the faults.

What it was asked stands in `calls`, what people were shown in `shown`: the log is the witness.
Shapes as in the platform's documents: one update an answer, 408 when idle, ids as texts, dates in
milliseconds; webhooks come with or without the `ok`/`result` envelope, as both have been seen.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypeVar
from urllib.parse import parse_qs

import httpx

TOKEN = "1234567890:zalo-bot-token-for-tests"
SECRET = "zalo-bot-secret-for-tests"
TEXT_MOST = 2000
PATIENCE = 30.0
T = TypeVar("T")
JSON = dict[str, Any]


@dataclass
class Fault:
    """What goes wrong with the next calls of a method ("" for any).

    `done`: the platform does it all the same. `body` is what it answers then, `hang` the seconds
    before it does, `cut` that the connection ends without an answer.
    """

    method: str = ""
    times: int = 1
    status: int = 200
    body: bytes | None = None
    kind: str = "application/json"
    hang: float = 0.0
    done: bool = False
    cut: bool = False


def refusal(code: int, words: str, **parameters: object) -> bytes:
    """The body of a refusal."""
    body: JSON = {"ok": False, "error_code": code, "description": words}
    return json.dumps(body | ({"parameters": parameters} if parameters else {})).encode()


@dataclass(frozen=True)
class Shown:
    """A message as a person sees it."""

    chat: str
    text: str
    photo: str = ""


@dataclass
class Person:
    """Somebody with a private chat. Messages are read in order, each once."""

    bot: FakeZaloBot
    id: str
    name: str
    read: int = 0

    def say(self, text: str, **more: Any) -> None:
        """Write."""
        self.bot.receive(self, "text", text=text, **more)

    def send(self, kind: str, **fields: Any) -> None:
        """Send something else: "image", "sticker", "voice", "unsupported"."""
        self.bot.receive(self, kind, **fields)

    def hears(self, containing: str) -> str:
        """The next message with these words; what came before it counts as read."""

        def found() -> int:
            mine = self.bot.texts(self.id)
            later = enumerate(mine[self.read :], self.read + 1)
            return next((place for place, text in later if containing in text), 0)

        place = self.bot.wait_for(found, f"{containing!r} to {self.name}")
        self.read = place
        return self.bot.texts(self.id)[place - 1]

    def asks(self, text: str, containing: str = "") -> str:
        """Write, and read the answer with these words."""
        self.catch_up()
        self.say(text)
        return self.hears(containing)

    def picks(self, label: str, containing: str = "") -> str:
        """Type the number that stands before a choice of what was read last."""
        shown = self.bot.texts(self.id)[self.read - 1]
        return self.asks(number_of(shown, label), containing)

    def catch_up(self) -> None:
        """Read everything there is."""
        self.read = len(self.bot.texts(self.id))


def number_of(text: str, label: str) -> str:
    """The number of a choice in a message."""
    for line in text.splitlines():
        number, dot, rest = line.partition(". ")
        if dot and number.isdecimal() and label in rest:
            return number
    raise AssertionError(f"{label!r} is not offered in {text!r}")


class FakeZaloBot:
    """The platform."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, JSON]] = []
        self.shown: list[Shown] = []
        self.faults: list[Fault] = []
        self.people: dict[str, Person] = {}
        self.blocked: set[str] = set()
        self.webhook: JSON = {}
        #: Where webhooks go really: the platform wants https, a test's program has none.
        self.deliver_to = ""
        self.delivered: list[int] = []
        self.enveloped = True
        self.files: dict[str, tuple[str, bytes]] = {}
        self.asked_files: list[str] = []
        self._updates: deque[JSON] = deque()
        self._ids = itertools.count(1)
        self._news = threading.Condition()
        self._stopped = False
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._news:
            self._stopped = True
            self._news.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a program that talks with this platform by polling."""
        return {
            "CONGDANSO_ZALO_BOT_TOKEN": TOKEN,
            "CONGDANSO_ZALO_BOT_API_URL": self.url,
            "CONGDANSO_ZALO_BOT_FILE_HOSTS": self.url,
        }

    # People --------------------------------------------------------------------------------------

    def person(self, name: str = "Ted") -> Person:
        """Somebody new, who has found the bot."""
        person = Person(self, f"6ede9afa66b88fe6d{next(self._ids):03d}", name)
        self.people[person.id] = person
        return person

    def update(self, person: Person, kind: str, **fields: Any) -> JSON:
        """What the platform tells of a message, without an envelope."""
        number = next(self._ids)
        message: JSON = {
            "from": {"id": person.id, "display_name": person.name, "is_bot": False},
            "chat": {"id": person.id, "chat_type": "PRIVATE"},
            "message_id": f"2d758cb5e222177a{number:04d}",
            "date": 1_750_316_131_602 + number,
            **fields,
        }
        return {"event_name": f"message.{kind}.received", "message": message}

    def receive(self, person: Person, kind: str, **fields: Any) -> JSON:
        """A person sends something; it goes the way that is set."""
        update = self.update(person, kind, **fields)
        self.hand_out(update)
        return update

    def hand_out(self, update: JSON) -> None:
        """An update goes out, perhaps not for the first time."""
        if self.deliver_to:
            self.deliver(update)
            return
        with self._news:
            self._updates.append(update)
            self._news.notify_all()

    def deliver(self, update: JSON, secret: str | None = None) -> int:
        """Post an update to the webhook; the status it was answered with."""
        body = {"ok": True, "result": update} if self.enveloped else update
        known = self.webhook.get("secret_token", SECRET)
        headers = {"X-Bot-Api-Secret-Token": known if secret is None else secret}
        answer = httpx.post(self.deliver_to, json=body, headers=headers, trust_env=False)
        self.delivered.append(answer.status_code)
        return answer.status_code

    # Looking -------------------------------------------------------------------------------------

    def texts(self, chat: str) -> list[str]:
        """What a person was shown, in order."""
        with self._news:
            return [each.text for each in self.shown if each.chat == chat]

    def times(self, method: str) -> int:
        """How often a method was called."""
        with self._news:
            return sum(name == method for name, _ in self.calls)

    def wait_for(self, look: Callable[[], T], what: str) -> T:
        """What `look` sees once it is something."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while not (seen := look()):
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"{what}; was shown: {[s.text for s in self.shown[-4:]]}")
                self._news.wait(left)
        return seen

    # The Bot API ---------------------------------------------------------------------------------

    def fault(self, method: str) -> Fault | None:
        """The fault of this call, used up."""
        with self._news:
            for fault in self.faults:
                if fault.method in ("", method) and fault.times > 0:
                    fault.times -= 1
                    return fault
        return None

    def note(self, method: str, values: JSON) -> None:
        """Write a call down."""
        with self._news:
            self.calls.append((method, values))
            self._news.notify_all()

    def answer(self, method: str, values: JSON) -> tuple[int, bytes]:
        """What the platform answers."""
        act = getattr(self, f"_on_{method}", None)
        if act is None:
            return 404, refusal(404, "Not Found")
        status, result = act(values)
        if status != 200:
            return status, refusal(status, result)
        return 200, json.dumps({"ok": True, "result": result}).encode()

    def _on_getMe(self, _: JSON) -> tuple[int, Any]:
        me = {"id": "1459232241454765289", "account_name": "bot.congdanso", "account_type": "BASIC"}
        return 200, {**me, "can_join_groups": False}

    def _on_getUpdates(self, values: JSON) -> tuple[int, Any]:
        deadline = time.monotonic() + float(values.get("timeout", 30))
        with self._news:
            while not self._updates and not self._stopped:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._news.wait(left)
            return (200, self._updates.popleft()) if self._updates else (408, "Request timeout")

    def _on_setWebhook(self, values: JSON) -> tuple[int, Any]:
        secret = values.get("secret_token")
        if not str(values.get("url", "")).startswith("https://"):
            return 400, "Bad Request: url must be https"
        if not isinstance(secret, str) or not 8 <= len(secret) <= 256:
            return 400, "Bad Request: secret_token must be 8-256 characters"
        self.webhook = values
        return 200, {"url": values["url"], "updated_at": 1_749_538_250_568}

    def _on_deleteWebhook(self, _: JSON) -> tuple[int, Any]:
        self.webhook = {}
        return 200, {"url": "", "updated_at": 1_749_538_250_568}

    def _on_getWebhookInfo(self, _: JSON) -> tuple[int, Any]:
        return 200, {"url": self.webhook.get("url", ""), "updated_at": 1_749_538_250_568}

    def _on_sendChatAction(self, values: JSON) -> tuple[int, Any]:
        known = values.get("chat_id") in self.people and values.get("action") == "typing"
        return (200, True) if known else (400, "Bad Request: chat not found")

    def _on_sendMessage(self, values: JSON) -> tuple[int, Any]:
        text = values.get("text")
        if not isinstance(text, str) or not 1 <= len(text) <= TEXT_MOST:
            return 400, "Bad Request: text must have 1-2000 characters"
        return self._show(values, text)

    def _on_sendPhoto(self, values: JSON) -> tuple[int, Any]:
        photo = values.get("photo")
        if not isinstance(photo, str) or not photo.startswith("https://"):
            return 400, "Bad Request: photo must be a public address"
        return self._show(values, values.get("caption", ""), photo)

    def _on_sendSticker(self, values: JSON) -> tuple[int, Any]:
        return self._show(values, f"[{values.get('sticker')}]")

    def _show(self, values: JSON, text: str, photo: str = "") -> tuple[int, Any]:
        chat = values.get("chat_id")
        if chat not in self.people:
            return 400, "Bad Request: chat not found"
        if chat in self.blocked:
            return 403, "Forbidden: bot was blocked by the user"
        with self._news:
            self.shown.append(Shown(str(chat), text, photo))
            self._news.notify_all()
        number = next(self._ids)
        return 200, {"message_id": f"82599fa32f56d00e{number:04d}", "date": 1_749_632_637_199}


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    fake: FakeZaloBot
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        token, _, method = self.path.removeprefix("/bot").partition("/")
        if token != TOKEN:
            self._answer(401, refusal(401, "Unauthorized"))
            return
        values = self._values(body)
        fault = self.fake.fault(method)
        self.fake.note(method, values)
        if fault is None:
            self._answer(*self.fake.answer(method, values))
            return
        done = self.fake.answer(method, values) if fault.done else (200, b"")
        if fault.hang:
            time.sleep(fault.hang)
        if fault.cut:
            self.close_connection = True
            self.connection.close()
            return
        body = done[1] if fault.body is None else fault.body
        self._answer(fault.status, body, fault.kind)

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if self.path.startswith("/bot"):
            self.do_POST()
            return
        self.fake.asked_files.append(name)
        if name == "endless":
            self._endless()
        elif name.startswith("to:"):
            self.send_response(302)
            self.send_header("Location", bytes.fromhex(name[3:]).decode())
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif name in self.fake.files:
            kind, body = self.fake.files[name]
            self._answer(200, body, kind)
        else:
            self._answer(404, b"", "text/plain")

    def _endless(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            while not self.fake._stopped:
                self.wfile.write(b"\xff\xd8\xff\xe0" * 4096)

    def _values(self, body: bytes) -> JSON:
        if not body:
            return {}
        if "json" in self.headers.get("Content-Type", ""):
            values: JSON = json.loads(body)
            return values
        return {name: each[0] for name, each in parse_qs(body.decode()).items()}

    def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextlib.contextmanager
def zalo_bot() -> Iterator[FakeZaloBot]:
    """The platform, listening."""
    with FakeZaloBot() as fake:
        yield fake
