"""A naive second implementation of how names are compared; it shares nothing with services.names, which must agree.

It knows only what the names and texts of the tests contain.
"""

import re
import unicodedata
from functools import cache
from itertools import pairwise

APOSTROPHES = '\'"`´’ʻʼ'
LOOKALIKES = dict(zip('abcehikmoptxy', 'авсенікмортху', strict=True))
ORIGINALS = {cyrillic: latin for latin, cyrillic in LOOKALIKES.items()}
KEYBOARD = dict(
    zip('qwertyuiop[]asdfghjkl;\'zxcvbnm,./`{}:"<>~?', 'йцукенгшщзхъфывапролджэячсмитьбю.ёхъжэбюё,', strict=True)
)
DASHES = '-‐–—'
PARTICLES = ('оглы', 'кызы', 'ogli')


def name_matches(typed: str, name: str) -> bool:
    """Return whether a stored name fits what was typed; anything fits a text without letters and digits."""
    folded = fold_name(name)
    letters = initials(folded)
    readings = all_readings(typed)
    return not readings or any(
        all(part in folded for part in parts)
        and whole_words <= known_words(name)
        and letters.startswith(given)
        and (not patronymic or letters[1:2] == patronymic)
        for parts, given, patronymic, whole_words in readings
    )


def surname_matches(typed: str, name: str) -> bool:
    """Return whether the surname of a stored name is one of the words that were typed, or its feminine form."""
    readings = all_readings(typed)
    folded = fold_name(name)
    words = folded.split(' ')
    letters = initials(folded)
    surname = words[0]
    if len(words) > 2 and letters == words[0][0] + words[1][0]:
        is_patronymic_second = re.fullmatch('.*(ич|[вч]на)', words[1]) is not None
        if len(words[0]) == 1 or is_patronymic_second or letters != words[1][0] + words[2][0]:
            surname = words[2]
    return not readings or any(
        surname in whole_words or surname in possible_surnames(typed_order(typed, parts), has_feminine=not whole_words)
        for parts, _, _, whole_words in readings
    )


def possible_surnames(parts: list[str], *, has_feminine: bool) -> set[str]:
    """Return the first words, and two neighbours as a double surname, of a man and of a woman."""
    parts = parts[:6]
    men = {*parts, *map(''.join, pairwise(parts))}
    return men | ({f'{man}а' for man in men if man[-2:] in ('ов', 'ев', 'ин', 'ын')} if has_feminine else set())


def typed_order(typed: str, parts: set[str]) -> list[str]:
    """Return the parts of a reading in the order in which they were typed."""
    for text, _ in keyboard_variants(typed):
        order = [part for word in split_name(text) for part in word]
        if parts <= set(order):
            return sorted(parts, key=order.index)
    return sorted(parts)


def known_words(name: str) -> set[str]:
    """Return the words of a stored name, and the halves of the one with the first hyphen."""
    folded = fold_name(name)
    place = name.find('-')
    if place < 1 or len(name.replace('-', '')) != len(folded):
        return set(folded.split())
    return {*folded.split(), *f'{folded[:place]} {folded[place:]}'.split()}


@cache
def all_readings(typed: str) -> list[tuple[set[str], str, str, set[str]]]:
    """Return the readings of a text, of which one must fit: the parts, the initials and the whole words."""
    return [
        (*reading, {''.join(word) for part in quoted for word in split_name(part)})
        for text, quoted in keyboard_variants(typed)
        for reading in read_name(text)
    ]


@cache
def fold_name(name: str) -> str:
    """Fold a name as it is stored and sorted by."""
    words = [''.join(word) for word in split_name(name)]
    at = given_position(words)
    if at == 0:
        end = 3 if words[2:3] and words[2] in PARTICLES else 2
        surname = ''.join(words[end:]) if all(word.isalpha() for word in words[end:]) else ' '.join(words[end:])
        words = [*words[:end], surname]
    elif at > 1:
        words = [''.join(words[:at]), *words[at:]]
    return ' '.join(words).strip()[:300].strip()


@cache
def initials(folded: str) -> str:
    """Return the first letters of the given name and the patronymic of a folded name."""
    words = folded.split()
    if len(words) == 2 and re.fullmatch('[а-яa-z]{2}', words[1]):
        return words[1]
    at = given_position(words)
    return ''.join(word[0] for word in words[at : at + 2])


def given_position(words: list[str]) -> int:
    """Return where the given name stands: first of two initials, last word before a patronymic, or second."""
    for at in range(len(words) - 1):
        if re.fullmatch('[^0-9] [^0-9]', f'{words[at]} {words[at + 1]}'):
            return at
    candidates = [at for at in range(1, len(words)) if is_patronymic(words[at]) and not is_patronymic(words[at - 1])]
    particles = [at for at in range(2, len(words)) if words[at] in PARTICLES]
    last = max([*candidates, *particles], default=2)
    return last - 2 if last in particles else last - 1


def is_patronymic(word: str) -> bool:
    """Return whether a word looks like a patronymic."""
    return bool(re.fullmatch('.*([ое]вич|[ое]вна|ична|[oe]vich|[oe]vna)|ильич', word)) and len(word) > 4


def split_name(name: str) -> list[list[str]]:
    """Split a name into words, and each double surname into its parts."""
    text = ''.join(letter for letter in name[:1200] if letter not in APOSTROPHES)
    text = ''.join(letter for letter in text if unicodedata.category(letter) not in {'Cf', 'Cs'})
    text = unicodedata.normalize('NFKC', unicodedata.normalize('NFKC', text).casefold()).replace('ё', 'е')
    text = ''.join(letter for letter in text if unicodedata.category(letter) != 'Mn')
    words: list[list[str]] = []
    for between, part in re.findall(r'([^\w]*)([\w]+)', text.replace('_', ' ')):
        part = one_alphabet(part, text)
        glued = bool(between) and all(letter in DASHES for letter in between)
        second = len(words) == 1 and len(part) > 1 and any(letter in DASHES + '([' for letter in between)
        if words and (glued or second):
            words[-1].append(part)
        else:
            words.append([part])
    return words


def one_alphabet(word: str, whole: str) -> str:
    """Write a word of two alphabets in one of them, and a single letter of a Cyrillic name in Cyrillic."""
    latin = [letter for letter in word if 'a' <= letter <= 'z']
    cyrillic = [letter for letter in word if 'Ѐ' <= letter <= 'ԯ']
    is_lone_letter = len(word) == 1 and any('Ѐ' <= letter <= 'ԯ' for letter in whole)
    if not latin or not (cyrillic or is_lone_letter):
        return word
    if all(letter in LOOKALIKES for letter in latin):
        return ''.join(LOOKALIKES.get(letter, letter) for letter in word)
    if all(letter in ORIGINALS for letter in cyrillic):
        return ''.join(ORIGINALS.get(letter, letter) for letter in word)
    return word


def keyboard_variants(typed: str) -> list[tuple[str, list[str]]]:
    """Return the text and its quoted parts without a date of birth, and as typed with the other keyboard layout."""
    dateless = re.sub(r'\b\d\d\.\d\d\.\d{4}\b', ' ', typed)
    text, quoted = read_quotes(dateless if re.search(r'[^\W_]', dateless) else typed)

    def other_layout(typed_text: str) -> str:
        return ''.join(KEYBOARD.get(key, key) for key in typed_text.lower())

    has_latin = re.search('[A-Za-z]', text)
    return [(text, quoted), *([(other_layout(text), list(map(other_layout, quoted)))] if has_latin else [])]


def read_quotes(text: str) -> tuple[str, list[str]]:
    """Return a text without its pairs of quotation marks, and what is in them."""
    kept, quoted, at = '', [], 0
    while at < len(text):
        closing = {'"': '"', '«': '»', '„': '“”', '“': '”'}.get(text[at], '')
        ends = [end for end in range(at + 1, len(text)) if text[end] in closing]
        is_outside = not is_letter(text[at - 1 : at]) and ends and ends[0] > at + 1
        if is_outside and not is_letter(text[ends[0] + 1 : ends[0] + 2]):
            quoted.append(text[at + 1 : ends[0]])
            kept, at = f'{kept} {quoted[-1]} ', ends[0] + 1
        else:
            kept, at = kept + text[at], at + 1
    return kept, quoted


def is_letter(character: str) -> bool:
    """Return whether a character is part of a word."""
    return re.fullmatch(r'[^\W_]', character) is not None


def read_name(typed: str) -> list[tuple[set[str], str, str]]:
    """Return the readings of a typed name: the parts it must contain, and the initials that are known."""
    words = split_name(typed)
    parts = [part for word in words for part in word]
    letters = [part for part in parts if len(part) == 1]
    long = {part for part in parts if len(part) > 1}
    if long and 0 < len(letters) < 3 and ''.join(letters).isalpha():
        if len(letters) == 2:
            return [(long, letters[0], letters[1])]
        return read_one_letter(words, parts, long, letters[0])
    readings = [(set(parts), '', '')] if parts else []
    pairs = [word[0] for word in words if len(word) == 1 and len(word[0]) == 2 and word[0].isalpha()]
    if len(pairs) == 1 and len(words) > 1 and not letters:
        readings.append((set(parts) - set(pairs), pairs[0][0], pairs[0][1]))
    return readings


def read_one_letter(
    words: list[list[str]], parts: list[str], long: set[str], letter: str
) -> list[tuple[set[str], str, str]]:
    """Return the readings of a name with one initial."""
    names = [word for word in words if word != [letter]]
    following = parts[parts.index(letter) + 1 :]
    if len(names) == 1:
        double = [(long, names[0][-1][0], letter)] if len(parts) == 3 else []
        return [(long, letter, ''), *double]
    if following and is_patronymic(following[0]):
        return [(long, letter, '')]
    joined = [({''.join(part for part in parts if part != letter)}, letter, '')]
    return [(long, '', letter), *(joined if len(parts) == 3 and parts[1] != letter else [])]
