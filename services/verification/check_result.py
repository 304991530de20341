"""What a check came to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

MAX_LISTED_DIFFERENCES = 20
"""Differences that are said one by one; of more there is only a count."""


@dataclass(frozen=True)
class SkippedCheck:
    """What was not looked at, and why: no difference, though no proof either."""

    reason: str


CheckOutput: TypeAlias = str | SkippedCheck
"""A difference, in a line without any personal data; or a note."""


@dataclass(frozen=True)
class CheckResult:
    """One check."""

    title: str
    differences: Sequence[str]
    """The first of them."""
    count: int
    """How many there are in all."""
    notes: Sequence[str] = ()

    @classmethod
    def collect(cls, title: str, outputs: Iterator[CheckOutput]) -> Self:
        """Gather what a check finds."""
        differences: list[str] = []
        notes: list[str] = []
        count = 0
        for output in outputs:
            if isinstance(output, SkippedCheck):
                notes.append(output.reason)
                continue
            count += 1
            if count <= MAX_LISTED_DIFFERENCES:
                differences.append(output)
        return cls(title, differences, count, notes)
