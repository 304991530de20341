"""Every source of the balance, against servers that speak as each provider does: well, wrongly, slowly, or rubbish."""

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
import trustme

from services.balance.balance_client import (
    MAX_RESPONSE_BYTES,
    BalanceProvider,
    BalanceUnavailableError,
    SmsAero,
    Smsc,
    SmsRu,
    fetch_balance,
)
from services.balance.balance_factory import create_balance_source
from services.balance.balance_source import Balance, BalanceSource
from services.balance.ledger_balance import LedgerBalanceSource
from services.balance.provider_balance import REFRESH_INTERVAL, STALE_AFTER, ProviderBalanceSource, UnknownBalanceSource
from services.database.engine import Database
from services.settings import InvalidSettingError, Settings, load_settings
from tests.helpers.fake_provider import CannedResponse, fake_provider

NOW = datetime(2026, 11, 22, 12, 30, 15, tzinfo=UTC)
SECRET = 'a-key-that-nobody-may-see'
BodyBuilder = Callable[[str], str]


def _smsc(amount: str) -> str:
    return json.dumps({'balance': amount})


def _smsru(amount: str) -> str:
    return f'{{"status": "OK", "status_code": 100, "balance": {amount}}}'


def _smsaero(amount: str) -> str:
    return f'{{"success": true, "data": {{"balance": {amount}}}, "message": null}}'


PROVIDERS: dict[str, tuple[BalanceProvider, BodyBuilder, str]] = {
    'smsc': (Smsc('user', SECRET), _smsc, '{"error": "authorise error", "error_code": 2}'),
    'smsru': (SmsRu(SECRET), _smsru, '{"status": "ERROR", "status_code": 301, "status_text": "Wrong password"}'),
    'smsaero': (SmsAero('user@example.org', SECRET), _smsaero, '{"success": false, "data": null, "message": "Auth"}'),
}


@pytest.fixture(params=list(PROVIDERS))
def provider_case(request: pytest.FixtureRequest) -> Iterator[tuple[BalanceProvider, CannedResponse, BodyBuilder, str]]:
    """A provider behind a server of its own."""
    provider, build_body, error_body = PROVIDERS[request.param]
    with fake_provider() as (url, answer):
        yield replace(provider, url=url), answer, build_body, error_body  # type: ignore[type-var]


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client without a proxy."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


ProviderCase = tuple[BalanceProvider, CannedResponse, BodyBuilder, str]


@pytest.mark.parametrize(
    ('written', 'amount'),
    [
        ('123.45', '123.45'),
        ('0', '0.00'),
        ('-10.5', '-10.50'),
        ('4122.5678', '4122.56'),
        ('9999999999.99', '9999999999.99'),
    ],
)
async def test_an_amount_is_exact(
    provider_case: ProviderCase, http: httpx.AsyncClient, written: str, amount: str
) -> None:
    provider, answer, told, _ = provider_case
    answer.body = told(written).encode()
    assert str(await fetch_balance(provider, http)) == amount


@pytest.mark.parametrize('body', ['', '<html>Сервис недоступен</html>', '{', '[]', 'null', '5', '{}', '[' * 60_000])
async def test_rubbish_is_no_balance(provider_case: ProviderCase, http: httpx.AsyncClient, body: str) -> None:
    provider, answer, _, _ = provider_case
    answer.body = body.encode()
    with pytest.raises(BalanceUnavailableError):
        await fetch_balance(provider, http)


@pytest.mark.parametrize('written', ['"abc"', 'null', 'true', 'NaN', 'Infinity', '1e999', '""', '{}', '99999999999.00'])
async def test_no_amount_is_no_balance(provider_case: ProviderCase, http: httpx.AsyncClient, written: str) -> None:
    provider, answer, told, _ = provider_case
    answer.body = told('7').replace('"7"', written).replace(' 7', f' {written}').encode()
    with pytest.raises(BalanceUnavailableError):
        await fetch_balance(provider, http)


async def test_a_refusal_is_no_balance(provider_case: ProviderCase, http: httpx.AsyncClient) -> None:
    provider, answer, _, refused = provider_case
    answer.body = refused.encode()
    with pytest.raises(BalanceUnavailableError):
        await fetch_balance(provider, http)


@pytest.mark.parametrize('status', [302, 401, 404, 500, 503])
async def test_any_other_status_is_no_balance(
    provider_case: ProviderCase, http: httpx.AsyncClient, status: int
) -> None:
    provider, answer, told, _ = provider_case
    answer.body, answer.status = told('5').encode(), status
    with pytest.raises(BalanceUnavailableError, match=str(status)):
        await fetch_balance(provider, http)


async def test_a_slow_a_huge_and_a_silent_answer_are_none(provider_case: ProviderCase, http: httpx.AsyncClient) -> None:
    provider, answer, told, _ = provider_case
    answer.body = told('5').encode() + b' ' * (MAX_RESPONSE_BYTES + 1)
    with pytest.raises(BalanceUnavailableError, match='long'):
        await fetch_balance(provider, http)
    answer.delay = 30
    with pytest.raises(BalanceUnavailableError, match=r'0\.2 s'):
        await fetch_balance(provider, http, timeout_seconds=0.2)
    with pytest.raises(BalanceUnavailableError, match='Connect'):
        await fetch_balance(replace(provider, url='http://127.0.0.1:9/'), http)  # type: ignore[type-var]


def test_providers_are_asked_by_tls_alone() -> None:
    for provider, *_ in PROVIDERS.values():
        assert provider.build_request().url.scheme == 'https'
        assert SECRET not in str(provider.build_request().url)
        assert SECRET not in repr(provider)


async def test_a_server_that_nobody_vouches_for_is_told_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert('127.0.0.1').configure_cert(context)
    with fake_provider(context) as (url, answer):
        answer.body = _smsru('90').encode()
        stranger = ProviderBalanceSource(SmsRu(SECRET, url), database)
        await stranger.get_balance()
        await stranger.close()
        assert answer.request_count == 0
        authority.cert_pem.write_to_path(tmp_path / 'authority.pem')
        monkeypatch.setenv('SSL_CERT_FILE', str(tmp_path / 'authority.pem'))
        known = ProviderBalanceSource(SmsRu(SECRET, url), database)
        for _ in range(100):
            if (balance := await known.get_balance()).available:
                break
            await asyncio.sleep(0.02)
        assert balance.amount == Decimal('90.00')
        await known.close()


class ManualClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def _wait_for_requests(asked: BalanceSource, expected: Balance) -> None:
    for _ in range(100):
        if await asked.get_balance() == expected:
            return
        await asyncio.sleep(0.02)
    assert await asked.get_balance() == expected


async def test_many_pages_ask_once_a_minute(provider_case: ProviderCase, database: Database) -> None:
    provider, answer, told, _ = provider_case
    answer.body, clock = told('90').encode(), ManualClock()
    asked = ProviderBalanceSource(provider, database, now=clock)
    await asyncio.gather(*(asked.get_balance() for _ in range(100)))
    await _wait_for_requests(asked, Balance(Decimal('90.00'), NOW, available=True))
    assert answer.request_count == 1
    clock.now += REFRESH_INTERVAL
    answer.body = told('80').encode()
    await _wait_for_requests(asked, Balance(Decimal('80.00'), clock.now, available=True))
    assert answer.request_count == 2
    await asked.close()


async def test_the_last_known_outlives_failures_and_a_restart(
    provider_case: ProviderCase, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    provider, answer, told, _ = provider_case
    answer.body, clock = told('90').encode(), ManualClock()
    asked = ProviderBalanceSource(provider, database, now=clock)
    await _wait_for_requests(asked, Balance(Decimal('90.00'), NOW, available=True))
    answer.status = 500
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            clock.now += REFRESH_INTERVAL
            await _wait_for_requests(asked, Balance(Decimal('90.00'), NOW, available=False))
    assert sum('gives no balance' in line for line in caplog.messages) == 1
    assert SECRET not in caplog.text
    await asked.close()
    again = ProviderBalanceSource(provider, database, now=clock)
    await _wait_for_requests(again, Balance(Decimal('90.00'), NOW, available=False))
    await again.close()


async def test_a_slow_provider_keeps_nobody_waiting(provider_case: ProviderCase, database: Database) -> None:
    provider, answer, told, _ = provider_case
    answer.body, answer.delay = told('90').encode(), 30
    asked = ProviderBalanceSource(provider, database)
    async with asyncio.timeout(2):
        assert await asked.get_balance() == Balance(None, None, available=False)
    await asked.close()


async def test_an_amount_gets_old_when_nothing_is_heard(database: Database) -> None:
    clock = ManualClock()
    with fake_provider() as (url, answer):
        answer.body = _smsru('90').encode()
        asked = ProviderBalanceSource(SmsRu(SECRET, url), database, now=clock)
        await _wait_for_requests(asked, Balance(Decimal('90.00'), NOW, available=True))
        answer.delay = 30
        clock.now += STALE_AFTER + timedelta(seconds=1)
        assert (await asked.get_balance()) == Balance(Decimal('90.00'), NOW, available=False)
        await asked.close()


@pytest.mark.parametrize(
    ('named', 'kind'),
    [
        ('ledger', LedgerBalanceSource),
        ('none', UnknownBalanceSource),
        ('smsc', ProviderBalanceSource),
        ('smsru', ProviderBalanceSource),
        ('smsaero', ProviderBalanceSource),
    ],
)
async def test_the_settings_choose(database: Database, named: str, kind: type) -> None:
    settings = load_settings(Settings, ['--balance-source', named, '--balance-login', 'user', '--balance-key', SECRET])
    assert isinstance(create_balance_source(settings, database), kind)
    assert SECRET not in repr(settings)


async def test_without_a_source_nothing_is_known() -> None:
    assert await UnknownBalanceSource().get_balance() == Balance(None, None, available=False)


@pytest.mark.parametrize(
    ('arguments', 'says'),
    [
        (['--balance-source', 'smsc', '--balance-key', 'k'], 'JOURNAL_BALANCE_LOGIN'),
        (['--balance-source', 'smsru'], 'JOURNAL_BALANCE_KEY'),
        (['--balance-source', 'other'], 'JOURNAL_BALANCE_SOURCE'),
        (['--balance-alert', 'много'], 'JOURNAL_BALANCE_ALERT'),
    ],
)
def test_a_source_that_cannot_be_asked_is_refused_at_the_start(arguments: list[str], says: str) -> None:
    with pytest.raises(InvalidSettingError, match=says):
        load_settings(Settings, arguments)
