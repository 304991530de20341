"""Cells of CSV files that a spreadsheet would run as formulas (CSV injection), made harmless and restored."""

import re

FORMULA_START = re.compile("'*[-=+@\uff0d\uff1d\uff0b\uff20\t\r\n]")
"""What a spreadsheet may run: the signs in both widths, and white space before which some programs look for them."""
ESCAPED_FORMULA = re.compile(f"'{FORMULA_START.pattern}")


def escape_formula(cell: str) -> str:
    """Prefix a cell with an apostrophe if a spreadsheet would run it as a formula, or if it looks already escaped.

    `unescape_formula` restores exactly the same cell.
    """
    return f"'{cell}" if FORMULA_START.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """Remove the apostrophe that `escape_formula` added."""
    return cell[1:] if ESCAPED_FORMULA.match(cell) else cell
