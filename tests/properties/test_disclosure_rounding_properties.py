"""What must hold of every rounded table."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import lea_geo as lea
from lea_geo.disclosure.published import build_family


@st.composite
def tables(draw):
    """Counts of some atoms, and one tree of areas or two."""
    n = draw(st.integers(1, 14))
    counts = draw(st.lists(st.integers(0, 40), min_size=n, max_size=n))
    families = []
    for name in draw(st.sampled_from([("one",), ("one", "other")])):
        leaf = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
        levels = {"leaf": [f"{i}" for i in leaf], "block": [f"{i // 2}" for i in leaf], "all": ["all"] * n}
        families.append(build_family(name, levels if draw(st.booleans()) else {"leaf": levels["leaf"]}))
    return np.array(counts), families


@given(tables(), st.integers(2, 11), st.one_of(st.none(), st.integers(0, 2**63 - 1)))
def test_a_rounded_table_adds_up_and_moves_nothing_by_a_base(table, base, seed):
    counts, families = table
    found = lea.controlled_rounding(counts, families, base=base, seed=seed)
    assert found.restricted
    assert (found.atoms % base == 0).all()
    assert (found.table["rounded"] % base == 0).all()
    assert (found.table["change"].abs() < base).all()
    assert (found.table.loc[found.table["count"] % base == 0, "change"] == 0).all()
    assert (found.atoms >= 0).all()
    sums = np.concatenate([family.totals(found.atoms) for family in families])
    assert found.table["rounded"].tolist() == sums.tolist()
    assert found.published.agrees(counts)
