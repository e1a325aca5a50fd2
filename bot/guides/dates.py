"""Days that have passed or soon will: when to check again, until when something holds.

Errors: none.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from bot.guides.errors import Problem
from bot.guides.loader import Loaded
from bot.guides.places import problem_at

#: An editor who looks in once a month learns of a date before it has passed.
SOON = timedelta(days=30)
#: What holds longer is no exception any more, or its year is a slip.
TEMPORARY_MOST = timedelta(days=2 * 365)


def date_problems(loaded: Loaded, today: date) -> Iterator[Problem]:
    """What is wrong, or soon will be, with the dates of one guide."""
    guide = loaded.guide
    if guide.verified_on > today:
        what = f"{guide.verified_on} is to come; must be the day it was verified"
        yield problem_at(loaded, "verified_on", what)
    if guide.review_by <= guide.verified_on:
        what = f"{guide.review_by} is not after verified_on; must be a later day"
        yield problem_at(loaded, "review_by", what)
    else:
        advice = "verify the guide and set a new date"
        yield from _ending(loaded, "review_by", guide.review_by, today, advice)
    if guide.valid_until:
        advice = "rewrite the guide or remove it"
        yield from _ending(loaded, "valid_until", guide.valid_until, today, advice)
    for number, item in enumerate(guide.temporary, 1):
        field = f"temporary[{number}].until"
        if item.until > today + TEMPORARY_MOST:
            what = (
                f"{item.until} is more than two years ahead; check the year, or write it as usual"
            )
            yield problem_at(loaded, field, what)
        yield from _ending(loaded, field, item.until, today, "remove the entry")


def _ending(loaded: Loaded, field: str, day: date, today: date, advice: str) -> Iterator[Problem]:
    if day < today:
        yield problem_at(loaded, field, f"{day} is past; {advice}")
    elif day <= today + SOON:
        left = (day - today).days
        yield problem_at(loaded, field, f"{day} is in {left} day(s); {advice}").as_warning()
