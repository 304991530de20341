"""Names of people: folding for comparison, which is the same on both engines, and parsing of typed names."""

import re
import unicodedata
from dataclasses import dataclass

MAX_NAME_LENGTH = 300
"""The maximum length of a name in characters; longer input is truncated, because the rest cannot match."""

HYPHENS = re.compile('[-\u2010\u2011\u2012\u2013\u2014\u2212]')
"""Hyphen-minus, hyphen, no-break hyphen, figure, en and em dash, minus sign."""
IGNORED_CHARACTERS = re.compile(
    "['`\u00b4\u02b9\u02bc\u2018\u2019\u2032\u00ad\u200b-\u200f\u2060\ufeff]|" + HYPHENS.pattern
)
"""Characters inside a word that do not separate words: apostrophes, hyphens and zero-width characters."""
WORD_SEPARATORS = re.compile(r'[\s.,\x00-\x1f\x7f-\x9f]+')

LATIN_LAYOUT_KEYS = '`qwertyuiop[]asdfghjkl;\'zxcvbnm,.~{}:"<>'
RUSSIAN_LAYOUT_KEYS = 'ёйцукенгшщзхъфывапролджэячсмитьбюёхъжэбю'
LATIN_TO_RUSSIAN_LAYOUT = str.maketrans(LATIN_LAYOUT_KEYS, RUSSIAN_LAYOUT_KEYS)
"""Maps Latin letters to the Russian letters on the same keys, for text typed with the wrong keyboard layout."""


@dataclass(frozen=True)
class NamePattern:
    """One interpretation of a typed name: every fragment occurs in the name, and the initials match."""

    fragments: tuple[str, ...]
    given_initial: str = ''
    """The first letter of the given name; empty for any."""
    patronymic_initial: str = ''
    """The first letter of the patronymic; empty for any."""


def fold(text: str) -> str:
    """Fold a name: lower case, ё as е, no hyphens and apostrophes, words separated by single spaces.

    «Салтыков-Щедрин Пётр» → «салтыковщедрин петр». The function is idempotent.
    """
    valid_text = text.encode('utf-8', 'ignore').decode()
    lowercase = unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', valid_text).casefold()).replace('ё', 'е')
    return ' '.join(WORD_SEPARATORS.sub(' ', IGNORED_CHARACTERS.sub('', lowercase)).split())


def initials(folded_name: str) -> str:
    """Return the first letters of the second and third word of a folded name: «иванов иван петрович» → «ип»."""
    return ''.join(word[0] for word in folded_name.split()[1:3])


def parse_name(typed: str) -> tuple[NamePattern, ...]:
    """Parse a typed name into its interpretations; a name matches if it matches any of them.

    Empty input has none. Latin letters add a second interpretation, as if typed with the Russian keyboard layout. A
    hyphen separates fragments, so that «Щедрин-Салтыков» and one half of a double name match too. A single letter next
    to a longer fragment is an initial: two letters are those of the given name and the patronymic («Иванов И.П.»), one
    letter after a surname is that of the given name, and one letter after two words is that of the patronymic
    («Иванов Иван П»).
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
    fragment_words = [word for word in words if len(word) > 1]
    letters = [word for word in words if len(word) == 1]
    if not fragment_words or not letters or len(letters) > 2 or not all(letter.isalpha() for letter in letters):
        return NamePattern(tuple(dict.fromkeys(words)))
    fragments = tuple(dict.fromkeys(fragment_words))
    if len(letters) == 2:
        return NamePattern(fragments, given_initial=letters[0], patronymic_initial=letters[1])
    if len(fragment_words) == 1:
        return NamePattern(fragments, given_initial=letters[0])
    return NamePattern(fragments, patronymic_initial=letters[0])


def matches(pattern: NamePattern, folded_name: str) -> bool:
    """Return whether a folded name matches a pattern; the search by index must return the same result."""
    name_initials = initials(folded_name)
    return (
        all(fragment in folded_name for fragment in pattern.fragments)
        and (not pattern.given_initial or name_initials[:1] == pattern.given_initial)
        and (not pattern.patronymic_initial or name_initials[1:2] == pattern.patronymic_initial)
    )
