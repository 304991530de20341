"""Every query that has a period refuses the same days, with a sentence for its field."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from services import texts
from services.audit.audit_query import AccessQuery
from services.audit.audit_records import AccessJournal
from services.call_list.call_list_service import CallBacks
from services.database.engine import Database
from services.documents.document_query import DocumentQuery
from services.documents.document_service import Exchange
from services.lists.query_conditions import FIRST_YEAR, LAST_YEAR
from services.lists.query_protocol import Period, Refusal
from services.messages.message_query import MessageQuery
from services.messages.message_service import Messages
from services.receipts.provider_codes import Codes
from services.settings import PROJECT
from services.summary.summaries import Summaries
from tests.helpers.reference_messages import MOSCOW

QUERIES = (MessageQuery, DocumentQuery, AccessQuery)
NEW_YORK = ZoneInfo('America/New_York')
OUT_OF_RANGE = texts.YEAR_OUT_OF_RANGE.format(first=FIRST_YEAR, last=LAST_YEAR)
PERIODS = [
    (Period(date.min, None), OUT_OF_RANGE),
    (Period(None, date.max), OUT_OF_RANGE),
    (Period(date(FIRST_YEAR - 1, 12, 31), None), OUT_OF_RANGE),
    (Period(None, date(LAST_YEAR + 1, 1, 1)), OUT_OF_RANGE),
    (Period(date(2026, 11, 23), date(2026, 11, 22)), texts.PERIOD_REVERSED),
]


@pytest.mark.parametrize(('period', 'sentence'), PERIODS)
@pytest.mark.parametrize('query', QUERIES)
def test_a_period_that_cannot_be_asked_is_refused_at_its_field(query: type, period: Period, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        query(period=period).check()
    assert (refused.value.field, refused.value.sentence) == ('period', sentence)


@pytest.mark.parametrize('zone', [MOSCOW, NEW_YORK], ids=str)
@pytest.mark.parametrize('day', [date.min, date.max])
async def test_every_page_refuses_the_first_and_the_last_day_there_is(zone: ZoneInfo, day: date) -> None:
    database = Database('sqlite:////nowhere')  # refused before anything is read
    codes = Codes.read(PROJECT / 'data' / 'provider_codes.csv')
    for period in (Period(day, None), Period(None, day), Period(day, day)):
        message, document, access = (
            MessageQuery(period=period),
            DocumentQuery(period=period),
            AccessQuery(period=period),
        )
        for answer in (
            Messages(database, zone).page(message, number=1, size=20),
            Messages(database, zone).totals(message),
            Exchange(database, zone).page(document, number=1, size=20),
            Exchange(database, zone).totals(document),
            AccessJournal(database, zone).page(access, number=1, size=20),
            AccessJournal(database, zone).totals(access),
            Summaries(database, zone).of(message),
            CallBacks(database, zone, codes).waiting(message, 20),
            CallBacks(database, zone, codes).made(message, 20),
        ):
            with pytest.raises(Refusal, match='Укажите год'):
                await answer
