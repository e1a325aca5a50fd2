"""check qr: what the QR codes in pictures are, and whom they pay."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.dialogue.code_words import Say
    from bot.domain.pictures import SeenCode, SeenPicture

#: What is said of a code beside its verdict, its score and its reasons; empty ones are left out.
_FACTS = ("bin", "bank", "account", "amount", "memo", "name", "text", "link", "fault")


def qr(
    images: Annotated[list[Path], typer.Argument(help="Pictures: JPEG, PNG, WebP, GIF, BMP.")],
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
) -> None:
    """Say of each picture what its QR codes are, in the order of the input; secrets are covered."""
    from bot.cli.check import with_lists
    from bot.guides.people import load_people
    from bot.guides.phrases import load_phrases
    from bot.safety.qr.banks import load_banks
    from bot.services.linkcheck import knowledge_folder
    from bot.services.pictures import link_check, look_at

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    settings = load_settings()
    banks = load_banks(knowledge_folder(settings).parent)
    address = load_people(settings.content_dir / "people.yml").neutral.blanks()
    say = load_phrases(settings.content_dir / "phrases.yml", address).say
    check_link = link_check(with_lists(settings))
    for image in images:
        seen = _seen(image, lambda data: look_at(data, banks, check_link))
        if jsonl:
            print(json.dumps(_as_json(image, seen, say), ensure_ascii=False))
        else:
            print(f"{image}: {_in_words(seen, say)}")


def _seen(image: Path, look: Callable[[bytes], SeenPicture]) -> SeenPicture:
    from bot.domain.pictures import PictureFault, SeenPicture
    from bot.pictures.opening import BYTES_MOST

    try:
        with image.open("rb") as file:
            # One byte more than is allowed is enough to know that it is too much.
            return look(file.read(BYTES_MOST + 1))
    except OSError:
        return SeenPicture(fault=PictureFault.NOT_FETCHED)


def _as_json(image: Path, seen: SeenPicture, say: Say) -> dict[str, object]:
    """The worst code's facts, then all codes when there are several."""
    from bot.dialogue.code_words import reasons_of, worst

    found = worst(seen.codes)
    if found is None:
        fault = seen.fault.value if seen.fault else "no_code"
        reason = say(f"picture_{fault}")
        return {
            "image": str(image),
            "verdict": "unknown",
            "score": 0.0,
            "reasons": [reason],
            "kind": None,
            "error": fault,
        }
    whole: dict[str, object] = {"image": str(image), **_facts(found, reasons_of(say, found))}
    if len(seen.codes) > 1:
        whole["codes"] = [_facts(code, reasons_of(say, code)) for code in seen.codes]
        whole["more"] = seen.more
    return whole


def _facts(code: SeenCode, reasons: list[str]) -> dict[str, object]:
    facts: dict[str, object] = {
        "verdict": code.verdict.value,
        "score": round(code.score, 4),
        "reasons": reasons,
        "kind": code.kind.value,
    }
    facts |= {name: value for name in _FACTS if (value := getattr(code, name))}
    if code.account:
        facts["service"] = "card" if code.card else "account"
        facts["dynamic"] = code.once
    if code.amount.isdigit():
        facts["amount"] = int(code.amount)
    return facts


def _in_words(seen: SeenPicture, say: Say) -> str:
    from bot.dialogue.code_words import described, needs_name_read

    if not seen.codes:
        return say(f"picture_{seen.fault.value if seen.fault else 'no_code'}")
    parts = [described(say, code) for code in seen.codes]
    if any(map(needs_name_read, seen.codes)):
        parts.append(say("picture_pay_last"))
    return "\n".join(parts)
