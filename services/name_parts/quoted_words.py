"""Words in quotation marks in a typed text, which are searched for as whole words."""

import re
from typing import Final

QUOTED: Final = re.compile(r'(?<![^\W_])(?:"([^"]+)"|«([^»]+)»|„([^“”]+)[“”]|“([^”]+)”)(?![^\W_])')
"""A part of a text in quotation marks: not within a word, where they are typed instead of an apostrophe."""


def unquote(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text without its pairs of quotation marks, and each part that was within a pair."""
    quoted = tuple(next(filter(None, match.groups())) for match in QUOTED.finditer(text))
    return (QUOTED.sub(lambda match: f' {next(filter(None, match.groups()))} ', text) if quoted else text), quoted
