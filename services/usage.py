"""What is wrong with a command line, in Russian: the parser of the standard library speaks English alone."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from services import texts

SENTENCES: Final = (
    (r'unrecognized arguments: (?P<what>\S+)', texts.USAGE_UNKNOWN),
    (r'argument (?P<what>\S+): expected one argument', texts.USAGE_NO_VALUE),
    (r'argument (?P<what>\S+): ignored explicit argument .*', texts.USAGE_SWITCH),
    (r"argument \{.*\}: invalid choice: '(?P<what>.*)' \(choose from (?P<known>.*)\)", texts.USAGE_NO_COMMAND),
    (r'the following arguments are required: (?P<what>.*)', texts.USAGE_MISSING),
)
"""What argparse says, and what we say."""


def explain_usage(message: str, arguments: Sequence[str], options: Collection[str]) -> str:
    """Turn a complaint of argparse into a line for a person.

    Args:
        message: the complaint, whatever stands before it.
        arguments: the command line it is about.
        options: those that may stand before a command. An unknown one makes argparse take its value for a command,
            and complain of that.
    """
    for pattern, sentence in SENTENCES:
        if found := re.search(pattern, message, re.DOTALL):
            words = {name: value.replace("'", '') for name, value in found.groupdict().items()}
            before = arguments[: arguments.index(words['what'])] if words['what'] in arguments else ()
            for part in before:
                if part.startswith('--') and part.partition('=')[0] not in options:
                    return texts.USAGE_UNKNOWN.format(what=part)
            return sentence.format(**words)
    return texts.USAGE_OTHER.format(what=message)
