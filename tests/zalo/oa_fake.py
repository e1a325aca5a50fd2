"""An Official Account's platform on loopback: OA API, token server, picture host, webhooks.

Real HTTP by the standard library. What was asked and answered is in `calls`, what people would see
in `messages`: the log is the witness. Faults are queued for a path and used up one by one.
"""

from __future__ import annotations

import base64
import contextlib
import email.parser
import email.policy
import hashlib
import itertools
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

APP_ID = "3600000000000000001"
OA_ID = "3880000000000000001"
APP_SECRET = "invented-app-secret"
OA_SECRET = "invented-oa-secret"
TOKEN_PATH = "/v4/oa/access_token"
CS_PATH = "/v3.0/oa/message/cs"
ANY_PATH = "/v2.0/oa/message"
UPLOAD_PATH = "/v2.0/oa/upload/image"
TEXT_MOST, BUTTONS_MOST, TITLE_MOST, PAYLOAD_MOST = 2000, 5, 100, 1000
PICTURE_MOST = 1_000_000
PATIENCE = 20.0
HTML = b"<!DOCTYPE html><html><body>Bao tri he thong</body></html>"


@dataclass(frozen=True)
class Fault:
    """What goes wrong once. `drop`: the connection is cut "before" or "after" it was done."""

    status: int = 200
    body: bytes | None = None
    error: int | None = None
    drop: str = ""
    #: Answered only after `release` was called; `done` says whether it was done by then.
    hold: bool = False
    done: bool = True


@dataclass(frozen=True)
class Call:
    """A request and its answer."""

    path: str
    token: str
    data: dict[str, Any]
    answer: dict[str, Any] | None
    #: When it had come, in seconds of no certain beginning.
    at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Sent:
    """A message as the person sees it."""

    user: str
    text: str
    buttons: tuple[dict[str, Any], ...]
    picture: str
    message_id: str


@dataclass
class FakeOa:
    """The platform: `with FakeOa() as oa`."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    messages: list[Sent] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    #: What the platform takes for now.
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    #: path -> (content type, body) of pictures that people "sent"; None: it never ends.
    files: dict[str, tuple[str, bytes | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._go = threading.Event()
        self.held = threading.Event()
        self._codes: dict[str, str] = {}
        self._fresh: set[str] = set()
        self._works: set[str] = set()

    # The test's side.

    @property
    def url(self) -> str:
        """The base of everything."""
        return f"http://127.0.0.1:{self.port}"

    def fault(self, path: str, *faults: Fault) -> None:
        """Go wrong so with the next requests for a path."""
        with self._lock:
            self._faults[path].extend(faults)

    def release(self) -> None:
        """Answer what was held."""
        self._go.set()

    def grant(self) -> tuple[str, str]:
        """A new pair, as after a permission."""
        with self._lock:
            number = next(self._numbers)
            pair = f"access-{number}", f"refresh-{number}"
            self._works.add(pair[0])
            self._fresh.add(pair[1])
            return pair

    def permit(self, address: str) -> str:
        """An admin opens the permission page and allows it; where the browser goes then."""
        query = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        assert query["app_id"] == APP_ID
        code = f"code-{next(self._numbers)}"
        self._codes[code] = query["code_challenge"]
        return f"{query['redirect_uri']}?code={code}&oa_id={OA_ID}&state={query['state']}"

    def expire(self) -> None:
        """No access token given so far works any more."""
        with self._lock:
            self._works.clear()

    def revoke(self) -> None:
        """Nor does any refresh token."""
        with self._lock:
            self._fresh.clear()

    def calls_of(self, path: str) -> list[Call]:
        """The requests for a path."""
        with self._lock:
            return [call for call in self.calls if call.path == path]

    def told(self, user: str) -> list[str]:
        """The texts that came to a person."""
        with self._lock:
            return [m.text for m in self.messages if m.user == user]

    # Events.

    def event(self, name: str, user: str, **more: Any) -> dict[str, Any]:
        """An event as Zalo posts it."""
        number = next(self._numbers)
        now = int(self.now().timestamp()) * 1000 + number % 1000
        moment = more.pop("timestamp", str(now))
        if name in ("follow", "unfollow"):
            return {
                "oa_id": OA_ID,
                "follower": {"id": user},
                "user_id_by_app": f"9{user}",
                "event_name": name,
                "source": "oa_profile",
                "app_id": APP_ID,
                "timestamp": moment,
            } | more
        if name == "user_click_chatnow":
            told = {"oa_id": OA_ID, "user_id": user, "user_id_by_app": f"9{user}"}
            return {**told, "event_name": name, "app_id": APP_ID, "timestamp": moment} | more
        message = {"msg_id": f"m{number:08d}", **more.pop("message", {})}
        return {
            "app_id": APP_ID,
            "sender": {"id": user},
            "user_id_by_app": f"9{user}",
            "recipient": {"id": OA_ID},
            "event_name": name,
            "message": message,
            "timestamp": moment,
        } | more

    def text(self, user: str, text: str, **more: Any) -> dict[str, Any]:
        """Somebody writes."""
        return self.event("user_send_text", user, message={"text": text}, **more)

    def media(self, what: str, user: str, kind: str, **payload: Any) -> dict[str, Any]:
        """Somebody sends something else."""
        attachments = [{"type": kind, "payload": payload}]
        return self.event(f"user_send_{what}", user, message={"attachments": attachments})

    # Serving.

    def __enter__(self) -> Self:
        """Listen."""
        handler = type("Handler", (_Handler,), {"platform": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait_for(self, path: str, times: int) -> None:
        """Return when a path was asked so often."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.calls_of(path)) >= times, PATIENCE), path

    # The platform's side; one request at a time.

    def take_fault(self, path: str) -> Fault | None:
        """The fault of this request."""
        with self._lock:
            waiting = self._faults[path]
            return waiting.popleft() if waiting else None

    def hold(self) -> None:
        """Wait until the test lets it go."""
        self.held.set()
        assert self._go.wait(PATIENCE)

    def do(self, path: str, headers: Any, raw: bytes) -> dict[str, Any]:
        """What the platform does with a request."""
        with self._changed:
            token = headers.get("access_token", "")
            if path == TOKEN_PATH:
                form = {k: v[0] for k, v in parse_qs(raw.decode()).items()}
                answer = self._trade(headers.get("secret_key", ""), form)
                self.calls.append(Call(path, "", form, answer))
            else:
                data = _upload(headers, raw) if path == UPLOAD_PATH else json.loads(raw)
                answer = self._api(path, token, data)
                self.calls.append(Call(path, token, data, answer))
            self._changed.notify_all()
            return answer

    def note(self, path: str, headers: Any) -> None:
        """A request that went wrong counts too."""
        with self._changed:
            self.calls.append(Call(path, headers.get("access_token", ""), {}, None))
            self._changed.notify_all()

    def _trade(self, secret: str, form: dict[str, str]) -> dict[str, Any]:
        if secret != APP_SECRET or form.get("app_id") != APP_ID:
            return _no(-14002, "Invalid app id or secret key")
        if form.get("grant_type") == "authorization_code":
            challenge = self._codes.pop(form.get("code", ""), None)
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if challenge is None:
                return _no(-14003, "Invalid authorized code")
            if challenge != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
                return _no(-14004, "Invalid code verifier")
        elif form.get("refresh_token") not in self._fresh:
            return _no(-14014, "Invalid refresh token")
        else:
            self._fresh.discard(form["refresh_token"])
        access, refresh = self.grant()
        return {"access_token": access, "refresh_token": refresh, "expires_in": "90000"}

    def _api(self, path: str, token: str, data: dict[str, Any]) -> dict[str, Any]:
        if token not in self._works:
            return {"error": -216, "message": "Access token is invalid"}
        if path == UPLOAD_PATH:
            if len(data["file"]) > PICTURE_MOST or data["kind"] not in ("image/png", "image/jpeg"):
                return {"error": -201, "message": "file is invalid"}
            name = f"picture-{next(self._numbers)}"
            self.uploads[name] = data["file"]
            return {"data": {"attachment_id": name}, "error": 0, "message": "Success"}
        if path not in (CS_PATH, ANY_PATH):
            return {"error": -223, "message": "no such API"}
        return self._message(path, data)

    def _message(self, path: str, data: dict[str, Any]) -> dict[str, Any]:
        recipient, message = data.get("recipient"), data.get("message")
        if not recipient or not message:
            return {"error": -201, "message": "recipient and message are missing"}
        anonymous = path == ANY_PATH
        user = recipient["anonymous_id"] if anonymous else recipient["user_id"]
        assert not anonymous or recipient["conversation_id"]
        if user in self.blocked:
            return {"error": -213, "message": "User has not followed OA"}
        if user in self.closed:
            return {"error": -230, "message": "User has not interacted in the past 7 days"}
        text = message.get("text", "")
        payload = message.get("attachment", {}).get("payload", {})
        buttons = tuple(payload.get("buttons", ()))
        elements = payload.get("elements", [])
        picture = elements[0]["attachment_id"] if elements else ""
        wrong = (
            len(text) > TEXT_MOST
            or not (text or picture)
            or len(buttons) > BUTTONS_MOST
            or bool(buttons and picture)
            or any(len(b["title"]) > TITLE_MOST or not b["title"] for b in buttons)
            or any(len(b["payload"]) > PAYLOAD_MOST for b in buttons)
            or bool(picture and picture not in self.uploads)
        )
        if wrong:
            return {"error": -201, "message": "message is invalid"}
        name = f"sent-{next(self._numbers)}"
        self.messages.append(Sent(user, text, buttons, picture, name))
        data = {"message_id": name, "user_id": user, "quota": {"quota_type": "reply"}}
        return {"error": 0, "message": "Success", "data": data}


def sign(raw: bytes, timestamp: str) -> str:
    """The signature that Zalo sends with a body."""
    parts = APP_ID.encode() + raw + timestamp.encode(errors="replace") + OA_SECRET.encode()
    return "mac=" + hashlib.sha256(parts).hexdigest()


def signed(event: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    """An event's body and headers."""
    raw = json.dumps(event, ensure_ascii=False).encode()
    return raw, {"X-ZEvent-Signature": sign(raw, str(event["timestamp"]))}


def settings(url: str) -> dict[str, Any]:
    """Settings of a program on this platform."""
    return {
        "zalo_oa_app_id": APP_ID,
        "zalo_oa_app_secret": APP_SECRET,
        "zalo_oa_webhook_secret": OA_SECRET,
        "zalo_oa_api_url": url,
        "zalo_oa_oauth_url": url,
        "zalo_oa_timeout": 5.0,
        "zalo_oa_file_hosts": url,
    }


def _no(code: int, why: str) -> dict[str, Any]:
    return {"error": code, "error_name": why, "error_description": why}


def _upload(headers: Any, raw: bytes) -> dict[str, Any]:
    """The one file of a multipart body."""
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    parser = email.parser.BytesParser(policy=email.policy.HTTP)
    (part,) = parser.parsebytes(head + raw).iter_parts()
    assert part.get_param("name", header="content-disposition") == "file"
    return {"file": part.get_payload(decode=True), "kind": part.get_content_type()}


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    platform: FakeOa
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Not to the terminal."""

    def do_POST(self) -> None:
        """An API call."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = urlsplit(self.path).path
        fault = self.platform.take_fault(path) or Fault()
        answer: dict[str, Any] = {}
        normal = fault.status == 200 and fault.body is None and fault.error is None
        if normal and fault.done and fault.drop != "before":
            answer = self.platform.do(path, self.headers, raw)
        else:
            self.platform.note(path, self.headers)
        if fault.hold:
            self.platform.hold()
            if not fault.done:
                answer = self.platform.do(path, self.headers, raw)
        if fault.drop:
            self.close_connection = True
            return
        if fault.error is not None:
            answer = {"error": fault.error, "message": "as the test wants it"}
        body = fault.body if fault.body is not None else json.dumps(answer).encode()
        kind = "text/html" if body.startswith(b"<") else "application/json"
        with contextlib.suppress(OSError):
            self._answer(fault.status, kind, body)

    def do_GET(self) -> None:
        """A picture."""
        kind, body = self.platform.files.get(self.path, ("text/plain", b"none"))
        self.platform.note(self.path, self.headers)
        if kind == "moved":
            self.send_response(302)
            self.send_header("Location", (body or b"").decode())
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if body is not None:
            self._answer(200, kind, body)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.close_connection = True
        with contextlib.suppress(OSError):
            for piece in _endless():
                self.wfile.write(piece)

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _endless() -> Iterator[bytes]:
    while True:
        yield b"\xff" * 65_536
