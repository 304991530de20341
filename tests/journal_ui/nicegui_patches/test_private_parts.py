"""The private parts of NiceGUI that the patches rely on exist and work as expected; a new version may change them."""

import inspect
from pathlib import Path

import pytest
from nicegui import Client, app, core, ui
from nicegui.client import templates
from nicegui.storage import RequestTrackingMiddleware, Storage
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp

from journal_ui.nicegui_patches import middleware_stack, page_deletion, script_nonces, socket_events, user_storage


def open_page() -> Client:
    scope = {'type': 'http', 'path': '/', 'headers': []}
    return Client(ui.page('/'), request=Request(scope))


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_a_scheduled_deletion_of_a_page_can_be_cancelled() -> None:
    client = open_page()
    assert client._delete_tasks == {}
    assert parameters(Client._cancel_delete_task) == ['self', 'document_id']
    assert 'self._delete_tasks[document_id]' in inspect.getsource(Client.handle_disconnect)
    page_deletion.delete_page(client)
    assert client.id not in Client.instances
    page_deletion.delete_page(client)


def test_nicegui_still_deletes_a_deleted_page_again() -> None:
    """If this fails, NiceGUI no longer needs page_deletion."""
    client = open_page()
    client.delete()
    with pytest.raises(KeyError):
        client.delete()


def test_every_script_of_the_page_template_gets_a_nonce() -> None:
    loader = templates.env.loader
    assert loader is not None
    plain = loader._loader if isinstance(loader, script_nonces.NonceTemplateLoader) else loader
    original, *_ = plain.get_source(templates.env, 'index.html')
    assert original.count(script_nonces.HEAD_PLACEHOLDER) == 1
    assert original.count(script_nonces.SCRIPT_TAG) > 0
    assert 'nonce' not in original, 'NiceGUI has nonces of its own: script_nonces may not be needed'
    source, *_ = script_nonces.NonceTemplateLoader(plain).get_source(templates.env, 'index.html')
    assert source.count(script_nonces.SCRIPT_TAG_WITH_NONCE) == original.count(script_nonces.SCRIPT_TAG)
    assert script_nonces.HEAD_PLACEHOLDER not in source
    assert "'request': request" in inspect.getsource(Client.build_response), 'the template reads request.state.nonce'


async def test_the_storage_of_a_session_is_created_in_the_chosen_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Storage, 'path', Storage.path)
    user_storage.set_storage_folder(tmp_path / 'sessions')
    assert (tmp_path / 'sessions').stat().st_mode & 0o777 == 0o700
    await user_storage.create_user_storage('an identifier')
    stored = app.storage._users.pop('an identifier')
    assert Path(str(vars(stored)['filepath'])).parent == tmp_path / 'sessions'
    assert '_create_user_storage(session_id)' in inspect.getsource(RequestTrackingMiddleware.dispatch)


def test_the_middleware_stack_is_built_by_the_method_that_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, 'build_middleware_stack', app.build_middleware_stack)
    assert 'self.build_middleware_stack()' in inspect.getsource(Starlette.__call__)
    order: list[str] = []

    def wrapper(name: str, asgi_app: ASGIApp) -> ASGIApp:
        order.append(name)
        return asgi_app

    middleware_stack.wrap_application(lambda asgi_app: wrapper('inner', asgi_app))
    middleware_stack.wrap_application(lambda asgi_app: wrapper('outer', asgi_app))
    app.build_middleware_stack()
    assert order == ['inner', 'outer']


def test_the_socket_has_the_handlers_and_settings_that_are_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = dict(core.sio.handlers['/'])
    monkeypatch.setitem(core.sio.handlers, '/', dict(handlers))
    for name in ('transports', 'max_http_buffer_size'):
        monkeypatch.setattr(core.sio.eio, name, getattr(core.sio.eio, name))
    monkeypatch.setattr(app.config, 'socket_io_js_transports', ['websocket', 'polling'])
    assert handlers.keys() <= {'connect', 'handshake', 'disconnect', 'event', 'javascript_response', 'ack', 'log'}
    socket_events.install()
    socket_events.install()
    assert 'log' not in core.sio.handlers['/']
    assert core.sio.eio.transports == ['websocket']
    client = open_page()
    heard: list[object] = []
    with client:
        button = ui.button('click', on_click=lambda: heard.append(1))
    (listener,) = [each.id for each in button._event_listeners.values() if each.type == 'click']
    event = {'client_id': client.id, 'id': button.id, 'listener_id': listener, 'args': []}
    client._socket_to_document_id['own'] = 'document'
    client.tab_id = 'tab'
    try:
        core.sio.handlers['/']['event']('another', {**event})
        core.sio.handlers['/']['event']('own', {**event, 'listener_id': 'unknown'})
        core.sio.handlers['/']['event']('own', {**event, 'id': 10**6})
        assert heard == []
        core.sio.handlers['/']['event']('own', {**event})
        assert heard == [1]
    finally:
        page_deletion.delete_page(client)
