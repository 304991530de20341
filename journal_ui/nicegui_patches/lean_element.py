"""Elements without a style object.

Reason: a page has dozens of elements, and NiceGUI gives each an observable dictionary for its style, although the style
sheet of this program styles all of them by class.
Private part: `Element.__init__` stores the style in `Element._style`, and `Element._to_dict` reads it.
Gain: 28 to 30 KB of memory for each open page, of 367 KB
(`python -m tests.benchmarks.patch_gains lean_element`).
Contract test: tests/journal_ui/nicegui_patches/test_patch_contracts.py.
"""

from types import MappingProxyType
from typing import Any, Final, cast

from nicegui import ui

EMPTY_STYLE: Final = cast(Any, MappingProxyType({}))
"""The read-only style that all lean elements share."""


class LeanElement(ui.element):
    """An element that is styled by its CSS classes only; its `style` is empty and cannot be changed."""

    def __init__(self, tag: str = 'div') -> None:
        """Draw the element."""
        super().__init__(tag)
        self._style = EMPTY_STYLE
