"""SIGKILL of the real process during 500 queued Telegram updates."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fakes.telegram import RemoteTelegram
from tests.faults.ledger import Plan, wait_answered
from tests.process import Served, telegram_settings, with_model

pytestmark = pytest.mark.faults
_QUICK = {"CONGDANSO_LEASE_SECONDS": "1.5", "CONGDANSO_POLL_SECONDS": "0.2"}


@pytest.mark.parametrize("seed", range(3))
def test_every_update_is_answered_in_order_after_a_kill(seed: int, tmp_path: Path) -> None:
    """500 answered, in order per chat, repeats at most the sends in flight at the kill."""
    plan, log = Plan(), tmp_path / "calls.jsonl"
    moment = random.Random(seed).randrange(20, plan.total - 20)
    with RemoteTelegram.spawn(log) as remote:
        plan.queue(remote)
        settings = telegram_settings(remote.url) | _QUICK
        with Served(with_model(tmp_path / "var"), settings) as served:
            wait_answered(plan, log, moment)
            served.kill()
            in_flight = served.sending()
            served.start()
            verdict = wait_answered(plan, log, plan.total)
            assert served.stop() == 0
    print(f"seed {seed}: killed after {moment}, {in_flight} in flight, {verdict.repeats} repeated")
    assert verdict.answered == plan.total
    assert verdict.disordered == []
    assert verdict.repeats <= in_flight
