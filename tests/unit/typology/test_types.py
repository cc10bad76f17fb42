"""Types: planted ones are found, none are imagined, and how sure an area's is can be believed."""

import numpy as np
import pandas as pd
import pytest
from planted_types import planted

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError
from lea_geo.typology.agreement import adjusted_rand
from lea_geo.typology.log_ratio import aitchison_distances

QUICK = {"runs": 15, "worlds": 19, "k_most": 4, "alpha": 0.1}


def rand(found: lea.Types, truth: np.ndarray) -> float:
    return adjusted_rand(truth, pd.factorize(found.table["type"])[0])


@pytest.mark.parametrize("k", [2, 3, 4])
def test_planted_types_are_recovered_and_counted(k):
    """Aitchison distance 1.2 between types, 0.15 in each direction within; 200 to 3000 people an area."""
    counts, truth = planted(k, k)
    found = lea.types(lea.composition(counts), **QUICK)
    assert found.k == k
    assert rand(found, truth) >= 0.9


@pytest.mark.parametrize("method", ["mixture", "ward", "hdbscan"])
def test_every_method_recovers_planted_types(method):
    counts, truth = planted(7, 3)
    found = lea.types(lea.composition(counts), method=method, **QUICK)
    assert found.k == 3
    typed = (found.table["type"] != "").to_numpy()
    assert typed.mean() > 0.9
    assert adjusted_rand(truth[typed], pd.factorize(found.table["type"][typed])[0]) >= 0.9


@pytest.mark.parametrize("sizes", [(30, 200), (200, 3000)])
def test_areas_of_one_kind_are_one_type_whatever_their_size(sizes):
    """Six worlds: at alpha 0.05 (2 of 40) two or more of several kinds have a probability of 0.03."""
    imagined = 0
    for seed in range(6):
        counts, _ = planted(seed, 1, sizes=sizes, n=32)
        imagined += lea.types(lea.composition(counts), runs=10, worlds=39, k_most=3).k > 1
    assert imagined <= 1


def test_one_kind_is_said_with_its_p_value():
    counts, _ = planted(1, 1)
    found = lea.types(lea.composition(counts), **QUICK)
    assert found.k == 1
    assert found.table["probability"].eq(1).all()
    assert any("more than one kind of area (p = " in note for note in found.notes)
    assert found.choices["chosen"].tolist() == [True, False, False, False]


def test_probabilities_of_belonging_are_calibrated():
    """Areas spread evenly between two kinds: of those with probability p of a type, p are of it.

    The truth is which centre the true composition is nearest to; a share of 150 areas is known to 0.04.
    """
    likely, truth = (
        np.concatenate(both) for both in zip(*(_between(seed) for seed in range(4)), strict=True)
    )
    for low, high in ((0.0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.01)):
        there = (likely >= low) & (likely < high)
        assert there.sum() > 150
        assert truth[there].mean() == pytest.approx(likely[there].mean(), abs=0.08)


def _between(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the probability of the second type, and whether an area is of it, of 400 areas."""
    rng = np.random.default_rng(seed)
    ends = np.array([[0.55, 0.3, 0.15], [0.25, 0.35, 0.4]])
    way = rng.uniform(size=(400, 1))
    true = ends[0] ** (1 - way) * ends[1] ** way
    true /= true.sum(axis=1, keepdims=True)
    ids = pd.Index([f"{i:03d}" for i in range(400)], name="area_id")
    people = rng.integers(40, 400, size=400)
    counts = pd.DataFrame(rng.multinomial(people, true), index=ids, columns=list("abc"))
    found = lea.types(lea.composition(counts), k=2, k_most=2, runs=50, worlds=19)
    centres = found.seen.scale.shares_at(found.fit.centres)
    return found.memberships.to_numpy()[:, 1], aitchison_distances(true, centres).argmin(axis=1)


def test_areas_between_two_types_are_said_to_be():
    counts, _ = planted(11, 2)
    middle = np.sqrt(counts.iloc[::2].sum() * counts.iloc[1::2].sum())  # halfway, in log-ratios
    counts.loc["between"] = (middle / middle.sum() * 150).round().astype(int)
    found = lea.types(lea.composition(counts), **QUICK)
    row = found.table.loc["between"]
    assert found.k == 2
    assert not row["sure"]
    assert row["second"] != ""
    assert row["probability"] + row["second_probability"] == pytest.approx(1, abs=0.05)
    assert found.table.drop("between")["sure"].mean() > 0.9


def test_the_same_areas_in_another_order_have_the_same_types():
    counts, _ = planted(2, 3)
    one = lea.types(lea.composition(counts), **QUICK)
    other = lea.types(lea.composition(counts.iloc[::-1]), **QUICK)
    pd.testing.assert_frame_equal(one.table.sort_index(), other.table.sort_index())
    pd.testing.assert_frame_equal(one.profiles, other.profiles)
    pd.testing.assert_frame_equal(one.choices, other.choices)


def test_profiles_hold_the_planted_shares():
    """The type's true share of each part is that of its areas together: within the interval nearly always."""
    counts, truth = planted(5, 2, n=40)
    found = lea.types(lea.composition(counts), **QUICK)
    for letter, rows in found.profiles.groupby("type"):
        label = truth[(found.table["type"] == letter).to_numpy()][0]
        own = counts[truth == label].sum()
        np.testing.assert_allclose(rows["value"], own / own.sum(), rtol=1e-9)
        assert ((rows["lower"] <= rows["value"]) & (rows["value"] <= rows["upper"])).all()
        assert not rows["elsewhere"].between(rows["lower"], rows["upper"]).all()


def test_indicators_alone_or_beside_parts_make_types_too():
    counts, truth = planted(4, 2, n=40)
    rng = np.random.default_rng(1)
    values = pd.DataFrame(
        {
            "income": 20000 + 6000 * truth + rng.normal(0, 500, 40),
            "rent": 10 + 5 * truth + rng.normal(size=40),
        }
    )
    values.index = counts.index
    errors = pd.DataFrame({"rent": 0.5}, index=counts.index)
    for data in (None, lea.composition(counts)):
        found = lea.types(data, indicators=values, errors=errors, **QUICK)
        assert found.k == 2
        assert rand(found, truth) >= 0.9
        assert "income" in set(found.profiles["name"])


def test_types_are_named_from_the_largest_population():
    counts, truth = planted(9, 2)
    people = pd.Series(np.where(truth == 1, 500.0, 100.0), index=counts.index)
    found = lea.types(lea.composition(counts), population=people, **QUICK)
    assert set(found.table["type"][truth == 1]) == {"A"}
    assert found.types.loc["A", "people"] == 500 * (truth == 1).sum()


def test_weights_are_for_kmeans_only_and_move_its_centres():
    counts, _ = planted(9, 2)
    data = lea.composition(counts)
    plain = lea.types(data, k=2, **QUICK)
    heavy = lea.types(data, k=2, weighted=True, **QUICK)
    weights = counts.sum(axis=1).sort_index().to_numpy()
    own = heavy.fit.labels == 0
    np.testing.assert_allclose(
        heavy.fit.centres[0], np.average(heavy.seen.x[own], axis=0, weights=weights[own])
    )
    assert not np.allclose(plain.fit.centres, heavy.fit.centres)
    with pytest.raises(UsageError, match="only 'kmeans' counts areas by their people"):
        lea.types(data, method="ward", weighted=True)


def test_too_few_areas_and_constant_indicators_are_refused():
    counts, _ = planted(9, 1, n=8)
    with pytest.raises(ValuesError, match=r"areas with all values: 8\. Kinds need at least 12"):
        lea.types(lea.composition(counts))
    flat = pd.DataFrame({"flat": np.ones(20)}, index=[f"{i:02d}" for i in range(20)])
    with pytest.raises(ValuesError, match=r"same everywhere: 1 \(flat\)"):
        lea.types(indicators=flat)
    with pytest.raises(UsageError, match=r"Kinds need a Composition"):
        lea.types()


def test_an_area_without_a_value_has_no_type_and_is_named():
    counts, _ = planted(3, 2)
    counts = counts.astype(float)
    counts.loc["005", "a"] = np.nan
    found = lea.types(lea.composition(counts), **QUICK)
    assert found.table.loc["005", "type"] == ""
    assert np.isnan(found.table.loc["005", "probability"])
    assert any("005" in note for note in found.notes)


def test_a_number_of_types_that_was_asked_for_and_does_not_stand_is_said_so():
    counts, _ = planted(1, 1)
    found = lea.types(lea.composition(counts), k=3, **QUICK)
    assert found.k == 3
    assert any("3 types were asked for; by the rule they do not stand" in note for note in found.notes)


@pytest.mark.real
def test_areas_of_tampere_and_ylojarvi_close_and_are_typed(finland):
    """Paavo 2018: 53 areas, those under 18 by age and all others; a village of 49 residents has no say."""
    read = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype={"postinumero": str, "kuntano": str})
    here = read[read["kuntano"].isin(["837", "980"])].set_index("postinumero")
    young = ["he_0_2", "he_3_6", "he_7_12", "he_13_15", "he_16_17"]
    data = lea.composition(here[young], total=here["he_vakiy"], rest="adults")
    assert len(data.known) == 53
    found = lea.types(data, population=here["he_vakiy"], weighted=True, fewest=100, **QUICK)
    assert any("1 areas with fewer than 100 people" in note and "34530" in note for note in found.notes)
    assert found.table["type"].ne("").all()
    assert found.types["people"].sum() == here["he_vakiy"].sum()
    assert (found.profiles.groupby("type")["value"].sum() - 1).abs().max() < 1e-9
