"""Codes of a known length, made whole again where only one code can have become the text that is there."""

from __future__ import annotations

import re

DIGITS = {"municipality": 3, "postal": 5}
"""How many digits the codes of an id scheme have."""
SCIENTIFIC = re.compile(r"(?P<whole>[0-9])(?:[.,](?P<rest>[0-9]+))?[eE]\+?(?P<exponent>[0-9]{1,2})")
_NO_DECIMALS = re.compile(r"(?<=[0-9])[.,]0+$")


def restore_code(text: str, digits: int) -> str:
    """Return the code of ``digits`` digits that a spreadsheet wrote as ``text``; the text if none is certain.

    Examples
    --------
    >>> restore_code("100", 5), restore_code("100.0", 5), restore_code("1.0012E+04", 5)
    ('00100', '00100', '10012')
    >>> restore_code("1.0E+04", 5)  # 10012 may have been rounded to this
    '1.0E+04'
    """
    code = _NO_DECIMALS.sub("", text)
    power = SCIENTIFIC.fullmatch(code)
    if power:
        written, needed = power["whole"] + (power["rest"] or ""), int(power["exponent"]) + 1
        if len(written) < needed or written[needed:].strip("0"):
            return text
        code = written[:needed]
    return code.zfill(digits) if re.fullmatch(rf"[0-9]{{1,{digits}}}", code) else text
