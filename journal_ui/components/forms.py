"""Plain forms: what is secret goes to the server once, by a request of its own, and password managers know it."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from journal_ui.layout.page_layout import Viewer, page_layout


@contextmanager
def form_page(title: str, viewer: Viewer, path: str) -> Iterator[None]:
    """Draw a page of one column of sheets, for forms and lists of a person's own."""
    with page_layout(title, viewer, path=path), ui.element('div').classes('sheets'):
        yield


@contextmanager
def form(
    css_class: str, submit_label: str, *, action: str = '', error_message: str = '', primary: bool = True
) -> Iterator[None]:
    """Draw a form that is sent to `action`, or to where its page is; the fields come from within.

    Args:
        look: its class.
        send: what stands on its button.
        action: the address; empty for that of the page, with its query.
        reason: why it was refused; empty for nothing.
        main: whether the button is what the page is for.
    """
    with ui.element('form').classes(css_class).props('method=post') as form_element:
        if action:
            form_element.props['action'] = action
        yield
        ui.label(error_message).classes('refusal').props('role=alert')
        ui.button(submit_label, color=None).props(f'type=submit {"unelevated" if primary else "outline"}')


def field(
    label: str, name: str, autocomplete: str, input_type: str = 'password', *, value: str = '', autofocus: bool = False
) -> None:
    """Draw a field with its label above; `purpose` is what browsers call it (autocomplete)."""
    with ui.element('label').classes('entry'):
        ui.label(label)
        input_element = ui.element('input').props(f'name={name} type={input_type} autocomplete={autocomplete} required')
        input_element.props('autocapitalize=off spellcheck=false')
        if value:
            # Not `value`: that would come back over what is typed whenever anything on the page is drawn anew.
            input_element.props['defaultValue'] = value
        if autofocus:
            input_element.props('autofocus')


def heading(text: str, level: str = 'h1') -> None:
    """Write a heading."""
    with ui.element(level):
        ui.label(text)


def paragraph(text: str, css_class: str = '') -> None:
    """Write a paragraph."""
    with ui.element('p').classes(css_class):
        ui.label(text)
