"""Short messages about what a click has done: they have a row of the page above the footer, so that they cover nothing.

Quasar puts the element of its notifications over the page. The script moves it into the layout, where the list, which
scrolls inside itself, gives up the height while there is a message; nothing above it moves.
"""

from typing import Final

from nicegui import ui

PLACEMENT_SCRIPT: Final = """
(() => {
  const place = () => {
    const layout = document.querySelector('.q-layout'), notifications = document.getElementById('q-notify');
    if (!layout || !notifications) return;
    layout.append(notifications);
    observer.disconnect();
  };
  const observer = new MutationObserver(place);
  observer.observe(document, {childList: true, subtree: true});
})();
"""
"""Runs until the page is drawn for the first time."""


def install() -> None:
    """Add the script to every page."""
    ui.add_head_html(f'<script>{PLACEMENT_SCRIPT}</script>', shared=True)
