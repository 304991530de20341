"""The README says what is so."""

import re
from pathlib import Path

from journal_ui.cli.argument_parser import COMMANDS
from services.documents.document_ingest import DOCUMENT_FORMAT
from services.ingest.csv_import.file_import import MESSAGE_FORMAT
from services.settings import PROJECT_ROOT, Settings, cli_option, env_variable

README = (PROJECT_ROOT / 'README.md').read_text()


def test_every_setting_is_described_as_it_is() -> None:
    rows = re.findall(r'^\| `(--\S+)` \| `(\S+)` \| `(\S+)` \| (.+) \|$', README, re.MULTILINE)
    described = [
        (
            cli_option(name),
            env_variable(name),
            str(field.default).replace(f'{PROJECT_ROOT}/', '') or '—',
            field.description,
        )
        for name, field in Settings.model_fields.items()
    ]
    assert rows == described


def test_every_command_is_shown() -> None:
    for words in COMMANDS:
        assert f'python main.py {" ".join(words)}' in README


def test_every_column_of_the_import_is_named() -> None:
    for column in (*MESSAGE_FORMAT.required, *DOCUMENT_FORMAT.fields):
        assert f'«{column}»' in README


def test_every_place_and_picture_exists() -> None:
    for path in re.findall(r'^(?:  )?(\w[\w/.]*)  +\w', README, re.MULTILINE):
        assert any((PROJECT_ROOT / folder / path).exists() for folder in ('', 'services', 'journal_ui')), path
    for picture in re.findall(r'!\[.*\]\((.+)\)', README):
        assert (PROJECT_ROOT / Path(picture)).exists(), picture
