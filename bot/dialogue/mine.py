"""What is stored about this person, told shortly: "tôi đã gửi những gì"."""

from __future__ import annotations

from bot.dialogue import menu
from bot.dialogue.turn import Turn
from bot.domain.kept import Kept
from bot.schedule.zone import local

_NAMED_MOST = 5
_OPEN = ("waiting", "claimed")


def show(turn: Turn) -> None:
    """How much of each sort there is, how long it stays, and how to have it erased."""
    kept = turn.facts.kept
    if kept is None:
        menu.show_menu(turn)
        return
    lines = [turn.text("mine_head", day=f"{local(kept.since):%d/%m/%Y}")]
    lines += [f"- {line}" for line in _lines(turn, kept)]
    lines += ["", turn.text("mine_kept", days=turn.facts.retention_days)]
    if turn.facts.stays_on_page:
        lines.append(turn.text("mine_file"))
    erase, front = turn.choice("erase:ask", "mine_erase"), turn.choice("menu", "menu")
    turn.put("\n".join(lines), [erase, *turn.way_back(), front])


def _lines(turn: Turn, kept: Kept) -> list[str]:
    """One line for each sort of which there is something."""
    asked = [row for row in kept.rows("questions") if row["text"]]
    lines = [turn.text("mine_questions", count=len(asked))]
    if seen := {row["guide_id"]: None for row in kept.rows("guide_views")}:
        names = [turn.content.title(guide) for guide in list(seen)[-_NAMED_MOST:]]
        lines.append(turn.text("mine_guides", count=len(seen), names=", ".join(names)))
    if tickets := kept.rows("tickets"):
        is_open = sum(row["status"] in _OPEN for row in tickets)
        lines.append(turn.text("mine_tickets", count=len(tickets), open=is_open))
        lines += _contact(turn, kept)
    if talk := kept.rows("ticket_messages"):
        lines.append(turn.text("mine_talk", count=len(talk)))
    place = turn.facts.place
    if place:
        lines.append(turn.text("mine_place", place=place))
    if turn.state.family:
        roles = ", ".join(turn.role(role) for role in turn.state.family)
        lines.append(turn.text("mine_household", roles=roles))
    wanted = [row for row in kept.rows("alert_subscriptions") if row["stopped_at"] is None]
    if wanted:
        area = wanted[0]["place"] or turn.text("mine_everywhere")
        lines.append(turn.text("mine_alerts", place=area))
    if links := kept.rows("linked_chats"):
        lines.append(turn.text("mine_links", count=len(links)))
    if notes := kept.rows("voice_notes"):
        lines.append(turn.text("mine_voice", count=len(notes)))
    agreed = [row for row in kept.rows("consents") if row["withdrawn_at"] is None]
    if agreed:
        last = agreed[-1]["agreed_at"]
        lines.append(turn.text("mine_consents", count=len(agreed), day=f"{local(last):%d/%m/%Y}"))
    return lines


def _contact(turn: Turn, kept: Kept) -> list[str]:
    """Name and the end of the number, as its owner knows it again."""
    last = next(
        (row for row in reversed(kept.rows("tickets")) if row["name"] or row["phone"]), None
    )
    if last is None:
        return []
    phone = f"…{last['phone'][-3:]}" if last["phone"] else turn.text("mine_none")
    return [turn.text("mine_contact", name=last["name"] or turn.text("mine_none"), phone=phone)]
