"""The one direction `models <- services <- journal_ui <- main`, and the habits that a reading of the files can hold."""

import ast
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ('models', 'services', 'journal_ui')
FORBIDDEN = {
    'models': {'services', 'journal_ui', 'main', 'nicegui'},
    'services': {'journal_ui', 'main', 'nicegui'},
    'journal_ui': {'main', 'sqlalchemy', 'sqlmodel', 'sqlite3', 'psycopg', 'alembic', 'passlib', 'argon2'},
}
MAX_FILE_LINES = 300
# Put together here, so that this file does not hold what it looks for.
REGISTRIES = tuple(
    '.'.join(parts)
    for parts in (
        ('pypi', 'org'),
        ('pythonhosted', 'org'),
        ('npmjs', 'org'),
        ('npmjs', 'com'),
        ('yarnpkg', 'com'),
        ('debian', 'org'),
        ('docker', 'io'),
    )
)

SOURCES = [path.relative_to(ROOT) for layer in LAYERS for path in sorted((ROOT / layer).rglob('*.py'))]


def imports(source: str) -> Iterator[str]:
    """Give the top-level package of everything that a piece of Python imports, inside functions too."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name.partition('.')[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition('.')[0]


def imports_test_module(node: ast.ImportFrom) -> bool:
    """Return whether an import takes something from a test module or a conftest, or imports one."""
    names = [*(node.module or '').split('.'), *(alias.name for alias in node.names)]
    return any(name.startswith('test_') or name == 'conftest' for name in names)


def test_every_kind_of_import_is_seen() -> None:
    source = 'import a.b, c as d\nfrom e.f import g\nfrom . import h\nfrom .i import j\ndef k():\n    import l'
    assert sorted(imports(source)) == ['a', 'c', 'e', 'l']


@pytest.mark.parametrize('path', SOURCES, ids=str)
def test_imports_go_one_way(path: Path) -> None:
    forbidden = FORBIDDEN[path.parts[0]].intersection(imports((ROOT / path).read_text(encoding='utf-8')))
    assert not forbidden, f'{path} imports {", ".join(sorted(forbidden))}'


@pytest.mark.parametrize('path', SOURCES, ids=str)
def test_a_file_has_one_job(path: Path) -> None:
    lines = (ROOT / path).read_text(encoding='utf-8').count('\n')
    assert lines <= MAX_FILE_LINES, f'{path} has {lines} lines: what are its two jobs?'


def test_no_two_files_of_words_use_a_name_for_two_things() -> None:
    """They are gathered into one: the later would take the place of the earlier."""
    nodes = [
        node
        for path in (ROOT / 'services' / 'texts').glob('*.py')
        for node in ast.parse(path.read_text(encoding='utf-8')).body
        if isinstance(node, ast.Assign)
    ]
    names = [target.id for node in nodes for target in node.targets if isinstance(target, ast.Name)]
    assert not [name for name, times in Counter(names).items() if times > 1]


def test_no_file_names_a_registry() -> None:
    """Where packages come from is the machine's own setting: hospitals have mirrors inside."""
    # New files count before they are committed; what git ignores is not ours.
    listing = subprocess.run(
        ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip('This copy of the program is no git checkout.')
    found = []
    for name in listing.stdout.decode().split('\0'):
        path = ROOT / name
        if name and path.is_file():
            content = path.read_bytes().lower()
            found += [f'{name}: {registry}' for registry in REGISTRIES if registry.encode() in content]
    assert not found


@pytest.mark.parametrize('path', SOURCES, ids=str)
def test_nothing_waits_with_wait_for(path: Path) -> None:
    """On Python 3.11 `asyncio.wait_for` loses a cancellation that comes together with the result: use `timeout`."""
    nodes = ast.walk(ast.parse((ROOT / path).read_text(encoding='utf-8')))
    assert not [node.lineno for node in nodes if isinstance(node, ast.Attribute) and node.attr == 'wait_for']


def test_no_test_module_imports_from_another() -> None:
    """What two test modules need belongs to tests/helpers, or is a fixture of a conftest."""
    found = [
        f'{path.relative_to(ROOT)}: {node.module}'
        for path in sorted((ROOT / 'tests').rglob('*.py'))
        if 'node_modules' not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
        if isinstance(node, ast.ImportFrom) and imports_test_module(node)
    ]
    assert not found


def test_an_import_of_a_test_module_is_noticed() -> None:
    for source in (
        'from tests.a.test_b import c',
        'from .test_b import c',
        'from tests.a import test_b',
        'from . import conftest',
    ):
        (node,) = ast.parse(source).body
        assert isinstance(node, ast.ImportFrom)
        assert imports_test_module(node)
