"""What to expect of a place, by arithmetic: the size of a planted divergence before anybody is drawn."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.synthetic.households import (
    ACTIVITIES,
    ACTIVITY,
    ADULT_GROUPS,
    AGE_BANDS,
    BETWEEN,
    BRANCH_GROUPS,
    BRANCHES,
    CHILD_GROUPS,
    FLOOR_AREA,
    HOUSEHOLD_AGES,
    HOUSEHOLD_INCOME,
    PERSONAL_INCOME,
    WORKPLACES_PER_RESIDENT,
    Living,
    household_kinds,
    kind_shares,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.schema import Indicator

_Floats = np.ndarray[Any, np.dtype[np.float64]]


def expected_value(indicator: Indicator, living: Living) -> float:
    """Return what an indicator is where people live so, in its own unit.

    A rate is the ratio of what to expect of its numerator and of its denominator.

    Raises
    ------
    KeyError
        The indicator needs a field that the made-up region leaves to chance.
    """
    fields = expected_fields(living)
    if not indicator.is_rate:
        return fields[indicator.field] * indicator.scale
    numerator = sum(fields[name] for name in indicator.numerator)
    return indicator.scale * numerator / sum(fields[name] for name in indicator.denominator)


@cache
def expected_fields(living: Living) -> Mapping[str, float]:
    """Return Paavo's fields for one average household: counts per household, averages as they are."""
    kinds, shares = household_kinds(), kind_shares(living)
    children = kinds["child_ages"]
    by_band = {
        band: float((shares * kinds["n_adults"] * (kinds["band"] == band)).sum()) for band in AGE_BANDS
    }
    adults = sum(by_band.values())
    minors = {age: float(shares @ children.map(lambda ages, a=age: ages.count(a))) for age in range(18)}
    size = adults + sum(minors.values())
    area = FLOOR_AREA[0] + FLOOR_AREA[1] * size
    fields = {
        **_people(by_band, minors),
        **_work(by_band, minors, living),
        **_homes(living),
        **_incomes("hr", "hr_tuy", adults, living, PERSONAL_INCOME),
        **_incomes("tr", "tr_kuty", 1.0, living, HOUSEHOLD_INCOME),
        **_schooling(adults, living),
        **_workplaces(size),
        "te_takk": size,
        "te_as_valj": area / size,
        "ra_as_kpa": area,
    }
    return MappingProxyType(fields)


def _people(by_band: dict[str, float], minors: dict[int, float]) -> dict[str, float]:
    """Count persons by age; ages of adults are spread evenly over their band."""
    ages = {
        age: sum(
            n / (AGE_BANDS[band][1] - AGE_BANDS[band][0] + 1) for band, n in by_band.items() if _in(age, band)
        )
        for age in range(18, 121)
    } | minors
    groups = {**CHILD_GROUPS, **ADULT_GROUPS}
    total = sum(ages.values())
    return {
        **{name: sum(ages[age] for age in range(low, high + 1)) for name, (low, high) in groups.items()},
        "he_vakiy": total,
        "he_naiset": total / 2,
        "he_miehet": total / 2,
        "he_kika": sum(age * n for age, n in ages.items()) / total,
    }


def _in(age: int, band: str) -> bool:
    low, high = AGE_BANDS[band]
    return low <= age <= high


def _work(by_band: dict[str, float], minors: dict[int, float], living: Living) -> dict[str, float]:
    doing = {
        activity: sum(n * ACTIVITY[band][i] for band, n in by_band.items())
        for i, activity in enumerate(ACTIVITIES)
    }
    pupils = sum(n for age, n in minors.items() if age >= 15)
    return {
        "pt_vakiy": sum(by_band.values()) + sum(minors.values()),
        "pt_tyoll": doing["labour_force"] * (1 - living.unemployed),
        "pt_tyott": doing["labour_force"] * living.unemployed,
        "pt_0_14": sum(minors.values()) - pupils,
        "pt_opisk": doing["student"] + pupils,
        "pt_elakel": doing["pensioner"],
        "pt_muut": doing["other"],
    }


def _homes(living: Living) -> dict[str, float]:
    kinds, shares = household_kinds(), kind_shares(living)
    of_kind = {kind: float(shares[kinds["kind"] == kind].sum()) for kind in kinds["kind"].unique()}
    size = kinds["n_adults"] + kinds["child_ages"].str.len()
    by_age = {
        name: float(
            shares @ kinds["child_ages"].map(lambda ages, b=bounds: any(b[0] <= a <= b[1] for a in ages))
        )
        for name, bounds in HOUSEHOLD_AGES.items()
    }
    seniors = of_kind["senior_single"] + of_kind["senior_couple"]
    return {
        **by_age,
        "te_taly": 1.0,
        "te_yks": float(shares[size == 1].sum()),
        "te_nuor": of_kind["young_single"],
        "te_eil_np": of_kind["young_couple"],
        "te_laps": living.with_children,
        "te_yhlap": of_kind["single_parent"],
        "te_aik": 1 - living.with_children - seniors,
        "te_elak": seniors,
        "te_omis_as": 1 - living.rented - living.other_tenure,
        "te_vuok_as": living.rented,
        "te_muu_as": living.other_tenure,
        "ra_asunn": 1.0,
        "ra_pt_as": living.small_house,
        "ra_kt_as": 1 - living.small_house,
    }


def _workplaces(size: float) -> dict[str, float]:
    workplaces = WORKPLACES_PER_RESIDENT * size
    branches = {branch: workplaces * share for branch, share in BRANCHES.items()}
    totals = {total: sum(branches[branch] for branch in parts) for total, parts in BRANCH_GROUPS.items()}
    return {"tp_tyopy": workplaces, **totals, **branches}


def _schooling(adults: float, living: Living) -> dict[str, float]:
    between = adults * (1 - living.basic_education - living.higher_education)
    return {
        "ko_ika18y": adults,
        "ko_perus": adults * living.basic_education,
        "ko_koul": adults * (1 - living.basic_education),
        "ko_yliop": between * BETWEEN[0],
        "ko_ammat": between * BETWEEN[1],
        "ko_al_kork": adults * living.higher_education / 2,
        "ko_yl_kork": adults * living.higher_education / 2,
    }


def _incomes(
    group: str, total: str, earners: float, living: Living, euros: dict[str, tuple[float, float]]
) -> dict[str, float]:
    shares = {
        "low": living.low_income,
        "middle": 1 - living.low_income - living.high_income,
        "high": living.high_income,
    }
    mean = sum(share * sum(euros[name]) / 2 for name, share in shares.items())
    low, high = euros["middle"]
    return {
        total: earners,
        f"{group}_pi_tul": earners * shares["low"],
        f"{group}_ke_tul": earners * shares["middle"],
        f"{group}_hy_tul": earners * shares["high"],
        f"{group}_ktu": mean,
        # The median lies in the middle class as long as neither of the others holds half.
        f"{group}_mtu": low + (high - low) * (0.5 - shares["low"]) / shares["middle"],
        f"{group}_ovy": earners * mean,
    }
