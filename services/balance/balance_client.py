"""How each SMS provider is asked for the balance of an account, and what it answers.

TLS is always verified, no redirect is followed, and whatever is not plainly an amount is no balance.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NoReturn, Protocol

import httpx

from services.balance.balance_source import MAX_AMOUNT
from services.errors import JournalError

TIMEOUT_SECONDS = 5.0
"""Seconds that an answer may take in all."""
MAX_RESPONSE_BYTES = 64 << 10
"""Bytes; a real one has some dozens."""
AMOUNT_PATTERN = re.compile(r'-?\d{1,12}(\.\d{1,8})?', re.ASCII)
KOPECK = Decimal('0.01')
SMSRU_OK = 100


class BalanceUnavailableError(JournalError):
    """The provider gave no balance; the message says why, and holds nothing of the question."""


class BalanceProvider(Protocol):
    """A provider's account."""

    @property
    def name(self) -> str:
        """What the provider is called."""

    def build_request(self) -> httpx.Request:
        """Give the request that asks for the balance."""

    def extract_amount(self, response: Mapping[str, Any]) -> object:
        """Give the amount as the provider wrote it; may raise KeyError, TypeError or NoBalance."""


@dataclass(frozen=True)
class Smsc:
    """SMSC.ru (https://smsc.ru/api/http/balance/): `{"balance": "123.45"}`, or `{"error": …, "error_code": …}`."""

    login: str
    key: str = field(repr=False)
    """The password of the account, or a key made for it."""
    url: str = 'https://smsc.ru/sys/balance.php'
    name = 'SMSC.ru'

    def build_request(self) -> httpx.Request:
        """See Provider. As a form: an address would stand in logs on the way."""
        return httpx.Request('POST', self.url, data={'login': self.login, 'psw': self.key, 'fmt': '3'})

    def extract_amount(self, response: Mapping[str, Any]) -> object:
        """See Provider."""
        if 'error_code' in response:
            raise BalanceUnavailableError(f'error {response["error_code"]!s:.20}')
        return response['balance']


@dataclass(frozen=True)
class SmsRu:
    """SMS.ru (https://sms.ru/api/balance): `{"status": "OK", "status_code": 100, "balance": 4122.56}`."""

    key: str = field(repr=False)
    """The account's api_id."""
    url: str = 'https://sms.ru/my/balance'
    name = 'SMS.ru'

    def build_request(self) -> httpx.Request:
        """See Provider."""
        return httpx.Request('POST', self.url, data={'api_id': self.key, 'json': '1'})

    def extract_amount(self, response: Mapping[str, Any]) -> object:
        """See Provider."""
        if response['status_code'] != SMSRU_OK:
            raise BalanceUnavailableError(f'error {response["status_code"]!s:.20}')
        return response['balance']


@dataclass(frozen=True)
class SmsAero:
    """SMS Aero (smsaero.ru/integration/documentation/api/): `{"success": true, "data": {"balance": 337.03}}`."""

    login: str
    key: str = field(repr=False)
    url: str = 'https://gate.smsaero.ru/v2/balance'
    name = 'SMS Aero'

    def build_request(self) -> httpx.Request:
        """See Provider."""
        signed = httpx.BasicAuth(self.login, self.key).auth_flow(httpx.Request('GET', self.url))
        return next(signed)

    def extract_amount(self, response: Mapping[str, Any]) -> object:
        """See Provider."""
        if response['success'] is not True:
            raise BalanceUnavailableError('not a success')
        return response['data']['balance']


async def fetch_balance(
    provider: BalanceProvider, http: httpx.AsyncClient, timeout_seconds: float = TIMEOUT_SECONDS
) -> Decimal:
    """Ask a provider for the balance, in roubles.

    Raises:
        NoBalance: there was no answer within `limit` seconds, or none that holds an amount.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            content = await _fetch(provider, http)
        response = json.loads(content, parse_float=Decimal, parse_int=Decimal, parse_constant=_reject_constant)
        if not isinstance(response, dict):
            raise BalanceUnavailableError('not an object')
        return _parse_exact_amount(provider.extract_amount(response))
    except httpx.HTTPError as error:
        raise BalanceUnavailableError(type(error).__name__) from None
    except TimeoutError:
        raise BalanceUnavailableError(f'no answer in {timeout_seconds:g} s') from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BalanceUnavailableError(f'unreadable: {type(error).__name__}') from None


async def _fetch(provider: BalanceProvider, http: httpx.AsyncClient) -> bytes:
    response = await http.send(provider.build_request(), stream=True, follow_redirects=False)
    try:
        if response.status_code != httpx.codes.OK:
            raise BalanceUnavailableError(f'status {response.status_code}')
        content = b''
        async for chunk in response.aiter_bytes():
            content += chunk
            if len(content) > MAX_RESPONSE_BYTES:
                raise BalanceUnavailableError('too long an answer')
        return content
    finally:
        await response.aclose()


def _parse_exact_amount(value: object) -> Decimal:
    """Read an amount as written; fractions of a kopeck are not there to be spent."""
    amount_text = value.strip() if isinstance(value, str) else f'{value:f}' if isinstance(value, Decimal) else ''
    if not AMOUNT_PATTERN.fullmatch(amount_text):
        raise BalanceUnavailableError('no amount')
    amount = Decimal(amount_text).quantize(KOPECK, ROUND_FLOOR)
    if abs(amount) > MAX_AMOUNT:
        raise BalanceUnavailableError('too large an amount')
    return amount + 0  # no minus before nothing


def _reject_constant(constant: str) -> NoReturn:
    raise ValueError(constant)
