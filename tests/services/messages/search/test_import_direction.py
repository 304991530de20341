"""A search flows one way: parse, estimate, plan, compile, run. Each step imports only the steps before it."""

import ast
from pathlib import Path

import pytest

from services.settings import PROJECT_ROOT

PACKAGE = 'services.messages'
FOLDER = PROJECT_ROOT / 'services' / 'messages'
ORDER = (
    # Values and parsing.
    'delivery',
    'message_codes',
    'message_query',
    'message_tables',
    'search.planner_settings',
    'search.access_path',
    'search.text_condition',
    'search.selectivity',
    # Statements, which know nothing of estimates and plans.
    'search.dialects.postgresql_dialect',
    'search.dialects.sqlite_dialect',
    'search.dialects.dialect',
    'search.query_shape',
    'search.conditions',
    'search.statements',
    # Estimates.
    'search.index_tokens',
    'totals.aggregates',
    'totals.condition_entries',
    'totals.word_totals',
    'totals.withdrawn_messages',
    'search.estimates',
    # Plans.
    'search.plan',
    'search.planner',
    'search.grouped_pages',
    'search.page_planner',
    # Execution.
    'totals.message_totals',
    'message_page',
    'search.explain',
)
"""The modules of a search, each before those that may import it."""


def imported_modules(path: Path) -> set[str]:
    """Return the modules of the package that a file imports, relative to the package."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PACKAGE):
            names.add(node.module)
            names.update(f'{node.module}.{alias.name}' for alias in node.names)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    relative = {name.removeprefix(f'{PACKAGE}.') for name in names if name.startswith(f'{PACKAGE}.')}
    return {name for name in relative if (FOLDER / f'{name.replace(".", "/")}.py').exists()}


def test_every_step_is_in_the_order() -> None:
    modules = {
        f'{folder}.{path.stem}'
        for folder in ('search', 'search.dialects', 'totals')
        for path in (FOLDER / folder.replace('.', '/')).glob('*.py')
        if path.stem != '__init__'
    }
    assert modules <= set(ORDER)


@pytest.mark.parametrize('module', ORDER)
def test_a_step_imports_only_earlier_steps(module: str) -> None:
    imported = imported_modules(FOLDER / f'{module.replace(".", "/")}.py')
    assert imported <= set(ORDER[: ORDER.index(module)])


def test_both_forms_of_import_are_recognized(tmp_path: Path) -> None:
    path = tmp_path / 'module.py'
    path.write_text(
        'import services.messages.message_page\n'
        'from services.messages.search import planner\n'
        'from services.messages.search.plan import PlannedQuery\n'
    )
    assert imported_modules(path) == {'message_page', 'search.planner', 'search.plan'}
