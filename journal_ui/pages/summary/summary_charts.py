"""The charts of the summary: messages by period, and cost by kind, each with its table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from nicegui import ui

from journal_ui.components import charts
from journal_ui.components.charts import ChartBar, ChartSeries
from journal_ui.components.html_element import TextTag
from journal_ui.components.html_table import TableCell, draw_table
from journal_ui.pages.message_columns import STATUS_CLASSES
from models import MessageStatus
from services import texts
from services.formats import amount, day, integer, month
from services.messages import query_params
from services.messages.message_query import MessageQuery, describe_names
from services.summary.summary_data import PeriodCounts, Summary


def draw_messages_by_period(summary: Summary) -> None:
    """Draw the number of messages by day or month."""
    title = texts.SUMMARY_BY_MONTH if summary.is_monthly else texts.SUMMARY_BY_DAY
    statuses = summary.totals.statuses
    titles = [_format_period_start(each, is_monthly=summary.is_monthly) for each in summary.by_period]

    def messages_url(counts: PeriodCounts, status: MessageStatus | None = None) -> str:
        query = replace(summary.query, period=counts.period)
        return query_params.to_url(with_status(query, status) if status else query)

    with chart_section(title, 'wide by-period'):
        charts.draw_stacked_bars(
            texts.SUMMARY_CHART.format(title=title),
            titles,
            [
                ChartSeries(
                    texts.STATUSES[status],
                    STATUS_CLASSES[status],
                    [ChartBar(each.messages[status], messages_url(each, status)) for each in summary.by_period],
                )
                for status in statuses
            ],
        )
        first = texts.SUMMARY_MONTH if summary.is_monthly else texts.SUMMARY_DAY
        rows = [
            (
                TableCell(label, messages_url(counts), texts.SUMMARY_TO_JOURNAL.format(what=label)),
                *(
                    _count_cell(counts.messages[each], messages_url(counts, each), label, texts.STATUSES[each])
                    for each in statuses
                ),
            )
            for label, counts in zip(reversed(titles), reversed(summary.by_period), strict=True)
        ]
        draw_table(title, (first, *(texts.STATUSES[each] for each in statuses)), rows)


def draw_cost_by_kind(summary: Summary) -> None:
    """Draw the cost of messages by kind, in roubles."""
    title = texts.SUMMARY_BY_KIND
    rows = [(describe_names(each.query.kinds), query_params.to_url(each.query), each) for each in summary.kinds]
    with chart_section(title, 'wide kinds'):
        charts.draw_horizontal_bars(
            texts.SUMMARY_CHART.format(title=title),
            [label for label, _, _ in rows],
            ChartSeries(texts.SUMMARY_ROUBLES, 'accent', [ChartBar(float(each.cost), url) for _, url, each in rows]),
        )
        draw_table(
            title,
            (texts.KIND, texts.SUMMARY_MESSAGES, texts.SUMMARY_ROUBLES),
            [
                (TableCell(label, url), TableCell(integer(each.messages)), TableCell(amount(each.cost)))
                for label, url, each in rows
            ],
        )


@contextmanager
def chart_section(title: str, css_class: str = '') -> Iterator[None]:
    """Draw a section of the page with its heading."""
    with ui.element('section').classes(f'picture {css_class}'):
        TextTag('h2', title)
        with ui.element('div').classes('chart-and-table'):
            yield


def with_status(query: MessageQuery, status: MessageStatus) -> MessageQuery:
    """Return the query limited to one status."""
    return replace(query, statuses=frozenset({status}))


def _count_cell(count: int, url: str, period_text: str, status_text: str) -> TableCell:
    text = integer(count)
    return TableCell(text, url, f'{period_text}, {status_text}: {text}') if count else TableCell(text)


def _format_period_start(period_counts: PeriodCounts, *, is_monthly: bool) -> str:
    assert period_counts.period.since is not None
    return month(period_counts.period.since) if is_monthly else day(period_counts.period.since)
