"""Values from one set of areas to another, with the account of where each total went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import Faults, check_choice
from lea_geo._checks import interpolate as check
from lea_geo._checks import pycnophylactic as check_smooth
from lea_geo._checks import weights as check_weights
from lea_geo.errors import ValuesError
from lea_geo.intake.support.account import COLUMNS
from lea_geo.intake.support.bounds import Column
from lea_geo.intake.support.carry import Route, Rules, carry, check_mass
from lea_geo.intake.support.crosswalk import METHODS, Crosswalk, build_crosswalk
from lea_geo.intake.support.meeting import meet
from lea_geo.intake.support.pycnophylactic import Smoothing, Surface
from lea_geo.schema import AREA_ID, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from lea_geo.intake.support.crosswalk import Weights

    Floats = NDArray[np.float64]

OUTSIDE = ("refuse", "drop", "spread")
UNREACHED = ("missing", "structural_zero")
UNWEIGHTED = ("areal", "refuse")
_PARTS = ("value", "status", "lower", "upper")


@dataclass(frozen=True, kw_only=True)
class Interpolated(ByArea):
    """Values on the target areas, and where each total went."""

    table: pd.DataFrame
    """Indexed by ``area_id`` in the order of the target areas: ``value status lower upper`` for one column of
    values, ``<name> <name>_status <name>_lower <name>_upper`` for each of several."""
    account: pd.DataFrame
    """One row for each column of values, with ``account.COLUMNS``."""
    crosswalks: Mapping[str, Crosswalk]
    """Column to how its mass was divided: the same for all, except where the method looks at the values."""
    kind: Mapping[str, str]
    """Column to ``extensive`` or ``intensive``."""
    rules: Rules
    """The options ``outside unreached unweighted nonnegative sliver tolerance``."""
    notes: tuple[str, ...]
    """What was assumed, lost or left out, one sentence each."""

    @property
    def crosswalk(self) -> Crosswalk:
        """How the mass of the first column was divided."""
        return next(iter(self.crosswalks.values()))

    @property
    def method(self) -> str:
        """How mass was taken to lie within the source areas."""
        return self.crosswalk.method

    def __repr__(self) -> str:
        size = f"{len(self.crosswalk.source_ids)} areas to {len(self.table)}"
        lost = ", ".join(
            f"{name}: {row.total_before:g} before, {row.total_after:g} after, {row.hidden:g} hidden, "
            f"{row.lost_outside:g} lost outside"
            for name, row in self.account.head(3).iterrows()
        )
        return f"<Interpolated {self.method}, {size}; {lost}{', …' if len(self.account) > 3 else ''}>"


def interpolate(
    values: pd.Series | pd.DataFrame,
    source_areas: gpd.GeoDataFrame | None,
    target_areas: gpd.GeoDataFrame | None,
    *,
    kind: str | Mapping[str, str],
    method: str = "areal",
    weights: Weights | None = None,
    weights_column: str | None = None,
    densities: Mapping[int, float] | None = None,
    band: int = 1,
    denominators: pd.Series | Mapping[str, pd.Series] | None = None,
    status: pd.Series | pd.DataFrame | None = None,
    lower: pd.Series | pd.DataFrame | None = None,
    upper: pd.Series | pd.DataFrame | None = None,
    crosswalk: Crosswalk | None = None,
    outside: str = "refuse",
    unreached: str = "missing",
    unweighted: str = "areal",
    cell_size: float | None = None,
    iterations: int = 5000,
    convergence: float = 1e-6,
    nonnegative: bool = False,
    sliver: float = 1e-9,
    tolerance: float = 1e-6,
) -> Interpolated:
    """Carry values from the areas that they lie on to other areas.

    What adds up (``extensive``: people, jobs) is divided: a target gets
    ``sum over sources of share * value``. What does not (``intensive``: rates, medians) is averaged:
    ``sum of weight * value / sum of weight``, by the surface that source and target share, by what lives
    there where the method knows, or by ``denominators``. Hidden values stay hidden: a target that gets a
    part of one has no value but bounds, which hold whatever the hidden values are.

    Parameters
    ----------
    values
        A Series indexed by ``area_id``, or a DataFrame with a column for each of several; NaN for no value.
    source_areas, target_areas
        Areas in one projected CRS in metres. Both may be None where ``crosswalk`` is given.
    kind
        ``extensive`` or ``intensive``; for a DataFrame also a mapping from column to either.
    method, weights, weights_column, densities, band
        As in :func:`build_crosswalk`; or method ``pycnophylactic`` (Tobler 1979), for what adds up and is at
        least 0: densities are smooth over the borders of the sources, and each keeps its mass. Hidden sources
        end the surface and are divided evenly.
    denominators
        Of intensive values: what each is a rate of (residents, households), at least 0, by ``area_id``; of
        several columns a mapping, not necessarily of all. Numerator and denominator are then carried each by
        itself, and divided.
    status
        What each value is, one of :class:`~lea_geo.schema.Status`; left out: observed, or missing where NaN.
    lower, upper
        What is known of suppressed and missing values; NaN for nothing.
    crosswalk
        One that :func:`build_crosswalk` made for these areas, to carry many tables for the price of one.
    outside
        What becomes of extensive mass that lies outside all targets: ``refuse`` if it is more than
        ``tolerance`` of the total; ``drop`` it, with a note; ``spread`` it over the targets that its source
        reaches, as assumed.
    unreached
        What a target is that meets no source: ``missing``, or ``structural_zero`` where sources that are not
        there hold nothing, such as the empty cells of a population grid.
    unweighted
        What becomes of mass in a source all of whose weights are 0: ``areal`` spreads it by surface, with a
        note; ``refuse`` does not.
    cell_size, iterations, convergence
        Of ``pycnophylactic``: the cells on which densities are smoothed, in metres (left out, a tenth of the
        side of a source area of median size); the most rounds; and the share of the largest density by which
        none may still change. A note says how far it came.
    nonnegative
        Whether no extensive value can be below 0: the known part of a sum then bounds it from below, and
        negative values are refused.
    sliver
        A piece of a hidden source that is no more than this share of the source's mass, and of its target's
        surface, does not hide the target's value.
    tolerance
        The share of a total that may be lost outside, and the share of an area that another of the same set
        may cover, from 0 to below 1.

    Returns
    -------
    Interpolated
        ``.table`` on the target areas, ``.account`` of each total, ``.notes``.

    Raises
    ------
    AreasError
        As :func:`build_crosswalk`.
    ValuesError
        If ids do not match, statuses or bounds contradict the values, or mass would be lost outside.
    UsageError
        If an option is wrong.

    References
    ----------
    Goodchild and Lam (1980), Areal interpolation: a variant of the traditional spatial problem,
    Geo-Processing 1, 297-312.
    Tobler (1979), https://doi.org/10.1080/01621459.1979.10481647

    Examples
    --------
    >>> import geopandas as gpd
    >>> import pandas as pd
    >>> from shapely import box
    >>> old = gpd.GeoDataFrame(geometry=[box(0, 0, 40, 10)], index=["old"], crs=3067)
    >>> new = gpd.GeoDataFrame(geometry=[box(0, 0, 10, 10), box(10, 0, 40, 10)], index=["a", "b"], crs=3067)
    >>> interpolate(pd.Series({"old": 100.0}), old, new, kind="extensive").table["value"].to_dict()
    {'a': 25.0, 'b': 75.0}
    """
    rules = _rules(outside, unreached, unweighted, nonnegative, sliver, tolerance)
    smoothing = Smoothing(cell_size, iterations, convergence)
    alone = isinstance(values, pd.Series)
    frame = check.check_columns(values)
    kinds = check.check_kinds(kind, frame.columns)
    check_choice("method", method, (*METHODS, "pycnophylactic"))
    surface = None
    if crosswalk is not None:
        check.check_crosswalk(crosswalk.method, method, weights)
        check.check_crosswalk_ids("source_areas", source_areas, crosswalk.source_ids)
        check.check_crosswalk_ids("target_areas", target_areas, crosswalk.target_ids)
    elif method == "pycnophylactic":
        check_weights.check_method(method, weights, weights_column, densities)
        surface = _surface(kinds, source_areas, target_areas, smoothing, rules)
        crosswalk = surface.even
    else:
        crosswalk = build_crosswalk(
            source_areas,
            target_areas,
            method=method,
            weights=weights,
            weights_column=weights_column,
            densities=densities,
            band=band,
            tolerance=rules.tolerance,
        )
    beside = {
        name: check.check_beside(name, given, frame.columns, alone=alone)
        for name, given in (("status", status), ("lower", lower), ("upper", upper))
    }
    people = check.check_denominators(denominators, kinds, crosswalk.source_ids, alone=alone)
    columns = _columns(frame, beside, crosswalk.source_ids)
    walks = dict.fromkeys(columns, crosswalk)
    if surface is not None:
        walks = _smooth(columns, surface, smoothing)
    return _carried(columns, people, kinds, walks, rules, alone=alone)


def _rules(
    outside: str, unreached: str, unweighted: str, nonnegative: bool, sliver: float, tolerance: float
) -> Rules:
    return Rules(
        check_choice("outside", outside, OUTSIDE),
        check_choice("unreached", unreached, UNREACHED),
        check_choice("unweighted", unweighted, UNWEIGHTED),
        bool(nonnegative),
        check.check_tolerance("sliver", sliver),
        check.check_tolerance("tolerance", tolerance),
    )


def _surface(
    kinds: Mapping[str, str],
    source: gpd.GeoDataFrame | None,
    target: gpd.GeoDataFrame | None,
    smoothing: Smoothing,
    rules: Rules,
) -> Surface:
    check_smooth.check_smoothing(smoothing.cell_size, smoothing.iterations, smoothing.convergence)
    check_smooth.check_extensive(kinds)
    check.check_ids(source, target)
    return Surface.over(meet(source, target, rules.tolerance), smoothing)


def _smooth(columns: Mapping[str, Column], surface: Surface, smoothing: Smoothing) -> dict[str, Crosswalk]:
    """Return a crosswalk for each column."""
    faults = Faults()
    for name, column in columns.items():
        check_smooth.note_below_zero(faults, name, column.value, surface.even.source_ids)
    faults.raise_if_any(ValuesError, check.HEADING)
    return {name: surface.crosswalk(_mass(column), smoothing) for name, column in columns.items()}


def _mass(column: Column) -> Floats:
    """Return what is known of a column; there is no mass where the question does not apply."""
    return np.where(column.where(Status.NOT_APPLICABLE), 0.0, column.value)


def _columns(
    frame: pd.DataFrame, beside: Mapping[str, Mapping[str, pd.Series]], ids: pd.Index
) -> dict[str, Column]:
    faults = Faults()
    columns = {
        str(name): Column(
            *check.check_column(
                faults,
                str(name),
                frame[name],
                ids,
                {what: said.get(str(name)) for what, said in beside.items()},
            )
        )
        for name in frame.columns
    }
    faults.raise_if_any(ValuesError, check.HEADING)
    return columns


def _carried(
    columns: Mapping[str, Column],
    people: Mapping[str, Floats],
    kinds: Mapping[str, str],
    walks: Mapping[str, Crosswalk],
    rules: Rules,
    *,
    alone: bool,
) -> Interpolated:
    routes = {id(walk): Route.along(walk, rules) for walk in walks.values()}
    route_of = {name: routes[id(walk)] for name, walk in walks.items()}
    notes = [note for route in routes.values() for note in route.walk.notes]
    faults = Faults()
    for name, column in columns.items():
        if kinds[name] == "extensive":
            notes += check_mass(faults, name, column, route_of[name], rules)
    faults.raise_if_any(ValuesError, check.HEADING)
    carried = {
        name: carry(column, people.get(name), route_of[name], kind=kinds[name], rules=rules)
        for name, column in columns.items()
    }
    ids = next(iter(walks.values())).target_ids
    rows = {name: row for name, (_, row) in carried.items()}
    return Interpolated(
        table=_joined({name: table for name, (table, _) in carried.items()}, ids, alone=alone),
        account=pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)),
        crosswalks={name: route.walk for name, route in route_of.items()},
        kind=dict(kinds),
        rules=rules,
        notes=tuple(notes),
    )


def _joined(tables: Mapping[str, pd.DataFrame], ids: pd.Index, *, alone: bool) -> pd.DataFrame:
    if alone:
        joined = tables["value"][list(_PARTS)]
    else:
        parts = {
            name if part == "value" else f"{name}_{part}": table[part]
            for name, table in tables.items()
            for part in _PARTS
        }
        joined = pd.DataFrame(parts)
    return joined.set_axis(ids.rename(AREA_ID), axis=0)
