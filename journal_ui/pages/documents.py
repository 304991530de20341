"""The page «Журнал ИЭМК»: its columns, filters and details (spec S3).

A СНИЛС is stored whole so that it can be searched by, and shown nowhere: neither the list, nor an opened row, nor the
query in words has more than its last five digits. Where the region has a system of its own for this journal
(JOURNAL_IEMK_URL), the page leads there, so that a saved address goes on working.
"""

from collections.abc import Callable, Sequence
from functools import partial

from fastapi.responses import RedirectResponse

from journal_ui.filters.autocomplete_filter import LookupFilter
from journal_ui.filters.basic_filters import FlagsFilter, TextFilter
from journal_ui.filters.date_range_filter import PeriodFilter
from journal_ui.filters.masked_filter import SNILS, MaskedFilter
from journal_ui.layout.page_layout import Viewer, frame
from journal_ui.list_page.grid.data_grid import Detail, Step
from journal_ui.list_page.grid.grid_columns import Column, Kind
from journal_ui.list_page.list_definition import Declaration
from journal_ui.list_page.list_page import Journal
from models import DocumentStatus
from services import texts
from services.composition import Services
from services.documents import document_service
from services.documents.document_query import DocumentQuery, DocumentRow
from services.formats import minute

TONES = {DocumentStatus.PROCESSING: 'waiting', DocumentStatus.REGISTERED: 'sent', DocumentStatus.FAILED: 'failed'}


def page(services: Services) -> Callable[[Viewer], RedirectResponse | None]:
    """Give what draws the page, or what leads to the region's own."""
    declared = journal(services)

    def draw(viewer: Viewer) -> RedirectResponse | None:
        if services.settings.iemk_url:
            return RedirectResponse(services.settings.iemk_url)
        with frame(texts.EXCHANGE_TITLE, viewer, path='/iemk'):
            Journal(declared, viewer.preferences, viewer.witness(services.access, texts.EXCHANGE_TITLE))
        return None

    return draw


def journal(services: Services) -> Declaration[DocumentQuery, DocumentRow]:
    """Say what makes a journal the journal of documents."""
    time = partial(minute, zone=services.exchange.zone)

    def step(told: document_service.Step) -> Step:
        status = texts.DOCUMENT_STATUSES[told.status]
        return Step(time(told.at), f'{status}: {told.words}' if told.words else status, TONES[told.status])

    async def details(row: DocumentRow) -> Sequence[Detail] | None:
        opened = await services.exchange.details(row.id)
        if opened is None:
            return None
        document = opened.document
        return (
            _said(texts.REMD_NUMBER, document.remd_number),
            _said(texts.DOCTOR, document.doctor),
            _said(texts.ERROR_CODE, document.error_code, 'wrong', texts.NO_ERROR),
            _said(texts.ERROR_TEXT, document.error_text, 'wrong', texts.NO_ERROR),
            Detail(texts.HISTORY, steps=[step(told) for told in opened.steps]),
        )

    return Declaration(
        name=texts.EXCHANGE_TITLE,
        source=services.exchange,
        query=services.exchange.query,
        filters=(
            TextFilter('name', texts.PATIENT),
            MaskedFilter('snils', texts.SNILS, SNILS),
            LookupFilter('kind', texts.DOCUMENT_KIND, services.exchange.kinds.all, '1 1 200px'),
            PeriodFilter('period', texts.EXCHANGE_PERIOD),
            LookupFilter('organization', texts.ORGANIZATION_FILTER, services.organizations.all),
            FlagsFilter('statuses', texts.DOCUMENT_STATUS, texts.DOCUMENT_STATUSES),
        ),
        columns=(
            Column('at', texts.EXCHANGED_AT, lambda row: time(row.at), 128, kind=Kind.FIGURES, narrow=80),
            Column('organization', texts.ORGANIZATION, lambda row: row.organization, 180, grow=1),
            Column('patient_name', texts.PATIENT, lambda row: row.patient_name, 200, grow=1, narrow=92),
            Column('snils', texts.SNILS, lambda row: row.snils or '', 120, kind=Kind.FIGURES),
            Column('kind', texts.DOCUMENT_KIND, lambda row: row.kind, 200, grow=1),
            Column('operation', texts.OPERATION, lambda row: texts.DOCUMENT_OPERATIONS[row.operation], 124),
            Column(
                'status',
                texts.DOCUMENT_STATUS,
                lambda row: texts.DOCUMENT_STATUSES[row.status],
                184,
                kind=Kind.STATUS,
                tone=lambda row: TONES[row.status],
                narrow=134,
            ),
            Column('id', texts.IDENTIFIER, lambda row: row.key, 130, kind=Kind.CODE),
        ),
        details=details,
        opener=(texts.SHOW_DOCUMENT, texts.HIDE_DOCUMENT),
        drafts=services.drafts,
        watch=services.live.watch,
    )


def _said(title: str, value: str | None, kind: str = '', otherwise: str = texts.NOT_GIVEN) -> Detail:
    """Tell a value, or that there is none."""
    return Detail(title, value or otherwise, kind if value else 'none')
