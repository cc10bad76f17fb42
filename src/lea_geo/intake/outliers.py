"""Counts that stand alone: people whom a register puts somewhere without knowing where they live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

TIMES = 5.0
LEAST_AREAS = 30


@dataclass(frozen=True)
class Outlier:
    """A count more than ``TIMES`` the next largest one."""

    field: str
    area_id: str
    value: float
    next_largest: float

    def __str__(self) -> str:
        return (
            f"{self.field} is {self.value:g} in {self.area_id}, more than {TIMES:g} times the next largest "
            f"({self.next_largest:g}): perhaps people without a known address. The area was kept."
        )


def stand_alone(counts: pd.DataFrame) -> tuple[Outlier, ...]:
    """Return the counts that are more than five times the next largest of their column.

    The rule looks only at the gap between the two largest of at least 30 observed values: real places grow by
    degrees, while an address of convenience does not. Shares, averages and sums of money are not for it.

    Parameters
    ----------
    counts
        Counts of people, households or dwellings, area by field; NaN where there is none.
    """
    found = []
    for field in counts.columns:
        top = counts[field].dropna().nlargest(2)
        if counts[field].notna().sum() >= LEAST_AREAS and top.iloc[0] > TIMES * top.iloc[1] > 0:
            found.append(Outlier(str(field), str(top.index[0]), float(top.iloc[0]), float(top.iloc[1])))
    return tuple(found)
