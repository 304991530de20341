"""A name and a phone as a search understands them, apart from how each engine finds them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services import names, phones

FEWEST_DIGITS, FOUR = 3, 4
"""The text indexes of both engines know phones by four digits in a row, and thereby three."""

Reach = Literal['places', 'facts', 'all']
"""What is needed of messages: their places, all that sums need, or everything."""


@dataclass(frozen=True)
class TextShape:
    """What a text search asks, its values apart: searches of one shape share one statement."""

    readings: tuple[tuple[int, bool, bool], ...]
    """Of each reading of the name: how many fragments, and whether the two initials are known."""
    phone: Literal['whole', 'part'] | None

    def __bool__(self) -> bool:
        return bool(self.readings or self.phone)


@dataclass(frozen=True)
class Way:
    """How the rows of a query are reached."""

    by_index: bool = False
    """Whether the text index gives them; otherwise they are read in the order of the list."""
    along: bool = False
    """Whether the index of the column that they are sorted by gives them in its order."""
    backwards: bool = False
    """Whether the last are read first: the end of the list is as near as its beginning."""
    tens: bool = False
    """Whether the index is asked for some tens of days alone."""
    sets: tuple[int, ...] = ()
    """How many sets of tokens the index is asked for, by each reading (services.messages.search.index_tokens)."""
    exact: bool = False
    """Whether the index gives what fits and nothing else, so that no message is held against what was typed."""


@dataclass(frozen=True)
class TextSearch:
    """What is known of the person: any of the readings of the name must fit, and the digits of the phone."""

    names: tuple[names.Reading, ...]
    phone: phones.Digits | None

    @classmethod
    def of(cls, name: str, phone: str) -> 'TextSearch':
        """Understand what was typed; what says nothing is no condition."""
        return cls(names.readings(name), phones.known_digits(phone))

    def __bool__(self) -> bool:
        return bool(self.names or self.phone)

    @property
    def whole_phone(self) -> bool:
        """Whether the number is known to the last digit: then few messages fit."""
        return self.phone is not None and self.phone.whole

    @property
    def long_phone(self) -> bool:
        """Whether so many digits are known that an index finds them."""
        return self.phone is not None and len(self.phone.digits) >= FEWEST_DIGITS

    @property
    def shape(self) -> TextShape:
        """What is asked, without what for."""
        readings = tuple((len(each.fragments), bool(each.given), bool(each.patronymic)) for each in self.names)
        return TextShape(readings, None if self.phone is None else 'whole' if self.phone.whole else 'part')

    def values(self, contained: Callable[[str], str]) -> dict[str, str]:
        """Give what stands in the places that a statement of this shape leaves open.

        Args:
            contained: turns a fragment into what the engine compares with.
        """
        found = {}
        for number, reading in enumerate(self.names):
            for place, fragment in enumerate(reading.fragments):
                found[f'name_{number}_{place}'] = contained(fragment)
            found[f'given_{number}'], found[f'patronymic_{number}'] = reading.given, reading.patronymic
        if self.phone:
            found['phone'] = f'+{self.phone.digits}' if self.phone.whole else contained(self.phone.digits)
        return found


def fours(digits: str) -> list[list[str]]:
    """Give sets of four digits in a row by which an index finds digits, any of each set.

    The last eight digits of many tell as much as all of them.
    """
    if len(digits) == FEWEST_DIGITS:
        return [[four for other in '0123456789' for four in (other + digits, digits + other)]]
    starts = {len(digits) - FOUR, max(len(digits) - 2 * FOUR, 0)}
    return [[digits[start : start + FOUR]] for start in sorted(starts)]
