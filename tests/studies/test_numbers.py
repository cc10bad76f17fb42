"""The numbers of real studies, computed again from the raw files with numpy, and found in every output.

Nothing here uses lea_geo to compute: raw files are read by pandas and pyogrio, borders compared by shapely,
and the formulas are those of Moran (1950), Anselin (1995), Ord and Getis (1995), and Benjamini and Hochberg
(1995).
"""

import json
import math
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from packed import column, unpacked
from shown_numbers import decimals_of, rounded

import lea_geo as lea

HERE = Path(__file__).parent

pytestmark = pytest.mark.real

# Which fields make which rate: read from Statistics Finland's description of Paavo, not from our catalogue.
RATES = {
    "low_income_residents": (["hr_pi_tul"], ["hr_tuy"]),
    "unemployment": (["pt_tyott"], ["pt_tyoll", "pt_tyott"]),
    "families_with_children": (["te_laps"], ["te_taly"]),
    "children_under_18": (["he_0_2", "he_3_6", "he_7_12", "he_13_15", "he_16_17"], ["he_vakiy"]),
}
POSTAL = ("vantaa", "pori", "tampere-ylojarvi_2026")
REGIONS = {"vantaa": {"092"}, "pori": {"609"}, "tampere-ylojarvi_2026": {"837", "980"}}
GRID_RATE = "children_under_10"


@dataclass(frozen=True)
class Ran:
    """A study that has run: where it wrote, and what its raw files say."""

    out: Path
    error: Mapping[str, float]
    """Indicator code to the error that its exact p-values state."""
    raw: pd.DataFrame
    """The raw table of the region, numbers as they stand in the file, indexed by id."""
    shapes: pd.Series
    """The raw polygons in metres, indexed by id."""

    def layer(self, code: str) -> pd.DataFrame:
        """Return an indicator as any program reads it from the GeoPackage."""
        with closing(sqlite3.connect(self.out / "study.gpkg")) as database:
            # A plain query, so that no reader of ours takes part.
            query = f'SELECT * FROM "{code}"'  # noqa: S608 - the code is one of ours above
            return pd.read_sql(query, database).set_index("area_id")


def _run(name: str, finland: Path, out: Path, indicators: tuple[str, ...]) -> dict[str, float]:
    spec = lea.load_spec(HERE / f"{name}.toml", data=finland)
    study = lea.run(replace(spec, indicators=indicators), out=out)
    return {code: result.local["local_moran"].error for code, result in study.results.items()}


def _polygons(path: Path, column: str, crs: int) -> pd.Series:
    frame = pyogrio.read_dataframe(path, columns=[column]).to_crs(crs)
    return pd.Series(frame.geometry.to_numpy(), frame[column].astype(str))


@pytest.fixture(scope="module", params=POSTAL)
def postal(request, finland: Path, tmp_path_factory) -> Ran:
    name = request.param
    out = tmp_path_factory.mktemp(name) / "out"
    error = _run(name, finland, out, tuple(RATES))
    if name.endswith("2026"):
        file = finland / "paavo_wfs_2026_helsinki_tampere_turku.gpkg"
        raw = pyogrio.read_dataframe(file, read_geometry=False).set_index("postinumeroalue")
        raw, key = raw.rename(columns={"kunta": "kuntano"}), "postinumeroalue"
    else:
        file = finland / "postal_areas_2018.gpkg"
        text = {"postinumero": str, "kuntano": str}
        raw = pd.read_csv(finland / "paavo_2018_whole_country.csv", dtype=text).set_index("postinumero")
        key = "postinumeroalue"
    raw = raw[raw["kuntano"].isin(REGIONS[name])]
    return Ran(out, error, raw, _polygons(file, key, 3067).loc[raw.index])


@pytest.fixture(scope="module")
def grid(finland: Path, tmp_path_factory) -> Ran:
    out = tmp_path_factory.mktemp("grid") / "out"
    error = _run("vantaa_grid", finland, out, (GRID_RATE,))
    cells = pyogrio.read_dataframe(finland / "hsy_population_grid_250m_2015.gpkg")
    towns = pyogrio.read_dataframe(finland / "kunta_2019_1000k.gpkg").to_crs(cells.crs)
    vantaa = towns.geometry[towns["kunta"].astype(int) == 92].union_all()
    inside = cells[shapely.contains_xy(vantaa, cells.centroid.x, cells.centroid.y)]
    inside = inside.set_index(inside["INDEX"].astype(int).astype(str))
    return Ran(out, error, inside.drop(columns="geometry"), inside.geometry)


def _rate(raw: pd.DataFrame, code: str) -> tuple[pd.Series, pd.Series]:
    """Return a rate in per cent and the status of each area, by Paavo's rules."""
    top, bottom = RATES[code]
    fields = raw[sorted({*top, *bottom})].astype(float)
    hidden = (fields.isna() | (fields == -1)).any(axis=1)
    numerator, denominator = fields[top].sum(axis=1), fields[bottom].sum(axis=1)
    rate = (100 * numerator / denominator.where(denominator > 0)).where(~hidden)
    nobody = (fields[bottom] == 0).all(axis=1)
    status = np.select([nobody, hidden], ["not_applicable", "suppressed"], "observed")
    return rate, pd.Series(status, raw.index)


def _touching(shapes: pd.Series) -> np.ndarray:
    """Return who touches whom: every pair of polygons compared, one by one."""
    n = len(shapes)
    table = np.zeros((n, n))
    for i, j in combinations(range(n), 2):
        table[i, j] = table[j, i] = shapely.intersects(shapes.iloc[i], shapes.iloc[j])
    return table


def _near(shapes: pd.Series) -> np.ndarray:
    """Return which 250 m cells lie beside or at the corner of each other, by their centres."""
    centre = shapely.get_coordinates(shapely.centroid(shapes.to_numpy()))
    gap = np.abs(centre[:, None] - centre[None]).max(axis=2)
    return ((gap > 1) & (gap < 251)).astype(float)


def _moran(x: np.ndarray, links: np.ndarray) -> tuple[float, float]:
    """Return Moran's I with row-standardised weights, and its expectation.

    An area without neighbours is an empty row, and counts in n and in the mean.
    """
    weights = links / np.maximum(links.sum(axis=1, keepdims=True), 1)
    z = x - x.mean()
    return float(len(z) / weights.sum() * (z @ weights @ z) / (z @ z)), -1 / (len(z) - 1)


def _adjusted(p: pd.Series) -> pd.Series:
    """Return Benjamini and Hochberg's adjusted p-values: the smallest p n / rank among those as large."""
    tested = p.dropna().sort_values()
    n = len(tested)
    shares = [value * n / (rank + 1) for rank, value in enumerate(tested)]
    q = [min(1.0, *shares[i:], 1.0) for i in range(n)]
    return pd.Series(q, tested.index).reindex(p.index)


@pytest.mark.parametrize("code", RATES)
def test_rates_and_statuses_are_those_of_the_raw_table(postal: Ran, code: str):
    found = postal.layer(code)
    assert set(found.index) == set(postal.raw.index)
    rate, status = _rate(postal.raw, code)
    assert found["status"].to_dict() == status.to_dict()
    np.testing.assert_allclose(found["value"].astype(float), rate.loc[found.index], rtol=1e-12)


@pytest.mark.parametrize("code", RATES)
def test_moran_and_every_local_value_are_those_of_plain_numpy(postal: Ran, code: str):
    found = postal.layer(code)
    rate = _rate(postal.raw, code)[0].loc[found.index].dropna()
    links = _touching(postal.shapes.loc[rate.index])
    x, k = rate.to_numpy(), links.sum(axis=1)
    z = x - x.mean()
    lag = np.divide(links @ x, k, out=np.full(len(x), np.nan), where=k > 0)
    ours = found.loc[rate.index].astype({"local_moran_statistic": float})
    np.testing.assert_allclose(ours["local_moran_lag"].astype(float), lag, rtol=1e-12)
    np.testing.assert_allclose(
        ours["local_moran_statistic"], z * (lag - x.mean()) / (z @ z / len(z)), rtol=1e-9, atol=1e-12
    )
    # Gi*: the area and its k neighbours weigh 1 / (k + 1) each.
    n, own = len(x), (links @ z + z) / (k + 1)
    star = own / np.sqrt((z @ z / n) * (n / (k + 1) - 1) / (n - 1))
    np.testing.assert_allclose(
        ours["local_g_star_statistic"].astype(float), np.where(k > 0, star, np.nan), rtol=1e-9, atol=1e-12
    )
    assert (ours["local_moran_label"] == "Isolate").to_numpy().tolist() == (k == 0).tolist()
    with closing(sqlite3.connect(postal.out / "study.gpkg")) as database:
        query = "SELECT moran_statistic, moran_expected, n_observed, n_areas FROM lea_summary WHERE code = ?"
        moran, expected, observed, areas = database.execute(query, [code]).fetchone()
    assert (moran, expected) == pytest.approx(_moran(x, links), rel=1e-9)
    assert (observed, areas) == (len(rate), len(postal.raw))


def test_p_values_of_areas_with_few_neighbours_are_those_of_counting_every_subset(postal: Ran):
    code = "low_income_residents"
    found = postal.layer(code)
    rate = _rate(postal.raw, code)[0].loc[found.index].dropna()
    links = _touching(postal.shapes.loc[rate.index])
    few = [i for i, k in enumerate(links.sum(axis=1)) if 1 <= k <= 3]
    assert few
    assert postal.error[code] < 2e-3
    x = rate.to_numpy()
    for i in few:
        mine = x[links[i] > 0]
        sums = np.array([sum(some) for some in combinations(np.delete(x, i), len(mine))])
        lower, upper = (sums <= mine.sum() + 1e-9).mean(), (sums >= mine.sum() - 1e-9).mean()
        if x[i] < x.mean():  # Moran's I falls where its neighbours rise.
            lower, upper = upper, lower
        row = found.loc[rate.index[i]]
        told = [row[f"local_moran_{name}"] for name in ("p_lower", "p_upper", "p_value")]
        assert told == pytest.approx(
            [lower, upper, min(1, 2 * min(lower, upper))], abs=postal.error[code] + 1e-9
        )


@pytest.mark.parametrize("method", ["local_moran", "local_g_star"])
def test_labels_are_given_by_adjusted_p_values_and_by_the_side_of_the_mean(postal: Ran, method: str):
    for code in RATES:
        found = postal.layer(code)
        p = found[f"{method}_p_value"].astype(float)
        q = _adjusted(p)
        np.testing.assert_allclose(found[f"{method}_q_value"].astype(float), q, rtol=1e-12)
        told = found[f"{method}_label"]
        assert set(told[q <= 0.05]) <= {"High-High", "Low-Low", "High-Low", "Low-High"}
        assert set(told[q > 0.05]) <= {"Not significant"}
        assert set(told[q.isna()]) <= {"Isolate", "Undefined"}
        if method == "local_moran":
            mean = found["value"].astype(float).mean()
            own = found["value"].astype(float) > mean
            near = found["local_moran_lag"].astype(float) > mean
            word = own.map({True: "High", False: "Low"}) + "-" + near.map({True: "High", False: "Low"})
            assert told[q <= 0.05].tolist() == word[q <= 0.05].tolist()


def test_cells_of_the_grid_are_those_whose_centre_lies_in_vantaa(grid: Ran):
    found = grid.layer(GRID_RATE)
    assert set(found.index) == set(grid.raw.index)
    raw = grid.raw.loc[found.index]
    hidden = raw["ASUKKAITA"] < 100
    assert (found["status"] == "suppressed").tolist() == hidden.tolist()
    rate = (100 * raw["IKA0_9"] / raw["ASUKKAITA"]).where(~hidden)
    np.testing.assert_allclose(found["value"].astype(float), rate, rtol=1e-12)


def test_local_values_of_the_grid_are_those_of_plain_numpy(grid: Ran):
    found = grid.layer(GRID_RATE)
    seen = found[found["status"] == "observed"]
    x = seen["value"].to_numpy(dtype=float)
    links = _near(grid.shapes.loc[seen.index])
    k, z = links.sum(axis=1), x - x.mean()
    lag = np.divide(links @ z, k, out=np.full(len(x), np.nan), where=k > 0)
    np.testing.assert_allclose(
        seen["local_moran_statistic"].astype(float), z * lag / (z @ z / len(z)), rtol=1e-9, atol=1e-12
    )
    with closing(sqlite3.connect(grid.out / "study.gpkg")) as database:
        query = "SELECT moran_statistic, moran_expected, n_isolates, n_suppressed FROM lea_summary"
        moran, expected, isolates, suppressed = database.execute(query).fetchone()
    assert (moran, expected) == pytest.approx(_moran(x, links), rel=1e-9)
    assert (isolates, suppressed) == ((k == 0).sum(), len(found) - len(seen))


def test_the_map_and_the_tables_hold_what_the_geopackage_holds(postal: Ran):
    page = (postal.out / "map.html").read_text(encoding="utf-8")
    data = json.loads(page.partition('id="lea-data">')[2].partition("</script>")[0])
    ids = json.loads(unpacked(data["places"][0]["ids"]["list"]))
    for indicator in data["sheets"][0]["indicators"]:
        layer = postal.layer(indicator["code"]).loc[ids]
        path = postal.out / "tables" / f"{indicator['code']}.csv"
        table = pd.read_csv(path, dtype={"area_id": str}, encoding="utf-8-sig").set_index("area_id")
        assert table.index.tolist() == layer.index.tolist()
        for name in ("value", "status", "local_moran_statistic", "local_moran_q_value", "local_g_star_label"):
            stored = layer[name].tolist()
            for one, other in zip(table[name].tolist(), stored, strict=True):
                assert one == other or (_is_nothing(one) and _is_nothing(other)), (indicator["code"], name)
            shown = column(indicator["columns"][name])
            expected = [_as_shown(value, name, indicator["decimals"]) for value in stored]
            assert shown == expected, (indicator["code"], name)


def _as_shown(value: object, name: str, decimals: int) -> object:
    if isinstance(value, str) or _is_nothing(value):
        return None if _is_nothing(value) else value
    if name.endswith("q_value") and value < 0.001:
        return 0.0
    return float(rounded(value, decimals_of(name, decimals)))


def _is_nothing(cell: object) -> bool:
    return cell is None or (isinstance(cell, float) and math.isnan(cell))
