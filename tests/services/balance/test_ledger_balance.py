"""The balance that an administrator sets: unknown until it is set, and parsed as people type it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.balance.balance_source import Balance, parse_amount
from services.balance.ledger_balance import LedgerBalanceSource
from services.database.engine import Database

NOW = datetime(2026, 11, 22, 12, 30, 15, tzinfo=UTC)


async def test_a_balance_that_was_never_set_is_unknown(database: Database) -> None:
    assert await LedgerBalanceSource(database).get_balance() == Balance(amount=None, as_of=None, available=False)


@pytest.mark.parametrize('amount', ['0.00', '1234.56', '-10.00', '9999999999.99'])
async def test_what_was_set_last_is_the_balance(database: Database, amount: str) -> None:
    ledger = LedgerBalanceSource(database, now=lambda: NOW)
    ledger.set_balance(Decimal('1.00'))
    ledger.set_balance(Decimal(amount))
    assert await ledger.get_balance() == Balance(amount=Decimal(amount), as_of=NOW, available=True)


@pytest.mark.parametrize(
    ('text', 'amount'),
    [
        ('1234.56', '1234.56'),
        ('1 234,56', '1234.56'),
        ('1\N{NO-BREAK SPACE}234,56', '1234.56'),
        ('0', '0.00'),
        ('-5.5', '-5.50'),
        ('\N{MINUS SIGN}5,50', '-5.50'),
        ('1.500', '1.50'),
        ('.5', '0.50'),
    ],
)
def test_amounts_as_people_type_them(text: str, amount: str) -> None:
    assert str(parse_amount(text)) == amount


@pytest.mark.parametrize(
    'text',
    [
        '',
        ' ',
        '-',
        'abc',
        '1.234',
        '1,234.56',
        '1e3',
        'NaN',
        'inf',
        '1_000',
        '10000000000',
        '٣',
        '12.34.56',
        '1' * 5000,
    ],
)
def test_anything_else_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match='не сумма в рублях'):
        parse_amount(text)
