"""The result of a check."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

MAX_LISTED_DIFFERENCES = 20
"""Differences that are listed one by one; the others are only counted."""


@dataclass(frozen=True)
class SkippedCheck:
    """A check that was not possible, with the reason."""

    reason: str


CheckOutput: TypeAlias = str | SkippedCheck
"""A difference in one line without personal data, or a skipped check."""


@dataclass(frozen=True)
class CheckResult:
    """The differences and notes of one check."""

    title: str
    differences: Sequence[str]
    """The first differences, at most MAX_LISTED_DIFFERENCES."""
    count: int
    """The number of all differences."""
    notes: Sequence[str] = ()
    """The reasons of skipped parts."""

    @classmethod
    def collect(cls, title: str, outputs: Iterator[CheckOutput]) -> Self:
        """Collect the outputs of a check."""
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
