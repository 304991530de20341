"""The command `import` takes phone numbers as people and providers write them, on both engines."""

import csv
from pathlib import Path

import pytest
from sqlmodel import select

from journal_ui.cli.argument_parser import parse_arguments
from journal_ui.cli.console import EXIT_FAILED, EXIT_OK
from models import Message
from services import texts
from services.database.engine import Database
from services.settings import Settings
from tests.helpers.factories import message_cells, write_csv

Stored = dict[str, tuple[str, str | None]]
ACCEPTED: Stored = {
    '375291234567': ('+375291234567', None),
    '998901234567': ('+998901234567', None),
    '996555123456': ('+996555123456', None),
    '80291234567': ('+375291234567', None),
    '77011234567': ('+77011234567', None),
    '9161234567': ('+79161234567', None),
    '+7 (495) 123-45-67 доб. 12': ('+74951234567', 'доб. 12'),
    '89161234567, 89031234567': ('+79161234567', '89031234567'),
    '89161234567\n89031234567': ('+79161234567', '89031234567'),
    '89161234567.0': ('+79161234567', None),
}
REJECTED = {
    '1234567': 'слишком короткий номер',
    '7.9161E+10': 'таблица округлила номер',
    '+7 123 456-78-90': 'таких номеров не бывает',
    '891612345678': 'слишком длинный номер',
}


def run_import(database: Database, path: Path) -> int:
    """Run the command `import`, and return its exit status."""
    _, command = parse_arguments(['import', str(path)])
    assert command
    return command.run(Settings(database_url=database.url.render_as_string(hide_password=False)), database)


def stored_phones(database: Database) -> dict[str, tuple[str, str | None]]:
    """Return the phone of each message and its note, by the name of the recipient."""
    rows = database.read_sync(
        lambda session: session.exec(select(Message.recipient_name, Message.phone, Message.phone_note)).all()
    )
    return {name: (phone, note) for name, phone, note in rows}


@pytest.fixture
def phones_file(tmp_path: Path) -> Path:
    """A file with a message for each notation; the name of its recipient is the notation."""
    rows = [
        message_cells({texts.PHONE: written, texts.RECIPIENT: ' '.join(written.split())})
        for written in (*ACCEPTED, *REJECTED)
    ]
    return write_csv(tmp_path / 'phones.csv', rows)


def test_numbers_are_stored_with_their_notes_and_impossible_ones_are_rejected(
    database: Database, phones_file: Path
) -> None:
    assert run_import(database, phones_file) == EXIT_FAILED
    assert stored_phones(database) == {' '.join(written.split()): stored for written, stored in ACCEPTED.items()}
    with phones_file.with_suffix('.refused.csv').open(encoding='utf-8-sig', newline='') as file:
        reasons = [row[texts.IMPORT_REASON] for row in csv.DictReader(file, delimiter=';')]
    assert len(reasons) == len(REJECTED)
    for reason, words in zip(reasons, REJECTED.values(), strict=True):
        assert reason.startswith(f'«{texts.PHONE}»: ')
        assert words in reason


def test_a_note_is_replaced_only_with_its_number(database: Database, tmp_path: Path) -> None:
    row = message_cells({texts.PHONE: '89161234567 доб. 12', texts.RECIPIENT: 'Иванов'})
    for phone, note, stored in (
        ('89161234567 доб. 12', '', ('+79161234567', 'доб. 12')),
        ('8 916 123-45-67', '', ('+79161234567', 'доб. 12')),
        ('8 916 123-45-67', 'доб. 13', ('+79161234567', 'доб. 13')),
        ('8 903 123-45-67', '', ('+79031234567', None)),
    ):
        changed = row | {texts.PHONE: phone, texts.PHONE_NOTE: note}
        assert run_import(database, write_csv(tmp_path / 'file.csv', [changed], columns=list(changed))) == EXIT_OK
        assert stored_phones(database) == {'Иванов': stored}
