"""A person is found by every notation of the name, with the text index and without it; totals agree."""

import itertools

import pytest
from sqlalchemy import select

from services.database.engine import Database
from services.documents.document_ingest import ingest_imported_documents
from services.documents.document_query import DocumentQuery
from services.documents.document_service import DocumentService
from services.ingest.message_ingest import ingest_imported_messages
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.messages.message_tables import message
from services.messages.search.planner_settings import PlannerSettings
from tests.helpers.database_copies import CopyOf
from tests.helpers.factories import incoming_document, incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON

SIDOROV = 'Cидоров Иван Петрович'  # with a Latin C
IVANOV, REVERSED, LATIN = 'Иванов Иван Петрович', 'Иван Петрович Иванов', 'Ivanоv Ivan Petrovich'  # with a Cyrillic о
BRACKETS, SHORT_BRACKETS = 'Иванова (Петрова) Мария Ивановна', 'Иванова (Петрова) М.И.'
HYPHEN, BLANK, DASH = (f'Салтыков{mark}Щедрин Михаил Евграфович' for mark in ('-', ' ', ' \N{EN DASH} '))
APOSTROPHE, QUOTE, TURNED_COMMA = "Д'Артаньян Шарль", 'Д"Артаньян Шарль', 'Қодиров Жасур Ботир Oʻgʻli'
HIDDEN = '\N{LEFT-TO-RIGHT ISOLATE}Пет\N{ZERO WIDTH SPACE}ров\N{POP DIRECTIONAL ISOLATE} Пётр'
NAMES = (
    SIDOROV, IVANOV, REVERSED, LATIN, BRACKETS, SHORT_BRACKETS, HYPHEN, BLANK, DASH, APOSTROPHE, QUOTE, TURNED_COMMA,
    HIDDEN,
)  # fmt: skip
FOUND = {
    'Сидоров': {SIDOROV},
    'Cидоров И.П.': {SIDOROV},
    'Иванова М.И.': {BRACKETS, SHORT_BRACKETS},
    'Петрова М.И.': {BRACKETS, SHORT_BRACKETS},
    'Петрова Мария': {BRACKETS},
    'Иванова (Петрова) Мария Ивановна': {BRACKETS},
    'Салтыков-Щедрин': {HYPHEN, BLANK, DASH},
    'Салтыков Щедрин': {HYPHEN, BLANK, DASH},
    'Салтыков \N{EM DASH} Щедрин М.Е.': {HYPHEN, BLANK, DASH},
    'Щедрин М.Е.': {HYPHEN, BLANK, DASH},
    'Салтыков Щедрин М': {HYPHEN, BLANK, DASH},
    'Cfknsrjd-Otlhby V/T/': {HYPHEN, BLANK, DASH},
    'Bdfyjd B/G/': {IVANOV, REVERSED},
    'Иванов И.П.': {IVANOV, REVERSED},
    'И.П. Иванов': {IVANOV, REVERSED},
    'Иванов ИП': {IVANOV, REVERSED},
    'Иванов П.И.': set(),
    '«Иванов»': {IVANOV, REVERSED},
    '«Иванов»; "Иван"': {IVANOV, REVERSED},
    'Иванов"': {IVANOV, REVERSED, BRACKETS, SHORT_BRACKETS},
    '«Салтыков-Щедрин»': {HYPHEN, BLANK, DASH},
    'Иванов; Иван*': {IVANOV, REVERSED, BRACKETS, SHORT_BRACKETS},
    'Иванов Иван Петрович 01.02.1980': {IVANOV, REVERSED},
    'Ivanov I.P.': {LATIN},
    'Ivanov': {LATIN},
    'д’артаньян': {APOSTROPHE, QUOTE},
    'Дʻартаньян Ш': {APOSTROPHE, QUOTE},
    "Қодиров o'g'li": {TURNED_COMMA},
    'Петров П': {HIDDEN},
    'Пет\N{ZERO WIDTH JOINER}ров П': {HIDDEN},
}
"""What is typed, and the names that it finds."""
PLANS = {
    'index': PlannerSettings(scanned_row_cost_ns=1_000_000, max_selective_share=1, newest_scan_rows=0),
    'scan': PlannerSettings(scanned_row_cost_ns=0),
}


def fill(database: Database) -> None:
    """Record a message and a document for each name."""
    messages = [incoming_message(recipient_name=name) for name in NAMES]
    documents = [incoming_document(patient_name=name) for name in NAMES]
    database.write_sync(lambda session: ingest_imported_messages(session, messages, zone=MOSCOW, now=NOON))
    database.write_sync(lambda session: ingest_imported_documents(session, documents))


@pytest.fixture
def database_url(copy_of: CopyOf) -> str:
    """The URL of a filled database that belongs to this test alone; the test runs on each engine."""
    return copy_of(fill)


async def test_messages_are_found_by_every_notation(database: Database) -> None:
    wrong = []
    for (plan, planner), (typed, names) in itertools.product(PLANS.items(), FOUND.items()):
        messages = MessageService(database, MOSCOW, lambda: NOON, planner=planner)
        rows = (await messages.page(MessageQuery(name=typed), number=1, size=20)).rows
        totals = await messages.totals(MessageQuery(name=typed))
        if ({row.recipient_name for row in rows}, totals.count) != (names, len(names)):
            wrong.append((plan, typed, [row.recipient_name for row in rows], totals))
    assert wrong == []


async def test_documents_are_found_by_every_notation(database: Database) -> None:
    documents, wrong = DocumentService(database, MOSCOW), []
    for typed, names in FOUND.items():
        rows = (await documents.page(DocumentQuery(name=typed), number=1, size=20)).rows
        if {row.patient_name for row in rows} != names:
            wrong.append((typed, [row.patient_name for row in rows]))
    assert wrong == []


def test_notations_of_a_double_surname_are_one_recipient(database: Database) -> None:
    keys = database.read_sync(lambda session: set(session.execute(select(message.c.name_key)).scalars()))
    assert {key for key in keys if 'щедрин' in key} == {'салтыковщедрин михаил евграфович'}
