"""«Коды ошибок» in the browser: an administrator describes a code of an operator, and sees what has no message."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime

import pytest
from selenium.webdriver import Chrome

from services import texts
from services.database.engine import Database
from services.ingest.ingest_queue import IngestQueue
from services.ingest.message_ingest import Receipt
from services.ingest.status_history import StatusEvent
from tests.helpers import sample_data
from tests.helpers.journal_operator import Operator, session_cookies
from tests.helpers.program import Program


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A journal of this module with a receipt whose message has not arrived."""
    sample_data.fill_journal(journal_url, [])
    event = StatusEvent(datetime(2026, 11, 22, 7, 1, tzinfo=UTC), 'kannel', None, provider='kannel', code='777')
    with closing(Database(journal_url)) as database:
        asyncio.run(IngestQueue(database, UTC).add_receipts([Receipt('kannel', 'early-1', event)]))
    return journal_url


def test_an_administrator_describes_a_code_and_sees_receipts_without_a_message(
    driver: Chrome, journal: Program
) -> None:
    admin = Operator(driver, journal.url)
    admin.set_session_cookies(session_cookies(journal.url, 'chief'))
    admin.open('/')
    admin.click('Меню')
    admin.click(texts.ERROR_CODES_TITLE)
    admin.wait_for_path('/error-codes')
    admin.wait_for_text(texts.OPERATOR_CODES_EMPTY, texts.UNMATCHED_TITLE, 'early-1', '777', '22.11.2026 10:01')
    admin.wait_for_text(texts.RECEIPT_FEEDS_TITLE, texts.RECEIPT_FEEDS_COLUMNS[3])

    admin.click(texts.ERROR_CODE_ADD)
    admin.click(texts.ERROR_CODE_ADD_SUBMIT)
    admin.wait_for_text('Заполните поле «Код ошибки».')
    admin.fill(texts.ERROR_CODE_FIELDS['code'], '00b')
    admin.fill(texts.ERROR_CODE_FIELDS['name'], 'Нет такого абонента')
    admin.click(texts.ERROR_CODE_ADD_SUBMIT)
    admin.wait_for_text('Код 00b добавлен.', 'Нет такого абонента', texts.ERROR_CODE_ANY_OPERATOR)

    admin.click(texts.ERROR_CODE_ACTIONS_OF.format(code='00b'))
    admin.click(texts.ERROR_CODE_CHANGE)
    admin.fill(texts.ERROR_CODE_FIELDS['advice'], 'Уточните телефон.')
    admin.click(texts.ERROR_CODE_CHANGE_SUBMIT)
    admin.wait_for_text('Код 00b изменён.', 'Уточните телефон.')

    admin.click(texts.ERROR_CODE_ACTIONS_OF.format(code='00b'))
    admin.click(texts.ERROR_CODE_REMOVE)
    admin.wait_for_text('снова будут без этого объяснения')
    admin.click(texts.ERROR_CODE_REMOVE)
    admin.wait_for_text('Код 00b удалён.', texts.OPERATOR_CODES_EMPTY)
