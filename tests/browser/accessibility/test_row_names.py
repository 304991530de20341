"""Two messages to one person on one day: a screen reader tells their buttons apart."""

import pytest

from services import texts
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import Operator
from tests.helpers.sample_data import fill_journal, moment

PERSON = 'Щукина Вера Павловна'
MORNING, EVENING, ANOTHER_DAY = (
    incoming_message(recipient_name=PERSON, queued_at=None, sent_at=sent_at)
    for sent_at in (moment(1, 9), moment(1, 18), moment(2))
)


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A journal with three messages to one person."""
    return fill_journal(journal_url, [MORNING, EVENING, ANOTHER_DAY])


def test_the_code_distinguishes_rows_that_are_described_alike(operator: Operator) -> None:
    operator.click(texts.FIND)
    operator.wait_for_recipients(PERSON, PERSON, PERSON)
    names = operator.names(('button',))
    days = [f'{texts.SHOW_MESSAGE}: Щукина В. П., {moment(ago):%d.%m}' for ago in (1, 2)]
    assert [name for name in names if name.startswith(texts.SHOW_MESSAGE)] == [
        f'{days[0]}, код {str(EVENING.id)[:8]}',
        f'{days[0]}, код {str(MORNING.id)[:8]}',
        days[1],
    ]
