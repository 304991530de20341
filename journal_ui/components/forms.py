"""Plain HTML forms, so that a password crosses the wire once, in a POST, and password managers recognize the fields."""

from collections.abc import Iterator
from contextlib import contextmanager

from nicegui import ui

from journal_ui.components.buttons import TextButton
from journal_ui.root_path import public_path


@contextmanager
def form(
    css_class: str, submit_label: str, *, action: str = '', error_message: str = '', primary: bool = True
) -> Iterator[None]:
    """Draw a form that is sent by POST; the fields are drawn inside the `with` block.

    Args:
        css_class: the CSS class of the form.
        submit_label: the text of the button.
        action: the path that the form is sent to; empty for the URL of the page, with its query.
        error_message: the reason why the last submission was rejected; empty for none.
        primary: whether the button is the main action of the page.
    """
    with ui.element('form').classes(css_class).props('method=post') as form_element:
        if action:
            form_element.props['action'] = public_path(action)
        yield
        ui.label(error_message).classes('refusal').props('role=alert')
        TextButton(submit_label, primary=primary, outlined=not primary, submit=True)


def field(
    label: str, name: str, autocomplete: str, input_type: str = 'password', *, value: str = '', autofocus: bool = False
) -> None:
    """Draw a required input field with its label above.

    Args:
        label: the label.
        name: the name of the field in the form.
        autocomplete: the purpose of the field, as the HTML attribute `autocomplete` names it.
        input_type: the HTML type.
        value: the initial value.
        autofocus: whether the field has the focus when the page loads.
    """
    with ui.element('label').classes('entry'):
        ui.label(label)
        input_element = ui.element('input').props(f'name={name} type={input_type} autocomplete={autocomplete} required')
        input_element.props('autocapitalize=off spellcheck=false')
        if value:
            # Vue writes `value` again at every update of the page, over what the user has typed; not `defaultValue`.
            input_element.props['defaultValue'] = value
        if autofocus:
            input_element.props('autofocus')
