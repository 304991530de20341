"""Every query with a period rejects the same invalid periods, with an error sentence for the field."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from services import texts
from services.audit.audit_query import AuditQuery
from services.audit.audit_records import AuditRecords
from services.call_list.call_list_service import CallListService
from services.database.engine import Database
from services.documents.document_query import DocumentQuery
from services.documents.document_service import DocumentService
from services.lists.query_conditions import FIRST_YEAR, LAST_YEAR
from services.lists.query_protocol import InvalidQueryError, Period
from services.messages.message_query import MessageQuery
from services.messages.message_service import MessageService
from services.receipts.provider_codes import ProviderCodes
from services.settings import PROJECT_ROOT
from services.summary.summaries import Summaries
from services.summary.summary_query import SummaryQuery
from tests.helpers.reference_messages import MOSCOW

QUERIES = (MessageQuery, DocumentQuery, AuditQuery)
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
def test_an_invalid_period_is_rejected_with_its_field(query: type, period: Period, sentence: str) -> None:
    with pytest.raises(InvalidQueryError) as raised:
        query(period=period).check()
    assert (raised.value.field, raised.value.message) == ('period', sentence)


@pytest.mark.parametrize('zone', [MOSCOW, NEW_YORK], ids=str)
@pytest.mark.parametrize('day', [date.min, date.max])
async def test_every_service_rejects_the_first_and_last_date_of_python(zone: ZoneInfo, day: date) -> None:
    database = Database('sqlite:////nowhere')  # rejected before the database is read
    codes = ProviderCodes.load(PROJECT_ROOT / 'data' / 'provider_codes.csv')
    for period in (Period(day, None), Period(None, day), Period(day, day)):
        message, document, access = (
            MessageQuery(period=period),
            DocumentQuery(period=period),
            AuditQuery(period=period),
        )
        for result in (
            MessageService(database, zone).page(message, number=1, size=20),
            MessageService(database, zone).totals(message),
            DocumentService(database, zone).page(document, number=1, size=20),
            DocumentService(database, zone).totals(document),
            AuditRecords(database, zone).page(access, number=1, size=20),
            AuditRecords(database, zone).totals(access),
            Summaries(database, zone).summarize(SummaryQuery(period=period)),
            CallListService(database, zone, codes).pending_calls(message, 20),
            CallListService(database, zone, codes).completed_calls(message, 20),
        ):
            with pytest.raises(InvalidQueryError, match='Укажите год'):
                await result
