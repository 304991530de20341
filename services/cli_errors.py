"""Translation of command line errors into Russian, because argparse reports them in English."""

import re
from typing import Final

from services import texts

ERROR_MESSAGES: Final = (
    (r'unrecognized arguments: (?P<what>\S+)', texts.USAGE_UNKNOWN),
    (r'argument (?P<what>\S+): expected one argument', texts.USAGE_NO_VALUE),
    (r'argument (?P<what>\S+): ignored explicit argument .*', texts.USAGE_SWITCH),
    (r'the following arguments are required: (?P<what>.*)', texts.USAGE_MISSING),
)
"""Patterns of argparse messages and the Russian templates that replace them."""


def translate_parser_error(message: str) -> str:
    """Translate an error message of argparse, with any prefix, into one line in Russian."""
    for pattern, template in ERROR_MESSAGES:
        if match := re.search(pattern, message, re.DOTALL):
            return template.format(**match.groupdict())
    return texts.USAGE_OTHER.format(what=message)
