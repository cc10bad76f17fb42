"""Every study file that docs/composite.md shows can be run as it stands."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lea_geo._index import load_index, make_index

TEXT = (Path(__file__).parents[3] / "docs" / "composite.md").read_text("utf-8")
FILES = dict(re.findall(r"^### ([^\n]+)\n(?:(?!^#).)*?```toml\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL))
PAAVO = ("hr_tuy", "hr_pi_tul", "hr_mtu", "ko_ika18y", "ko_perus", "ko_yl_kork", "pt_vakiy", "pt_tyott")


def table_for(said: dict) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    nodes = said["composite"].get("indicators", [])
    columns = [node.get("column", node["code"]) for node in nodes] or list(PAAVO)
    columns += [said["composite"]["population"]] if "population" in said["composite"] else []
    common = rng.uniform(0, 10, size=30)
    data = pd.DataFrame({column: (common + rng.uniform(1, 5, size=30)).round(1) for column in columns})
    for total in {"hr_tuy", "ko_ika18y", "pt_vakiy"} & set(data):
        data[total] = 100
    data = data.assign(hr_mtu=data["hr_mtu"] * 3000) if "hr_mtu" in data else data
    data.insert(0, said["tables"][0]["area_id"], [f"{100 + row:05d}" for row in range(30)])
    return data


@pytest.mark.parametrize("title", list(FILES))
def test_a_file_of_the_documentation_makes_an_index(tmp_path: Path, title: str):
    said = tomllib.loads(FILES[title])
    table_for(said).to_csv(tmp_path / said["tables"][0]["path"], index=False)
    (tmp_path / "index.toml").write_text(FILES[title], encoding="utf-8")
    made = make_index(load_index(tmp_path / "index.toml")).result.table
    assert made.iloc[:, 0].notna().all()
    assert made.iloc[:, 1].between(1, 30).all()


def test_the_documentation_shows_the_indices_that_it_speaks_of():
    assert len(FILES) == 6
