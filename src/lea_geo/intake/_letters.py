"""Letters that an earlier program lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Control characters, the replacement character, and UTF-8 that was read as cp1252 or latin-1 (ä as Ã¤). No
# name in Finnish, Swedish, Sámi or English holds any of them.
_GARBLED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]|Ã[\u0080-\u00bf\u0152-\u2122]|Â[\u00a0-\u00bf]|â\u20ac"
)


def notes_on_letters(frame: pd.DataFrame) -> list[str]:
    """Return one note for each column whose texts hold letters that an earlier program garbled."""
    notes = []
    for name in frame.columns:
        texts = [text for text in frame[name].tolist() if isinstance(text, str)]
        garbled = [text for text in texts if _GARBLED.search(text)]
        if garbled:
            notes.append(
                f"Column {name!r}: {len(garbled)} of {len(texts)} texts have garbled letters, such as "
                f"{garbled[0]!a}; they were left as they are."
            )
    return notes
