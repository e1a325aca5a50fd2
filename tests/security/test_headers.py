"""Every answer of every route has the headers, refusals and pages that do not exist too."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.responses import Response
from starlette.testclient import TestClient

from bot.weblib.headers import Hardened
from tests.security.walk import address, routes

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=15552000",
}
ODD = ["/", "/nothing", "/staff/nothing", "/desk/x/y/z", "/static/../../etc/passwd", "/the/x.png"]


def lacking(answer: object) -> list[str]:
    """What an answer's headers lack or loosen."""
    headers = answer.headers  # type: ignore[attr-defined]
    found = [name for name, value in ALWAYS.items() if headers.get(name) != value]
    policy = headers.get("content-security-policy", "")
    needed = ["default-src 'none'", "frame-ancestors 'none'"]
    if "html" in headers.get("content-type", ""):
        needed += ["base-uri 'none'", "form-action 'self'"]
    found += [each for each in needed if each not in policy]
    for loose in ("unsafe-inline", "unsafe-eval", "*", "http:"):
        if loose in policy:
            found.append(loose)
    if "microphone" not in headers.get("permissions-policy", ""):
        found.append("permissions-policy")
    if "cache-control" not in headers:
        found.append("cache-control")
    return found + [name for name in ("server", "x-powered-by") if name in headers]


def test_every_route(site: FastAPI, client: TestClient) -> None:
    known = routes(site)
    assert len(known) > 150
    wrong = {}
    # A stream never ends by itself; its refusal does.
    for method, path in known:
        answer = client.request(method, address(path))
        problems = lacking(answer)
        if problems:
            wrong[f"{method} {path}"] = problems
        assert answer.status_code != 500, f"{method} {path}"
    assert wrong == {}


def test_refusals_of_the_framework_itself(client: TestClient) -> None:
    for path in ODD:
        for method in ("GET", "PUT", "OPTIONS", "TRACE"):
            assert lacking(client.request(method, path)) == [], f"{method} {path}"


def test_pages_of_people_are_kept_nowhere(site: FastAPI, client: TestClient) -> None:
    for method, path in routes(site):
        if path.startswith(("/staff", "/desk", "/chat")) and "/static/" not in path:
            kept = client.request(method, address(path)).headers["cache-control"]
            assert "no-store" in kept, path


def test_only_the_chat_may_ask_for_the_microphone(site: FastAPI, client: TestClient) -> None:
    may = {
        path
        for method, path in routes(site)
        if method == "GET"
        and "microphone=(self)" in client.get(address(path)).headers.get("permissions-policy", "")
    }
    assert may == {"/"}


def test_what_an_answer_says_itself_stays() -> None:
    app = FastAPI()

    @app.get("/own")
    def own() -> Response:
        return Response(headers={"Cache-Control": "public", "X-Frame-Options": "SAMEORIGIN"})

    @app.get("/bare")
    def bare() -> Response:
        return Response()

    app.add_middleware(Hardened)
    with TestClient(app) as client:
        answer = client.get("/own")
        assert answer.headers.get_list("cache-control") == ["public"]
        assert answer.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
        bare_one = client.get("/bare")
        assert bare_one.headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in bare_one.headers
