"""The Gini coefficient split into pairs of areas that are neighbours and pairs that are not.

``inequality.gini.Gini_Spatial`` (PySAL inequality 1.1.2) gives the same two sums for a symmetric binary
graph, and is not used: it takes areas by position, counts no people, calls the far sum over ``2 n^2 mean`` a
share (it is a part of the Gini, not of 1), and reports the smaller tail of a one-sided test, so that its
p-value of pure chance is below 0.1 in a fifth of all maps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd

from lea_geo._checks.inequality import check_areas_of_graph, check_meaning, check_near
from lea_geo._checks.options import check_count
from lea_geo.inequality import formulas
from lea_geo.inequality.estimate import Form, Measure, measured
from lea_geo.inequality.options import Options, Settings
from lea_geo.inequality.result import WEIGHTINGS, Estimate
from lea_geo.inequality.sample import Sample
from lea_geo.spatial.graph import AreaGraph, as_graph

if TYPE_CHECKING:
    from libpysal.graph import Graph

    from lea_geo.inequality.formulas import Formula


@dataclass(frozen=True)
class SpatialGini:
    """The Gini of near and of far pairs, and whether neighbours are more alike than by chance."""

    table: pd.DataFrame
    """One row a weighting (``weighted``, ``unweighted``): ``gini``, its parts ``near`` and ``far`` with
    ``near_lower near_upper far_lower far_upper``; ``near_share`` of the whole, the share ``expected`` of
    areas that lie anywhere, and ``p_lower p_upper p_value`` of the permutations."""
    near: tuple[Estimate, Estimate]
    """The part of near pairs, of people and of areas."""
    far: tuple[Estimate, Estimate]
    n_areas: int
    n_near: int
    """Pairs of neighbours."""
    n_pairs: int
    permutations: int
    seed: int
    level: float
    includes: str
    notes: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The share of the inequality that lies between neighbours, of people."""
        return self._of_people("near_share")

    @property
    def expected(self) -> float:
        """What ``value`` would be if values lay anywhere: the share of all pairs of people that are near."""
        return self._of_people("expected")

    @property
    def p_value(self) -> float:
        """Two-sided: how likely a share as far from that is where values lie anywhere."""
        return self._of_people("p_value")

    def _of_people(self, column: str) -> float:
        return float(self.table[column].to_numpy(dtype=float)[0])


def spatial_gini(
    values: pd.Series,
    population: pd.Series | None,
    graph: AreaGraph | Graph,
    *,
    permutations: int = 999,
    **options: Unpack[Options],
) -> SpatialGini:
    """Split the Gini coefficient into pairs of neighbours and all other pairs, and test it.

    ``near = sum_{i~j} w_i w_j |x_i - x_j| / (2 mean)`` over ordered pairs of neighbours, ``far`` over all
    others; they add up to the Gini. Where neighbours are alike, near pairs hold less of the inequality than
    their number. Tested by letting the values change places while the people stay: where many people live
    next to each other, near pairs hold more of any Gini.

    Parameters
    ----------
    values, population
        As in :func:`lea_geo.gini`.
    **options
        Counts, level, runs, seed and the rest, as in :func:`lea_geo.gini`.
    graph
        Who is whose neighbour; two areas are near where either is the other's neighbour. It may hold more
        areas.
    permutations
        How many times the values change places.

    Raises
    ------
    UsageError, ValuesError
        As in :func:`lea_geo.gini`, and if an area is not in the graph, or no pair or every pair is near.

    References
    ----------
    Rey and Smith (2013), https://doi.org/10.1007/s12076-012-0086-z
    """
    permutations = check_count("permutations", permutations, least=19)
    sample, settings = Sample.of(values, population, options), Settings.of(options)
    check_meaning("negative values", sample.x < 0, sample.ids, cure="The Gini compares shares of a total.")
    check_meaning("nothing but zeros", np.full(sample.n, sample.mean <= 0), sample.ids, cure="")
    pairs = near_pairs(sample, graph)
    parts = _parts(pairs)
    result = measured(sample, settings, parts)
    near, far = (
        tuple(result.estimate(form.form, weighting) for weighting in WEIGHTINGS) for form in parts.forms
    )
    rows = [_tested(sample, w, pairs, permutations, settings.seed) for w in (sample.people, sample.alike)]
    table = pd.DataFrame(rows, index=pd.Index(WEIGHTINGS, name="weighting"))
    for name, estimates in (("near", near), ("far", far)):
        table[f"{name}_lower"] = [one.lower for one in estimates]
        table[f"{name}_upper"] = [one.upper for one in estimates]
    return SpatialGini(
        table,
        (near[0], near[1]),
        (far[0], far[1]),
        sample.n,
        len(pairs[0]),
        sample.n * (sample.n - 1) // 2,
        permutations,
        settings.seed,
        settings.level,
        result.includes,
        result.notes,
    )


def _parts(pairs: tuple[np.ndarray, np.ndarray]) -> Measure:
    """Return both parts of the Gini; by themselves they say nothing of equality."""
    nothing = float("nan")
    return Measure(
        (
            Form("near_gini", "relative", _near(*pairs), equal=nothing, needs_noise=True),
            Form("far_gini", "absolute", _far(*pairs), equal=nothing, needs_noise=True),
        )
    )


def near_pairs(sample: Sample, graph: AreaGraph | Graph) -> tuple[np.ndarray, np.ndarray]:
    """Return positions of both areas of every near pair, each pair once."""
    linked = as_graph(graph)
    places = check_areas_of_graph(sample.ids, linked.ids)
    part = linked.take(places.astype(np.int32))
    focal, neighbor = np.asarray(part.focal, dtype=np.int64), np.asarray(part.indices, dtype=np.int64)
    low, high = np.minimum(focal, neighbor), np.maximum(focal, neighbor)
    keys = np.unique((low * sample.n + high)[low < high])
    check_near(len(keys), sample.n)
    return keys // sample.n, keys % sample.n


def _sum(x: np.ndarray, w: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    gaps = np.abs(x[..., one] - x[..., other]) * w[..., one] * w[..., other]
    return np.asarray(gaps.sum(axis=-1))


def _near(one: np.ndarray, other: np.ndarray) -> Formula:
    return lambda x, w, p: _sum(x, w, one, other) / formulas.mean(x, w)  # noqa: ARG005


def _far(one: np.ndarray, other: np.ndarray) -> Formula:
    near = _near(one, other)
    return lambda x, w, p: formulas.gini(x, w, p) - near(x, w, p)


def _tested(
    sample: Sample, w: np.ndarray, pairs: tuple[np.ndarray, np.ndarray], permutations: int, seed: int
) -> dict[str, float]:
    """Return the parts of one weighting, and where the near one lies among permutations."""
    x, n = sample.x, sample.n
    gini = float(formulas.gini(x, w, w))
    near = float(_near(*pairs)(x, w, w))
    share = near / gini if gini > 0 else float("nan")
    rng = np.random.Generator(np.random.Philox(key=np.array([seed, 3], dtype=np.uint64)))
    drawn = np.empty(permutations)
    for k in range(permutations):
        y = x[rng.permutation(n)]
        drawn[k] = _near(*pairs)(y, w, w) / formulas.gini(y, w, w) if gini > 0 else 0.0
    # A sum in another order differs by rounding from one that is equal.
    p_lower = (1 + np.count_nonzero(drawn <= share + 1e-12)) / (1 + permutations)
    p_upper = (1 + np.count_nonzero(drawn >= share - 1e-12)) / (1 + permutations)
    pair = w[pairs[0]] * w[pairs[1]]
    return {
        "gini": gini,
        "near": near,
        "far": gini - near,
        "near_share": share,
        # The mean of |x_i - x_j| over permutations is the same for all pairs.
        "expected": float(pair.sum() / ((1 - (w * w).sum()) / 2)),
        "p_lower": p_lower,
        "p_upper": p_upper,
        "p_value": min(1.0, 2 * min(p_lower, p_upper)),
    }
