"""Golden transcripts, one a script, written from the web chat, which shows a reply as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.domain.channels import WEB
from tests.parity.looks import Look, Seen
from tests.parity.play import Played, Turn
from tests.parity.script import CITIZEN, FOLDER, Act

GOLDEN = FOLDER / "golden"
#: The channel that shows a reply as it is: transcripts are written from it, so it is played first.
PLAIN = WEB


def path_of(script_id: str) -> Path:
    """Where a script's transcript is."""
    return GOLDEN / f"{script_id}.yml"


def write(script_id: str, played: Played) -> None:
    """Write what was played."""
    talk: list[dict[str, Any]] = []
    for turn in played.turns:
        talk.append({"does": _told(turn.act)})
        for name, seen in turn.read.items():
            reader = {} if name == CITIZEN else {"to": name}
            talk += [{**reader, **_message(each)} for each in seen]
    page = {"talk": talk, "kept": played.kept}
    GOLDEN.mkdir(exist_ok=True)
    path_of(script_id).write_text(_yaml(page), encoding="utf-8")


def read(script_id: str) -> dict[str, Any]:
    """A transcript: `talk` and `kept`."""
    page: dict[str, Any] = yaml.safe_load(path_of(script_id).read_text(encoding="utf-8"))
    return page


def turns(page: dict[str, Any]) -> list[tuple[str, dict[str, list[Seen]]]]:
    """What was done, and what each reader was told because of it."""
    found: list[tuple[str, dict[str, list[Seen]]]] = []
    for entry in page["talk"]:
        if "does" in entry:
            found.append((entry["does"], {}))
            continue
        alt = entry.get("picture", "")
        seen = Seen(entry.get("text", ""), tuple(entry.get("choices", ())), bool(alt), alt)
        found[-1][1].setdefault(entry.get("to", CITIZEN), []).append(seen)
    return found


def differences(page: dict[str, Any], played: Played, looks: dict[str, Look]) -> list[str]:
    """In what a channel is not as the transcript says, by the rule of how it looks there."""
    told = turns(page)
    said = [_told(turn.act) for turn in played.turns]
    if said != [does for does, _ in told]:
        return [f"the script changed: {said}"]
    found = []
    for turn, (does, expected) in zip(played.turns, told, strict=True):
        found += [f"after {does!r}: {each}" for each in _turn(turn, expected, looks)]
    if page["kept"] != played.kept:
        found += [
            f"kept {name}: {played.kept.get(name)!r}, not {page['kept'].get(name)!r}"
            for name in sorted({*page["kept"], *played.kept})
            if page["kept"].get(name) != played.kept.get(name)
        ]
    return found


def _turn(turn: Turn, expected: dict[str, list[Seen]], looks: dict[str, Look]) -> list[str]:
    found = []
    for name in {**expected, **turn.read}:
        look, seen, wanted = looks[name], turn.read.get(name, []), expected.get(name, [])
        whole, pattern = look.whole(seen), look.expected(wanted)
        if not pattern.match(whole):
            found.append(f"{name} read\n  {whole}\nnot\n  {pattern.pattern}")
        found += [f"{name}: {fault}" for fault in look.faults(seen, wanted)]
    return found


def _told(act: Act) -> str:
    who = f"{act.who}: " if act.who not in ("", CITIZEN) else ""
    if act.how == "say":
        return f"{who}{act.what}"
    return (
        f"{who}[{act.what}]" if act.how == "tap" else f"({act.how} {act.what})".replace(" )", ")")
    )


def _message(seen: Seen) -> dict[str, Any]:
    told: dict[str, Any] = {"text": seen.text}
    if seen.labels:
        told["choices"] = list(seen.labels)
    if seen.picture:
        told["picture"] = seen.alt or "yes"
    return told


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they read."""


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def _yaml(page: dict[str, Any]) -> str:
    return str(yaml.dump(page, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100))
