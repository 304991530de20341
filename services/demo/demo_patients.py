"""Invented patients for demonstration data: any number of them, made from their number alone, none kept in memory."""

import csv
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

from services.names import fold, initials

DICTIONARIES = Path(__file__).parents[2] / 'data'

T = TypeVar('T')

SLOTS = 1 << 14
"""A table has so many slots, and a common name takes many of them: choosing by weight is then one look-up."""
RARE_SHARE = 0.2
"""Of persons: those whose surname is one of thousands made from stems."""
DOUBLE_SURNAME_ONE_IN = 128
NO_PATRONYMIC_SHARE = 0.01

STEM_ENDINGS = ('ов', 'енко', 'овский', 'чук', 'ин')
FEMININE = (('ский', 'ская'), ('цкий', 'цкая'), ('ой', 'ая'), ('ый', 'ая'))
FEMININE_A = ('ов', 'ев', 'ёв', 'ин', 'ын')

# The first three digits of mobile numbers in use around Moscow.
MOBILE_CODES = (
    903, 905, 906, 909, 910, 915, 916, 917, 919, 925, 926, 929, 936, 958, 962, 963, 964, 965, 966, 967, 968, 977, 980,
    985, 986, 991, 993, 995, 996, 999,
)  # fmt: skip
NUMBERS_OF_CODE = 10_000_000
WORD = (1 << 64) - 1


class Word(NamedTuple):
    """A name as it is shown, and as the journal folds it."""

    shown: str
    folded: str


class Given(NamedTuple):
    """Given name and patronymic: shown, folded, and their folded first letters."""

    shown: str
    folded: str
    initials: str


class Person(NamedTuple):
    """A recipient as a message stores him."""

    name: str
    name_key: str
    initials: str
    phone: str
    given: str
    """Given name and patronymic, as a message addresses him."""


class People:
    """The people of a demonstration; the same seed gives the same people."""

    def __init__(self, seed: int) -> None:
        """Read the dictionaries and lay out the tables of names."""
        random = Random(seed)
        self._seed = random.getrandbits(64)
        common = (DICTIONARIES / 'surnames.txt').read_text('utf-8').split()
        stems = (DICTIONARIES / 'surname_stems.txt').read_text('utf-8').split()
        rare = [stem + ending for stem in stems for ending in STEM_ENDINGS]
        # As in life, the n-th commonest surname is borne by about 1/n of those who bear the first.
        weights = [1 / (rank + 10) for rank in range(len(common))]
        rare_weight = sum(weights) * RARE_SHARE / (1 - RARE_SHARE) / len(rare)
        table = slots([*common, *rare], [*weights, *[rare_weight] * len(rare)])
        self._surnames = (
            [Word(surname, fold(surname)) for surname in table],
            [Word(woman, fold(woman)) for woman in map(feminine, table)],
        )
        self._given = _given_names(random)

    def person(self, number: int) -> Person:
        """Give the person of a number; one number is always one person with one phone."""
        # A multiplicative hash: neighbouring numbers have nothing in common.
        mixed = ((number ^ self._seed) * 0x9E3779B97F4A7C15) & WORD
        mixed = ((mixed ^ (mixed >> 31)) * 0xBF58476D1CE4E5B9) & WORD
        mixed ^= mixed >> 29
        woman = mixed & 1
        surnames = self._surnames[woman]
        surname, surname_key = surnames[(mixed >> 1) % SLOTS]
        given, given_key, letters = self._given[woman][(mixed >> 15) % SLOTS]
        if (mixed >> 29) % DOUBLE_SURNAME_ONE_IN == 0:
            second, second_key = surnames[(mixed >> 40) % SLOTS]
            if '-' not in surname + second and surname != second:
                surname, surname_key = f'{surname}-{second}', surname_key + second_key
        # Stepping by a prime goes once through all numbers before one comes again.
        subscriber = (number * 7_368_787 + self._seed) % (len(MOBILE_CODES) * NUMBERS_OF_CODE)
        code, rest = divmod(subscriber, NUMBERS_OF_CODE)
        return Person(
            f'{surname} {given}', f'{surname_key} {given_key}', letters, f'+7{MOBILE_CODES[code]}{rest:07}', given
        )


def feminine(surname: str) -> str:
    """Give a surname as a woman bears it: «Королёв» → «Королёва», «Крамской» → «Крамская», «Шевченко» as it is."""
    if '-' in surname:
        return '-'.join(map(feminine, surname.split('-')))
    if surname.endswith(FEMININE_A):
        return f'{surname}а'
    for masculine, ending in FEMININE:
        if surname.endswith(masculine) and len(surname) > len(masculine) + 1:
            return surname.removesuffix(masculine) + ending
    return surname


def _given_names(random: Random) -> tuple[Sequence[Given], Sequence[Given]]:
    with (DICTIONARIES / 'given_names.csv').open(encoding='utf-8', newline='') as file:
        rows = list(csv.DictReader(file, delimiter=';'))
    men = [row for row in rows if row['пол'] == 'м']
    women = [row for row in rows if row['пол'] == 'ж']
    fathers = slots(men, [1 / (rank + 5) for rank in range(len(men))])
    tables = []
    for people, patronymic in ((men, 'отчество мужское'), (women, 'отчество женское')):
        named = slots(people, [1 / (rank + 5) for rank in range(len(people))])
        random.shuffle(fathers)
        table = []
        for row, father in zip(named, fathers, strict=True):
            shown = row['имя'] if random.random() < NO_PATRONYMIC_SHARE else f'{row["имя"]} {father[patronymic]}'
            table.append(Given(shown, fold(shown), initials(f'surname {fold(shown)}')))
        tables.append(table)
    return tables[0], tables[1]


def slots(things: Sequence[T], weights: Sequence[float], size: int = SLOTS) -> list[T]:
    """Lay things out in a table of `size` slots, each in as many as its weight asks."""
    shares = list(accumulate(weights))
    ends = [round(share / shares[-1] * size) for share in shares]
    starts = [0, *ends[:-1]]
    return [thing for thing, start, end in zip(things, starts, ends, strict=True) for _ in range(start, end)]
