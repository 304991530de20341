"""The summary as a workbook: the organisations as they are sorted on the page, and the comparison of periods."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter  # type: ignore[import-untyped]
import xlsxwriter.exceptions  # type: ignore[import-untyped]

from services import texts
from services.export.export_jobs import ExportFile, ExportFormat, ExportJobs
from services.export.file_writers import TEXT_FORMAT, XLSX_TEXT_OPTIONS
from services.lists.query_conditions import describe_period
from services.summary.summary_data import StatusTotals, Summary
from services.summary.summary_query import SummaryQuery

NAME_WIDTH: Final = 60
NUMBER_WIDTH: Final = 18
Row = Sequence[str | int | Decimal | None]


class SummaryExporter:
    """Exports the summary that a page shows to Excel; an Exporter of the button «Экспорт»."""

    def __init__(self, exports: ExportJobs, shown_summary: Callable[[], Summary | None]) -> None:
        """Export what `shown_summary` returns, and offer the files by `exports`."""
        self._exports = exports
        self._shown_summary = shown_summary
        self.offer_download = exports.offer_download
        self.discard_download = exports.discard_download

    async def make(
        self, query: SummaryQuery, format: ExportFormat, *, account_id: int, progress: Callable[[int], None]
    ) -> ExportFile:
        """Export the summary to a workbook; `progress` receives the number of organisations.

        Raises:
            ExportError: see ExportJobs.write_file.
            ValueError: the page does not show the summary of the query.
        """
        summary = self._shown_summary()
        if summary is None or summary.query != query:
            raise ValueError('another summary is shown')

        async def write(path: Path) -> int:
            rows = await asyncio.to_thread(write_workbook, path, summary)
            progress(rows)
            return rows

        return await self._exports.write_file(f'{query.file_name()}.{format}', write, account_id=account_id)


def write_workbook(path: Path, summary: Summary) -> int:
    """Write a workbook, and return the number of organisations.

    Raises:
        OSError: the file cannot be written.
    """
    has_withdrawn = any(each.withdrawn for each in _all_totals(summary))
    columns = _total_columns(summary.totals, has_withdrawn)
    rows = [(each.organization.name, *_total_cells(each, has_withdrawn)) for each in summary.organizations]
    try:
        with xlsxwriter.Workbook(path, XLSX_TEXT_OPTIONS) as book:
            if rows:
                whole = (texts.SUMMARY_ALL, *_total_cells(summary.totals, has_withdrawn))
                sheet = _write_sheet(book, texts.SUMMARY_ORGANIZATIONS, texts.ORGANIZATION, columns, [*rows, whole])
                # Sorting in Excel leaves the sums at the end.
                sheet.autofilter(0, 0, len(rows), len(whole) - 1)
            _write_sheet(
                book,
                texts.SUMMARY_COMPARISON,
                texts.SUMMARY_PERIOD,
                columns,
                list(_period_rows(summary, has_withdrawn)),
            )
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error
    return len(rows)


def _all_totals(summary: Summary) -> Iterator[StatusTotals]:
    """Yield the totals of all rows; those of the organisations are parts of the whole."""
    yield summary.totals
    for each in summary.comparisons.comparisons if summary.comparisons else ():
        if each.totals:
            yield each.totals


def _total_columns(totals: StatusTotals, has_withdrawn: bool) -> Sequence[tuple[str, str]]:
    """Return the title and the number format of each column of totals."""
    rate = [(texts.SUMMARY_FAILURE_RATE, '0.0%')] if totals.has_failure_rate else []
    counts = [(texts.SUMMARY_MESSAGES, '#,##0'), *((texts.STATUSES[each], '#,##0') for each in totals.statuses)]
    withdrawn = [(texts.SUMMARY_WITHDRAWN, '#,##0')] if has_withdrawn else []
    return [*counts, *withdrawn, *rate, (texts.SUMMARY_ROUBLES, '#,##0.00')]


def _total_cells(totals: StatusTotals, has_withdrawn: bool) -> Row:
    withdrawn = (totals.withdrawn,) if has_withdrawn else ()
    rate = (totals.failure_rate,) if totals.has_failure_rate else ()
    counts = (totals.messages[each] for each in totals.statuses)
    return (totals.message_count, *counts, *withdrawn, *rate, totals.cost)


def _period_rows(summary: Summary, has_withdrawn: bool) -> Iterator[Row]:
    compared = summary.comparisons
    period = compared.period if compared else summary.query.period
    yield (describe_period(period) or texts.ALL_TIME, *_total_cells(summary.totals, has_withdrawn))
    for each in compared.comparisons if compared else ():
        title = f'{texts.SUMMARY_COMPARED[each.kind]}: {describe_period(each.period)}'
        yield (title, *(_total_cells(each.totals, has_withdrawn) if each.totals else (texts.SUMMARY_UNKNOWN,)))


def _write_sheet(
    book: Any, name: str, first_title: str, total_columns: Sequence[tuple[str, str]], rows: Sequence[Row]
) -> Any:
    """Write a sheet: unknown values become empty cells, and texts stay texts whatever their first character."""
    columns = [(first_title, '@'), *total_columns]
    header = book.add_format({'bold': True, 'text_wrap': True, 'valign': 'top', 'bottom': 1})
    text = book.add_format(TEXT_FORMAT)
    number_formats = [book.add_format({'num_format': number_format}) for _, number_format in columns]
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, NAME_WIDTH)
    sheet.set_column(1, len(columns) - 1, NUMBER_WIDTH)
    for column, (title, _) in enumerate(columns):
        sheet.write_string(0, column, title, header)
    for row, cells in enumerate(rows, 1):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell, text)
            elif cell is not None:
                sheet.write_number(row, column, cell, number_formats[column])
    return sheet
