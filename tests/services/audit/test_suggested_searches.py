"""A search for somebody else that is offered beside one without a result is on record before it is shown."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from sqlmodel import Session

from models import AuditEvent, ConditionKind
from services import texts
from services.audit.audit_log import AuditLog
from services.audit.audit_query import AuditQuery
from services.audit.audit_records import AuditRecords
from services.audit.audited_source import SectionActivityRecorder
from services.database.engine import Database
from services.database.tables import ACCESS_CONDITION_TABLE
from services.ingest.message_ingest import ingest_imported_messages
from services.keys.data_key import DataKey
from services.lists.query_protocol import Period
from services.lists.suggestions import SuggestionGroup
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.suggestions.message_suggestions import MessageSuggestions
from tests.helpers.audit_tampering import CLERK_ACTOR
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

SECTION = 'Журнал'
TEST_KEY = DataKey('k' * 32)
PHONE, TYPED = '+79161234567', '+79161234566'


async def test_an_offered_phone_is_recorded_with_its_search(database: Database) -> None:
    message = incoming_message(phone=PHONE, sent_at=NOON - timedelta(days=1))
    database.write_sync(lambda session: ingest_imported_messages(session, [message], zone=MOSCOW, now=NOON))
    messages = MessageService(database, MOSCOW, lambda: NOON)
    recorder = SectionActivityRecorder(AuditLog(database, lambda: NOON, data_key=TEST_KEY), CLERK_ACTOR, SECTION)
    source = recorder.audited(messages)
    query = MessageQuery(phone=TYPED)
    assert not (await source.page(query, number=1, size=20)).rows
    groups: AsyncIterator[SuggestionGroup[MessageQuery]] = MessageSuggestions(messages).alternatives(query)
    (group,) = [each async for each in groups]
    await source.record_suggestions(group.suggestions)

    records = AuditRecords(database, MOSCOW, lambda: NOON, TEST_KEY)
    found = await records.page(AuditQuery(words=PHONE), number=1, size=20)
    assert [(row.act, row.found, row.section) for row in found.rows] == [(AuditEvent.SEARCH_SUGGESTED, 1, SECTION)]
    assert '+7 (916) 123-45-67' in found.rows[0].what
    acts = (await records.page(AuditQuery(), number=1, size=20)).rows
    assert {row.act for row in acts} == {AuditEvent.SEARCHED, AuditEvent.SEARCH_SUGGESTED}
    assert texts.AUDIT_EVENTS[AuditEvent.SEARCH_SUGGESTED]


async def test_a_surname_and_a_quoted_word_are_recorded_as_understood(database: Database) -> None:
    messages = MessageService(database, MOSCOW, lambda: NOON)
    recorder = SectionActivityRecorder(AuditLog(database, lambda: NOON, data_key=TEST_KEY), CLERK_ACTOR, SECTION)
    query = MessageQuery(name='«петр» Иванов', surname_only=True, period=Period(NOON.date()))
    await recorder.audited(messages).page(query, number=1, size=20)

    def read(session: Session) -> Sequence[tuple[ConditionKind, str | None]]:
        columns = ACCESS_CONDITION_TABLE.c
        rows = session.execute(ACCESS_CONDITION_TABLE.select().order_by(columns.number, columns.position))
        return [(row.kind, row.value) for row in rows]

    rows = await database.read(read)
    assert {value for kind, value in rows if kind is ConditionKind.WHOLE_WORD} == {'петр'}
    assert {'петр', 'иванов'} <= {value for kind, value in rows if kind is ConditionKind.SURNAME_WORD}
    assert [value for kind, value in rows if kind is ConditionKind.SURNAME] == [texts.CONDITION_SURNAME]
    described = (await AuditRecords(database, MOSCOW, lambda: NOON, TEST_KEY).page(AuditQuery(), number=1, size=5)).rows
    assert described[0].what == query.describe()
    assert texts.CONDITION_SURNAME in query.describe()
