"""What calls for action, at the top of the summary: alerts, errors that grow, messages that wait longest."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from markupsafe import Markup
from nicegui import ui

from journal_ui.components.html_element import EMPTY_MARKUP, HtmlElement
from journal_ui.components.html_table import TableCell, draw_table
from journal_ui.layout.alert_mark import alert_entries
from journal_ui.pages.summary.summary_charts import chart_section, with_status
from models import MessageStatus
from services import texts
from services.composition import Services
from services.formats import date_and_minute, distinctive_part_first, duration, integer, percent
from services.lists.query_conditions import describe_period
from services.messages import query_params
from services.messages.message_query import MessageQuery, describe_names
from services.summary.summary_data import ErrorTrends, GrowingError, Summary, WaitingMessage

ALERTS_HTML = Markup('<h2>{title}</h2><ul>{entries}</ul>')
NOTE_HTML = Markup('<p>{text}</p>')


class Problems:
    """What calls for action, as drawn on one page."""

    def __init__(self, services: Services, summary: Summary, open_list: Callable[[MessageQuery], object]) -> None:
        """Draw what calls for action.

        Args:
            services: has the alerts, which are updated while the page shows them.
            summary: has the errors and the waiting messages.
            open_list: opens the journal with a query that a URL cannot have.
        """
        self._alerts = services.alerts
        self._open_list = open_list
        errors, waiting = summary.errors, summary.longest_waiting
        calm = [
            texts.SUMMARY_NO_GROWTH if errors and not errors.growing else '',
            texts.SUMMARY_NO_WAITING if waiting is not None and not waiting else '',
        ]
        is_known = services.overview.queue is not None and errors is not None and waiting is not None
        is_calm = is_known and not (errors and errors.growing) and not waiting
        self._note = ' '.join(filter(None, calm))
        self._calm_note = ' '.join(filter(None, (texts.SUMMARY_CALM, *calm))) if is_calm else self._note
        self._attention = HtmlElement('section').classes('picture wide attention')
        self.update_alerts()
        width = 'problem' if errors and errors.growing and waiting else 'problem wide'
        if errors and errors.growing:
            self._draw_growing_errors(errors, summary.query, width)
        if waiting:
            _draw_longest_waiting(waiting, services, width)

    def update_alerts(self) -> None:
        """Show the alerts that are active now, and what gives no cause for concern."""
        active = [each for each in self._alerts.current if each.ended_at is None]
        note = self._note if active else self._calm_note
        self._attention.set_html(
            (
                ALERTS_HTML.format(title=texts.SUMMARY_ATTENTION, entries=alert_entries(active, self._alerts))
                if active
                else EMPTY_MARKUP
            )
            + (NOTE_HTML.format(text=note) if note else EMPTY_MARKUP)
        )

    def _draw_growing_errors(self, errors: ErrorTrends, query: MessageQuery, css_class: str) -> None:
        failed_query = with_status(replace(query, period=errors.current_period), MessageStatus.FAILED)
        with chart_section(texts.SUMMARY_ERRORS, css_class):
            ui.label(
                texts.SUMMARY_ERRORS_PERIODS.format(
                    now=describe_period(errors.current_period), before=describe_period(errors.previous_period)
                )
            ).classes('aside')
            draw_table(
                texts.SUMMARY_ERRORS,
                (
                    texts.SUMMARY_ERROR,
                    texts.SUMMARY_BEFORE,
                    texts.SUMMARY_NOW,
                    texts.SUMMARY_GROWTH,
                    texts.SUMMARY_AFFECTED,
                ),
                [
                    (
                        self._error_cell(each, replace(failed_query, errors=frozenset({each.key}))),
                        TableCell(integer(each.count_before) if errors.is_before_known else texts.SUMMARY_UNKNOWN),
                        TableCell(integer(each.count_now)),
                        TableCell(_format_growth(each) if errors.is_before_known else texts.SUMMARY_UNKNOWN),
                        _affected_cell(each),
                    )
                    for each in errors.growing
                ],
            )

    def _error_cell(self, error: GrowingError, query: MessageQuery) -> TableCell:
        """Return the cell that leads to the counted messages; the free text of a sender is in no URL."""
        text = _format_error(error)
        url = query_params.to_complete_url(query)
        on_click = None if url else partial(self._open_list, query)
        return TableCell(text, url, texts.SUMMARY_ALL_ERRORS.format(error=text), on_click)


def _draw_longest_waiting(waiting: Sequence[WaitingMessage], services: Services, css_class: str) -> None:
    with chart_section(texts.SUMMARY_WAITING, css_class):
        draw_table(
            texts.SUMMARY_WAITING,
            (texts.SUMMARY_WAITING_SINCE, texts.SUMMARY_WAITING_TIME, texts.ORGANIZATION, texts.KIND),
            [
                (
                    TableCell(
                        date_and_minute(each.waiting_since, services.messages.zone), query_params.to_url(each.query)
                    ),
                    TableCell(duration(each.waiting_time)),
                    _organization_cell(each),
                    TableCell(describe_names(each.query.kinds)),
                )
                for each in waiting
            ],
            text_columns=True,
        )


def _organization_cell(waiting: WaitingMessage) -> TableCell:
    name = describe_names(waiting.query.organizations)
    return TableCell(distinctive_part_first(name), is_clipped=True, full_text=name)


def _format_error(error: GrowingError) -> str:
    name = error.name or texts.SUMMARY_UNNAMED
    return texts.SUMMARY_ERROR_CODE.format(name=name, code=error.code) if error.code else name


def _format_growth(error: GrowingError) -> str:
    """Format the growth of an error's frequency."""
    if not error.count_before:
        return texts.SUMMARY_NEW
    return f'+{percent(Decimal(error.count_now - error.count_before) / error.count_before)}'


def _affected_cell(error: GrowingError) -> TableCell:
    """Return the cell of the number of organisations, and of the one with most of the messages; one has all of them."""

    def describe(name: str) -> str:
        if error.organization_count == 1:
            return name
        return texts.SUMMARY_MOST_AFFECTED.format(
            organizations=integer(error.organization_count), most=name, count=integer(error.most_affected_count)
        )

    if error.most_affected is None:
        return TableCell('')
    name = error.most_affected.name
    return TableCell(describe(distinctive_part_first(name)), is_clipped=True, full_text=describe(name))
