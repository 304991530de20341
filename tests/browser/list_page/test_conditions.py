"""The conditions that take several values, and the day of the appointment: chosen, followed, kept in the link."""

from functools import partial

import pytest

from models import MessageKind, MessageStatus
from services import texts
from services.formats import day
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import Operator
from tests.helpers.sample_data import DUBNA, KHIMKI, PODOLSK, fill_journal, moment

ABSENT, BLOCKED = 'Абонент не в сети (1042): {count}', 'Номер заблокирован (7): {count}'


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A journal of failures of three organisations."""
    absent = partial(incoming_message, status=MessageStatus.FAILED, error_code='1042', error_name='Абонент не в сети')
    blocked = partial(incoming_message, status=MessageStatus.FAILED, error_code='7', error_name='Номер заблокирован')
    return fill_journal(
        journal_url,
        [
            absent(recipient_name='Первая Анна', organization=KHIMKI, queued_at=moment(1), appointment_at=moment(-2)),
            absent(recipient_name='Второй Пётр', organization=DUBNA, queued_at=moment(2), appointment_at=moment(-3)),
            blocked(recipient_name='Третий Иван', organization=PODOLSK, queued_at=moment(3), appointment_at=moment(-2)),
            absent(recipient_name='Ранний Яков', organization=KHIMKI, queued_at=moment(40), appointment_at=None),
            incoming_message(
                recipient_name='Пятая Ольга',
                organization=KHIMKI,
                kind=MessageKind.ATTACHMENT,
                queued_at=None,
                sent_at=moment(4),
                appointment_at=moment(-2),
            ),
        ],
    )


def test_errors_appointments_and_the_row_lead_to_their_messages(operator: Operator) -> None:
    operator.choose(texts.ERROR_NAME, ABSENT.format(count=2))
    operator.search_messages()
    operator.wait_for_recipients('Первая Анна', 'Второй Пётр')
    assert operator.column(texts.STATUS) == ['Ошибка отправки Абонент не в сети'] * 2
    operator.wait_for_url_parts('error=1042')
    operator.choose(texts.ERROR_NAME, BLOCKED.format(count=1))
    operator.wait_for_value(texts.ERROR_NAME, texts.SEVERAL_VALUES.format(count=2, names='1042, 7'))
    operator.search_messages()
    operator.wait_for_recipients('Первая Анна', 'Второй Пётр', 'Третий Иван')
    operator.fill(f'{texts.APPOINTMENT_FILTER} {texts.PERIOD_SINCE}', day(moment(-2).date()))
    operator.fill(f'{texts.APPOINTMENT_FILTER} {texts.PERIOD_UNTIL}', day(moment(-2).date()))
    operator.search_messages()
    operator.wait_for_recipients('Первая Анна', 'Третий Иван')
    operator.driver.refresh()
    operator.wait_for_recipients('Первая Анна', 'Третий Иван')
    operator.wait_for_value(texts.ERROR_NAME, texts.SEVERAL_VALUES.format(count=2, names='1042, 7'))
    operator.click_in_row(texts.SHOW_MESSAGE)
    operator.wait_for_expanded_rows(1)
    operator.click_in_row(texts.SAME_ERROR_COUNT.format(count=1))
    operator.wait_for_recipients('Первая Анна', 'Второй Пётр')
    operator.wait_for_value(texts.ERROR_NAME, '1042')


def test_organisations_and_kinds_are_added_removed_and_remembered(operator: Operator) -> None:
    operator.choose(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.choose(texts.ORGANIZATION_FILTER, DUBNA)
    operator.wait_for_value(texts.ORGANIZATION_FILTER, texts.SEVERAL_VALUES.format(count=2, names=f'{DUBNA}, {KHIMKI}'))
    operator.choose(texts.ORGANIZATION_FILTER, texts.REMEMBER_VALUES.format(count=2))
    operator.wait_for_text(texts.VALUES_REMEMBERED)
    operator.search_messages()
    operator.wait_for_recipients('Первая Анна', 'Второй Пётр', 'Пятая Ольга')
    operator.wait(lambda: operator.path.count('org=') == 2, lambda: operator.path)
    operator.choose(texts.ORGANIZATION_FILTER, texts.SELECTED_OPTION.format(option=DUBNA))
    operator.wait_for_value(texts.ORGANIZATION_FILTER, KHIMKI)
    operator.choose(texts.KIND, texts.KINDS[MessageKind.REMINDER])
    operator.choose(texts.KIND, texts.KINDS[MessageKind.ATTACHMENT])
    operator.search_messages()
    operator.wait_for_recipients('Первая Анна', 'Пятая Ольга')
    operator.choose(texts.KIND, texts.SELECTED_OPTION.format(option=texts.KINDS[MessageKind.REMINDER]))
    operator.search_messages()
    operator.wait_for_recipients('Пятая Ольга')
    operator.open('/messages')
    operator.choose(texts.ORGANIZATION_FILTER, texts.REMEMBERED_VALUES.format(count=2))
    operator.wait_for_value(texts.ORGANIZATION_FILTER, texts.SEVERAL_VALUES.format(count=2, names=f'{DUBNA}, {KHIMKI}'))
