"""A name and a phone as parsed conditions, independent of how each engine finds them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from services import names, phones

MIN_INDEXED_DIGITS, PHONE_TOKEN_LENGTH = 3, 4
"""The text indexes of both engines know phones by four digits in a row; three are found as the start or end of four."""


@dataclass(frozen=True)
class TextShape:
    """The structure of a text condition without its values: searches of one shape share one statement."""

    name_patterns: tuple[tuple[int, bool, bool, int], ...]
    """For each reading of the name: the number of fragments, whether each of the two initials is known, and the number
    of whole words."""
    phone_patterns: tuple[Literal['whole', 'part'], ...]
    """What is known of the phone, for each of its readings."""

    def __bool__(self) -> bool:
        return bool(self.name_patterns or self.phone_patterns)


@dataclass(frozen=True)
class TextCondition:
    """What is known of the recipient: any of the readings of the name must fit, and any of those of the phone."""

    name_patterns: tuple[names.NamePattern, ...]
    phone_patterns: tuple[phones.PhonePattern, ...]

    @classmethod
    def parse(cls, name: str, phone: str) -> 'TextCondition':
        """Parse what was typed; text without letters or digits is no condition."""
        return cls(names.parse_name(name), phones.parse_search(phone))

    def __bool__(self) -> bool:
        return bool(self.name_patterns or self.phone_patterns)

    @property
    def has_single_words(self) -> bool:
        """Whether each reading of the name is one word or fragment, and nothing else.

        A fragment that a whole word contains counts, too, because a surname may be meant by it.
        """
        return all(
            len(pattern.fragments) == 1 and sum(shape) == 1
            for pattern, shape in zip(self.name_patterns, self.shape.name_patterns, strict=True)
        )

    def without_name(self) -> 'TextCondition':
        """Return the condition on the phone alone."""
        return TextCondition((), self.phone_patterns)

    @property
    def has_full_phone(self) -> bool:
        """Whether the whole number is known: then few messages fit."""
        return any(pattern.is_full_number for pattern in self.phone_patterns)

    @property
    def has_indexed_phone(self) -> bool:
        """Whether enough digits are known for the text index."""
        shortest = min((len(pattern.digits) for pattern in self.phone_patterns), default=0)
        return shortest >= MIN_INDEXED_DIGITS

    @property
    def shape(self) -> TextShape:
        """The structure of the condition, without its values."""
        name_patterns = tuple(
            (
                len(separate_fragments(each)),
                bool(each.given_initial),
                bool(each.patronymic_initial),
                len(each.words),
            )
            for each in self.name_patterns
        )
        return TextShape(
            name_patterns, tuple('whole' if each.is_full_number else 'part' for each in self.phone_patterns)
        )

    def params(self, to_operand: Callable[[str], str]) -> dict[str, str]:
        """Return the parameters of a statement of this shape.

        Args:
            to_operand: converts a fragment to the operand that the engine compares with.
        """
        params = {}
        for number, pattern in enumerate(self.name_patterns):
            for position, fragment in enumerate(separate_fragments(pattern)):
                params[f'name_{number}_{position}'] = to_operand(fragment)
            for position, word in enumerate(pattern.words):
                params[f'word_{number}_{position}'] = to_operand(f' {word} ')
            params[f'given_{number}'], params[f'patronymic_{number}'] = (
                pattern.given_initial,
                pattern.patronymic_initial,
            )
        for number, phone in enumerate(self.phone_patterns):
            params[f'phone_{number}'] = phone.text if phone.is_full_number else to_operand(phone.text)
        return params


def separate_fragments(pattern: names.NamePattern) -> tuple[str, ...]:
    """Return the fragments of a pattern that no whole word of it contains."""
    return tuple(each for each in pattern.fragments if not any(each in word for word in pattern.words))


def phone_tokens(digits: str) -> list[list[str]]:
    """Return token sets, each of four digits in a row, by which an index finds digits: any token of each set.

    Of a longer number the last eight digits are used, because they are as selective as all of them.
    """
    if len(digits) == MIN_INDEXED_DIGITS:
        return [[four for other in '0123456789' for four in (other + digits, digits + other)]]
    starts = {len(digits) - PHONE_TOKEN_LENGTH, max(len(digits) - 2 * PHONE_TOKEN_LENGTH, 0)}
    return [[digits[start : start + PHONE_TOKEN_LENGTH]] for start in sorted(starts)]
