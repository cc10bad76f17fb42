"""What becomes of the ranking when a part of the index is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo.ranking import rank

if TYPE_CHECKING:
    from lea_geo.composite.engine import Engine

REMOVAL_COLUMNS = (
    "level",
    "ranking",
    "mean_shift",
    "share_moved",
    "largest_shift",
    "most_moved",
    "spearman",
    "lost",
)
"""Of each part left out: its level; whose ranking it is (``index``, ``load`` or ``resource``); by how many
places areas move on average, as a share of all ranked areas too, and at most; which area moves most; the
correlation of the two rankings; and how many areas have no score without it."""


@dataclass(frozen=True)
class Removal:
    """The ranking without each of the parts."""

    table: pd.DataFrame
    """Indexed by the code of the part left out, with ``REMOVAL_COLUMNS``, the most telling part first."""
    shifts: pd.DataFrame
    """(areas, parts): rank without the part less rank with it; below 0 the area moves towards rank 1."""


def removal(engine: Engine, x: np.ndarray, ids: pd.Index[str]) -> Removal:
    """Leave out each indicator and each group in turn, and rank again.

    Scales stay as they are; the weights of what remains stay in the same proportions. A part that is all
    of its index (or ledger) is not left out.

    Parameters
    ----------
    engine
        The index, with what it has learnt.
    x
        Values as for ``Engine.scores``.
    ids
        The areas.
    """
    tree = engine.tree
    full = engine.scores(x).put
    rows, shifts = {}, {}
    for node, said in enumerate(tree.nodes):
        root = _root(tree.parents, node)
        factors = np.ones(len(tree.nodes))
        factors[_within(tree.parents, node)] = 0.0
        if said.parent < 0 or not factors[tree.below(root)].any():
            continue
        without = rank(pd.Series(engine.scores(x, factors=factors).put[:, root]))
        before = rank(pd.Series(full[:, root]))
        shift = (without - before).to_numpy()
        shifts[said.code] = shift
        rows[said.code] = (said.level, tree.codes[root], *_told(shift, before, without, ids))
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(REMOVAL_COLUMNS))
    table.index = pd.Index(list(rows), name="code", dtype=str)
    order = table["mean_shift"].to_numpy(dtype=float)
    table = table.iloc[np.argsort(-np.nan_to_num(order), kind="stable")]
    return Removal(table, pd.DataFrame(shifts, index=ids))


def _told(
    shift: np.ndarray, before: pd.Series, without: pd.Series, ids: pd.Index[str]
) -> tuple[float, float, float, str, float, int]:
    size = np.abs(shift)
    lost = int((before.notna() & without.isna()).sum())
    held = ~np.isnan(size)
    if not held.any():
        return np.nan, np.nan, np.nan, "", np.nan, lost
    same = before[held].corr(without[held], method="spearman") if held.sum() > 2 else np.nan
    mean, most = float(size[held].mean()), int(np.nanargmax(size))
    share = mean / int(before.notna().sum())
    return mean, share, float(size[most]), str(ids[most]), float(same), lost


def _root(parents: np.ndarray, node: int) -> int:
    while parents[node] >= 0:
        node = int(parents[node])
    return node


def _within(parents: np.ndarray, node: int) -> np.ndarray:
    """Return which nodes are the node itself or below it."""
    inside = np.zeros(len(parents), dtype=bool)
    inside[node] = True
    for i in range(len(parents) - 1, -1, -1):  # members stand before their groups
        inside[i] |= parents[i] >= 0 and inside[parents[i]]
    return inside
