"""The version of the program. This module imports nothing that takes long."""

import tomllib
from importlib.metadata import version
from pathlib import Path

PACKAGE = 'message-journal'
PYPROJECT = Path(__file__).parents[2] / 'pyproject.toml'


def program_version() -> str:
    """Return the version in pyproject.toml or, of an installed package, that of its metadata."""
    try:
        text = PYPROJECT.read_text('utf-8')
    except FileNotFoundError:
        return version(PACKAGE)
    return str(tomllib.loads(text)['project']['version'])


def print_version() -> None:
    """Print the name of the package and its version."""
    print(PACKAGE, program_version())
