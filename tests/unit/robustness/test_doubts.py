"""Doubts of labels: what is hidden, and what chance leaves open."""

import math

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea
from lea_geo.errors import UsageError, ValuesError
from lea_geo.robustness.doubts import _Rates, label_doubts
from lea_geo.spatial.graph import AreaGraph

IDS = ["focal", "near", "next", "hidden", "far", "away"]
# The mean of the five values is 20; the focal area's neighbours are near, next and hidden.
VALUES = pd.Series([40.0, 30, 30, np.nan, 0, 0], IDS)
FIRST = {"focal": "High-High"}
Z = 1.959963984540054


def graph(weights=(1.0, 1.0, 1.0)) -> AreaGraph:
    return AreaGraph(pd.Index(IDS), [0, 3, 3, 3, 3, 3, 3], [1, 2, 3], np.array(weights))


def labels(**named) -> pd.Series:
    return pd.Series({area: (named or FIRST).get(area, "Not significant") for area in IDS})


def status(word: str) -> pd.Series:
    return pd.Series(["observed"] * 3 + [word] + ["observed"] * 2, IDS)


def between(lower: float, upper: float) -> pd.DataFrame:
    table = pd.DataFrame(np.nan, index=IDS, columns=["lower", "upper"])
    table.loc["hidden"] = lower, upper
    return table


def doubt(values=VALUES, named=None, links=None, **options) -> str:
    found = label_doubts(values, labels() if named is None else named, links or graph(), **options)
    return found["focal"]


def test_a_suppressed_neighbour_that_could_carry_the_mean_over_makes_the_label_doubtful():
    # (30 + 30 + 0) / 3 = 20 reaches the mean, (30 + 30 + 0.1) / 3 does not.
    held = {"status": status("suppressed")}
    assert doubt(bounds=between(0.0, 50), **held) == "hidden"
    assert doubt(bounds=between(0.1, 50), **held) == ""


def test_only_the_end_that_could_turn_the_label_counts():
    held = {"status": status("suppressed")}
    assert doubt(bounds=between(1, np.nan), **held) == ""
    assert doubt(bounds=between(np.nan, 50), **held) == "hidden"
    low = labels(focal="High-Low")
    values = VALUES.replace({30.0: 10.0, 0.0: 20.0})  # a mean of 20 again
    assert doubt(values, low, bounds=between(np.nan, 39), **held) == ""
    assert doubt(values, low, bounds=between(0, 40), **held) == "hidden"  # (10 + 10 + 40) / 3 = 20
    assert doubt(values, low, bounds=between(0, np.nan), **held) == "hidden"


def test_a_missing_neighbour_could_have_any_value():
    assert doubt(status=status("missing")) == "hidden"
    assert doubt() == "hidden", "a blank is missing unless a status says otherwise"


def test_a_neighbour_to_which_the_question_does_not_apply_hides_nothing():
    assert doubt(status=status("not_applicable")) == ""


def test_an_area_counts_towards_its_own_hot_spot():
    # (40 + 30 + 30 + 0) / 4 = 25 stays above the mean; it takes -20 to reach it.
    held = {"status": status("suppressed"), "statistic": "local_g_star"}
    assert doubt(bounds=between(-19.9, 50), **held) == ""
    assert doubt(bounds=between(-20, 50), **held) == "hidden"


def test_hidden_values_weigh_as_the_statistic_weighs_them():
    # Weights 1, 1, 2: (30 + 30 + 2 * 10) / 4 = 20 reaches the mean; (30 + 30 + 10) / 3 does not.
    held = {"status": status("suppressed"), "bounds": between(10, 50), "links": graph((1.0, 1.0, 2.0))}
    assert doubt(**held) == "hidden"
    assert doubt(**held, transform="original") == "hidden"
    assert doubt(**held, transform="binary") == ""


def test_a_hot_spot_weighs_the_area_as_its_heaviest_neighbour():
    # (2 * 40 + 30 + 30 + 2 * h) / 6 = 20 at h = -10.
    held = {"statistic": "local_g_star", "links": graph((1.0, 1.0, 2.0)), "status": status("suppressed")}
    assert doubt(bounds=between(-10, 50), **held) == "hidden"
    assert doubt(bounds=between(-9.9, 50), **held) == ""


def test_what_claims_nothing_is_not_doubted():
    for label in ("Not significant", "Isolate", "Undefined"):
        assert (label_doubts(VALUES, labels(focal=label), graph()) == "").all()


def counted(focal=(400, 1000), near=(300, 1000), others=(20_000, 100_000)) -> tuple[pd.Series, pd.DataFrame]:
    """Return rates where hidden is an ordinary neighbour like the other two."""
    table = pd.DataFrame([focal, near, near, near, others, others], IDS, ["numerator", "denominator"])
    return table["numerator"] / table["denominator"], table.astype(float)


def test_many_people_leave_no_noise():
    values, counts = counted()
    assert doubt(values, counts=counts) == ""


def test_few_people_in_the_area_itself_are_noise_for_moran_and_not_for_a_hot_spot():
    # Wilson's interval of 4 in 10 begins at 0.168; the mean is (0.4 + 3 * 0.3 + 2 * 0.01) / 6 = 0.22. For the
    # hot spot the four count by a quarter: 0.325 less about 1.96 sqrt(0.24 / 10) / 4 = 0.076 is above it.
    values, counts = counted(focal=(4, 10), others=(1000, 100_000))
    assert doubt(values, counts=counts) == "noise"
    assert doubt(values, counts=counts, statistic="local_g_star") == ""


@pytest.mark.parametrize("kind", ["proportion", "rate"])
@pytest.mark.parametrize(("inside", "found"), [(True, "noise"), (False, "")])
def test_noise_around_an_area_is_the_interval_of_price_and_bonett(kind, inside, found):
    # Three neighbours with 60 events among 200 people, each given 2/3 of an event and, as a proportion, 4/3
    # of a person more: p = (60 + 2/3) / (200 + 4/3) = 0.3013, or 0.3033 of a rate. The mean has the variance
    # of one of them divided by three.
    people = 200 + 4 / 3 if kind == "proportion" else 200
    p = (60 + 2 / 3) / people
    variance = p * (1 - p) / people if kind == "proportion" else p / people
    end = p - Z * math.sqrt(variance / 3)
    # far and away give the mean of the six values: (0.5 + 3 * 0.3 + 2 r) / 6 is just inside or outside.
    rate = (6 * (end + (1e-4 if inside else -1e-4)) - 1.4) / 2
    big = 10_000_000
    values, counts = counted(focal=(0.5 * big, big), near=(60, 200), others=(rate * big, big))
    assert doubt(values, counts=counts, kind=kind) == found


def test_rates_and_their_variances_are_those_of_statpsych():
    # statpsych 1.7.0: ci.lc.prop.bs(.05, c(26, 24, 38), c(60, 60, 60), c(-.5, -.5, 1)) has the estimate
    # 0.2119565 and the standard error 0.07602892; its contrast weighs what our means weigh, but for the sign.
    counts = np.array([26.0, 24, 38]), np.array([60.0] * 3)
    rates = _Rates(*counts, scale=1.0, proportion=True, level=0.95)
    rate, variance = rates.added(np.arange(3), np.full(3, 3.0))
    weights = np.array([-0.5, -0.5, 1])
    assert weights @ rate == pytest.approx(0.2119565, abs=5e-8)
    assert math.sqrt(weights**2 @ variance) == pytest.approx(0.07602892, abs=5e-9)


def test_no_event_around_an_area_is_no_certainty():
    # Nobody among 3 * 20 people: p (1 - p) / n of what was observed would be 0.
    values, counts = counted(focal=(1, 1000), near=(0, 20), others=(1, 200))
    assert doubt(values, labels(focal="Low-Low"), counts=counts) == "noise"


def test_both_doubts_can_hold():
    values, counts = counted(focal=(4, 10))
    values["hidden"] = counts.loc["hidden", "numerator"] = np.nan
    assert doubt(values, counts=counts) == "hidden noise"


def test_percentages_say_their_scale():
    values, counts = counted(focal=(4, 10))
    assert doubt(100 * values, counts=counts, scale=100) == "noise"
    with pytest.raises(ValuesError, match="values that are not scale \\* numerator / denominator") as told:
        doubt(100 * values, counts=counts)
    assert "scale is 100 for percentages" in str(told.value)


def test_everything_is_aligned_by_id():
    values, counts = counted(focal=(4, 10))
    straight = label_doubts(values, labels(), graph(), counts=counts)
    turned = label_doubts(
        values.iloc[::-1], labels().sample(frac=1, random_state=1), graph(), counts=counts[::-1]
    )
    pd.testing.assert_series_equal(turned, straight.iloc[::-1])
    assert turned.index.tolist() == IDS[::-1]


def test_labels_of_our_own_statistics_can_be_doubted_as_they_are():
    cells = lea.build_grid((380_000, 6_670_000, 382_000, 6_672_000), cell_size=250)
    links = lea.build_graph(cells, "queen")
    rows = np.repeat(np.arange(8), 8)
    values = pd.Series(np.where(rows < 3, 9.0, 1.0) + np.arange(64) / 1000, cells.index)
    found = lea.local_moran(values, links)
    assert (found.table["label"] == "High-High").any()
    assert (label_doubts(values, found.table["label"], links) == "").all()


def test_faults_of_labels_and_status_are_told_together():
    named, words = labels(focal="High"), status("known")
    with pytest.raises(ValuesError) as told:
        label_doubts(VALUES, named, graph(), status=words)
    assert "unknown labels: 1 of 6 (focal)" in str(told.value)
    assert "unknown status: 1 of 6 (hidden)" in str(told.value)


def test_a_status_may_not_promise_a_value_that_is_not_there():
    with pytest.raises(ValuesError, match="no value though the status says that there is one"):
        doubt(status=status("observed"))


def test_labels_of_other_areas_are_refused():
    with pytest.raises(ValuesError, match="areas of labels that the graph does not have"):
        label_doubts(VALUES, labels().rename({"focal": "elsewhere"}), graph())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bounds": between(9, 1)}, "bounds whose lower end is above the upper"),
        ({"counts": pd.DataFrame({"numerator": 1.0, "denominator": np.nan}, IDS)}, "values without counts"),
        (
            {"counts": pd.DataFrame({"numerator": 2.0, "denominator": 1.0}, IDS)},
            "numerator larger than its denominator",
        ),
        (
            {"counts": pd.DataFrame({"numerator": 2.0, "denominator": 1.0}, IDS[:3])},
            "areas of the graph that",
        ),
    ],
)
def test_bounds_and_counts_that_cannot_be_are_refused(options, message):
    with pytest.raises(ValuesError, match=message):
        doubt(status=status("suppressed"), **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"statistic": "local_geary"}, "statistic is 'local_geary'"),
        ({"transform": "rows"}, "Did you mean 'row'"),
        ({"kind": "ratio"}, "kind is 'ratio'"),
        ({"level": 95}, "level is 95"),
        (
            {"bounds": pd.Series(dtype=float)},
            "bounds must be a pandas DataFrame with columns lower and upper",
        ),
    ],
)
def test_wrong_options_are_told(options, message):
    with pytest.raises(UsageError, match=message):
        doubt(**options)
