"""What the chapters' pages and the README show in Python runs as it stands, on the made-up region."""

import re
import tomllib
import zipfile
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_chapters import findings_with_chapter

import lea_geo as lea
from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import Keys
from lea_geo.chapter import CHAPTERS
from lea_geo.chapter_specs import READERS

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in CHAPTERS}
README = (ROOT / "README.md").read_text("utf-8")
README = README[README.index("### From where to what to do") : README.index("### The map")]
CENTRES = ["S1", "S2", "S3"]


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)```", text, re.MULTILINE | re.DOTALL)


@cache
def world():
    """Return areas without the two that Paavo withholds and the one where nobody lives, and three years."""
    tables = {
        year: lea.synthetic.indicator_table(year=year).set_index("postinumeroalue").rename_axis("area_id")
        for year in (2021, 2023, 2025)
    }
    numbers = [table.select_dtypes("number") for table in tables.values()]
    shown = np.logical_and.reduce([(one["tr_pi_tul"] >= 0) & (one["tr_kuty"] > 0) for one in numbers])
    areas = lea.synthetic.areas()
    kept = areas.index[pd.Series(shown, numbers[0].index).reindex(areas.index)]
    return areas.loc[kept], {year: table.loc[kept] for year, table in tables.items()}


def common():
    areas, tables = world()
    now = tables[2025]
    households, poor = now["tr_kuty"].astype(float), now["tr_pi_tul"].astype(float)
    return {
        "pd": pd,
        "areas": areas,
        "graph": lea.build_graph(areas, "queen", islands="components", water_distance=20_000),
        "households": households,
        "low_income": poor,
        "residents": now["he_vakiy"].astype(float),
        "years": {
            year: pd.DataFrame({"numerator": one["tr_pi_tul"], "denominator": one["tr_kuty"]}).astype(float)
            for year, one in tables.items()
        },
        "income": now["hr_mtu"].astype(float),
        "centres": lea.synthetic.services().loc[CENTRES],
    }


def of_inequality():
    own = common()
    poor, all_ = own["low_income"], own["households"]
    own |= {"values": poor / all_, "population": all_, "events": poor, "people": all_, "rank": own["income"]}
    postal = pd.Series(own["areas"].index, own["areas"].index)
    return own | {"municipality": own["areas"]["municipality"].astype(str), "postal_area": postal}


def of_segregation():
    own = common()
    counts = pd.DataFrame({"low": own["low_income"], "rest": own["households"] - own["low_income"]})
    earlier = own["years"][2021]
    then = pd.DataFrame({"low": earlier["numerator"], "rest": earlier["denominator"] - earlier["numerator"]})
    drivers = pd.DataFrame({"income": own["income"], "rent": world()[1][2025]["te_vuok_as"].astype(float)})
    own |= {"lower": counts, "upper": counts, "before": earlier, "after": own["years"][2025]}
    own |= {"found_2018": lea.segregation(then, runs=99), "found_2026": lea.segregation(counts, runs=99)}
    own |= {"values": counts["low"] / own["households"], "drivers": drivers, "people": own["households"]}
    return own | {"first": own["areas"]["municipality"] == own["areas"]["municipality"].iloc[0]}


def of_change():
    own = common()
    renamed = {own["areas"].index[0]: "01510"}
    own["years"] = {year: one.rename(index=renamed) for year, one in own["years"].items()}
    own["income"] = own["income"].rename(index=renamed)
    return own | {"then": own["years"][2021], "now": own["years"][2025]}


def of_trends():
    own = common()
    share = (own["low_income"] / own["households"]).to_numpy()[:, None]
    noise = np.random.default_rng(1).normal(0, 0.01, (len(share), 8))
    return own | {"rates": pd.DataFrame(share + noise, index=own["areas"].index, columns=range(2018, 2026))}


def of_types():
    own = common()
    groups = {
        "toddlers": ["he_0_2"],
        "children": ["he_3_6", "he_7_12"],
        "teenagers": ["he_13_15", "he_16_17"],
    }
    made = [
        pd.DataFrame({name: one[columns].sum(axis=1) for name, columns in groups.items()}).astype(float)
        for one in world()[1].values()
    ]
    earlier = own["years"][2023]
    next_values = pd.DataFrame({"low_income": earlier["numerator"] / earlier["denominator"]})
    own |= {"next_counts": made[1], "next_values": next_values}
    own |= {"next_residents": world()[1][2023]["he_vakiy"].astype(float)}
    values = pd.DataFrame({"low_income": own["low_income"] / own["households"]})
    errors = np.sqrt(values.mul(1 - values).div(own["households"], axis=0)).clip(lower=1e-3)
    own |= {"counts": made[2], "values": values, "standard_errors": errors}
    return own | {"weakening": values, "protecting": pd.DataFrame({"income": own["income"]})}


def of_drivers():
    own = common()
    now = world()[1][2025]
    jobs = pd.DataFrame(
        {"numerator": now["pt_tyott"], "denominator": now["pt_tyoll"] + now["pt_tyott"]}
    ).astype(float)
    rented = now["te_vuok_as"] / now["te_taly"]
    inside = own["areas"].geometry.representative_point()
    ill, people = jobs["numerator"], now["he_vakiy"].astype(float)
    own |= {
        "outcome": own["low_income"] / own["households"],
        "counts": jobs,
        "poor": now["ko_perus"].astype(float),
    }
    own |= {"coords": pd.DataFrame({"x": inside.x, "y": inside.y}), "ill": ill, "people": people}
    share = jobs["numerator"] / jobs["denominator"]
    return own | {"drivers": pd.DataFrame({"unemployment": share, "income": own["income"], "rented": rented})}


def of_targeting():
    own = common()
    need, families = own["low_income"], own["households"]
    before = (300_000 * own["residents"] / own["residents"].sum()).round(2)
    near = lea.travel_costs(own["areas"], own["centres"]).nearest()["cost"] <= 3000
    return own | {"need": need, "families": families, "before": before, "near": near}


def of_access():
    own = common()
    with zipfile.ZipFile("times.zip", "w") as file:
        file.writestr("times.csv", "from_id,to_id,pt_r_tt\n1,2,30\n1,3,-1\n2,3,12\n")
    own |= {"need": own["low_income"], "families": own["households"], "services": own["centres"], "lea": lea}
    return own | {"capacity": own["centres"]["capacity"].astype(float)}


def of_readme():
    own = of_drivers()
    rates = of_trends()["rates"]
    groups = pd.DataFrame({"low": own["low_income"], "rest": own["households"] - own["low_income"]})
    own |= {"lea": lea, "rate": own["low_income"] / own["households"], "people": own["households"]}
    own |= {"then": own["years"][2021], "now": own["years"][2025], "groups": groups, "rates": rates}
    return own | {"counts": of_types()["counts"], "poor": own["low_income"]}


NEEDED = {name: globals()[f"of_{name}"] for name in CHAPTERS} | {"README": of_readme}
FEWER = {
    "types": {"runs": 10, "worlds": 19},
    "type_ledgers": {"runs": 10, "worlds": 19},
    "apply_types": {"draws": 99},
    "regions": {"runs": 5, "starts": 2},
    "local_regression": {"runs": 19},
    "held_out_model": {"folds": 4, "repeats": 1, "shuffles": 2},
    "scale_range": {"runs": 20},
    "gini": {"runs": 99},
    "theil": {"runs": 99},
    "inequality_table": {"runs": 99},
    "segregation": {"runs": 99},
    "spatial_gini": {"permutations": 99},
}
"""Draws enough to run; what is shown says nothing of their number."""


@pytest.mark.parametrize("page", NEEDED)
def test_what_a_page_shows_in_python_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, fewer in FEWER.items():
        monkeypatch.setattr(lea, name, partial(getattr(lea, name), **fewer), raising=False)
    examples = blocks(PAGES.get(page, README), "python")
    assert examples
    known = NEEDED[page]()
    for example in examples:
        exec(compile(example, f"{page}.md", "exec"), known)  # noqa: S102 - our own documentation


def test_chapters_are_read_as_their_page_shows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    findings = findings_with_chapter()
    (tmp_path / "result").mkdir()
    lea.write_geopackage(findings, "result/study.gpkg")
    study = type("Study", (), {"findings": findings})
    monkeypatch.setattr(lea, "run", lambda _: study, raising=False)
    (example,) = blocks((ROOT / "docs" / "chapters.md").read_text("utf-8"), "python")
    known: dict = {}
    exec(compile(example, "chapters.md", "exec"), known)  # noqa: S102 - our own documentation
    assert [one.code for one in known["again"]] == [known["chapter"].code]
    assert all(said.text.en in capsys.readouterr().out for said in known["chapter"].statements[:1])


@pytest.mark.parametrize("page", [*CHAPTERS, "chapters", "README"])
def test_the_sections_that_a_page_shows_are_those_of_a_study(page, tmp_path):
    text = README if page == "README" else (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    shown = [tomllib.loads(example) for example in blocks(text, "toml")]
    assert shown
    for said in shown:
        faults = Faults()
        for code in said:
            for name in re.findall(r'"([\w.-]+\.(?:csv|gpkg|zip))"', str(said[code]).replace("'", '"')):
                (tmp_path / name).touch()
            READERS[code](Keys(said[code], f"[{code}]", faults, tmp_path))
        assert not faults.found
