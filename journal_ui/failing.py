"""Says in the place of what was asked for why it cannot be had."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services import texts
from services.query import Busy, Refusal, Unavailable


@contextmanager
def failing(refuse: Callable[[Refusal], None], fail: Callable[[str, str], None]) -> Iterator[None]:
    """Tell `refuse` of a query that cannot be asked, and `fail`, in words, of all else; a mistake goes on from here."""
    try:
        yield
    except Refusal as refusal:
        refuse(refusal)
    except Busy:
        fail(texts.TOO_LONG, texts.TOO_LONG_NEXT)
    except Unavailable:
        fail(texts.UNAVAILABLE, texts.UNAVAILABLE_NEXT)
    except Exception:
        fail(texts.FAULT_TITLE, texts.FAULT_AGAIN)
        raise  # the notice has the number by which the log knows it
