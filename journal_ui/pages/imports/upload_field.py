"""The field that uploads a file: a place to drop it on, which is also the button that chooses it."""

import json
from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from journal_ui.components.html_element import TextTag
from journal_ui.root_path import public_path
from journal_ui.security.auth_middleware import UPLOAD_PREFIX
from services import texts
from services.imports.import_jobs import MAX_PART_BYTES

EMIT_CHOICE_JS: Final = '(event) => event.target.files.length && emit(event.target.files[0].name)'
EMIT_DETAIL_JS: Final = '(event) => emit(event.detail)'
DROP_JS: Final = """(event) => {
    event.preventDefault();
    const input = event.currentTarget.querySelector('input');
    if (!event.dataTransfer.files.length || input.disabled) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event('change'));
}"""
ALLOW_DROP_JS: Final = '(event) => event.preventDefault()'
SEND_PARTS_JS: Final = """
    const input = document.getElementById(INPUT_ID), file = input.files[0];
    const tell = (event, detail) => input.dispatchEvent(new CustomEvent(event, {detail}));
    const finish = problem => { input.value = ''; tell('upload-finished', problem) };
    (async () => {
        let offset = 0;
        do {
            const part = file.slice(offset, offset + PART_BYTES);
            const response = await fetch(`${URL}?offset=${offset}`, {method: 'POST', body: part});
            if (!response.ok) return finish(await response.text());
            offset += part.size;
            tell('upload-progressed', Math.floor(100 * offset / Math.max(file.size, 1)));
        } while (offset < file.size);
        finish('');
    })().catch(() => finish(BROKEN));
"""
"""Sends the chosen file part by part. A problem is a sentence for the user; it is empty if the whole file was sent."""


class UploadField:
    """The field; it is disabled while a file is sent."""

    def __init__(
        self,
        begin_upload: Callable[[str], str | None],
        on_uploaded: Callable[[], Awaitable[None]],
        on_problem: Callable[[str], None],
    ) -> None:
        """Draw the field.

        Args:
            begin_upload: receives the name of the chosen file, and returns the key of the upload; None refuses it.
            on_uploaded: called when the whole file has been sent.
            on_problem: receives a sentence for the user if it could not be sent.
        """
        self._begin_upload = begin_upload
        self._on_uploaded = on_uploaded
        self._on_problem = on_problem
        with ui.element('label').classes('drop-zone') as zone:
            self._words = TextTag('span', texts.UPLOAD_DROP)
            TextTag('span', texts.UPLOAD_CHOOSE).classes('press')
            self._input = ui.element('input').props('type=file').classes('unseen')
        zone.on('dragover', js_handler=ALLOW_DROP_JS)
        zone.on('drop', js_handler=DROP_JS)
        self._input.on('change', self._send, js_handler=EMIT_CHOICE_JS)
        self._input.on('upload-progressed', self._show_progress, js_handler=EMIT_DETAIL_JS)
        self._input.on('upload-finished', self._finish, js_handler=EMIT_DETAIL_JS)

    def _send(self, event: GenericEventArguments) -> None:
        key = self._begin_upload(str(event.args))
        if key is None:
            return
        self._set_busy(texts.UPLOAD_PROGRESS.format(percent=0))
        constants = {
            'INPUT_ID': self._input.html_id,
            'URL': public_path(f'{UPLOAD_PREFIX}{key}'),
            'PART_BYTES': MAX_PART_BYTES,
            'BROKEN': texts.UPLOAD_BROKEN,
        }
        script = ''.join(f'const {name} = {json.dumps(value)};' for name, value in constants.items()) + SEND_PARTS_JS
        ui.run_javascript(f'{{{script}}}')

    def _show_progress(self, event: GenericEventArguments) -> None:
        self._words.text = texts.UPLOAD_PROGRESS.format(percent=int(event.args))

    async def _finish(self, event: GenericEventArguments) -> None:
        self._set_busy('')
        if event.args:
            self._on_problem(str(event.args))
        else:
            await self._on_uploaded()

    def _set_busy(self, words: str) -> None:
        self._words.text = words or texts.UPLOAD_DROP
        self._input.props['disabled'] = bool(words)
