"""Was the patient called back, and by whom; all messages to one person in two years: each within its gestures."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID, uuid4

import pytest
from selenium.webdriver import ActionChains
from sqlalchemy import update

from models import CallOutcome, MessageStatus
from services import texts
from services.call_list.call_list_service import CallListService
from services.call_list.return_times import ReturnTime
from services.database.engine import Database
from services.database.tables import CALL_TABLE
from tests.browser.axe import assert_accessible
from tests.helpers.call_lists import BORIS, CODES, add_messages, pending_calls
from tests.helpers.factories import incoming_message
from tests.helpers.gesture_counter import CountingOperator
from tests.helpers.journal_operator import wait_for_text_soon
from tests.helpers.program import Program, StartProgram
from tests.helpers.reference_messages import MOSCOW
from tests.helpers.sample_data import KHIMKI, fill_journal, moment

NEIGHBOUR = 'Соседова Анна Ильинична'
PERSON, CHILD, PHONE = 'Щукина Вера Павловна', 'Щукина Мила Олеговна', '+79161230002'
FAILED = incoming_message(
    recipient_name=PERSON,
    phone=PHONE,
    organization=KHIMKI,
    status=MessageStatus.FAILED,
    queued_at=moment(1, 10),
    attempted_at=moment(1, 11),
    appointment_at=moment(-2),
    cost=Decimal(0),
    error_code='1',
    error_name='Абонент не существует',
)


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A journal of one person: a message that failed, one of two years ago, and one to a child on the same phone."""
    sent = partial(incoming_message, phone=PHONE, organization=KHIMKI)
    return fill_journal(
        journal_url,
        [
            FAILED,
            sent(recipient_name=PERSON, sent_at=moment(2 * 365), text='Двухлетней давности'),
            sent(recipient_name=CHILD, sent_at=moment(10), text='Ждём Милу'),
        ],
    )


@pytest.fixture(scope='module')
def journal(start_program: StartProgram, journal_url: str) -> Program:
    """A running journal over these messages."""
    return start_program(journal_url)


def test_calls_and_messages_of_one_person(counting_operator: CountingOperator) -> None:
    operator = counting_operator
    operator.open('/callbacks')
    operator.click(f'Взять: {PERSON}')
    operator.fill(texts.CALLS_NOTE, 'придёт')
    operator.click(f'Дозвонились: {PERSON}')
    operator.wait_for_text(texts.CALLS_NOBODY)
    called_back = f'{PERSON} Дозвонились · clerk, {moment(0):%d.%m}'

    operator.open('/messages')
    with operator.question('all messages to one person in two years', gestures=3, seconds=6):
        operator.fill(texts.RECIPIENT, 'щукина вера')
        operator.press('Enter')
        operator.wait_for_recipients(called_back)
        name = operator.driver.find_element('css selector', '.ag-row .named')
        ActionChains(operator.driver).move_to_element(name).perform()
        operator.click(texts.PERSON_LINK_LABEL.format(name=PERSON))
        operator.wait_for_text(
            'Этому человеку: 2', texts.PERSON_SHOWN_ALL, 'Двухлетней давности', 'Звонок: Дозвонились · clerk', 'придёт'
        )
    assert operator.path == f'/messages/{FAILED.id}/person'
    assert not operator.shows('Ждём Милу')
    link = operator.driver.find_element('link text', '+7 (916) 123-00-02')
    assert link.get_attribute('href') == f'tel:{PHONE}'
    operator.click('Всем на этот номер: 3')
    operator.wait_for_text('Ждём Милу', CHILD)

    operator.driver.back()
    with operator.question('was the patient called back, and by whom', gestures=0, seconds=0):
        operator.wait_for_recipients(called_back)
    assert operator.column(texts.STATUS) == ['Ошибка отправки Абонент не существует'], 'the reason stays in the row'
    assert_accessible(operator, 'a row with a call')
    operator.click_in_row(texts.SHOW_MESSAGE)
    operator.wait_for_text('Дозвонились · clerk · «придёт»')


def test_an_open_row_follows_the_calls_of_a_colleague(counting_operator: CountingOperator, journal_url: str) -> None:
    operator = counting_operator
    with closing(Database(journal_url)) as database:
        message = replace(FAILED, id=uuid4(), recipient_name=NEIGHBOUR, phone='+79161230009')
        add_messages(database, message)
        call_list = CallListService(database, MOSCOW, CODES)
        operator.open('/messages')
        operator.search_messages(RECIPIENT='соседова')
        operator.wait_for_recipients(NEIGHBOUR)
        operator.click_in_row(texts.SHOW_MESSAGE)
        operator.wait_for_text(texts.CALLS_NOT_RECORDED)
        (pending,) = (each for each in asyncio.run(pending_calls(call_list)) if each.name == NEIGHBOUR)
        with operator.question('was the patient called back, and by whom', gestures=0, seconds=0):
            assert asyncio.run(call_list.claim(pending, BORIS))
            wait_for_text_soon(operator, 'Звонит boris')
            completed = asyncio.run(call_list.complete(pending, BORIS, CallOutcome.REACHED, ''))
            assert completed
            wait_for_text_soon(operator, f'Дозвонились · boris, {moment(0):%d.%m}')
            assert asyncio.run(call_list.undo(pending, completed, BORIS))
            operator.wait_for_recipients(f'{NEIGHBOUR} Звонит boris')
            assert asyncio.run(call_list.complete(pending, BORIS, CallOutcome.WRONG_NUMBER, ''))
            operator.wait_for_recipients(f'{NEIGHBOUR} Номер неверный · boris, {moment(0):%d.%m}')
            operator.wait(lambda: not operator.shows(texts.CALLS_NOT_RECORDED), 'The opened row does not follow')


def test_the_page_of_a_person_follows_the_calls_of_a_colleague(
    counting_operator: CountingOperator, journal_url: str
) -> None:
    operator = counting_operator
    with closing(Database(journal_url)) as database:
        patient, phone = 'Сельянова Ева Марковна', '+79161230010'
        message = replace(FAILED, id=uuid4(), recipient_name=patient, phone=phone)
        add_messages(database, message)
        call_list = CallListService(database, MOSCOW, CODES)
        operator.open(f'/messages/{message.id}/person')
        operator.wait_for_text('Этому человеку: 1')
        (pending,) = (each for each in asyncio.run(pending_calls(call_list)) if each.name == patient)
        assert asyncio.run(call_list.claim(pending, BORIS))
        wait_for_text_soon(operator, 'Звонит boris')
        assert_accessible(operator, 'the page of a person who is being called')
        assert asyncio.run(
            call_list.complete(pending, BORIS, CallOutcome.NOT_REACHED, 'занято', ReturnTime.HALF_AN_HOUR)
        )
        wait_for_text_soon(operator, 'Звонок: Не дозвонились · boris')
        operator.wait_for_text('перезвонить')
        assert not operator.shows('Звонит boris')
        add_messages(database, incoming_message(recipient_name=patient, phone=phone, sent_at=moment(0, 0, 1)))
        operator.wait_for_text('Этому человеку: 2')
        let_return(database, message.id)
        operator.wait_for_text('снова в списке с')
        assert not operator.shows('перезвонить')


def let_return(database: Database, message_id: UUID) -> None:
    """Let the recipient of a message return to the call list in a second, as if the chosen time was then."""
    again_at = datetime.now(UTC) + timedelta(seconds=1)
    statement = update(CALL_TABLE).where(CALL_TABLE.c.message_id == message_id).values(again_at=again_at)
    database.write_sync(lambda session: session.execute(statement) and None)


def test_a_code_without_a_message_has_no_story(counting_operator: CountingOperator) -> None:
    counting_operator.open(f'/messages/{incoming_message().id}/person')
    counting_operator.wait_for_text(texts.PERSON_UNKNOWN, texts.PERSON_UNKNOWN_NEXT)
