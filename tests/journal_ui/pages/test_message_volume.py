"""The details of a message: the number of its SMS parts and what each of them costs."""

from decimal import Decimal

import pytest

from journal_ui.pages.messages import format_volume
from tests.helpers.factories import incoming_message

SPACE = '\N{NO-BREAK SPACE}'


@pytest.mark.parametrize(
    ('letters', 'parts', 'cost', 'volume'),
    [
        (70, None, '3.10', '1 часть'),
        (90, None, '3.10', '2 части по 1,55 руб.'),
        (90, None, '3.11', '2 части, всего 3,11 руб.'),
        (90, None, '0.00', '2 части'),
        (90, 5, '15.50', '5 частей по 3,10 руб.'),
        (90, 21, '21.00', '21 часть по 1,00 руб.'),
        (0, None, '3.10', None),
        (0, 2, '3.10', '2 части по 1,55 руб.'),
    ],
)
def test_the_volume_of_a_message(letters: int, parts: int | None, cost: str, volume: str | None) -> None:
    formatted = format_volume(incoming_message(text='я' * letters, parts=parts, cost=Decimal(cost)))
    assert (formatted and formatted.replace(SPACE, ' ')) == volume
