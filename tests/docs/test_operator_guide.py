"""The operator's guide quotes texts exactly as on the screen, and its pictures exist."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services import texts
from services.settings import PROJECT_ROOT

GUIDE = (PROJECT_ROOT / 'docs' / 'operator.md').read_text(encoding='utf-8')
NO_TEXT = {'?'}
"""The symbol on the button «Клавиши», which services.texts does not contain."""


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text in a value of services.texts."""
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
def test_every_quoted_text_is_on_the_screen(words: str) -> None:
    plain = words.replace('\n', ' ')
    assert any(pattern.fullmatch(plain) for pattern in PATTERNS), f'«{plain}» is not in services/texts'


def test_an_unknown_text_is_noticed() -> None:
    assert not any(pattern.fullmatch('Такой кнопки нет') for pattern in PATTERNS)


def test_it_quotes_texts_of_each_kind() -> None:
    assert len(QUOTED) > 30
    assert len(SENTENCES) > 5


def test_it_addresses_the_reader_in_lower_case() -> None:
    assert not re.findall(r'(?<![.!?*] )(?<![.!?*]\n)(?<=\s)В(?:ы|ас|ам|ами|аш\w*)\b', GUIDE)


def test_every_picture_exists_and_has_an_alternative_text() -> None:
    pictures = re.findall(r'!\[(.*)\]\((.+)\)', GUIDE)
    assert pictures
    for words, path in pictures:
        assert words, path
        assert (PROJECT_ROOT / 'docs' / path).exists(), path


def test_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in (PROJECT_ROOT / 'docs' / 'images').iterdir()) < 2_000_000
