"""Two ledgers: each side has kinds of its own, and neither is netted against the other."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import ValuesError

QUICK = {"runs": 20, "worlds": 39}


def sides(seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    load, resource = np.repeat([0, 1], 20), np.tile([0, 1], 20)
    ids = pd.Index([f"{i:02d}" for i in range(40)], name="area_id")
    weak = pd.DataFrame({f"w{j}": 8 * load + rng.normal(size=40) for j in range(3)}, index=ids)
    strong = pd.DataFrame({f"p{j}": 8 * resource + rng.normal(size=40) for j in range(3)}, index=ids)
    return weak, strong, load, resource


def test_areas_have_their_place_on_both_sides_and_much_of_both_is_no_average():
    weak, strong, load, resource = sides()
    found = lea.type_ledgers(weak, strong, population=pd.Series(100.0, index=weak.index), **QUICK)
    assert found.table["weakening"].tolist() == (1 + load).tolist()
    assert found.table["protecting"].tolist() == (1 + resource).tolist()
    assert found.table.loc["21", "place"] == "L2R2"
    assert found.grid.to_numpy().tolist() == [[10, 10], [10, 10]]
    assert found.people.to_numpy().sum() == 4000


def test_a_side_without_kinds_has_one_level():
    weak, strong, _, _ = sides()
    rng = np.random.default_rng(4)
    flat = pd.DataFrame(rng.normal(size=strong.shape), index=strong.index, columns=strong.columns)
    found = lea.type_ledgers(weak, flat, **QUICK)
    assert found.protecting.k == 1
    assert found.grid.shape == (2, 1)


def test_an_indicator_on_both_sides_and_too_many_kinds_are_refused():
    weak, strong, _, _ = sides()
    with pytest.raises(ValuesError, match=r"indicators on both sides: 1 \(w0\)") as told:
        lea.type_ledgers(weak, strong.assign(w0=1.0), k_most=4)
    assert "At most 3 kinds a side" in str(told.value)
