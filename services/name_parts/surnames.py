"""The surname of a stored name, and the surnames that were typed: for searches by nothing but the surname."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from services.names import NamePattern

FEMININE_IN_A: Final = ('ов', 'ев', 'ин', 'ын')
"""Endings of folded surnames whose feminine form only adds a letter: «Иванов», «Иванова»."""
MAX_TYPED_WORDS: Final = 6
"""Words of a typed name that may be the surname; the others are only parts of the name."""


def surname_of(folded_name: str, initials: str) -> str:
    """Return the surname of a folded name: its first word, or the third if it begins with given name and patronymic.

    `initials` are those of the given name and the patronymic (services.names.initials). A double surname is one word.
    services.database.indexes.condition_indexes has the same function as an expression of each engine.
    """
    first, second, third, *_ = [*folded_name.split(' '), '', '', '']
    if not third or initials != first[:1] + second[:1]:
        return first
    # «Иванов Иван Иванович» and «Иван Иванович Иванов» have the same initials in both readings.
    is_ambiguous = initials == second[:1] + third[:1]
    begins_with_given_name = len(first) == 1 or second[-2:] == 'ич' or second[-3:] in ('вна', 'чна')
    return third if begins_with_given_name or not is_ambiguous else first


def typed_surnames(patterns: Iterable[NamePattern]) -> tuple[str, ...]:
    """Return the folded surnames that a typed name may mean, each once: «иванов» is that of women, too.

    A word in quotation marks is a surname only as it is; two words may be the halves of a double surname.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        fragments = pattern.fragments[:MAX_TYPED_WORDS]
        for word in (*fragments, *(one + other for one, other in pairwise(fragments))):
            found[word] = None
            if word.endswith(FEMININE_IN_A) and not pattern.words:
                found[f'{word}а'] = None
        found |= dict.fromkeys(pattern.words)
    return tuple(found)
