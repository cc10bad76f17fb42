"""What is found in fields with a planted cluster, and what is wrongly found, beside esda and pygeoda.

``tests/golden/numbers_of_power.py`` ran the others once on the same fields. They give the smaller tail; twice
that is the two-sided p-value, and a test with the smaller tail itself is one at twice the level.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from null_fields import DESIGNS, FIELDS, HOLES, LEVEL, SIDE, cells, planted
from small_maps import square

import lea_geo as lea

FOUND = Path(__file__).parents[1] / "golden" / "power" / "found.csv"
GAUSSIAN = ("gaussian 1.5", "gaussian 2.5")


@pytest.fixture(scope="module")
def theirs() -> pd.DataFrame:
    """Mean number of areas found in a field, inside and outside of the planted cluster."""
    found = pd.read_csv(FOUND)
    return found.groupby(["reading", "program", "design"])[["inside", "outside"]].mean()


@pytest.fixture(scope="module")
def q_values() -> dict[str, np.ndarray]:
    """q-values of local Moran, of shape (fields, areas) for each design."""
    graph = square(SIDE, HOLES)
    return {
        design: np.array(
            [
                lea.local_moran(pd.Series(planted(design, seed)[0], graph.ids), graph).table["q_value"]
                for seed in range(FIELDS)
            ]
        )
        for design in DESIGNS
    }


def found(q_values: dict[str, np.ndarray], design: str, level: float) -> tuple[float, float]:
    """Return the mean number of areas found in a field, inside and outside of the planted cluster."""
    hit = q_values[design] <= level * (1 + 1e-12)
    inside = planted(design, 0)[1]
    return hit[:, inside].sum(axis=1).mean(), hit[:, ~inside].sum(axis=1).mean()


def test_the_graph_is_that_of_the_planted_cells():
    row, column = cells()
    near = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column)) == 1
    assert (square(SIDE, HOLES).sparse().toarray() == near).all()


@pytest.mark.parametrize("level", [LEVEL, 2 * LEVEL])
@pytest.mark.parametrize("design", DESIGNS)
def test_the_share_of_false_discoveries_stays_below_the_stated_rate(q_values, design, level):
    # False is an area that neither belongs to the cluster nor borders on it.
    graph = square(SIDE, HOLES)
    inside = planted(design, 0)[1]
    far = ~inside & ~(graph.sparse().toarray()[:, inside] > 0).any(axis=1)
    hit = q_values[design] <= level * (1 + 1e-12)
    false = hit[:, far].sum(axis=1) / np.maximum(1, hit.sum(axis=1))
    assert hit.any(axis=1).mean() > 0.1  # there is something to be wrong about
    assert false.mean() <= level + 4 * false.std(ddof=1) / np.sqrt(FIELDS)


@pytest.mark.parametrize("program", ["esda", "pygeoda"])
@pytest.mark.parametrize("design", DESIGNS)
def test_at_the_same_level_more_of_the_planted_areas_are_found_than_by_999_permutations(
    q_values, theirs, design, program
):
    ours = found(q_values, design, LEVEL)[0]
    assert ours >= theirs.loc[("two-sided", program, design), "inside"]
    if design in GAUSSIAN:
        assert ours >= 2 * theirs.loc[("two-sided", program, design), "inside"]


@pytest.mark.parametrize("design", [*GAUSSIAN, "heavy tailed"])
def test_esdas_printed_p_values_find_no_more_than_a_test_at_their_level(q_values, theirs, design):
    ours = found(q_values, design, 2 * LEVEL)[0]
    assert ours >= theirs.loc[("printed", "esda", design), "inside"]


@pytest.mark.parametrize("program", ["esda", "pygeoda"])
def test_what_others_find_in_counts_lies_outside_as_often_as_inside(q_values, theirs, program):
    # They compare ties strictly in one of the tails, so that a sum that cannot be smaller is "significant".
    inside, outside = theirs.loc[("printed", program, "counts")]
    assert outside > 0.8 * inside
    inside, outside = found(q_values, "counts", 2 * LEVEL)
    assert outside < 0.1 * inside
