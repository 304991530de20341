"""The HTTP client that reads the balance of an account at an SMS provider.

TLS certificates are always verified, redirects are not followed, and a response without an exact amount is rejected.
"""

import asyncio
import json
import re
from decimal import ROUND_FLOOR, Decimal
from typing import NoReturn

import httpx

from services.balance.balance_source import MAX_AMOUNT
from services.providers.provider import BalanceAccount, BalanceRequest, BalanceUnavailableError

TIMEOUT_SECONDS = 5.0
"""Seconds for the whole response."""
MAX_RESPONSE_BYTES = 64 << 10
"""Bytes; a real response has less than a hundred."""
AMOUNT_PATTERN = re.compile(r'-?\d{1,12}(\.\d{1,8})?', re.ASCII)
KOPECK = Decimal('0.01')


async def fetch_balance(
    account: BalanceAccount, http: httpx.AsyncClient, timeout_seconds: float = TIMEOUT_SECONDS
) -> Decimal:
    """Fetch the balance of an account, in roubles.

    Raises:
        BalanceUnavailableError: there was no response within `timeout_seconds`, or none with an amount.
    """
    try:
        async with asyncio.timeout(timeout_seconds):
            content = await _fetch(account.build_request(), http)
        response = json.loads(content, parse_float=Decimal, parse_int=Decimal, parse_constant=_reject_constant)
        return _parse_exact_amount(account.extract_amount(response))
    except httpx.HTTPError as error:
        raise BalanceUnavailableError(type(error).__name__) from None
    except TimeoutError:
        raise BalanceUnavailableError(f'no answer in {timeout_seconds:g} s') from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BalanceUnavailableError(f'unreadable: {type(error).__name__}') from None


async def _fetch(balance_request: BalanceRequest, http: httpx.AsyncClient) -> bytes:
    method = 'GET' if balance_request.form is None else 'POST'
    request = httpx.Request(
        method,
        balance_request.url,
        params=balance_request.parameters,
        headers=balance_request.headers,
        data=balance_request.form,
    )
    auth = httpx.BasicAuth(*balance_request.basic_auth) if balance_request.basic_auth else None
    response = await http.send(request, auth=auth, stream=True, follow_redirects=False)
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
    """Parse an amount; fractions of a kopeck are rounded down, because they cannot be spent."""
    if isinstance(value, str):
        amount_text = value.strip()
    elif isinstance(value, Decimal):
        amount_text = f'{value:f}'
    else:
        amount_text = ''
    if not AMOUNT_PATTERN.fullmatch(amount_text):
        raise BalanceUnavailableError('no amount')
    amount = Decimal(amount_text).quantize(KOPECK, ROUND_FLOOR)
    if abs(amount) > MAX_AMOUNT:
        raise BalanceUnavailableError('too large an amount')
    return amount + 0  # turns -0.00 into 0.00


def _reject_constant(constant: str) -> NoReturn:
    """Reject NaN and Infinity, which Python's JSON parser accepts by default."""
    raise ValueError(constant)
