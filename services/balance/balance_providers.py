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

from services.balance.balance_source import LARGEST

LIMIT = 5.0
"""Seconds that an answer may take in all."""
LARGEST_ANSWER = 64 << 10
"""Bytes; a real one has some dozens."""
AMOUNT = re.compile(r'-?\d{1,12}(\.\d{1,8})?', re.ASCII)
KOPECK = Decimal('0.01')
SMSRU_OK = 100


class NoBalance(Exception):
    """The provider gave no balance; the message says why, and holds nothing of the question."""


class Provider(Protocol):
    """A provider's account."""

    @property
    def name(self) -> str:
        """What the provider is called."""

    def question(self) -> httpx.Request:
        """Give the request that asks for the balance."""

    def read(self, told: Mapping[str, Any]) -> object:
        """Give the amount as the provider wrote it; may raise KeyError, TypeError or NoBalance."""


@dataclass(frozen=True)
class Smsc:
    """SMSC.ru (https://smsc.ru/api/http/balance/): `{"balance": "123.45"}`, or `{"error": …, "error_code": …}`."""

    login: str
    key: str = field(repr=False)
    """The password of the account, or a key made for it."""
    url: str = 'https://smsc.ru/sys/balance.php'
    name = 'SMSC.ru'

    def question(self) -> httpx.Request:
        """See Provider. As a form: an address would stand in logs on the way."""
        return httpx.Request('POST', self.url, data={'login': self.login, 'psw': self.key, 'fmt': '3'})

    def read(self, told: Mapping[str, Any]) -> object:
        """See Provider."""
        if 'error_code' in told:
            raise NoBalance(f'error {told["error_code"]!s:.20}')
        return told['balance']


@dataclass(frozen=True)
class SmsRu:
    """SMS.ru (https://sms.ru/api/balance): `{"status": "OK", "status_code": 100, "balance": 4122.56}`."""

    key: str = field(repr=False)
    """The account's api_id."""
    url: str = 'https://sms.ru/my/balance'
    name = 'SMS.ru'

    def question(self) -> httpx.Request:
        """See Provider."""
        return httpx.Request('POST', self.url, data={'api_id': self.key, 'json': '1'})

    def read(self, told: Mapping[str, Any]) -> object:
        """See Provider."""
        if told['status_code'] != SMSRU_OK:
            raise NoBalance(f'error {told["status_code"]!s:.20}')
        return told['balance']


@dataclass(frozen=True)
class SmsAero:
    """SMS Aero (smsaero.ru/integration/documentation/api/): `{"success": true, "data": {"balance": 337.03}}`."""

    login: str
    key: str = field(repr=False)
    url: str = 'https://gate.smsaero.ru/v2/balance'
    name = 'SMS Aero'

    def question(self) -> httpx.Request:
        """See Provider."""
        signed = httpx.BasicAuth(self.login, self.key).auth_flow(httpx.Request('GET', self.url))
        return next(signed)

    def read(self, told: Mapping[str, Any]) -> object:
        """See Provider."""
        if told['success'] is not True:
            raise NoBalance('not a success')
        return told['data']['balance']


async def ask(provider: Provider, http: httpx.AsyncClient, limit: float = LIMIT) -> Decimal:
    """Ask a provider for the balance, in roubles.

    Raises:
        NoBalance: there was no answer within `limit` seconds, or none that holds an amount.
    """
    try:
        async with asyncio.timeout(limit):
            content = await _answer(provider, http)
        told = json.loads(content, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
        if not isinstance(told, dict):
            raise NoBalance('not an object')
        return _exact(provider.read(told))
    except httpx.HTTPError as error:
        raise NoBalance(type(error).__name__) from None
    except TimeoutError:
        raise NoBalance(f'no answer in {limit:g} s') from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoBalance(f'unreadable: {type(error).__name__}') from None


async def _answer(provider: Provider, http: httpx.AsyncClient) -> bytes:
    answer = await http.send(provider.question(), stream=True, follow_redirects=False)
    try:
        if answer.status_code != httpx.codes.OK:
            raise NoBalance(f'status {answer.status_code}')
        content = b''
        async for part in answer.aiter_bytes():
            content += part
            if len(content) > LARGEST_ANSWER:
                raise NoBalance('too long an answer')
        return content
    finally:
        await answer.aclose()


def _exact(value: object) -> Decimal:
    """Read an amount as written; fractions of a kopeck are not there to be spent."""
    written = value.strip() if isinstance(value, str) else f'{value:f}' if isinstance(value, Decimal) else ''
    if not AMOUNT.fullmatch(written):
        raise NoBalance('no amount')
    amount = Decimal(written).quantize(KOPECK, ROUND_FLOOR)
    if abs(amount) > LARGEST:
        raise NoBalance('too large an amount')
    return amount + 0  # no minus before nothing


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
