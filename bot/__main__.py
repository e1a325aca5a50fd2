"""The command line: `congdanso …`. Errors end with one clear line and exit code 2."""

from __future__ import annotations

import sys

from sqlalchemy.exc import SQLAlchemyError

from bot.cli import app
from bot.errors import CongdansoError
from bot.guides.errors import ContentError
from nlu.engine import EngineError


def main() -> None:
    """Run the command line."""
    try:
        app()
    except (CongdansoError, ContentError, EngineError) as error:
        print(f"congdanso: {error}", file=sys.stderr)
        sys.exit(2)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        print(f"congdanso: the database failed: {reason}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
