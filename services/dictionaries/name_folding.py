"""Folding of the names of organisations and kinds: spellings that differ only in typography have one folded name.

The result is stored in the columns `name_key` and `folded_name`; a change needs a migration that folds them again.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from services.formats import distinctive_part_first
from services.names import MAX_TYPED_LENGTH, normalize

LATIN_LOOK_ALIKES: Final = 'abcehkmoptxy'
CYRILLIC_LOOK_ALIKES: Final = 'авсенкмортху'
"""Lower-case letters whose capitals look the same in both alphabets, in the same order."""
TO_CYRILLIC: Final = str.maketrans(LATIN_LOOK_ALIKES, CYRILLIC_LOOK_ALIKES)
TO_LATIN: Final = str.maketrans(CYRILLIC_LOOK_ALIKES, LATIN_LOOK_ALIKES)
LATIN_ONLY: Final = frozenset('dfgijlnqrsuvwz')
CYRILLIC_ONLY: Final = frozenset('бгджзийлфцчшщъыьэюя')
"""The letters that have no such counterpart."""
INVISIBLE_CATEGORIES: Final = frozenset({'Cf', 'Mn'})
"""Soft hyphens, zero-width characters and accents, which are removed from the middle of a word."""
WORDS: Final = re.compile(r'[^\W_]+|\+')
"""Letters and digits, and plus signs, which distinguish names. Quotation marks, dots and № do not."""


def fold_entry_name(name: str) -> str:
    """Fold a name: «ГБУЗ “Областная больница”.» → «гбуз областная больница». The function is idempotent.

    Case, ё and е, punctuation, repeated blanks, and Latin letters that look like Cyrillic ones make no difference. Only
    the first MAX_TYPED_LENGTH characters are folded.
    """
    return _fold(name[:MAX_TYPED_LENGTH])


def fold_sort_name(name: str) -> str:
    """Fold the name of an organisation as lists show it, with its distinctive part first, for sorting.

    The folded name follows, because no two organisations may be equal in a list that is read one by one.
    """
    return f'{fold_entry_name(distinctive_part_first(name))}\n{fold_entry_name(name)}'


@lru_cache(maxsize=10_000)
def _fold(name: str) -> str:
    # NFKC would convert № to the word No.
    lowercase = normalize(name.replace('№', ' '), MAX_TYPED_LENGTH)
    visible = ''.join(letter for letter in lowercase if unicodedata.category(letter) not in INVISIBLE_CATEGORIES)
    words = WORDS.findall(visible.replace('ё', 'е'))
    # A name without letters and digits is its own spelling.
    return ' '.join(map(_in_one_alphabet, words)) or ' '.join(lowercase.split())


def _in_one_alphabet(word: str) -> str:
    """Replace look-alike letters: by Latin ones in a word that only Latin explains, otherwise by Cyrillic ones."""
    is_latin = LATIN_ONLY.intersection(word) and not CYRILLIC_ONLY.intersection(word)
    return word.translate(TO_LATIN if is_latin else TO_CYRILLIC)
