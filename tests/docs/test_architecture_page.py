"""The pages for developers name only modules, folders and classes that exist."""

import re

import pytest

from services.settings import PROJECT_ROOT

PAGES = ('docs/architecture.md', 'CONTRIBUTING.md')
PATH = re.compile(
    r'`((?:models|services|journal_ui|tests|docs|deploy|data)/[\w./-]*|main\.py|Makefile|pyproject\.toml)`'
)
CLASS = re.compile(r'`((?:[A-Z][a-z]+){2,}|Services|Settings)(?:\(\))?`')
NAMED = [
    (page, path)
    for page in PAGES
    for path in sorted(set(PATH.findall((PROJECT_ROOT / page).read_text(encoding='utf-8'))))
]
CLASSES = [
    (page, name)
    for page in PAGES
    for name in sorted(set(CLASS.findall((PROJECT_ROOT / page).read_text(encoding='utf-8'))))
]
SOURCE = '\n'.join(
    path.read_text(encoding='utf-8')
    for folder in ('models', 'services', 'journal_ui')
    for path in (PROJECT_ROOT / folder).rglob('*.py')
)


@pytest.mark.parametrize(('page', 'path'), NAMED)
def test_every_path_exists(page: str, path: str) -> None:
    target = PROJECT_ROOT / path
    assert target.is_dir() if path.endswith('/') else target.is_file()


@pytest.mark.parametrize(('page', 'name'), CLASSES)
def test_every_class_exists(page: str, name: str) -> None:
    assert re.search(rf'^(class {name}\b|{name} = )', SOURCE, re.MULTILINE)


def test_every_path_in_the_text_is_checked() -> None:
    """A path that is not written in full would not be checked."""
    for page in PAGES:
        text = (PROJECT_ROOT / page).read_text(encoding='utf-8')
        assert len(PATH.findall(text)) > 20
        assert not [
            word
            for word in re.findall(r'`([\w./]+\.py)`', text)
            if word != '__init__.py' and not PATH.fullmatch(f'`{word}`')
        ]
