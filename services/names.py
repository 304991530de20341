"""Names of people: folding for comparison, which is the same on both engines, and parsing of typed names."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from services.name_parts.patronymics import PATRONYMIC_PARTICLES, is_patronymic
from services.name_parts.quoted_words import unquote

MAX_NAME_LENGTH = 300
"""The maximum length of a folded name in characters."""
MAX_TYPED_LENGTH = 4 * MAX_NAME_LENGTH
"""Characters of a name that are folded; normalization of an unlimited text would take minutes."""
MAX_TEXT_LENGTH = 5_000
"""Characters of any other text that are folded."""
MAX_MARKS = 30
"""Combining marks in a row; no language has more, and Unicode sorts n of them in a time in proportion to n²."""
DECOMPOSED_MARKS = '\u0f73\u0f75\u0f81\uff9e\uff9f'
"""Characters that become combining marks by normalization, without being combining marks themselves."""

HYPHENS = re.compile('[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]+')
"""Hyphen-minus, hyphen, no-break hyphen, figure, en and em dash, horizontal bar, minus sign, small and wide forms."""
IGNORED_CHARACTERS = re.compile(
    "['`\u00b4\u02b9\u02bc\u2018\u2019\u2032\u00ad\u200b-\u200f\u2060\ufeff]|[-\u2010-\u2014\u2212]"
)
"""Characters inside a word that do not separate words: apostrophes, hyphens and zero-width characters."""
WORD_SEPARATORS = re.compile(r'[\s.,\x00-\x1f\x7f-\x9f]+')

IGNORED_IN_NAMES = re.compile(
    '[\'"`\u00b4\u02b9-\u02bf\u02c8\u02ee\u055a\u05f3\u2018\u2019\u201b\u2032\u2035\ua78b\ua78c\uff02\uff07'
    '\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]'
)
"""Apostrophes and what is typed instead, zero-width characters, and those that set the direction of the text."""
COMBINING_MARKS = re.compile('[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]')
NAME_WORD = re.compile(r'[^\W_]+')
"""A word of a name: letters and digits; everything else separates words."""
PLAIN_NAME = re.compile('[А-Яа-яЁё ]*')
"""A name without anything special, which nearly all are: its words are found in a fraction of the time."""
SURNAME_SEPARATOR = re.compile(r'[-\u2010-\u2015\u2212(\[]')
"""A dash or an opening bracket: after the first word, what follows is another surname of the same person."""

LATIN_LETTER = re.compile('[a-z\u00df-\u024f]')
CYRILLIC_LETTER = re.compile('[\u0400-\u052f]')
LATIN_LOOKALIKES, CYRILLIC_LOOKALIKES = 'abcehikmoptxy', 'авсенікмортху'
"""Letters that look alike in either case (`B` and `В`, `c` and `с`), in lower case."""
LATIN_TO_CYRILLIC = str.maketrans(LATIN_LOOKALIKES + 'ëï', CYRILLIC_LOOKALIKES + 'еї')
CYRILLIC_TO_LATIN = str.maketrans(CYRILLIC_LOOKALIKES, LATIN_LOOKALIKES)

LATIN_LAYOUT_KEYS = '`qwertyuiop[]asdfghjkl;\'zxcvbnm,.~{}:"<>'
RUSSIAN_LAYOUT_KEYS = 'ёйцукенгшщзхъфывапролджэячсмитьбюёхъжэбю'
LATIN_TO_RUSSIAN_LAYOUT = str.maketrans(LATIN_LAYOUT_KEYS, RUSSIAN_LAYOUT_KEYS)
"""Maps Latin letters to the Russian letters on the same keys, for text typed with the wrong keyboard layout.

The full stop and the comma of the Russian layout, which are `/` and `?`, separate words as they are.
"""

RUSSIAN_TO_LATIN_LAYOUT = str.maketrans(RUSSIAN_LAYOUT_KEYS[:33], LATIN_LAYOUT_KEYS[:33])
"""The inverse mapping, for text that was typed with the wrong layout and recorded like that."""
INVISIBLE_CHARACTERS = re.compile(
    '[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e'
    '\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]'
)
"""Zero-width characters, and those that set the direction of the text."""
CONTROL_CHARACTERS = re.compile('[\x00-\x1f\x7f-\x9f\u2028\u2029]')

BIRTH_DATE = re.compile(
    r'(?:(?:д\.?\s?р\.?|дата рождения)[\s:]*)?(?<!\d)'
    r'(?:\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)|\d{4}([./-])\d{1,2}\2\d{1,2}|(?:19|20)\d\d(?=\s?г))(?!\d)'
    r'(?:\s?г(?:\.?\s?р\b|од[а-я]* рожд[а-я]*)?\b\.?)?',
    re.IGNORECASE,
)
"""A date of birth as it is pasted with a name: `01.02.1980`, `1980-02-01`, `01.02.80 г.р.`, `1980 г.р.`."""


@dataclass(frozen=True)
class NamePattern:
    """One interpretation of a typed name: every fragment occurs in the name, and the initials match."""

    fragments: tuple[str, ...]
    given_initial: str = ''
    """The first letter of the given name; empty for any."""
    patronymic_initial: str = ''
    """The first letter of the patronymic; empty for any."""
    words: tuple[str, ...] = ()
    """Whole words of the name, typed in quotation marks; the parts of a double name are one word."""


def normalize(text: str, max_length: int) -> str:
    """Return the first `max_length` characters of a text in NFKC and without case; the time is proportional to them."""
    valid_text = _limit_marks(text[:max_length].encode('utf-8', 'ignore').decode())
    # Some characters stand for up to eighteen others.
    return unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', valid_text)[:max_length].casefold())


def _limit_marks(text: str) -> str:
    """Remove all but the first MAX_MARKS of combining marks in a row (the Stream-Safe Text Process of Unicode)."""
    if len(text) <= MAX_MARKS or text.isascii():
        return text
    letters, marks = [], 0
    for letter in text:
        marks = marks + 1 if unicodedata.combining(letter) or letter in DECOMPOSED_MARKS else 0
        if marks <= MAX_MARKS:
            letters.append(letter)
    return ''.join(letters)


def fold(text: str) -> str:
    """Fold a text that is no name of a person: lower case, ё as е, no hyphens and apostrophes, single spaces.

    «ГБУЗ Химкинская-2» → «гбуз химкинская2». Idempotent. Only the first `MAX_TEXT_LENGTH` characters are folded.
    """
    lowercase = normalize(text, MAX_TEXT_LENGTH).replace('ё', 'е')
    return ' '.join(WORD_SEPARATORS.sub(' ', IGNORED_CHARACTERS.sub('', lowercase)).split())


def visible_text(text: str) -> str:
    """Return what is seen of a typed text, on one line: without invisible characters, loose accents and wide gaps.

    «о», a thousand zero-width spaces and a line feed → «о». Lone surrogates are removed too.
    """
    text = unicodedata.normalize('NFC', _limit_marks(text[:MAX_TEXT_LENGTH].encode('utf-8', 'ignore').decode()))
    text = CONTROL_CHARACTERS.sub(' ', INVISIBLE_CHARACTERS.sub('', text))
    return ' '.join(COMBINING_MARKS.sub('', text).split())


def layout_variants(text: str) -> tuple[str, ...]:
    """Return a text as it would be with the other keyboard layout: «иванов» → «bdfyjd», and back."""
    lower = text.lower()
    variants = (lower.translate(RUSSIAN_TO_LATIN_LAYOUT), lower.translate(LATIN_TO_RUSSIAN_LAYOUT))
    return tuple(variant for variant in variants if variant != lower)


def fold_name(name: str) -> str:
    """Fold the name of a person into lower-case words, the parts of a double surname written as one word.

    «Салтыков-Щедрин Пётр», «Салтыков (Щедрин) Пётр» → «салтыковщедрин петр». Where a patronymic or two initials tell
    which word is the given name, a space in the surname does not matter either: «Салтыков Щедрин М.Е.» →
    «салтыковщедрин м е». Letters of the other alphabet that look alike are those of the rest of the word.
    A name without letters and digits is folded like any other text, because only a deleted name is empty.
    """
    return (_fold_name(name) or fold(name[:MAX_TYPED_LENGTH]))[:MAX_NAME_LENGTH].rstrip()


def initials(folded_name: str) -> str:
    """Return the first letters of given name and patronymic: «иванов иван петрович», «иван петрович иванов» → «ип»."""
    words = folded_name.split()
    if len(words) == 2 and len(words[1]) == 2 and words[1].isalpha():
        return words[1]  # «Иванов ИП»
    start = _given_name_position(words)
    return ''.join(word[0] for word in words[start : start + 2])


def surname(folded_name: str) -> list[str]:
    """Return the words of a folded name that are neither the given name nor the patronymic; all, if these are all."""
    words = folded_name.split()
    start = _given_name_position(words)
    return words[:start] + words[start + 2 :] or words


def is_too_long(typed: str) -> bool:
    """Return whether a typed name has more letters than any stored name, or more text than is folded."""
    return len(typed.strip()) > MAX_TYPED_LENGTH or len(_fold_name(typed)) > MAX_NAME_LENGTH


def parse_name(typed: str) -> tuple[NamePattern, ...]:
    """Parse a typed name into its interpretations; a name matches if it matches any of them.

    Input without letters and digits has none. A date of birth is ignored. Latin letters add an interpretation, as if
    typed with the Russian keyboard layout. A hyphen separates fragments, so that «Щедрин-Салтыков» and one half of a
    double name match too. A part in quotation marks must also be a whole word of the name. A single letter next to a
    longer fragment is an initial: two letters, separate or together, are those of the given name and the patronymic
    («Иванов И.П.», «Иванов ИП»), one letter after a surname is that of the given name, and one letter after two words
    is that of the patronymic («Иванов Иван П»).
    """
    typed = typed[:MAX_TYPED_LENGTH]
    name = BIRTH_DATE.sub(' ', typed)
    if not NAME_WORD.search(name):
        name = typed
    name, quoted = unquote(name)
    variants = [(name, quoted)]
    if re.search('[A-Za-z]', name):
        variants.append((_to_russian_layout(name), tuple(map(_to_russian_layout, quoted))))
    return tuple(
        dict.fromkeys(
            replace(pattern, words=_unique(''.join(word) for each in quoted for word in _split_words(each)))
            for variant, quoted in variants
            for pattern in _parse_variant(variant)
        )
    )


def matches(pattern: NamePattern, folded_name: str) -> bool:
    """Return whether a folded name matches a pattern, whole words apart: a folded name does not tell its halves."""
    name_initials = initials(folded_name)
    return (
        all(fragment in folded_name for fragment in pattern.fragments)
        and (not pattern.given_initial or name_initials[:1] == pattern.given_initial)
        and (not pattern.patronymic_initial or name_initials[1:2] == pattern.patronymic_initial)
    )


def _parse_variant(typed: str) -> Iterator[NamePattern]:
    words = _split_words(typed)
    parts = [part for word in words for part in word]
    fragments, letters = _unique(part for part in parts if len(part) > 1), [part for part in parts if len(part) == 1]
    if not fragments or not letters or len(letters) > 2 or not all(letter.isalpha() for letter in letters):
        if parts:
            yield NamePattern(_unique(parts))
        pairs = [word[0] for word in words if len(word) == 1 and len(word[0]) == 2 and word[0].isalpha()]
        if len(pairs) == 1 and not letters and len(words) > 1:
            yield NamePattern(_unique(part for part in parts if part != pairs[0]), pairs[0][0], pairs[0][1])
        return
    if len(letters) == 2:
        yield NamePattern(fragments, letters[0], letters[1])
        return
    (letter,) = letters
    names = [word for word in words if word != [letter]]
    after_letter = parts[parts.index(letter) + 1 :][:1]
    if len(names) > 1 and not (after_letter and is_patronymic(after_letter[0])):
        yield NamePattern(fragments, patronymic_initial=letter)
        if len(parts) == 3 and parts[1] != letter:  # «Салтыков Щедрин М»
            yield NamePattern((''.join(part for part in parts if part != letter),), given_initial=letter)
        return
    yield NamePattern(fragments, given_initial=letter)
    if len(parts) == 3 and len(names) == 1:  # «Салтыков-Щедрин М», stored without a hyphen: «Салтыков Щедрин Михаил»
        yield NamePattern(fragments, given_initial=names[0][-1][0], patronymic_initial=letter)


def _to_russian_layout(typed: str) -> str:
    return typed.lower().translate(LATIN_TO_RUSSIAN_LAYOUT)


def _fold_name(name: str) -> str:
    return ' '.join(_join_surname([''.join(word) for word in _split_words(name)]))


def _split_words(name: str) -> list[list[str]]:
    """Split a name into its words, each a list of the parts of a double name, in lower case and one alphabet."""
    name = name[:MAX_TYPED_LENGTH]
    if PLAIN_NAME.fullmatch(name):
        return [[word] for word in name.lower().replace('ё', 'е').split()]
    text = normalize(IGNORED_IN_NAMES.sub('', name), MAX_TYPED_LENGTH).replace('ё', 'е')
    text = IGNORED_IN_NAMES.sub('', COMBINING_MARKS.sub('', text))
    has_both_alphabets = LATIN_LETTER.search(text) and CYRILLIC_LETTER.search(text)
    words: list[list[str]] = []
    end = 0
    for found in NAME_WORD.finditer(text):
        separator, part = text[end : found.start()], found[0]
        end = found.end()
        if has_both_alphabets:
            part = _unify_alphabet(part)
        is_second_surname = len(words) == 1 and len(part) > 1 and SURNAME_SEPARATOR.search(separator)
        if words and (is_second_surname or HYPHENS.fullmatch(separator)):
            words[-1].append(part)
        else:
            words.append([part])
    return words


def _unify_alphabet(word: str) -> str:
    """Replace letters of the other alphabet by those that look alike; a single letter of a name is Cyrillic."""
    latin, cyrillic = set(LATIN_LETTER.findall(word)), set(CYRILLIC_LETTER.findall(word))
    if not latin or (not cyrillic and len(word) > 1):
        return word
    if all(ord(letter) in LATIN_TO_CYRILLIC for letter in latin):
        return word.translate(LATIN_TO_CYRILLIC)
    if all(ord(letter) in CYRILLIC_TO_LATIN for letter in cyrillic):
        return word.translate(CYRILLIC_TO_LATIN)
    return word


def _join_surname(words: list[str]) -> list[str]:
    """Write the words before the given name, or after the patronymic if the name begins with the given name, as one."""
    start = _given_name_position(words)
    if start > 1:
        return [''.join(words[:start]), *words[start:]]
    end = 2 + (words[2:3] != [] and words[2] in PATRONYMIC_PARTICLES)
    surname = list(takewhile(str.isalpha, words[end:])) if start == 0 else []
    return [*words[:end], ''.join(surname), *words[end + len(surname) :]] if len(surname) > 1 else words


def _given_name_position(words: Sequence[str]) -> int:
    """Return the position of the given name: the first of two initials, or before the patronymic, or the second."""
    for position in range(len(words) - 1):
        if len(words[position]) == len(words[position + 1]) == 1 and (words[position] + words[position + 1]).isalpha():
            return position
    for position in range(len(words) - 1, 0, -1):
        if position > 1 and words[position] in PATRONYMIC_PARTICLES:
            return position - 2
        # «Роман Аркадьевич Абрамович»: a surname may look like a patronymic, a given name never does.
        if is_patronymic(words[position]) and not is_patronymic(words[position - 1]):
            return position - 1
    return 1


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
