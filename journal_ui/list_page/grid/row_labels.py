"""The names of rows in the accessible names of their buttons: no two rows of a page have the same."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

from services import texts
from services.lists.query_protocol import ListRow

R = TypeVar('R', bound=ListRow)

SHOWN_KEY_LENGTH = 8
"""Characters of a key, as many as the list shows of a code."""


def label_rows(rows: Iterable[R], describe: Callable[[R], str]) -> dict[str, str]:
    """Return the label of each row by its key: its description, with the key where others have the same description."""
    descriptions = {row.key: describe(row) for row in rows}
    counts = Counter(descriptions.values())
    return {
        key: description
        if counts[description] == 1
        else texts.ROW_LABEL_WITH_KEY.format(row=description, key=key[:SHOWN_KEY_LENGTH])
        for key, description in descriptions.items()
    }
