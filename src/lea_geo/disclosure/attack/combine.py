"""Several releases as one: what was published earlier, and what is published along, an attacker reads too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo.disclosure.attack.claims import Claims, read_release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from lea_geo.disclosure.attack.counted import SheetKey

_SAME_GROUND = 1e-3
"""Of an area's surface: how much two drawings of one area may differ."""


def read_together(
    directory: str | Path,
    *,
    earlier: Iterable[str | Path] = (),
    together: Iterable[str | Path] = (),
    accept: Sequence[str] = (),
) -> tuple[Claims, tuple[str, ...]]:
    """Read a release and others as if they were one, and say what could not be put together.

    Parameters
    ----------
    directory
        The release that is audited.
    earlier
        Folders of earlier releases.
    together
        Folders that are published along.
    accept
        Files that may stay unread.
    """
    claims, notes = read_release(directory, accept=accept), []
    for kind, folders in (("earlier release", earlier), ("with", together)):
        for folder in folders:
            other = _placed(read_release(folder, accept=accept), f"{kind} {folder}")
            other = _renamed(other, claims.areas, f"{kind} {folder}")
            other, said = _of_same_count(claims, other, f"{kind} {folder}")
            notes += said
            claims = _joined(claims, other)
    return claims, tuple(notes)


def _placed(claims: Claims, where: str) -> Claims:
    """Say of every place and file which folder it is in."""
    unread = tuple((f"{where}: {file}", why) for file, why in claims.unread)
    return replace(claims, places=tuple(f"{where}: {place}" for place in claims.places), unread=unread)


def _renamed(claims: Claims, areas: Mapping[SheetKey, gpd.GeoDataFrame], where: str) -> Claims:
    """Give kinds of areas a name of their own where they are drawn otherwise than those of the same name."""
    names = {}
    for geography, year in claims.areas:
        here = [known for (name, _), known in areas.items() if name == geography]
        if here and not any(_same_ground(claims.areas[geography, year], known) for known in here):
            names[geography] = f"{geography} of {where}"
    if not names:
        return claims
    frames = {
        name: table.assign(geography=table["geography"].astype(str).replace(names))
        for name in ("table", "loose", "contradictions")
        for table in [getattr(claims, name)]
    }
    kept = {(names.get(geography, geography), year): one for (geography, year), one in claims.areas.items()}
    return replace(claims, **frames, areas=kept)


def _same_ground(first: gpd.GeoDataFrame, second: gpd.GeoDataFrame) -> bool:
    """Whether areas of the same id are the same areas, and there are some."""
    ids = first.index.intersection(second.index)
    if not len(ids):
        return False
    if first.crs != second.crs:
        first = first.to_crs(second.crs)
    one, other = first.loc[ids].geometry.area.to_numpy(), second.loc[ids].geometry.area.to_numpy()
    return bool(np.all(np.abs(one - other) <= _SAME_GROUND * np.maximum(one, other)))


def _of_same_count(claims: Claims, other: Claims, where: str) -> tuple[Claims, list[str]]:
    """Leave out what is another count by the same name: where most cells that both print differ."""
    cell = ["geography", "year", "area_id", "variable", "part"]
    both = _plain(claims.table).merge(_plain(other.table), on=cell, suffixes=("", "_there"))
    both = both[
        np.isfinite(both["upper"] - both["lower"]) & np.isfinite(both["upper_there"] - both["lower_there"])
    ]
    slack = 1e-9 * np.maximum(1, both["lower"].abs())
    differ = (both["lower"] > both["upper_there"] + slack) | (both["upper"] < both["lower_there"] - slack)
    share = differ.groupby([both[name] for name in cell[:2] + cell[3:4]]).mean()
    foreign = set(share[share > 0.5].index)
    if not foreign:
        return other, []
    said = [
        f"{variable} of {geography} {year} is another count in {where}: most areas have other values there, "
        "so the two were not attacked together."
        for geography, year, variable in sorted(foreign)
    ]
    frames = {}
    for name in ("table", "loose"):
        frame = getattr(other, name)
        key = pd.MultiIndex.from_frame(frame[["geography", "year", "variable"]].astype(str))
        frames[name] = frame[~key.isin(foreign)]
    return replace(other, **frames), said


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    words = ["geography", "year", "area_id", "variable", "part"]
    return table[[*words, "lower", "upper"]].astype(dict.fromkeys(words, str))


def _joined(claims: Claims, other: Claims) -> Claims:
    """Return both, the tightest of what they say of one cell first."""
    shift = len(claims.places)
    frames: dict[str, Any] = {}
    for name in ("table", "loose", "contradictions"):
        more = getattr(other, name)
        more = more.assign(place=more["place"] + shift)
        frames[name] = pd.concat([_worded(getattr(claims, name)), _worded(more)], ignore_index=True)
    known = {one.code for one in claims.indicators}
    return replace(
        claims,
        **frames,
        places=claims.places + other.places,
        areas={**other.areas, **claims.areas},
        unread=claims.unread + other.unread,
        indicators=claims.indicators + tuple(one for one in other.indicators if one.code not in known),
    )


def _worded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose categories are texts again: those of two releases differ."""
    words = [name for name in table if isinstance(table[name].dtype, pd.CategoricalDtype)]
    return table.astype(dict.fromkeys(words, str))
