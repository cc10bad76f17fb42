"""Vantaa's real people on HSY's cells and on postal areas, published by themselves and together."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from small_findings import indicator, whole_frame
from vantaa_people import people_of_vantaa, pieces_of_vantaa, published, totals

from lea_geo.disclosure.attack.audit import audit_release
from lea_geo.disclosure.protect.suppress import suppress
from lea_geo.disclosure.prove.flow import feasible_counts
from lea_geo.disclosure.prove.unsafe import unsafe_groups
from lea_geo.disclosure.published import NO_LIMIT, Published
from lea_geo.export.geopackage import write_geopackage
from lea_geo.schema import CELL_COLUMNS, SUMMARY_COLUMNS, Findings, Text

pytestmark = pytest.mark.real
K = 5


@pytest.fixture(scope="module")
def vantaa(finland):
    return pieces_of_vantaa(finland)


@pytest.fixture(scope="module")
def people(vantaa):
    return people_of_vantaa(*vantaa)


def release(folder, level, areas, counts, hidden):
    """Write one kind of areas as a study would."""
    frame = pd.DataFrame(index=areas.index, columns=list(CELL_COLUMNS), dtype=float)
    frame["value"] = np.where(hidden, np.nan, counts)
    frame["status"] = np.where(hidden, "suppressed", "observed")
    one = replace(
        indicator("residents", "Asukkaat", numerator=(), denominator=(), field="people"),
        unit="persons",
        scale=1.0,
    )
    names = {"name_fi": "", "name_sv": "", "name_en": "", "municipality": ""}
    found = Findings(
        title=Text("Vantaa", "Vanda", "Vantaa"),
        areas=gpd.GeoDataFrame(names, geometry=areas.geometry.to_numpy(), index=areas.index, crs=areas.crs),
        indicators=(one,),
        results={"residents": whole_frame(frame)},
        summary=pd.DataFrame(index=["residents"], columns=list(SUMMARY_COLUMNS)),
        level=level,
        year="2015",
    )
    folder.mkdir()
    write_geopackage(found, folder / "study.gpkg")
    return folder


def test_hsys_cells_and_paavos_areas_are_not_of_the_same_people(vantaa):
    # 2015 against the end of 2016, by addresses against by population: no table has both.
    postal, cells, atoms = vantaa
    told = {"postal": postal["people"].fillna(0).to_numpy().astype(np.int64)}
    told["grid"] = cells["people"].to_numpy().astype(np.int64)
    anybody = np.full(atoms.n, NO_LIMIT)
    one = Published(atoms.families(told, told), np.zeros(atoms.n, dtype=np.int64), anybody, atoms.ids)
    assert feasible_counts(one) is None


def test_hsys_people_on_both_kinds_of_areas_give_few_away_until_they_are_protected(vantaa, people, tmp_path):
    postal, cells, atoms = vantaa
    told = {kind: totals(atoms, people, kind) for kind in ("postal", "grid")}
    naked = unsafe_groups(published(atoms, told["postal"], told["grid"]), K)
    # HSY publishes no cell of 1 to 4 people: whoever is found is found with the postal areas.
    assert np.all((told["grid"] == 0) | (told["grid"] >= K))
    assert naked.groups
    for group in naked.groups:
        assert 1 <= people[list(group.atoms)].sum() < K
        assert group.lower <= people[list(group.atoms)].sum() <= group.upper
    safe = suppress(people, atoms.families({}, {}), k=K)
    hidden = {
        chain.names[0]: gone[: len(atoms.area_ids[chain.names[0]])]
        for chain, gone in zip(atoms.chains, safe.hidden, strict=True)
    }
    grid = release(tmp_path / "grid", "grid", cells, told["grid"], hidden["grid"])
    post = release(tmp_path / "postal", "postal", postal, told["postal"], hidden["postal"])
    found = audit_release(grid, "findata", minimum_count=K, together=[post])
    assert found.safe, found.findings
    assert found.certificate["people 2015"].proved
    assert {one.attack: one.tried for one in found.tried}["differencing"]
    whole = release(tmp_path / "whole", "grid", cells, told["grid"], np.zeros(len(cells), dtype=bool))
    both = release(tmp_path / "both", "postal", postal, told["postal"], np.zeros(len(postal), dtype=bool))
    assert audit_release(whole, "findata", minimum_count=K).safe
    leaking = audit_release(whole, "findata", minimum_count=K, together=[both])
    assert not leaking.safe
    assert "subtract" in leaking.findings.iloc[0]["recipe"]
