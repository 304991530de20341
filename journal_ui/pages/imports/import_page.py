"""The page `/import` for administrators: a file is uploaded, its beginning is shown, and then it is imported."""

import asyncio
from functools import partial

from nicegui import background_tasks, ui

from journal_ui.components.buttons import TextButton
from journal_ui.components.fields import Select
from journal_ui.components.html_element import TextTag
from journal_ui.components.record_table import draw_cells, record_table
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.viewer import Viewer
from journal_ui.monitoring import error_reporting
from journal_ui.pages.imports.upload_field import UploadField
from journal_ui.security import browser_sessions
from journal_ui.security.auth_middleware import PageBuilder
from services import texts
from services.composition import Services
from services.export.export_jobs import ExportJobs
from services.formats import integer
from services.imports.file_preview import FilePreview
from services.imports.import_jobs import FinishedImport, ImportJobs, Journal, UploadError
from services.ingest.table_files.column_titles import quoted_list

PATH = '/import'
ACCEPTED_TEXTS = {Journal.MESSAGES: texts.IMPORT_ACCEPTED, Journal.DOCUMENTS: texts.IMPORT_DOCUMENTS_ACCEPTED}


def page(services: Services) -> PageBuilder:
    """Return the function that draws the page."""

    def build(viewer: Viewer) -> None:
        with (
            page_layout(texts.UPLOADS_TITLE, viewer, path=PATH),
            ui.element('div').classes('sheets broad'),
            ui.element('div').classes('sheet wide') as sheet,
        ):
            _ImportPanel(services.import_jobs, services.export_jobs, viewer, sheet)

    return build


class _ImportPanel:
    """The steps: choose a file, look at its beginning, import it, read the result."""

    def __init__(self, jobs: ImportJobs, exports: ExportJobs, viewer: Viewer, sheet: ui.element) -> None:
        """Draw the first step on `sheet`."""
        self._jobs = jobs
        self._exports = exports
        self._viewer = viewer
        self._sheet = sheet
        self._journal = Journal.MESSAGES
        self._name = ''
        self._key: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._download_keys: list[str] = []
        client = ui.context.client
        self._owner = browser_sessions.session_identifier(client.request.scope) or ''
        client.on_delete(self._clean_up)
        self._draw_choice()

    def _draw_choice(self, problem: str = '') -> None:
        self._discard_upload()
        self._sheet.clear()
        with self._sheet:
            TextTag('p', texts.UPLOAD_ABOUT)
            journals = {journal: texts.UPLOAD_JOURNALS[journal] for journal in Journal}
            select = Select(texts.UPLOAD_JOURNAL, journals, self._journal, self._choose_journal)
            select.props('outlined dense options-dense')
            UploadField(self._begin_upload, self._show_preview, self._draw_choice)
            self._problem = TextTag('p', problem).classes('wrong').props('role=alert')

    def _choose_journal(self, journal: Journal) -> None:
        self._journal = journal

    def _begin_upload(self, name: str) -> str | None:
        self._discard_upload()
        self._name = name
        try:
            self._key = self._jobs.begin_upload(self._owner, name)
        except UploadError as error:
            self._problem.text = str(error)
        return self._key

    async def _show_preview(self) -> None:
        assert self._key
        self._draw_waiting(texts.UPLOAD_READING)
        try:
            preview = await self._jobs.preview(self._key, self._journal)
        except UploadError as error:
            self._draw_choice(str(error))
            return
        self._sheet.clear()
        with self._sheet:
            self._draw_preview(preview)

    def _draw_preview(self, preview: FilePreview) -> None:
        TextTag('h2', texts.UPLOAD_FILE.format(name=self._name))
        TextTag('p', texts.UPLOAD_COLUMNS.format(columns=quoted_list(preview.columns)))
        if preview.unknown_names:
            unknown = quoted_list(preview.unknown_names)
            TextTag('p', texts.UPLOAD_UNKNOWN_COLUMNS.format(columns=unknown)).classes('wrong')
        if preview.rows:
            TextTag('h2', texts.UPLOAD_FIRST_ROWS)
            _draw_rows(preview)
        else:
            TextTag('p', texts.UPLOAD_NO_ROWS)
        with ui.element('div').classes('bar'):
            TextButton(texts.UPLOAD_OTHER, self._draw_choice)
            TextButton(texts.UPLOAD_START, self._start_import, primary=True)

    def _start_import(self) -> None:
        if self._task is None:
            self._draw_waiting(texts.UPLOAD_IMPORTING.format(percent=0), can_cancel=True)
            self._task = background_tasks.create(self._run_import(), name='import', context=self._sheet)

    async def _run_import(self) -> None:
        assert self._key
        try:
            finished = await self._jobs.run(self._key, self._journal, self._viewer.actor, self._show_progress)
        except UploadError as error:
            self._draw_result([str(error)])
        except asyncio.CancelledError:
            if not self._sheet.is_deleted:
                self._draw_result([texts.UPLOAD_CANCELLED])
            raise
        except Exception as error:
            error_reporting.notify_exception(error)
            self._draw_choice()
        else:
            self._draw_result(finished.report.describe(ACCEPTED_TEXTS[self._journal]), finished)
        finally:
            self._task = None

    def _show_progress(self, done: int, total: int) -> None:
        self._words.text = texts.UPLOAD_IMPORTING.format(percent=100 * done // max(total, 1))

    def _draw_waiting(self, words: str, *, can_cancel: bool = False) -> None:
        self._sheet.clear()
        with self._sheet:
            TextTag('h2', texts.UPLOAD_FILE.format(name=self._name))
            self._words = TextTag('p', words).props('role=status')
            if can_cancel:
                TextButton(texts.CANCEL, self._cancel_import, outlined=True)

    def _cancel_import(self) -> None:
        if self._task:
            self._task.cancel()

    def _draw_result(self, lines: list[str], finished: FinishedImport | None = None) -> None:
        self._sheet.clear()
        with self._sheet:
            title = texts.UPLOAD_DONE if finished else texts.UPLOAD_FILE.format(name=self._name)
            TextTag('h2', title).props('role=status')
            for line in lines:
                TextTag('p', line)
            with ui.element('div').classes('bar'):
                if finished and finished.rejects:
                    key = self._exports.offer_download(finished.rejects, self._owner)
                    self._download_keys.append(key)
                    words = texts.UPLOAD_REJECTS.format(count=integer(finished.report.rejected))
                    TextButton(words, partial(ui.download.from_url, f'/export/{key}'), outlined=True)
                TextButton(texts.UPLOAD_OTHER, self._draw_choice, primary=True)

    def _discard_upload(self) -> None:
        if self._key:
            self._jobs.discard(self._key)
            self._key = None

    def _clean_up(self) -> None:
        """Cancel the import and delete the files when the page is closed."""
        self._cancel_import()
        self._discard_upload()
        for key in self._download_keys:
            self._exports.discard_download(key)


def _draw_rows(preview: FilePreview) -> None:
    errors = (texts.UPLOAD_ROW_ERROR,) if any(row.error for row in preview.rows) else ()
    with (
        ui.element('div').classes('scroll').props(f'tabindex=0 role=region aria-label="{texts.UPLOAD_FIRST_ROWS}"'),
        record_table((texts.IMPORT_LINE, *errors, *preview.columns)),
    ):
        for row in preview.rows:
            with ui.element('tr'):
                draw_cells((texts.IMPORT_LINE,), (str(row.line),))
                for title in errors:
                    TextTag('td', row.error or '').props(f'data-title="{title}"').classes('wrong')
                cells = [*row.cells, *[''] * (len(preview.columns) - len(row.cells))]
                draw_cells(preview.columns, cells[: len(preview.columns)])
