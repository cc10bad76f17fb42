"""What is planted where, how strongly, and what that does to every indicator of the Paavo catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from lea_geo._checks.options import check_seed, check_year
from lea_geo.intake.catalogue import read_catalogue
from lea_geo.schema import Text
from lea_geo.synthetic.expected import expected_value
from lea_geo.synthetic.geography import areas, places
from lea_geo.synthetic.households import BACKGROUND, PLANTS, YEAR, YEARS, Plant
from lea_geo.synthetic.population import SEED, families

if TYPE_CHECKING:
    from lea_geo.schema import Indicator


@dataclass(frozen=True)
class Effect:
    """What one divergence does to one indicator."""

    code: str
    unit: str
    background: float
    """What to expect of the indicator where nothing is planted, in its unit."""
    planted: float
    """What to expect of it in the planted areas."""

    @property
    def difference(self) -> float:
        """Planted less background: percentage points, euros, persons or square metres."""
        return self.planted - self.background

    @property
    def direction(self) -> str:
        """``"higher"`` or ``"lower"`` than elsewhere."""
        return "higher" if self.difference > 0 else "lower"

    @property
    def odds_ratio(self) -> float | None:
        """The planted odds over the background's, for a percentage; None for anything else."""
        if self.unit != "percent":
            return None
        planted, background = self.planted / 100, self.background / 100
        return planted / (1 - planted) / (background / (1 - background))


@dataclass(frozen=True)
class Divergence:
    """One planted divergence."""

    name: str
    title: Text
    area_ids: tuple[str, ...]
    """The areas of one cape: one in the middle, six around it."""
    effects: tuple[Effect, ...]
    """What was meant, and large enough to be found in every area of it."""
    side_effects: tuple[Effect, ...]
    """What follows from it: another age structure moves shares that nobody aimed at. May go unfound."""
    gap: float = 1.0
    """How far the place is from the background in that year, as a share of how far it is in the last one:
    the shares of households and persons that are planted lie so far between the two."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of ``effects``."""
        return tuple(effect.code for effect in self.effects)


@dataclass(frozen=True)
class Truth:
    """All that there is to find in the made-up region."""

    seed: int
    year: int
    n_families: int
    divergences: tuple[Divergence, ...]
    nothing_planted: tuple[str, ...]
    """Codes of the Paavo catalogue on which no divergence has any effect: there is nothing to find."""
    without_residents: tuple[str, ...]
    """Area ids."""
    withheld: tuple[str, ...]
    """Ids of areas so small that Paavo withholds some or all of their details."""

    def planted_areas(self, code: str) -> frozenset[str]:
        """Return the ids of all areas in which something planted moves the indicator ``code``."""
        return frozenset(
            area_id
            for divergence in self.divergences
            for effect in (*divergence.effects, *divergence.side_effects)
            if effect.code == code
            for area_id in divergence.area_ids
        )


def truth(*, seed: int = SEED, year: int = YEAR) -> Truth:
    """Return what is planted in the made-up region.

    Parameters
    ----------
    seed
        As in :func:`lea_geo.synthetic.families`; it changes who lives there, not what is planted.
    year
        2021, 2023 or 2025. The divergences drift: the suburb is at 70, 85 and 100 % of its distance from the
        background, the closed mill at 50, 75 and 100 %, the young families at 120, 110 and 100 %, and the
        villa shore stays where it is.

    Returns
    -------
        Frozen: each divergence with its areas and its effect on every indicator of the Paavo catalogue, as
        expected before anybody is drawn; the indicators on which nothing is planted; the areas without
        residents or with withheld details; the seed.

    Examples
    --------
    >>> [divergence.name for divergence in truth().divergences]
    ['struggling_suburb', 'closed_mill', 'villa_shore', 'young_families']
    >>> [truth(year=year).divergences[1].gap for year in (2021, 2023, 2025)]
    [0.5, 0.75, 1.0]
    """
    return _truth(check_seed(seed), check_year(year, YEARS))


@lru_cache(maxsize=6)
def _truth(seed: int, year: int) -> Truth:
    land, special = areas(), places()
    indicators = read_catalogue("paavo").indicators
    found = tuple(_divergence(plant, indicators, year) for plant in PLANTS)
    moved = {e.code for d in found for e in (*d.effects, *d.side_effects)}
    named = {
        name: land.index[land["name_fi"] == special[name]]
        for name in ("empty", "few_people", "few_households")
    }
    return Truth(
        seed=seed,
        year=year,
        n_families=len(families(seed=seed, year=year)),
        divergences=found,
        nothing_planted=tuple(i.code for i in indicators if i.code not in moved),
        without_residents=tuple(named["empty"]),
        withheld=(*named["few_households"], *named["few_people"]),
    )


def _divergence(plant: Plant, indicators: tuple[Indicator, ...], year: int) -> Divergence:
    land = areas()
    every = (_effect(indicator, plant, year) for indicator in indicators)
    effects = [effect for effect in every if _moves(effect)]
    return Divergence(
        name=plant.name,
        title=Text(**places()["divergences"][plant.name]),
        area_ids=tuple(land.index[land["zone"] == plant.zone]),
        effects=tuple(effect for effect in effects if effect.code in plant.meant),
        side_effects=tuple(effect for effect in effects if effect.code not in plant.meant),
        gap=plant.gap[YEARS.index(year)],
    )


def _effect(indicator: Indicator, plant: Plant, year: int) -> Effect:
    lives = (BACKGROUND, plant.living_in(year))
    background, planted = (expected_value(indicator, living) for living in lives)
    return Effect(indicator.code, indicator.unit, background, planted)


def _moves(effect: Effect) -> bool:
    return abs(effect.difference) > 1e-9 * abs(effect.background)
