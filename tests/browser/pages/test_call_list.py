"""«Список обзвона»: a shift works it through, and no two operators call the same person."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from selenium.webdriver import Chrome
from sqlalchemy import update
from sqlmodel import Session, SQLModel, delete

from models import CallClaim, CallOutcome, CallRecord, MessageStatus, ReopenedCall
from services import texts
from services.call_list.call_list_service import CallListService
from services.call_list.return_times import ReturnTime
from services.database.engine import Database
from services.database.tables import CALL_TABLE
from services.formats import distinctive_part_first
from services.ingest import message_ingest
from services.ingest.message_parsing import IncomingMessage
from tests.helpers.browser_user import BrowserUser
from tests.helpers.call_lists import BORIS, CODES, pending_calls
from tests.helpers.factories import incoming_message
from tests.helpers.journal_operator import Cookies, Operator, session_cookies, wait_for_text_soon
from tests.helpers.program import Program
from tests.helpers.sample_data import DUBNA, KHIMKI, ZONE, fill_journal, moment

LADYZHNIKOV = 'Ладыжников Ефим Савельевич'
SHCHUKINA = 'Щукина Вера Павловна'
YUDIN = 'Юдин Глеб Олегович'
CHIEF = 'chief'

REMEMBER_COPIED = "addEventListener('copy', e => { window.copied = e.clipboardData.getData('text/plain') })"

failed = partial(
    incoming_message,
    status=MessageStatus.FAILED,
    queued_at=moment(1, 10),
    attempted_at=moment(1, 11),
    cost=Decimal(0),
    error_code='1',
    error_name='Абонент не существует',
)


def failed_messages() -> list[IncomingMessage]:
    """Give what did not get through: two messages to one person, one each to two others."""
    to_ladyzhnikov = partial(failed, recipient_name=LADYZHNIKOV, phone='+79161230001', organization=KHIMKI)
    return [
        to_ladyzhnikov(text='Ждём Вас у хирурга', appointment_at=moment(-2)),
        to_ladyzhnikov(text='Ждали Вас у окулиста', appointment_at=moment(1)),
        failed(recipient_name=SHCHUKINA, phone='+79161230002', organization=DUBNA, appointment_at=moment(-3)),
        failed(recipient_name=YUDIN, phone='+79161230003', organization=DUBNA, appointment_at=moment(-4)),
    ]


@pytest.fixture(scope='module')
def journal_url(journal_url: str) -> str:
    """A journal of these messages."""
    return fill_journal(journal_url, failed_messages())


@pytest.fixture
def database(journal: Program) -> Iterator[Database]:
    """The program's database, in which nobody has called anybody yet."""
    with closing(Database(journal.environment['JOURNAL_DATABASE_URL'])) as opened:
        for table in (CallRecord, CallClaim, ReopenedCall):
            opened.write_sync(partial(_delete_all, table=table))
        yield opened


@pytest.fixture
def clerk(driver: Chrome, journal: Program, session: Cookies, database: Database) -> Operator:
    """Somebody in front of the list."""
    return open_call_list(Operator(driver, journal.url), session)


@pytest.fixture
def chief(journal: Program, another_user: Callable[[str], BrowserUser]) -> Operator:
    """Somebody else in front of the same list, at a computer of his own."""
    return open_call_list(Operator(another_user(journal.url).driver, journal.url), session_cookies(journal.url, CHIEF))


def open_call_list(operator: Operator, session: Cookies) -> Operator:
    operator.set_session_cookies(session)
    operator.open('/callbacks')
    operator.wait_for_text('Всего: 3')
    return operator


def test_no_two_operators_call_the_same_person(clerk: Operator, chief: Operator) -> None:
    clerk.click(f'Взять: {LADYZHNIKOV}')
    clerk.wait_for_text('Звоните вы, с')
    wait_for_text_soon(chief, 'Звонит clerk, с')
    assert not chief.find_all(('button',), f'Взять: {LADYZHNIKOV}')
    clerk.wait(lambda: clerk.focused_name == texts.CALLS_NOTE, lambda: f'The focus is on {clerk.focused_name}')
    clerk.type('Перенёс на среду')
    chief.click(f'Взять: {SHCHUKINA}')
    wait_for_text_soon(clerk, 'Звонит chief, с')
    clerk.wait_for_value(texts.CALLS_NOTE, 'Перенёс на среду')
    clerk.click(f'Дозвонились: {LADYZHNIKOV}')
    clerk.wait_for_text('Всего: 2', f'Дозвонились: {LADYZHNIKOV}')
    chief.wait(lambda: not chief.shows(LADYZHNIKOV), 'The other still sees who was called')
    chief.wait_for_text('Всего: 2')
    chief.click(f'Вернуть в список: {SHCHUKINA}')
    clerk.button(f'Взять: {SHCHUKINA}')
    chief.click(texts.CALLS_COMPLETED)
    chief.wait_for_text(LADYZHNIKOV, 'Дозвонились · clerk ·', 'Перенёс на среду')
    chief.click(f'Вернуть в список: {LADYZHNIKOV}')
    chief.wait_for_text(texts.CALLS_NONE_COMPLETED)
    chief.click(texts.CALLS_PENDING)
    chief.wait_for_text('Всего: 3')


def test_the_list_says_whom_to_call_and_what_to_say(clerk: Operator) -> None:
    assert clerk.names(('heading',))[1:] == [LADYZHNIKOV, SHCHUKINA, YUDIN]
    clerk.wait_for_text(
        '+7 (916) 123-00-01',
        distinctive_part_first(KHIMKI),
        'Ждём Вас у хирурга',
        'Ждали Вас у окулиста',
        'запись прошла',
        'Абонент не существует',
        'уточните телефон у пациента',
    )


def test_a_shift_works_through_by_keyboard(clerk: Operator) -> None:
    for name in (LADYZHNIKOV, SHCHUKINA, YUDIN):
        clerk.focus_by_keyboard(f'Взять: {name}')
        clerk.press('Enter')
        clerk.wait(lambda: clerk.focused_name == texts.CALLS_NOTE, lambda: f'The focus is on {clerk.focused_name}')
        clerk.focus_by_keyboard('Не дозвонились')
        clerk.press('Enter')
        clerk.wait(lambda: clerk.focused_name.startswith('Через 30 минут, в '), 'The first time has no focus')
        clerk.press('Enter')
        clerk.wait_for_text(f'Не дозвонились: {name}')
    clerk.wait_for_text(texts.CALLS_NOBODY, 'отложено: 3, ближайший звонок')


def test_the_last_call_is_undone_and_its_note_is_kept(clerk: Operator) -> None:
    clerk.click(f'Взять: {YUDIN}')
    clerk.fill(texts.CALLS_NOTE, 'сын передаст')
    clerk.click(f'Дозвонились: {YUDIN}')
    clerk.wait_for_text(f'Дозвонились: {YUDIN}', 'Всего: 2')
    clerk.click(texts.CALLS_UNDO)
    clerk.wait_for_value(texts.CALLS_NOTE, 'сын передаст')
    clerk.wait_for_text('отметка отменена: clerk', 'Всего: 3')
    clerk.click(f'Вернуть в список: {YUDIN}')


def test_a_person_is_found_and_the_number_is_dialled_and_copied(clerk: Operator) -> None:
    clerk.fill(texts.CALLS_SEARCH, 'щукин')
    clerk.press('Enter')
    clerk.wait_for_text('Всего: 1', SHCHUKINA)
    link = clerk.driver.find_element('link text', '+7 (916) 123-00-02')
    assert link.get_attribute('href') == 'tel:+79161230002'
    clerk.driver.execute_script(REMEMBER_COPIED)
    clerk.click('Скопировать номер +7 (916) 123-00-02')
    clerk.wait_for_text(texts.COPIED)
    assert clerk.driver.execute_script('return window.copied') == '+79161230002'
    clerk.fill(texts.CALLS_SEARCH, '8 916 123-00-03')
    clerk.press('Enter')
    clerk.wait_for_text('Всего: 1', YUDIN)


def test_who_was_reached_after_all_leaves_the_list_by_himself(clerk: Operator, database: Database) -> None:
    late = failed(recipient_name='Якушев Лев', phone='+79161230004', organization=DUBNA, appointment_at=moment(-5))
    record_message(database, late)
    clerk.click(texts.FIND)
    clerk.wait_for_text('Якушев Лев', 'Всего: 4')
    record_message(
        database, replace(late, status=MessageStatus.SENT, sent_at=moment(0, 0, 1), error_code=None, error_name=None)
    )
    clerk.wait(lambda: not clerk.shows('Якушев Лев'), 'He stays on the list')
    clerk.wait_for_text('Всего: 3', LADYZHNIKOV)


def test_who_was_not_reached_returns_by_himself_to_both_lists(
    clerk: Operator, chief: Operator, database: Database
) -> None:
    call_list = CallListService(database, ZONE, CODES)
    (yudin,) = (each for each in asyncio.run(pending_calls(call_list)) if each.name == YUDIN)
    assert asyncio.run(call_list.claim(yudin, BORIS))
    completed = asyncio.run(
        call_list.complete(yudin, BORIS, CallOutcome.NOT_REACHED, '', returning=ReturnTime.HALF_AN_HOUR)
    )
    assert completed
    clerk.wait_for_text('Всего: 2', 'отложено: 1, ближайший звонок')
    chief.click(texts.CALLS_COMPLETED)
    chief.wait_for_text(YUDIN, 'перезвонить')
    again_at = datetime.now(UTC) + timedelta(seconds=1)
    statement = update(CALL_TABLE).values(again_at=again_at)
    database.write_sync(lambda session: session.execute(statement) and None)
    clerk.wait_for_text('Всего: 3', 'Не дозвонились: 1 раз')
    assert not clerk.shows('отложено')
    chief.wait_for_text(texts.CALLS_NONE_COMPLETED)


def _delete_all(session: Session, table: type[SQLModel]) -> None:
    session.execute(delete(table))


def record_message(database: Database, message: IncomingMessage) -> None:
    database.write_sync(
        lambda session: message_ingest.ingest_imported_messages(session, [message], zone=ZONE, now=datetime.now(UTC))
    )
