"""A table that an administrator changes by dialogs."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from nicegui import ui


class EditableTable(ABC):
    """The actions of an administrator, each with a dialog, and the table, which is drawn again after each action."""

    def __init__(self) -> None:
        self._table_container: ui.element
        self._dialog_container: ui.element

    def set_containers(self, table_container: ui.element, dialog_container: ui.element) -> None:
        """Set the parent element of the table, and that of the dialogs, which must outlive the rows of the table."""
        self._table_container, self._dialog_container = table_container, dialog_container

    async def refresh(self) -> None:
        """Read the rows and draw the table again."""
        draw = await self._load()
        self._table_container.clear()
        with self._table_container:
            draw()

    @abstractmethod
    async def _load(self) -> Callable[[], None]:
        """Read the rows; return the function that draws them."""

    async def _notify_and_refresh(self, message: str) -> None:
        ui.notify(message)
        await self.refresh()
