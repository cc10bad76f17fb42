"""Sums that tell too much of one contributor."""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError


def of(**areas: list[float]) -> pd.Series:
    pairs = [(area, value) for area, values in areas.items() for value in values]
    return pd.Series([value for _, value in pairs], index=[area for area, _ in pairs])


def test_the_rules_on_numbers_that_can_be_worked_by_hand():
    given = of(north=[3.0, 50, 40, 7], south=[30.0, 25, 25, 20], east=[100.0], west=[60.0, 38, 2])
    table = lea.sensitive_sums(given, dominance=(2, 85), p_percent=10, minimum_count=3).table
    # north, 100 in all: 50 + 40 = 90 > 85; what others have, 10, is not below 10 % of 50 = 5.
    # south, 100: 55 <= 85; 45 >= 3. east: one contributor. west, 100: 98 > 85; 2 < 10 % of 60 = 6.
    assert table["dominance"].to_dict() == {"north": True, "south": False, "east": True, "west": True}
    assert table["p_percent"].to_dict() == {"north": False, "south": False, "east": True, "west": True}
    assert table["few"].to_dict() == {"north": False, "south": False, "east": True, "west": False}
    assert table["sensitive"].to_dict() == {"north": True, "south": False, "east": True, "west": True}
    # 100/85 x 90 - 100 = 5.88; 100/85 x 100 - 100 = 17.65 > 10 - 0; 100/85 x 98 - 100 = 15.29 > 6 - 2.
    protection = table["protection"].to_dict()
    assert protection == pytest.approx({"north": 5.882353, "south": 0, "east": 17.647059, "west": 15.294118})
    assert table.loc["west", ["total", "contributors", "largest", "second"]].tolist() == [100, 3, 60, 38]


def test_the_p_percent_rule_keeps_the_second_largest_from_guessing_the_largest():
    # west alone: the second knows 38 and the sum of 100, so the largest has at most 62, 3.3 % above 60.
    table = lea.sensitive_sums(of(west=[60.0, 38, 2]), p_percent=10).table
    assert table.loc["west", "protection"] == 10 / 100 * 60 - 2
    # With that much added to the sum the guess is 66: 10 % above, as it should be.
    assert 100 + table.loc["west", "protection"] - 38 == pytest.approx(60 * 1.10)


def test_too_few_contributors_need_hiding_but_no_interval_is_stated():
    table = lea.sensitive_sums(of(a=[5.0, 5], b=[1.0, 1, 1]), minimum_count=3).table
    assert table["sensitive"].to_dict() == {"a": True, "b": False}
    assert np.isnan(table.loc["a", "protection"])
    assert "dominance" not in table


def test_a_sum_of_nothing_tells_nothing():
    table = lea.sensitive_sums(of(a=[0.0, 0, 0]), dominance=(1, 75), p_percent=10).table
    assert not table.loc["a", "sensitive"]


def test_the_order_of_the_contributors_changes_nothing():
    rng = np.random.default_rng(2)
    given = pd.Series(rng.exponential(10, 400), index=[f"a{i}" for i in rng.integers(0, 60, 400)])
    one = lea.sensitive_sums(given, dominance=(1, 60), p_percent=15).table
    other = lea.sensitive_sums(given.sample(frac=1, random_state=3), dominance=(1, 60), p_percent=15).table
    pd.testing.assert_frame_equal(one, other)
    for area, values in given.groupby(level=0):
        largest = sorted(values, reverse=True)
        rest = sum(largest[2:])
        assert one.loc[area, "p_percent"] == (rest < 0.15 * largest[0])
        assert one.loc[area, "dominance"] == (largest[0] > 0.6 * sum(largest))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({}, UsageError, "State a rule"),
        ({"dominance": (0, 80)}, UsageError, "the n of dominance is 0"),
        ({"dominance": (1, 120)}, UsageError, "the k of dominance is 120; it must be above 0"),
        ({"dominance": 80}, UsageError, r"it must be \(n, k\)"),
        ({"p_percent": 0}, UsageError, "p_percent is 0"),
        ({"p_percent": 5, "contributions": of(a=[1.0, -2.0])}, ValuesError, "negative or missing: 1"),
        (
            {"p_percent": 5, "contributions": pd.Series([], dtype=float)},
            ValuesError,
            "contributions is empty",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(change, error, message):
    call = {"contributions": of(a=[1.0, 2.0]), **change}
    with pytest.raises(error, match=message):
        lea.sensitive_sums(call.pop("contributions"), **call)
