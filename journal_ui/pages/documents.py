"""The page «Журнал ИЭМК»: its columns, filters and details (docs/manual.md S3).

A СНИЛС is stored completely so that it can be searched, and displayed nowhere: the list, the details and the described
query have only its last five digits. Where the region has its own system for this list (JOURNAL_IEMK_URL), the page
redirects to it, so that bookmarks continue to work.
"""

from collections.abc import Callable, Sequence
from functools import partial

from fastapi.responses import RedirectResponse

from journal_ui.filters.autocomplete_filter import AutocompleteFilter
from journal_ui.filters.basic_filters import CheckboxGroupFilter, TextFilter
from journal_ui.filters.date_range_filter import DateRangeFilter
from journal_ui.filters.masked_filter import SNILS_MASK, MaskedFilter
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.list_page.grid.data_grid import DetailField, TimelineEntry
from journal_ui.list_page.grid.grid_columns import Column, ColumnKind
from journal_ui.list_page.list_definition import ListDefinition
from journal_ui.list_page.list_page import ListPage
from journal_ui.pages.organization_column import organization_column
from models import DocumentStatus
from services import texts
from services.composition import Services
from services.documents import document_service
from services.documents.document_query import DocumentQuery, DocumentRow
from services.formats import date_and_minute, day_and_month, surname_and_initials

DOCUMENT_STATUS_CLASSES = {
    DocumentStatus.PROCESSING: 'waiting',
    DocumentStatus.REGISTERED: 'sent',
    DocumentStatus.FAILED: 'failed',
}


def page(services: Services) -> Callable[[Viewer], RedirectResponse | None]:
    """Return the function that draws the page, or redirects to the system of the region."""
    definition = document_list_definition(services)

    def draw(viewer: Viewer) -> RedirectResponse | None:
        if services.settings.iemk_url:
            return RedirectResponse(services.settings.iemk_url)
        with page_layout(texts.DOCUMENTS_TITLE, viewer, path='/iemk'):
            ListPage(definition, viewer.preferences, viewer.audit_recorder(services.audit_log, texts.DOCUMENTS_TITLE))
        return None

    return draw


def document_list_definition(services: Services) -> ListDefinition[DocumentQuery, DocumentRow]:
    """Return the definition of the list of documents."""
    format_time = partial(date_and_minute, zone=services.documents.zone)

    def timeline_entry(event: document_service.DocumentStatusEvent) -> TimelineEntry:
        status = texts.DOCUMENT_STATUSES[event.status]
        return TimelineEntry(
            format_time(event.at),
            f'{status}: {event.words}' if event.words else status,
            DOCUMENT_STATUS_CLASSES[event.status],
        )

    def describe_row(row: DocumentRow) -> str:
        name = surname_and_initials(row.patient_name)
        return texts.ROW_LABEL.format(name=name, day=day_and_month(row.at, services.documents.zone))

    async def details(row: DocumentRow) -> Sequence[DetailField] | None:
        document_details = await services.documents.details(row.id)
        if document_details is None:
            return None
        document = document_details.document
        return (
            _optional_detail(texts.REMD_NUMBER, document.remd_number),
            _optional_detail(texts.DOCTOR, document.doctor),
            _optional_detail(texts.ERROR_CODE, document.error_code, 'wrong', texts.NO_ERROR),
            _optional_detail(texts.ERROR_TEXT, document.error_text, 'wrong', texts.NO_ERROR),
            DetailField(texts.HISTORY, timeline=[timeline_entry(event) for event in document_details.history]),
        )

    return ListDefinition(
        name=texts.DOCUMENTS_TITLE,
        source=services.documents,
        default_query=services.documents.default_query,
        filters=(
            TextFilter('name', texts.PATIENT),
            MaskedFilter('snils', texts.SNILS, SNILS_MASK),
            AutocompleteFilter('kind', texts.DOCUMENT_KIND, services.documents.kinds.all, '1 1 200px'),
            DateRangeFilter('period', texts.DOCUMENT_PERIOD, services.messages.today),
            AutocompleteFilter('organization', texts.ORGANIZATION_FILTER, services.organizations.all),
            CheckboxGroupFilter('statuses', texts.DOCUMENT_STATUS, texts.DOCUMENT_STATUSES),
        ),
        columns=(
            Column(
                'at', texts.DOCUMENT_AT, lambda row: format_time(row.at), 128, kind=ColumnKind.TABULAR, phone_width=80
            ),
            organization_column(DocumentRow),
            Column('patient_name', texts.PATIENT, lambda row: row.patient_name, 200, flex=1, phone_width=92),
            Column('snils', texts.SNILS, lambda row: row.snils or '', 120, kind=ColumnKind.TABULAR),
            Column('kind', texts.DOCUMENT_KIND, lambda row: row.kind, 200, flex=1),
            Column('operation', texts.OPERATION, lambda row: texts.DOCUMENT_OPERATIONS[row.operation], 124),
            Column(
                'status',
                texts.DOCUMENT_STATUS,
                lambda row: texts.DOCUMENT_STATUSES[row.status],
                184,
                kind=ColumnKind.STATUS,
                get_status_class=lambda row: DOCUMENT_STATUS_CLASSES[row.status],
                phone_width=134,
            ),
            Column('id', texts.IDENTIFIER, lambda row: row.key, 130, kind=ColumnKind.UUID),
        ),
        load_details=details,
        expand_labels=(texts.SHOW_DOCUMENT, texts.HIDE_DOCUMENT),
        describe_row=describe_row,
        drafts=services.drafts,
        subscribe_availability=services.live_updates.subscribe_availability,
    )


def _optional_detail(
    title: str, value: str | None, kind: str = '', placeholder: str = texts.NOT_SPECIFIED
) -> DetailField:
    """Build a detail with a value, or with a placeholder if there is none."""
    return DetailField(title, value or placeholder, kind if value else 'none')
