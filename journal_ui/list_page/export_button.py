"""The button «Экспорт» with its progress, and the route that serves an exported file once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final, Generic, Protocol, TypeVar
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from nicegui import app, background_tasks, ui

from journal_ui.components import icons
from journal_ui.components.buttons import TextButton
from journal_ui.components.popup_menu import PopupMenu
from journal_ui.monitoring import error_reporting
from journal_ui.security import browser_sessions
from services import formats, texts
from services.accounts.accounts import Identity
from services.errors import DatabaseError
from services.export.export_jobs import Download, ExportError, ExportFile, ExportFormat, ExportJobs
from services.lists.query_protocol import Query

Q = TypeVar('Q', bound=Query)
Q_contra = TypeVar('Q_contra', bound=Query, contravariant=True)

CHUNK_BYTES: Final = 1 << 18
"""Bytes of a file that are read and sent at a time."""
MEDIA_TYPES: Final = {
    'xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'csv': 'text/csv; charset=utf-8',
}
EXPORT_FORMATS: Final = ((ExportFormat.XLSX, texts.EXCEL), (ExportFormat.CSV, texts.CSV))


class Exporter(Protocol[Q_contra]):
    """Exports queries to files; see services.export.export_jobs."""

    async def make(
        self, query: Q_contra, format: ExportFormat, *, account_id: int, progress: Callable[[int], None]
    ) -> ExportFile:
        """Export a query to a file; `progress` receives the number of rows written."""

    def offer_download(self, file: ExportFile, owner: str) -> str:
        """Offer a file for download by a session, and return its key."""

    def discard_download(self, key: str) -> None:
        """Delete a file that was not downloaded."""


@dataclass(frozen=True)
class ExportDefinition(Generic[Q]):
    """How a list is exported."""

    exporter: Exporter[Q]
    only_format: ExportFormat | None = None
    """The format of every export; None if the user chooses one."""


def draw_export_button(
    definition: ExportDefinition[Q] | None,
    account_id: int,
    current_result: Callable[[], tuple[Q | None, int | None]],
    record_export: Callable[[Q, int, Sequence[UUID] | None], Awaitable[None]] | None,
) -> 'ExportButton[Q] | None':
    """Draw the button if the list can be exported; see ExportButton."""
    return ExportButton(definition, account_id, current_result, record_export) if definition else None


class ExportButton(Generic[Q]):
    """The button with its menu; while an export runs, progress and «Отмена» replace it."""

    def __init__(
        self,
        definition: ExportDefinition[Q],
        account_id: int,
        current_result: Callable[[], tuple[Q | None, int | None]],
        record_export: Callable[[Q, int, Sequence[UUID] | None], Awaitable[None]] | None,
    ) -> None:
        """Draw the disabled button.

        Args:
            definition: how the list is exported.
            account_id: the account of the user.
            current_result: returns the displayed query and the number of its rows, if counted.
            record_export: records the export in the audit log; if it fails, no file is offered.
        """
        self._definition = definition
        self._record_export = record_export
        self._account_id = account_id
        self._current_result = current_result
        self._task: asyncio.Task[None] | None = None
        self._row_count: int | None = None
        self._download_keys: list[str] = []
        client = ui.context.client
        self._owner = browser_sessions.session_identifier(client.request.scope) or ''
        self._button = self._draw_button(definition.only_format)
        self._button.set_enabled(False)
        self._slot = ui.context.slot
        self._progress_element: ui.element | None = None
        client.on_delete(self._clean_up)

    def set_enabled(self, enabled: bool) -> None:
        """Enable the button if there are rows to export."""
        self._button.set_enabled(enabled)

    def _draw_button(self, only_format: ExportFormat | None) -> TextButton:
        if only_format:
            label = f'{texts.EXPORT}: {dict(EXPORT_FORMATS)[only_format]}'
            return TextButton(label, partial(self._start_export, only_format), icon=icons.DOWNLOAD)
        button = TextButton(texts.EXPORT, icon=icons.DOWNLOAD).props('aria-haspopup=menu')
        PopupMenu(button, self._draw_menu, name=texts.EXPORT, props='role=menu')
        return button

    def _draw_menu(self, menu: ui.menu) -> None:
        with menu:
            for format, words in EXPORT_FORMATS:
                ui.menu_item(words, on_click=partial(self._start_export, format)).props('role=menuitem')

    def _start_export(self, format: ExportFormat) -> None:
        query, self._row_count = self._current_result()
        if query is not None and self._task is None:
            self._show_progress()
            self._update_progress(query, 0)
            self._task = background_tasks.create(
                self._run_export(query, format), name='export', context=self._slot.parent
            )

    async def _run_export(self, query: Q, format: ExportFormat) -> None:
        exporter = self._definition.exporter
        try:
            file = await exporter.make(
                query, format, account_id=self._account_id, progress=partial(self._update_progress, query)
            )
            key = exporter.offer_download(file, self._owner)
            self._download_keys.append(key)
            if self._record_export:
                try:
                    await self._record_export(query, file.rows, file.keys)
                except BaseException:
                    exporter.discard_download(key)
                    raise
            ui.download.from_url(f'/export/{key}')
            ui.notify(texts.EXPORT_READY.format(count=formats.integer(file.rows)))
        except ExportError as error:
            error_reporting.notify_failure(str(error))
        except DatabaseError:
            error_reporting.notify_failure(texts.EXPORT_FAILED.format(cause=texts.DATABASE_DOWN_RETRY))
        finally:
            self._task = None
            self._hide_progress()

    def _cancel_export(self) -> None:
        if self._task:
            self._task.cancel()

    def _clean_up(self) -> None:
        """Cancel the export and delete its files when the page is closed."""
        self._cancel_export()
        for key in self._download_keys:
            self._definition.exporter.discard_download(key)

    def _update_progress(self, query: Q, rows: int) -> None:
        """Show the number of exported rows; the total may become known, or another search start, in the meantime."""
        current_query, count = self._current_result()
        if current_query is query and count is not None:
            self._row_count = count
        template = texts.EXPORT_PROGRESS_UNKNOWN if self._row_count is None else texts.EXPORT_PROGRESS
        self._progress_label.text = template.format(
            done=formats.integer(rows), count=formats.integer(max(self._row_count or 0, rows))
        )

    def _show_progress(self) -> None:
        """Replace the button by the progress and «Отмена»."""
        self._button.set_visibility(False)
        with self._slot, ui.element('div').classes('exporting') as self._progress_element:
            self._progress_label = ui.label()
            TextButton(texts.CANCEL, self._cancel_export).classes('linklike')
        self._progress_element.move(target_index=self._slot.children.index(self._button) + 1)

    def _hide_progress(self) -> None:
        """Show the button again."""
        if self._progress_element and not self._progress_element.is_deleted:  # the page may have been closed
            self._progress_element.delete()
        self._button.set_visibility(True)


def download_router(exports: ExportJobs) -> APIRouter:
    """Return the route that serves a file once, to the session that exported it."""
    router = APIRouter()

    @router.get('/export/{key}')
    async def download_export(request: Request, key: str) -> Response:
        person: Identity | None = request.state.person
        owner = browser_sessions.session_identifier(request.scope)
        download = exports.open_download(key, owner) if owner and person and person.may_read_journals else None
        if download is None:
            return PlainTextResponse(texts.EXPORT_EXPIRED, HTTPStatus.NOT_FOUND)
        extension = download.name.rpartition('.')[2]
        return StreamingResponse(
            _read_chunks(download),
            media_type=MEDIA_TYPES[extension],
            headers={
                'Content-Length': str(download.size),
                'Content-Disposition': f'attachment; filename="export.{extension}"; '
                f"filename*=UTF-8''{quote(download.name, safe='')}",
            },
        )

    return router


def install(exports: ExportJobs) -> None:
    """Add the route to the application."""
    app.include_router(download_router(exports))


def _read_chunks(download: Download) -> Iterator[bytes]:
    with download.file:
        while chunk := download.file.read(CHUNK_BYTES):
            yield chunk
