"""What can be wrong with content.

Exception
+- ContentError   one or more content files (or a stored revision) are not what they must be
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """Whether content with the problem may be published."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in one file.

    `line` counts from 1. `field` is the path inside the file, list positions counted from 1
    (`steps[2].text`), or "-" when the file as a whole is meant. `message` says what is wrong and,
    after a semicolon, what would be right.
    """

    file: str
    line: int
    field: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        warning = "warning: " if self.severity is Severity.WARNING else ""
        return f"{self.file}:{self.line}: {warning}{self.field}: {self.message}"

    def as_warning(self) -> "Problem":
        """The same, as something to be looked at that stops nothing."""
        return replace(self, severity=Severity.WARNING)


class ContentError(Exception):
    """Content cannot be used; carries every problem that was found, not only the first."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems
