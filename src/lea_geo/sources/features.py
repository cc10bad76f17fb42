"""Features of a live service, all of them, as the service gave them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from lea_geo._checks import features as check
from lea_geo.sources._places import LONGITUDE_FIRST, Placed, crs_code, place, plain_code
from lea_geo.sources.answers import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lea_geo.sources._pages import Page
    from lea_geo.sources.cache import Fetched
    from lea_geo.sources.registry import Source


MOST_FEATURES = 5_000_000
"""More than any layer of Finland's has."""


@dataclass(frozen=True)
class Features:
    """What was fetched, one row a feature."""

    frame: gpd.GeoDataFrame
    """The service's columns in its order and ``geometry``, easting or longitude first. Texts are texts, so
    that a code keeps its zeros, and numbers are as they were written: -1 is -1."""
    fetched: tuple[Fetched, ...]
    """The answers that it is made of."""
    notes: tuple[str, ...]
    """What a reader of the features should know, one sentence each."""

    def __repr__(self) -> str:
        return f"<Features: {len(self.frame)} of {self.frame.crs} in {len(self.fetched)} answers>"


def area_id_column(source: Source, features: Features) -> str:
    """Return the column that holds area ids: it has had several names over the years.

    Parameters
    ----------
    source
        Of the registry, whose ``area_id`` lists the names, the newest first.
    features
        As they were fetched.

    Returns
    -------
    str
        The first of the names that is a column, whatever the size of its letters.

    Raises
    ------
    SourceError
        None of the names is a column.
    """
    return check.check_id_column(source.name, list(features.frame.columns), source.area_id)


@dataclass
class Gathering:
    """Pages on their way to become features: each is held against those before it."""

    source: Source
    layer: str
    asked_crs: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """What the service says each column is: ``text``, ``whole``, ``number``; needed where all is text."""
    pages: list[Page] = field(default_factory=list)
    fetched: list[Fetched] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _seen: set[object] = field(default_factory=set)

    def __len__(self) -> int:
        return sum(map(len, self.pages))

    def add(self, page: Page, fetched: Fetched) -> None:
        """Take a page, or refuse one with features that came before."""
        keys = page.keys()
        doubled = pd.Series(keys, dtype=object).duplicated().to_numpy()
        same = [
            key in self._seen or (two and isinstance(key, str))
            for key, two in zip(keys, doubled, strict=True)
        ]
        if any(same):
            names = [name for name, again in zip(_names(page), same, strict=True) if again]
            whole = bool(self.pages) and all(same) and len(page) == len(self.pages[-1])
            raise check.refuse_repeats(
                self.source.name, self.layer, names, page=len(self.pages) + 1, of=len(keys), every=whole
            )
        if doubled.any():
            n = f"{doubled.sum()} of {len(page)}"
            self.notes.append(f"{self.layer}: {n} features are the same as others in all that they hold.")
        check.check_bound(self.source.name, self.layer, n=len(self) + len(page), most=MOST_FEATURES)
        self._seen.update(keys)
        self.pages.append(page)
        self.fetched.append(fetched)

    def note_uncounted(self) -> None:
        """Say that nobody knows how many features there should be."""
        self.notes.append(
            f"{self.layer}: the service does not say how many features there are; these are all that it gave."
        )

    def features(
        self, *, where: Mapping[str, Sequence[str]], fields: Sequence[str] | None, others: Sequence[Fetched]
    ) -> Features:
        """Return all pages as one frame, once it is certain what they are and where.

        Parameters
        ----------
        where
            What was chosen by.
        fields
            The columns to keep; None keeps all.
        others
            Answers that hold no features and that these rest on.
        """
        table = self._table()
        check.check_columns(
            self.source.name, self.layer, columns=list(table.columns), fields=fields or (), where=()
        )
        for column, values in where.items():
            self._check_chosen(table, column, values)
        placed = self._placed(table)
        self._note_geometry(placed.geometry, table)
        kept = table if fields is None else table[list(fields)]
        frame = gpd.GeoDataFrame(kept, geometry=placed.geometry, crs=placed.crs)
        return Features(frame, (*others, *self.fetched), tuple(dict.fromkeys(self.notes)))

    def _table(self) -> pd.DataFrame:
        rows = [row for page in self.pages for row in page.rows]
        names = list(dict.fromkeys(name for row in rows for name in row))
        ordered = dict.fromkeys((*self.kinds, *names))
        if "geometry" in ordered:
            raise check.failed_layer(self.source.name, self.layer, "it has a column that is called geometry")
        columns = {name: self._column(name, [row.get(name) for row in rows]) for name in ordered}
        return pd.DataFrame(columns, index=pd.RangeIndex(len(rows)))

    def _column(self, name: str, values: list[Any]) -> pd.Series:
        kind = self.kinds.get(name, "")
        if kind in {"whole", "number"} and any(isinstance(value, str) for value in values):
            values = [_number(value, kind) for value in values]
        texts = sum(isinstance(value, str) for value in values)
        if texts and texts < sum(value is not None for value in values):
            self.notes.append(f"{self.layer}: {name} holds texts and numbers; all are kept as texts.")
            values = [value if value is None else str(value) for value in values]
        return pd.Series(values)

    def _check_chosen(self, table: pd.DataFrame, column: str, values: Collection[str]) -> None:
        held = table[column].map(_said) if column in table else pd.Series("", index=table.index)
        foreign = held[~held.isin(list(values))]
        check.check_chosen(
            self.source.name,
            self.layer,
            column,
            foreign=list(foreign.unique()),
            n=len(foreign),
            of=len(table),
        )

    def _placed(self, table: pd.DataFrame) -> Placed:
        said = {page.crs for page in self.pages if len(page)}
        if len(said) > 1:
            what = f"its pages are in different CRS: {', '.join(sorted(said))}"
            raise check.failed_layer(self.source.name, self.layer, what)
        declared, geometry = said.pop() if said else "", self._geometry()
        try:
            asked = crs_code(self.asked_crs) if self.asked_crs else ""
            found = place(geometry, declared, asked)
        except BadAnswer as bad:
            raise check.failed_layer(self.source.name, self.layer, bad.reason) from None
        if isinstance(found, Placed):
            self._note_place(found, declared, asked)
            return found
        names = [name for name, out in zip(self._names(table), found, strict=True) if out]
        crs = plain_code(declared or LONGITUDE_FIRST)
        raise check.refuse_place(self.source.name, self.layer, crs, names=names, of=len(table))

    def _geometry(self) -> np.ndarray:
        geometry = np.empty(len(self), dtype=object)
        geometry[:] = [one for page in self.pages for one in page.geometry]
        return geometry

    def _note_place(self, placed: Placed, declared: str, asked: str) -> None:
        if placed.turned:
            self.notes.append(
                f"{self.layer}: the service gave northing or latitude first, as where Finland lies shows; "
                "the coordinates were turned round."
            )
        if placed.doubted:
            said = placed.doubted if declared else "no CRS, which in GeoJSON means longitude and latitude"
            self.notes.append(
                f"{self.layer}: the service says {said}; the coordinates can only be those of {placed.crs}."
            )
        if asked and placed.crs != plain_code(asked):
            self.notes.append(
                f"{self.layer}: {plain_code(asked)} was asked for, and the service gave {placed.crs}."
            )

    def _note_geometry(self, geometry: np.ndarray, table: pd.DataFrame) -> None:
        nothing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
        if nothing.any():
            names = [name for name, bare in zip(self._names(table), nothing, strict=True) if bare]
            listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
            self.notes.append(
                f"{self.layer}: {len(names)} of {len(geometry)} features have no geometry ({listed})."
            )
        kinds = sorted({one.geom_type for one in geometry[~nothing]})
        if len({kind.removeprefix("Multi") for kind in kinds}) > 1:
            self.notes.append(f"{self.layer}: the geometries are of several kinds: {', '.join(kinds)}.")

    def _names(self, table: pd.DataFrame) -> list[str]:
        """Return what to call each feature: its area id, its name on the server, or its place."""
        column = next((name for name in self.source.area_id if name in table), None)
        if column is not None:
            return table[column].astype(str).tolist()
        return [name for page in self.pages for name in _names(page)]


def _names(page: Page) -> list[str]:
    return [name or f"feature {place}" for place, name in enumerate(page.ids, start=1)]


def _said(value: object) -> str:
    """Return a value as somebody writes it who chooses by it: 2025 and not 2025.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(value: object, kind: str) -> object:
    """Return what a text says as a number; None where it says nothing, and the text where it is none."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if "_" in text:  # a digit separator of Python's, and of nobody else's
        return value
    try:
        return None if not text else int(text) if kind == "whole" else float(text)
    except ValueError:
        return value
