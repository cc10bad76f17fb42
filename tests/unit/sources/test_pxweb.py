"""PxWeb: tables in parts, every cell held against what was asked, and a service that misbehaves."""

import csv
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from pxweb_server import FIELDS, TOTAL, VARIABLES, PxWebServer, Table, made_up_areas, number

import lea_geo as lea
from lea_geo.errors import SourceError, UsageError
from lea_geo.intake.catalogue import read_catalogue
from lea_geo.sources._json_stat import Asked
from lea_geo.sources.cache import Cache
from lea_geo.sources.client import Client
from lea_geo.sources.pxweb import _parts, download_table
from lea_geo.sources.registry import Limits, Registry, Source
from lea_geo.sources.tables import Table as Downloaded
from lea_geo.sources.tables import write_table

NAME = "paavo_pxt_12f7.px"
ODD = {
    ("00010", "he_0_2", "2023"): "...",
    ("00020", "he_0_2", "2023"): "..",
    ("00030", "he_0_2", "2023"): ".",
    ("00040", "he_0_2", "2023"): -1,
    ("00050", "he_0_2", "2023"): 12.5,
}


@pytest.fixture
def server() -> Iterator[PxWebServer]:
    with PxWebServer({NAME: Table(made_up_areas(40), odd=ODD)}, calls=None) as serving:
        yield serving


def source_of(server: PxWebServer, **limits: Any) -> Source:
    return Source(
        name="paavo",
        what="made up",
        service="pxweb",
        address=server.template,
        owner="nobody",
        licence="CC0",
        layers={"all": NAME},
        area_id=("Postinumeroalue",),
        limits=Limits(**limits),
    )


def client_of(source: Source, folder: Path, *, seconds: float = 10.0, **options: Any) -> Client:
    """Return a client with the patience of ``seconds``: short where the server is to say nothing."""
    options = {"wait": 0.01, "timeout": (seconds, seconds), "deadline": 30.0, **options}
    return Client(Registry({source.name: source}), Cache(folder), **options)


def fetch(
    server: PxWebServer,
    folder: Path,
    table: str = "all",
    *,
    cells: int | None = None,
    seconds: float = 10.0,
    **asked: Any,
) -> Downloaded:
    source = source_of(server, cells=cells)
    with client_of(source, folder, seconds=seconds) as client:
        return download_table(client, source, table, **asked)


def complaint(server: PxWebServer, folder: Path, table: str = "all", **asked: Any) -> str:
    with pytest.raises(SourceError) as caught:
        fetch(server, folder, table, **asked)
    return str(caught.value)


def test_a_country_of_areas_comes_in_parts_that_keep_the_limit_and_adds_up(tmp_path: Path):
    fields = {f"he_x{k}": (f"Luku {k} (HE)", f"Tal {k} (HE)", f"Number {k} (HE)") for k in range(100)}
    with PxWebServer({NAME: Table(made_up_areas(3000), fields=fields)}, cells=120_000) as server:
        table = fetch(server, tmp_path, cells=120_000, years=[2023])
        calls = [request for request in server.requests if request.method == "POST"]
    # 3001 areas and the country, 100 fields, one year: 300 100 cells are three calls of 120 000 at most.
    assert len(calls) == 3
    assert len(table.frame) == 3001 * 100
    values = table.frame.assign(value=table.frame["value"].astype(int))
    country, areas = values[values["area"] == TOTAL[0]], values[values["area"] != TOTAL[0]]
    sums = areas.groupby("field", sort=False)["value"].sum()
    assert sums.tolist() == country["value"].tolist()
    assert sums["he_x0"] == sum(number(i, 0, 2) for i in range(1, 3001))
    assert not table.frame.duplicated(["area", "field", "year"]).any()


@pytest.mark.parametrize("cells", [4, 7, 13, 600])
def test_the_same_table_whatever_the_limit_on_cells(server: PxWebServer, tmp_path: Path, cells: int):
    areas = [code for code, _ in made_up_areas(3)]
    whole = fetch(server, tmp_path / "whole", areas=areas)
    assert len(whole.frame) == 3 * len(FIELDS) * 3
    server.cells = cells
    assert fetch(server, tmp_path / "parts", areas=areas, cells=cells).frame.equals(whole.frame)


@given(
    sizes=st.tuples(st.integers(1, 40), st.integers(1, 12), st.integers(1, 6)),
    limit=st.one_of(st.none(), st.integers(1, 700)),
)
def test_parts_hold_every_cell_once_and_none_more_than_the_limit(
    sizes: tuple[int, int, int], limit: int | None
):
    values = tuple(tuple(f"{name}{k}" for k in range(n)) for name, n in zip("afy", sizes, strict=True))
    parts = list(_parts(Asked(("area", "field", "year"), values), limit))
    cells = Counter(cell for part in parts for cell in product(*part.values))
    assert cells == Counter(product(*values))
    assert limit is None or max(prod(part.size) for part in parts) <= limit
    if limit is None or prod(sizes) <= limit:
        assert len(parts) == 1


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("codes", ["own", "fi"])
def test_variables_are_found_whatever_they_are_called(tmp_path: Path, language: str, codes: str):
    table = Table(made_up_areas(3), codes=codes)
    with PxWebServer({NAME: table}, calls=None) as server:
        got = fetch(server, tmp_path, language=language, years=["2022"], areas=["00030"], fields=["he_vakiy"])
        body = server.requests[-1].body
    row = got.frame.iloc[0]
    assert row["label"] == FIELDS["he_vakiy"][["fi", "sv", "en"].index(language)]
    assert (row["area"], row["name"], row["municipality"]) == ("00030", "Alue 3", "Vaasa")
    assert row["value"] == str(number(3, 0, 1))
    asked = {part["code"] for part in body["query"]}
    assert asked == set(VARIABLES["fi" if codes == "fi" else language])


def test_fields_can_be_named_by_their_labels(server: PxWebServer, tmp_path: Path):
    got = fetch(server, tmp_path, language="en", fields=["0-2 years (HE)"], areas=["00080"], years=[2021])
    assert got.frame["field"].tolist() == ["he_0_2"]


def test_what_is_no_number_stays_as_it_was_written(server: PxWebServer, tmp_path: Path):
    got = fetch(server, tmp_path, fields=["he_0_2"], years=[2023], areas=[f"000{n}0" for n in range(1, 6)])
    assert got.frame["value"].tolist() == ["...", "..", ".", "-1", "12.5"]
    assert "1 cells hold '...' and no number." in got.notes


def test_the_file_is_read_as_indicators_with_the_statuses_of_the_catalogue(
    server: PxWebServer, tmp_path: Path
):
    got = fetch(server, tmp_path / "cache", years=[2023])
    path = write_table(got, tmp_path / "paavo.csv")
    table = lea.read_indicators(path, "paavo", area_id="Postinumeroalue")
    assert len(table.values) == 40
    assert table.report.year == "2023"
    assert table.report.totals == ("SSS",)
    assert table.attributes.loc["00020", ["name_fi", "municipality"]].tolist() == ["Alue 2", "Äänekoski"]
    cells = table.cells("children_under_3")
    statuses = cells["status"].loc[["00010", "00020", "00030", "00040", "00060"]].tolist()
    assert statuses == ["suppressed", "missing", "not_applicable", "suppressed", "observed"]
    # Area 6 in 2023: 108 people, a third of them under 3.
    assert cells.loc["00060", "value"] == pytest.approx(100 * (108 // 3) / 108)
    assert cells.loc["00010", "upper"] == pytest.approx(100)  # at most everybody


def test_several_years_are_read_one_at_a_time(server: PxWebServer, tmp_path: Path):
    path = write_table(fetch(server, tmp_path / "cache"), tmp_path / "paavo.csv")
    for place, year in enumerate((2021, 2022, 2023)):
        table = lea.read_indicators(path, "paavo", area_id="area", year=year)
        assert table.numerator.loc["00080", "children_under_3"] == number(8, 1, place)


def test_preliminary_years_are_years_and_are_told(tmp_path: Path):
    class Early(Table):
        def texts(self, language: str) -> Any:
            areas, fields, years = super().texts(language)
            return areas, fields, [*years[:-1], f"{years[-1]}*"]

    with PxWebServer({NAME: Early(made_up_areas(2))}, calls=None) as server:
        got = fetch(server, tmp_path, years=[2023])
        older = fetch(server, tmp_path, years=[2022])
    assert set(got.frame["year"]) == {"2023"}
    assert "Preliminary: 2023*." in got.notes
    assert not any("Preliminary" in note for note in older.notes)


def test_all_that_the_table_does_not_have_is_told_at_once(server: PxWebServer, tmp_path: Path):
    told = complaint(server, tmp_path, areas=["00010", "99999"], fields=["he_vakiy", "te_x"], years=[2031])
    assert "no such areas: 1 of 2 (99999)" in told
    assert "no such fields: 1 of 2 (te_x). It has 5: he_vakiy, he_0_2" in told
    assert "no such years: 1 of 1 (2031). It has 3: 2021, 2022, 2023." in told


def test_a_question_for_nothing_is_refused(server: PxWebServer, tmp_path: Path):
    assert "no areas are asked for. Leave them out to have all." in complaint(server, tmp_path, areas=[])


def test_an_unknown_table_is_told_with_those_that_there_are(server: PxWebServer, tmp_path: Path):
    told = complaint(server, tmp_path, "paavo_pxt_12f8.px")
    assert "there is no table 'paavo_pxt_12f8.px'. Did you mean paavo_pxt_12f7.px?" in told
    assert f"There are {NAME} (12f7 -- 9. Kaikki tietoryhmät)." in told


def test_an_unknown_language_is_told_with_those_that_there_are(server: PxWebServer, tmp_path: Path):
    with pytest.raises(UsageError, match="language is 'de'; it must be one of en, fi, sv"):
        fetch(server, tmp_path, language="de")


def test_a_table_of_something_else_is_refused(tmp_path: Path):
    class Other(PxWebServer):
        def _metadata(self, table: Table, language: str) -> Any:
            answer = super()._metadata(table, language)
            renamed = answer.content.replace(b'"Tiedot"', b'"Toimiala"')
            return type(answer)(renamed, answer.kind)

    with Other({NAME: Table(made_up_areas(2))}, calls=None) as server:
        told = complaint(server, tmp_path)
    assert "no areas, fields or years among its variables: 3 (Postinumeroalue, Toimiala, Vuosi)" in told


def test_the_cache_answers_where_there_is_no_service(server: PxWebServer, tmp_path: Path):
    source = source_of(server)
    with client_of(source, tmp_path) as client:
        online = download_table(client, source, "all", years=[2023])
    asked = len(server.requests)
    with client_of(source, tmp_path, offline=True) as client:
        offline = download_table(client, source, "all", years=[2023])
        with pytest.raises(SourceError, match="is not in"):
            download_table(client, source, "all", years=[2022])
    assert offline.frame.equals(online.frame)
    assert len(server.requests) == asked


# --- a service that misbehaves -----------------------------------------------------------------------------


def whole_cache(folder: Path) -> int:
    """Return how many answers are kept, having made sure that nothing else is there."""
    cache = Cache(folder)
    kept = cache.verify()
    objects = [path for path in (folder / "objects").rglob("*") if path.is_file()]
    assert len(objects) == len({record.sha256 for record in kept})
    assert not list((folder / "incoming").glob("*"))
    return len(kept)


@pytest.mark.parametrize("fault", ["429", "500", "503", "cut", "stall", "hang", "half"])
def test_what_may_pass_is_asked_again(server: PxWebServer, tmp_path: Path, fault: str):
    server.next(None, fault, fault)
    got = fetch(server, tmp_path, years=[2023], seconds=0.3 if fault in {"stall", "hang"} else 10.0)
    assert len(got.frame) == 41 * len(FIELDS)
    assert len(server.requests) == 4
    assert whole_cache(tmp_path) == 2


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("html", "it is an HTML page and no data"),
        ("latin-1", "it is not in UTF-8"),
        ("redirect", "redirected"),
        ("half", "it is no whole JSON"),
        ("500", r"\(asked 4 times\)"),
        ("429", r"\(asked 4 times\)"),
        ("cut", r"\(asked 4 times\)"),
        ("empty", "it is no whole JSON|empty"),
    ],
)
@pytest.mark.parametrize("after", [0, 1])
def test_what_stays_wrong_is_told_and_never_kept(
    server: PxWebServer, tmp_path: Path, fault: str, told: str, after: int
):
    server.next(*[None] * after, *[fault] * 8)
    source = source_of(server)
    with client_of(source, tmp_path) as client, pytest.raises(SourceError, match=told):
        # Labels with letters beyond ASCII, so that the wrong encoding shows in metadata and data.
        download_table(client, source, "all", years=[2023], language="fi")
    assert whole_cache(tmp_path) == after


def spoilt(change: str, body: dict[str, Any]) -> dict[str, Any]:
    area = body["id"][0]
    index = body["dimension"][area]["category"]["index"]
    if change == "a cell short":
        body["value"].pop()
    elif change == "an area short":
        index.pop(next(iter(index)))
    elif change == "another area":
        index["99999"] = index.pop(next(iter(index)))
    elif change == "no size":
        del body["size"]
    elif change == "truth values":
        body["value"][0] = True
    elif change == "not a number":
        body["value"][0] = float("nan")
    elif change == "another variable":
        body["id"][0] = "Kunta"
        body["dimension"]["Kunta"] = body["dimension"][area]
    return body


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("a cell short", "it holds 614 cells in place of 615"),
        ("an area short", "1 values of Postinumeroalue are missing from it and 0 were not asked for"),
        ("another area", "1 values of Postinumeroalue are missing from it and 1 were not asked for"),
        ("no size", "it is no table in JSON-stat 2"),
        ("truth values", "it holds cells that are neither numbers nor empty"),
        ("not a number", "it holds NaN, which is no number"),
        ("another variable", "it is by Kunta, Tiedot, Vuosi, and Postinumeroalue, Tiedot, Vuosi were asked"),
    ],
)
def test_an_answer_with_other_cells_than_were_asked_for_is_refused(
    server: PxWebServer, tmp_path: Path, change: str, told: str
):
    server.spoil = lambda body: spoilt(change, body)
    assert told in complaint(server, tmp_path)
    assert whole_cache(tmp_path) == 1  # the metadata


def test_the_order_of_an_answer_is_read_and_not_assumed(server: PxWebServer, tmp_path: Path):
    straight = fetch(server, tmp_path / "straight", years=[2022, 2023])

    def turned(body: dict[str, Any]) -> dict[str, Any]:
        areas, fields, years = body["size"]
        cells = [
            body["value"][(a * fields + f) * years + y]
            for y in range(years)
            for f in range(fields)
            for a in range(areas)
        ]
        words = {
            str(
                (int(i) % years * fields + int(i) // years % fields) * areas + int(i) // years // fields
            ): word
            for i, word in body["status"].items()
        }
        return body | {"id": body["id"][::-1], "size": body["size"][::-1], "value": cells, "status": words}

    server.spoil = turned
    assert fetch(server, tmp_path / "turned", years=[2022, 2023]).frame.equals(straight.frame)


def test_the_services_own_limits_are_kept(tmp_path: Path):
    """A server that refuses a sixth call within half a second is never asked one; nothing is retried."""
    with PxWebServer({NAME: Table(made_up_areas(11))}, cells=12, calls=5, window=0.5) as server:
        source = source_of(server, cells=12, calls=5, seconds=0.6)
        with client_of(source, tmp_path, tries=1) as client:
            got = download_table(client, source, "all", fields=["he_vakiy", "he_0_2"])
        times = [request.time for request in server.requests]
    # 12 areas of 2 fields and 3 years are 72 cells: six calls, after one for the metadata.
    assert len(got.frame) == 72
    assert len(times) == 7
    assert times[5] - times[0] >= 0.5


# --- the server itself: what others say of PxWeb holds of it ------------------------------------------------


def test_the_server_refuses_too_many_cells_and_too_many_calls():
    with PxWebServer({NAME: Table(made_up_areas(10))}, cells=100, calls=3) as server:
        url = server.template.format(language="fi") + f"/{NAME}"
        every = {"query": [], "response": {"format": "json-stat2"}}
        one = {"query": [{"code": "Postinumeroalue", "selection": {"filter": "all", "values": ["*"]}}]}
        assert requests.post(url, json=every, timeout=5).status_code == 200  # the country alone: 15 cells
        assert requests.post(url, json={**every, **one}, timeout=5).status_code == 403
        assert requests.post(url, json={"query": [{"code": "x"}]}, timeout=5).status_code == 400
        assert requests.get(url, timeout=5).status_code == 429


@pytest.mark.parametrize("kind", ["json", "csv", "px"])
def test_the_server_speaks_the_other_formats(server: PxWebServer, kind: str):
    url = server.template.format(language="fi") + f"/{NAME}"
    query = [
        {"code": "Postinumeroalue", "selection": {"filter": "item", "values": ["00010", "00020"]}},
        {"code": "Vuosi", "selection": {"filter": "top", "values": ["1"]}},
    ]
    answer = requests.post(url, json={"query": query, "response": {"format": kind}}, timeout=5)
    assert answer.status_code == 200
    if kind == "csv":
        text = answer.content.decode("latin-1")
        assert "Äänekoski" in text  # which is no UTF-8
        assert text.splitlines()[0] == '"Postinumeroalue","Tiedot","2023"'
    assert answer.content.count(b"...") == 1
    assert answer.content.count(str(number(1, 0, 2)).encode()) >= 1


def test_the_csv_of_the_service_is_read_as_what_was_downloaded(server: PxWebServer, tmp_path: Path):
    """The same table by two ways: the service's own CSV in ISO-8859-1, and JSON-stat through the client."""
    url = server.template.format(language="fi") + f"/{NAME}"
    query = [
        {"code": "Postinumeroalue", "selection": {"filter": "all", "values": ["*"]}},
        {"code": "Vuosi", "selection": {"filter": "item", "values": ["2023"]}},
    ]
    answer = requests.post(url, json={"query": query, "response": {"format": "csv"}}, timeout=5)
    (tmp_path / "own.csv").write_bytes(answer.content)
    own = lea.read_indicators(tmp_path / "own.csv", area_id="Postinumeroalue")
    got = write_table(fetch(server, tmp_path / "cache", years=[2023]), tmp_path / "got.csv")
    ours = lea.read_indicators(got, area_id="area")
    assert own.values.equals(ours.values)
    assert own.status.equals(ours.status)
    assert own.attributes.equals(ours.attributes)


@pytest.mark.real
def test_labels_of_the_real_service_are_split_and_known_to_the_catalogue(finland: Path, tmp_path: Path):
    """A raw export of table 12f7 in English, served again: the values come through unchanged."""
    name = "paavo_pxweb_12f7_helsinki_2020_2023_latin1.zip"
    raw = lea.read_indicators(
        finland / name, area_id="Postal code area", layer="009_12f7_2023_all.csv", year=2023
    )
    table = _real_table(finland / name, "009_12f7_2023_all.csv")
    with PxWebServer({NAME: table}, calls=None) as server:
        got = fetch(server, tmp_path / "cache", language="en", cells=5000)
    read = lea.read_indicators(write_table(got, tmp_path / "p.csv"), area_id="area")
    assert len(read.values) == len(raw.values) > 80
    assert read.values.equals(raw.values)
    assert read.status.equals(raw.status)
    assert read.attributes.equals(raw.attributes)


def _real_table(path: Path, member: str) -> Table:
    with zipfile.ZipFile(path) as archive:
        lines = archive.read(member).decode("latin-1").splitlines()[2:]
    _, *rows = csv.reader(lines)
    labels = list(dict.fromkeys(row[0] for row in rows))
    known = {alias: code for code, field in read_catalogue("paavo").fields.items() for alias in field.aliases}
    fields = {
        known.get(text, f"x{n}"): (text, text, text)
        for n, text in enumerate(dict.fromkeys(r[1] for r in rows))
    }
    code_of = {texts[0]: code for code, texts in fields.items()}
    areas = [(label[:5], re.sub(r"^\d{5}\s+", "", label)) for label in labels]
    odd: dict[tuple[str, str, str], Any] = {
        (area[:5], code_of[field], "2023"): value if value in {".", "..", "..."} else float(value)
        for area, field, value in rows
    }
    odd |= {(TOTAL[0], code, "2023"): ".." for code in fields}
    return Table(areas, fields=fields, years=("2023",), odd=odd)
