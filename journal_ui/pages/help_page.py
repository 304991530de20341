"""The page «Руководство оператора»: docs/operator.md in the product's own type, behind «?» in the header."""

from collections.abc import Callable

from nicegui import app, ui

from journal_ui.components.html_table import Tag
from journal_ui.layout.page_layout import Viewer, frame
from journal_ui.layout.shortcuts_dialog import GUIDE
from services import texts
from services.settings import PROJECT

FILE = PROJECT / 'docs' / 'operator.md'
PICTURES = PROJECT / 'docs' / 'images'


def page() -> Callable[[Viewer], None]:
    """Give what draws the page, and its pictures an address; the guard stands before both."""
    app.add_static_files(f'{GUIDE}/images', PICTURES)
    beginning, *sections = FILE.read_text(encoding='utf-8').replace('](images/', f']({GUIDE}/images/').split('\n## ')
    opening = beginning.partition('\n')[2]
    parts = [(title, words) for title, _, words in (section.partition('\n') for section in sections)]

    def draw(viewer: Viewer) -> None:
        with frame(texts.GUIDE_TITLE, viewer, path=GUIDE), ui.element('div').classes('guide'):
            with ui.element('nav').props(f'aria-label="{texts.GUIDE_CONTENTS}"'), ui.element('ol'):
                for number, (title, _) in enumerate(parts, 1):
                    with ui.element('li'):
                        ui.link(title, f'#part-{number}')
            with ui.element('article'):
                ui.markdown(opening, extras=[], sanitize=False)
                for number, (title, words) in enumerate(parts, 1):
                    with ui.element('section').props(f'id=part-{number}'):
                        Tag('h2', title)
                        ui.markdown(words, extras=[], sanitize=False)

    return draw
