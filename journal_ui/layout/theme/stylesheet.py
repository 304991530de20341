"""The style sheet of all pages, joined from the modules of this package."""

from nicegui import ui

from journal_ui.layout.theme import (
    controls_css,
    dashboard_css,
    forms_css,
    help_css,
    layout_css,
    list_css,
    palette,
    person_css,
    print_css,
    toolbar_css,
)

CSS = '\n'.join(
    (
        palette.css(),
        layout_css.CSS,
        controls_css.CSS,
        list_css.CSS,
        toolbar_css.CSS,
        dashboard_css.CSS,
        person_css.CSS,
        forms_css.CSS,
        help_css.CSS,
        print_css.CSS,
    )
)


def install() -> None:
    """Add the style sheet, and the script for printing, to every page."""
    ui.add_head_html(f'<style>{CSS}</style>', shared=True)
    ui.add_head_html(f'<script>{print_css.PRINT_SCRIPT}</script>', shared=True)
