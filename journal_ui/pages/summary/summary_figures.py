"""The key figures of the summary, above those of the periods with which they are compared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from markupsafe import Markup

from journal_ui.components.html_element import EMPTY_MARKUP, HtmlElement
from journal_ui.pages.message_columns import STATUS_CLASSES
from journal_ui.pages.summary.summary_charts import chart_section, with_status
from journal_ui.root_path import public_path
from models import MessageStatus
from services import texts
from services.formats import day, integer, money, percent
from services.lists.query_conditions import describe_period
from services.messages import query_params
from services.summary.compared_periods import day_count
from services.summary.summary_data import Comparison, Comparisons, StatusTotals, Summary

TABLE_HTML = Markup(
    '<table class="figures-table compared"><caption class="unseen">{caption}</caption><thead><tr>'
    '<th scope="col">{period}</th>{titles}</tr></thead><tbody>{rows}</tbody></table>'
)
TITLE_HTML = Markup('<th scope="col"><span class="{tone}" title="{hint}">{title}</span></th>')
ROW_HTML = Markup('<tr><th scope="row">{title}<div class="note">{note}</div></th>{cells}</tr>')
CELL_HTML = Markup('<td data-title="{title}">{text}</td>')
LINK_HTML = Markup('<a href="{url}" aria-label="{title}: {text}">{text}</a>')
CHANGE_HTML = Markup('{text}<div class="note">{note}</div>')
UNKNOWN_HTML = Markup('<td colspan="{columns}" class="unknown">{text}</td>')
EXACT_PERCENT_BELOW: Final = Decimal('0.1')
"""A smaller share has a decimal."""
ONE_DECIMAL: Final = Decimal('0.1')


@dataclass(frozen=True)
class Figure:
    """A number of a period."""

    title: str
    read: Callable[[StatusTotals], Any]
    """Returns the number of any totals; None if it is not known."""
    format: Callable[[Any], str]
    url: str = ''
    tone: str = ''
    hint: str = ''
    is_share: bool = False
    """Whether differences are percentage points."""
    is_comparable: bool = True
    """Whether the difference from an earlier period means anything: what waited then has been sent since."""
    note: str = ''
    """A note on the number of this period."""


def draw_figures(summary: Summary) -> None:
    """Draw the key figures, each with a link to its messages, and below them the compared periods."""
    figures = list(_figures(summary))
    rows = [_row(texts.SUMMARY_THIS_PERIOD, _describe_period(summary), _current_cells(figures, summary.totals))]
    compared = summary.comparisons
    for each in compared.comparisons if compared else ():
        assert compared is not None
        cells = _earlier_cells(figures, summary.totals, each, compared)
        rows.append(_row(texts.SUMMARY_COMPARED[each.kind], _describe_earlier(each, compared), cells))
    titles = (TITLE_HTML.format(title=each.title, tone=each.tone, hint=each.hint) for each in figures)
    with chart_section(texts.SUMMARY_TOTALS, 'wide figures'):
        HtmlElement(
            'div',
            TABLE_HTML.format(
                caption=texts.SUMMARY_TOTALS,
                period=texts.SUMMARY_PERIOD,
                titles=EMPTY_MARKUP.join(titles),
                rows=EMPTY_MARKUP.join(rows),
            ),
        )


def _figures(summary: Summary) -> Iterator[Figure]:
    query, totals = summary.query, summary.totals
    yield Figure(
        texts.SUMMARY_MESSAGES,
        lambda totals: totals.message_count,
        integer,
        query_params.to_url(query),
        is_comparable=MessageStatus.WAITING not in query.statuses,
    )
    for status in totals.statuses:
        yield Figure(
            texts.STATUSES[status],
            partial(_messages_of, status),
            integer,
            query_params.to_url(with_status(query, status)),
            f'tone {STATUS_CLASSES[status]}',
            is_comparable=status is not MessageStatus.WAITING,
            note=texts.WITHDRAWN_AMONG.format(count=integer(totals.withdrawn))
            if totals.withdrawn and status is MessageStatus.FAILED
            else '',
        )
    if totals.has_failure_rate:
        yield Figure(
            texts.SUMMARY_FAILURE_RATE,
            lambda totals: totals.failure_rate,
            lambda rate: percent(rate, decimals=1),
            hint=texts.SUMMARY_FAILURE_RATE_HINT,
            is_share=True,
        )
    yield Figure(texts.SUMMARY_COST, lambda totals: totals.cost, money, query_params.to_url(query))


def _messages_of(status: MessageStatus, totals: StatusTotals) -> int:
    return totals.messages[status]


def _row(title: str, note: str, cells: Markup) -> Markup:
    return ROW_HTML.format(title=title, note=note, cells=cells)


def _current_cells(figures: Sequence[Figure], totals: StatusTotals) -> Markup:
    def content(figure: Figure) -> str:
        text = _format(figure, totals)
        link = LINK_HTML.format(url=public_path(figure.url), title=figure.title, text=text) if figure.url else text
        return CHANGE_HTML.format(text=link, note=figure.note) if figure.note else link

    return EMPTY_MARKUP.join(CELL_HTML.format(title=each.title, text=content(each)) for each in figures)


def _earlier_cells(
    figures: Sequence[Figure], totals: StatusTotals, comparison: Comparison, compared: Comparisons
) -> Markup:
    """Return the numbers of an earlier period, each with how the number of this period differs."""
    before = comparison.totals
    if before is None:
        return UNKNOWN_HTML.format(columns=len(figures), text=_describe_unknown(comparison, compared))
    return EMPTY_MARKUP.join(
        CELL_HTML.format(
            title=each.title,
            text=CHANGE_HTML.format(text=_format(each, before), note=describe_change(each, totals, before)),
        )
        for each in figures
    )


def _format(figure: Figure, totals: StatusTotals) -> str:
    value = figure.read(totals)
    return texts.SUMMARY_UNKNOWN if value is None else figure.format(value)


def describe_change(figure: Figure, totals: StatusTotals, before: StatusTotals) -> str:
    """Describe how a number differs from that of an earlier period; empty if either is not known."""
    new, old = figure.read(totals), figure.read(before)
    if new is None or old is None or not figure.is_comparable:
        return ''
    difference = (Decimal(new - old) * 100).quantize(ONE_DECIMAL) if figure.is_share else new - old
    if not difference:
        return texts.SUMMARY_SAME
    size = abs(difference)
    if figure.is_share:
        text = texts.SUMMARY_POINTS.format(points=f'{size:.1f}'.replace('.', ','))
    else:
        text = figure.format(size)
        if old:
            share = Decimal(size) / old
            text = texts.SUMMARY_DIFFERENCE.format(
                difference=text, percent=percent(share, decimals=1 if share < EXACT_PERCENT_BELOW else 0)
            )
    return (texts.SUMMARY_MORE if difference > 0 else texts.SUMMARY_LESS).format(difference=text)


def _describe_unknown(comparison: Comparison, compared: Comparisons) -> str:
    """Describe why nothing is known about an earlier period."""
    first_day, since = compared.first_day, comparison.period.since
    if first_day and since and since < first_day:
        return texts.SUMMARY_JOURNAL_BEGINS.format(day=day(first_day))
    return texts.SUMMARY_NO_MESSAGES


def _describe_period(summary: Summary) -> str:
    compared = summary.comparisons
    if compared is None:
        period = describe_period(summary.query.period)
        return period if summary.query.period.since else ' '.join(filter(None, (period, texts.SUMMARY_INCOMPARABLE)))
    unfinished = texts.SUMMARY_TODAY_UNFINISHED if compared.is_today_included else ''
    return ', '.join(filter(None, (describe_period(compared.period), unfinished)))


def _describe_earlier(comparison: Comparison, compared: Comparisons) -> str:
    parts = [
        describe_period(comparison.period),
        texts.SUMMARY_SAME_DATES if compared.by_dates else texts.SUMMARY_SAME_WEEKDAYS,
    ]
    before, now = day_count(comparison.period), day_count(compared.period)
    if before != now:
        parts.append(texts.SUMMARY_OTHER_LENGTH.format(before=integer(before), now=integer(now)))
    return ', '.join(parts)
