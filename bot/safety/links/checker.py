"""Is this link a swindle? Lists first, then rules and model added up. Pure: nothing is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from bot.safety.links.extract import find_links
from bot.safety.links.hostset import NO_HOSTS, Hit, HostLists
from bot.safety.links.knowledge import Knowledge
from bot.safety.links.model import HostModel
from bot.safety.links.names import Name, split, under
from bot.safety.links.report import LinkFinding, LinkReport, Reason, Verdict, defang
from bot.safety.links.rules import Cue, Rules
from bot.safety.links.urls import Link, parse

REASONS_MOST = 3
#: More links in one message are not looked at; the report says so.
LINKS_MOST = 50
_DEPTH_MOST = 3
#: Points below which a cue is not worth a sentence.
_SAID_FROM = 0.4
_SAID_FROM_LEAST = 0.2
_CERTAIN = 20.0
#: Schools and offices show papers to get such a name.
_PAPERS = frozenset(("edu.vn", "ac.vn", "mil.vn", "org.vn"))
#: A brand's bare name under a usual suffix may be the brand's own.
_OWN_NAME = frozenset(("brand_same_suffix", "money_brand"))
_MODEL_CHEAP, _MODEL_ALONE = 0.5, 1.25
_SUFFIXES = frozenset(("suffix", "suffix_usual"))


class LinkChecker:
    """Checks links with one knowledge, model and set of lists; `lists` is replaced as a whole."""

    def __init__(self, knowledge: Knowledge, model: HostModel, lists: HostLists = NO_HOSTS) -> None:
        self._known = knowledge
        self._model = model
        self._rules = Rules(knowledge)
        self._owned = frozenset(knowledge.owned)
        self.lists = lists

    @property
    def knowledge(self) -> Knowledge:
        """What it checks with."""
        return self._known

    def check_text(self, text: str) -> LinkReport:
        """Every link of a message, the worst first; empty where there is none."""
        found, more = find_links(text, LINKS_MOST)
        findings = sorted(map(self.check, found), key=lambda f: (f.verdict.rank, -f.score))
        return LinkReport(tuple(findings), more)

    def check(self, raw: str) -> LinkFinding:
        """One link, with or without its scheme. Never raises."""
        return self._check(raw, 0)

    def check_item(self, text: str) -> LinkFinding:
        """The worst link of a text; a text without one is taken for a link as it stands."""
        return self.check_text(text).worst or self.check(text.strip())

    def is_official(self, host: str) -> bool:
        """Whether a host belongs to an official domain, and not everybody may post there."""
        name = split(host)
        return self._official(name)

    # One link ------------------------------------------------------------------------------------

    def _check(self, raw: str, depth: int) -> LinkFinding:
        link = parse(raw)
        name = split(link.host)
        inner = self._inner(link, depth)
        hit = self.lists.find(link.address or link.written, name.registered)
        # A feed that lists an official host is refused; one that came to be official later is not.
        if hit is not None and hit.bad and (hit.staff or not self._official(name)):
            key = "staff" if hit.staff else "feed"
            fields = {"feed": hit.source, "date": hit.date}
            return self._said(link, Verdict.DANGEROUS, _CERTAIN, [self._reason(key, fields)])
        if link.address:
            return self._judged(link, name, self._rules.numbers(link), inner)
        if not name.suffix:
            return self._said(link, Verdict.UNKNOWN, 0.0, [self._reason("nothing", {})])
        if self._official(name):
            return self._of_official(link, name, inner)
        return self._of_unknown(link, name, inner, hit)

    def _official(self, name: Name) -> bool:
        if not name.host.isascii() or under(name.host, self._known.hosts.user_content):
            return False
        if name.suffix in self._known.public_suffixes:
            return True
        return name.registered in self._known.official

    def _of_official(self, link: Link, name: Name, inner: LinkFinding | None) -> LinkFinding:
        if inner is not None and inner.verdict is not Verdict.OFFICIAL:
            return self._redirected(link, inner, least=Verdict.UNKNOWN)
        if link.user:
            reasons = [self._reason("userinfo", {"host": link.written})]
            return self._said(link, Verdict.CAUTION, 0.0, reasons)
        ending = link.path.lower().rpartition(".")[2]
        if ending in self._known.hosts.program_endings:
            reasons = [self._reason("program", {"ending": ending})]
            return self._said(link, Verdict.CAUTION, 0.0, reasons)
        key = "gov" if name.suffix in self._known.public_suffixes else "official"
        return self._said(
            link, Verdict.OFFICIAL, -_CERTAIN, [self._reason(key, {"host": name.host})]
        )

    def _of_unknown(
        self, link: Link, name: Name, inner: LinkFinding | None, hit: Hit | None
    ) -> LinkFinding:
        owner = under(name.host, self._owned)
        content = under(name.host, self._known.hosts.user_content)
        if hit is not None:
            return self._said(link, Verdict.UNKNOWN, 0.0, [self._reason("cleared", {})])
        if owner or name.host == content or name.host == f"www.{content}":
            cues = [Cue("user_content", 0.0)] if content else []
            if content and not under(name.host, self._known.hosts.pages_of_brands):
                cues += self._rules.page(link)
            cues += self._rules.around(link)
            return self._judged(link, name, cues, inner)
        if under(name.host, self._known.hosts.shorteners):
            # Its own name says nothing of where it leads.
            return self._judged(link, name, self._rules.short(link), inner)
        seen = self._rules.see(link, _as_suffix(name, content))
        cues = self._rules.cues(seen)
        cues.append(self._of_model(seen.label, seen.sub))
        if content:
            cues = [cue for cue in cues if cue.key not in _SUFFIXES] + [Cue("user_content", 0.0)]
        return self._judged(link, name, cues, inner)

    def _of_model(self, label: str, sub: str) -> Cue:
        share = self._known.scoring.model
        points = self._model.score(label, sub) * share.weight
        return Cue("model", max(-share.most, min(share.most, points)))

    # The verdict ---------------------------------------------------------------------------------

    def _judged(
        self, link: Link, name: Name, cues: Sequence[Cue], inner: LinkFinding | None
    ) -> LinkFinding:
        total = sum(cue.points for cue in cues)
        limits = self._known.scoring.thresholds
        verdict = Verdict.UNKNOWN
        if total >= limits.dangerous:
            verdict = Verdict.DANGEROUS
        elif total >= limits.caution:
            verdict = Verdict.CAUTION
        if verdict is Verdict.DANGEROUS and self._doubtful(name, cues):
            verdict = Verdict.CAUTION
        finding = self._said(link, verdict, total, self._reasons(cues, verdict))
        if inner is None:
            return finding
        return min(finding, self._redirected(link, inner, verdict), key=lambda f: f.verdict.rank)

    def _doubtful(self, name: Name, cues: Sequence[Cue]) -> bool:
        """Whether so many points still do not make a link dangerous without a list or a person."""
        telling = {cue.key for cue in cues if cue.points >= _SAID_FROM}
        if name.suffix in _PAPERS:
            return True
        if not telling <= _SUFFIXES | _OWN_NAME | {"model"}:
            return False
        # A cheap suffix alone is nobody's guilt, and without one the letters must say a lot.
        least = _MODEL_CHEAP if "suffix" in telling else _MODEL_ALONE
        letters = any(cue.key == "model" and cue.points >= least for cue in cues)
        return bool(telling & _OWN_NAME) or not letters

    def _reasons(self, cues: Sequence[Cue], verdict: Verdict) -> list[Reason]:
        telling = sorted(cues, key=lambda cue: -cue.points)
        least = _SAID_FROM if verdict is Verdict.UNKNOWN else _SAID_FROM_LEAST
        said = [
            self._reason(cue.key, cue.fields)
            for cue in telling
            if cue.points >= least or (cue.key == "user_content" and verdict is Verdict.UNKNOWN)
        ]
        # Many small things together, or nothing at all.
        least_said = "nothing" if verdict is Verdict.UNKNOWN else "model"
        return [reason for reason in said if reason.text] or [self._reason(least_said, {})]

    def _reason(self, key: str, fields: dict[str, str]) -> Reason:
        wording = self._known.wording
        if "real" in fields:
            real = wording.real.format(real=fields["real"]) if fields["real"] else ""
            fields = {**fields, "real": real}
        if "host" in fields and key not in ("official", "gov", "redirect"):
            fields = {**fields, "host": defang(fields["host"])}
        text = wording.reasons.get(key, "")
        return Reason(key, text.format_map(_Shown(fields)))

    def _said(
        self, link: Link, verdict: Verdict, points: float, reasons: Sequence[Reason]
    ) -> LinkFinding:
        host = link.written
        shown = host if verdict is Verdict.OFFICIAL else defang(host or link.raw.strip())
        score = 1 / (
            1 + math.exp(-max(-30.0, min(30.0, points - self._known.scoring.thresholds.caution)))
        )
        return LinkFinding(link.raw, host, shown, verdict, score, tuple(reasons[:REASONS_MOST]))

    # Links inside links --------------------------------------------------------------------------

    def _inner(self, link: Link, depth: int) -> LinkFinding | None:
        """The worst link in the parameters, when the page sends the reader on to it."""
        if depth >= _DEPTH_MOST or not link.query:
            return None
        names = self._known.hosts.redirect_parameters
        home = split(link.host).registered
        found = [
            self._check(value, depth + 1)
            for name, value in link.parameters
            if name in names and _is_link(value) and split(parse(value).host).registered != home
        ]
        return min(found, key=lambda f: (f.verdict.rank, -f.score), default=None)

    def _redirected(self, link: Link, inner: LinkFinding, least: Verdict) -> LinkFinding:
        verdict = min(inner.verdict, least, key=lambda v: v.rank)
        if inner.verdict is Verdict.UNKNOWN:
            verdict = min(Verdict.CAUTION, verdict, key=lambda v: v.rank)
        first = self._reason("redirect", {"host": defang(inner.host)})
        reasons = (first, *inner.reasons)[:REASONS_MOST]
        said = self._said(link, verdict, 0.0, reasons)
        return replace(said, score=max(inner.score, said.score))


class _Shown(dict[str, str]):
    """Hosts inside sentences cannot be pressed either, and a missing field leaves no hole."""

    def __missing__(self, key: str) -> str:
        return ""


def _as_suffix(name: Name, content: str) -> Name:
    """The name with a place for everybody as its suffix: what stands before it was chosen."""
    if not content or name.suffix == content:
        return name
    sub, _, label = name.host.removesuffix(f".{content}").rpartition(".")
    return Name(name.host, sub, label, content)


def _is_link(value: str) -> bool:
    start = value[:12].lower().lstrip()
    return start.startswith(("http:", "https:", "//", "www.", "hxxp"))
