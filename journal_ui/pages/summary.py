"""The page «Сводка»: what the journal's messages add up to, in figures, pictures and tables that lead to them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from nicegui import ui

from journal_ui.components.html_table import Cell, Tag, table
from journal_ui.filters.autocomplete_filter import LookupFilter
from journal_ui.filters.basic_filters import ChoiceFilter, FlagsFilter
from journal_ui.filters.date_range_filter import PeriodFilter
from journal_ui.layout.page_layout import Viewer, frame
from journal_ui.list_page.filtered_page import Board
from journal_ui.pages import summary_charts
from journal_ui.pages.messages import TONES, draw_foot
from journal_ui.pages.summary_charts import ORDER, picture, with_status
from models import MessageStatus
from services import texts
from services.composition import Services
from services.formats import day, minute, money, percent, span, whole
from services.lists.query_protocol import Period
from services.messages import query_params
from services.messages.message_query import MessageQuery
from services.summary.summary_data import Errors, Growing, Summary, Waiting


def page(services: Services) -> Callable[[Viewer], None]:
    """Give what draws the page."""

    def draw(viewer: Viewer) -> None:
        def show(summary: Summary) -> None:
            _show(board, services, summary)

        with frame(texts.SUMMARY_TITLE, viewer, path='/summary', foot=partial(draw_foot, services)):
            board = Board(
                texts.SUMMARY_TITLE,
                (
                    ChoiceFilter('kind', texts.KIND, texts.KINDS),
                    PeriodFilter('period', texts.PERIOD, basis='0.5 0 348px'),
                    LookupFilter('organization', texts.ORGANIZATION_FILTER, services.organizations.all),
                    FlagsFilter('statuses', texts.STATUS, texts.STATUSES),
                ),
                query=services.messages.query,
                ask=services.summaries.of,
                show=show,
                preferences=viewer.preferences,
                watch=services.live.watch,
            )

    return draw


def _show(board: Board[MessageQuery, Summary], services: Services, summary: Summary) -> None:
    board.content.clear()
    if not summary.found:
        board.say(texts.NOTHING_FOUND, summary.query.advice())
        return
    _figures(summary)
    with ui.element('div').classes('pictures'):
        summary_charts.times(summary)
        if summary.organizations:
            summary_charts.organizations(summary)
        if summary.kinds:
            summary_charts.kinds(summary)
        if summary.errors:
            _errors(summary.errors, summary.query)
        if summary.waiting is not None:
            _waiting(summary.waiting, services)


def _figures(summary: Summary) -> None:
    """Draw what matters most, each figure leading to its messages."""
    query = summary.query
    with ui.element('dl').classes('figures-line').props(f'aria-label="{texts.SUMMARY_FIGURES}"'):
        for status in (each for each in ORDER if each in summary.messages):
            _figure(
                texts.STATUSES[status],
                whole(summary.messages[status]),
                query_params.address(with_status(query, status)),
                TONES[status],
            )
        if summary.failing is not None:
            _figure(texts.SUMMARY_FAILING, percent(summary.failing, places=1), hint=texts.SUMMARY_FAILING_HINT)
        _figure(texts.SUMMARY_COST, money(summary.cost), query_params.address(query))


def _figure(title: str, text: str, address: str = '', tone: str = '', hint: str = '') -> None:
    with ui.element('div') as figure:
        if hint:
            figure.props['title'] = hint
        Tag('dt', title).classes(f'tone {tone}' if tone else '')
        with ui.element('dd'):
            if address:
                ui.link(text, address).props['aria-label'] = f'{title}: {text}'
            else:
                ui.label(text)


def _errors(errors: Errors, query: MessageQuery) -> None:
    where = with_status(replace(query, period=errors.now), MessageStatus.FAILED)
    with picture(texts.SUMMARY_ERRORS):
        ui.label(texts.SUMMARY_ERRORS_SPAN.format(now=_days(errors.now), before=_days(errors.before))).classes('aside')
        if not errors.growing:
            ui.label(texts.SUMMARY_NO_GROWTH)
            return
        table(
            texts.SUMMARY_ERRORS,
            (texts.SUMMARY_ERROR, texts.SUMMARY_BEFORE, texts.SUMMARY_NOW, texts.SUMMARY_GROWTH),
            [
                (
                    Cell(
                        _error(each), query_params.address(where), texts.SUMMARY_ALL_ERRORS.format(error=_error(each))
                    ),
                    Cell(whole(each.before)),
                    Cell(whole(each.now)),
                    Cell(_growth(each)),
                )
                for each in errors.growing
            ],
        )


def _waiting(waiting: Sequence[Waiting], services: Services) -> None:
    with picture(texts.SUMMARY_WAITING):
        if not waiting:
            ui.label(texts.SUMMARY_NO_WAITING)
            return
        table(
            texts.SUMMARY_WAITING,
            (texts.SUMMARY_WAITING_SINCE, texts.SUMMARY_WAITING_LASTS, texts.ORGANIZATION, texts.KIND),
            [
                (
                    Cell(minute(each.since, services.messages.zone), query_params.address(each.query)),
                    Cell(span(each.lasts)),
                    Cell(each.query.organization.name if each.query.organization else ''),
                    Cell(texts.KINDS[each.query.kind] if each.query.kind else ''),
                )
                for each in waiting
            ],
            of_words=True,
        )


def _days(period: Period) -> str:
    assert period.since is not None
    assert period.until is not None
    return f'{day(period.since)} {texts.PERIOD_UNTIL}\N{NO-BREAK SPACE}{day(period.until)}'


def _error(error: Growing) -> str:
    name = error.name or texts.SUMMARY_UNNAMED
    return texts.SUMMARY_ERROR_CODE.format(name=name, code=error.code) if error.code else name


def _growth(error: Growing) -> str:
    """Say how much more frequent an error has become."""
    if not error.before:
        return texts.SUMMARY_NEW
    return f'+{percent(Decimal(error.now - error.before) / error.before)}'
