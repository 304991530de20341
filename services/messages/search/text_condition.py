"""A name and a phone as a search understands them, apart from how each engine finds them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services import names, phones

MIN_INDEXED_DIGITS, PHONE_TOKEN_LENGTH = 3, 4
"""The text indexes of both engines know phones by four digits in a row, and thereby three."""

RequiredColumns = Literal['places', 'facts', 'all']
"""What is needed of messages: their places, all that sums need, or everything."""


@dataclass(frozen=True)
class TextShape:
    """What a text search asks, its values apart: searches of one shape share one statement."""

    name_patterns: tuple[tuple[int, bool, bool], ...]
    """Of each reading of the name: how many fragments, and whether the two initials are known."""
    phone: Literal['whole', 'part'] | None

    def __bool__(self) -> bool:
        return bool(self.name_patterns or self.phone)


@dataclass(frozen=True)
class AccessPath:
    """How the rows of a query are reached."""

    uses_text_index: bool = False
    """Whether the text index gives them; otherwise they are read in the order of the list."""
    uses_sort_index: bool = False
    """Whether the index of the column that they are sorted by gives them in its order."""
    reverse: bool = False
    """Whether the last are read first: the end of the list is as near as its beginning."""
    limits_days: bool = False
    """Whether the index is asked for some tens of days alone."""
    token_set_counts: tuple[int, ...] = ()
    """How many sets of tokens the index is asked for, by each reading (services.messages.search.index_tokens)."""
    is_exact: bool = False
    """Whether the index gives what fits and nothing else, so that no message is held against what was typed."""


@dataclass(frozen=True)
class TextCondition:
    """What is known of the person: any of the readings of the name must fit, and the digits of the phone."""

    name_patterns: tuple[names.NamePattern, ...]
    phone: phones.PhoneDigits | None

    @classmethod
    def parse(cls, name: str, phone: str) -> 'TextCondition':
        """Understand what was typed; what says nothing is no condition."""
        return cls(names.parse_name(name), phones.parse_digits(phone))

    def __bool__(self) -> bool:
        return bool(self.name_patterns or self.phone)

    @property
    def has_full_phone(self) -> bool:
        """Whether the number is known to the last digit: then few messages fit."""
        return self.phone is not None and self.phone.is_full_number

    @property
    def has_indexed_phone(self) -> bool:
        """Whether so many digits are known that an index finds them."""
        return self.phone is not None and len(self.phone.digits) >= MIN_INDEXED_DIGITS

    @property
    def shape(self) -> TextShape:
        """What is asked, without what for."""
        name_patterns = tuple(
            (len(each.fragments), bool(each.given_initial), bool(each.patronymic_initial))
            for each in self.name_patterns
        )
        return TextShape(
            name_patterns, None if self.phone is None else 'whole' if self.phone.is_full_number else 'part'
        )

    def params(self, to_operand: Callable[[str], str]) -> dict[str, str]:
        """Give what stands in the places that a statement of this shape leaves open.

        Args:
            contained: turns a fragment into what the engine compares with.
        """
        params = {}
        for number, pattern in enumerate(self.name_patterns):
            for position, fragment in enumerate(pattern.fragments):
                params[f'name_{number}_{position}'] = to_operand(fragment)
            params[f'given_{number}'], params[f'patronymic_{number}'] = (
                pattern.given_initial,
                pattern.patronymic_initial,
            )
        if self.phone:
            params['phone'] = f'+{self.phone.digits}' if self.phone.is_full_number else to_operand(self.phone.digits)
        return params


def phone_tokens(digits: str) -> list[list[str]]:
    """Give sets of four digits in a row by which an index finds digits, any of each set.

    The last eight digits of many tell as much as all of them.
    """
    if len(digits) == MIN_INDEXED_DIGITS:
        return [[four for other in '0123456789' for four in (other + digits, digits + other)]]
    starts = {len(digits) - PHONE_TOKEN_LENGTH, max(len(digits) - 2 * PHONE_TOKEN_LENGTH, 0)}
    return [[digits[start : start + PHONE_TOKEN_LENGTH]] for start in sorted(starts)]
