"""``[targeting]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lea_geo.schema import Text

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys


_NAMELESS = Text("?", "?", "?")

LIST_BASES = ("rate", "count", "index")
MONEY_ESTIMATES = ("observed", "expected")
SCENARIO_AREAS = ("all", "chosen")


@dataclass(frozen=True)
class PreviousSpec:
    """What each area had before."""

    path: str
    """A CSV file."""
    area_id: str
    """Its column of area ids."""
    column: str
    """Its column of euros."""


@dataclass(frozen=True)
class CatchmentSpec:
    """Places that families within a distance can reach."""

    path: str
    """A CSV file of places."""
    x: str
    """Its column of eastings, in the areas' CRS."""
    y: str
    """Its column of northings."""
    distance: float
    """In metres, as the crow flies."""


@dataclass(frozen=True)
class ScenarioSpec:
    """Another way to share the budget: what is left out is as in ``[targeting]``."""

    name: Text
    areas: str = "all"
    """Who shares: ``all``, or only the ``chosen`` areas."""
    need: str = ""
    budget: float | None = None
    power: float | None = None
    fixed: float | None = None
    fixed_per_family: float | None = None
    floor: float | None = None
    floor_per_family: float | None = None
    cap: float | None = None
    cap_per_family: float | None = None
    hold_harmless: float | None = None
    least_families: float | None = None
    estimate: str = ""


@dataclass(frozen=True)
class TargetingSpec:
    """What the chapter of targeting is made of."""

    need: str = ""
    """Code of the indicator whose numerator counts the families in need; blank: the first that weakens."""
    choose: float = 10.0
    """How many areas are on the list, or what share of them, below 1."""
    by: str = "rate"
    """What they are chosen by: one of ``LIST_BASES``."""
    alternatives: tuple[str, ...] = ()
    """Codes of other indicators that need could as well be measured by."""
    shares: tuple[float, ...] = (0.5, 0.8)
    """Shares of need whose price in areas is told."""
    catchment: CatchmentSpec | None = None
    budget: float = 0.0
    """Euros to be shared; 0: none."""
    unit: float = 1.0
    """Euros that are not split."""
    power: float = 1.0
    """Of the share in need; above 1: more for where need is dense."""
    fixed: float = 0.0
    """Euros of every area before need is asked."""
    fixed_per_family: float = 0.0
    floor: float | None = None
    """Least euros of an area."""
    floor_per_family: float = 0.0
    cap: float | None = None
    """Most euros of an area."""
    cap_per_family: float | None = None
    least_families: float = 0.0
    """Areas with fewer get nothing."""
    estimate: str = "observed"
    """What money follows: ``observed`` counts, or the need ``expected`` behind them."""
    previous: PreviousSpec | None = None
    hold_harmless: float = 0.0
    """The share of what it had that an area keeps."""
    phase_in: int = 1
    """Years until the target."""
    scenarios: tuple[ScenarioSpec, ...] = ()
    level: float = 0.95
    """Probability that intervals hold the truth."""
    draws: int = 2000
    """How often the true need is drawn."""

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Files that the chapter reads, with their roles."""
        parts = (("targeting previous", self.previous), ("targeting catchment", self.catchment))
        return tuple((role, part.path) for role, part in parts if part is not None)


def read_targeting(keys: Keys) -> TargetingSpec:
    """Return what the table says; what is wrong with it goes to the faults of ``keys``."""
    plain = TargetingSpec()
    spec = TargetingSpec(
        need=keys.text("need"),
        choose=keys.number("choose", plain.choose),
        by=keys.choice("by", plain.by, LIST_BASES),
        alternatives=keys.texts("alternatives"),
        shares=_shares(keys, plain.shares),
        catchment=_catchment(keys),
        budget=keys.number("budget", plain.budget, least=True),
        unit=keys.number("unit", plain.unit),
        power=keys.number("power", plain.power, least=True, below=10),
        fixed=keys.number("fixed", plain.fixed, least=True),
        fixed_per_family=keys.number("fixed_per_family", plain.fixed_per_family, least=True),
        floor=keys.number("floor", plain.floor, least=True),
        floor_per_family=keys.number("floor_per_family", plain.floor_per_family, least=True),
        cap=keys.number("cap", plain.cap),
        cap_per_family=keys.number("cap_per_family", plain.cap_per_family),
        least_families=keys.number("least_families", plain.least_families, least=True),
        estimate=keys.choice("estimate", plain.estimate, MONEY_ESTIMATES),
        previous=_previous(keys),
        hold_harmless=keys.number("hold_harmless", plain.hold_harmless, least=True, below=1.0000001),
        phase_in=keys.count("phase_in", plain.phase_in),
        scenarios=tuple(_scenario(one) for one in keys.each("scenarios", required=False)),
        level=keys.number("level", plain.level, below=1),
        draws=keys.count("draws", plain.draws, least=100),
    )
    _check(keys, spec)
    keys.done()
    return spec


def _shares(keys: Keys, default: tuple[float, ...]) -> tuple[float, ...]:
    given = keys.numbers("shares")
    if given and not all(0 < share < 1 for share in given):
        keys.faults.add(f"{keys.where} shares must lie between 0 and 1", cure="Write 0.5 for half the need.")
        return default
    return given or default


def _previous(keys: Keys) -> PreviousSpec | None:
    table = keys.within("previous")
    if not table.table:
        return None
    spec = PreviousSpec(
        path=table.file("path", required=True),
        area_id=table.text("area_id", required=True),
        column=table.text("column", required=True),
    )
    table.done()
    return spec


def _catchment(keys: Keys) -> CatchmentSpec | None:
    table = keys.within("catchment")
    if not table.table:
        return None
    spec = CatchmentSpec(
        path=table.file("path", required=True),
        x=table.text("x", "x"),
        y=table.text("y", "y"),
        distance=table.number("distance", 1000.0),
    )
    table.done()
    return spec


def _scenario(keys: Keys) -> ScenarioSpec:
    def amount(key: str, *, below: float = float("inf")) -> float | None:
        return keys.number(key, None, least=True, below=below)

    name = keys.languages("name", required=True)
    spec = ScenarioSpec(
        name=name if name is not None else _NAMELESS,
        areas=keys.choice("areas", "all", SCENARIO_AREAS),
        need=keys.text("need"),
        budget=keys.number("budget", None),
        power=amount("power", below=10),
        fixed=amount("fixed"),
        fixed_per_family=amount("fixed_per_family"),
        floor=amount("floor"),
        floor_per_family=amount("floor_per_family"),
        cap=amount("cap"),
        cap_per_family=amount("cap_per_family"),
        hold_harmless=amount("hold_harmless", below=1.0000001),
        least_families=amount("least_families"),
        estimate=keys.choice("estimate", "", ("", *MONEY_ESTIMATES)),
    )
    keys.done()
    return spec


def _check(keys: Keys, spec: TargetingSpec) -> None:
    """Note what says nothing, or contradicts what else is said."""
    if spec.choose >= 1 and not float(spec.choose).is_integer():
        cure = "Write a whole number of areas, or a share of them below 1."
        keys.faults.add(f"{keys.where} choose is {spec.choose:g}", cure=cure)
    if spec.previous is None and (spec.hold_harmless or spec.phase_in > 1):
        cure = f"Add [{keys.under}previous] with path, area_id and column."
        keys.faults.add(f"{keys.where} hold_harmless and phase_in need what areas had before", cure=cure)
    if spec.scenarios and not spec.budget:
        keys.faults.add(f"{keys.where} has scenarios and no budget", cure="Write budget, in euros.")
    names = [one.name.en for one in spec.scenarios]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        keys.faults.add(f"{keys.where} has scenarios of the same name", ids=twice)
