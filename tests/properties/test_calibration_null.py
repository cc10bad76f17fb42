"""On a thousand maps of pure noise p-values are uniform, or conservative where data are discrete."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from null_fields import HOLES, LEVEL, SIDE, noise
from scipy import stats
from small_maps import square

import lea_geo as lea
from lea_geo.spatial.inference import adjusted

FIELDS = 1_000
LEVELS = (0.001, 0.01, 0.05, 0.1)
CONTINUOUS = ("gaussian", "heavy tailed")
COLUMNS = ("p_lower", "p_upper", "p_value", "p_mid")


@dataclass(frozen=True)
class Noise:
    """p-values of local Moran on many maps; each array has the shape (maps, areas)."""

    kind: str
    columns: dict[str, np.ndarray]

    def one_area_a_map(self, column: str) -> np.ndarray:
        """Return p-values that know nothing of each other: of map m only area m, counted around."""
        p = self.columns[column]
        return p[np.arange(len(p)), np.arange(len(p)) % p.shape[1]]

    def share(self, column: str, level: float) -> tuple[float, float]:
        """Return the share of p-values up to a level, with its standard error.

        Areas of one map depend on each other, maps do not: the error is that of a mean over maps.
        """
        shares = (self.columns[column] <= level * (1 + 1e-12)).mean(axis=1)
        return float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(len(shares)))


@pytest.fixture(scope="module", params=["gaussian", "counts", "heavy tailed"])
def nulls(request: pytest.FixtureRequest) -> Noise:
    graph = square(SIDE, HOLES)
    tables = []
    for seed in range(FIELDS):
        values = pd.Series(noise(request.param, seed, graph.n), graph.ids)
        result = lea.local_moran(values, graph, method="exact")
        assert result.method == "exact"
        tables.append(result.table)
    return Noise(
        request.param, {c: np.array([table[c] for table in tables]) for c in COLUMNS if c in tables[0]}
    )


def test_p_values_of_continuous_noise_are_uniform(nulls):
    for column in COLUMNS:
        p = nulls.one_area_a_map(column)
        if nulls.kind in CONTINUOUS:
            assert stats.kstest(p, "uniform").pvalue > 0.001, column
    for column in ("p_lower", "p_upper", "p_value"):
        # No number of areas up to a level is larger than it should be, whatever the field.
        p = nulls.one_area_a_map(column)
        assert stats.kstest(p, "uniform", alternative="greater").pvalue > 0.001, column


@pytest.mark.parametrize("column", ["p_lower", "p_upper", "p_value"])
@pytest.mark.parametrize("level", LEVELS)
def test_no_level_is_exceeded(nulls, column, level):
    share, error = nulls.share(column, level)
    assert share <= level + 4 * error


@pytest.mark.parametrize("level", LEVELS)
def test_the_levels_of_continuous_noise_are_used_up(nulls, level):
    share, error = nulls.share("p_value", level)
    if nulls.kind in CONTINUOUS:
        assert share >= 0.97 * level - 4 * error


@pytest.mark.parametrize("level", [0.01, 0.05, 0.1])
def test_the_mid_p_of_counts_is_closer_to_its_level_than_the_p_value(nulls, level):
    plain, error = nulls.share("p_value", level)
    mid, _ = nulls.share("p_mid", level)
    assert plain <= mid
    if nulls.kind == "counts":
        assert level - plain > 4 * error  # there is something to mend
        assert abs(mid - level) < abs(plain - level)


def test_pure_noise_is_labelled_on_no_more_maps_than_stated(nulls):
    # Where nothing is planted, the false discovery rate is the share of maps with any label.
    labelled = np.array([(adjusted(p, "bh") <= LEVEL).any() for p in nulls.columns["p_value"]])
    assert labelled.mean() <= LEVEL + 4 * np.sqrt(LEVEL * (1 - LEVEL) / FIELDS)


def test_values_that_have_to_be_rounded_to_the_lattice_are_calibrated_too():
    graph = square(SIDE, HOLES)
    tails = []
    for seed in range(40):
        values = pd.Series(np.exp(np.random.default_rng(seed).normal(size=graph.n)), graph.ids)
        result = lea.local_moran(values, graph)
        assert (result.method, result.error > 0) == ("exact", True)
        tails.append(result.table["p_upper"].to_numpy())
    p = np.array(tails)
    assert stats.kstest(p[np.arange(40), np.arange(40)], "uniform").pvalue > 0.001
    shares = (p <= 0.1).mean(axis=1)
    assert abs(shares.mean() - 0.1) <= 4 * shares.std(ddof=1) / np.sqrt(40)


def test_join_counts_of_scattered_attributes_exceed_no_level():
    graph = square(SIDE, HOLES)
    shares = []
    for seed in range(150):
        has = pd.Series((noise("gaussian", seed, graph.n) > 0.5).astype(float), graph.ids)
        p = lea.local_join_count(has, graph).table["p_value"].dropna()
        shares.append([(p <= level).mean() for level in LEVELS])
    error = np.std(shares, axis=0, ddof=1) / np.sqrt(150)
    assert (np.mean(shares, axis=0) <= np.array(LEVELS) + 4 * error).all()


@pytest.mark.parametrize("kind", ["gaussian", "counts"])
def test_local_geary_of_noise_is_calibrated(kind):
    graph = square(SIDE, HOLES)
    one_area, shares = [], []
    for seed in range(120):
        values = pd.Series(noise(kind, seed, graph.n), graph.ids)
        result = lea.local_geary(values, graph, permutations=999, fdr=0.9, seed=seed)
        p = result.table["p_upper"].to_numpy()
        one_area.append(p[seed % graph.n])
        shares.append([(p <= level).mean() for level in LEVELS[1:]])
    error = np.std(shares, axis=0, ddof=1) / np.sqrt(len(shares))
    assert (np.mean(shares, axis=0) <= np.array(LEVELS[1:]) + 4 * error).all()
    either = "two-sided" if kind == "gaussian" else "greater"
    assert stats.kstest(one_area, "uniform", alternative=either).pvalue > 0.001
