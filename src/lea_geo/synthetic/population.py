"""Some 20 000 simulated families: who they are, and in which 250 m cell they live.

Every family is drawn on its own from the shares of :mod:`lea_geo.synthetic.households`; places differ where a
divergence is planted and nowhere else. How many families an area has is independent of where it lies, so that
counts diverge no more than shares do: the town is dense because its areas are small. Each year has as many
families in every area, drawn anew.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo._checks.options import check_seed, check_year
from lea_geo.intake.grid import grid_id
from lea_geo.schema import AREA_ID, DEFAULT_CRS
from lea_geo.synthetic.geography import EXTENT, GEOGRAPHY_SEED, ORIGIN, areas, places
from lea_geo.synthetic.households import (
    ACTIVITIES,
    ACTIVITY,
    AGE_BANDS,
    BETWEEN,
    FLOOR_AREA,
    HOUSEHOLD_INCOME,
    PERSONAL_INCOME,
    YEAR,
    YEARS,
    household_kinds,
    kind_shares,
    living_in,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED = 2021
"""The seed of the demo region."""
N_FAMILIES = 20_000
CELL_SIZE = 250
_EDUCATION = ("basic", "matriculation", "vocational", "lower_degree", "higher_degree")

_Ints = np.ndarray[Any, np.dtype[np.int64]]
_Floats = np.ndarray[Any, np.dtype[np.float64]]


@lru_cache(maxsize=1)
def _settled_cells() -> pd.DataFrame:
    """Return the cells where people live: ``x y`` of the lower left corner, ``area_id`` and ``weight``."""
    x, y = np.meshgrid(*(np.arange(o, o + e, CELL_SIZE) for o, e in zip(ORIGIN, EXTENT, strict=True)))
    lattice = pd.DataFrame({"x": x.ravel().astype(int), "y": y.ravel().astype(int)})
    centre = shapely.points(lattice["x"] + CELL_SIZE / 2, lattice["y"] + CELL_SIZE / 2)
    land = areas()
    cell, area = shapely.STRtree(land.geometry.to_numpy()).query(centre, predicate="within")
    cells = lattice.iloc[cell].assign(area_id=land.index.to_numpy()[area]).sort_values([AREA_ID, "y", "x"])
    rng = np.random.Generator(np.random.Philox(GEOGRAPHY_SEED + 2))
    settled = [_settle(group, rng) for _, group in cells.groupby(AREA_ID)]
    return pd.concat(settled, ignore_index=True)


def _settle(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give an area one or two villages: weights fall off around them, and most of a wide area stays empty."""
    where = cells[["x", "y"]].to_numpy(float)
    villages = where[rng.choice(len(cells), min(2, len(cells)), replace=False)]
    reach = 260.0 + 14.0 * np.sqrt(len(cells))
    distance = np.sqrt(((where[:, None] - villages) ** 2).sum(axis=2)).min(axis=1)
    weight = np.exp(-distance / reach) * rng.lognormal(0.0, 0.6, len(cells))
    lived_in = weight > min(0.03, float(np.max(weight)) / 2)
    return pd.DataFrame(cells.loc[lived_in]).assign(weight=weight[lived_in])


def _area_sizes(rng: np.random.Generator) -> _Ints:
    """Return the number of families in each area."""
    names = areas()["name_fi"]
    special = places()
    few = {special["empty"]: 0, special["few_people"]: 10, special["few_households"]: 24}
    weight = np.where(names.isin(list(few)), 0.0, rng.lognormal(0.0, 0.25, len(names)))
    sizes = np.floor(weight / weight.sum() * (N_FAMILIES - sum(few.values()))).astype(np.int64)
    return np.asarray(sizes + names.map(few).fillna(0).to_numpy(np.int64))


def _draw(rng: np.random.Generator, shares: _Floats) -> _Ints:
    """Return one column number for each row of ``shares``, whose rows add up to 1."""
    return np.asarray(
        (rng.random(len(shares))[:, None] > shares.cumsum(axis=1)).sum(axis=1).clip(max=shares.shape[1] - 1)
    )


def _each(zones: Sequence[str], field: str, year: int) -> _Floats:
    """Return one share of :class:`Living` for each zone named."""
    table = {zone: getattr(living_in(zone, year), field) for zone in dict.fromkeys(zones)}
    return np.array([table[zone] for zone in zones], dtype=float)


def _income(rng: np.random.Generator, classes: pd.Series, euros: dict[str, tuple[float, float]]) -> _Floats:
    low, high = np.array([euros[c] for c in classes]).T
    return np.asarray(np.round(rng.uniform(low, high)))


def _generator(*numbers: int, year: int) -> np.random.Generator:
    """Return the random numbers of a year; those of the last year are known by the seed alone."""
    return np.random.Generator(np.random.Philox([*numbers, *([] if year == YEAR else [year])]))


@lru_cache(maxsize=6)
def _families(seed: int, year: int) -> pd.DataFrame:
    rng = _generator(seed, year=YEAR)
    land = areas()
    sizes = _area_sizes(rng)
    if year != YEAR:
        rng = _generator(seed, year=year)
    zones = land["zone"].repeat(sizes).tolist()
    shares = {zone: kind_shares(living_in(zone, year)) for zone in dict.fromkeys(zones)}
    kinds = (
        household_kinds().iloc[_draw(rng, np.array([shares[zone] for zone in zones]))].reset_index(drop=True)
    )
    low, high = _each(zones, "low_income", year), _each(zones, "high_income", year)
    rented, other = _each(zones, "rented", year), _each(zones, "other_tenure", year)
    size = kinds["n_adults"] + kinds["child_ages"].str.len()
    income_class = np.array(["low", "middle", "high"])[
        _draw(rng, np.column_stack([low, 1 - low - high, high]))
    ]
    tenure = np.array(["rented", "other", "owned"])[
        _draw(rng, np.column_stack([rented, other, 1 - rented - other]))
    ]
    home = np.where(rng.random(len(kinds)) < _each(zones, "small_house", year), "small_house", "flat")
    families = kinds[["kind", "band", "n_adults", "child_ages"]].assign(
        area_id=land.index.to_numpy().repeat(sizes),
        zone=zones,
        size=size,
        income_class=income_class,
        income=_income(rng, pd.Series(income_class), HOUSEHOLD_INCOME),
        tenure=tenure,
        home=home,
        floor_area=np.round((FLOOR_AREA[0] + FLOOR_AREA[1] * size) * rng.uniform(0.8, 1.2, len(kinds)), 1),
    )
    families["cell"] = _dwell(families[AREA_ID], rng)
    families.index.name = "family_id"
    return families


def _dwell(area_ids: pd.Series, rng: np.random.Generator) -> _Ints:
    """Return the row of :func:`_settled_cells` that each family lives in."""
    cells = _settled_cells()
    weight = cells.groupby(AREA_ID)["weight"].transform(lambda w: w / w.sum())
    rank = pd.Series(np.arange(len(cells)), index=cells[AREA_ID]).groupby(level=0).agg(["min", "max"])
    start, stop = rank.loc[area_ids, "min"].to_numpy(), rank.loc[area_ids, "max"].to_numpy()
    cumulated = weight.cumsum().to_numpy()
    before = np.where(start > 0, cumulated[start - 1], 0.0)
    found = np.searchsorted(cumulated, before + rng.random(len(area_ids)) * (cumulated[stop] - before))
    return np.asarray(found.clip(start, stop), dtype=np.int64)


@lru_cache(maxsize=6)
def _persons(seed: int, year: int) -> pd.DataFrame:
    families = _families(seed, year)
    rng = _generator(seed, 1, year=year)
    adults = _adults(families, rng, year)
    ages = families["child_ages"]
    children = pd.DataFrame(
        {
            "family_id": families.index.repeat(ages.str.len()),
            "age": np.array([age for row in ages for age in row], dtype=np.int64),
        }
    )
    children["sex"] = rng.choice(["female", "male"], len(children))
    children["activity"] = np.where(children["age"] < 15, "child", "student")
    people = pd.concat([adults, children]).sort_values("family_id", kind="stable", ignore_index=True)
    return people.join(families[[AREA_ID]], on="family_id")


def _adults(families: pd.DataFrame, rng: np.random.Generator, year: int) -> pd.DataFrame:
    adults = families.loc[families.index.repeat(families["n_adults"]), ["band", "zone", "income_class"]]
    zones = adults.pop("zone").tolist()
    second = adults.index.duplicated()
    bounds = np.array([AGE_BANDS[band] for band in adults["band"]])
    sex = rng.random(len(adults)) < 0.5
    partner = np.flatnonzero(second)
    sex[partner] = ~sex[partner - 1]
    activity = np.array(ACTIVITIES)[_draw(rng, np.array([ACTIVITY[band] for band in adults.pop("band")]))]
    out_of_work = (activity == "labour_force") & (rng.random(len(adults)) < _each(zones, "unemployed", year))
    at_work = (activity == "labour_force") & ~out_of_work
    basic, degree = _each(zones, "basic_education", year), _each(zones, "higher_education", year)
    between = 1 - basic - degree
    shares = np.column_stack([basic, *(between * b for b in BETWEEN), degree / 2, degree / 2])
    return adults.assign(
        age=rng.integers(bounds[:, 0], bounds[:, 1], endpoint=True),
        sex=np.where(sex, "female", "male"),
        education=np.array(_EDUCATION)[_draw(rng, shares)],
        activity=np.select([out_of_work, at_work], ["unemployed", "employed"], activity),
        income=_income(rng, adults["income_class"], PERSONAL_INCOME),
    ).reset_index()


def families(*, seed: int = SEED, year: int = YEAR) -> pd.DataFrame:
    """Return the simulated families; a person living alone is a family of one.

    Parameters
    ----------
    seed
        0 to 2**63 - 1. Another seed moves people, never borders, nor where divergences are planted.
    year
        2021, 2023 or 2025: how wide the planted divergences are, see :func:`lea_geo.synthetic.truth`.

    Returns
    -------
        Indexed by ``family_id``; ``area_id``, ``kind``, ``n_adults``, ``child_ages`` (a tuple of years),
        ``size`` (persons), ``income_class``, ``income`` (euros a year), ``tenure``, ``home``, ``floor_area``
        (m²), ``x y`` (lower left corner of the family's 250 m cell, metres).

    Examples
    --------
    >>> 19_900 < len(families()) <= 20_000
    True
    """
    found = _families(check_seed(seed), check_year(year, YEARS))
    where = _settled_cells().loc[found["cell"], ["x", "y"]].set_index(found.index)
    return found.drop(columns=["band", "zone", "cell"]).join(where)


def persons(*, seed: int = SEED, year: int = YEAR) -> pd.DataFrame:
    """Return everybody: ``family_id area_id age sex activity``, adults also with education and income.

    Parameters
    ----------
    seed, year
        As in :func:`families`.
    """
    return _persons(check_seed(seed), check_year(year, YEARS)).copy()


def cells(*, seed: int = SEED) -> gpd.GeoDataFrame:
    """Return the inhabited 250 m cells, squares aligned to full multiples of 250 m in EPSG:3067.

    Parameters
    ----------
    seed
        As in :func:`families`.

    Returns
    -------
        Indexed by ``area_id``, the cell's id as Statistics Finland writes it; columns ``postal_area`` (in
        which the cell's centre lies), ``vaesto miehet naiset ika_0_14 ika_15_64 ika_65_`` (persons) and
        ``geometry``.
    """
    people = persons(seed=seed).join(families(seed=seed)[["x", "y"]], on="family_id")
    counts = pd.DataFrame(
        {
            "vaesto": 1,
            "miehet": people["sex"] == "male",
            "naiset": people["sex"] == "female",
            "ika_0_14": people["age"] < 15,
            "ika_15_64": people["age"].between(15, 64),
            "ika_65_": people["age"] > 64,
        }
    ).astype(np.int64)
    table = (
        counts.groupby([people["y"], people["x"], people[AREA_ID].rename("postal_area")]).sum().reset_index()
    )
    x, y = table.pop("x").to_numpy(), table.pop("y").to_numpy()
    table.index = pd.Index(grid_id(x, y, CELL_SIZE), name=AREA_ID)
    squares = shapely.box(x, y, x + CELL_SIZE, y + CELL_SIZE)
    return gpd.GeoDataFrame(table, geometry=squares, crs=DEFAULT_CRS)
