"""A user whose gestures are counted: how many clicks, texts and keys an everyday question costs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from selenium.webdriver.remote.webelement import WebElement

from tests.helpers.journal_operator import Operator


class CountingOperator(Operator):
    """A user whose gestures are counted.

    A gesture is a click, a text typed or pasted into a field (with the click into that field), or a key with its
    modifiers. Looking, waiting, and a tab that opens by itself cost nothing.
    """

    gestures: tuple[str, ...] = ()
    """The gestures of the question that is being answered, in order."""
    _is_inside_gesture = False

    @contextmanager
    def question(self, name: str, *, gestures: int) -> Iterator[None]:
        """Count the gestures inside the `with` block; fail if there are more than `gestures`."""
        self.gestures = ()
        yield
        assert len(self.gestures) <= gestures, f'«{name}» takes {len(self.gestures)} gestures: {self.gestures}'

    def click(self, name: str, inside: WebElement | None = None) -> None:
        """Click, as one gesture; see BrowserUser."""
        with self._gesture(f'click «{name}»'):
            super().click(name, inside)

    def click_element(self, find: Callable[[], WebElement]) -> None:
        """Click, as one gesture; see BrowserUser."""
        with self._gesture('click'):
            super().click_element(find)

    def fill(self, label: str, text: str, inside: WebElement | None = None) -> None:
        """Replace the text of a field, as one gesture; see BrowserUser."""
        with self._gesture(f'type «{text}» into «{label}»'):
            super().fill(label, text, inside)

    def paste(self, label: str, text: str) -> None:
        """Paste a text into a field, as one gesture; see Operator."""
        with self._gesture(f'paste «{text}» into «{label}»'):
            super().paste(label, text)

    def type(self, text: str) -> None:
        """Type, as one gesture; see BrowserUser."""
        with self._gesture(f'type «{text}»'):
            super().type(text)

    def press(self, *keys: str) -> None:
        """Press keys, each as one gesture; see BrowserUser."""
        for key in keys:
            with self._gesture(f'press {key}'):
                super().press(key)

    @contextmanager
    def _gesture(self, description: str) -> Iterator[None]:
        """Count a gesture once, although its parts are gestures as well."""
        if self._is_inside_gesture:
            yield
            return
        self.gestures += (description,)
        self._is_inside_gesture = True
        try:
            yield
        finally:
            self._is_inside_gesture = False
