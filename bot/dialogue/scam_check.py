"""The answer to what frightens people: a link, a message they pass on, a number that called.

Never says that anything is safe; an official page is called official, and the rest unknown.
"""

from __future__ import annotations

from bot.dialogue import alerts, urgent
from bot.dialogue.turn import Turn
from bot.domain.effects import Outcome
from bot.domain.replies import Choice
from bot.safety.checked import Checked
from bot.safety.links.report import LinkFinding, Verdict
from bot.safety.messages.check import MessageVerdict
from bot.safety.messages.numbers import AskedNumber
from nlu.engine import Decision

#: Links spoken of in one answer, the worst first.
_LINKS_MOST = 3
#: Guides about swindles: a question about one is as well a forwarded message.
_ABOUT = frozenset({"scam_link", "scam_call", "scam_offer", "malicious_app"})
#: Guides that are not offered instead of a warning: they are about swindles, or begin with one.
_NO_OTHER = _ABOUT | {"scam_victim", "account_hacked", "wrong_transfer"}
#: How sure the engine must be of a guide to give it instead of a warning, or beside it. Measured
#: (docs/safety.md): what swindlers write it takes for a guide as surely only where the words read
#: like no question.
_SURE, _OFFERED = 0.98, 0.9
_LINK_GUIDE, _CALL_GUIDE, _TRANSFER_GUIDE = "scam_link", "scam_call", "wrong_transfer"


def answer(turn: Turn) -> bool:
    """Say what is known of the links, the words or the number; False when none gives reason to."""
    checked = turn.facts.checked
    if checked is None:
        return False
    if checked.links.findings:
        if _asks_about_official(turn, checked):
            return False
        _say(turn, checked, _link_lines(checked))
        return True
    number = checked.message.number
    if number is not None and checked.message.verdict is not MessageVerdict.DANGEROUS:
        _say_number(turn, checked, number)
        return True
    if not _words_count(turn, checked):
        return False
    if checked.message.own and _understood(turn, _SURE):
        turn.note("own_question")
        return False
    _say(turn, checked, [])
    return True


def warn(turn: Turn) -> None:
    """In a talk with a human the bot is silent, but for a dangerous link."""
    checked = turn.facts.checked
    if checked is not None and checked.links.verdict is Verdict.DANGEROUS:
        turn.put("\n".join(_link_lines(checked)))


def _asks_about_official(turn: Turn, checked: Checked) -> bool:
    """A question that only mentions the page of an office is a question; whether the page is a
    swindle is not."""
    if checked.links.verdict is not Verdict.OFFICIAL:
        return False
    parse = turn.facts.parse
    honest = checked.message.verdict is MessageVerdict.NO_SIGN
    if not honest or parse is None or parse.intent in _ABOUT:
        return False
    return parse.decision is Decision.ANSWER


def _words_count(turn: Turn, checked: Checked) -> bool:
    """Words alone are weaker than links: what is understood as something else comes first.

    A message found dangerous outweighs what the engine makes of it, but for somebody's own
    question (`answer`); so does the question whether a message is a swindle, unless it is
    understood as a question about something else.
    """
    report, parse = checked.message, turn.facts.parse
    if parse is None:
        return False
    if report.verdict is MessageVerdict.DANGEROUS:
        return True
    understood = parse.decision is Decision.ANSWER
    if report.asked:
        return not understood or parse.intent in _ABOUT
    return report.verdict is MessageVerdict.CAUTION and not understood


def _understood(turn: Turn, least: float) -> str:
    """The guide the engine answers with, this sure at least, that is not about swindles."""
    parse = turn.facts.parse
    if parse is None or parse.decision is not Decision.ANSWER or parse.confidence < least:
        return ""
    other = parse.intent in turn.content.titles and parse.intent not in _NO_OTHER
    return parse.intent if other else ""


def _link_lines(checked: Checked) -> list[str]:
    words, report = checked.link_words, checked.links
    parts = [_one(words.verdicts[f.verdict.value], f) for f in report.findings[:_LINKS_MOST]]
    left = len(report.findings) - _LINKS_MOST + report.more
    if left > 0:
        parts.append(words.reasons["too_many"])
    verdict = report.verdict or Verdict.UNKNOWN
    return [*parts, words.advice[verdict.value]]


def _one(heading: str, finding: LinkFinding) -> str:
    reasons = "\n".join(f"• {reason.text}" for reason in finding.reasons if reason.text)
    return f"{heading}: {finding.shown}\n{reasons}".rstrip()


def _message_lines(checked: Checked, with_links: bool) -> list[str]:
    words, report, kind = checked.message_words, checked.message, checked.kind
    if report.verdict is MessageVerdict.NO_SIGN:
        return [] if with_links else [words.no_sign, words.advice_no_sign]
    if report.verdict is MessageVerdict.CAUTION:
        heading = words.caution
    else:
        heading = words.dangerous.format(kind=kind.name) if kind else words.dangerous_plain
    reasons = "\n".join(f"• {reason}" for reason in report.reasons)
    fact = [kind.fact] if kind else []
    return [f"{heading}\n{reasons}".rstrip(), *fact, *([] if with_links else [words.advice])]


def _say(turn: Turn, checked: Checked, links: list[str]) -> None:
    guide_id = checked.kind.guide if checked.kind else _LINK_GUIDE
    pages, advice = links[:-1], links[-1:]
    words = _message_lines(checked, bool(links))
    lines = [*pages, *words, *advice]
    swindle = checked.message.verdict is MessageVerdict.DANGEROUS
    if links and swindle and checked.links.verdict is not Verdict.DANGEROUS:
        # "Nobody knows this page" must be neither the first nor the last word on a swindle.
        lines = [*words, *pages, checked.message_words.advice]
    other = _understood(turn, _OFFERED) if swindle and not links else ""
    if not other or other == guide_id:
        _put(turn, "\n\n".join(lines), guide_id)
        return
    title = turn.content.title(other)
    lines.append(turn.text("own_offer", title=title))
    own = Choice(f"pick:{turn.facts.event_id}:{other}", title)
    _put(turn, "\n\n".join(lines), guide_id, own)


def _say_number(turn: Turn, checked: Checked, number: AskedNumber) -> None:
    words = checked.message_words
    if number.number:
        told = words.number_official.format(number=number.number, whose=number.whose)
        _put(turn, told, _CALL_GUIDE)
    elif number.account:
        _put(turn, words.account_number, _TRANSFER_GUIDE)
    else:
        _put(turn, words.number, _CALL_GUIDE)


def _put(turn: Turn, text: str, guide_id: str, *own: Choice) -> None:
    choices = [turn.choice("victim", "scam_yes"), *_guide(turn, guide_id), *own]
    choices += turn.way_back()
    choices += alerts.offer(turn, guide_id)
    choices += [turn.choice("human", "human"), turn.choice("menu", "menu")]
    urgent.log(turn, Outcome.ANSWERED, guide_id)
    turn.set(misses=0)
    turn.put(text, choices)


def _guide(turn: Turn, guide_id: str) -> list[Choice]:
    title = turn.content.titles.get(guide_id)
    return [Choice(f"guide:{guide_id}", title)] if title else []
