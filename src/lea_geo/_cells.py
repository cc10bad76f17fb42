"""A value as a cell of a CSV file: numbers in full, and no text that a spreadsheet would run."""

from __future__ import annotations

import math
import re

_TRIGGER = re.compile(r"(^|[;,|\t\r\n])([\s\"']*)(?=[=+\-@＝＋－＠])")
"""Where a formula could begin: at the start of a cell, or after what a spreadsheet in another country takes
for the border between two cells (a Finnish Excel cuts at semicolons)."""


def as_cell(value: object) -> str:
    """Return a value as a CSV cell: numbers in full, text such that no spreadsheet runs it.

    Examples
    --------
    >>> as_cell("=HYPERLINK(1)"), as_cell("a;=1"), as_cell(-0.1), as_cell(float("nan"))
    ("'=HYPERLINK(1)", "a;'=1", '-0.1', '')
    """
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value))
    if isinstance(value, str):
        safe = _TRIGGER.sub(r"\1\2'", value)
        return f"'{safe}" if safe.startswith(("\t", "\r", "\n")) else safe
    return "" if value is None else str(value)
