"""Every route fuzzed by a description of itself (schemathesis), as nobody and as an admin.

Our routes are in no published description, so one is made here from what the application has. It
says of each parameter and body what a browser sends; schemathesis sends that, and what breaks it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from argon2 import PasswordHasher
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from starlette.testclient import TestClient

from bot.app import Program
from bot.services.staff import add_staff
from tests.security.conftest import SECRET
from tests.security.walk import parameters, routes

#: More with TESTS_SCHEMATHESIS=100.
EXAMPLES = int(os.environ.get("TESTS_SCHEMATHESIS", "1"))
PASSWORD = "một mật khẩu dài"
#: Shown as it is, it would run.
CANARY = "\"'><script>alert(1)</script>{{7*7}}"
_TEXT = {"anyOf": [{"type": "string", "maxLength": 80}, {"const": CANARY}]}
_NUMBER = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 2**70}, {"const": 1}]}
_QUERY = ("after", "id", "q", "done", "area")
_FIELDS = ("text", "name", "reason", "act", "username", "password", "area", "until", "source")
#: They end the session that the others need.
_ENDS = ("/staff/logout", "/staff/me/password", "/staff/me/sessions")
_JSON = {
    "/chat/messages": {
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "text": _TEXT,
            "choice": _TEXT,
            "start": _TEXT,
        },
    },
    "/chat/ack": {"type": "object", "properties": {"seq": _NUMBER}},
}
_UPDATE = {
    "type": "object",
    "properties": {
        "update_id": _NUMBER,
        "event_name": _TEXT,
        "timestamp": _TEXT,
        "ok": {"type": "boolean"},
        "result": {"type": "object"},
        "message": {
            "type": "object",
            "properties": {
                "message_id": _NUMBER,
                "text": _TEXT,
                "date": _NUMBER,
                "chat": {"type": "object", "properties": {"id": _NUMBER, "type": _TEXT}},
                "from": {"type": "object", "properties": {"id": _NUMBER, "first_name": _TEXT}},
            },
        },
    },
}


def described(app: FastAPI, csrf: str) -> dict[str, Any]:
    """An OpenAPI description of every route."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path in routes(app):
        if method == "HEAD" or path in _ENDS:
            continue
        plain = re.sub(r"\{(\w+):\w+\}", r"{\1}", path)
        operation: dict[str, Any] = {
            "parameters": [
                {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "schema": _NUMBER if kind == "int" else _TEXT,
                }
                for name, kind in parameters(path)
            ],
            "responses": {"default": {"description": "anything but a failure of ours"}},
        }
        if method == "GET":
            operation["parameters"] += [
                {"name": name, "in": "query", "required": False, "schema": _TEXT} for name in _QUERY
            ]
        else:
            operation["requestBody"] = {"content": _body(path, csrf)}
        paths.setdefault(plain, {})[method.lower()] = operation
    return {"openapi": "3.1.0", "info": {"title": "congdanso", "version": "1"}, "paths": paths}


def _body(path: str, csrf: str) -> dict[str, Any]:
    if path.endswith("/webhook"):
        return {"application/json": {"schema": _UPDATE}}
    if path in _JSON:
        return {"application/json": {"schema": _JSON[path]}}
    form = {
        "type": "object",
        "properties": {"csrf": {"const": csrf}, **dict.fromkeys(_FIELDS, _TEXT)},
        "required": ["csrf"],
    }
    return {"application/x-www-form-urlencoded": {"schema": form}}


def log_in(program: Program, client: TestClient) -> str:
    """A session of an admin; its token for forms."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    add_staff(program.runtime.db, "mai", PASSWORD, "admin", program.runtime.now(), quick)
    answer = client.post("/staff/login", data={"username": "mai", "password": PASSWORD})
    assert answer.status_code == 303
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/staff/me").text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def visitors(whole: Program, site: FastAPI) -> Iterator[dict[str, tuple[TestClient, str]]]:
    """Nobody, and an admin with the token of their forms."""
    base = "https://congdanso.example"
    with (
        TestClient(site, base, raise_server_exceptions=False, follow_redirects=False) as nobody,
        TestClient(site, base, raise_server_exceptions=False, follow_redirects=False) as admin,
    ):
        yield {"nobody": (nobody, "none"), "admin": (admin, log_in(whole, admin))}


@pytest.mark.parametrize("who", ["nobody", "admin"])
def test_no_request_breaks_a_route_or_comes_back_as_it_was(
    site: FastAPI, visitors: dict[str, tuple[TestClient, str]], who: str
) -> None:
    client, csrf = visitors[who]
    schema = schemathesis.openapi.from_dict(described(site, csrf))
    sent, wrong = 0, set()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @seed(20261122)
            @settings(
                max_examples=EXAMPLES,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(operation.as_strategy(generation_mode=mode))
            def one(case: Any) -> None:
                nonlocal sent
                sent += 1
                problem = _problem(client, case)
                if problem:
                    wrong.add(f"{case.method} {case.path}: {problem}")

            one()
    print(f"{who}: {sent} requests to {len(schema)} operations")
    assert wrong == set()
    assert sent > 180 * EXAMPLES


def _problem(client: TestClient, case: Any) -> str:
    given = case.as_transport_kwargs()
    body = {name: given[name] for name in ("json", "files") if given.get(name) is not None}
    data = given.get("data")
    if data is not None:
        body["content" if isinstance(data, bytes | str) else "data"] = data
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "X-Bot-Api-Secret-Token": SECRET}
    kind = given["headers"].get("Content-Type")
    headers |= {"Content-Type": kind} if kind else {}
    answer = client.request(
        given["method"], given["url"], params=given.get("params"), headers=headers, **body
    )
    # Whether it can answer: not here, where nothing is at work.
    if answer.status_code >= 500 and case.path != "/readyz":
        return f"status {answer.status_code}"
    for shown in ("Traceback", "sqlalchemy", 'File "/', "<script>alert(1)"):
        if shown in answer.text:
            return f"shows {shown!r}"
    if "html" in answer.headers.get("content-type", "") and CANARY in answer.text:
        return "comes back as it was"
    if any(CANARY[:8] in value for value in answer.headers.values()):
        return "comes back in a header"
    return ""
