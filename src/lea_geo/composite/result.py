"""What an index is: scores and ranks by area, weights in effect, and every cell that was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._by_area import ByArea

if TYPE_CHECKING:
    from lea_geo.composite.engine import Engine, Learnt
    from lea_geo.composite.screen import Screened
    from lea_geo.composite.tree import Tree
    from lea_geo.composite_spec import CompositeSpec


@dataclass(frozen=True)
class CompositeResult(ByArea):
    """An index with all that it was made of."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``score`` and ``rank`` (1 for the highest score, equal ones share the best),
    one column for each group right below the index, and ``available``. With ledgers ``load load_rank
    resource resource_rank place`` (one of ``schema.PLACES``) in place of score and rank. NaN where too little
    is known; ``available`` is the share of the weights for which an area has a value of its own, 0 to 1."""
    nodes: pd.DataFrame
    """One row for each group, the index or the ledgers included, and area (index levels ``code area_id``):
    ``level``; ``score``, as aggregated; ``enters``, as it counts in the group above; ``result``, as it is
    published; ``rank`` of the result; ``available``."""
    values: pd.DataFrame
    """What the index ran on: indicators in their own units, gaps filled where it says so, before they are
    transformed and treated; indexed by ``area_id``, a column for each indicator."""
    normalised: pd.DataFrame
    """Indicators as they count in their groups: indexed by ``area_id``, a column for each indicator."""
    weights: pd.DataFrame
    """Indexed by code of indicator or group: ``level``, ``parent``; ``stated`` and ``effective``, shares of
    the whole index (or of the ledger) that add up to 1 at each level: what the weights say, and what share
    of its variance each accounts for by itself (squared correlation over their sum); ``correlation`` with
    the index; ``stated_in_group`` and ``effective_in_group``, the same among the members of one group."""
    log: pd.DataFrame
    """One row for each cell without a value or changed: ``step area_id code status before after how``."""
    scales: Learnt
    """What the values have taught; ``composite_index(..., scales=...)`` puts another year on it."""
    screened: Screened
    """What screening found of indicators and of areas."""
    tree: Tree
    spec: CompositeSpec
    engine: Engine
    """What made it of ``values``, with all that it has learnt."""
    notes: tuple[str, ...]
    """All that a reader of the numbers should know, a sentence each."""

    def __repr__(self) -> str:
        scored = int(self.table.iloc[:, 0].notna().sum())
        kind = "two ledgers" if self.spec.ledgers else "index"
        groups = len(self.tree.groups) - len(self.tree.roots)
        made = f"{kind} of {self.tree.n_indicators} indicators in {groups} groups"
        return f"<CompositeResult: {made}, {scored} of {len(self.table)} areas scored>"

    def node(self, code: str) -> pd.DataFrame:
        """Return ``level score enters result rank available`` of one group, indexed by ``area_id``."""
        return pd.DataFrame(self.nodes.xs(code, level="code"))
