"""Names as people type them: folded once, so that both engines compare the same text."""

import re
import unicodedata
from dataclasses import dataclass

MAX_NAME_LENGTH = 300
"""No name is longer; what is typed past it cannot narrow a search and is left off."""

HYPHENS = re.compile('[-\u2010\u2011\u2012\u2013\u2014\u2212]')
"""Hyphen-minus, hyphen, no-break hyphen, figure, en and em dash, minus sign."""
IGNORED_CHARACTERS = re.compile(
    "['`\u00b4\u02b9\u02bc\u2018\u2019\u2032\u00ad\u200b-\u200f\u2060\ufeff]|" + HYPHENS.pattern
)
"""What stands inside a word without parting it: apostrophes of every kind, hyphens, marks of no width."""
WORD_SEPARATORS = re.compile(r'[\s.,\x00-\x1f\x7f-\x9f]+')

LATIN_LAYOUT_KEYS = '`qwertyuiop[]asdfghjkl;\'zxcvbnm,.~{}:"<>'
RUSSIAN_LAYOUT_KEYS = 'ёйцукенгшщзхъфывапролджэячсмитьбюёхъжэбю'
LATIN_TO_RUSSIAN_LAYOUT = str.maketrans(LATIN_LAYOUT_KEYS, RUSSIAN_LAYOUT_KEYS)
"""What a Russian keyboard types where a Latin layout was left switched on."""


@dataclass(frozen=True)
class NamePattern:
    """One way to understand a typed name: every fragment is part of some word, and the initials fit.

    `initials` has two letters (given name, patronymic), one letter of either, or none.
    """

    fragments: tuple[str, ...]
    given_initial: str = ''
    """The letter that the given name begins with, or nothing."""
    patronymic_initial: str = ''
    """The letter that the patronymic begins with, or nothing."""


def fold(text: str) -> str:
    """Fold a name: lower case, ё as е, hyphens and apostrophes dropped, words parted by single blanks.

    «Салтыков-Щедрин Пётр» → «салтыковщедрин петр». Folding what is folded changes nothing.
    """
    valid_text = text.encode('utf-8', 'ignore').decode()
    lowercase = unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', valid_text).casefold()).replace('ё', 'е')
    return ' '.join(WORD_SEPARATORS.sub(' ', IGNORED_CHARACTERS.sub('', lowercase)).split())


def initials(folded_name: str) -> str:
    """Give the first letters of the second and the third word of a folded name: «иванов иван петрович» → «ип»."""
    return ''.join(word[0] for word in folded_name.split()[1:3])


def parse_name(typed: str) -> tuple[NamePattern, ...]:
    """Understand a typed name; nothing typed gives no readings, and Latin letters a second one by the keyboard.

    A hyphen parts fragments here, so that «Щедрин-Салтыков» and half of a double name are found too. A single letter
    beside a longer fragment is an initial: two are the given name's and the patronymic's («Иванов И.П.»), one after a
    surname is the given name's, and one after two words the patronymic's («Иванов Иван П»).
    """
    typed = typed[:MAX_NAME_LENGTH]
    variants = [typed]
    if re.search('[A-Za-z]', typed):
        variants.append(typed.lower().translate(LATIN_TO_RUSSIAN_LAYOUT))
    patterns = (_parse_variant(variant) for variant in variants)
    return tuple(dict.fromkeys(pattern for pattern in patterns if pattern))


def _parse_variant(typed: str) -> NamePattern | None:
    words = fold(HYPHENS.sub(' ', typed)).split()
    if not words:
        return None
    fragment_words, letters = [word for word in words if len(word) > 1], [word for word in words if len(word) == 1]
    if not fragment_words or not letters or len(letters) > 2 or not all(letter.isalpha() for letter in letters):
        return NamePattern(tuple(dict.fromkeys(words)))
    fragments = tuple(dict.fromkeys(fragment_words))
    if len(letters) == 2:
        return NamePattern(fragments, given_initial=letters[0], patronymic_initial=letters[1])
    if len(fragment_words) == 1:
        return NamePattern(fragments, given_initial=letters[0])
    return NamePattern(fragments, patronymic_initial=letters[0])


def matches(pattern: NamePattern, folded_name: str) -> bool:
    """Say whether a folded name fits a reading: the plain meaning that every index must give."""
    name_initials = initials(folded_name)
    return (
        all(fragment in folded_name for fragment in pattern.fragments)
        and (not pattern.given_initial or name_initials[:1] == pattern.given_initial)
        and (not pattern.patronymic_initial or name_initials[1:2] == pattern.patronymic_initial)
    )
