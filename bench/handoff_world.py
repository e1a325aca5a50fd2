"""Teams, members and how they live, for the simulated week (bench.handoff_week)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.domain.tickets import Rung
from bot.models.schema import members, team_coverage, teams
from bot.schedule.written_week import read_week

#: Members of a team by its rung, and what they are on the roster.
_DESK, _COMMUNE = 8, 4
_ROLES = {Rung.HAMLET: "member", Rung.COMMUNE: "commune_desk", Rung.PROVINCE: "province_desk"}
#: A member's Telegram account is their number and this.
ACCOUNT = 10_000
_PROVINCES = ("96", "66", "19")
_COMMUNES = 258
_HOURS = {
    "evening": "T2-T6 18:00-21:30; T7-CN 08:00-11:00, 14:00-21:00",
    "day": "T2-T6 07:30-11:30, 13:30-17:00",
    "weekend": "T7-CN 07:00-20:00",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large the world is. The smallest has a desk, a commune's team and a hamlet's."""

    teams: int
    members: int


FULL = Size(883, 4_518)


def populate(connection: Connection, size: Size, dice: random.Random, now: datetime) -> list[str]:
    """Write teams, coverage and members; returns the codes of every hamlet that has a team."""
    provinces = _PROVINCES[: max(1, min(3, size.teams // 10))]
    communes = max(1, min(_COMMUNES, (size.teams - len(provinces)) * 3 // 10))
    hamlets = size.teams - len(provinces) - communes
    rows = list(_teams(provinces, communes, hamlets))
    connection.execute(
        teams.insert(),
        [
            {
                "id": number,
                "name": f"Tổ {code or 'tỉnh'}",
                "commune": code,
                "telegram_group": f"-{number}" if dice.random() < 0.7 else None,
                "created_at": now,
                "key": f"t{number}",
                "rung": rung.value,
                "hours": "",
                "active": True,
            }
            for number, (rung, code) in enumerate(rows, 1)
        ],
    )
    connection.execute(
        team_coverage.insert(),
        [{"team_id": n, "locality_code": code} for n, (_, code) in enumerate(rows, 1)],
    )
    homes = _homes([rung for rung, _ in rows], size.members, dice)
    connection.execute(
        members.insert(),
        [
            _member(number, team, rows[team - 1][0], dice, now)
            for number, team in enumerate(homes, 1)
        ],
    )
    return [code for rung, code in rows if rung is Rung.HAMLET]


def _teams(provinces: tuple[str, ...], communes: int, hamlets: int) -> Iterator[tuple[Rung, str]]:
    for province in provinces:
        yield Rung.PROVINCE, province
    codes = [f"{provinces[n % len(provinces)]}.{30_000 + n}" for n in range(communes)]
    for code in codes:
        yield Rung.COMMUNE, code
    for number in range(hamlets):
        yield Rung.HAMLET, f"{codes[number % communes]}.ap-{number // communes + 1}"


def _homes(rungs: list[Rung], number: int, dice: random.Random) -> list[int]:
    """The team of each member; every team has one at least."""
    least = {Rung.HAMLET: 1, Rung.COMMUNE: _COMMUNE, Rung.PROVINCE: _DESK}
    homes = [team for team, rung in enumerate(rungs, 1) for _ in range(least[rung])]
    hamlets = [team for team, rung in enumerate(rungs, 1) if rung is Rung.HAMLET]
    return homes[:number] + [dice.choice(hamlets) for _ in range(number - len(homes))]


def _member(
    number: int, team: int, rung: Rung, dice: random.Random, now: datetime
) -> dict[str, Any]:
    """Seven in ten have joined, one in ten can only be called; volunteers are free evenings."""
    joined = rung is not Rung.HAMLET or dice.random() < 0.72
    kind = (
        "day"
        if rung is not Rung.HAMLET
        else dice.choices(("evening", "day", "weekend", ""), (5, 1, 1, 3))[0]
    )
    hours = read_week(_HOURS[kind]).to_json() if kind and rung is Rung.HAMLET else None
    away = dice.random() < 0.12
    languages = ["vi", *(["ede"] if dice.random() < 0.05 else [])]
    return {
        "id": number,
        "team_id": team,
        "name": f"Người {number}",
        "telegram_id": str(ACCOUNT + number) if joined else None,
        "created_at": now,
        "role": _ROLES[rung],
        "phone": b"" if dice.random() < 0.95 else None,
        "languages": json.dumps(languages),
        "hours": hours,
        "away_until": now + timedelta(hours=dice.uniform(4, 200)) if away else None,
        "max_open": 5 if rung is Rung.HAMLET else 40 if rung is Rung.COMMUNE else 100,
        "key": f"m{number}",
    }


# When things happen -----------------------------------------------------------------------------

#: How much is asked in each hour of a day in Vietnam.
_BUSY = (1, 1, 0, 0, 1, 3, 6, 9, 10, 9, 8, 7, 6, 6, 7, 7, 7, 8, 10, 12, 12, 9, 5, 2)


def arrivals(number: int, start: datetime, days: int, dice: random.Random) -> list[datetime]:
    """When tickets are opened: mornings and evenings more than at night."""
    hours = dice.choices(range(24), _BUSY, k=number)
    found = (
        start + timedelta(days=dice.randrange(days), hours=hour, seconds=dice.uniform(0, 3600))
        for hour in hours
    )
    return sorted(found)


def awake(moment: datetime) -> bool:
    """Whether a volunteer looks at their phone: six to half past ten in the evening (UTC in)."""
    return 6 <= (moment + timedelta(hours=7)).hour < 22
