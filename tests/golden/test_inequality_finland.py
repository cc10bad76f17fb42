"""Residents in the lowest income category of all Finland's postal areas, Paavo 2018, beside R."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import lea_geo as lea

pytestmark = pytest.mark.real
LOW, ALL = "hr_pi_tul", "hr_tuy"


@pytest.fixture(scope="module")
def whole(finland):
    names = {"postinumero": str, "kuntano": str}
    table = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype=names).set_index("postinumero")
    known = table.loc[table[LOW].notna() & (table[ALL] > 0), ["kuntano", LOW, ALL]]
    return known.assign(kuntano=known["kuntano"].str.zfill(3), share=100 * known[LOW] / known[ALL])


def _counts(table):
    return {"numerator": table[LOW], "denominator": table[ALL]}


def test_all_finland_is_as_unequal_as_r_says_and_its_parts_add_up(whole) -> None:
    # R 4.2.2: dineq 0.1.0 (gini.wtd, theil.wtd), IC2 1.0.1 (decompGEI, alpha 1); weights hr_tuy.
    assert len(whole) == 2948
    gini = lea.gini(whole["share"], whole[ALL], runs=99, **_counts(whole))
    assert gini.value == pytest.approx(0.133247535845, rel=1e-10)
    theil = lea.theil(whole["share"], whole[ALL], nesting=whole["kuntano"], runs=99, **_counts(whole))
    assert theil.value == pytest.approx(0.0294787779662, rel=1e-10)
    assert theil.decomposition.between == pytest.approx(0.0120152250707, rel=1e-9)
    assert theil.decomposition.within == pytest.approx(0.0174635528954, rel=1e-9)
    assert theil.decomposition.total == pytest.approx(theil.value, rel=1e-12)
    assert gini.noise < gini.interval[0] < gini.corrected < gini.value


def test_vantaa_s_crowded_neighbours_do_not_pass_for_unlike_ones(whole, finland) -> None:
    areas = gpd.read_file(finland / "postal_areas_2018.gpkg").set_index("postinumeroalue")
    vantaa = whole[whole["kuntano"] == "092"]
    graph = lea.build_graph(areas.loc[vantaa.index], "queen")
    near = lea.spatial_gini(vantaa["share"], vantaa[ALL], graph, seed=1, runs=99, **_counts(vantaa))
    # By hand: the share of pairs of residents who live in neighbouring areas.
    w = (vantaa[ALL] / vantaa[ALL].sum()).reindex(graph.ids).to_numpy()
    linked = graph.to_libpysal().sparse.toarray() > 0
    by_hand = (linked * np.outer(w, w)).sum() / (1 - (w * w).sum())
    assert near.expected == pytest.approx(by_hand)
    # Counted by pairs of areas, neighbours would look less alike than by chance; by people they do not.
    assert near.n_near / near.n_pairs < near.value < near.expected
