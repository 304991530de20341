"""What is wrong with a command line, in Russian: the parser of the standard library speaks English alone."""

import re
from typing import Final

from services import texts

ERROR_MESSAGES: Final = (
    (r'unrecognized arguments: (?P<what>\S+)', texts.USAGE_UNKNOWN),
    (r'argument (?P<what>\S+): expected one argument', texts.USAGE_NO_VALUE),
    (r'argument (?P<what>\S+): ignored explicit argument .*', texts.USAGE_SWITCH),
    (r'the following arguments are required: (?P<what>.*)', texts.USAGE_MISSING),
)
"""What argparse says, and what we say."""


def translate_parser_error(message: str) -> str:
    """Turn a complaint of argparse, whatever stands before it, into a line for a person."""
    for pattern, template in ERROR_MESSAGES:
        if match := re.search(pattern, message, re.DOTALL):
            return template.format(**match.groupdict())
    return texts.USAGE_OTHER.format(what=message)
