"""The dialog «Клавиши» and its button «Справка» in the header: the shortcuts, and a link to the operator's guide."""

from nicegui import ui

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton
from journal_ui.components.dialogs import Dialog
from journal_ui.components.html_element import TextTag
from journal_ui.layout.user_preferences import UserPreferences
from services import texts

HELP_PATH = '/help'
"""The path of the operator's guide; see journal_ui.pages.help_page."""
TRAP_FOCUS_JS = """(e) => {
  const stops = [...e.currentTarget.querySelectorAll('a[href], button, [tabindex="0"]')];
  const [from, to] = e.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (document.activeElement !== from) return;
  e.preventDefault();
  to.focus();
}"""
"""Moves the focus from the last control to the first on Tab, and back on Shift+Tab, so that it stays in the dialog."""


class ShortcutsDialog:
    """The button, and the dialog that it opens."""

    def __init__(self, preferences: UserPreferences) -> None:
        """Draw the button; the dialog is drawn when it opens. The key `?` clicks the button; see keyboard_shortcuts."""
        self._preferences = preferences
        self._dialog: Dialog | None = None
        self._button = IconButton(icons.HELP, texts.HELP, self._open).classes('keys')
        self._button.props['aria-haspopup'] = 'dialog'
        self._update_page()

    def _open(self) -> None:
        if self._dialog and not self._dialog.is_deleted:
            self._dialog.open()
            return
        self._dialog = Dialog(self._button, texts.SHORTCUTS_TITLE, css_class='window')
        with self._dialog:
            self._draw_content(self._dialog)
        self._dialog.content.on('keydown.tab', js_handler=TRAP_FOCUS_JS)
        self._dialog.open()

    def _draw_content(self, dialog: Dialog) -> None:
        with ui.element('div').classes('title'):
            TextTag('h2', texts.SHORTCUTS_TITLE)
            IconButton(icons.CLOSE, texts.CLOSE, dialog.close)
        ui.link(texts.GUIDE_TITLE, HELP_PATH, new_tab=True).classes('to-guide')
        with ui.element('dl').classes('keys-list'):
            for keys, meaning in texts.SHORTCUTS:
                with ui.element('dt'):
                    for key in keys:
                        TextTag('kbd', key)
                TextTag('dd', meaning)
        ui.checkbox(
            texts.CHARACTER_SHORTCUTS,
            value=self._preferences.get_value('character_keys'),
            on_change=lambda e: self._set_character_keys(e.value),
        ).props('dense')

    def _set_character_keys(self, enabled: bool) -> None:
        self._preferences.set_value('character_keys', enabled)
        self._update_page()

    def _update_page(self) -> None:
        """Set the attribute from which the script reads whether `/` and `?` are shortcuts."""
        self._button.props['data-characters'] = 'on' if self._preferences.get_value('character_keys') else 'off'
