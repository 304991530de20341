"""The command `forget`: counts first, a question, a reason without the person, and what it tells about namesakes."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from journal_ui.cli.argument_parser import parse_arguments
from journal_ui.cli.console import EXIT_OK, CommandError
from journal_ui.cli.forget_command import Forget
from services.database.engine import Database
from services.ingest.message_ingest import ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from services.settings import InvalidSettingError, Settings
from tests.helpers.database_dump import dump
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

NAME, PHONE = 'Щукарь Ждан Львович', '+79995550147'
MESSAGE = incoming_message(recipient_name=NAME, phone=PHONE)


def add_messages(database: Database, *messages: IncomingMessage) -> None:
    added = [MESSAGE, *messages]
    database.write_sync(lambda session: ingest_imported_messages(session, added, zone=MOSCOW, now=NOON))


def run(database: Database, **options: Any) -> int:
    return Forget(**{'reason': 'заявление № 7', 'phone': PHONE, **options}).run(Settings(), database)


def output(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_it_counts_first_and_requires_confirmation(
    database: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_messages(database)
    assert run(database, dry_run=True) == EXIT_OK
    assert output(capsys).startswith('Будет обезличено или удалено: сообщений 1, документов 0')
    with pytest.raises(CommandError, match='--yes'):
        run(database)
    monkeypatch.setattr('sys.stdin.isatty', lambda: True, raising=False)
    monkeypatch.setattr('builtins.input', lambda _: 'нет')
    with pytest.raises(CommandError, match='Ничего не изменено'):
        run(database)
    assert PHONE in dump(database)
    assert output(capsys).count('Вернуть это нельзя') == 2
    assert run(database, phone='8 (999) 555-01-47', yes=True) == EXIT_OK
    assert 'Запрос записан в журнал доступа' in output(capsys)
    assert PHONE not in dump(database)
    assert run(database) == EXIT_OK, 'nothing is left to confirm'
    assert output(capsys).startswith('О таком человеке ничего не хранится.')


def test_it_says_that_several_people_may_be_meant(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    namesake = replace(MESSAGE, id=uuid4(), phone='+79995550148')
    child = replace(MESSAGE, id=uuid4(), recipient_name='Щукарь Вера Ждановна')
    add_messages(database, namesake, child)
    run(database, phone=None, name=NAME, dry_run=True)
    assert 'разных телефонов: 2' in output(capsys)
    run(database, dry_run=True)
    assert 'разных имён: 2' in (printed := output(capsys))
    assert 'Имя есть и в других сообщениях' in printed
    run(database, name=NAME, dry_run=True)
    printed = output(capsys)
    assert 'сообщений 1,' in printed
    assert 'Этот телефон есть и у других имён' in printed
    assert 'Имя есть и в других сообщениях' in printed


def test_wrong_arguments_are_rejected(database: Database) -> None:
    for options, problem in (
        ({'phone': None}, '--phone или --name'),
        ({'phone': '5550147'}, 'номер целиком'),
        ({'name': 'Щукарь'}, 'полное имя'),
        ({'reason': ' '}, 'Причина'),
        ({'reason': 'звонил с 8 999 555-01-47'}, 'не должно быть имени и телефона'),
    ):
        with pytest.raises(CommandError, match=problem):
            run(database, yes=True, **options)
    with pytest.raises(InvalidSettingError, match='reason'):
        parse_arguments(['forget', '--phone', PHONE])
