"""What holds of every measure of inequality, whatever the values."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lea_geo.inequality import formulas
from lea_geo.inequality.ends import Concentration, Line, ridits
from lea_geo.inequality.nesting import TERMS, Nested
from lea_geo.inequality.table import inequality_table

RELATIVE = {
    "gini": formulas.gini,
    "theil": formulas.theil,
    "mean_log_deviation": formulas.mean_log_deviation,
    "atkinson 0.5": formulas.atkinson(0.5),
    "atkinson 1": formulas.atkinson(1.0),
    "atkinson 2": formulas.atkinson(2.0),
    "palma": formulas.palma(0.4, 0.1),
    "variation": formulas.variation,
    "relative variance": formulas.relative_variance,
    "disparity": formulas.disparity,
    "tail ratio": formulas.tail_ratio(0.1, 0.1),
    "from best": formulas.from_best_relative(favourable=False),
}
ABSOLUTE = {
    "absolute gini": formulas.half_mean_difference,
    "variance": formulas.variance,
    "deviation": formulas.deviation,
    "from mean": formulas.from_mean,
    "from best": formulas.from_best(favourable=True),
    "extremes": formulas.extreme_difference,
    "tails": formulas.tail_difference(0.1, 0.1),
}
FEEL_EVERY_TRANSFER = (
    "gini",
    "theil",
    "mean_log_deviation",
    "atkinson 0.5",
    "atkinson 1",
    "atkinson 2",
    "variation",
    "relative variance",
)

values = st.floats(0.5, 1000)
people = st.integers(1, 5000)
areas = st.lists(st.tuples(values, people), min_size=2, max_size=12)


def _both(held: list[tuple[float, int]]) -> tuple[np.ndarray, np.ndarray]:
    x, w = np.array(held, dtype=float).T
    return x, w / w.sum()


@pytest.mark.parametrize("name", RELATIVE)
@settings(max_examples=25)
@given(held=areas, factor=st.floats(0.01, 100))
def test_relative_measures_do_not_depend_on_the_unit(name: str, held, factor: float) -> None:
    x, w = _both(held)
    measure = RELATIVE[name]
    assert measure(factor * x, w, w) == pytest.approx(measure(x, w, w), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", ABSOLUTE)
@settings(max_examples=25)
@given(held=areas, shift=st.floats(0, 1000))
def test_absolute_measures_do_not_depend_on_where_zero_is(name: str, held, shift: float) -> None:
    x, w = _both(held)
    measure = ABSOLUTE[name]
    assert measure(x + shift, w, w) == pytest.approx(measure(x, w, w), rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("name", [*RELATIVE, *ABSOLUTE])
@settings(max_examples=15)
@given(held=areas)
def test_two_copies_of_a_region_are_as_unequal_as_one(name: str, held) -> None:
    x, w = _both(held)
    measure = RELATIVE.get(name) or ABSOLUTE[name]
    twice, half = np.concatenate([x, x]), np.concatenate([w, w]) / 2
    assert measure(twice, half, half) == pytest.approx(measure(x, w, w), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", FEEL_EVERY_TRANSFER)
@settings(max_examples=40)
@given(held=areas, share=st.floats(0.01, 0.99))
def test_a_transfer_from_rich_to_poor_makes_less_unequal(name: str, held, share: float) -> None:
    x, w = _both(held)
    rich, poor = int(x.argmax()), int(x.argmin())
    gap = x[rich] - x[poor]
    if gap < 1e-3:
        return
    # What leaves the rich area arrives in the poor one, and does not turn them round.
    moved = share * gap * w[rich] * w[poor] / (w[rich] + w[poor])
    after = x.copy()
    after[rich] -= moved / w[rich]
    after[poor] += moved / w[poor]
    measure = RELATIVE[name]
    assert measure(after, w, w) < measure(x, w, w) + 1e-12


@settings(max_examples=60)
@given(held=areas)
def test_measures_keep_their_bounds(held) -> None:
    x, w = _both(held)
    assert -1e-12 <= formulas.gini(x, w, w) <= 1 - w.min() + 1e-12
    assert -1e-12 <= formulas.theil(x, w, w) <= np.log(1 / w.min()) + 1e-9
    assert formulas.mean_log_deviation(x, w, w) >= -1e-12
    assert -1e-12 <= formulas.atkinson(2.0)(x, w, w) < 1
    # More aversion to inequality never makes it smaller.
    assert formulas.atkinson(0.5)(x, w, w) <= formulas.atkinson(2.0)(x, w, w) + 1e-9
    assert formulas.palma(0.4, 0.1)(x, w, w) >= 0.25 - 1e-9


@settings(max_examples=60)
@given(
    held=st.lists(st.tuples(values, people, st.integers(0, 3), st.integers(0, 2)), min_size=3, max_size=20),
    name=st.sampled_from(sorted(TERMS)),
)
def test_what_lies_between_and_within_adds_up_at_any_depth(held, name: str) -> None:
    x, w = _both([(one[0], one[1]) for one in held])
    ids = pd.Index([f"{i}" for i in range(len(held))])
    wide = pd.Series([f"{one[2]}" for one in held], ids, name="municipality")
    narrow = pd.Series([f"{one[2]}-{one[3]}" for one in held], ids, name="postal")
    whole = {
        "theil": formulas.theil,
        "mean_log_deviation": formulas.mean_log_deviation,
        "between_group_variance": formulas.variance,
    }[name](x, w, w)
    for nesting in ([wide], [wide, narrow]):
        parts = Nested.of(nesting, ids).parts(x, w, TERMS[name])
        assert len(parts) == len(nesting) + 1
        assert sum(map(float, parts)) == pytest.approx(
            float(whole), rel=1e-12, abs=1e-12 * (1 + float(whole))
        )
        assert all(part >= -1e-9 * (1 + whole) for part in parts)


@settings(max_examples=40)
@given(held=areas)
def test_concentration_along_the_values_themselves_is_the_gini(held) -> None:
    x, w = _both(held)
    top, mean = Concentration(x).of(x, w, w)
    assert top / mean == pytest.approx(float(formulas.gini(x, w, w)), rel=1e-9, abs=1e-12)


@settings(max_examples=40)
@given(held=areas, level=st.floats(-50, 50), slope=st.floats(-50, 50))
def test_a_straight_line_gives_back_its_own_ends(held, level: float, slope: float) -> None:
    x, w = _both(held)
    if len(np.unique(x)) < 2:
        return
    standing = ridits(x, w)
    top, low = Line(x).of(level + slope * standing, w, w)
    assert float(top) == pytest.approx(level + slope, abs=1e-5)
    assert float(low) == pytest.approx(level, abs=1e-5)


@settings(max_examples=8)
@given(st.permutations(range(12)), st.integers(0, 2**32))
def test_the_order_of_the_areas_changes_no_digit(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(3)
    ids = [f"area {i:02d}" for i in range(12)]
    people = pd.Series(rng.integers(20, 400, 12), ids)
    events = pd.Series(rng.binomial(people, rng.beta(3, 9, 12)) + 1, ids).clip(upper=people)
    said = {"favourable": False, "rank": pd.Series(np.arange(12.0), ids), "runs": 99, "seed": seed}
    tables = []
    for index in (ids, [ids[i] for i in order]):
        e, p = events.reindex(index), people.reindex(index)
        tables.append(inequality_table(100 * e / p, p, numerator=e, denominator=p, **said).table)
    pd.testing.assert_frame_equal(*tables, check_exact=True)
