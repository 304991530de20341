"""The import direction `models <- services <- journal_ui <- main`, and conventions checked by parsing the source."""

import ast
import builtins
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
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
MAX_MODULES = 14
"""The largest number of modules in a folder, not counting `__init__.py`."""
MIGRATIONS = Path('models/migrations/versions')
"""Exempt from MAX_MODULES, because migrations are never removed."""
ROOT_ERROR = 'JournalError'
NON_STANDARD_VERBS = (
    'Give', 'Gives', 'Say', 'Says', 'Tell', 'Tells', 'Hear', 'Hears', 'See to', 'Have', 'Let', 'Look',
)  # fmt: skip
"""Beginnings of docstrings that do not say what the function does."""
# Joined here, so that this file does not contain the names it searches for.
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
FOLDERS = sorted({path.parent for path in SOURCES})


@cache
def parse(path: Path) -> ast.Module:
    """Parse a source file given by its path in the repository."""
    return ast.parse((ROOT / path).read_text(encoding='utf-8'))


def imported_packages(module: ast.Module) -> Iterator[str]:
    """Return the top-level packages of all absolute imports of a module, including those inside functions."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (name.name.partition('.')[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition('.')[0]


def class_definitions(paths: list[Path]) -> list[tuple[Path, ast.ClassDef]]:
    """Return all classes defined in the files, including nested ones."""
    return [(path, node) for path in paths for node in ast.walk(parse(path)) if isinstance(node, ast.ClassDef)]


def base_names(definition: ast.ClassDef) -> set[str]:
    """Return the names of the base classes, without their modules and type arguments."""
    return {ast.unparse(base).partition('[')[0].rpartition('.')[2] for base in definition.bases}


def subclasses_of(roots: set[str], bases_by_class: dict[str, set[str]]) -> set[str]:
    """Return the classes that derive from one of the roots, directly or through other classes."""
    known = set(roots)
    while True:
        derived = {name for name, bases in bases_by_class.items() if bases & known} - known
        if not derived:
            return known - roots
        known |= derived


def builtin_exceptions() -> set[str]:
    """Return the names of the exceptions that Python defines."""
    return {
        name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
    }


def strings_as_statements(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Return the line and text of every docstring, including those of attributes."""
    for node in ast.walk(module):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value.strip()


def starts_with_non_standard_verb(docstring: str) -> bool:
    """Return whether a docstring starts with one of NON_STANDARD_VERBS as a whole word."""
    return any(docstring.startswith((f'{verb} ', f'{verb}:', f'{verb},')) for verb in NON_STANDARD_VERBS)


def is_import_or_export_list(statement: ast.stmt) -> bool:
    """Return whether a statement is what a package may contain after its docstring."""
    is_export_list = isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == '__all__'
    return isinstance(statement, ast.ImportFrom) or is_export_list


def imports_test_module(node: ast.ImportFrom) -> bool:
    """Return whether an import takes something from a test module or a conftest, or imports one."""
    names = [*(node.module or '').split('.'), *(alias.name for alias in node.names)]
    return any(name.startswith('test_') or name == 'conftest' for name in names)


def test_every_kind_of_import_is_recognised() -> None:
    source = 'import a.b, c as d\nfrom e.f import g\nfrom . import h\nfrom .i import j\ndef k():\n    import l'
    assert sorted(imported_packages(ast.parse(source))) == ['a', 'c', 'e', 'l']


def test_imports_have_one_direction() -> None:
    forbidden = {str(path): FORBIDDEN[path.parts[0]].intersection(imported_packages(parse(path))) for path in SOURCES}
    assert {path: packages for path, packages in forbidden.items() if packages} == {}


def test_a_file_has_one_job() -> None:
    lines = {str(path): (ROOT / path).read_text(encoding='utf-8').count('\n') for path in SOURCES}
    assert {path: count for path, count in lines.items() if count > MAX_FILE_LINES} == {}, 'What are their two jobs?'


def test_a_folder_has_few_modules() -> None:
    modules = Counter(path.parent for path in SOURCES if path.name != '__init__.py' and path.parent != MIGRATIONS)
    assert {str(folder): count for folder, count in modules.items() if count > MAX_MODULES} == {}


def test_a_package_has_a_docstring_and_at_most_exports() -> None:
    packages = [folder / '__init__.py' for folder in FOLDERS]
    assert [str(path) for path in packages if path not in SOURCES] == [], 'These are missing'
    assert [str(path) for path in packages if not ast.get_docstring(parse(path))] == [], 'These have no docstring'
    others = [
        f'{path}:{statement.lineno}'
        for path in packages
        for statement in parse(path).body[1:]
        if not is_import_or_export_list(statement)
    ]
    assert others == [], 'These are neither imports nor __all__'


def test_a_class_name_exists_once() -> None:
    paths = [path for path in SOURCES if path.parent != MIGRATIONS]
    paths_by_class: dict[str, list[str]] = {}
    for path, definition in class_definitions(paths):
        paths_by_class.setdefault(definition.name, []).append(str(path))
    assert {name: files for name, files in paths_by_class.items() if len(files) > 1} == {}


def test_subclasses_are_recognised_through_other_classes() -> None:
    bases = {'A': {'ValueError'}, 'B': {'A', 'Mixin'}, 'C': {'B'}, 'D': {'Other'}}
    assert subclasses_of({'ValueError'}, bases) == {'A', 'B', 'C'}


def test_every_exception_derives_from_the_root_and_is_named_error() -> None:
    definitions = class_definitions([path for path in SOURCES if path.parts[0] in {'services', 'journal_ui'}])
    bases_by_class = {definition.name: base_names(definition) for _, definition in definitions}
    exceptions = subclasses_of(builtin_exceptions(), bases_by_class)
    assert ROOT_ERROR in exceptions
    assert exceptions - subclasses_of({ROOT_ERROR}, bases_by_class) == {ROOT_ERROR}
    assert [name for name in sorted(exceptions) if not name.endswith('Error')] == []


@pytest.mark.parametrize(
    ('docstring', 'expected'),
    [
        ('Give the rows.', True),
        ('See to it that rows are drawn.', True),
        ('See services.errors.', False),
        ('Letters of a name.', False),
        ('Return the rows.', False),
    ],
)
def test_a_non_standard_verb_is_recognised(docstring: str, *, expected: bool) -> None:
    assert starts_with_non_standard_verb(docstring) == expected


def test_docstrings_start_with_a_standard_verb() -> None:
    found = [
        f'{path}:{line} {text[:60]}'
        for path in SOURCES
        for line, text in strings_as_statements(parse(path))
        if starts_with_non_standard_verb(text)
    ]
    assert found == []


def test_a_text_constant_is_defined_in_one_module_only() -> None:
    """services.texts re-exports all modules of texts, so that a second definition would silently replace the first."""
    nodes = [
        node
        for path in (ROOT / 'services' / 'texts').glob('*.py')
        for node in ast.parse(path.read_text(encoding='utf-8')).body
        if isinstance(node, ast.Assign)
    ]
    names = [target.id for node in nodes for target in node.targets if isinstance(target, ast.Name)]
    assert not [name for name, count in Counter(names).items() if count > 1]


def test_no_file_names_a_registry() -> None:
    """The package registry is a setting of the machine, because hospitals use internal mirrors."""
    # New files are checked before they are committed; ignored files are not part of the project.
    listing = subprocess.run(
        ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip('This copy of the program is not a git checkout.')
    matches = []
    for name in listing.stdout.decode().split('\0'):
        path = ROOT / name
        if name and path.is_file():
            content = path.read_bytes().lower()
            matches += [f'{name}: {registry}' for registry in REGISTRIES if registry.encode() in content]
    assert not matches


def test_nothing_waits_with_wait_for() -> None:
    """On Python 3.11 `asyncio.wait_for` loses a cancellation that arrives together with the result: use `timeout`."""
    found = [
        f'{path}:{node.lineno}'
        for path in SOURCES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Attribute) and node.attr == 'wait_for'
    ]
    assert found == []


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
