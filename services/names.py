"""Names as people type them: folded once, so that both engines compare the same text."""

import re
import unicodedata
from dataclasses import dataclass

MOST_LETTERS = 300
"""No name is longer; what is typed past it cannot narrow a search and is left off."""

HYPHENS = re.compile('[-\u2010\u2011\u2012\u2013\u2014\u2212]')
"""Hyphen-minus, hyphen, no-break hyphen, figure, en and em dash, minus sign."""
JOINERS = re.compile("['`\u00b4\u02b9\u02bc\u2018\u2019\u2032\u00ad\u200b-\u200f\u2060\ufeff]|" + HYPHENS.pattern)
"""What stands inside a word without parting it: apostrophes of every kind, hyphens, marks of no width."""
PARTERS = re.compile(r'[\s.,\x00-\x1f\x7f-\x9f]+')

KEYS_LATIN = '`qwertyuiop[]asdfghjkl;\'zxcvbnm,.~{}:"<>'
KEYS_RUSSIAN = 'ёйцукенгшщзхъфывапролджэячсмитьбюёхъжэбю'
LAYOUT = str.maketrans(KEYS_LATIN, KEYS_RUSSIAN)
"""What a Russian keyboard types where a Latin layout was left switched on."""


@dataclass(frozen=True)
class Reading:
    """One way to understand a typed name: every fragment is part of some word, and the initials fit.

    `initials` has two letters (given name, patronymic), one letter of either, or none.
    """

    fragments: tuple[str, ...]
    given: str = ''
    """The letter that the given name begins with, or nothing."""
    patronymic: str = ''
    """The letter that the patronymic begins with, or nothing."""


def fold(text: str) -> str:
    """Fold a name: lower case, ё as е, hyphens and apostrophes dropped, words parted by single blanks.

    «Салтыков-Щедрин Пётр» → «салтыковщедрин петр». Folding what is folded changes nothing.
    """
    sound = text.encode('utf-8', 'ignore').decode()
    lower = unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', sound).casefold()).replace('ё', 'е')
    return ' '.join(PARTERS.sub(' ', JOINERS.sub('', lower)).split())


def initials(folded: str) -> str:
    """Give the first letters of the second and the third word of a folded name: «иванов иван петрович» → «ип»."""
    return ''.join(word[0] for word in folded.split()[1:3])


def readings(typed: str) -> tuple[Reading, ...]:
    """Understand a typed name; nothing typed gives no readings, and Latin letters a second one by the keyboard.

    A hyphen parts fragments here, so that «Щедрин-Салтыков» and half of a double name are found too. A single letter
    beside a longer fragment is an initial: two are the given name's and the patronymic's («Иванов И.П.»), one after a
    surname is the given name's, and one after two words the patronymic's («Иванов Иван П»).
    """
    typed = typed[:MOST_LETTERS]
    variants = [typed]
    if re.search('[A-Za-z]', typed):
        variants.append(typed.lower().translate(LAYOUT))
    found = (_reading(variant) for variant in variants)
    return tuple(dict.fromkeys(reading for reading in found if reading))


def _reading(typed: str) -> Reading | None:
    words = fold(HYPHENS.sub(' ', typed)).split()
    if not words:
        return None
    long, single = [word for word in words if len(word) > 1], [word for word in words if len(word) == 1]
    if not long or not single or len(single) > 2 or not all(letter.isalpha() for letter in single):
        return Reading(tuple(dict.fromkeys(words)))
    fragments = tuple(dict.fromkeys(long))
    if len(single) == 2:
        return Reading(fragments, given=single[0], patronymic=single[1])
    if len(long) == 1:
        return Reading(fragments, given=single[0])
    return Reading(fragments, patronymic=single[0])


def matches(reading: Reading, folded: str) -> bool:
    """Say whether a folded name fits a reading: the plain meaning that every index must give."""
    first = initials(folded)
    return (
        all(fragment in folded for fragment in reading.fragments)
        and (not reading.given or first[:1] == reading.given)
        and (not reading.patronymic or first[1:2] == reading.patronymic)
    )
