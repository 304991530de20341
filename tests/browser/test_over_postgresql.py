"""The same journal over PostgreSQL: one test of every feature that uses the database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services import texts
from tests.helpers.factories import message_cells, write_csv
from tests.helpers.journal_operator import Operator
from tests.helpers.postgres_server import PostgresServer
from tests.helpers.program import Program
from tests.helpers.sample_data import (
    EVERYBODY,
    KHIMKI,
    KOROLEVA,
    KOROLYOV,
    MANUAL_NAME,
    MONTH,
    fill_journal,
    sample_messages,
)

DATABASE = 'journal_in_the_browser'


@pytest.fixture(scope='module')
def journal_url(postgres: PostgresServer, postgresql_template: str) -> Iterator[str]:
    """The sample in a PostgreSQL database."""
    yield fill_journal(postgres.create(DATABASE, postgresql_template), sample_messages())
    postgres.drop(DATABASE)


def test_every_feature_of_the_journal_works_over_postgresql(
    operator: Operator, journal: Program, tmp_path: Path
) -> None:
    operator.wait_for_text(
        'Нет данных для отображения', 'Отправлено сообщений на сумму: 15,50 руб.', 'Баланс: нет данных'
    )
    operator.search_messages()
    operator.wait_for_column(texts.RECIPIENT, MONTH)
    operator.wait_for_text('1–6 из 6', 'на сумму 12,40 руб.')
    operator.click('ФИО получателя')
    operator.wait_for_column(texts.RECIPIENT, sorted(MONTH, key=lambda name: name.replace('ё', 'е')))

    operator.choose(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.search_messages(RECIPIENT='rjhjktd')
    operator.wait_for_recipients(KOROLYOV, KOROLEVA)
    operator.search_messages(PHONE='5554433')
    operator.wait_for_recipients(KOROLEVA)
    operator.click_in_row('Показать сообщение')
    operator.wait_for_text('Абонент не в сети', '1042')
    operator.search_messages(RECIPIENT='сидоров')
    operator.wait_for_no_results()

    operator.clear()
    operator.clear_field('Дата отправки сообщения с')
    operator.clear_field('Дата отправки сообщения по')
    operator.click('Найти')
    operator.wait_for_column(texts.RECIPIENT, EVERYBODY)
    operator.search_messages(RECIPIENT='семенова алена')
    operator.wait_for_recipients(MANUAL_NAME)

    write_csv(tmp_path / 'new.csv', [message_cells({texts.COST: '100,00'})])
    assert journal.run('import', str(tmp_path / 'new.csv')).returncode == 0
    assert journal.run('balance', 'set', '1234.56').returncode == 0
    operator.wait_for_text('Отправлено сообщений на сумму: 115,50 руб.', 'Баланс: 1 234,56 руб.')
