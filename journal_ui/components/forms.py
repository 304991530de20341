"""Plain forms: what is secret goes to the server once, by a request of its own, and password managers know it."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from journal_ui.layout.page_layout import Viewer, frame


@contextmanager
def sheets(title: str, viewer: Viewer, path: str) -> Iterator[None]:
    """Draw a page of one column of sheets, for forms and lists of a person's own."""
    with frame(title, viewer, path=path), ui.element('div').classes('sheets'):
        yield


@contextmanager
def form(look: str, send: str, *, action: str = '', reason: str = '', main: bool = True) -> Iterator[None]:
    """Draw a form that is sent to `action`, or to where its page is; the fields come from within.

    Args:
        look: its class.
        send: what stands on its button.
        action: the address; empty for that of the page, with its query.
        reason: why it was refused; empty for nothing.
        main: whether the button is what the page is for.
    """
    with ui.element('form').classes(look).props('method=post') as drawn:
        if action:
            drawn.props['action'] = action
        yield
        ui.label(reason).classes('refusal').props('role=alert')
        ui.button(send, color=None).props(f'type=submit {"unelevated" if main else "outline"}')


def field(label: str, name: str, purpose: str, kind: str = 'password', *, value: str = '', focus: bool = False) -> None:
    """Draw a field with its label above; `purpose` is what browsers call it (autocomplete)."""
    with ui.element('label').classes('entry'):
        ui.label(label)
        drawn = ui.element('input').props(f'name={name} type={kind} autocomplete={purpose} required')
        drawn.props('autocapitalize=off spellcheck=false')
        if value:
            # Not `value`: that would come back over what is typed whenever anything on the page is drawn anew.
            drawn.props['defaultValue'] = value
        if focus:
            drawn.props('autofocus')


def heading(text: str, level: str = 'h1') -> None:
    """Write a heading."""
    with ui.element(level):
        ui.label(text)


def paragraph(text: str, look: str = '') -> None:
    """Write a paragraph."""
    with ui.element('p').classes(look):
        ui.label(text)
