"""What is wrong with a command line, in Russian: the parser of the standard library speaks English alone."""

import re
from typing import Final

from services import texts

SENTENCES: Final = (
    (r'unrecognized arguments: (?P<what>\S+)', texts.USAGE_UNKNOWN),
    (r'argument (?P<what>\S+): expected one argument', texts.USAGE_NO_VALUE),
    (r'argument (?P<what>\S+): ignored explicit argument .*', texts.USAGE_SWITCH),
    (r'the following arguments are required: (?P<what>.*)', texts.USAGE_MISSING),
)
"""What argparse says, and what we say."""


def explain_usage(message: str) -> str:
    """Turn a complaint of argparse, whatever stands before it, into a line for a person."""
    for pattern, sentence in SENTENCES:
        if found := re.search(pattern, message, re.DOTALL):
            return sentence.format(**found.groupdict())
    return texts.USAGE_OTHER.format(what=message)
