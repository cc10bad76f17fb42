"""What must hold of every adaptive grid."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.intake.grid import grid_id

SIDES = (250, 500, 1000)


@st.composite
def places(draw):
    """People in some cells of a square of 2 km, each in one postal area or two."""
    at = draw(
        st.lists(st.tuples(st.integers(0, 63), st.integers(0, 2)), min_size=1, max_size=24, unique=True)
    )
    people = draw(st.lists(st.integers(0, 14), min_size=len(at), max_size=len(at)))
    cell = [grid_id(385_000 + 250 * (p % 8), 6_675_000 + 250 * (p // 8), 250) for p, _ in at]
    index = pd.MultiIndex.from_arrays([cell, [f"p{q}" for _, q in at]], names=["area_id", "postal"])
    return pd.Series(people, index=index)


@given(places(), st.integers(1, 12), st.sampled_from([250, 700, 3000, 20_000]))
def test_everybody_is_in_one_square_with_enough_people_or_hidden(pieces, k, price):
    people = pieces.groupby(level=0).sum()
    grid = lea.adaptive_grid(people, k=k, sides=SIDES, price=price)
    assert (grid.table["people"] >= k).all()
    assert grid.table["people"].sum() + grid.hidden["people"].sum() == people.sum()
    within = people.groupby(grid.member).sum().drop("", errors="ignore")
    pd.testing.assert_series_equal(within.sort_index(), grid.table["people"].sort_index(), check_names=False)
    squares = grid.to_areas()
    assert np.isclose(squares.union_all().area, squares.area.sum())
    loss = (grid.table["people"] * grid.table["side"]).sum() + grid.hidden["people"].sum() * price
    assert grid.loss == loss


@given(places(), st.integers(2, 8), st.sampled_from([700, 3000, 20_000]))
def test_beside_postal_totals_nothing_small_can_be_found(pieces, k, price):
    grid = lea.adaptive_grid(pieces, k=k, sides=SIDES, price=price)
    assert grid.published.agrees(pieces.to_numpy())
    assert unsafe_groups(grid.published, k, pieces.to_numpy()).safe
    assert grid.loss >= lea.adaptive_grid(pieces.groupby(level=0).sum(), k=k, sides=SIDES, price=price).loss
