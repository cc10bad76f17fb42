"""``[rates]`` of a study file, read into a ``RatesSpec``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo._checks.spec import check_rates
from lea_geo.rates_spec import RATE_METHODS, RatesSpec

if TYPE_CHECKING:
    from lea_geo._checks.spec import Keys


def read_rates(keys: Keys) -> RatesSpec:
    """Return what ``[rates]`` describes; what is wrong with it goes to the faults of ``keys``."""
    plain = RatesSpec()
    rates = RatesSpec(
        method=keys.choice("method", plain.method, RATE_METHODS),
        parent=keys.text("parent"),
        minimum_denominator=keys.number("minimum_denominator", plain.minimum_denominator, least=True),
        minimum_numerator=keys.number("minimum_numerator", plain.minimum_numerator, least=True),
        cautious_cv=keys.number("cautious_cv", plain.cautious_cv),
        largest_cv=keys.number("largest_cv", plain.largest_cv),
        years=keys.count("years", plain.years, most=100),
        merge=keys.flag("merge"),
    )
    summed = [name for name, on in (("years", rates.years > 1), ("merge", rates.merge)) if on]
    enough = bool(rates.minimum_denominator or rates.minimum_numerator)
    check_rates(keys, rates.method, summed=() if enough else summed, cv=(rates.cautious_cv, rates.largest_cv))
    keys.done()
    return rates
