"""What must hold of every perturbed count."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import lea_geo as lea


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40),
    st.integers(0, 2**31),
    st.sampled_from([(2, 1.0, 1), (5, 2.0, 3), (4, 3.0, 2)]),
)
def test_noise_depends_on_nothing_but_who_is_counted(places, seed, noise):
    largest, variance, smallest = noise
    records = pd.DataFrame(places, columns=["cell", "postal"])
    records["key"] = np.random.default_rng(seed).integers(0, 2**63, len(records))
    found = lea.cell_key_counts(
        records,
        {"g": ["cell"], "p": ["postal"]},
        largest=largest,
        variance=variance,
        smallest=smallest,
        keys="key",
    )
    assert (found.table["change"].abs() <= largest).all()
    assert ((found.table["published"] == 0) | (found.table["published"] >= smallest)).all()
    assert found.published.agrees(records.groupby(["cell", "postal"]).size().to_numpy())
    sets = {}
    for kind in ("cell", "postal"):
        for area, members in records.groupby(kind).groups.items():
            shown = found.table.loc[f"{kind} {area}", "published"]
            assert sets.setdefault(tuple(members), shown) == shown
