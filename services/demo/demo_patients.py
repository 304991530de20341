"""Invented patients for demonstration data: each is computed from its number alone, so that none is stored."""

import csv
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import NamedTuple, TypeVar

from services.names import fold_name, initials
from services.program_folders import DATA_FOLDER

T = TypeVar('T')

TABLE_SIZE = 1 << 14
"""The slots of a table; a common name takes many slots, so that a weighted choice is one look-up."""
RARE_SHARE = 0.2
"""The share of patients whose surname is one of thousands formed from stems."""
DOUBLE_SURNAME_ONE_IN = 128
NO_PATRONYMIC_SHARE = 0.01

STEM_ENDINGS = ('ов', 'енко', 'овский', 'чук', 'ин')
FEMININE = (('ский', 'ская'), ('цкий', 'цкая'), ('ой', 'ая'), ('ый', 'ая'))
FEMININE_A = ('ов', 'ев', 'ёв', 'ин', 'ын')

# The first three digits, after +7, of mobile numbers in use around Moscow.
MOBILE_CODES = (
    903, 905, 906, 909, 910, 915, 916, 917, 919, 925, 926, 929, 936, 958, 962, 963, 964, 965, 966, 967, 968, 977, 980,
    985, 986, 991, 993, 995, 996, 999,
)  # fmt: skip
MOBILE_PREFIXES = tuple(f'7{code}' for code in MOBILE_CODES)
FOREIGN_PREFIXES = ('37529', '7701', '99290', '99450', '99890')
FOREIGN_ONE_IN = 64
NUMBERS_PER_PREFIX = 10_000_000
MASK_64_BITS = (1 << 64) - 1


class FoldedName(NamedTuple):
    """A name for display, and folded for the search."""

    text: str
    folded: str


class GivenNames(NamedTuple):
    """Given name and patronymic: for display, folded, and their folded initials."""

    text: str
    folded: str
    initials: str


class DemoPatient(NamedTuple):
    """A patient with the fields that a message stores."""

    name: str
    name_key: str
    initials: str
    phone: str
    given: str
    """Given name and patronymic, for the salutation of a message."""


class DemoPatients:
    """The patients of a demonstration; equal seeds produce equal patients."""

    def __init__(self, seed: int) -> None:
        """Read the dictionaries and build the tables of names."""
        random = Random(seed)
        self._seed = random.getrandbits(64)
        common = (DATA_FOLDER / 'surnames.txt').read_text('utf-8').split()
        stems = (DATA_FOLDER / 'surname_stems.txt').read_text('utf-8').split()
        rare = [stem + ending for stem in stems for ending in STEM_ENDINGS]
        # By Zipf's law, the n-th most common surname is about 1/n as frequent as the first.
        weights = [1 / (rank + 10) for rank in range(len(common))]
        rare_weight = sum(weights) * RARE_SHARE / (1 - RARE_SHARE) / len(rare)
        table = weighted_table([*common, *rare], [*weights, *[rare_weight] * len(rare)])
        # A common name takes many slots, and folding takes far longer than a look-up: each name is folded once.
        men = {surname: FoldedName(surname, fold_name(surname)) for surname in set(table)}
        women = {surname: FoldedName(woman, fold_name(woman)) for surname in men for woman in [feminine(surname)]}
        self._surnames = ([men[surname] for surname in table], [women[surname] for surname in table])
        self._given = _given_names(random)

    def patient(self, number: int) -> DemoPatient:
        """Return the patient with this number; a number always has the same name and phone."""
        # A multiplicative hash, so that neighbouring numbers have unrelated names.
        mixed = ((number ^ self._seed) * 0x9E3779B97F4A7C15) & MASK_64_BITS
        mixed = ((mixed ^ (mixed >> 31)) * 0xBF58476D1CE4E5B9) & MASK_64_BITS
        mixed ^= mixed >> 29
        woman = mixed & 1
        surnames = self._surnames[woman]
        surname, surname_key = surnames[(mixed >> 1) % TABLE_SIZE]
        given, given_key, letters = self._given[woman][(mixed >> 15) % TABLE_SIZE]
        if (mixed >> 29) % DOUBLE_SURNAME_ONE_IN == 0:
            second, second_key = surnames[(mixed >> 40) % TABLE_SIZE]
            if '-' not in surname + second and surname != second:
                surname, surname_key = f'{surname}-{second}', surname_key + second_key
        # Multiples of a prime modulo the range visit every number before one repeats.
        index, is_other = divmod(number, FOREIGN_ONE_IN)
        prefixes, serial = (MOBILE_PREFIXES, number) if is_other else (FOREIGN_PREFIXES, index)
        subscriber = (serial * 7_368_787 + self._seed) % (len(prefixes) * NUMBERS_PER_PREFIX)
        prefix, rest = divmod(subscriber, NUMBERS_PER_PREFIX)
        return DemoPatient(
            f'{surname} {given}', f'{surname_key} {given_key}', letters, f'+{prefixes[prefix]}{rest:07}', given
        )


def feminine(surname: str) -> str:
    """Return the feminine form of a surname: «Королёв» → «Королёва», «Крамской» → «Крамская», «Шевченко» unchanged."""
    if '-' in surname:
        return '-'.join(map(feminine, surname.split('-')))
    if surname.endswith(FEMININE_A):
        return f'{surname}а'
    for masculine, ending in FEMININE:
        if surname.endswith(masculine) and len(surname) > len(masculine) + 1:
            return surname.removesuffix(masculine) + ending
    return surname


def _given_names(random: Random) -> tuple[Sequence[GivenNames], Sequence[GivenNames]]:
    with (DATA_FOLDER / 'given_names.csv').open(encoding='utf-8', newline='') as file:
        rows = list(csv.DictReader(file, delimiter=';'))
    men = [row for row in rows if row['пол'] == 'м']
    women = [row for row in rows if row['пол'] == 'ж']
    fathers = weighted_table(men, [1 / (rank + 5) for rank in range(len(men))])
    tables = []
    for people, patronymic in ((men, 'отчество мужское'), (women, 'отчество женское')):
        named = weighted_table(people, [1 / (rank + 5) for rank in range(len(people))])
        random.shuffle(fathers)
        names = []
        for row, father in zip(named, fathers, strict=True):
            names.append(row['имя'] if random.random() < NO_PATRONYMIC_SHARE else f'{row["имя"]} {father[patronymic]}')
        known = {name: _fold_given_names(name) for name in set(names)}
        tables.append([known[name] for name in names])
    return tables[0], tables[1]


def _fold_given_names(name: str) -> GivenNames:
    folded = fold_name(name)
    return GivenNames(name, folded, initials(f'surname {folded}'))


def weighted_table(items: Sequence[T], weights: Sequence[float], size: int = TABLE_SIZE) -> list[T]:
    """Distribute items over a table of `size` slots in proportion to their weights."""
    shares = list(accumulate(weights))
    ends = [round(share / shares[-1] * size) for share in shares]
    starts = [0, *ends[:-1]]
    return [item for item, start, end in zip(items, starts, ends, strict=True) for _ in range(start, end)]
