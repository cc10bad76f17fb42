"""Agreement with the R package COINr on twelve made-up areas; coinr.R made the numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lea_geo.composite.aggregate import aggregate
from lea_geo.composite.normalise import learn
from lea_geo.composite_spec import Aggregate, Normalise

FOLDER = Path(__file__).parent / "coinr"
VALUES = pd.read_csv(FOLDER / "values.csv", index_col="id")
X = VALUES.to_numpy()
WEAKENS = np.array([True, True, True, False, False, False])
WEIGHTS = np.array([2.0, 1, 1, 3, 1, 2])
PARTS = {"hardship": WEAKENS, "means": ~WEAKENS}
TARGETS = [4, 3, 5, 70, 30000, 85]
FOURTH = X[3]
POSTS = [(5, 25), (0, 20), (0, 60), (20, 70), (10000, 40000), (50, 90)]

ONE_FOR_ALL = {
    "n_minmax": Normalise("min_max"),
    "n_minmax_1_10": Normalise("min_max", low=1, high=10),
    "n_zscore": Normalise("z"),
    "n_zscore_100_10": Normalise("z", mean=100, deviation=10),
    "n_dist2max": Normalise("min_max", low=0, high=1),
    "n_prank": Normalise("percentile_rank"),
    "n_prank_average": Normalise("percentile_rank", ties="average"),
    "n_rank": Normalise("rank", ties="min"),
    "n_rank_average": Normalise("rank"),
    "n_rank_max": Normalise("rank", ties="max"),
    "n_borda": Normalise("borda", ties="min"),
}
GATES = {
    "n_scaled": {"low": 0, "high": 50, "cap": False},
    "n_goalposts": {"low": 0, "high": 100},
    "n_goalposts_open": {"low": 0, "high": 1, "cap": False},
}
AGGREGATIONS = {
    "a_amean": Aggregate("arithmetic"),
    "a_gmean": Aggregate("geometric"),
    "a_hmean": Aggregate("harmonic"),
    "a_genmean_2": Aggregate("power", power=2),
    "a_genmean_half": Aggregate("power", power=0.5),
    "a_genmean_m3": Aggregate("power", power=-3),
}


def theirs(method: str) -> np.ndarray:
    table = pd.read_csv(FOLDER / "normalised.csv", index_col="id")
    return table[table["method"] == method].drop(columns="method").loc[VALUES.index].to_numpy()


def scores(how: Normalise, columns: object = slice(None)) -> np.ndarray:
    x, flip = X[:, columns], WEAKENS[columns]
    return learn(x, how, flip=flip).apply(x)


def one_by_one(hows: list[Normalise]) -> np.ndarray:
    return np.column_stack([scores(how, [column]) for column, how in enumerate(hows)])


def close(ours: np.ndarray, stored: np.ndarray) -> None:
    np.testing.assert_allclose(ours, stored, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("method", ONE_FOR_ALL)
def test_a_normalisation_with_the_same_options_for_all_gives_coinrs_scores(method):
    close(scores(ONE_FOR_ALL[method]), theirs(method))


@pytest.mark.parametrize("method", GATES)
def test_goalposts_give_coinrs_scores(method):
    hows = [Normalise("goalposts", minimum=low, maximum=high, **GATES[method]) for low, high in POSTS]
    close(one_by_one(hows), theirs(method))


@pytest.mark.parametrize(
    ("method", "targets", "cap"),
    [
        ("n_dist2targ", TARGETS, False),
        ("n_dist2targ_cap", TARGETS, True),
        ("n_dist2ref", FOURTH, False),
    ],
)
def test_distance_to_a_target_or_to_one_area_gives_coinrs_scores(method, targets, cap):
    hows = [Normalise("distance_to_target", target=target, cap=cap) for target in targets]
    close(one_by_one(hows), theirs(method))


def test_a_fraction_of_the_largest_is_coinrs_where_high_values_score_high():
    """COINr's own turns the wrong way for the others: -x / max(-x) = x / min(x) rises with x."""
    ours, stored = scores(Normalise("fraction_of_max")), theirs("n_fracmax")
    close(ours[:, ~WEAKENS], stored[:, ~WEAKENS])
    assert np.isnan(stored[:, WEAKENS]).all()


@pytest.mark.parametrize("method", AGGREGATIONS)
def test_an_aggregation_gives_coinrs_scores(method):
    stored = pd.read_csv(FOLDER / "aggregated.csv", index_col="id").loc[VALUES.index, method].to_numpy()
    ours = aggregate(scores(Normalise("min_max", low=1)), WEIGHTS, AGGREGATIONS[method], available=0.1)
    compared = ~np.isnan(stored)
    assert compared.sum() >= 9
    close(ours[compared], stored[compared])


def test_areas_that_lack_a_member_have_no_score_where_coinr_asks_for_all():
    stored = pd.read_csv(FOLDER / "aggregated.csv", index_col="id").loc[VALUES.index, "a_amean_complete"]
    ours = aggregate(scores(Normalise("min_max", low=1)), WEIGHTS, Aggregate(), available=1)
    assert np.isnan(ours).sum() == 3
    close(ours, stored.to_numpy())


def test_copeland_gives_coinrs_scores_among_areas_without_gaps():
    stored = pd.read_csv(FOLDER / "aggregated.csv", index_col="id").loc[VALUES.index, "a_copeland"].to_numpy()
    whole = ~np.isnan(X).any(axis=1)
    assert np.isnan(stored[~whole]).all()
    close(aggregate(scores(Normalise("min_max"))[whole], WEIGHTS, Aggregate("copeland")), stored[whole])


@pytest.mark.parametrize(
    ("name", "how", "inside"),
    [
        ("minmax_amean", Normalise("min_max"), Aggregate("arithmetic")),
        ("minmax_gmean_amean", Normalise("min_max", low=1), Aggregate("geometric")),
        ("prank_amean", Normalise("percentile_rank"), Aggregate("arithmetic")),
    ],
)
def test_two_levels_give_coinrs_index(name, how, inside):
    table = pd.read_csv(FOLDER / "index.csv", index_col="id")
    stored = table[table["index"] == name].loc[VALUES.index]
    whole = scores(how)
    parts = [aggregate(whole[:, part], WEIGHTS[part], inside, available=0.1) for part in PARTS.values()]
    close(np.column_stack(parts), stored[list(PARTS)].to_numpy())
    close(aggregate(np.column_stack(parts), np.array([3.0, 2.0]), Aggregate()), stored["score"].to_numpy())
