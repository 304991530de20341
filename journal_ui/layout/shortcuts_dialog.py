"""The window «Клавиши», behind «?» in the header: what can be done without a mouse, and the way to the guide."""

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton
from journal_ui.layout.user_preferences import UserPreferences
from services import texts

HELP_PATH = '/help'
"""The address of the operator's guide (see guide)."""
TRAP_FOCUS_JS = """(e) => {
  const stops = [...e.currentTarget.querySelectorAll('a[href], button, [tabindex="0"]')];
  const [from, to] = e.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (document.activeElement !== from) return;
  e.preventDefault();
  to.focus();
}"""
"""Tab goes round in the window and never out of it."""


class ShortcutsDialog:
    """The window behind its button."""

    def __init__(self, preferences: UserPreferences) -> None:
        """Draw the button alone; the window is there only while it is open. The key `?` presses it (see keys)."""
        self._preferences = preferences
        self._dialog: ui.dialog | None = None
        self._button = IconButton(icons.HELP, texts.SHORTCUTS_TITLE, self._open).classes('keys')
        self._button.props['aria-haspopup'] = 'dialog'
        self._update_page()

    def _open(self) -> None:
        if self._dialog and not self._dialog.is_deleted:
            self._dialog.open()
            return
        with self._button, ui.dialog() as dialog:
            dialog.props['aria-label'] = texts.SHORTCUTS_TITLE
            dialog.on('hide', dialog.delete, [])
            with ui.element('div').classes('window') as content:
                self._draw_content(dialog)
            content.on('keydown.tab', js_handler=TRAP_FOCUS_JS)
        self._dialog = dialog
        dialog.open()

    def _draw_content(self, dialog: ui.dialog) -> None:
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
        """Tell the page whether `/` and `?` are keys here."""
        self._button.props['data-characters'] = 'on' if self._preferences.get_value('character_keys') else 'off'


class TextTag(TextElement):
    """An element of HTML that holds words."""

    def __init__(self, tag: str, text: str) -> None:
        """Write them."""
        super().__init__(tag=tag, text=text)
