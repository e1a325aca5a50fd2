"""What is known of names on the net: official domains, brands, lures, kinds of suffixes.

Read from `content/safety/*.yml`. A wrong file raises `KnowledgeError`, naming file and field.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError, model_validator

from bot.errors import CongdansoError
from bot.safety.links.names import split

#: Spellings up to this length are everyday letters: they count as whole words only.
SHORT = 5


class KnowledgeError(CongdansoError):
    """A file of content/safety is missing or wrong; the text names file and field."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Brand(_Strict):
    """A name that swindlers borrow, and the domains it really has."""

    name: str = Field(min_length=1)
    kind: str
    spellings: tuple[str, ...]
    domains: tuple[str, ...]
    common: bool = False
    dealers: bool = False
    strict: bool = False
    endorsed: bool = True


class _Brands(_Strict):
    brands: tuple[Brand, ...]


class _Official(_Strict):
    public_suffixes: tuple[str, ...]
    domains: dict[str, tuple[str, ...]]


class Hosts(_Strict):
    """Kinds of places where pages stand."""

    suffixes: dict[str, tuple[str, ...]]
    user_content: frozenset[str]
    pages_of_brands: frozenset[str]
    dynamic: frozenset[str]
    shorteners: frozenset[str]
    redirect_parameters: frozenset[str]
    program_endings: frozenset[str]


class Words(_Strict):
    """Words of host names, without diacritics."""

    lures: dict[str, tuple[str, ...]]
    fillers: tuple[str, ...]
    places: tuple[str, ...]
    plain: tuple[str, ...]


class _Thresholds(_Strict):
    dangerous: float
    caution: float

    @model_validator(mode="after")
    def _ordered(self) -> _Thresholds:
        if self.caution >= self.dangerous:
            raise ValueError("caution must be below dangerous")
        return self


class _ModelShare(_Strict):
    weight: float = Field(ge=0)
    most: float = Field(ge=0)


class Scoring(_Strict):
    """Points of each cue, as log-odds."""

    thresholds: _Thresholds
    suffix: dict[str, float]
    model: _ModelShare
    lures: dict[str, float]
    cues: dict[str, float]


class Wording(_Strict):
    """What citizens read: a sentence a reason, a heading and an advice a verdict."""

    reasons: dict[str, str]
    verdicts: dict[str, str]
    advice: dict[str, str]
    real: str


class _Sounds(RootModel[dict[str, tuple[str, ...]]]):
    """Sounds and words that names for training are composed of."""

    model_config = ConfigDict(coerce_numbers_to_str=True)


class Knowledge(_Strict):
    """All of it together."""

    public_suffixes: frozenset[str]
    official: frozenset[str]
    brands: tuple[Brand, ...]
    hosts: Hosts
    words: Words
    scoring: Scoring
    wording: Wording
    sounds: dict[str, tuple[str, ...]]

    @cached_property
    def owned(self) -> dict[str, Brand]:
        """The brand of each domain that really is a brand's."""
        return {domain: brand for brand in self.brands for domain in brand.domains}


T = TypeVar("T", bound=BaseModel)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_knowledge(folder: Path) -> Knowledge:
    """Everything from `content/safety`. Raises KnowledgeError."""
    official = _read(folder / "official.yml", _Official)
    brands = _read(folder / "brands.yml", _Brands).brands
    hosts = _read(folder / "hosts.yml", Hosts)
    listed = {domain for group in official.domains.values() for domain in group}
    _only_registered(folder / "official.yml", listed)
    _only_registered(folder / "brands.yml", {domain for b in brands for domain in b.domains})
    endorsed = {domain for brand in brands if brand.endorsed for domain in brand.domains}
    return Knowledge(
        public_suffixes=frozenset(official.public_suffixes),
        official=frozenset((listed | endorsed) - hosts.user_content),
        brands=brands,
        hosts=hosts,
        words=_read(folder / "words.yml", Words),
        scoring=_read(folder / "scoring.yml", Scoring),
        wording=_read(folder / "reasons.yml", Wording),
        sounds=_read(folder / "sounds.yml", _Sounds).root,
    )


def _read(file: Path, form: type[T]) -> T:
    try:
        given = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise KnowledgeError(f"{file}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KnowledgeError(f"{file}: is not YAML: {error}") from error
    try:
        return form.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise KnowledgeError(f"{file}: {place}: {first['msg']}") from error


def _only_registered(file: Path, domains: set[str]) -> None:
    # "vn" or "blogspot.com" here would make official what anybody can register.
    wrong = sorted(domain for domain in domains if split(domain).registered != domain)
    if wrong:
        raise KnowledgeError(
            f"{file}: {', '.join(wrong)}: must be a registered domain such as vietcombank.com.vn"
        )
