"""The operator's guide says what is on the screen, to the letter, and shows pictures that are there."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services import texts
from services.settings import PROJECT_ROOT

GUIDE = (PROJECT_ROOT / 'docs' / 'operator.md').read_text(encoding='utf-8')
NO_TEXT = {'?'}
"""The sign on a button that is called «Клавиши»."""


def texts_of(value: Any) -> Iterator[str]:
    """Give every text that a value of services.texts holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts_of(tuple(value.values()))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from texts_of(each)


PLACEHOLDER = re.compile(r'{\w*}')
PATTERNS = [
    re.compile('.+'.join(map(re.escape, PLACEHOLDER.split(text))))
    for name, value in vars(texts).items()
    if name.isupper()
    for text in texts_of(value)
    if any(map(str.isalpha, PLACEHOLDER.sub('', text)))
]
QUOTED = re.findall(r'«([^«»]+)»', GUIDE)
SENTENCES = [words for words in re.findall(r'\*\*(.+?)\*\*', GUIDE) if '«' not in words]


@pytest.mark.parametrize('words', sorted({*QUOTED, *SENTENCES} - NO_TEXT))
def test_what_it_quotes_stands_on_the_screen(words: str) -> None:
    plain = words.replace('\n', ' ')
    assert any(pattern.fullmatch(plain) for pattern in PATTERNS), f'«{plain}» is nowhere in services/texts'


def test_what_stands_nowhere_is_noticed() -> None:
    assert not any(pattern.fullmatch('Такой кнопки нет') for pattern in PATTERNS)


def test_it_quotes_something_of_each_kind() -> None:
    assert len(QUOTED) > 30
    assert len(SENTENCES) > 5


def test_it_addresses_the_reader_in_lower_case() -> None:
    assert not re.findall(r'(?<![.!?*] )(?<![.!?*]\n)(?<=\s)В(?:ы|ас|ам|ами|аш\w*)\b', GUIDE)


def test_every_picture_exists_and_is_said_in_words() -> None:
    pictures = re.findall(r'!\[(.*)\]\((.+)\)', GUIDE)
    assert pictures
    for words, path in pictures:
        assert words, path
        assert (PROJECT_ROOT / 'docs' / path).exists(), path


def test_pictures_are_light_enough_to_carry_about() -> None:
    assert sum(path.stat().st_size for path in (PROJECT_ROOT / 'docs' / 'images').iterdir()) < 2_000_000
