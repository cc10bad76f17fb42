"""Sotkanet: the service's own region numbers become municipality codes, and absent values never become 0."""

import csv
import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from sotkanet_server import GONE, REGIONS, Holdings, Indicator, Region, SotkanetServer

import lea_geo as lea
from lea_geo.errors import SourceError, TableError, UsageError
from lea_geo.sources.cache import Cache
from lea_geo.sources.client import Client
from lea_geo.sources.registry import Registry, Source
from lea_geo.sources.sotkanet import download_indicators
from lea_geo.sources.tables import Table, write_table


@pytest.fixture
def server() -> Iterator[SotkanetServer]:
    with SotkanetServer() as serving:
        yield serving


def source_of(server: SotkanetServer) -> Source:
    return Source("thl", "made up", "sotkanet", server.base, owner="nobody", licence="CC0")


def fetch(
    server: SotkanetServer,
    folder: Path,
    *asked: Any,
    offline: bool = False,
    seconds: float = 10.0,
    **options: Any,
) -> Table:
    """Ask with the patience of ``seconds``: short where the server is to say nothing."""
    source = source_of(server)
    bounds = {"wait": 0.01, "timeout": (seconds, seconds), "deadline": 30.0}
    with Client(Registry({"thl": source}), Cache(folder), offline=offline, **bounds) as client:
        return download_indicators(client, source, *asked, **options)


def complaint(server: SotkanetServer, folder: Path, *asked: Any, **options: Any) -> str:
    with pytest.raises(SourceError) as caught:
        fetch(server, folder, *asked, **options)
    return str(caught.value)


def values(table: Table, **where: str) -> dict[str, str]:
    frame = table.frame
    for name, wanted in where.items():
        frame = frame[frame[name] == wanted]
    return dict(zip(frame["municipality"], frame["value"], strict=True))


def test_region_numbers_become_municipality_codes_with_their_zeros(server: SotkanetServer, tmp_path: Path):
    got = fetch(server, tmp_path, [127], [2023])
    # 1 000 times the place, and 2 more each year after 2020.
    assert values(got) == {"905": "1006", "399": "2006", "092": "3006", "992": "4006"}
    assert list(got.frame.columns) == [
        "municipality",
        "name",
        "indicator",
        "title",
        "year",
        "gender",
        "value",
    ]
    assert got.frame.loc[got.frame["municipality"] == "992", "name"].item() == "Äänekoski"
    assert set(got.frame["title"]) == {"Väestö 31.12."}
    assert got.frame.attrs["titles"]["127"] == {
        "fi": "Väestö 31.12.",
        "sv": "Folkmängd 31.12.",
        "en": "Population at year end",
    }
    assert "127: Väestö 31.12. / Folkmängd 31.12. / Population at year end." in got.notes


def test_years_are_repeated_in_one_question(server: SotkanetServer, tmp_path: Path):
    got = fetch(server, tmp_path, ["127"], range(2020, 2024), genders=["female", "male"])
    asked = server.requests[-1].params
    assert [value for name, value in asked if name == "years"] == ["2020", "2021", "2022", "2023"]
    assert [value for name, value in asked if name == "genders"] == ["female", "male"]
    assert len(server.requests) == 3  # what there is, where, and the values
    assert len(got.frame) == 4 * 4 * 2
    both = got.frame.assign(value=got.frame["value"].astype(float))
    assert both.groupby("year")["value"].sum().tolist() == [10_000 + 4 * 2 * n for n in range(4)]


def test_regions_that_are_no_municipalities_and_those_that_are_gone_are_told(
    server: SotkanetServer, tmp_path: Path
):
    got = fetch(server, tmp_path, [127], [2020, 2021, 2022])
    assert "3 values of counties, the country and other regions were passed over." in got.notes
    gone = next(note for note in got.notes if "no longer lists" in note)
    assert gone.startswith("2 values of 1 regions")
    assert f"(the service's numbers {GONE})" in gone
    assert len(got.frame) == 12


def test_an_absent_value_is_absent_and_a_withheld_one_is_no_number(server: SotkanetServer, tmp_path: Path):
    got = fetch(server, tmp_path, [90001], [2023])
    assert values(got) == {"905": "4.25", "092": ".."}
    assert "90001 of 2023 (total) has no value for 2 of 4 municipalities (399, 992): missing, and not 0." in (
        got.notes
    )


def test_codes_without_leading_zeros_are_restored(tmp_path: Path):
    regions = [replace(one, code=one.code.lstrip("0")) for one in REGIONS]
    with SotkanetServer(Holdings(regions=regions)) as server:
        got = fetch(server, tmp_path, [127], [2023])
    assert values(got)["092"] == "3006"
    assert "1 municipality codes were restored to 3 digits." in got.notes


def test_the_file_is_read_as_indicators(server: SotkanetServer, tmp_path: Path):
    got = fetch(server, tmp_path / "cache", [127], [2022, 2023])
    path = write_table(got, tmp_path / "sotkanet.csv")
    table = lea.read_indicators(path, "sotkanet", area_id="municipality", year=2023)
    assert table.values["population"].to_dict() == {"905": 1006, "399": 2006, "092": 3006, "992": 4006}
    assert table.attributes.loc["905", "name_fi"] == "Vaasa"


def test_a_file_of_several_genders_has_several_values_for_an_area(server: SotkanetServer, tmp_path: Path):
    got = fetch(server, tmp_path / "cache", [127], [2023], genders=["total", "male"])
    path = write_table(got, tmp_path / "sotkanet.csv")
    with pytest.raises(TableError, match="They differ in gender: keep one kind of row"):
        lea.read_indicators(path, "sotkanet", area_id="municipality")


def test_unknown_indicators_and_years_are_all_told(server: SotkanetServer, tmp_path: Path):
    told = complaint(server, tmp_path, [127, 4, "x"], [2023, 1989, "23"])
    assert "unknown indicators: 2 of 3 (4, x). The service lists 2;" in told
    assert "indicator 127 has no such years: 1 (1989). It has 2020 to 2023." in told
    assert "years that are no years: 1 of 3 (23)" in told


def test_nothing_asked_for_is_refused(server: SotkanetServer, tmp_path: Path):
    told = complaint(server, tmp_path, [], [])
    assert "no indicators are asked for" in told
    assert "no years are asked for" in told


def test_a_gender_that_an_indicator_is_not_given_by_is_told(server: SotkanetServer, tmp_path: Path):
    told = complaint(server, tmp_path, [127, 90001], [2023], genders=["total", "female"])
    assert "no municipality has a value (indicator, year, gender): 1 (90001 2023 female)." in told
    assert "Genders that they are given by: 90001: total." in told
    with pytest.raises(UsageError, match="genders is 'both'; it must be one of female, male, total"):
        fetch(server, tmp_path, [127], [2023], genders="both")


@pytest.mark.parametrize(
    ("regions", "told"),
    [
        ([*REGIONS, Region(GONE, "905", ("Vanha", "Gammal", "Old"))], "several regions with values: 1 of 4"),
        ([one for one in REGIONS if one.category != "KUNTA"], "the service lists no municipalities"),
    ],
)
def test_municipalities_that_cannot_be_told_apart_are_refused(
    tmp_path: Path, regions: list[Region], told: str
):
    with SotkanetServer(Holdings(regions=regions)) as server:
        assert told in complaint(server, tmp_path, [127], [2021])


def test_a_code_that_is_none_is_told_and_stops_nobody(tmp_path: Path):
    regions = [*REGIONS, Region(GONE, "K9", ("Vanha", "Gammal", "Old"))]
    with SotkanetServer(Holdings(regions=regions)) as server:
        got = fetch(server, tmp_path, [127], [2021])
    assert len(got.frame) == 4
    assert "1 values of municipalities whose code is none of three digits were passed over." in got.notes


def test_the_cache_answers_where_there_is_no_service(server: SotkanetServer, tmp_path: Path):
    online = fetch(server, tmp_path, [127], [2023])
    asked = len(server.requests)
    assert fetch(server, tmp_path, [127], [2023], offline=True).frame.equals(online.frame)
    assert "is not in" in complaint(server, tmp_path, [127], [2022], offline=True)
    assert len(server.requests) == asked


# --- a service that misbehaves -----------------------------------------------------------------------------


def whole_cache(folder: Path) -> int:
    kept = Cache(folder).verify()
    assert not list((folder / "incoming").glob("*"))
    return len(kept)


@pytest.mark.parametrize("fault", ["429", "500", "cut", "stall", "half"])
@pytest.mark.parametrize("after", [0, 2])
def test_what_may_pass_is_asked_again(server: SotkanetServer, tmp_path: Path, fault: str, after: int):
    server.next(*[None] * after, fault, fault)
    seconds = 0.3 if fault == "stall" else 10.0
    assert len(fetch(server, tmp_path, [127], [2023], seconds=seconds).frame) == 4
    assert len(server.requests) == 5
    assert whole_cache(tmp_path) == 3


@pytest.mark.parametrize(
    ("fault", "told"),
    [("html", "HTML page"), ("latin-1", "not in UTF-8"), ("redirect", "which the registry does not name")],
)
@pytest.mark.parametrize("after", [0, 1])
def test_what_stays_wrong_is_told_and_never_kept(
    server: SotkanetServer, tmp_path: Path, fault: str, told: str, after: int
):
    server.next(*[None] * after, *[fault] * 8)
    assert told in complaint(server, tmp_path, [127], [2023])
    assert whole_cache(tmp_path) == after


class Wrong(SotkanetServer):
    """Answers with what was not asked for."""

    change: Any = None

    def _values(self, *asked: Any) -> Any:
        answer = super()._values(*asked)
        return replace(answer, content=self.change(answer.content))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'"indicator": 127', b'"indicator": 128', "5 of its 5 values were not asked for"),
        (b'"year": 2023', b'"year": 2022', "5 of its 5 values were not asked for"),
        (b'"gender": "total"', b'"gender": "male"', "5 of its 5 values were not asked for"),
        (b'"region": 102', b'"region": 101', "it has several values for 1 of its regions, years and genders"),
        (b'"value": 1006', b'"value": true', "it has values that are neither numbers nor empty"),
        (b'"region"', b'"area"', "it is no list of values"),
    ],
)
def test_values_of_something_else_are_refused(tmp_path: Path, old: bytes, new: bytes, told: str):
    with Wrong() as server:
        server.change = lambda content: content.replace(old, new)
        assert told in complaint(server, tmp_path, [127], [2023])
    assert whole_cache(tmp_path) == 2  # what there is, and where


# --- the server itself --------------------------------------------------------------------------------------


def test_the_server_describes_an_indicator_and_gives_nothing_for_one_that_it_does_not_know(
    server: SotkanetServer,
):
    one = requests.get(f"{server.base}/indicators/127", timeout=5).json()
    assert one["title"]["en"] == "Population at year end"
    asked = {"indicator": 4, "years": [2022, 2023], "genders": "total"}
    assert requests.get(f"{server.base}/json", params=asked, timeout=5).json() == []
    assert requests.get(f"{server.base}/indicators/4", timeout=5).status_code == 404


# --- real values --------------------------------------------------------------------------------------------


@pytest.mark.real
def test_real_values_come_through_by_code(finland: Path, tmp_path: Path):
    """THL's own values of 1990 to 2012, keyed by name, served by region number and joined to codes again."""
    title = "Väestö 31.12."
    held, names = _real(finland, title)
    years = (1990, 2012)
    codes = _codes(finland)
    towns = [Region(1000 + n, codes.get(name, ""), (name, name, name)) for n, name in enumerate(names)]
    known = [town for town in towns if town.code]
    by_name = {town.name[0]: town.number for town in towns}
    served = {(by_name[name], year, "total"): value for (name, year), value in held.items()}
    one = Indicator(127, (title, title, title), served, ("total",), years)
    with SotkanetServer(Holdings((one,), known)) as server:
        got = fetch(server, tmp_path / "cache", [127], [1990, 2011])
    expected = {
        (codes[name].zfill(3), str(year)): value
        for (name, year), value in held.items()
        if name in codes and year in {1990, 2011}
    }
    given = {(row.municipality, row.year): float(row.value) for row in got.frame.itertuples()}
    assert given == expected
    assert len(known) > 280
    # The municipalities of 2012 that have since merged are told of: they have values, and no code of today.
    assert f"of {len(towns) - len(known)} regions that the service no longer lists" in " ".join(got.notes)
    table = lea.read_indicators(
        write_table(got, tmp_path / "s.csv"), "sotkanet", area_id="municipality", year=2011
    )
    assert table.values.loc["092", "population"] == held["Vantaa", 2011]


def _real(finland: Path, title: str) -> tuple[dict[tuple[str, int], float], list[str]]:
    with gzip.open(finland / "sotkanet_long_1990_2012_kunta.csv.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["Muuttuja"] == f"[YLEISET] {title}"]
    held = {(row["Alue"], int(row["Vuosi"])): float(row["Arvo"]) for row in rows}
    return held, sorted({name for name, _ in held})


def _codes(finland: Path) -> dict[str, str]:
    with zipfile.ZipFile(finland / "municipality_keys_geofi.zip") as archive:
        text = archive.read("municipality_key_2026.csv").decode("utf-8")
    return {row["municipality_name_fi"]: row["kunta"] for row in csv.DictReader(io.StringIO(text))}
