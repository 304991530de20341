"""The pictures of the summary: messages by time, and what organisations and kinds cost, each beside its table."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from nicegui import ui

from journal_ui.components import charts
from journal_ui.components.charts import Bar, Series
from journal_ui.components.html_table import Cell, Tag, table
from journal_ui.pages.messages import TONES
from models import MessageStatus
from services import texts
from services.formats import amount, day, month, whole
from services.messages import query_params
from services.messages.message_query import MessageQuery
from services.summary.summary_data import Share, Summary, Times

ORDER = (MessageStatus.SENT, MessageStatus.WAITING, MessageStatus.FAILED)
"""How statuses stand upon each other."""


def times(summary: Summary) -> None:
    """Draw messages by day or month, a bar for each."""
    title = texts.SUMMARY_BY_MONTH if summary.monthly else texts.SUMMARY_BY_DAY
    statuses = [status for status in ORDER if status in summary.messages]
    titles = [_time(each, monthly=summary.monthly) for each in summary.times]

    def address(then: Times, status: MessageStatus | None = None) -> str:
        query = replace(summary.query, period=then.period)
        return query_params.address(with_status(query, status) if status else query)

    with picture(title, 'wide'):
        charts.stacked(
            texts.SUMMARY_PICTURE.format(title=title),
            titles,
            [
                Series(
                    texts.STATUSES[status],
                    TONES[status],
                    [Bar(each.messages[status], address(each, status)) for each in summary.times],
                )
                for status in statuses
            ],
        )
        first = texts.SUMMARY_MONTH if summary.monthly else texts.SUMMARY_DAY
        rows = [
            (
                Cell(said, address(then), texts.SUMMARY_TO_JOURNAL.format(what=said)),
                *(_number(then.messages[each], address(then, each), said, texts.STATUSES[each]) for each in statuses),
            )
            for said, then in zip(reversed(titles), reversed(summary.times), strict=True)
        ]
        table(title, (first, *(texts.STATUSES[each] for each in statuses)), rows)


def organizations(summary: Summary) -> None:
    """Draw what each organisation cost."""
    rows = [
        (each.of.organization.name if each.of and each.of.organization else texts.SUMMARY_OTHERS, each)
        for each in summary.organizations
    ]
    _money(texts.SUMMARY_BY_ORGANIZATION, texts.ORGANIZATION, rows)


def kinds(summary: Summary) -> None:
    """Draw what each kind of message cost."""
    rows = [(texts.KINDS[each.of.kind], each) for each in summary.kinds if each.of.kind]
    _money(texts.SUMMARY_BY_KIND, texts.KIND, rows)


def _money(title: str, of: str, rows: Sequence[tuple[str, Share[Any]]]) -> None:
    """Draw what each of some things cost."""
    with picture(title, 'wide'):
        charts.lying(
            texts.SUMMARY_PICTURE.format(title=title),
            [said for said, _ in rows],
            Series(texts.SUMMARY_ROUBLES, 'accent', [Bar(float(each.cost), _address(each)) for _, each in rows]),
        )
        table(
            title,
            (of, texts.SUMMARY_MESSAGES, texts.SUMMARY_ROUBLES),
            [(Cell(said, _address(each)), Cell(whole(each.messages)), Cell(amount(each.cost))) for said, each in rows],
        )


@contextmanager
def picture(title: str, width: str = '') -> Iterator[None]:
    """Draw a part of the page under its heading."""
    with ui.element('section').classes(f'picture {width}'):
        Tag('h2', title)
        with ui.element('div').classes('beside'):
            yield


def with_status(query: MessageQuery, status: MessageStatus) -> MessageQuery:
    """Ask for messages of one status alone."""
    return replace(query, statuses=frozenset({status}))


def _address(each: Share[MessageQuery | None]) -> str:
    return query_params.address(each.of) if each.of else ''


def _number(number: int, address: str, time: str, status: str) -> Cell:
    text = whole(number)
    return Cell(text, address, f'{time}, {status}: {text}') if number else Cell(text)


def _time(times: Times, *, monthly: bool) -> str:
    assert times.period.since is not None
    return month(times.period.since) if monthly else day(times.period.since)
