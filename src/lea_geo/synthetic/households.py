"""How households of the made-up coast are composed, and where that differs: the planted divergences.

A household is one of 150 kinds (who lives in it, how old the youngest child is, how many children there are).
The table of kinds serves twice: people are drawn from it, and what to expect of a place follows from it by
arithmetic, so that the size of every planted divergence is known exactly and not measured on the draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

YEARS = (2021, 2023, 2025)
"""The years of the tables, made up like everything else."""
YEAR = YEARS[-1]
"""The year of everything that is asked for without one."""
KINDS = (
    "couple_with_children",
    "single_parent",
    "young_single",
    "young_couple",
    "adult_single",
    "adult_couple",
    "senior_single",
    "senior_couple",
)
CHILD_GROUPS = {
    "he_0_2": (0, 2),
    "he_3_6": (3, 6),
    "he_7_12": (7, 12),
    "he_13_15": (13, 15),
    "he_16_17": (16, 17),
}
ADULT_GROUPS = {
    "he_18_19": (18, 19),
    **{f"he_{age}_{age + 4}": (age, age + 4) for age in range(20, 85, 5)},
    "he_85_": (85, 120),
}
AGE_BANDS = {"parent": (22, 52), "young": (18, 34), "adult": (35, 64), "senior": (65, 89)}
"""Adults' ages are spread evenly over the band of their household's kind, both ends included."""
ACTIVITIES = ("labour_force", "student", "pensioner", "other")
ACTIVITY = {
    "parent": (0.93, 0.02, 0.01, 0.04),
    "young": (0.78, 0.18, 0.00, 0.04),
    "adult": (0.86, 0.01, 0.09, 0.04),
    "senior": (0.04, 0.00, 0.96, 0.00),
}
"""What adults do; children are at school or too young for it."""
SIBLING_GAP = 3
"""Years between siblings; who would be 18 has left home."""
N_CHILDREN = (0.42, 0.39, 0.14, 0.05)
"""Shares of families with one, two, three and four children born."""
WITHOUT_CHILDREN = {
    "young_single": 0.15,
    "young_couple": 0.07,
    "adult_single": 0.27,
    "adult_couple": 0.20,
    "senior_single": 0.19,
    "senior_couple": 0.12,
}
"""Shares of kinds among the households without children."""
HOUSEHOLD_AGES = {"te_plap": (0, 2), "te_aklap": (0, 6), "te_klap": (7, 12), "te_teini": (13, 17)}
"""Paavo's households with children of some age: years, both ends included."""
BETWEEN = (0.18, 0.82)
"""Of adults with more than basic education and no degree: matriculated, vocational. Half of all degrees are
higher ones."""
HOUSEHOLD_INCOME = {"low": (9_000.0, 22_000.0), "middle": (22_000.0, 52_000.0), "high": (52_000.0, 120_000.0)}
PERSONAL_INCOME = {"low": (6_000.0, 15_000.0), "middle": (15_000.0, 33_000.0), "high": (33_000.0, 80_000.0)}
"""Euros a year; incomes are spread evenly over their class."""
FLOOR_AREA = (34.0, 19.0)
"""Square metres of a home: so many, and so many more for each person, up to a fifth more or less."""

BRANCHES = {
    "tp_a_maat": 0.026, "tp_b_kaiv": 0.002, "tp_c_teol": 0.137, "tp_d_ener": 0.005, "tp_e_vesi": 0.005,
    "tp_f_rake": 0.068, "tp_g_kaup": 0.123, "tp_h_kulj": 0.060, "tp_i_majo": 0.039, "tp_j_info": 0.041,
    "tp_k_raho": 0.021, "tp_l_kiin": 0.010, "tp_m_erik": 0.060, "tp_n_hall": 0.043, "tp_o_julk": 0.053,
    "tp_p_koul": 0.075, "tp_q_terv": 0.178, "tp_r_taid": 0.020, "tp_s_muup": 0.031, "tp_t_koti": 0.001,
    "tp_u_kans": 0.001, "tp_x_tunt": 0.001,
}  # fmt: skip
"""Shares of workplaces by branch, about as in Finland in 2018."""
BRANCH_GROUPS = {
    "tp_alku_a": ("tp_a_maat",),
    "tp_jalo_bf": ("tp_b_kaiv", "tp_c_teol", "tp_d_ener", "tp_e_vesi", "tp_f_rake"),
    "tp_palv_gu": tuple(branch for branch in BRANCHES if "g" <= branch[3] <= "u"),
}
WORKPLACES_PER_RESIDENT = 0.15
"""On average; each area has up to about three times more or less, by chance."""


@dataclass(frozen=True)
class Living:
    """How people live in a place: shares between 0 and 1."""

    with_children: float = 0.28
    """Of households: those with children under 18."""
    single_parent: float = 0.18
    """Of households with children."""
    youngest: tuple[float, float, float, float] = (0.20, 0.22, 0.32, 0.26)
    """Of families with children: the youngest is 0-2, 3-6, 7-12, 13-17 years old."""
    low_income: float = 0.20
    """Of households, and of their adults: those in the lowest income class."""
    high_income: float = 0.20
    """Of households, and of their adults: those in the highest income class."""
    rented: float = 0.34
    """Of households."""
    other_tenure: float = 0.02
    """Of households: neither owned nor rented."""
    basic_education: float = 0.22
    """Of adults: no more than basic education."""
    higher_education: float = 0.25
    """Of adults: a degree above the vocational one."""
    unemployed: float = 0.09
    """Of the labour force."""
    small_house: float = 0.55
    """Of households: those who live in a small house rather than in a block of flats."""


BACKGROUND = Living()


@dataclass(frozen=True)
class Plant:
    """One planted divergence: in the areas of a zone, people live otherwise than elsewhere."""

    name: str
    zone: str
    changes: dict[str, Any]
    meant: tuple[str, ...]
    """Codes of the Paavo catalogue's indicators on which the divergence is meant to show."""
    gap: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """How far the place is from the background in each of ``YEARS``, as a share of ``changes``."""

    @property
    def living(self) -> Living:
        """How people live there in the last year."""
        return self.living_in(YEAR)

    def living_in(self, year: int) -> Living:
        """Return how people live there in one of ``YEARS``."""
        share = self.gap[YEARS.index(year)]
        moved = {name: _between(getattr(BACKGROUND, name), to, share) for name, to in self.changes.items()}
        return replace(BACKGROUND, **moved)


def _between(start: Any, end: Any, share: float) -> Any:  # noqa: ANN401 - a share, or a tuple of shares
    if isinstance(start, tuple):
        return tuple(_between(one, other, share) for one, other in zip(start, end, strict=True))
    return (1 - share) * start + share * end


_LIVELIHOOD = (
    "low_income_residents",
    "low_income_households",
    "median_income_residents",
    "median_income_households",
)
_TENURE = ("rental_housing", "small_house_dwellings")
_WORK = ("unemployment", "basic_education_only", "higher_education")
_CHILDREN = (
    "families_with_children",
    "children_under_7",
    "children_under_18",
    "households_under_school_age",
    "households_school_age",
    "floor_area_per_resident",
)
# The suburb falls behind and the mill's closing bites year by year, the young families' children grow up, and
# the villas stay as they are. Each year's gap is still wide.
# Each divergence has a counterpart: what is high on one cape is low on another. Both tails of an indicator
# then belong to planted areas, and a chance gathering of background values is hardly ever extreme enough.
PLANTS = (
    Plant(
        "struggling_suburb",
        "larch_cape",
        {"low_income": 0.42, "high_income": 0.08, "single_parent": 0.46, "rented": 0.66, "small_house": 0.15},
        (*_LIVELIHOOD, *_TENURE, "single_parent_households"),
        gap=(0.70, 0.85, 1.0),
    ),
    Plant(
        "closed_mill",
        "mill_cape",
        {"unemployed": 0.24, "basic_education": 0.42, "higher_education": 0.08, "with_children": 0.11},
        (*_WORK, *_CHILDREN, "households_teenagers"),
        gap=(0.50, 0.75, 1.0),
    ),
    Plant(
        "villa_shore",
        "villa_cape",
        {
            "low_income": 0.06,
            "high_income": 0.44,
            "higher_education": 0.50,
            "basic_education": 0.07,
            "unemployed": 0.025,
            "rented": 0.10,
            "small_house": 0.92,
            "single_parent": 0.04,
        },
        (*_LIVELIHOOD, *_TENURE, *_WORK, "single_parent_households"),
    ),
    Plant(
        "young_families",
        "meadow_cape",
        {"with_children": 0.56, "youngest": (0.33, 0.28, 0.23, 0.16)},
        (*_CHILDREN, "children_under_3"),
        gap=(1.2, 1.1, 1.0),
    ),
)


def living_in(zone: str, year: int) -> Living:
    """Return how people live in a zone in one of ``YEARS``."""
    return {plant.zone: plant.living_in(year) for plant in PLANTS}.get(zone, BACKGROUND)


@cache
def household_kinds() -> pd.DataFrame:
    """Return every kind of household: ``kind band n_adults youngest n_born`` and the ages of the children."""
    families = [
        (kind, "parent", n_adults, youngest, n_born)
        for kind, n_adults in (("couple_with_children", 2), ("single_parent", 1))
        for youngest in range(18)
        for n_born in range(1, len(N_CHILDREN) + 1)
    ]
    others = [
        (kind, kind.split("_")[0], 2 if kind.endswith("couple") else 1, -1, 0) for kind in WITHOUT_CHILDREN
    ]
    kinds = pd.DataFrame(families + others, columns=["kind", "band", "n_adults", "youngest", "n_born"])
    born = zip(kinds["youngest"], kinds["n_born"], strict=True)
    return kinds.assign(
        child_ages=pd.Series([tuple(a for a in _ages(*row) if a < 18) for row in born], dtype=object)
    )


def _ages(youngest: int, n_born: int) -> range:
    return range(youngest, youngest + SIBLING_GAP * n_born, SIBLING_GAP)


def kind_shares(living: Living) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the share of every row of :func:`household_kinds` in a place; they add up to 1."""
    kinds = household_kinds()
    parents = {"couple_with_children": 1 - living.single_parent, "single_parent": living.single_parent}
    groups = [range(3), range(3, 7), range(7, 13), range(13, 18)]
    by_age = {
        age: share / len(group) for group, share in zip(groups, living.youngest, strict=True) for age in group
    }
    shares = [
        living.with_children * parents[kind] * by_age[youngest] * N_CHILDREN[n_born - 1]
        if n_born
        else (1 - living.with_children) * WITHOUT_CHILDREN[kind]
        for kind, youngest, n_born in zip(kinds["kind"], kinds["youngest"], kinds["n_born"], strict=True)
    ]
    return np.array(shares)
