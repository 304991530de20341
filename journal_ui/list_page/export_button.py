"""«Экспорт»: all that was found as a file, with progress and a way to stop; and the address that hands it out once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final, Generic, Protocol, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from nicegui import app, background_tasks, ui

from journal_ui.components import icons
from journal_ui.components.buttons import WordButton
from journal_ui.components.popup_menu import Menu
from journal_ui.monitoring import error_reporting
from journal_ui.security import browser_sessions
from services import formats, texts
from services.accounts.accounts import Person
from services.export.export_jobs import ExportFile, ExportRefused, Exports, Format, Opened
from services.lists.query_protocol import Busy, Query, Unavailable

Q = TypeVar('Q', bound=Query)
Asked = TypeVar('Asked', bound=Query, contravariant=True)

CHUNK: Final = 1 << 18
"""Bytes of a file that are sent at a time."""
MEDIA: Final = {
    'xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'csv': 'text/csv; charset=utf-8',
}
CHOICES: Final = ((Format.XLSX, texts.EXCEL), (Format.CSV, texts.CSV))


class Files(Protocol[Asked]):
    """What makes files of a query and hands them out; see services.export.export_jobs."""

    async def make(
        self, query: Asked, format: Format, *, account_id: int, progress: Callable[[int], None]
    ) -> ExportFile:
        """Write a file."""

    def offer(self, file: ExportFile, owner: str) -> str:
        """Keep a file for a session; give its key."""

    def withdraw(self, key: str) -> None:
        """Remove a file that was not fetched."""


@dataclass(frozen=True)
class Export(Generic[Q]):
    """How a journal is exported."""

    files: Files[Q]


class ExportButton(Generic[Q]):
    """The button with its menu; while an export runs, its progress and «Отменить» in the same place."""

    def __init__(
        self,
        declared: Export[Q],
        account_id: int,
        listed: Callable[[], tuple[Q | None, int | None]],
        record: Callable[[str, int], Awaitable[None]] | None,
    ) -> None:
        """Draw it; there is nothing to export yet. `listed` gives what the list answers, and how many rows that has.

        `record` puts on record how many rows of a search are taken away; when it fails, no file is handed out.
        """
        self._declared = declared
        self._record = record
        self._account_id = account_id
        self._listed = listed
        self._task: asyncio.Task[None] | None = None
        self._count: int | None = None
        self._keys: list[str] = []
        client = ui.context.client
        self._owner = browser_sessions.identifier(client.request.scope) or ''
        self._button = WordButton(texts.EXPORT, icon=icons.DOWNLOAD).props('aria-haspopup=menu')
        self._button.enable(False)
        Menu(self._button, self._draw, name=texts.EXPORT, props='role=menu')
        self._place = ui.context.slot
        self._running: ui.element | None = None
        client.on_delete(self._leave)

    def enable(self, can: bool) -> None:
        """Let it be pressed, or not: there is something to export."""
        self._button.enable(can)

    def _draw(self, menu: ui.menu) -> None:
        with menu:
            for format, words in CHOICES:
                ui.menu_item(words, on_click=partial(self._start, format)).props('role=menuitem')

    def _start(self, format: Format) -> None:
        query, self._count = self._listed()
        if query is not None and self._task is None:
            self._run()
            self._tell(query, 0)
            self._task = background_tasks.create(self._make(query, format), name='export', context=self._place.parent)

    async def _make(self, query: Q, format: Format) -> None:
        files = self._declared.files
        try:
            file = await files.make(query, format, account_id=self._account_id, progress=partial(self._tell, query))
            key = files.offer(file, self._owner)
            self._keys.append(key)
            if self._record:
                try:
                    await self._record(query.sentence(), file.rows)
                except BaseException:
                    files.withdraw(key)
                    raise
            ui.download.from_url(f'/export/{key}')
            ui.notify(texts.EXPORT_READY.format(count=formats.whole(file.rows)))
        except ExportRefused as refused:
            error_reporting.tell(str(refused))
        except (Unavailable, Busy):
            error_reporting.tell(texts.EXPORT_FAILED.format(cause=texts.EXPORT_NO_DATABASE))
        finally:
            self._task = None
            self._rest()

    def _stop(self) -> None:
        if self._task:
            self._task.cancel()

    def _leave(self) -> None:
        """Leave nothing behind when the page is left: neither work nor files."""
        self._stop()
        for key in self._keys:
            self._declared.files.withdraw(key)

    def _tell(self, query: Q, rows: int) -> None:
        """Tell how far it is; how many rows there are may be counted while it runs, or another search be made."""
        asked, count = self._listed()
        if asked is query and count is not None:
            self._count = count
        words = texts.EXPORT_PROGRESS_UNKNOWN if self._count is None else texts.EXPORT_PROGRESS
        self._said.text = words.format(done=formats.whole(rows), count=formats.whole(max(self._count or 0, rows)))

    def _run(self) -> None:
        """Stand the progress and the way to stop it in the button's place."""
        self._button.set_visibility(False)
        with self._place, ui.element('div').classes('exporting') as self._running:
            self._said = ui.label()
            WordButton(texts.CANCEL, self._stop).classes('linklike')
        self._running.move(target_index=self._place.children.index(self._button) + 1)

    def _rest(self) -> None:
        """Stand the button in its place again."""
        if self._running and not self._running.is_deleted:  # the page may have been left
            self._running.delete()
        self._button.set_visibility(True)


def routes(exports: Exports) -> APIRouter:
    """Make the address that hands a file out: once, and to the session that asked for it."""
    router = APIRouter()

    @router.get('/export/{key}')
    async def hand_out(request: Request, key: str) -> Response:
        person: Person | None = request.state.person
        owner = browser_sessions.identifier(request.scope)
        opened = exports.open(key, owner) if owner and person and person.may_read_journals else None
        if opened is None:
            return PlainTextResponse(texts.EXPORT_GONE, HTTPStatus.NOT_FOUND)
        ending = opened.name.rpartition('.')[2]
        return StreamingResponse(
            _chunks(opened),
            media_type=MEDIA[ending],
            headers={
                'Content-Length': str(opened.size),
                'Content-Disposition': f'attachment; filename="export.{ending}"; '
                f"filename*=UTF-8''{quote(opened.name, safe='')}",
            },
        )

    return router


def install(exports: Exports) -> None:
    """Open that address."""
    app.include_router(routes(exports))


def _chunks(opened: Opened) -> Iterator[bytes]:
    with opened.file:
        while chunk := opened.file.read(CHUNK):
            yield chunk
