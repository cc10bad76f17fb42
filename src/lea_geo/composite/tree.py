"""The hierarchy of a composite index: which indicator counts in which group, and by which methods."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo._checks.composite import TreeFaults
from lea_geo.composite.treat import transform
from lea_geo.composite_spec import Aggregate, AtLevel, CompositeSpec, Node, Normalise, Weighting
from lea_geo.errors import ValuesError
from lea_geo.schema import DIRECTIONS, INDEX, LEDGERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from lea_geo.schema import Indicator, Text

Path = tuple[str, ...]
"""The groups that something is in, from the top; of ledgers, the ledger comes first."""


@dataclass(frozen=True)
class Member:
    """One node of a tree with everything that holds for it: nothing is left to look up elsewhere."""

    code: str
    label: str
    """The code without the groups that divide it: ``safety`` of ``health.safety``."""
    level: str
    """``indicator``, ``index``, ``load``, ``resource``, ``group`` or a level of the catalogue."""
    parent: int
    """Where its parent stands among the nodes; -1 for the index and for ledgers."""
    weight: float | None
    """As stated; None where nothing is."""
    high: str
    """What a high score of it means, ``protects`` or ``weakens``."""
    normalise: Normalise | None = None
    weighting: Weighting | None = None
    aggregate: Aggregate | None = None
    result: Normalise | None = None
    name: Text | None = None
    column: str = ""
    direction: str = ""
    transform: str = ""
    whole: float = 1.0
    """What a whole is in the indicator's unit: 100 for percentages of a catalogue, otherwise 1."""

    @property
    def flip(self) -> bool:
        """Whether an indicator scores high where its values are low."""
        return bool(self.direction) and self.direction != self.high


@dataclass(frozen=True)
class Tree:
    """The nodes from below: indicators; groups, each after all its members; the index or the ledgers."""

    nodes: tuple[Member, ...]
    n_indicators: int

    def __repr__(self) -> str:
        return f"<Tree: {self.n_indicators} indicators, {len(self.nodes) - self.n_indicators} groups>"

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The nodes' codes, each once."""
        return tuple(node.code for node in self.nodes)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The nodes' levels."""
        return tuple(node.level for node in self.nodes)

    @cached_property
    def parents(self) -> np.ndarray:
        """Where each node's parent stands, -1 for roots; shape (nodes,)."""
        return np.array([node.parent for node in self.nodes])

    @property
    def indicators(self) -> tuple[Member, ...]:
        """The indicators, in the order of columns."""
        return self.nodes[: self.n_indicators]

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Where groups, the index and ledgers stand, from below."""
        return tuple(range(self.n_indicators, len(self.nodes)))

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """Where the index stands, or the two ledgers."""
        return tuple(int(i) for i in np.flatnonzero(self.parents < 0))

    @cached_property
    def top(self) -> tuple[int, ...]:
        """The groups right below the index or a ledger."""
        return tuple(i for i in self.groups if self.nodes[i].parent in self.roots)

    def members(self, node: int) -> np.ndarray:
        """Return where the members of a group stand."""
        return np.flatnonzero(self.parents == node)

    def below(self, node: int) -> np.ndarray:
        """Return where the indicators of a group stand, at any depth."""
        inside = np.zeros(len(self.nodes), dtype=bool)
        inside[node] = True
        for i in range(len(self.nodes) - 1, -1, -1):
            inside[i] |= self.parents[i] >= 0 and inside[self.parents[i]]
        return np.flatnonzero(inside[: self.n_indicators])


def build_tree(
    spec: CompositeSpec, indicators: Iterable[Indicator] = (), *, without: Collection[str] = ()
) -> Tree:
    """Build the hierarchy of an index.

    Parameters
    ----------
    spec
        The index.
    indicators
        What the catalogue knows of the indicators that there are.
    without
        Codes of indicators to leave out; groups that they empty are left out with them.

    Raises
    ------
    SpecError
        Unknown groups, groups without members, circles, codes that occur twice, indicators whose direction
        nobody knows: all of it at once.
    """
    known = {indicator.code: indicator for indicator in indicators}
    faults = TreeFaults()
    leaves = [_leaf(node, spec, known, faults) for node in _listed(spec, known)]
    paths = _paths(spec, leaves, known, faults)
    faults.check_groups(spec, _prefixes(paths))
    faults.check_both_ledgers(spec, {leaf.direction for leaf in leaves})
    kept = [i for i, leaf in enumerate(leaves) if leaf.code not in without]
    faults.check_some(kept, without)
    codes = _codes(_prefixes(paths), spec.ledgers)
    listed = [group.code for group in spec.groups]
    faults.check_codes([leaf.code for leaf in leaves], list(codes.values()), listed)
    faults.raise_if_any()
    return _assemble(spec, [leaves[i] for i in kept], [paths[i] for i in kept], codes)


def unknown_directions(spec: CompositeSpec, indicators: Iterable[Indicator]) -> tuple[str, ...]:
    """Return the indicators that an index of all indicators leaves out, as nobody says what they mean."""
    if spec.indicators:
        return ()
    return tuple(indicator.code for indicator in indicators if indicator.direction not in DIRECTIONS)


def _listed(spec: CompositeSpec, known: Mapping[str, Indicator]) -> Sequence[Node]:
    """Return the nodes of the indicators: those listed, or all that the catalogue can place."""
    if spec.indicators:
        return spec.indicators
    return [Node(code) for code, indicator in known.items() if indicator.direction in DIRECTIONS]


def _leaf(node: Node, spec: CompositeSpec, known: Mapping[str, Indicator], faults: TreeFaults) -> Member:
    indicator = known.get(node.code)
    direction = node.direction or (indicator.direction if indicator else "")
    faults.check_direction(node.code, direction)
    how = node.normalise or _at(spec, "indicator").normalise or spec.normalise
    whole = 100.0 if indicator and indicator.unit == "percent" else 1.0
    return Member(
        code=node.code,
        label=node.code,
        level="indicator",
        parent=-1,
        weight=node.weight,
        high=direction if spec.ledgers else spec.high,
        normalise=_in_transformed_unit(node, how, whole, faults),
        name=node.name or (indicator.name if indicator else None),
        column=node.column or node.code,
        direction=direction,
        transform=node.transform,
        whole=whole,
    )


def _in_transformed_unit(node: Node, how: Normalise, whole: float, faults: TreeFaults) -> Normalise:
    """Return a normalisation whose goalposts and targets are transformed as the values are.

    They are stated in the unit of the indicator: of log income, 100 and 75000 and not 4.6 and 11.2.
    """
    if not node.transform:
        return how
    stated = {name: getattr(how, name) for name in _IN_OWN_UNIT if getattr(how, name) not in (None, ())}
    values = {name: np.atleast_1d(np.asarray(value, dtype=float)) for name, value in stated.items()}
    try:
        moved = {name: transform(value, node.transform, top=whole) for name, value in values.items()}
    except ValuesError:
        faults.add_outside(node.code, node.transform, [value for some in values.values() for value in some])
        return how
    changed: dict[str, Any] = {
        name: tuple(value.tolist()) if name == "breaks" else float(value[0]) for name, value in moved.items()
    }
    return replace(how, **changed)


_IN_OWN_UNIT = ("minimum", "maximum", "target", "reference", "breaks")
"""What a normalisation states in the unit of the values."""


def _paths(
    spec: CompositeSpec, leaves: Sequence[Member], known: Mapping[str, Indicator], faults: TreeFaults
) -> list[Path]:
    nodes = {node.code: node for node in spec.indicators}
    chains = {} if spec.levels else _chains(spec, faults)
    placed = [known[leaf.code] for leaf in leaves if leaf.code in known]
    paths = []
    for leaf in leaves:
        parent = nodes[leaf.code].parent if leaf.code in nodes else ""
        if not spec.levels:
            path = chains.get(parent, ())
            faults.check_parent(leaf.code, parent, chains)
        elif leaf.code in known and not parent:
            path = _by_catalogue(spec, known[leaf.code])
        else:
            path = _beside(spec, leaf.code, parent, placed, faults)
        paths.append((_ledger(leaf), *path) if spec.ledgers else path)
    return paths


def _ledger(leaf: Member) -> str:
    return LEDGERS[leaf.direction != "weakens"]


def _by_catalogue(spec: CompositeSpec, indicator: Indicator) -> Path:
    return tuple(str(getattr(indicator, level)) for level in reversed(spec.levels))


def _beside(
    spec: CompositeSpec, code: str, parent: str, placed: Iterable[Indicator], faults: TreeFaults
) -> Path:
    """Return the path of an indicator that a catalogue does not place: below the group that it names."""
    known = {
        path[: depth + 1]
        for path in (_by_catalogue(spec, indicator) for indicator in placed)
        for depth in range(len(path))
    }
    found = [path for path in known if parent in {path[-1], ".".join(path)}]
    faults.check_place(code, parent, found, {path[-1] for path in known})
    return found[0] if found else ()


def _chains(spec: CompositeSpec, faults: TreeFaults) -> dict[str, Path]:
    """Return the path of every group listed by hand, itself included; of the index, the empty one."""
    groups = {group.code: group for group in spec.groups}
    chains: dict[str, Path] = {"": ()}
    for code, group in groups.items():
        path: Path = (code,)
        above = group.parent
        while above in groups and above not in path:
            path, above = (above, *path), groups[above].parent
        faults.check_chain(code, above, path, groups)
        chains[code] = path
    return chains


def _prefixes(paths: Iterable[Path]) -> list[Path]:
    """Return every group, in the order in which the indicators name them."""
    return list(dict.fromkeys(path[: depth + 1] for path in paths for depth in range(len(path))))


def _codes(groups: Sequence[Path], ledgers: bool) -> dict[Path, str]:
    """Return the groups' codes: their labels, but after their parents' where a label occurs in several."""
    often = Counter((len(path), path[-1]) for path in groups)
    codes: dict[Path, str] = {}
    for path in sorted(groups, key=len):
        divided = often[len(path), path[-1]] > 1 and len(path) > 1
        codes[path] = f"{codes[path[:-1]]}.{path[-1]}" if divided else path[-1]
    return codes if ledgers else {**codes, (): INDEX}


def _assemble(
    spec: CompositeSpec, leaves: Sequence[Member], paths: Sequence[Path], codes: Mapping[Path, str]
) -> Tree:
    roots: list[Path] = [] if spec.ledgers else [()]
    groups = sorted(_prefixes(paths) + roots, key=len, reverse=True)
    place = {path: len(leaves) + i for i, path in enumerate(groups)}
    below = tuple(replace(leaf, parent=place[path]) for leaf, path in zip(leaves, paths, strict=True))
    above = tuple(_group(spec, path, codes[path], _above(path, place)) for path in groups)
    return Tree(below + above, len(leaves))


def _above(path: Path, place: Mapping[Path, int]) -> int:
    """Return where the group above stands; -1 above the index and above ledgers."""
    return place.get(path[:-1], -1) if path else -1


def _group(spec: CompositeSpec, path: Path, code: str, parent: int) -> Member:
    listed = {group.code: group for group in spec.groups}
    said = listed.get(code) or listed.get(path[-1] if path else code) or Node(code)
    depth = len(path) - spec.ledgers
    level = spec.levels[-depth] if spec.levels and depth else "group" if depth else code
    at = _at(spec, level)
    return Member(
        code=code,
        label=path[-1] if path else code,
        level=level,
        parent=parent,
        weight=said.weight,
        high=("weakens" if path[0] == LEDGERS[0] else "protects") if spec.ledgers else spec.high,
        normalise=said.normalise or at.normalise,
        weighting=said.weighting or at.weighting or spec.weighting,
        aggregate=said.aggregate or at.aggregate or spec.aggregate,
        result=said.result or at.result,
        name=said.name,
    )


def _at(spec: CompositeSpec, level: str) -> AtLevel:
    """Return what holds at a level; of a ledger, what it leaves out is as for the index."""
    said = {at.level: at for at in spec.at}
    own = said.get(level, AtLevel(level))
    if level not in LEDGERS:
        return own
    index = said.get(INDEX, AtLevel(level))
    return AtLevel(
        level,
        own.normalise or index.normalise,
        own.weighting or index.weighting,
        own.aggregate or index.aggregate,
        own.result or index.result,
    )
