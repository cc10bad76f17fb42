"""What tests of chapters make their findings of: an indicator, and what is known of it in each area."""

from dataclasses import replace

import numpy as np
import pandas as pd

from lea_geo.schema import RESULT_COLUMNS, RESULT_WORDS, EthicalNote, Indicator, Text

NO = Text("-", "-", "-")


def indicator(code, **changes):
    """Return a share in per cent that weakens; ``changes`` replace its fields."""
    plain = Indicator(
        code=code,
        name=Text(f"{code} fi", f"{code} sv", f"{code} en"),
        explanation=NO,
        unit="percent",
        kind="intensive",
        direction="weakens",
        domain="material_living_standards",
        perspective="individual",
        phenomenon="work",
        ethics=EthicalNote(NO, NO),
        numerator=("a",),
        denominator=("b",),
        scale=100.0,
    )
    return replace(plain, **changes)


def result(ids, **columns):
    """Return a result of these areas, blank but for ``columns``."""
    frame = pd.DataFrame(index=ids, columns=list(RESULT_COLUMNS), dtype=float)
    for column in RESULT_COLUMNS:
        if column.endswith(RESULT_WORDS):
            frame[column] = ""
    return frame.assign(**columns)


def counted(ids, events, people, *, hidden=()):
    """Return a result of counts, withheld in the areas ``hidden``."""
    known = ~ids.isin(hidden)
    events, people = np.where(known, events, np.nan), np.where(known, people, np.nan)
    status = np.where(known, "observed", "suppressed")
    return result(ids, value=100 * events / people, numerator=events, denominator=people, status=status)
