"""A user whose gestures are counted: how many clicks, texts and keys an everyday question costs, and how many seconds.

The seconds are computed from the gestures by the keystroke-level model (Card, Moran and Newell: The Psychology of
Human-Computer Interaction, 1983), so that they do not depend on the machine that runs the tests. They are those of the
hands: the time to read and to think is left out, and so are the answers of the program, which are measured by
tests.benchmarks.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from selenium.webdriver.remote.webelement import WebElement

from tests.helpers.journal_operator import Operator

KEYSTROKE: Final = 0.2
"""Seconds of an average skilled typist for a key, a modifier included."""
POINTING: Final = 1.1
"""Seconds to move the mouse to a target."""
MOUSE_BUTTON: Final = 0.2
"""Seconds to press and release a button of the mouse."""
HOMING: Final = 0.4
"""Seconds to move the hand from the mouse to the keyboard, or back."""
PASTE_KEYS: Final = ('Control', 'v')


class CountingOperator(Operator):
    """A user whose gestures are counted.

    A gesture is a click, a text typed or pasted into a field (with the click into that field), or a key with its
    modifiers. Looking, waiting, and a tab that opens by itself cost nothing.
    """

    gestures: tuple[str, ...] = ()
    """The gestures of the question that is being answered, in order."""
    seconds = 0.0
    """The seconds that they take."""
    _is_inside_gesture = False
    _is_hand_on_mouse = True

    @contextmanager
    def question(self, name: str, *, gestures: int, seconds: float) -> Iterator[None]:
        """Count the gestures inside the `with` block; fail if they are too many, or take too many seconds."""
        self.gestures, self.seconds, self._is_hand_on_mouse = (), 0.0, True
        yield
        assert len(self.gestures) <= gestures, f'«{name}» takes {len(self.gestures)} gestures: {self.gestures}'
        assert self.seconds <= seconds, f'«{name}» takes {self.seconds:.1f} seconds: {self.gestures}'

    def click(self, name: str, inside: WebElement | None = None) -> None:
        """Click, as one gesture; see BrowserUser."""
        with self._gesture(f'click «{name}»', is_click=True):
            super().click(name, inside)

    def click_element(self, find: Callable[[], WebElement]) -> None:
        """Click, as one gesture; see BrowserUser."""
        with self._gesture('click', is_click=True):
            super().click_element(find)

    def fill(self, label: str, text: str, inside: WebElement | None = None) -> None:
        """Replace the text of a field, as one gesture; see BrowserUser."""
        with self._gesture(f'type «{text}» into «{label}»', is_click=True, keys=len(text)):
            super().fill(label, text, inside)

    def paste(self, label: str, text: str) -> None:
        """Paste a text into a field, as one gesture; see Operator."""
        with self._gesture(f'paste «{text}» into «{label}»', is_click=True, keys=len(PASTE_KEYS)):
            super().paste(label, text)

    def type(self, text: str) -> None:
        """Type, as one gesture; see BrowserUser."""
        with self._gesture(f'type «{text}»', keys=len(text)):
            super().type(text)

    def press(self, *keys: str) -> None:
        """Press keys, each as one gesture; see BrowserUser."""
        for key in keys:
            with self._gesture(f'press {key}', keys=len(key.split('+'))):
                super().press(key)

    @contextmanager
    def _gesture(self, description: str, *, is_click: bool = False, keys: int = 0) -> Iterator[None]:
        """Count a gesture once, although its parts are gestures as well."""
        if self._is_inside_gesture:
            yield
            return
        self.gestures += (description,)
        if is_click:
            self.seconds += (0 if self._is_hand_on_mouse else HOMING) + POINTING + MOUSE_BUTTON
            self._is_hand_on_mouse = True
        if keys:
            self.seconds += (HOMING if self._is_hand_on_mouse else 0) + keys * KEYSTROKE
            self._is_hand_on_mouse = False
        self._is_inside_gesture = True
        try:
            yield
        finally:
            self._is_inside_gesture = False
