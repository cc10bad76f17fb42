"""``[access]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lea_geo.schema import LANGUAGES, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo._checks.spec import Keys

OBJECTIVES = ("p_median", "coverage", "p_centre", "coverage_all")
SCORES = ("2sfca", "3sfca", "opportunities")
TRAVEL = ("straight", "network", "matrix")
TRAVEL_UNITS = ("minutes", "metres")
STANDS = ("people", "inside")
_NAMELESS = Text("?", "?", "?")


@dataclass(frozen=True)
class PlacesSpec:
    """A file of places."""

    path: str
    """A CSV file, a GeoPackage or GeoJSON of points, or of areas, each standing at a point inside."""
    id: str = "id"
    """Its column of ids."""
    x: str = "x"
    """Of a CSV file: its column of eastings, in the areas' CRS."""
    y: str = "y"
    """Of a CSV file: its column of northings."""
    capacity: str = ""
    """Its column of what each offers, in families; blank: one each, and no limit."""
    name: Mapping[str, str] = field(default_factory=dict)
    """Columns of names by language; left out, places are called by their ids."""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Columns and the values of the rows that are meant; left out, all rows."""


@dataclass(frozen=True)
class TravelSpec:
    """How families get there."""

    kind: str = "straight"
    """``straight``: as the crow flies; ``network``: along links; ``matrix``: as a file says."""
    path: str = ""
    """Of links, or of a list of journeys."""
    cost: str = ""
    """The column of costs: of links in minutes, where left out metres; of a list ``minutes``."""
    from_id: str = "from_id"
    """Of a list: its column of areas."""
    to_id: str = "to_id"
    """Of a list: its column of places."""
    unit: str = "minutes"
    """Of a list."""
    no_route: tuple[float, ...] = (-1.0,)
    """What stands in a list for a journey that cannot be made."""
    tolerance: float = 500.0
    """Metres to the nearest link."""
    stands: str = "people"
    """Where an area stands: where its ``people`` live on average, as far as the study has a grid that counts
    them; or at a point ``inside`` it."""


@dataclass(frozen=True)
class SitesSpec:
    """Another set of sites, to compare."""

    name: Text
    sites: tuple[str, ...]
    """Ids of services, candidates or areas."""


@dataclass(frozen=True)
class AccessSpec:
    """What the chapter of access is made of."""

    need: str = ""
    """Code of the indicator whose numerator counts the families in need; blank: the first that weakens."""
    services: PlacesSpec | None = None
    """What there is; left out, nothing is."""
    keep: bool = True
    """Whether services stay where they are; if not, the places of all are chosen anew."""
    travel: TravelSpec = field(default_factory=TravelSpec)
    radius: float = 0.0
    """How far is near enough, in metres or minutes; 0: 3000 metres, or 30 minutes."""
    catchments: tuple[float, ...] = ()
    """Other radii that would be as defensible; left out, two thirds and one and a half of the radius."""
    score: str = "2sfca"
    """How access to services is scored: one of ``SCORES``."""
    choose: int = 2
    """How many sites to add; 0: none."""
    objective: str = "p_median"
    """What the sites are chosen for: one of ``OBJECTIVES``."""
    candidates: PlacesSpec | None = None
    """Where sites can be put; left out, in every area."""
    capacity: float = 0.0
    """Families in need that a new site can serve; 0: no limit."""
    tie: float = 0.01
    """Sets of sites that are worse by no more than this share do as well."""
    alternatives: int = 10
    """How many of those are listed at most."""
    travel_noise: float = 0.0
    """Relative standard deviation of travel costs."""
    scenarios: tuple[SitesSpec, ...] = ()
    level: float = 0.95
    """Probability that intervals hold the truth."""
    draws: int = 500
    """How often the true need is drawn."""

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Files that the chapter reads, with their roles."""
        places = (("access services", self.services), ("access candidates", self.candidates))
        found = [(role, part.path) for role, part in places if part is not None]
        return (*found, *([("access travel", self.travel.path)] if self.travel.path else []))


def read_access(keys: Keys) -> AccessSpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    plain = AccessSpec()
    spec = AccessSpec(
        need=keys.text("need"),
        services=_places(keys.within("services")),
        keep=keys.flag("keep", default=True),
        travel=_travel(keys.within("travel")),
        radius=keys.number("radius", plain.radius),
        catchments=keys.numbers("catchments"),
        score=keys.choice("score", plain.score, SCORES),
        choose=keys.count("choose", plain.choose, least=0),
        objective=keys.choice("objective", plain.objective, OBJECTIVES),
        candidates=_places(keys.within("candidates")),
        capacity=keys.number("capacity", plain.capacity),
        tie=keys.number("tie", plain.tie, least=True, below=1),
        alternatives=keys.count("alternatives", plain.alternatives, least=0),
        travel_noise=keys.number("travel_noise", plain.travel_noise, least=True, below=2),
        scenarios=tuple(_scenario(one) for one in keys.each("scenarios", required=False)),
        level=keys.number("level", plain.level, below=1),
        draws=keys.count("draws", plain.draws, least=100),
    )
    _check(keys, spec)
    keys.done()
    return spec


def _places(table: Keys) -> PlacesSpec | None:
    if not table.table:
        return None
    names, only = table.within("name"), table.within("only")
    spec = PlacesSpec(
        path=table.file("path", required=True),
        id=table.text("id", "id"),
        x=table.text("x", "x"),
        y=table.text("y", "y"),
        capacity=table.text("capacity"),
        name={language: names.text(language, required=True) for language in LANGUAGES} if names.table else {},
        only={str(column): only.texts(str(column)) for column in only.table},
    )
    names.done()
    table.done()
    return spec


def _travel(table: Keys) -> TravelSpec:
    plain = TravelSpec()
    spec = TravelSpec(
        kind=table.choice("kind", plain.kind, TRAVEL),
        path=table.file("path"),
        cost=table.text("cost"),
        from_id=table.text("from_id", plain.from_id),
        to_id=table.text("to_id", plain.to_id),
        unit=table.choice("unit", plain.unit, TRAVEL_UNITS),
        no_route=table.numbers("no_route") or plain.no_route,
        tolerance=table.number("tolerance", plain.tolerance),
        stands=table.choice("stands", plain.stands, STANDS),
    )
    if (spec.kind == "straight") == bool(spec.path):
        cure = 'Straight lines need no path; kind = "network" and "matrix" do.'
        table.faults.add(f'{table.where} kind = "{spec.kind}" does not fit its path', cure=cure)
    table.done()
    return spec


def _scenario(keys: Keys) -> SitesSpec:
    name = keys.languages("name", required=True)
    spec = SitesSpec(name=name if name is not None else _NAMELESS, sites=keys.texts("sites"))
    if not spec.sites:
        keys.faults.add(f"{keys.where} lacks 'sites'", cure='Write the ids of its sites: ["S1", "08910"].')
    keys.done()
    return spec


def _check(keys: Keys, spec: AccessSpec) -> None:
    """Note what says nothing, or contradicts what else is said."""
    if spec.services is None and not spec.choose and not spec.scenarios:
        cure = "Name the services that there are, or how many sites to choose."
        keys.faults.add(f"{keys.where} has no services, and chooses no sites", cure=cure)
    if any(one <= 0 for one in spec.catchments):
        keys.faults.add(f"{keys.where} catchments must be above 0")
    if spec.capacity and spec.objective not in {"p_median", "coverage"}:
        cure = "Leave capacity out, or choose by p_median or coverage."
        keys.faults.add(f'{keys.where} objective = "{spec.objective}" knows no capacity', cure=cure)
    if spec.capacity and spec.services is not None and not spec.services.capacity:
        cure = f"Name its column as capacity in [{keys.under}services], or leave capacity out."
        keys.faults.add(f"{keys.where} has a capacity for new sites and none for the services", cure=cure)
