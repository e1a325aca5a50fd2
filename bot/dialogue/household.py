"""Helping somebody at home in one's own chat: whose turn it is, and what each has finished.

A member of the household is a role ("má", "ông"), never a name: nothing is kept of who they are.
"""

from __future__ import annotations

from bot.dialogue import menu, path
from bot.dialogue.progress import finished, wanted
from bot.dialogue.turn import Turn
from bot.domain.replies import Choice
from bot.guides.words import capital


def view(turn: Turn) -> None:
    """Everybody's progress on the path, and whom to help now."""
    every = wanted(turn)
    people = ["", *turn.state.family]
    lines = [turn.text("household_title")]
    for person in people:
        done = sum(1 for guide in every if guide in finished(turn, person))
        who = turn.role(person) if person else turn.text("household_self")
        lines.append(turn.text("household_line", who=who, done=done, total=len(every)))
    lines.append(turn.text("household_ask"))
    choices = [turn.choice(f"who:{path.SELF}", "for_self")]
    roles = turn.content.people.roles
    choices += [Choice(f"who:{role}", capital(who)) for role, who in roles.items()]
    turn.put("\n".join(lines), [*choices, turn.choice("menu", "menu")])


def help_person(turn: Turn, role: str) -> None:
    """From now on guides are done for this person: show their path."""
    if role == path.SELF:
        turn.set(person="")
    elif role in turn.content.people.roles:
        family = turn.state.family
        turn.set(person=role, family={**family, role: family.get(role, {})})
        turn.note("household_now", who=turn.role(role))
    else:
        menu.show_menu(turn)
        return
    path.show(turn)
