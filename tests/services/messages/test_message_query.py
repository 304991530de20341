"""A query describes itself, and contradictory conditions are rejected."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from models import ConditionKind, MessageKind, MessageStatus
from services import texts
from services.database.engine import Database
from services.documents.document_query import DocumentQuery
from services.lists.message_kinds import MANUAL_KINDS
from services.lists.organizations import OrganizationName
from services.lists.query_protocol import InvalidQueryError, Order, Period
from services.messages import query_params
from services.messages.delivery import DeliveryCondition
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService

MONTH = Period(date(2026, 10, 22), date(2026, 11, 22))
KHIMKI = OrganizationName(1, 'Химкинская ОБ')
NO_BREAK = '\N{NO-BREAK SPACE}'


@pytest.mark.parametrize(
    ('query', 'sentence'),
    [
        (
            MessageQuery(period=MONTH, organizations=frozenset({KHIMKI}), statuses=frozenset({MessageStatus.FAILED})),
            f'с{NO_BREAK}22.10.2026 по{NO_BREAK}22.11.2026, МО Химкинская ОБ, ошибка отправки',
        ),
        (MessageQuery(), 'весь журнал'),
        (MessageQuery(name='  Королев '), 'ФИО «Королев»'),
        (MessageQuery(phone='89161234567'), 'телефон +7 (916) 123-45-67'),
        (MessageQuery(phone='4567'), 'в номере телефона 4567'),
        (MessageQuery(phone='+7 (916) 12_-__-__'), 'в номере телефона 91612'),
        (MessageQuery(phone='8916'), 'телефон начинается с +7916 или в номере телефона 8916'),
        (MessageQuery(phone='+998 90 123-45-67'), 'телефон +998 90 123 45 67'),
        (MessageQuery(phone='+998'), 'телефон начинается с +998'),
        (MessageQuery(phone='+7'), 'весь журнал'),
        (MessageQuery(kinds=frozenset({MANUAL_KINDS[MessageKind.DAY_HOSPITAL]})), 'Напоминание ДС'),
        (MessageQuery(period=Period(since=date(2026, 1, 2))), f'с{NO_BREAK}02.01.2026'),
        (
            MessageQuery(statuses=frozenset({MessageStatus.SENT, MessageStatus.WAITING})),
            'ожидает отправки или отправлено',
        ),
        (MessageQuery(delivery=DeliveryCondition.UNANSWERED), 'ответа не будет'),
        (MessageQuery(errors=frozenset({'20', '104'})), 'ошибка 104 или 20'),
        (MessageQuery(errors=frozenset({''})), 'ошибка без названия'),
        (MessageQuery(errors=frozenset({'20', 'Не звонить Иванову', 'x y'})), 'ошибка 20 или без кода'),
        (MessageQuery(appointment=MONTH), f'запись с{NO_BREAK}22.10.2026 по{NO_BREAK}22.11.2026'),
        (
            MessageQuery(organizations=frozenset({KHIMKI, OrganizationName(2, 'Дубненская ГБ')})),
            'МО Дубненская ГБ или Химкинская ОБ',
        ),
    ],
)
def test_a_query_is_described_in_a_line(query: MessageQuery, sentence: str) -> None:
    assert query.describe() == sentence


def test_the_hint_names_the_narrowest_condition() -> None:
    assert '4567' in MessageQuery(name='Королев', phone='4567', period=MONTH).loosening_hint()
    assert 'Королев' in MessageQuery(name='Королев', period=MONTH).loosening_hint()
    assert 'доставлено' in MessageQuery(delivery=DeliveryCondition.DELIVERED, period=MONTH).loosening_hint()
    assert 'ошибка 20' in MessageQuery(errors=frozenset({'20'}), organizations=frozenset({KHIMKI})).loosening_hint()
    assert 'запись с' in MessageQuery(appointment=MONTH, organizations=frozenset({KHIMKI})).loosening_hint()
    assert '22.10.2026' in MessageQuery(period=MONTH).loosening_hint()
    assert MessageQuery().loosening_hint() == 'В журнале ещё нет сообщений.'


@pytest.mark.parametrize(
    'period',
    [
        Period(date(2026, 11, 22), date(2026, 10, 22)),
        Period(date(1999, 12, 31), None),
        Period(None, date(2101, 1, 1)),
    ],
)
def test_an_impossible_period_is_rejected(period: Period) -> None:
    with pytest.raises(InvalidQueryError) as error:
        MessageQuery(period=period).check()
    assert error.value.field == 'period'
    with pytest.raises(InvalidQueryError) as error:
        MessageQuery(appointment=period).check()
    assert error.value.field == 'appointment'


def test_too_many_values_are_rejected_with_their_field() -> None:
    organizations = frozenset(OrganizationName(id, str(id)) for id in range(101))
    with pytest.raises(InvalidQueryError, match='не больше 100') as error:
        MessageQuery(organizations=organizations).check()
    assert error.value.field == 'organizations'


def test_the_new_conditions_are_recorded_with_what_they_mean() -> None:
    query = MessageQuery(
        errors=frozenset({'20', 'Иванов'}),
        appointment=Period(date(2026, 11, 24), None),
        organizations=frozenset({KHIMKI}),
    )
    assert [
        (each.kind, [(reading.kind, reading.value) for reading in each.readings]) for each in query.conditions()
    ] == [
        (ConditionKind.ORGANIZATION, [(ConditionKind.ORGANIZATION_NAME, 'химкинская об')]),
        (ConditionKind.ERROR, [(ConditionKind.ERROR_KEY, '20'), (ConditionKind.ERROR_TEXT, 'Иванов')]),
        (ConditionKind.APPOINTMENT, [(ConditionKind.APPOINTMENT_SINCE, '2026-11-24')]),
    ]


@pytest.mark.parametrize('name', ['Я' * 301, 'a' + '\N{COMBINING ACUTE ACCENT}' * 240_000])
@pytest.mark.parametrize('query', [MessageQuery, DocumentQuery])
def test_a_name_longer_than_any_is_rejected_with_its_field(query: type, name: str) -> None:
    with pytest.raises(InvalidQueryError, match='не больше 300 букв') as error:
        query(name=name).check()
    assert error.value.field == 'name'
    query(name='Я' * 300).check()


def test_an_unknown_column_is_rejected() -> None:
    with pytest.raises(ValueError, match='no column'):
        MessageQuery().with_order(Order('place; DROP TABLE message'))


def test_the_default_query_is_the_month_up_to_today_in_local_time() -> None:
    late_evening = datetime(2026, 11, 9, 22, 30, tzinfo=UTC)
    messages = MessageService(Database('sqlite:///unopened'), ZoneInfo('Europe/Moscow'), now=lambda: late_evening)
    assert messages.default_query().period == Period(date(2026, 10, 10), date(2026, 11, 10))


def test_a_surname_alone_is_a_condition_only_with_a_name() -> None:
    query = MessageQuery(name='иванов', surname_only=True)
    assert query.describe() == 'ФИО «иванов», только фамилия'
    assert query.file_name() == 'Сообщения по ФИО, только фамилия'
    assert query_params.to_url(query) == '/messages?surname=1'
    for name in ('', '%'):
        without_name = MessageQuery(name=name, surname_only=True)
        assert without_name.describe() == texts.WHOLE_JOURNAL
        assert without_name.applied == MessageQuery(name=name)
        assert without_name.conditions() == ()


def test_a_whole_number_is_to_be_checked() -> None:
    assert MessageQuery(phone='89161234567').loosening_hint() == texts.CHECK_NUMBER.format(
        condition='телефон +7 (916) 123-45-67'
    )
