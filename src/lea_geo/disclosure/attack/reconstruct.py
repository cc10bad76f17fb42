"""From what is known of each area to what is published of one count over all kinds of areas at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from lea_geo.disclosure.attack.atoms import LEAST_SURFACE, OUTSIDE, Atoms, intersect
from lea_geo.disclosure.attack.counted import Fields, Held, SheetKey, name_of
from lea_geo.disclosure.attack.evidence import listed
from lea_geo.disclosure.published import NO_LIMIT, ROOT, Family, Published
from lea_geo.intake.grid import is_grid_ids
from lea_geo.intake.support.lattice_of import lattice_of
from lea_geo.schema import MUNICIPALITY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from lea_geo.disclosure.attack.evidence import Evidence, Known

    Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Total:
    """A printed sum over all areas of a municipality, or of the whole region."""

    variable: str
    """The indicator whose part it is."""
    place: str
    """The municipality; empty for the region."""
    lower: float
    upper: float
    n_valued: int
    """How many areas it counts."""
    printed_in: int
    """A position in ``Claims.places``."""


@dataclass(frozen=True)
class Count:
    """One count of one year, as all kinds of areas tell it."""

    fields: Fields
    year: str
    known: Mapping[str, Known]
    """Kind of areas to what is known of each area."""
    areas: Mapping[str, gpd.GeoDataFrame]
    totals: Mapping[str, tuple[Total, ...]]
    """Kind of areas to the totals over its areas that are printed."""
    nobody: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """Kind of areas to where there is known to be nobody who could be counted."""

    @property
    def name(self) -> str:
        """What the count is called, with its year."""
        return f"{name_of(self.fields)} {self.year}".strip()

    @property
    def has_hidden(self) -> bool:
        """Whether the number of some area is not known to the last person."""
        return any(not known.exact.all() for known in self.known.values())


class Grounds:
    """The atoms of kinds of areas; many counts share the same."""

    def __init__(self, least_surface: float = LEAST_SURFACE) -> None:
        self.least_surface = least_surface
        self.found: dict[tuple[tuple[str, int], ...], Atoms] = {}

    def atoms(self, areas: Mapping[str, gpd.GeoDataFrame]) -> Atoms:
        """Return the atoms of some kinds of areas, in the coordinates of the grid where there is one."""
        key = tuple((name, id(one)) for name, one in sorted(areas.items()))
        if key not in self.found:
            self.found[key] = intersect(_in_one_crs(areas), least_surface=self.least_surface)
        return self.found[key]


def _in_one_crs(areas: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return all areas in the CRS of the finest, which is the grid's: squares of another CRS are none."""
    finest = max(areas, key=lambda name: (len(areas[name]), name))
    crs = areas[finest].crs
    return {name: one if one.crs == crs else one.to_crs(crs) for name, one in areas.items()}


def counts(evidence: Evidence, held: Held) -> Iterator[Count]:
    """Yield every count that the release tells of, year by year, denominators before what is counted in them.

    Parameters
    ----------
    evidence
        The release.
    held
        What is known of every count. Who narrows it between two counts helps the later ones.
    """
    bases = {tuple(sorted(one.denominator)) for one in evidence.indicators.values()}
    for year in sorted({year for _, year in held}):
        sheets = {key: counted for key, counted in held.items() if key[1] == year}
        every = {fields for counted in sheets.values() for fields in counted}
        for fields in sorted(every, key=lambda one: (one not in bases, one)):
            known = {geography: one[fields] for (geography, _), one in sheets.items() if fields in one}
            areas = {geography: evidence.sheets[geography, year].areas for geography in known}
            totals = {name: tuple(_totals(evidence, (name, year), fields)) for name in known}
            for name, told in known.items():
                _cap(evidence, held[name, year], fields)
                _use_rests(evidence, (name, year), told, totals[name])
            nobody = {name: _nobody(evidence, held[name, year], fields) for name in known}
            yield Count(fields, year, known, areas, totals, nobody)


def _cap(evidence: Evidence, held: Mapping[Fields, Known], fields: Fields) -> None:
    """Let a count be no more than the people that it is a percentage of."""
    for one in evidence.indicators.values():
        base = tuple(sorted(one.denominator))
        if (
            one.unit == "percent"
            and tuple(sorted(one.numerator)) == fields
            and base in held
            and base != fields
        ):
            everybody = np.arange(len(held[fields].lower))
            said = f"it cannot exceed {name_of(base)}"
            held[fields].narrow(
                everybody, 0, held[base].upper, attack="denominators", recipe=said, through=(held[base],)
            )


def _nobody(evidence: Evidence, held: Mapping[Fields, Known], fields: Fields) -> NDArray[np.bool_]:
    """Return where the people that a count is among are known to be none."""
    found = np.zeros(len(held[fields].lower), dtype=bool)
    for one in evidence.indicators.values():
        base = tuple(sorted(one.denominator))
        if one.unit == "percent" and tuple(sorted(one.numerator)) == fields and base in held:
            found |= held[base].upper == 0
    return found


def _use_rests(evidence: Evidence, key: SheetKey, known: Known, totals: tuple[Total, ...]) -> None:
    """Give what published areas leave of a total to the hidden areas that it counts."""
    sheet = evidence.sheets[key]
    places = _places(sheet.areas)
    for total in totals:
        inside = np.ones(sheet.n, dtype=bool) if total.place == "" else places == total.place
        hidden = np.flatnonzero(inside & sheet.withheld(total.variable) & ~known.printed)
        shown = inside & known.printed
        if not len(hidden) or total.n_valued != len(hidden) + shown.sum():
            continue
        rest = total.upper - known.lower[shown].sum()
        least = total.lower - known.upper[shown].sum() if len(hidden) == 1 else 0
        said = f"the total of {total.place or 'all areas'} less the published areas"
        known.narrow(hidden, least, rest, attack="totals", recipe=said, place=total.printed_in)


def _totals(evidence: Evidence, key: SheetKey, fields: Fields) -> Iterator[Total]:
    rows = evidence.totals
    rows = rows[(rows["geography"] == key[0]) & (rows["year"] == key[1])]
    for code, part, *row in listed(rows, "variable", "part", "area_id", "lower", "upper", "count", "place"):
        indicator = evidence.indicators.get(code)
        if indicator is not None and tuple(sorted(getattr(indicator, part))) == fields:
            yield Total(code, *row)


def publish(count: Count, atoms: Atoms, *, nobody_outside: bool = True) -> Published:
    """Return what is published of a count, for bounds and certificates.

    Parameters
    ----------
    count
        What is known of it.
    atoms
        The pieces that its kinds of areas cut the region into.
    nobody_outside
        Whether nobody is counted outside the cells of a grid: who publishes one lists all inhabited cells.
    """
    lower, upper = {}, {}
    for name, known in count.known.items():
        lower[name], upper[name] = _bounds(known)
    families = atoms.families(lower, upper)
    families = tuple(_with_totals(one, count, atoms) for one in families)
    most = np.full(atoms.n, NO_LIMIT, dtype=np.int64)
    if nobody_outside:
        for name, areas in count.areas.items():
            if is_grid(areas):
                most[atoms.member[name] == OUTSIDE] = 0
    for name, empty in count.nobody.items():
        within = atoms.member[name]
        most[(within != OUTSIDE) & empty[within]] = 0
    return Published(families, np.zeros(atoms.n, dtype=np.int64), most, atoms.ids)


def _bounds(known: Known) -> tuple[Whole, Whole]:
    lower = np.where(np.isfinite(known.lower), known.lower, 0).astype(np.int64)
    # A denominator that nobody knows may be anything; infinity is no whole number.
    high = np.where(np.isfinite(known.upper), known.upper, 0).astype(np.int64)
    return lower, np.where(np.isfinite(known.upper), high, NO_LIMIT)


def is_grid(areas: gpd.GeoDataFrame) -> bool:
    """Whether areas are the cells of one grid."""
    return is_grid_ids(areas.index) or lattice_of(areas.geometry.to_numpy()) is not None


def _with_totals(family: Family, count: Count, atoms: Atoms) -> Family:
    """Return a family with the printed totals over the areas of its kinds on top of them."""
    for chain in atoms.chains:
        if family.name != " in ".join(chain.names):
            continue
        for name in chain.names:
            family = _add_totals(family, count, name)
    return family


def _add_totals(family: Family, count: Count, name: str) -> Family:
    """Put the totals over one kind of areas on top of a family, where they count every area."""
    areas, known = count.areas[name], count.known[name]
    places = _places(areas)
    first = family.ids.index(f"{name} {areas.index[0]}")
    own = np.arange(first, first + len(areas))
    for total in sorted(count.totals.get(name, ()), key=lambda one: one.place == ""):
        inside = np.ones(len(areas), dtype=bool) if total.place == "" else places == total.place
        if total.n_valued != inside.sum() or np.all(known.printed[inside]):
            continue
        tops = np.unique(_top(family, own[inside]))
        below = np.unique(_top(family, own))
        # Only where the total holds whole trees: those of its own areas and no others.
        if len(np.intersect1d(tops, np.setdiff1d(below, tops))) or _holds_more(family, tops, own[inside]):
            continue
        called = (
            f"the total of {name} areas in {total.place}" if total.place else f"the total of all {name} areas"
        )
        family = _on_top(family, tops, total, called)
    return family


def _places(areas: gpd.GeoDataFrame) -> NDArray[np.object_]:
    if MUNICIPALITY in areas:
        return np.asarray(areas[MUNICIPALITY].astype(str), dtype=object)
    return np.full(len(areas), "", dtype=object)


def _top(family: Family, at: Whole) -> Whole:
    """Return the uppermost area over each area."""
    found = at.copy()
    while np.any(family.parent[found] != ROOT):
        up = family.parent[found]
        found = np.where(up == ROOT, found, up)
    return found


def _holds_more(family: Family, tops: Whole, own: Whole) -> bool:
    """Whether some of the trees hold leaves that do not lie under any of the areas of a total."""
    leaves = np.unique(family.leaf)
    counted, at = np.isin(leaves, own), leaves
    while np.any(family.parent[at] != ROOT):
        up = family.parent[at]
        at = np.where(up == ROOT, at, up)
        counted |= np.isin(at, own)
    return bool(np.any(np.isin(at, tops) & ~counted))


def _on_top(family: Family, tops: Whole, total: Total, called: str) -> Family:
    parent = np.append(family.parent, ROOT)
    parent[tops] = len(parent) - 1
    low, high = np.ceil(total.lower - 1e-6), np.floor(total.upper + 1e-6)
    return replace(
        family,
        parent=parent,
        lower=np.append(family.lower, np.int64(low)),
        upper=np.append(family.upper, np.int64(high)),
        ids=(*family.ids, called),
    )
