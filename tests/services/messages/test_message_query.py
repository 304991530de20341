"""A query that speaks for itself, and refuses what contradicts itself."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from models import MessageKind, MessageStatus
from services.database.engine import Database
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import Order, Period, Refusal
from services.messages.message_query import MessageQuery
from services.messages.message_service import Messages

MONTH = Period(date(2026, 10, 22), date(2026, 11, 22))
KHIMKI = OrganizationName(1, 'Химкинская ОБ')
BLANK = '\N{NO-BREAK SPACE}'


@pytest.mark.parametrize(
    ('query', 'sentence'),
    [
        (
            MessageQuery(period=MONTH, organization=KHIMKI, statuses=frozenset({MessageStatus.FAILED})),
            f'с{BLANK}22.10.2026 по{BLANK}22.11.2026, МО Химкинская ОБ, ошибка отправки',
        ),
        (MessageQuery(), 'весь журнал'),
        (MessageQuery(name='  Королев '), 'ФИО «Королев»'),
        (MessageQuery(phone='89161234567'), 'телефон +7 (916) 123-45-67'),
        (MessageQuery(phone='4567'), 'в номере телефона 4567'),
        (MessageQuery(kind=MessageKind.DAY_HOSPITAL), 'Напоминание ДС'),
        (MessageQuery(period=Period(since=date(2026, 1, 2))), f'с{BLANK}02.01.2026'),
        (
            MessageQuery(statuses=frozenset({MessageStatus.SENT, MessageStatus.WAITING})),
            'ожидает отправки или отправлено',
        ),
    ],
)
def test_a_query_says_itself(query: MessageQuery, sentence: str) -> None:
    assert query.sentence() == sentence


def test_advice_names_the_narrowest_condition() -> None:
    assert '4567' in MessageQuery(name='Королев', phone='4567', period=MONTH).advice()
    assert 'Королев' in MessageQuery(name='Королев', period=MONTH).advice()
    assert '22.10.2026' in MessageQuery(period=MONTH).advice()
    assert MessageQuery().advice() == 'В журнале ещё нет сообщений.'


@pytest.mark.parametrize(
    'period',
    [
        Period(date(2026, 11, 22), date(2026, 10, 22)),
        Period(date(1999, 12, 31), None),
        Period(None, date(2101, 1, 1)),
    ],
)
def test_a_period_that_cannot_be_is_refused(period: Period) -> None:
    with pytest.raises(Refusal) as refusal:
        MessageQuery(period=period).check()
    assert refusal.value.field == 'period'


def test_an_unknown_column_is_refused() -> None:
    with pytest.raises(ValueError, match='no column'):
        MessageQuery().with_order(Order('place; DROP TABLE message'))


def test_a_fresh_query_is_the_month_up_to_the_local_today() -> None:
    late_evening = datetime(2026, 11, 9, 22, 30, tzinfo=UTC)
    messages = Messages(Database('sqlite:///unopened'), ZoneInfo('Europe/Moscow'), now=lambda: late_evening)
    assert messages.query().period == Period(date(2026, 10, 10), date(2026, 11, 10))
