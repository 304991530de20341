"""A code from a ticket finds its message, in any notation; digits and letters are understood in either field."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from models import ConditionKind
from services import texts
from services.database.engine import Database
from services.dictionaries.dictionary_snapshot import DictionarySnapshot
from services.ingest.message_ingest import ingest_imported_messages
from services.lists.query_protocol import Order, Period, Totals
from services.messages import query_params
from services.messages.message_codes import code_range, find_code, format_code
from services.messages.message_query import SORTABLE_COLUMNS, MessageQuery
from services.messages.message_service import MessageService
from services.messages.search import planner, statements
from services.messages.search.estimates import Estimates
from services.messages.search.plan import PlannedQuery
from services.messages.search.query_shape import BoundQuery
from services.messages.search.selectivity import TokenSelectivity
from services.messages.typed_conditions import interpret, interpret_pasted
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

WHOLE = '550e8400-e29b-41d4-a716-446655440000'
DIGITS = WHOLE.replace('-', '')
TODAY = Period(NOON.date(), NOON.date())


@pytest.mark.parametrize(
    ('typed', 'code'),
    [
        (WHOLE, DIGITS),
        (DIGITS, DIGITS),
        (WHOLE.upper(), DIGITS),
        (f'  «{WHOLE}»\n', DIGITS),
        (f'"{DIGITS.upper()}".', DIGITS),
        (f'{{{WHOLE}}}', DIGITS),
        (f'код: {WHOLE}', DIGITS),
        (f'https://journal.example/messages/{WHOLE}?a=1', DIGITS),
        (f'Заявка 17: код {WHOLE}, не пришло', DIGITS),
        ('550e8400 e29b 41d4 a716 446655440000', DIGITS),
        ('550e8400', '550e8400'),
        ('550E8400…', '550e8400'),
        ('\u200b550e8400-e29b', '550e8400e29b'),
        ('12345678-1234', '123456781234'),
        ('12345678-', '12345678'),
        ('1234567890123456', '1234567890123456'),
        ('550e840', None),
        ('12345678', None),
        ('89161234567', None),
        ('8-916-123-45-67', None),
        ('abcdefab', None),
        ('01.02.1980', None),
        ('Королёв', None),
        ('', None),
        (DIGITS + '0', None),
        (f'{WHOLE} {WHOLE[:-1]}1', None),
    ],
)
def test_a_code_is_recognised_in_any_notation(typed: str, code: str | None) -> None:
    assert find_code(typed) == code


def test_a_code_in_any_field_stands_for_the_whole_query() -> None:
    for field in ('name', 'phone'):
        understood = interpret(MessageQuery(period=TODAY, **{field: f' {WHOLE.upper()} '}))  # type: ignore[arg-type]
        assert understood.query == MessageQuery(period=TODAY, code=DIGITS)
        assert understood.note == texts.UNDERSTOOD_AS_CODE.format(code=WHOLE)
    pasted = interpret_pasted(MessageQuery(name='иванов'), WHOLE[:8])
    assert pasted is not None
    assert pasted.query == MessageQuery(name='иванов', code=WHOLE[:8])
    assert interpret_pasted(MessageQuery(), 'Иванов') is None


def test_a_code_gives_way_to_what_is_typed_after_it() -> None:
    searched = MessageQuery(code=DIGITS)
    assert interpret(searched).query == searched
    assert interpret(MessageQuery(name='иванов', code=DIGITS), {'name'}).query == MessageQuery(name='иванов')


@pytest.mark.parametrize(
    ('typed', 'understood'),
    [
        (MessageQuery(name='89161234567'), MessageQuery(phone='89161234567')),
        (MessageQuery(name='+7 (916) 123-45-67'), MessageQuery(phone='+7 (916) 123-45-67')),
        (MessageQuery(name='1234567'), MessageQuery(phone='1234567')),
        (MessageQuery(name='Иванов, 8 916 123-45-67'), MessageQuery(name='Иванов', phone='8 916 123-45-67')),
        (MessageQuery(phone='Иванов И. П.'), MessageQuery(name='Иванов И. П.')),
        (MessageQuery(phone=' bdfyjd '), MessageQuery(name='bdfyjd')),
        *(
            (query, query)
            for query in (
                MessageQuery(name='123456'),
                MessageQuery(name='Иванов 1980'),
                MessageQuery(name='Иванов 01.02.1980'),
                MessageQuery(name='112-233-445 95'),
                MessageQuery(name='89161234567', phone='4567'),
                MessageQuery(phone='тел. 8 916 123-45-67'),
                MessageQuery(phone='4567'),
                MessageQuery(name='петров', phone='иванов'),
            )
        ),
    ],
)
def test_digits_and_letters_are_understood_in_either_field(typed: MessageQuery, understood: MessageQuery) -> None:
    interpretation = interpret(typed)
    assert interpretation.query == understood
    assert bool(interpretation.note) is (typed != understood)


@pytest.fixture
def ids(database: Database) -> list[UUID]:
    """The ids of old messages, two of which begin alike, with others between them."""
    ids = [UUID(WHOLE), UUID(WHOLE[:-1] + '1'), *(uuid4() for _ in range(60))]
    messages = [
        incoming_message(id=id, sent_at=NOON - timedelta(days=400, minutes=number)) for number, id in enumerate(ids)
    ]
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
    return ids


async def test_a_code_finds_its_message_whatever_the_other_conditions(database: Database, ids: list[UUID]) -> None:
    messages = MessageService(database, MOSCOW, lambda: NOON)
    for code, found in ((DIGITS, ids[:1]), (DIGITS[:8], ids[:2]), ('550e8401', []), (ids[9].hex, [ids[9]])):
        for order in (None, *map(Order, SORTABLE_COLUMNS), Order('code', descending=True)):
            query = MessageQuery(name='сидоров', phone='0000', period=TODAY, older_than=60, code=code, order=order)
            page = await messages.page(query, number=1, size=20)
            assert {row.code for row in page.rows} == set(found)
            assert (await messages.totals(query)).count == len(found)
            assert (page.totals or Totals(0)).count == len(found)
            assert page.hint is None
    query = MessageQuery(code=DIGITS[:8])
    assert [row.code for row in (await messages.page(query, number=1, size=5)).rows] == ids[:2]
    assert query.loosening_hint() == texts.NO_SUCH_CODE
    assert texts.PLAN_CODE_INDEX in '\n'.join(messages.explain(query))


async def test_digits_that_begin_a_code_are_not_taken_for_a_phone_in_silence(database: Database) -> None:
    message = incoming_message(id=UUID('91234567-e29b-41d4-a716-446655440000'), phone='+79160000000')
    database.write_sync(lambda session: ingest_imported_messages(session, [message], zone=MOSCOW, now=NOON))
    messages = MessageService(database, MOSCOW, lambda: NOON)
    for phone in ('91234567', '+791234567'):
        page = await messages.page(MessageQuery(phone=phone), number=1, size=5)
        assert (page.rows, page.hint) == ([], texts.BEGINS_LIKE_CODE.format(code='91234567-'))
    assert (await messages.page(MessageQuery(phone='91234568'), number=1, size=5)).hint is None
    typed = interpret(MessageQuery(phone='91234567-')).query
    assert [row.code for row in (await messages.page(typed, number=1, size=5)).rows] == [message.id]


def test_a_code_is_looked_up_by_its_index(database: Database, ids: list[UUID]) -> None:
    def explain(session: Session) -> str:
        query = MessageQuery(code=DIGITS[:8])
        estimates = Estimates(BoundQuery.bind(session, query, MOSCOW, TokenSelectivity(), NOON))
        planned = planner.plan_all_rows(estimates)
        assert planned is not None
        return '\n'.join(_query_plan(session, database.dialect, planned, name) for name in ('page', 'totals'))

    plan = database.write_sync(explain)
    if database.dialect == 'sqlite':
        assert plan.count('INDEX message_id (id>? AND id<?)') == 2, plan
        assert 'SCAN message' not in plan
    else:
        assert plan.count('message_id') == 2, plan


def _query_plan(session: Session, engine: str, planned: PlannedQuery, name: str) -> str:
    build: Any = {'page': statements.page_statement, 'totals': statements.totals_statement}[name]
    if engine == 'postgresql':
        session.connection().exec_driver_sql('SET LOCAL enable_seqscan = off')
    compiled = build(engine, planned.shape, planned.path).compile(session.connection())
    named = compiled.construct_params({**planned.params, 'skip': 0, 'size': 20})
    if engine == 'sqlite':
        named = {name: value.bytes if isinstance(value, UUID) else value for name, value in named.items()}
    params = named if compiled.positiontup is None else tuple(named[name] for name in compiled.positiontup)
    prefix = 'EXPLAIN QUERY PLAN' if engine == 'sqlite' else 'EXPLAIN'
    return str(session.connection().exec_driver_sql(f'{prefix} {compiled}', params).all())


@pytest.mark.parametrize('code', [DIGITS, '550e8400', '550e8400e', '12345678', '1234567812345678', '1234567890'])
def test_a_code_in_a_url_and_in_the_audit_log(code: str) -> None:
    query = MessageQuery(period=TODAY, code=code)
    params = query_params.to_params(query)
    link = query_params.from_params(params, DictionarySnapshot({}, {}, ()))
    assert (link.query, link.is_complete) == (query, True)
    assert not query_params.from_params({'code': 'нет'}, DictionarySnapshot({}, {}, ())).is_complete
    [condition] = query.conditions()
    assert condition.kind is ConditionKind.MESSAGE_CODE
    assert condition.words == query.describe() == f'код {format_code(code)}'


def test_the_range_of_a_code() -> None:
    assert code_range(DIGITS) == (UUID(WHOLE), UUID(WHOLE))
    first, last = code_range('550e8400')
    assert first < UUID(WHOLE) < last
    assert format_code('550e8400e2') == '550e8400-e2…'
    with pytest.raises(ValueError, match='no code'):
        MessageQuery(code='550e').check()
