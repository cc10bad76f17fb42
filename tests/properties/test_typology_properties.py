"""What must hold of any composition, any division and any regions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse.csgraph import connected_components

import lea_geo as lea
from lea_geo.typology.agreement import adjusted_rand, jaccard, matched
from lea_geo.typology.log_ratio import (
    aitchison_distances,
    alr,
    alr_inverse,
    closed,
    clr,
    clr_inverse,
    ilr,
    ilr_inverse,
    partition_basis,
    pivot_basis,
)

SHARES = arrays(float, st.tuples(st.integers(2, 8), st.integers(2, 6)), elements=st.floats(0.001, 1)).map(
    closed
)
COUNTS = arrays(np.int64, st.tuples(st.integers(4, 10), st.integers(2, 5)), elements=st.integers(0, 50))


def partition(parts: int, draw: np.random.Generator) -> np.ndarray:
    """Return a sequential binary partition at random."""
    rows, groups = [], [list(range(parts))]
    while groups:
        group = groups.pop()
        if len(group) == 1:
            continue
        draw.shuffle(group)
        at = int(draw.integers(1, len(group)))
        row = np.zeros(parts)
        row[group[:at]], row[group[at:]] = 1, -1
        rows.append(row)
        groups += [group[:at], group[at:]]
    return np.array(rows)


@given(SHARES, st.integers(0, 100))
def test_log_ratios_go_back_to_the_shares_and_clr_adds_up_to_0(shares, seed):
    parts = shares.shape[1]
    assert np.abs(clr(shares).sum(axis=1)).max() < 1e-9
    np.testing.assert_allclose(clr_inverse(clr(shares)), shares, rtol=1e-9)
    np.testing.assert_allclose(alr_inverse(alr(shares, parts - 1), parts - 1), shares, rtol=1e-9)
    basis = partition_basis(partition(parts, np.random.default_rng(seed)))
    np.testing.assert_allclose(ilr_inverse(ilr(shares, basis), basis), shares, rtol=1e-9)


@given(SHARES, st.integers(0, 100))
def test_ilr_keeps_aitchisons_distance_whatever_the_partition(shares, seed):
    basis = partition_basis(partition(shares.shape[1], np.random.default_rng(seed)))
    np.testing.assert_allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-12)
    z = ilr(shares, basis)
    apart = np.linalg.norm(z[:, None] - z[None], axis=-1)
    np.testing.assert_allclose(apart, aitchison_distances(shares, shares), atol=1e-9)


@given(SHARES, arrays(float, 6, elements=st.floats(0.1, 10)))
def test_distance_does_not_change_when_all_areas_are_perturbed_alike(shares, factors):
    moved = closed(shares * factors[: shares.shape[1]])
    apart = aitchison_distances(shares, shares)
    np.testing.assert_allclose(aitchison_distances(moved, moved), apart, atol=1e-8)


@given(COUNTS)
def test_compositions_close_have_no_zero_and_keep_the_ratios_of_other_parts(counts):
    frame = pd.DataFrame(counts, index=[f"{i:02d}" for i in range(len(counts))])
    frame.columns = [f"p{j}" for j in range(counts.shape[1])]
    try:
        found = lea.composition(frame)
    except lea.LeaGeoError:
        empty = (counts > 0).sum(axis=0) < 2
        assert empty.any()  # fewer than two areas with people leave every part in fewer than two
        return
    held = found.table.dropna()
    assert (held > 0).all(axis=None)
    np.testing.assert_allclose(held.sum(axis=1), 1)
    for area in held.index:
        own = frame.loc[area].to_numpy(dtype=float)
        some = own > 0
        np.testing.assert_allclose(closed(held.loc[area].to_numpy()[some]), closed(own[some]), rtol=1e-9)


@given(SHARES, st.floats(0.5, 1000))
def test_shares_do_not_depend_on_the_scale_of_amounts_nor_on_the_order_of_areas(shares, scale):
    ids = [f"{i:02d}" for i in range(len(shares))]
    columns = [f"p{j}" for j in range(shares.shape[1])]
    frame = pd.DataFrame(shares, index=ids, columns=columns)
    one = lea.composition(frame, kind="shares").clr()
    other = lea.composition(scale * frame.iloc[::-1], kind="shares", total=scale).clr()
    pd.testing.assert_frame_equal(one, other.sort_index())


LABELS = arrays(np.int64, 24, elements=st.integers(0, 3))


@given(LABELS, LABELS, st.permutations(range(4)))
def test_agreement_does_not_depend_on_what_types_are_called(one, other, names):
    renamed = np.array(names)[other]
    assert adjusted_rand(one, renamed) == pytest.approx(adjusted_rand(one, other))
    assert adjusted_rand(one, one) == 1
    np.testing.assert_allclose(jaccard(one, 4, renamed), jaccard(one, 4, other))


@given(LABELS, st.permutations(range(4)))
def test_a_renamed_division_is_matched_to_itself(labels, names):
    renamed = np.array(names)[labels]
    back = matched(labels, 4, renamed, 4)
    assert (back[renamed] == labels).all()


@settings(max_examples=25)
@given(
    st.integers(0, 1000),
    st.sampled_from(["skater", "ward", "azp"]),
    st.integers(2, 5),
    st.sampled_from([0.0, 200.0, 400.0]),
)
def test_regions_hang_together_and_keep_the_floor_or_are_refused(seed, method, k, floor):
    rng = np.random.default_rng(seed)
    n = 20
    ids = pd.Index([f"{i:02d}" for i in range(n)], name="area_id")
    # A tree at random, and some more links: always connected.
    ends = [(i, int(rng.integers(i))) for i in range(1, n)] + [
        tuple(rng.choice(n, 2, replace=False)) for _ in range(9)
    ]
    start, end = np.array([*ends, *[(b, a) for a, b in ends]]).T
    keys = np.unique(start * n + end)
    indptr = np.searchsorted(keys // n, np.arange(n + 1))
    graph = lea.AreaGraph(ids, indptr, keys % n, np.ones(len(keys)))
    values = pd.DataFrame(rng.normal(size=(n, 2)), index=ids, columns=["x", "y"])
    people = pd.Series(rng.integers(50, 150, size=n).astype(float), index=ids)
    options = {"method": method, "k": k, "floor": floor, "population": people, "starts": 3}
    try:
        found = lea.regions(None, graph, indicators=values, **options)
    except lea.errors.GraphError:
        assert floor  # without one, a connected map can be cut into any number
        return
    assert found.k == k
    for region in found.regions.index:
        own = np.flatnonzero(found.table["region"] == region)
        assert connected_components(graph.sparse()[own][:, own], directed=False)[0] == 1
        assert people.iloc[own].sum() >= floor


def test_pivot_coordinates_put_each_part_against_those_that_follow():
    shares = closed(np.array([[1.0, 2.0, 4.0]]))
    first = np.sqrt(2 / 3) * np.log(1 / np.sqrt(8))
    second = np.sqrt(1 / 2) * np.log(2 / 4)
    np.testing.assert_allclose(ilr(shares, pivot_basis(3)), [[first, second]])
