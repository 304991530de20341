"""The table of all organisations in the summary, which is sorted by a click on a title."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from markupsafe import Markup
from nicegui import ui

from journal_ui.components.html_element import EMPTY_MARKUP, HtmlElement, TextTag
from journal_ui.pages.summary.summary_charts import chart_section, with_status
from journal_ui.root_path import public_path
from models import MessageStatus
from services import texts
from services.formats import amount, distinctive_part_first, integer, percent
from services.lists.query_protocol import Order
from services.messages import query_params
from services.messages.message_query import MessageQuery
from services.summary.summary_data import OrganizationTotals, StatusTotals, Summary

ROW_HTML = Markup('<tr><th scope="row">{name}</th>{cells}</tr>')
CELL_HTML = Markup('<td>{text}</td>')
NAME_HTML = Markup('<a href="{url}" title="{name}">{shown}</a>')
NOTED_HTML = Markup('{text}<div class="note">{note}</div>')
COUNT_HTML = Markup('<a href="{url}" aria-label="{name}, {status}: {count}">{count}</a>')


class OrganizationsTable:
    """The table as drawn on one page."""

    def __init__(self, summary: Summary, on_order: Callable[[Order], Sequence[OrganizationTotals]]) -> None:
        """Draw the table.

        Args:
            summary: what is shown.
            on_order: is called with the order that the user chooses; returns the organisations in this order.
        """
        self._query: MessageQuery = summary.query
        self._order = summary.query.organization_order
        self._on_order = on_order
        self._totals = summary.totals
        self._titles: dict[str, ui.element] = {}
        heading = texts.SUMMARY_BY_ORGANIZATION.format(count=integer(len(summary.organizations)))
        with (
            chart_section(heading, 'wide organizations'),
            ui.element('div').classes('scroll'),
            ui.element('table').classes('figures-table'),
        ):
            TextTag('caption', texts.SUMMARY_ORGANIZATIONS).classes('unseen')
            with ui.element('thead'), ui.element('tr'):
                for column, title in self._columns().items():
                    self._draw_title(column, title)
            self._body = HtmlElement('tbody')
            whole = ROW_HTML.format(name=texts.SUMMARY_ALL, cells=self._cells(self._totals, self._query, ''))
            HtmlElement('tfoot', whole)
        self._show(summary.organizations)

    def _columns(self) -> dict[str, str]:
        """Return the titles of the columns by their names."""
        columns = {'name': texts.ORGANIZATION, 'messages': texts.SUMMARY_MESSAGES}
        columns |= {status.name.lower(): texts.STATUSES[status] for status in self._totals.statuses}
        if self._totals.has_failure_rate:
            columns['failure_rate'] = texts.SUMMARY_FAILURE_RATE
        return columns | {'cost': texts.SUMMARY_ROUBLES}

    def _draw_title(self, column: str, title: str) -> None:
        with ui.element('th').props('scope=col') as self._titles[column]:
            TextTag('button', title).props('type=button').on('click', partial(self._sort_by, column), [])

    def _sort_by(self, column: str) -> None:
        """Sort by a column: the highest numbers first, and the other way round at the second click."""
        is_current = column == self._order.column
        self._order = Order(column, descending=not self._order.descending if is_current else column != 'name')
        self._show(self._on_order(self._order))

    def _show(self, organizations: Sequence[OrganizationTotals]) -> None:
        self._body.set_html(EMPTY_MARKUP.join(map(self._row, organizations)))
        for column, title in self._titles.items():
            direction = 'descending' if self._order.descending else 'ascending'
            title.props['aria-sort'] = direction if column == self._order.column else 'none'

    def _row(self, organization: OrganizationTotals) -> Markup:
        query = replace(self._query, organizations=frozenset({organization.organization}))
        name = organization.organization.name
        link = NAME_HTML.format(
            url=public_path(query_params.to_url(query)), name=name, shown=distinctive_part_first(name)
        )
        return ROW_HTML.format(name=link, cells=self._cells(organization, query, name))

    def _cells(self, totals: StatusTotals, query: MessageQuery, name: str) -> Markup:
        """Return the numbers; those of an organisation's unsent messages lead to them."""
        cells: list[str] = [integer(totals.message_count)]
        for status in totals.statuses:
            text = integer(totals.messages[status])
            if name and totals.messages[status] and status is not MessageStatus.SENT:
                url = query_params.to_url(with_status(query, status))
                text = COUNT_HTML.format(url=public_path(url), name=name, status=texts.STATUSES[status], count=text)
            if totals.withdrawn and status is MessageStatus.FAILED:
                note = texts.WITHDRAWN_AMONG.format(count=integer(totals.withdrawn))
                text = NOTED_HTML.format(text=text, note=note)
            cells.append(text)
        if totals.has_failure_rate:
            rate = totals.failure_rate
            cells.append(texts.SUMMARY_UNKNOWN if rate is None else percent(rate, decimals=1))
        return EMPTY_MARKUP.join(CELL_HTML.format(text=each) for each in (*cells, amount(totals.cost)))
