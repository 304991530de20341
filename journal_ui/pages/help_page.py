"""The page «Руководство оператора»: docs/operator.md in the product's own type, behind «?» in the header."""

from collections.abc import Callable

from nicegui import app, ui

from journal_ui.components.html_table import HtmlTag
from journal_ui.layout.page_layout import Viewer, page_layout
from journal_ui.layout.shortcuts_dialog import HELP_PATH
from services import texts
from services.settings import PROJECT_ROOT

GUIDE_FILE = PROJECT_ROOT / 'docs' / 'operator.md'
GUIDE_IMAGES = PROJECT_ROOT / 'docs' / 'images'


def page() -> Callable[[Viewer], None]:
    """Give what draws the page, and its pictures an address; the guard stands before both."""
    app.add_static_files(f'{HELP_PATH}/images', GUIDE_IMAGES)
    preamble, *sections = (
        GUIDE_FILE.read_text(encoding='utf-8').replace('](images/', f']({HELP_PATH}/images/').split('\n## ')
    )
    introduction = preamble.partition('\n')[2]
    titled_sections = [(title, words) for title, _, words in (section.partition('\n') for section in sections)]

    def draw(viewer: Viewer) -> None:
        with page_layout(texts.GUIDE_TITLE, viewer, path=HELP_PATH), ui.element('div').classes('guide'):
            with ui.element('nav').props(f'aria-label="{texts.GUIDE_CONTENTS}"'), ui.element('ol'):
                for number, (title, _) in enumerate(titled_sections, 1):
                    with ui.element('li'):
                        ui.link(title, f'#part-{number}')
            with ui.element('article'):
                ui.markdown(introduction, extras=[], sanitize=False)
                for number, (title, words) in enumerate(titled_sections, 1):
                    with ui.element('section').props(f'id=part-{number}'):
                        HtmlTag('h2', title)
                        ui.markdown(words, extras=[], sanitize=False)

    return draw
