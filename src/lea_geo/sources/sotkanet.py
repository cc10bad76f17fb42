"""Sotkanet: THL's indicators by municipality, whose regions have numbers of their own.

A value that the service does not give is no row of the table: absent, and never 0.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from lea_geo._checks import check_choice
from lea_geo._checks import statistics as check
from lea_geo.schema import LANGUAGES
from lea_geo.sources.answers import BadAnswer, text_of
from lea_geo.sources.tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lea_geo.sources.cache import Fetched
    from lea_geo.sources.client import Client
    from lea_geo.sources.registry import Source

GENDERS = ("total", "male", "female")
MUNICIPAL = "KUNTA"
COLUMNS = ("municipality", "name", "indicator", "title", "year", "gender", "value")
NO_VALUE = ".."
_KEYS = {"indicator", "region", "year", "gender", "value"}


@dataclass(frozen=True)
class _Regions:
    """What the service's own numbers stand for."""

    codes: Mapping[str, str]
    """Number to code of three digits, of municipalities."""
    names: Mapping[str, str]
    """Code to Finnish name."""
    others: frozenset[str]
    """Numbers of counties, the country and so on."""
    odd: frozenset[str]
    """Numbers of municipalities whose code is none of three digits."""
    restored: int
    """How many codes lacked leading zeros."""


def download_indicators(
    client: Client,
    source: Source,
    ids: Sequence[int | str],
    years: Sequence[int | str],
    *,
    genders: str | Sequence[str] = "total",
) -> Table:
    """Fetch indicators by municipality.

    Parameters
    ----------
    client
        Who asks.
    source
        Sotkanet, from the registry.
    ids
        The service's numbers of indicators: 127 is the population.
    years
        Years, each of which every indicator must have.
    genders
        ``total``, ``male`` or ``female``, or several of them.

    Returns
    -------
    Table
        ``municipality name indicator title year gender value``: codes as text (``"092"``), names and titles
        in Finnish. ``frame.attrs["titles"]`` has the titles in all languages.

    Raises
    ------
    SourceError
        The service has no such indicators or years (all of them are named), gives no value at all of one of
        them, lists municipalities that cannot be told apart, or cannot be fetched from.
    UsageError
        There is no such gender.
    """
    wanted = [genders] if isinstance(genders, str) else list(genders)
    wanted = list(dict.fromkeys(check_choice("genders", one, GENDERS) for one in wanted))
    numbers, asked = _texts(ids), _texts(years)
    base = source.address.rstrip("/")
    listed = client.get(source, f"{base}/indicators", check=_check_indicators)
    known = _indicators(listed.content)
    check.check_indicators(source.name, numbers, asked, known)
    described = client.get(source, f"{base}/regions", check=_check_regions)
    regions = _regions(described.content)
    answers = [_ask(client, source, base, one, asked, wanted) for one in numbers]
    rows = [row for answer in answers for row in _parsed(answer.content)]
    check.check_regions(source.name, regions.codes, {str(row["region"]) for row in rows})
    frame = _frame(rows, regions, known)
    frame.attrs["titles"] = {one: dict(known[one]["title"]) for one in numbers}
    _refuse_nothing(source, frame, numbers, asked, wanted, known)
    notes = (*_notes(rows, frame, regions), *_absent(frame, regions))
    return Table(frame, (listed, described, *answers), notes)


def _texts(values: Sequence[int | str]) -> list[str]:
    return list(dict.fromkeys(str(value).strip() for value in values))


def _ask(
    client: Client, source: Source, base: str, number: str, years: Sequence[str], genders: Sequence[str]
) -> Fetched:
    """Ask for all years of one indicator: the parameter ``years`` is repeated."""
    params = [("indicator", number), *(("years", y) for y in years), *(("genders", g) for g in genders)]

    def whole(content: bytes, _: str) -> None:
        _check_rows(content, number, years, genders)

    return client.get(source, f"{base}/json", params=params, check=whole)


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with its numbers as they were written."""
    try:
        return json.loads(text_of(content, "utf-8-sig"), parse_float=str, parse_int=str)
    except RecursionError:
        raise BadAnswer("it is JSON that is nested too deeply") from None
    except ValueError as error:
        raise BadAnswer(f"it is no whole JSON: {error}", again=True) from None


def _entries(content: bytes, keys: set[str], what: str) -> list[dict[str, Any]]:
    held = _parsed(content)
    if not isinstance(held, list) or not all(isinstance(one, dict) and keys <= one.keys() for one in held):
        raise BadAnswer(f"it is no list of {what}")
    return held


def _check_indicators(content: bytes, _: str) -> None:
    if not all(isinstance(one["title"], dict) for one in _entries(content, {"id", "title"}, "indicators")):
        raise BadAnswer("it is no list of indicators")


def _check_regions(content: bytes, _: str) -> None:
    _entries(content, {"id", "code", "category", "title"}, "regions")


def _check_rows(content: bytes, number: str, years: Sequence[str], genders: Sequence[str]) -> None:
    """Refuse rows of something else than was asked for, and two values for one thing."""
    rows = _entries(content, _KEYS, "values")
    foreign = [
        row
        for row in rows
        if row["indicator"] != number or row["year"] not in years or row["gender"] not in genders
    ]
    if foreign:
        raise BadAnswer(f"{len(foreign)} of its {len(rows)} values were not asked for")
    twice = [key for key, n in Counter(map(_place, rows)).items() if n > 1]
    if twice:
        raise BadAnswer(f"it has several values for {len(twice)} of its regions, years and genders")
    if not all(row["value"] is None or isinstance(row["value"], str) for row in rows):
        raise BadAnswer("it has values that are neither numbers nor empty")


def _place(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (str(row["region"]), str(row["year"]), str(row["gender"]))


def _indicators(content: bytes) -> dict[str, dict[str, Any]]:
    """Return title, years and genders of every indicator, by its number."""
    found = {}
    for one in _parsed(content):
        span = one.get("range") or {}
        sexes = (one.get("classifications") or {}).get("sex") or {}
        years = (str(span["start"]), str(span["end"])) if {"start", "end"} <= span.keys() else None
        title = {language: str(one["title"].get(language) or "") for language in LANGUAGES}
        found[str(one["id"])] = {"title": title, "years": years, "genders": list(sexes.get("values") or ())}
    return found


def _regions(content: bytes) -> _Regions:
    entries = _parsed(content)
    towns = {str(one["id"]): one for one in entries if one["category"] == MUNICIPAL}
    plain = {number: str(one["code"]).strip() for number, one in towns.items()}
    codes = {n: code.zfill(3) for n, code in plain.items() if re.fullmatch(r"[0-9]{1,3}", code)}
    names = {code: str((towns[n]["title"] or {}).get("fi") or "").strip() for n, code in codes.items()}
    return _Regions(
        codes=codes,
        names=names,
        others=frozenset(str(one["id"]) for one in entries) - towns.keys(),
        odd=frozenset(towns) - codes.keys(),
        restored=sum(code != plain[number] for number, code in codes.items()),
    )


def _frame(
    rows: Sequence[Mapping[str, Any]], regions: _Regions, known: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    """Return the rows that are about municipalities of today."""
    table = []
    for row in rows:
        code = regions.codes.get(str(row["region"]))
        if code is not None:
            number, value = row["indicator"], row["value"]
            what = (number, known[number]["title"]["fi"], row["year"], row["gender"])
            table.append((code, regions.names[code], *what, NO_VALUE if value is None else value))
    frame = pd.DataFrame(table, columns=list(COLUMNS), dtype=str)
    return frame.sort_values(["indicator", "year", "gender", "municipality"], ignore_index=True)


def _refuse_nothing(
    source: Source,
    frame: pd.DataFrame,
    ids: Sequence[str],
    years: Sequence[str],
    genders: Sequence[str],
    known: Mapping[str, Mapping[str, Any]],
) -> None:
    there = set(zip(frame["indicator"], frame["year"], frame["gender"], strict=True))
    nothing = [(i, y, g) for i in ids for y in years for g in genders if (i, y, g) not in there]
    if nothing:
        words = {one: known[one]["genders"] for one in dict.fromkeys(i for i, _, _ in nothing)}
        raise check.refuse_no_values(source.name, [" ".join(some) for some in nothing], words)


def _notes(rows: Sequence[Mapping[str, Any]], frame: pd.DataFrame, regions: _Regions) -> Iterator[str]:
    """Say what was passed over: regions that are no municipalities, and those that are gone."""
    yield from (
        f"{number}: {' / '.join(filter(None, title.values())).rstrip('.')}."
        for number, title in frame.attrs["titles"].items()
    )
    numbers = [str(row["region"]) for row in rows]
    if others := sum(number in regions.others for number in numbers):
        yield f"{others} values of counties, the country and other regions were passed over."
    if odd := sum(number in regions.odd for number in numbers):
        yield f"{odd} values of municipalities whose code is none of three digits were passed over."
    listed = regions.codes.keys() | regions.others | regions.odd
    gone = sorted({number for number in numbers if number not in listed})
    if gone:
        shown = ", ".join(gone[:5]) + (", …" if len(gone) > 5 else "")
        n = sum(number in set(gone) for number in numbers)
        yield (
            f"{n} values of {len(gone)} regions that the service no longer lists, as when municipalities "
            f"have merged, were passed over (the service's numbers {shown})."
        )
    if regions.restored:
        yield f"{regions.restored} municipality codes were restored to 3 digits."


def _absent(frame: pd.DataFrame, regions: _Regions) -> Iterator[str]:
    """Say how many municipalities have no value: it is absent, and not 0."""
    for (number, year, gender), some in frame.groupby(["indicator", "year", "gender"], sort=True):
        absent = sorted(set(regions.names) - set(some["municipality"]))
        if absent:
            shown = ", ".join(absent[:5]) + (", …" if len(absent) > 5 else "")
            yield (
                f"{number} of {year} ({gender}) has no value for {len(absent)} of {len(regions.names)} "
                f"municipalities ({shown}): missing, and not 0."
            )
