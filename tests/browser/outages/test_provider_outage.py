"""A provider of the balance that is down, slow or invalid: the footer reports it, and the page still works."""

import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import trustme
from selenium.webdriver import Chrome

from models import ProviderBalance
from services.database.engine import Database
from services.ingest import message_ingest
from services.providers.built_in.smsru import SmsRuAccount
from tests.helpers.factories import incoming_message
from tests.helpers.fake_provider import CannedResponse, fake_proxy
from tests.helpers.journal_operator import Operator, session_cookies, wait_for_text_soon
from tests.helpers.program import StartProgram
from tests.helpers.sample_data import ZONE, fill_journal, moment, sample_messages

PROVIDER_FAILURES = {
    'down': CannedResponse(status=503),
    'slow': CannedResponse(b'{"status": "OK", "status_code": 100, "balance": 91}', delay=600),
    'invalid': CannedResponse('<html>Сервис временно недоступен</html>'.encode()),
}
OLD_BALANCE = 'Баланс: 90,00 руб. на 00:00 (сервис недоступен)'


@pytest.fixture
def journal_url(tmp_path: Path, sqlite_template: Path) -> str:
    """The sample, with a balance from midnight."""
    path = tmp_path / 'journal.db'
    path.write_bytes(sqlite_template.read_bytes())
    url = fill_journal(f'sqlite:///{path}', sample_messages())
    known = ProviderBalance(provider=SmsRuAccount('').name, amount=Decimal(90), as_of=moment(0, 0))
    with closing(Database(url)) as database:
        database.write_sync(lambda session: session.merge(known))
    return url


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[tuple[dict[str, str], CannedResponse]]:
    """A replacement of the provider: the settings that lead to it, and its response."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert('sms.ru').configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / 'authority.pem')
    with fake_proxy(context) as (proxy, response):
        settings = {
            'HTTPS_PROXY': proxy,
            'SSL_CERT_FILE': str(tmp_path / 'authority.pem'),
            'JOURNAL_BALANCE_SOURCE': 'smsru',
            'JOURNAL_BALANCE_KEY': 'a-key-that-nobody-may-see',
        }
        yield settings, response


@pytest.mark.parametrize('fault', PROVIDER_FAILURES)
def test_the_footer_shows_the_age_of_the_balance_and_the_page_still_works(
    fault: str,
    driver: Chrome,
    start_program: StartProgram,
    journal_url: str,
    provider: tuple[dict[str, str], CannedResponse],
) -> None:
    settings, response = provider
    response.body, response.status, response.delay = (
        PROVIDER_FAILURES[fault].body,
        PROVIDER_FAILURES[fault].status,
        PROVIDER_FAILURES[fault].delay,
    )
    journal = start_program(journal_url, **settings)
    operator = Operator(driver, journal.url)
    operator.set_session_cookies(session_cookies(journal.url))
    operator.open('/messages')
    operator.wait_for_text('Отправлено сообщений на сумму: 15,50 руб.', OLD_BALANCE)
    new = incoming_message(queued_at=None, sent_at=moment(0, 0), cost=Decimal('4.50'))
    with closing(Database(journal_url)) as database:
        database.write_sync(
            lambda session: message_ingest.ingest_imported_messages(session, [new], zone=ZONE, now=datetime.now(UTC))
        )
    wait_for_text_soon(operator, 'Отправлено сообщений на сумму: 20,00 руб.')
    operator.wait_for_text(OLD_BALANCE)
    assert response.request_count == 1, 'the provider must be requested once'
    assert 'a-key-that' not in journal.output
