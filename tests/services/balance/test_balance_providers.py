"""Every source of the balance, against servers that answer as each provider does: correctly, wrongly or slowly."""

import asyncio
import base64
import json
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import trustme

from services.balance.balance_client import fetch_balance
from services.balance.balance_factory import create_balance_source
from services.balance.balance_source import Balance, BalanceSource
from services.balance.ledger_balance import LedgerBalanceSource
from services.balance.provider_balance import REFRESH_INTERVAL, STALE_AFTER, ProviderBalanceSource, UnknownBalanceSource
from services.database.engine import Database
from services.providers.built_in.smsaero import SmsAeroAccount
from services.providers.built_in.smsc import SmscAccount
from services.providers.built_in.smsru import SmsRuAccount
from services.providers.provider import BalanceAccount, ProviderUnavailableError
from services.providers.provider_client import MAX_RESPONSE_BYTES
from services.providers.registry import BALANCE_PROVIDERS
from services.settings import InvalidSettingError, Settings
from services.settings_loader import load_settings
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


ACCOUNTS: dict[str, tuple[BalanceAccount, BodyBuilder, str]] = {
    'smsc': (SmscAccount('user', SECRET), _smsc, '{"error": "authorise error", "error_code": 2}'),
    'smsru': (SmsRuAccount(SECRET), _smsru, '{"status": "ERROR", "status_code": 301, "status_text": "Wrong password"}'),
    'smsaero': (
        SmsAeroAccount('user@example.org', SECRET),
        _smsaero,
        '{"success": false, "data": null, "message": "Auth"}',
    ),
}
AccountCase = tuple[BalanceAccount, CannedResponse, BodyBuilder, str]


@pytest.fixture(params=list(ACCOUNTS))
def account_case(request: pytest.FixtureRequest) -> Iterator[AccountCase]:
    """An account at a provider that has a server of its own."""
    account, build_body, error_body = ACCOUNTS[request.param]
    with fake_provider() as (url, response):
        yield replace(account, url=url), response, build_body, error_body  # type: ignore[type-var]


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A client without a proxy."""
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


def test_every_provider_with_a_balance_is_tested() -> None:
    assert set(ACCOUNTS) == set(BALANCE_PROVIDERS)


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
    account_case: AccountCase, http: httpx.AsyncClient, written: str, amount: str
) -> None:
    account, response, build_body, _ = account_case
    response.body = build_body(written).encode()
    assert str(await fetch_balance(account, http)) == amount


@pytest.mark.parametrize('body', ['', '<html>Сервис недоступен</html>', '{', '[]', 'null', '5', '{}', '[' * 60_000])
async def test_an_invalid_response_is_no_balance(account_case: AccountCase, http: httpx.AsyncClient, body: str) -> None:
    account, response, _, _ = account_case
    response.body = body.encode()
    with pytest.raises(ProviderUnavailableError):
        await fetch_balance(account, http)


@pytest.mark.parametrize('written', ['"abc"', 'null', 'true', 'NaN', 'Infinity', '1e999', '""', '{}', '99999999999.00'])
async def test_an_invalid_amount_is_no_balance(
    account_case: AccountCase, http: httpx.AsyncClient, written: str
) -> None:
    account, response, build_body, _ = account_case
    response.body = build_body('7').replace('"7"', written).replace(' 7', f' {written}').encode()
    with pytest.raises(ProviderUnavailableError):
        await fetch_balance(account, http)


async def test_an_error_of_the_provider_is_no_balance(account_case: AccountCase, http: httpx.AsyncClient) -> None:
    account, response, _, error_body = account_case
    response.body = error_body.encode()
    with pytest.raises(ProviderUnavailableError):
        await fetch_balance(account, http)


@pytest.mark.parametrize('status', [302, 401, 404, 500, 503])
async def test_any_other_status_is_no_balance(account_case: AccountCase, http: httpx.AsyncClient, status: int) -> None:
    account, response, build_body, _ = account_case
    response.body, response.status = build_body('5').encode(), status
    with pytest.raises(ProviderUnavailableError, match=str(status)):
        await fetch_balance(account, http)


async def test_a_slow_and_a_huge_response_and_no_connection_are_no_balance(
    account_case: AccountCase, http: httpx.AsyncClient
) -> None:
    account, response, build_body, _ = account_case
    response.body = build_body('5').encode() + b' ' * (MAX_RESPONSE_BYTES + 1)
    with pytest.raises(ProviderUnavailableError, match='long'):
        await fetch_balance(account, http)
    response.delay = 30
    with pytest.raises(ProviderUnavailableError, match=r'0\.2 s'):
        await fetch_balance(account, http, timeout_seconds=0.2)
    with pytest.raises(ProviderUnavailableError, match='Connect'):
        await fetch_balance(replace(account, url='http://127.0.0.1:9/'), http)  # type: ignore[type-var]


def test_providers_are_asked_by_tls_alone() -> None:
    for account, *_ in ACCOUNTS.values():
        url = account.build_request().url
        assert urlsplit(url).scheme == 'https'
        assert SECRET not in url
        assert SECRET not in repr(account)


async def test_a_server_that_nobody_vouches_for_is_told_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert('127.0.0.1').configure_cert(context)
    with fake_provider(context) as (url, response):
        response.body = _smsru('90').encode()
        untrusting = ProviderBalanceSource(SmsRuAccount(SECRET, url), database)
        await untrusting.get_balance()
        await untrusting.close()
        assert response.request_count == 0
        authority.cert_pem.write_to_path(tmp_path / 'authority.pem')
        monkeypatch.setenv('SSL_CERT_FILE', str(tmp_path / 'authority.pem'))
        trusting = ProviderBalanceSource(SmsRuAccount(SECRET, url), database)
        for _ in range(100):
            if (balance := await trusting.get_balance()).available:
                break
            await asyncio.sleep(0.02)
        assert balance.amount == Decimal('90.00')
        await trusting.close()


class ManualClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


async def _wait_for_balance(source: BalanceSource, expected: Balance) -> None:
    for _ in range(100):
        if await source.get_balance() == expected:
            return
        await asyncio.sleep(0.02)
    assert await source.get_balance() == expected


async def test_many_pages_cause_one_request_a_minute(account_case: AccountCase, database: Database) -> None:
    account, response, build_body, _ = account_case
    response.body, clock = build_body('90').encode(), ManualClock()
    source = ProviderBalanceSource(account, database, now=clock)
    await asyncio.gather(*(source.get_balance() for _ in range(100)))
    await _wait_for_balance(source, Balance(Decimal('90.00'), NOW, available=True))
    assert response.request_count == 1
    clock.now += REFRESH_INTERVAL
    response.body = build_body('80').encode()
    await _wait_for_balance(source, Balance(Decimal('80.00'), clock.now, available=True))
    assert response.request_count == 2
    await source.close()


async def test_the_last_known_outlives_failures_and_a_restart(
    account_case: AccountCase, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    account, response, build_body, _ = account_case
    response.body, clock = build_body('90').encode(), ManualClock()
    source = ProviderBalanceSource(account, database, now=clock)
    await _wait_for_balance(source, Balance(Decimal('90.00'), NOW, available=True))
    response.status = 500
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            clock.now += REFRESH_INTERVAL
            await _wait_for_balance(source, Balance(Decimal('90.00'), NOW, available=False))
    assert sum('gives no balance' in line for line in caplog.messages) == 1
    assert SECRET not in caplog.text
    await source.close()
    restarted = ProviderBalanceSource(account, database, now=clock)
    await _wait_for_balance(restarted, Balance(Decimal('90.00'), NOW, available=False))
    await restarted.close()


async def test_a_slow_provider_delays_no_page(account_case: AccountCase, database: Database) -> None:
    account, response, build_body, _ = account_case
    response.body, response.delay = build_body('90').encode(), 30
    source = ProviderBalanceSource(account, database)
    async with asyncio.timeout(2):
        assert await source.get_balance() == Balance(None, None, available=False)
    await source.close()


async def test_an_amount_gets_stale_without_a_response(database: Database) -> None:
    clock = ManualClock()
    with fake_provider() as (url, response):
        response.body = _smsru('90').encode()
        source = ProviderBalanceSource(SmsRuAccount(SECRET, url), database, now=clock)
        await _wait_for_balance(source, Balance(Decimal('90.00'), NOW, available=True))
        response.delay = 30
        clock.now += STALE_AFTER + timedelta(seconds=1)
        assert (await source.get_balance()) == Balance(Decimal('90.00'), NOW, available=False)
        await source.close()


@pytest.mark.parametrize(
    ('name', 'source_class'),
    [
        ('ledger', LedgerBalanceSource),
        ('none', UnknownBalanceSource),
        ('smsc', ProviderBalanceSource),
        ('smsru', ProviderBalanceSource),
        ('smsaero', ProviderBalanceSource),
    ],
)
async def test_the_settings_choose(database: Database, name: str, source_class: type) -> None:
    settings = load_settings(Settings, ['--balance-source', name, '--balance-login', 'user', '--balance-key', SECRET])
    assert isinstance(create_balance_source(settings, database), source_class)
    assert SECRET not in repr(settings)


GATE = """
title = "Шлюз"
fields = { id = "id", status = "status" }
statuses = { 1 = { name = "Доставлено", status = "sent", final = true } }
[balance]
url = "https://gate.example.ru/balance"
"""


@pytest.mark.parametrize(
    ('lines', 'body', 'url', 'authorization'),
    [
        ('', ' 12.345 ', 'https://gate.example.ru/balance', None),
        (
            'amount = "data.left"\nparameters = { user = "{login}", unit = "rub" }\n'
            'headers = { Authorization = "Bearer {key}" }',
            '{"data": {"left": "12.34"}}',
            'https://gate.example.ru/balance?user=user&unit=rub',
            f'Bearer {SECRET}',
        ),
        (
            'amount = "balance"\nbasic_auth = true',
            '{"balance": 12.34}',
            'https://gate.example.ru/balance',
            f'Basic {base64.b64encode(f"user:{SECRET}".encode()).decode()}',
        ),
    ],
)
async def test_a_file_describes_how_the_balance_is_read(
    tmp_path: Path, lines: str, body: str, url: str, authorization: str | None
) -> None:
    (tmp_path / 'gate.toml').write_text(GATE + lines, encoding='utf-8')
    arguments = ['--providers-folder', str(tmp_path), '--balance-source', 'gate']
    settings = load_settings(Settings, [*arguments, '--balance-login', 'user', '--balance-key', SECRET])
    create_account = settings.providers['gate'].create_account
    assert create_account
    account = create_account(settings.balance_login, settings.balance_key)
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, text=body)

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http:
        assert await fetch_balance(account, http) == Decimal('12.34')
    assert (str(requests[0].url), requests[0].headers.get('authorization')) == (url, authorization)
    assert SECRET not in repr(account)
    if authorization:
        with pytest.raises(InvalidSettingError, match='JOURNAL_BALANCE_KEY'):
            load_settings(Settings, arguments)


async def test_without_a_source_the_balance_is_unknown() -> None:
    assert await UnknownBalanceSource().get_balance() == Balance(None, None, available=False)


@pytest.mark.parametrize(
    ('arguments', 'setting'),
    [
        (['--balance-source', 'smsc', '--balance-key', 'k'], 'JOURNAL_BALANCE_LOGIN'),
        (['--balance-source', 'smsru'], 'JOURNAL_BALANCE_KEY'),
        (['--balance-source', 'other'], 'JOURNAL_BALANCE_SOURCE'),
        (['--balance-source', 'kannel'], 'JOURNAL_BALANCE_SOURCE'),
        (['--balance-alert', 'много'], 'JOURNAL_BALANCE_ALERT'),
        (['--receipt-keys', '{"other": "k"}'], 'other'),
    ],
)
def test_incomplete_settings_stop_the_start(arguments: list[str], setting: str) -> None:
    with pytest.raises(InvalidSettingError, match=setting):
        load_settings(Settings, arguments)
