"""Says in the place of what was asked for why it cannot be had, and asks again when the database is back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nicegui import ui

from services import texts
from services.lists.query_protocol import Busy, Refusal, Unavailable

Watch = Callable[[Callable[[bool], None]], Callable[[], None]]
"""Has its argument told when the database stops answering, and when it does again; the answer ends that."""


class Attempts:
    """What one page asks of the database, and what becomes of it when there is no answer."""

    def __init__(
        self, refuse: Callable[[Refusal], None], fail: Callable[[str, str], None], watch: Watch | None = None
    ) -> None:
        """Tell `refuse` of a query that cannot be asked, and `fail`, in words, of all else."""
        self._refuse = refuse
        self._fail = fail
        self._again: Callable[[], object] | None = None
        if watch:
            ui.context.client.on_delete(watch(self._hear))

    @contextmanager
    def failing(self, again: Callable[[], object]) -> Iterator[None]:
        """Say why an attempt fails; one that the database did not answer is made `again`, once, when it is back."""
        try:
            yield
        except Refusal as refusal:
            self._refuse(refusal)
        except Busy:
            self._fail(texts.TOO_LONG, texts.TOO_LONG_NEXT)
        except Unavailable:
            self._fail(texts.UNAVAILABLE, texts.UNAVAILABLE_NEXT)
            self._again = again
        except Exception:
            self._fail(texts.FAULT_TITLE, texts.FAULT_AGAIN)
            raise  # the notice has the number by which the log knows it

    def forget(self) -> None:
        """Ask nothing again: the person has gone on to something else."""
        self._again = None

    def _hear(self, answers: bool) -> None:
        again = self._again
        if answers and again:
            self._again = None
            again()
