"""The page «Сводка»: what calls for action, and totals in figures, charts and tables, which link to the messages."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from journal_ui.components.buttons import TextButton
from journal_ui.filters.basic_filters import CheckboxGroupFilter
from journal_ui.filters.date_range_filter import DateRangeFilter
from journal_ui.filters.typed_date import quick_periods
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.list_page.export_button import ExportButton, ExportDefinition
from journal_ui.list_page.filtered_page import FilteredPage
from journal_ui.monitoring import error_reporting
from journal_ui.pages.journal_footer import draw_journal_footer
from journal_ui.pages.message_choices import kind_filter, organization_filter
from journal_ui.pages.messages import dictionary_updates
from journal_ui.pages.summary import summary_charts
from journal_ui.pages.summary.summary_figures import draw_figures
from journal_ui.pages.summary.summary_organizations import OrganizationsTable
from journal_ui.pages.summary.summary_problems import Problems
from services import texts
from services.composition import Services
from services.errors import DatabaseError
from services.export.export_jobs import ExportFormat
from services.lists.query_protocol import Order, Period
from services.messages.message_query import MessageQuery
from services.summary.breakdowns import sort_organizations
from services.summary.summary_data import OrganizationTotals, Summary
from services.summary.summary_export import SummaryExporter
from services.summary.summary_query import SummaryLinks, SummaryQuery


def page(services: Services) -> Callable[[Viewer], None]:
    """Return the function that draws the page."""

    def draw(viewer: Viewer) -> None:
        with page_layout(
            texts.SUMMARY_TITLE, viewer, path='/summary', draw_footer=partial(draw_journal_footer, services)
        ):
            SummaryPage(services, viewer)

    return draw


class SummaryPage:
    """The summary as drawn on one page."""

    def __init__(self, services: Services, viewer: Viewer) -> None:
        """Draw the page, which summarizes the initial period at once."""
        self._services = services
        self._viewer = viewer
        self._summary: Summary | None = None
        """What is shown."""
        self._problems: Problems | None = None
        self._filtered_page: FilteredPage[SummaryQuery, Summary] = FilteredPage(
            texts.SUMMARY_TITLE,
            (
                kind_filter(services),
                DateRangeFilter('period', texts.PERIOD, services.messages.today, css_flex='0.5 0 348px'),
                organization_filter(services),
                CheckboxGroupFilter('statuses', texts.STATUS, texts.STATUSES),
            ),
            default_query=lambda: SummaryQuery(period=services.messages.default_query().period),
            run_query=services.summaries.summarize,
            draw_result=self._draw_summary,
            preferences=viewer.preferences,
            drafts=services.drafts,
            dictionary_updates=dictionary_updates(services),
            subscribe_availability=services.live_updates.subscribe_availability,
            links=SummaryLinks(services.share_links),
            draw_toolbar=self._draw_toolbar,
        )
        ui.context.client.on_delete(services.alerts.subscribe(lambda _: self._update_alerts()))

    def _draw_toolbar(self) -> None:
        """Draw the periods that one click chooses, and the export."""
        self._period_buttons: dict[str, TextButton] = {}
        with ui.element('div').classes('views').props(f'role=group aria-label="{texts.QUICK_PERIODS}"'):
            for name in self._quick_periods():
                self._period_buttons[name] = TextButton(name, partial(self._choose_period, name))
        with ui.element('div').classes('tools end'):
            recorder = self._viewer.audit_recorder(self._services.audit_log, texts.SUMMARY_TITLE)
            self._export_button: ExportButton[SummaryQuery] = ExportButton(
                ExportDefinition(
                    SummaryExporter(self._services.export_jobs, lambda: self._summary), only_format=ExportFormat.XLSX
                ),
                self._viewer.preferences.account_id,
                self._exported_result,
                recorder.record_export,
            )

    def _exported_result(self) -> tuple[SummaryQuery | None, int | None]:
        return (self._summary.query, len(self._summary.organizations)) if self._summary else (None, None)

    def _quick_periods(self) -> dict[str, Period]:
        return dict(quick_periods(self._services.messages.today()))

    def _choose_period(self, name: str) -> None:
        self._filtered_page.search(replace(self._filtered_page.typed_query, period=self._quick_periods()[name]))

    def _draw_summary(self, summary: Summary) -> None:
        self._filtered_page.content.clear()
        self._summary, self._problems = summary, None
        self._update_toolbar(summary)
        if not summary.totals.message_count:
            self._filtered_page.show_message(texts.NO_RESULTS, summary.query.loosening_hint())
            return
        with ui.element('div').classes('pictures'):
            self._problems = Problems(self._services, summary, self._open_list)
            draw_figures(summary)
            if len(summary.query.organizations) != 1:
                OrganizationsTable(summary, self._sort_organizations)
            summary_charts.draw_messages_by_period(summary)
            if summary.kinds:
                summary_charts.draw_cost_by_kind(summary)

    def _update_toolbar(self, summary: Summary) -> None:
        self._export_button.set_enabled(bool(summary.totals.message_count))
        for name, period in self._quick_periods().items():
            self._period_buttons[name].props['aria-pressed'] = 'true' if summary.query.period == period else 'false'

    def _update_alerts(self) -> None:
        if self._problems:
            self._problems.update_alerts()

    def _sort_organizations(self, order: Order) -> Sequence[OrganizationTotals]:
        """Sort what is shown, and store the order in the URL."""
        assert self._summary is not None
        query = replace(self._summary.query, organization_order=order)
        organizations = sort_organizations(self._summary.organizations, order)
        self._summary = replace(self._summary, query=query, organizations=organizations)
        self._filtered_page.replace_query(lambda query: replace(query, organization_order=order))
        return organizations

    async def _open_list(self, query: MessageQuery) -> None:
        """Open the journal with a query that a URL cannot have; its text is stored under the key of a share link."""
        try:
            link = await self._services.share_links.to_params(query, self._viewer.person.id)
        except DatabaseError:
            error_reporting.notify_failure(texts.DATABASE_DOWN_RETRY)
            return
        ui.navigate.to(f'/messages?{urlencode(link.params, doseq=True)}')
