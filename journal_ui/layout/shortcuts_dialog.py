"""The window «Клавиши», behind «?» in the header: what can be done without a mouse, and the way to the guide."""

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from journal_ui.components import icons
from journal_ui.components.buttons import IconButton
from journal_ui.layout.user_preferences import Preferences
from services import texts

GUIDE = '/help'
"""The address of the operator's guide (see guide)."""
AROUND = """(e) => {
  const stops = [...e.currentTarget.querySelectorAll('a[href], button, [tabindex="0"]')];
  const [from, to] = e.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
  if (document.activeElement !== from) return;
  e.preventDefault();
  to.focus();
}"""
"""Tab goes round in the window and never out of it."""


class Help:
    """The window behind its button."""

    def __init__(self, preferences: Preferences) -> None:
        """Draw the button alone; the window is there only while it is open. The key `?` presses it (see keys)."""
        self._preferences = preferences
        self._window: ui.dialog | None = None
        self._button = IconButton(icons.QUESTION, texts.KEYS_TITLE, self._open).classes('keys')
        self._button.props['aria-haspopup'] = 'dialog'
        self._tell()

    def _open(self) -> None:
        if self._window and not self._window.is_deleted:
            self._window.open()
            return
        with self._button, ui.dialog() as window:
            window.props['aria-label'] = texts.KEYS_TITLE
            window.on('hide', window.delete, [])
            with ui.element('div').classes('window') as inside:
                self._content(window)
            inside.on('keydown.tab', js_handler=AROUND)
        self._window = window
        window.open()

    def _content(self, window: ui.dialog) -> None:
        with ui.element('div').classes('title'):
            Words('h2', texts.KEYS_TITLE)
            IconButton(icons.CLOSE, texts.CLOSE, window.close)
        ui.link(texts.GUIDE_TITLE, GUIDE, new_tab=True).classes('to-guide')
        with ui.element('dl').classes('keys-list'):
            for keys, meaning in texts.KEYS:
                with ui.element('dt'):
                    for key in keys:
                        Words('kbd', key)
                Words('dd', meaning)
        ui.checkbox(
            texts.CHARACTER_KEYS,
            value=self._preferences.get('character_keys'),
            on_change=lambda e: self._switch(e.value),
        ).props('dense')

    def _switch(self, on: bool) -> None:
        self._preferences.put('character_keys', on)
        self._tell()

    def _tell(self) -> None:
        """Tell the page whether `/` and `?` are keys here."""
        self._button.props['data-characters'] = 'on' if self._preferences.get('character_keys') else 'off'


class Words(TextElement):
    """An element of HTML that holds words."""

    def __init__(self, tag: str, text: str) -> None:
        """Write them."""
        super().__init__(tag=tag, text=text)
