"""The page «Сводка»: totals of messages in figures, charts and tables, which link to the messages."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from nicegui import ui

from journal_ui.components.html_element import TextTag
from journal_ui.components.html_table import TableCell, draw_table
from journal_ui.filters.autocomplete_filter import AutocompleteFilter
from journal_ui.filters.basic_filters import CheckboxGroupFilter
from journal_ui.filters.date_range_filter import DateRangeFilter
from journal_ui.filters.dictionary_filter import DictionaryFilter
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.list_page.filtered_page import FilteredPage
from journal_ui.pages import summary_charts
from journal_ui.pages.messages import STATUS_CLASSES, dictionary_updates, draw_balance_footer
from journal_ui.pages.summary_charts import STATUS_ORDER, chart_section, with_status
from models import MessageStatus
from services import texts
from services.composition import Services
from services.formats import date_and_minute, day, duration, integer, money, percent
from services.lists.query_protocol import Period
from services.messages import query_params
from services.messages.message_query import MessageQuery
from services.summary.summary_data import ErrorTrends, GrowingError, Summary, WaitingMessage


def page(services: Services) -> Callable[[Viewer], None]:
    """Return the function that draws the page."""

    def draw(viewer: Viewer) -> None:
        def draw_result(summary: Summary) -> None:
            _draw_summary(filtered_page, services, summary)

        with page_layout(
            texts.SUMMARY_TITLE, viewer, path='/summary', draw_footer=partial(draw_balance_footer, services)
        ):
            filtered_page = FilteredPage(
                texts.SUMMARY_TITLE,
                (
                    DictionaryFilter('kind', texts.KIND, services.dictionaries.kind_options),
                    DateRangeFilter('period', texts.PERIOD, css_flex='0.5 0 348px'),
                    AutocompleteFilter('organization', texts.ORGANIZATION_FILTER, services.organizations.all),
                    CheckboxGroupFilter('statuses', texts.STATUS, texts.STATUSES),
                ),
                default_query=services.messages.default_query,
                run_query=services.summaries.summarize,
                draw_result=draw_result,
                preferences=viewer.preferences,
                drafts=services.drafts,
                dictionary_updates=dictionary_updates(services),
                subscribe_availability=services.live_updates.subscribe_availability,
            )

    return draw


def _draw_summary(filtered_page: FilteredPage[MessageQuery, Summary], services: Services, summary: Summary) -> None:
    filtered_page.content.clear()
    if not summary.message_count:
        filtered_page.show_message(texts.NO_RESULTS, summary.query.loosening_hint())
        return
    _draw_key_figures(summary)
    with ui.element('div').classes('pictures'):
        summary_charts.draw_messages_by_period(summary)
        if summary.organizations:
            summary_charts.draw_cost_by_organization(summary)
        if summary.kinds:
            summary_charts.draw_cost_by_kind(summary)
        if summary.errors:
            _draw_growing_errors(summary.errors, summary.query)
        if summary.longest_waiting is not None:
            _draw_longest_waiting(summary.longest_waiting, services)


def _draw_key_figures(summary: Summary) -> None:
    """Draw the key figures, each with a link to its messages."""
    query = summary.query
    with ui.element('dl').classes('figures-line').props(f'aria-label="{texts.SUMMARY_TOTALS}"'):
        for status in (each for each in STATUS_ORDER if each in summary.messages):
            _draw_key_figure(
                texts.STATUSES[status],
                integer(summary.messages[status]),
                query_params.to_url(with_status(query, status)),
                STATUS_CLASSES[status],
            )
        if summary.failure_rate is not None:
            _draw_key_figure(
                texts.SUMMARY_FAILURE_RATE,
                percent(summary.failure_rate, decimals=1),
                tooltip=texts.SUMMARY_FAILURE_RATE_HINT,
            )
        _draw_key_figure(texts.SUMMARY_COST, money(summary.cost), query_params.to_url(query))


def _draw_key_figure(title: str, text: str, url: str = '', status_class: str = '', tooltip: str = '') -> None:
    with ui.element('div') as figure:
        if tooltip:
            figure.props['title'] = tooltip
        TextTag('dt', title).classes(f'tone {status_class}' if status_class else '')
        with ui.element('dd'):
            if url:
                ui.link(text, url).props['aria-label'] = f'{title}: {text}'
            else:
                ui.label(text)


def _draw_growing_errors(errors: ErrorTrends, query: MessageQuery) -> None:
    failed_query = with_status(replace(query, period=errors.current_period), MessageStatus.FAILED)
    with chart_section(texts.SUMMARY_ERRORS):
        ui.label(
            texts.SUMMARY_ERRORS_PERIODS.format(
                now=_format_period(errors.current_period), before=_format_period(errors.previous_period)
            )
        ).classes('aside')
        if not errors.growing:
            ui.label(texts.SUMMARY_NO_GROWTH)
            return
        draw_table(
            texts.SUMMARY_ERRORS,
            (texts.SUMMARY_ERROR, texts.SUMMARY_BEFORE, texts.SUMMARY_NOW, texts.SUMMARY_GROWTH),
            [
                (
                    TableCell(
                        _format_error(each),
                        query_params.to_url(failed_query),
                        texts.SUMMARY_ALL_ERRORS.format(error=_format_error(each)),
                    ),
                    TableCell(integer(each.count_before)),
                    TableCell(integer(each.count_now)),
                    TableCell(_format_growth(each)),
                )
                for each in errors.growing
            ],
        )


def _draw_longest_waiting(waiting: Sequence[WaitingMessage], services: Services) -> None:
    with chart_section(texts.SUMMARY_WAITING):
        if not waiting:
            ui.label(texts.SUMMARY_NO_WAITING)
            return
        draw_table(
            texts.SUMMARY_WAITING,
            (texts.SUMMARY_WAITING_SINCE, texts.SUMMARY_WAITING_TIME, texts.ORGANIZATION, texts.KIND),
            [
                (
                    TableCell(
                        date_and_minute(each.waiting_since, services.messages.zone), query_params.to_url(each.query)
                    ),
                    TableCell(duration(each.waiting_time)),
                    TableCell(each.query.organization.name if each.query.organization else ''),
                    TableCell(each.query.kind.name if each.query.kind else ''),
                )
                for each in waiting
            ],
            text_columns=True,
        )


def _format_period(period: Period) -> str:
    assert period.since is not None
    assert period.until is not None
    return f'{day(period.since)} {texts.PERIOD_UNTIL}\N{NO-BREAK SPACE}{day(period.until)}'


def _format_error(error: GrowingError) -> str:
    name = error.name or texts.SUMMARY_UNNAMED
    return texts.SUMMARY_ERROR_CODE.format(name=name, code=error.code) if error.code else name


def _format_growth(error: GrowingError) -> str:
    """Format the growth of an error's frequency."""
    if not error.count_before:
        return texts.SUMMARY_NEW
    return f'+{percent(Decimal(error.count_now - error.count_before) / error.count_before)}'
