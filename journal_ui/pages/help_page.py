"""The page «Руководство оператора»: docs/operator.md as HTML, linked from the dialog of the keyboard shortcuts."""

from collections.abc import Callable

from nicegui import app, ui

from journal_ui.components.html_element import TextTag
from journal_ui.layout.page_layout import page_layout
from journal_ui.layout.shortcuts_dialog import HELP_PATH
from journal_ui.layout.viewer import Viewer
from journal_ui.root_path import public_path
from services import texts
from services.program_folders import DOCS_FOLDER

GUIDE_FILE = DOCS_FOLDER / 'operator.md'
GUIDE_IMAGES = DOCS_FOLDER / 'images'


def page() -> Callable[[Viewer], None]:
    """Read the guide and return the function that draws it; its images are served to signed-in users only."""
    app.add_static_files(f'{HELP_PATH}/images', GUIDE_IMAGES)
    preamble, *sections = (
        GUIDE_FILE.read_text(encoding='utf-8')
        .replace('](images/', f']({public_path(HELP_PATH)}/images/')
        .split('\n## ')
    )
    introduction = preamble.partition('\n')[2]
    titled_sections = [(title, markdown) for title, _, markdown in (section.partition('\n') for section in sections)]

    def draw(viewer: Viewer) -> None:
        with page_layout(texts.GUIDE_TITLE, viewer, path=HELP_PATH), ui.element('div').classes('guide'):
            with ui.element('nav').props(f'aria-label="{texts.GUIDE_CONTENTS}"'), ui.element('ol'):
                for number, (title, _) in enumerate(titled_sections, 1):
                    with ui.element('li'):
                        ui.link(title, f'#part-{number}')
            with ui.element('article'):
                ui.markdown(introduction, extras=[], sanitize=False)
                for number, (title, markdown) in enumerate(titled_sections, 1):
                    with ui.element('section').props(f'id=part-{number}'):
                        TextTag('h2', title)
                        ui.markdown(markdown, extras=[], sanitize=False)

    return draw
