"""A journal of three organisations, and what its services answer, to compare a scope with a journal of its own."""

import asyncio
import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from models import CallOutcome, MessageStatus
from services.call_list.call_changes import CallPosition
from services.composition import Services, compose
from services.database.engine import Database
from services.database.tables import CALL_TABLE, DOCUMENT_TABLE, ORGANIZATION_TABLE
from services.dictionaries.dictionary_editor import DictionaryEditor
from services.dictionaries.entry_resolution import get_or_create_ids
from services.documents.document_ingest import ingest_imported_documents
from services.documents.document_parsing import IncomingDocument
from services.documents.document_query import DocumentQuery
from services.ingest.ingest_batch import acquire_writer_lock
from services.ingest.message_ingest import ingest_imported_messages
from services.ingest.message_parsing import IncomingMessage
from services.messages.change_feed import ChangePosition
from services.messages.message_query import MessageQuery
from services.messages.message_tables import message
from services.person_story.person_story import StoryScope
from services.settings import Settings
from services.summary.status_counts import Grouping
from services.summary.summary_query import SummaryQuery
from tests.helpers import reference_messages
from tests.helpers.factories import incoming_document
from tests.helpers.reference_messages import MOSCOW, NOON

FIRST, FIRST_MERGED, SECOND, THIRD = 'Первая больница', 'Первая городская', 'Вторая больница', 'Третья больница'
ORGANIZATIONS: Final = (FIRST, FIRST_MERGED, SECOND, THIRD)
"""FIRST_MERGED is another name of FIRST."""
GROUPS: Final = ({FIRST, FIRST_MERGED}, {SECOND}, {THIRD})


def journal_messages() -> list[IncomingMessage]:
    """Generate messages of all organisations; many persons have messages of several, and some messages are repeats."""
    rng = random.Random(11)
    messages = []
    for each in reference_messages.random_messages(150, seed=12):
        queued_at = NOON - timedelta(hours=rng.randrange(24 * 12), minutes=rng.randrange(10, 60))
        messages.append(_changed(each, each.id, rng.choice(ORGANIZATIONS), each.status, queued_at))
    for original in rng.sample(messages, 70):
        assert original.queued_at is not None
        id, status = UUID(int=rng.getrandbits(128)), rng.choice(tuple(MessageStatus))
        queued_at = original.queued_at + timedelta(minutes=5)
        messages.append(_changed(original, id, rng.choice(ORGANIZATIONS), status, queued_at))
    return messages


def _changed(
    message: IncomingMessage, id: UUID, organization: str, status: MessageStatus, queued_at: datetime
) -> IncomingMessage:
    """Return a changed message, whose error is in words that only its organisation uses."""
    is_failed = status == MessageStatus.FAILED
    changes = {
        'id': id,
        'organization': organization,
        'status': status,
        'queued_at': queued_at,
        'attempted_at': None,
        'sent_at': queued_at if status == MessageStatus.SENT else None,
        'error_code': (message.error_code or '3') if is_failed else None,
        'error_name': f'Ошибка: {organization}' if is_failed else None,
    }
    return IncomingMessage(**{**vars(message), **changes})


def journal_documents() -> list[IncomingDocument]:
    """Generate documents of all organisations."""
    rng = random.Random(13)
    return [
        incoming_document(
            id=UUID(int=rng.getrandbits(128)),
            at=NOON - timedelta(hours=number),
            organization=rng.choice(ORGANIZATIONS),
            patient_name=reference_messages.random_name(rng),
        )
        for number in range(60)
    ]


def fill(database: Database, organizations: Collection[str] = ORGANIZATIONS) -> None:
    """Record the messages, the documents and the calls of some of the organisations; the dictionary has all of them."""

    def insert_dictionary(session: Any) -> None:
        acquire_writer_lock(session)
        for name in ORGANIZATIONS:
            get_or_create_ids(session, ORGANIZATION_TABLE, [name])

    database.write_sync(insert_dictionary)
    ids = organization_ids(database)
    editor = DictionaryEditor(database, ORGANIZATION_TABLE, '')
    asyncio.run(editor.merge(None, ids[FIRST_MERGED], ids[FIRST]))
    messages = [each for each in journal_messages() if each.organization in organizations]
    database.write_sync(partial(ingest_imported_messages, messages=messages, zone=MOSCOW, now=NOON))
    documents = [each for each in journal_documents() if each.organization in organizations]
    database.write_sync(lambda session: ingest_imported_documents(session, documents))
    calls = [_call(each) for each in messages if each.status != MessageStatus.SENT and each.id.int % 3 == 0]
    if calls:
        database.write_sync(lambda session: session.connection().execute(CALL_TABLE.insert(), calls))


def _call(about: IncomingMessage) -> dict[str, Any]:
    again_at = (None, NOON - timedelta(hours=1), NOON + timedelta(hours=1))[about.id.int // 3 % 3]
    return {
        'message_id': about.id,
        'done_by': f'оператор {about.id.int % 2}',
        'done_at': NOON - timedelta(hours=3, seconds=about.id.int % 1000),
        'outcome': CallOutcome.NOT_REACHED if again_at else CallOutcome.REACHED,
        'note': f'о сообщении {about.id}',
        'again_at': again_at,
    }


def organization_ids(database: Database) -> dict[str, int]:
    """Return the rows of the organisations by name."""
    statement = select(ORGANIZATION_TABLE.c.name, ORGANIZATION_TABLE.c.id)
    return database.read_sync(lambda session: {row.name: row.id for row in session.execute(statement)})


def composed(database: Database) -> Services:
    """Compose the services of a journal, at NOON."""
    url = database.url.render_as_string(hide_password=False)
    return compose(Settings(database_url=url), database, now=lambda: NOON)


def message_ids(database: Database) -> list[UUID]:
    """Return the ids of all messages, sorted."""
    return database.read_sync(lambda session: sorted(session.execute(select(message.c.id)).scalars()))


def document_ids(database: Database) -> list[UUID]:
    """Return the ids of all documents, sorted."""
    return database.read_sync(lambda session: sorted(session.execute(select(DOCUMENT_TABLE.c.id)).scalars()))


async def answers_to_query(services: Services, query: MessageQuery, size: int) -> dict[str, Any]:
    """Return everything that the services answer to a query."""
    messages = services.messages
    pages = [await messages.page(query, number=number, size=size) for number in (1, 2, 3, 1_000)]
    suggested = [group async for group in services.message_suggestions.alternatives(query)]
    summary_query = SummaryQuery(
        kinds=query.kinds, period=query.period, organizations=query.organizations, statuses=query.statuses
    )
    answers: dict[str, Any] = {
        'pages': [(page.number, page.rows, page.totals, page.hint) for page in pages],
        'totals': await messages.totals(query),
        'errors': await messages.error_counts(query),
        'narrower': [each.text for each in await services.message_suggestions.narrower(query)],
        'alternatives': [(group.title, [each.text for each in group.suggestions]) for group in suggested],
        'pending calls': _sorted_calls(await services.call_list.pending_calls(query, 1_000)),
        'pending count': await services.call_list.count_pending(query),
        'completed calls': sorted(await services.call_list.completed_calls(query, 1_000), key=str),
        'summary': await services.summaries.summarize(summary_query),
        'counts': [await services.summaries.count_by_status(summary_query, grouping) for grouping in Grouping],
    }
    if query.order is None:
        keyset = await services.message_reader.page(query, before=None, size=size)
        answers['keyset'] = (keyset.rows, keyset.last_key is None)
    return answers


def _sorted_calls(pending: Any) -> Any:
    return replace(pending, calls=[replace(each, messages=sorted(each.messages, key=str)) for each in pending.calls])


async def answers_about(services: Services, ids: Sequence[UUID], document_keys: Sequence[UUID]) -> dict[str, Any]:
    """Return what the services answer without a query: about messages by their ids, and about all of them."""
    changes = await services.messages.changes_since(ChangePosition(0, CallPosition(0, NOON)))
    page = await services.message_reader.changes(after=0, size=1_000)
    stories = [await services.person_stories.read(id, scope, 50) for id in ids for scope in StoryScope]
    await services.live_updates.prepare()
    await services.overview.prepare()
    await services.overview.refresh_figures()
    footer = services.live_updates.footer
    rows = await services.messages.rows_by_id(ids)
    return {
        'details': [await services.messages.details(id) for id in ids],
        'rows': rows,
        'same error': [await services.messages.same_error(rows[key]) for key in sorted(rows)],
        'calls about': [await services.call_list.calls_about(id) for id in ids],
        'stories': [replace(each, calls=sorted(each.calls, key=str)) if each else None for each in stories],
        'changes': (changes.changed_ids, len(changes.created_sort_keys)),
        'change page': sorted(page.rows, key=str),
        'overdue': [each.id for each in (await services.messages.overdue(after=0, size=1_000)).messages],
        'documents': [await services.documents.details(id) for id in document_keys],
        'sum': footer.sent_cost if footer else None,
        'queue': services.overview.queue,
        'figures': services.overview.figures,
    }


async def answers_to_document_query(services: Services, query: DocumentQuery) -> Any:
    """Return what the services answer to a query of documents."""
    pages = [await services.documents.page(query, number=number, size=5) for number in (1, 2, 1_000)]
    return pages, await services.documents.totals(query)
