"""Guides as plain pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from bot.app import Program, make_app
from tests.support import SQLITE

pytestmark = SQLITE


@pytest.fixture
def client(program: Program) -> Iterator[TestClient]:
    """Somebody's browser."""
    with TestClient(make_app(program)) as made:
        yield made


def test_every_guide_is_listed_and_can_be_read(program: Program, client: TestClient) -> None:
    page = client.get("/huong-dan").text
    for guide_id, guide in program.publisher.content.guides.items():
        assert f'href="/huong-dan/{guide_id}"' in page
        answer = client.get(f"/huong-dan/{guide_id}")
        assert answer.status_code == 200
        assert f"<title>{guide.title}</title>" in answer.text
        assert "{" not in answer.text
        assert answer.text.count('<ol class="steps">') == max(
            1, len(guide.question.choices) if guide.question else 1
        )


def test_every_situation_has_its_own_steps(program: Program, client: TestClient) -> None:
    guide = program.publisher.content.guides["vneid_level_2"]
    page = client.get("/huong-dan/vneid_level_2").text
    assert guide.question
    for choice in guide.question.choices:
        assert f"<summary>{choice.label}</summary>" in page
        for step in guide.for_choice(choice.id).steps:
            assert step.title in page


def test_html_in_a_guide_is_text(program: Program, client: TestClient) -> None:
    content = program.publisher.content
    guide = content.guides["qr_pay"]
    nasty = replace(guide, title="<script>alert(1)</script>", answer='"><img src=x>')
    program.publisher.content = replace(content, guides={**content.guides, "qr_pay": nasty})
    page = client.get("/huong-dan/qr_pay").text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_a_withdrawn_guide_is_gone(program: Program, client: TestClient) -> None:
    """A browser that kept it throws its copy away when it hears 404."""
    content = program.publisher.content
    left = {k: v for k, v in content.guides.items() if k != "qr_pay"}
    program.publisher.content = replace(content, guides=left)
    answer = client.get("/huong-dan/qr_pay")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert "đã được rút lại" in answer.text
    assert "/huong-dan/qr_pay" not in client.get("/huong-dan").text


@pytest.mark.parametrize("name", ["nope", "..%2fsecret", "%00", "é" * 300])
def test_a_guide_there_is_not(client: TestClient, name: str) -> None:
    assert client.get(f"/huong-dan/{name}").status_code == 404
