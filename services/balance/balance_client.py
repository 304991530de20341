"""The balance of an account at an SMS provider, requested from it; a response without an exact amount is rejected."""

import json
import re
from decimal import ROUND_FLOOR, Decimal
from typing import NoReturn

import httpx

from services.balance.balance_source import MAX_AMOUNT
from services.providers.provider import BalanceAccount, ProviderUnavailableError
from services.providers.provider_client import TIMEOUT_SECONDS, fetch

AMOUNT_PATTERN = re.compile(r'-?\d{1,12}(\.\d{1,8})?', re.ASCII)
KOPECK = Decimal('0.01')


async def fetch_balance(
    account: BalanceAccount, http: httpx.AsyncClient, timeout_seconds: float = TIMEOUT_SECONDS
) -> Decimal:
    """Fetch the balance of an account, in roubles.

    Raises:
        ProviderUnavailableError: there was no response within `timeout_seconds`, or none with an amount.
    """
    content = await fetch(account.build_request(), http, timeout_seconds)
    try:
        response = json.loads(content, parse_float=Decimal, parse_int=Decimal, parse_constant=_reject_constant)
        return _parse_exact_amount(account.extract_amount(response))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ProviderUnavailableError(f'unreadable: {type(error).__name__}') from None


def _parse_exact_amount(value: object) -> Decimal:
    """Parse an amount; fractions of a kopeck are rounded down, because they cannot be spent."""
    if isinstance(value, str):
        amount_text = value.strip()
    elif isinstance(value, Decimal):
        amount_text = f'{value:f}'
    else:
        amount_text = ''
    if not AMOUNT_PATTERN.fullmatch(amount_text):
        raise ProviderUnavailableError('no amount')
    amount = Decimal(amount_text).quantize(KOPECK, ROUND_FLOOR)
    if abs(amount) > MAX_AMOUNT:
        raise ProviderUnavailableError('too large an amount')
    return amount + 0  # turns -0.00 into 0.00


def _reject_constant(constant: str) -> NoReturn:
    """Reject NaN and Infinity, which Python's JSON parser accepts by default."""
    raise ValueError(constant)
