"""Types of one year in the next: who moved, what noise would move, and drift."""

import numpy as np
import pandas as pd
import pytest
from planted_types import BASE, planted
from scipy.stats import chi2_contingency

import lea_geo as lea
from lea_geo.errors import ValuesError
from lea_geo.typology.log_ratio import closed

QUICK = {"runs": 20, "worlds": 39, "k_most": 4}


@pytest.fixture(scope="module")
def first() -> tuple[pd.DataFrame, np.ndarray]:
    return planted(21, 2, sizes=(300, 2000))


@pytest.fixture(scope="module")
def found(first) -> lea.Types:
    return lea.types(lea.composition(first[0]), **QUICK)


def again(counts: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return other counts from the same true compositions, which the first counts tell nearly."""
    shares = lea.composition(counts).table.to_numpy()
    drawn = np.random.default_rng(seed).multinomial(counts.sum(axis=1), shares)
    return pd.DataFrame(drawn, index=counts.index, columns=counts.columns)


def test_without_change_no_area_is_said_to_have_moved(first, found):
    applied = lea.apply_types(found, lea.composition(again(first[0], 1)), draws=199)
    assert not (applied.table["move"] == "moved").any()
    assert applied.moved <= applied.expected_interval[1] + 1
    assert not applied.drift["drifted"].any()


def test_areas_that_truly_moved_are_found_and_the_others_are_not(first, found):
    counts, truth = first
    new = again(counts, 2)
    movers = new.index[truth == 0][:3]
    other = counts[truth == 1].sum().to_numpy(dtype=float)
    for area in movers:
        new.loc[area] = np.random.default_rng(3).multinomial(int(new.loc[area].sum()), closed(other))
    applied = lea.apply_types(found, lea.composition(new), draws=199)
    assert set(applied.table.index[applied.table["move"] == "moved"]) == set(movers)
    assert applied.moved >= 3
    assert applied.p_value < 0.05
    assert applied.crossed.to_numpy().sum() == len(counts)


def test_the_p_value_of_no_change_is_pearsons(first, found):
    """scipy's chi2_contingency, which is another program's."""
    new = again(first[0], 8)
    applied = lea.apply_types(found, lea.composition(new), draws=19)
    for area in ("000", "017"):
        theirs = chi2_contingency(np.array([first[0].loc[area], new.loc[area]]), correction=False)
        assert applied.table.loc[area, "p_value"] == pytest.approx(theirs.pvalue, rel=1e-9)


def test_a_type_that_drifts_as_a_whole_is_flagged_and_the_other_is_not(first, found):
    counts, truth = first
    new = again(counts, 4).astype(float)
    new.loc[truth == 0, "e"] *= 1.5
    applied = lea.apply_types(found, lea.composition(new.round()), draws=199)
    drifted = found.table["type"][truth == 0].iloc[0]
    assert applied.drift["drifted"].to_dict() == {letter: letter == drifted for letter in found.types.index}


def test_small_areas_between_types_change_by_chance_and_are_called_unsure():
    counts, _ = planted(5, 2, apart=0.8, within=0.25, sizes=(40, 80))
    found = lea.types(lea.composition(counts), k=2, **QUICK)
    applied = lea.apply_types(found, lea.composition(again(counts, 5)), draws=199)
    low, high = applied.expected_interval
    assert applied.expected > 1
    assert low - 3 <= applied.moved <= high + 3
    assert (applied.table["move"] == "moved").sum() == 0


def test_letters_of_a_fresh_search_are_those_of_the_types_that_share_most_areas(first, found):
    applied = lea.apply_types(found, lea.composition(again(first[0], 6)), draws=19)
    assert (applied.fresh == applied.table["type"]).all()
    assert applied.fresh_rand == 1


def test_other_parts_or_no_area_in_common_are_refused(first, found):
    with pytest.raises(ValuesError, match=r"parts of the types that the new data do not have: 1 \(e\)"):
        lea.apply_types(found, lea.composition(first[0].rename(columns={"e": "f"})))
    moved = first[0].rename(index=lambda area: f"x{area}")
    with pytest.raises(ValuesError, match="areas with values in both years: none"):
        lea.apply_types(found, lea.composition(moved))


def test_columns_may_come_in_another_order(first, found):
    new = again(first[0], 7)
    one = lea.apply_types(found, lea.composition(new), draws=19)
    other = lea.apply_types(found, lea.composition(new[new.columns[::-1]].iloc[::-1]), draws=19)
    assert one.table["type"].equals(other.table["type"])
    assert len(BASE) == new.shape[1]


def test_indicators_without_noise_move_for_real():
    rng = np.random.default_rng(1)
    ids = pd.Index([f"{i:02d}" for i in range(30)], name="area_id")
    values = pd.DataFrame({"x": np.repeat([0.0, 10.0], 15) + rng.normal(size=30)}, index=ids)
    found = lea.types(indicators=values, **QUICK)
    new = values.copy()
    new.loc["00", "x"] = 10.0
    applied = lea.apply_types(found, indicators=new, draws=999)
    assert applied.moved == 1
    assert applied.table.loc["00", "move"] == "moved"
    assert any("every change of type is taken as real" in note for note in applied.notes)
