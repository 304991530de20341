"""The summary in Excel: every organisation as it is sorted, sums that agree, and the compared periods."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from models import MessageStatus
from services import texts
from services.database.engine import Database
from services.export.export_jobs import ExportError, ExportFormat, ExportJobs
from services.ingest.status_history import WITHDRAWN
from services.lists.query_protocol import Order, Period
from services.summary.summaries import Summaries
from services.summary.summary_data import Summary
from services.summary.summary_export import SummaryExporter, write_workbook
from services.summary.summary_query import SummaryQuery
from tests.helpers.factories import incoming_message
from tests.helpers.reference_messages import MOSCOW, NOON
from tests.helpers.summary_messages import add_messages, failed

TODAY = NOON.date()
FORMULA = '=1+1 «Больница»'
"""A name that a spreadsheet must not take for a formula."""


@pytest.fixture
async def summary(database: Database) -> Summary:
    add_messages(
        database,
        [
            incoming_message(organization='Первая', queued_at=None, sent_at=NOON, cost=Decimal('3.10')),
            failed('1', 0, organization='Первая'),
            incoming_message(organization=FORMULA, queued_at=None, sent_at=NOON, cost=Decimal('4.65')),
            incoming_message(organization='Ждущая', status=MessageStatus.WAITING, queued_at=NOON, cost=Decimal(0)),
            incoming_message(queued_at=None, sent_at=datetime.combine(TODAY - timedelta(days=7), time(9), MOSCOW)),
        ],
    )
    query = SummaryQuery(period=Period(TODAY, TODAY), organization_order=Order('failed', descending=True))
    return await Summaries(database, MOSCOW, now=lambda: NOON).summarize(query)


@pytest.fixture
def exports(tmp_path: Path) -> ExportJobs:
    jobs = ExportJobs('sqlite://', ZoneInfo('Europe/Moscow'), tmp_path / 'exports')
    jobs.clear()
    return jobs


async def test_the_workbook_has_what_the_page_shows(summary: Summary, exports: ExportJobs) -> None:
    progress: list[int] = []
    file = await SummaryExporter(exports, lambda: summary).make(
        summary.query, ExportFormat.XLSX, account_id=1, progress=progress.append
    )
    assert (file.rows, progress) == (3, [3])
    assert file.name == f'Сводка с {TODAY:%d.%m.%Y} по {TODAY:%d.%m.%Y}.xlsx'
    book = CalamineWorkbook.from_path(str(file.path))
    assert book.sheet_names == [texts.SUMMARY_ORGANIZATIONS, texts.SUMMARY_COMPARISON]
    titles, *rows = book.get_sheet_by_name(texts.SUMMARY_ORGANIZATIONS).to_python()
    assert titles == [
        texts.ORGANIZATION,
        texts.SUMMARY_MESSAGES,
        'Отправлено',
        'Ожидает отправки',
        'Ошибка отправки',
        texts.SUMMARY_FAILURE_RATE,
        texts.SUMMARY_ROUBLES,
    ]
    assert rows == [
        ['Первая', 2, 1, 0, 1, 0.5, 6.2],
        [FORMULA, 1, 1, 0, 0, 0, 4.65],
        ['Ждущая', 1, 0, 1, 0, '', 0],
        [texts.SUMMARY_ALL, 4, 2, 1, 1, pytest.approx(1 / 3), 10.85],
    ]
    _, now, previous, last_year = book.get_sheet_by_name(texts.SUMMARY_COMPARISON).to_python()
    assert now[1:5] == [4, 2, 1, 1]
    assert previous[1:5] == [1, 1, 0, 0]
    assert f'{TODAY - timedelta(days=7):%d.%m.%Y}' in str(previous[0])
    assert last_year[1] == texts.SUMMARY_UNKNOWN


async def test_a_summary_that_is_not_shown_is_not_exported(summary: Summary, exports: ExportJobs) -> None:
    with pytest.raises(ValueError, match='another summary'):
        await SummaryExporter(exports, lambda: summary).make(
            SummaryQuery(), ExportFormat.XLSX, account_id=1, progress=lambda _: None
        )


async def test_a_full_disk_is_reported(summary: Summary, exports: ExportJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, _: Summary) -> int:
        path.write_bytes(b'half')
        raise OSError

    monkeypatch.setattr('services.summary.summary_export.write_workbook', fail)
    with pytest.raises(ExportError):
        await SummaryExporter(exports, lambda: summary).make(
            summary.query, ExportFormat.XLSX, account_id=1, progress=lambda _: None
        )


async def test_withdrawn_messages_have_a_column_of_their_own(database: Database, tmp_path: Path) -> None:
    sent = incoming_message(organization='Первая', queued_at=None, sent_at=NOON, cost=Decimal('3.10'))
    add_messages(database, [sent, *(failed(WITHDRAWN, days_ago, organization='Первая') for days_ago in (0, 0, 7))])
    summary = await Summaries(database, MOSCOW, now=lambda: NOON).summarize(SummaryQuery(period=Period(TODAY, TODAY)))
    write_workbook(tmp_path / 'summary.xlsx', summary)
    book = CalamineWorkbook.from_path(str(tmp_path / 'summary.xlsx'))
    titles, row, _ = book.get_sheet_by_name(texts.SUMMARY_ORGANIZATIONS).to_python()
    assert titles[-4:-1] == ['Ошибка отправки', texts.SUMMARY_WITHDRAWN, texts.SUMMARY_FAILURE_RATE]
    assert row[-4:-1] == [2, 2, 0]
