"""What a check came to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

SHOWN = 20
"""Differences that are said one by one; of more there is only a count."""


@dataclass(frozen=True)
class Note:
    """What was not looked at, and why: no difference, though no proof either."""

    sentence: str


Found: TypeAlias = str | Note
"""A difference, in a line without any personal data; or a note."""


@dataclass(frozen=True)
class Finding:
    """One check."""

    title: str
    differences: Sequence[str]
    """The first of them."""
    count: int
    """How many there are in all."""
    notes: Sequence[str] = ()

    @classmethod
    def of(cls, title: str, found: Iterator[Found]) -> Self:
        """Gather what a check finds."""
        differences: list[str] = []
        notes: list[str] = []
        count = 0
        for one in found:
            if isinstance(one, Note):
                notes.append(one.sentence)
                continue
            count += 1
            if count <= SHOWN:
                differences.append(one)
        return cls(title, differences, count, notes)
