"""Elements that keep less: a page has dozens of them, and NiceGUI watches whatever each may come to have."""

from types import MappingProxyType
from typing import Any, Final, cast

from nicegui import ui

NO_STYLE: Final = cast(Any, MappingProxyType({}))
"""One for all of them."""


class Light(ui.element):
    """An element that looks as its classes say, and can have no style of its own."""

    def __init__(self, tag: str = 'div') -> None:
        """Make it."""
        super().__init__(tag)
        self._style = NO_STYLE
