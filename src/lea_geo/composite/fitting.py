"""Do the parts of an index fit together? Told by their types, before any value is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._checks.composite import check_weights_used, refuse_pairs
from lea_geo.composite.aggregate import check_pair
from lea_geo.composite.score_type import type_after, type_of
from lea_geo.composite_spec import Aggregate, Normalise, Weighting
from lea_geo.errors import UsageError

if TYPE_CHECKING:
    from lea_geo.composite.tree import Tree

AS_IS = Normalise("none")
"""How a score goes up of which nothing is said."""
STATED = ("stated", "optimised")
"""Weights that take those that somebody has stated."""


def check_pairs(tree: Tree) -> None:
    """Refuse, by type and before anything is computed, scores that cannot be combined as the index says."""
    types = [type_of(node.normalise or AS_IS) for node in tree.indicators]
    refused = {}
    for i in tree.groups:
        node, members = tree.nodes[i], tree.members(i)
        how = node.aggregate or Aggregate()
        for member in members:
            try:
                check_pair(how, types[member])
            except UsageError as error:
                refused[node.code] = str(error)
        types.append(type_of(node.normalise or AS_IS, type_after(how, [types[m] for m in members])))
    refuse_pairs(refused)


def check_weights(tree: Tree) -> None:
    """Refuse stated weights that nothing would use."""
    ways = {i: tree.nodes[i].weighting or Weighting() for i in tree.groups}
    unused = [
        node.code
        for node in tree.nodes
        if node.weight is not None and (node.parent < 0 or ways[node.parent].method not in STATED)
    ]
    check_weights_used(unused)
