"""The made-up region in the fields of Paavo, small groups withheld: by postal area, municipality and cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._checks.options import check_seed, check_year
from lea_geo.intake.grid import grid_id
from lea_geo.schema import AREA_ID, MUNICIPALITY
from lea_geo.synthetic.geography import areas, municipalities
from lea_geo.synthetic.households import (
    ADULT_GROUPS,
    BRANCH_GROUPS,
    BRANCHES,
    CHILD_GROUPS,
    HOUSEHOLD_AGES,
    WORKPLACES_PER_RESIDENT,
    YEAR,
    YEARS,
)
from lea_geo.synthetic.population import SEED, families, persons

if TYPE_CHECKING:
    import geopandas as gpd

HIDDEN = -1
PROTECTION = {
    "he": ("he_vakiy", 30),
    "ko": ("ko_ika18y", 30),
    "hr": ("hr_tuy", 30),
    "te": ("te_taly", 30),
    "tr": ("tr_kuty", 30),
    "tp": ("tp_tyopy", 10),
    "pt": ("pt_vakiy", 30),
}
"""Details are withheld where the group's total is below the number; the total itself stays."""
GRID_SIZE = 1000
"""Metres: the side of the cells that :func:`grid_table` counts."""
GRID_MINIMUM = 10
"""Statistics Finland gives no details of cells with fewer residents, adults, households."""


def indicator_table(*, seed: int = SEED, year: int = YEAR) -> pd.DataFrame:
    """Return the region's table as Paavo would publish it, raw.

    Parameters
    ----------
    seed, year
        As in :func:`lea_geo.synthetic.families`; the year is the edition that the table states.

    Returns
    -------
        One row an area, in the order of ``areas()``: ``postinumeroalue nimi namn kunta vuosi euref_x euref_y
        pinta_ala`` and Paavo's fields ``he_ ko_ hr_ te_ tr_ ra_ tp_ pt_``: whole persons, households, euros
        and workplaces, averages with one decimal. -1 is withheld (Paavo's thresholds); an area without
        residents has 0 throughout.

    Examples
    --------
    >>> table = indicator_table()
    >>> int((table["te_laps"] == -1).sum()), int((table["he_vakiy"] == 0).sum())
    (2, 1)
    """
    fields = _protected(_postal_fields(check_seed(seed), check_year(year, YEARS)))
    land = areas()
    return pd.concat([_places(land, year), fields], axis=1).rename_axis("postinumeroalue").reset_index()


def municipality_table(*, seed: int = SEED, year: int = YEAR) -> pd.DataFrame:
    """Return the same fields for the two municipalities.

    Parameters
    ----------
    seed, year
        As in :func:`indicator_table`.

    Returns
    -------
        One row a municipality: ``kunta nimi namn vuosi`` and Paavo's fields; nothing is withheld.
    """
    seed, year = check_seed(seed), check_year(year, YEARS)
    place, land = areas()[MUNICIPALITY], municipalities()
    people = persons(seed=seed, year=year)
    homes = families(seed=seed, year=year)
    people[AREA_ID], homes[AREA_ID] = people[AREA_ID].map(place), homes[AREA_ID].map(place)
    workplaces = _postal_fields(seed, year).filter(like="tp_").groupby(place).sum()
    fields = _whole(_fields(people, homes, land.index).join(workplaces))
    names = _places(land, year)[["nimi", "namn", "vuosi"]]
    return pd.concat([names, fields], axis=1).rename_axis("kunta").reset_index()


def grid_table(*, seed: int = SEED, year: int = YEAR) -> pd.DataFrame:
    """Return the same fields, but for workplaces, by inhabited 1 km cell, as the population grid would.

    Parameters
    ----------
    seed, year
        As in :func:`indicator_table`.

    Returns
    -------
        One row a cell, by its id: ``grd_id kunta vuosi`` and Paavo's fields. -1 is withheld: details of
        groups (residents, adults, households) of fewer than 10. ``kunta`` is where most residents live.
    """
    seed, year = check_seed(seed), check_year(year, YEARS)
    people = persons(seed=seed, year=year)
    homes = families(seed=seed, year=year)
    corner = homes[["x", "y"]] // GRID_SIZE * GRID_SIZE
    cell = pd.Series(grid_id(corner["x"], corner["y"], GRID_SIZE), index=homes.index)
    lives = people["family_id"].map(cell)
    place = people[AREA_ID].map(areas()[MUNICIPALITY])
    most = pd.crosstab(lives, place).idxmax(axis=1)
    people[AREA_ID], homes[AREA_ID] = lives, cell
    fields = _protected(_fields(people, homes, most.index), least=GRID_MINIMUM)
    named = pd.DataFrame({"kunta": most, "vuosi": year})
    return pd.concat([named, fields], axis=1).rename_axis("grd_id").reset_index()


def _postal_fields(seed: int, year: int) -> pd.DataFrame:
    """Return the fields of the postal areas with nothing withheld."""
    people, homes = persons(seed=seed, year=year), families(seed=seed, year=year)
    fields = _fields(people, homes, areas().index)
    return _whole(fields.join(_workplaces(fields["he_vakiy"], seed)))


def _fields(people: pd.DataFrame, homes: pd.DataFrame, index: pd.Index[str]) -> pd.DataFrame:
    """Return the fields of each ``area_id`` of ``index`` that stands beside persons and families."""
    parts = [
        _inhabitants(people),
        _education(people),
        _personal_income(people),
        _households(homes),
        _household_income(homes),
        _dwellings(homes),
        _activity(people),
    ]
    return pd.concat([part.reindex(index).fillna(0) for part in parts], axis=1)


def _places(land: gpd.GeoDataFrame, year: int) -> pd.DataFrame:
    middle = land.representative_point()
    return pd.DataFrame(
        {
            "nimi": land["name_fi"],
            "namn": land["name_sv"],
            "kunta": land[MUNICIPALITY],
            "vuosi": year,
            "euref_x": middle.x.round().astype(int),
            "euref_y": middle.y.round().astype(int),
            "pinta_ala": land.area.round().astype(int),
        }
    )


def _count(data: pd.DataFrame, **conditions: Any) -> pd.DataFrame:  # noqa: ANN401 - boolean columns
    """Return how many rows of each area meet each condition."""
    met = pd.DataFrame(
        {name: np.asarray(condition, dtype=np.int64) for name, condition in conditions.items()}
    )
    return met.groupby(data[AREA_ID].to_numpy()).sum()


def _inhabitants(people: pd.DataFrame) -> pd.DataFrame:
    groups = {name: people["age"].between(*ages) for name, ages in {**CHILD_GROUPS, **ADULT_GROUPS}.items()}
    table = _count(
        people,
        he_vakiy=people["age"] >= 0,
        he_naiset=people["sex"] == "female",
        he_miehet=people["sex"] == "male",
        he_kika=people["age"] < 0,
        **groups,
    )
    return table.assign(he_kika=people.groupby(AREA_ID)["age"].mean().round())


def _education(people: pd.DataFrame) -> pd.DataFrame:
    adults = people[people["age"] >= 18]
    level = adults["education"]
    return _count(
        adults,
        ko_ika18y=adults["age"] >= 18,
        ko_perus=level == "basic",
        ko_koul=level != "basic",
        ko_yliop=level == "matriculation",
        ko_ammat=level == "vocational",
        ko_al_kork=level == "lower_degree",
        ko_yl_kork=level == "higher_degree",
    )


def _personal_income(people: pd.DataFrame) -> pd.DataFrame:
    adults = people[people["age"] >= 18]
    return _incomes(adults, "hr", "hr_tuy")


def _household_income(homes: pd.DataFrame) -> pd.DataFrame:
    return _incomes(homes, "tr", "tr_kuty")


def _incomes(earners: pd.DataFrame, group: str, total: str) -> pd.DataFrame:
    euros = earners.groupby(AREA_ID)["income"]
    classes = earners["income_class"]
    money = {f"{group}_ktu": euros.mean().round(), f"{group}_mtu": euros.median().round()}
    members = _count(
        earners,
        **{
            total: classes.notna(),
            f"{group}_pi_tul": classes == "low",
            f"{group}_ke_tul": classes == "middle",
            f"{group}_hy_tul": classes == "high",
        },
    )
    return members.assign(**money, **{f"{group}_ovy": euros.sum()})


def _households(homes: pd.DataFrame) -> pd.DataFrame:
    kind, tenure = homes["kind"], homes["tenure"]
    children = {
        name: homes["child_ages"].map(lambda a, b=bounds: _any_within(a, *b))
        for name, bounds in HOUSEHOLD_AGES.items()
    }
    with_children = kind.isin(["couple_with_children", "single_parent"])
    senior = kind.str.startswith("senior")
    table = _count(
        homes,
        te_taly=homes["size"] > 0,
        te_yks=homes["size"] == 1,
        te_nuor=kind == "young_single",
        te_eil_np=kind == "young_couple",
        te_laps=with_children,
        **children,
        te_yhlap=kind == "single_parent",
        te_aik=~with_children & ~senior,
        te_elak=senior,
        te_omis_as=tenure == "owned",
        te_vuok_as=tenure == "rented",
        te_muu_as=tenure == "other",
    )
    by_area = homes.groupby(AREA_ID)
    area, size = by_area["floor_area"].sum(), by_area["size"].sum()
    table.insert(1, "te_takk", (size / by_area.size()).round(1))
    table.insert(2, "te_as_valj", (area / size).round(1))
    return table


def _any_within(ages: tuple[int, ...], low: int, high: int) -> bool:
    return any(low <= age <= high for age in ages)


def _dwellings(homes: pd.DataFrame) -> pd.DataFrame:
    small = homes["home"] == "small_house"
    table = _count(homes, ra_asunn=homes["size"] > 0, ra_pt_as=small, ra_kt_as=~small)
    table.insert(1, "ra_as_kpa", homes.groupby(AREA_ID)["floor_area"].mean().round(1))
    return table


def _activity(people: pd.DataFrame) -> pd.DataFrame:
    activity = people["activity"]
    return _count(
        people,
        pt_vakiy=people["age"] >= 0,
        pt_tyoll=activity == "employed",
        pt_tyott=activity == "unemployed",
        pt_0_14=activity == "child",
        pt_opisk=activity == "student",
        pt_elakel=activity == "pensioner",
        pt_muut=activity == "other",
    )


def _workplaces(residents: pd.Series, seed: int) -> pd.DataFrame:
    """Return made-up workplaces, as many a resident here as there; the old harbour has some too."""
    rng = np.random.Generator(np.random.Philox([seed, 2]))
    mean = WORKPLACES_PER_RESIDENT * residents.where(residents > 0, 400.0)
    index = residents.index
    totals = np.round(np.asarray(mean) * rng.lognormal(-0.125, 0.5, len(index))).astype(np.int64)
    by_branch = rng.multinomial(totals, np.array([*BRANCHES.values()]))
    table = pd.DataFrame(by_branch, index=index, columns=list(BRANCHES))
    groups = {name: table[list(parts)].sum(axis=1) for name, parts in BRANCH_GROUPS.items()}
    return pd.concat([pd.DataFrame({"tp_tyopy": totals}, index=index).assign(**groups), table], axis=1)


def _whole(fields: pd.DataFrame) -> pd.DataFrame:
    """Return counts as whole numbers; averages keep their decimal."""
    averages = ["te_takk", "te_as_valj", "ra_as_kpa"]
    whole = fields.columns.difference(averages)
    return fields.astype(dict.fromkeys(whole, np.int64))


def _protected(fields: pd.DataFrame, *, least: int | None = None) -> pd.DataFrame:
    """Return the fields with the details of small groups withheld; ``least`` holds for every group."""
    fields = _whole(fields)
    for group, (total, own) in PROTECTION.items():
        if total not in fields:
            continue
        details = [name for name in map(str, fields) if name.startswith(f"{group}_") and name != total]
        small = fields[total].between(1, (least or own) - 1)
        fields.loc[small, details] = HIDDEN
    return fields
