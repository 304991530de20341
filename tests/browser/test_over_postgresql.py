"""The same journal over PostgreSQL: one walk through everything that asks the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services import texts
from tests.helpers.factories import cells, csv_file
from tests.helpers.journal_operator import Operator
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import Program
from tests.helpers.sample_data import EVERYBODY, KHIMKI, KOROLEVA, KOROLYOV, MANUAL, MONTH, fill, messages

DATABASE = 'journal_in_the_browser'


@pytest.fixture(scope='module')
def journal_url(postgres: PostgresServer, postgresql_template: str) -> Iterator[str]:
    """The sample in a database of PostgreSQL."""
    yield fill(postgres.create(DATABASE, postgresql_template), messages())
    postgres.drop(DATABASE)


def test_a_journal_over_postgresql_does_all_that_an_operator_needs(
    operator: Operator, journal: Program, tmp_path: Path
) -> None:
    operator.see('Нет данных для отображения', 'Отправлено сообщений на сумму: 15,50 руб.', 'Баланс: нет данных')
    operator.find_messages()
    operator.see_column(texts.RECIPIENT, MONTH)
    operator.see('1–6 из 6', 'на сумму 12,40 руб.')
    operator.click('ФИО получателя')
    operator.see_column(texts.RECIPIENT, sorted(MONTH, key=lambda name: name.replace('ё', 'е')))

    operator.choose(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.find_messages(RECIPIENT='rjhjktd')
    operator.see_found(KOROLYOV, KOROLEVA)
    operator.find_messages(PHONE='5554433')
    operator.see_found(KOROLEVA)
    operator.click('Показать сообщение')
    operator.see('Абонент не в сети', '1042')
    operator.find_messages(RECIPIENT='%')
    operator.see_nothing_found()

    operator.clear()
    operator.erase('Дата отправки сообщения с')
    operator.erase('Дата отправки сообщения по')
    operator.click('Найти')
    operator.see_column(texts.RECIPIENT, EVERYBODY)
    operator.find_messages(RECIPIENT='семенова алена')
    operator.see_found(MANUAL)

    csv_file(tmp_path / 'new.csv', [cells({texts.COST: '100,00'})])
    assert journal.run('import', str(tmp_path / 'new.csv')).returncode == 0
    assert journal.run('balance', 'set', '1234.56').returncode == 0
    operator.see('Отправлено сообщений на сумму: 115,50 руб.', 'Баланс: 1 234,56 руб.')
