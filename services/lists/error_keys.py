"""Which keys of errors are codes, and which are free text of a sender.

An error without a code is searched by its name (`MessageRow.error_key`). A sender may write anything into it, also a
name or a phone. So only codes appear in URLs, in descriptions and in the audit log; free text is treated as personal
data.
"""

import re
from collections.abc import Collection
from typing import Final

from services import texts

CODE: Final = re.compile(r'(?=.*[A-Za-z0-9])[A-Za-z0-9_.:/+-]{1,50}', re.ASCII)
"""What providers and gateways use as codes: `20`, `-3`, `NACK/1034`, `stat:UNDELIV`, `0x0000000B`."""
MAX_DIGITS: Final = 9
"""A code with more digits may be a phone."""


def is_error_code(key: str) -> bool:
    """Return whether the key of an error may appear outside of a search: a code, or no text at all."""
    return not key or (bool(CODE.fullmatch(key)) and sum(map(str.isdigit, key)) <= MAX_DIGITS)


def describe_errors(keys: Collection[str]) -> str:
    """Describe the condition on the errors: «ошибка 20 или 104»; empty if there is none. Free text is left out."""
    named = [key or texts.UNNAMED_ERROR for key in sorted(keys) if is_error_code(key)]
    if len(named) < len(keys):
        named.append(texts.ERROR_WITHOUT_CODE)
    return texts.CONDITION_ERRORS.format(errors=texts.CONDITION_OR.join(named)) if named else ''
