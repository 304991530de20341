"""Components know no page: they import neither the layout, of which only the palette is shared, nor any page."""

import ast
from pathlib import Path

import pytest

from journal_ui import components

FILES = sorted(Path(components.__path__[0]).glob('*.py'))
ALLOWED = (
    'journal_ui.components',
    'journal_ui.nicegui_patches',
    'journal_ui.layout.theme.palette',
    'journal_ui.root_path',
)


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.stem)
def test_components_import_no_page_and_no_layout(path: Path) -> None:
    imported = [
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
        if isinstance(node, ast.ImportFrom) and node.module
    ]
    assert not [name for name in imported if name.startswith('journal_ui') and not name.startswith(ALLOWED)]
