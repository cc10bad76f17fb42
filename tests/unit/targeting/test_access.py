"""How well areas are served: by hand, with intervals, and never near where there is no way."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma

import lea_geo as lea
from lea_geo.errors import JoinError, UsageError, ValuesError
from lea_geo.targeting.access_decay import weights_of
from lea_geo.targeting.travel import costs_of

NAN = np.nan


def costs(**columns):
    frame = pd.DataFrame(columns, dtype=float)
    return costs_of(frame.set_axis([f"a{i}" for i in range(len(frame))]), unit="minutes")


def series(*numbers, prefix="a"):
    return pd.Series([float(n) for n in numbers], index=[f"{prefix}{i}" for i in range(len(numbers))])


TWO = costs(p=[5, 5, 30], q=[30, 5, 5])
"""Two services in a row of three places, the one in the middle near both."""
ONE_EACH = pd.Series([1.0, 1.0], index=["p", "q"])


def test_a_service_is_shared_by_those_who_reach_it():
    """As Luo and Wang (2003) show it: one doctor for 8 people is 1/8, one for 4 is 1/4, and who reaches both
    3/8.

    Places of 6, 2 and 2 people, the 2 in the middle within reach of both.
    """
    found = lea.access_scores(series(6, 2, 2), ONE_EACH, TWO, threshold=10, noise="none")
    assert found.table["score"].tolist() == pytest.approx([1 / 8, 1 / 8 + 1 / 4, 1 / 4])
    assert found.table["services"].tolist() == [1, 2, 1]
    assert found.mean == pytest.approx(2 / 10)  # all supply over all demand: both are reached
    assert found.table["relative"].tolist() == pytest.approx([0.625, 1.875, 1.25])
    assert (found.reached_supply, found.reached_demand) == (2.0, 10.0)


def test_nearer_services_count_more_where_weights_fall():
    """Steps of 1 to 10 and 0.5 to 30 minutes: p is asked by 6 + 2 + 1, q by 3 + 2 + 2."""
    found = lea.access_scores(
        series(6, 2, 2), ONE_EACH, TWO, threshold=30, decay="steps", steps={10: 1, 30: 0.5}, noise="none"
    )
    p, q = 1 / 9, 1 / 7
    assert found.table["score"].tolist() == pytest.approx([p + q / 2, p + q, p / 2 + q])


def test_in_three_steps_families_turn_to_the_nearer_service_first():
    """G is w over its sum: 1 / 1.5 and 0.5 / 1.5 at the ends, a half each in the middle; wG is 2/3, 1/6,
    1/2."""
    found = lea.access_scores(
        series(6, 2, 2),
        ONE_EACH,
        TWO,
        threshold=30,
        method="3sfca",
        decay="steps",
        steps={10: 1, 30: 0.5},
        noise="none",
    )
    p, q = 1 / (6 * 2 / 3 + 2 / 2 + 2 / 6), 1 / (6 / 6 + 2 / 2 + 2 * 2 / 3)
    assert found.table["score"].tolist() == pytest.approx([p * 2 / 3 + q / 6, (p + q) / 2, p / 6 + q * 2 / 3])


def test_what_can_be_reached_is_shared_with_nobody_when_only_counted():
    found = lea.access_scores(
        series(6, 2, 2), ONE_EACH * 3, TWO, threshold=10, method="opportunities", noise="none"
    )
    assert found.table["score"].tolist() == [3, 6, 3]


def test_weights_fall_as_their_formulas_say():
    c = np.array([[0.0, 5, 10, 20, NAN]])
    gauss = weights_of(c, 10, decay="gaussian", bandwidth=5)
    assert gauss[0] == pytest.approx([1, np.exp(-0.5), np.exp(-2), 0, 0])
    assert weights_of(c, 10, decay="exponential", bandwidth=5)[0] == pytest.approx(
        [1, np.exp(-1), np.exp(-2), 0, 0]
    )
    assert weights_of(c, 20, decay="power", bandwidth=5, power=2)[0] == pytest.approx(
        [1, 1, 1 / 4, 1 / 16, 0]
    )
    assert weights_of(c, 20, decay="steps", steps={10: 0.7, 5: 1})[0].tolist() == [1, 1, 0.7, 0, 0]


def test_no_way_is_no_access_and_no_distance():
    found = lea.access_scores(series(4, 4), ONE_EACH[["p"]], costs(p=[5, NAN]), threshold=10, noise="none")
    lost = found.table.loc["a1"]
    assert (lost["reach"], lost["nearest"], lost["score"]) == ("no_route", "", 0)
    assert np.isnan(lost["nearest_cost"])
    assert found.table.loc["a0", "score"] == pytest.approx(1 / 4)


def test_a_service_without_anything_to_offer_is_nobody_s_nearest():
    found = lea.access_scores(
        series(4), pd.Series([0.0, 2.0], index=["p", "q"]), costs(p=[1], q=[5]), threshold=9, noise="none"
    )
    assert found.table.loc["a0", ["nearest", "nearest_cost"]].tolist() == ["q", 5]


def test_a_service_that_nobody_reaches_is_named():
    found = lea.access_scores(series(4, 0), ONE_EACH, costs(p=[1, 90], q=[90, 1]), threshold=9, noise="none")
    assert found.notes == ("1 services have nobody within their catchment: q.",)
    assert found.reached_supply == 1
    assert found.table.loc["a1", "score"] == 0  # q is near, and shared by nobody


def test_the_interval_of_a_lone_service_is_that_of_a_count():
    """One service for 25 families: 1 / Gamma(25), whose quantiles scipy knows."""
    found = lea.access_scores(series(25), ONE_EACH[["p"]], costs(p=[1]), threshold=9, draws=4000)
    low, high = 1 / gamma(25).ppf([0.975, 0.025])
    assert found.table.loc["a0", ["lower", "upper"]].tolist() == pytest.approx([low, high], rel=0.02)
    assert found.interval.columns.tolist() == ["lower", "upper"]


def test_uncertain_supply_widens_the_interval():
    few, many = pd.Series([0.0], index=["p"]), pd.Series([4.0], index=["p"])
    options = {"threshold": 9, "supply_lower": few, "supply_upper": many}
    found = lea.access_scores(series(1e9), ONE_EACH[["p"]] * 2, costs(p=[1]), draws=2000, **options)
    wide = found.table.loc["a0", ["lower", "upper"]] * 1e9
    assert wide.tolist() == pytest.approx([0.1, 3.9], abs=0.05)  # even between 0 and 4
    with pytest.raises(ValuesError, match="supply outside its bounds: 1 of 1 \\(p\\)"):
        lea.access_scores(series(9), ONE_EACH[["p"]] * 9, costs(p=[1]), **options)


def test_other_catchments_give_a_range():
    """Within 5 minutes only the 6 share p; within 10 all 8 do."""
    found = lea.access_scores(
        series(6, 2), ONE_EACH[["p"]], costs(p=[5, 10]), threshold=10, thresholds=(5,), noise="none"
    )
    assert found.table[["least", "most"]].to_numpy().tolist() == [[1 / 8, 1 / 6], [0, 1 / 8]]


def test_areas_are_told_apart_only_where_chance_allows():
    """Each place has one service of its own: for 10 and for 1000 families, and for 100 and for 101."""
    own = costs(p=[1, 90], q=[90, 1])
    clear = lea.access_scores(series(10, 1000), ONE_EACH, own, threshold=9)
    close = lea.access_scores(series(100, 101), ONE_EACH, own, threshold=9)
    assert clear.table["verdict"].tolist() == ["more", "less"]
    assert close.table["verdict"].tolist() == ["typical", "typical"]


def test_an_area_whose_catchment_leaves_the_data_is_flagged():
    border = pd.Series([3.0, 30.0, NAN], index=["a0", "a1", "a2"])
    found = lea.access_scores(series(6, 2, 2), ONE_EACH, TWO, threshold=10, border=border, noise="none")
    assert found.table["edge"].tolist() == [True, False, False]


def test_where_crowds_count_nobody_gains_by_going_elsewhere():
    """Two services of equal size for 30 families at one and 10 at the other, 10 minutes apart, tau 20.

    rho is 20 families a service. Let x of the 30 go over: (30 - x) / 20 = (10 + x) / 20 + 10 / 20, so x = 5:
    25 and 15 families, costs 1.25 for all at the first and 0.75 at the second, whose own 10 stay."""
    found = lea.access_scores(
        series(30, 10), ONE_EACH, costs(p=[0, 10], q=[10, 0]), method="raam", threshold=20, noise="none"
    )
    assert found.table["score"].tolist() == pytest.approx([1.25, 0.75], abs=0.01)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"threshold": 0}, UsageError, "threshold is 0; it must be a number above 0"),
        ({"threshold": 9, "method": "fca"}, UsageError, "method is 'fca'"),
        ({"threshold": 9, "decay": "gaussian"}, UsageError, "decay='gaussian' needs bandwidth="),
        ({"threshold": 9, "decay": "steps"}, UsageError, "steps must hold weights by cost"),
        (
            {"threshold": 9, "border": series(1)},
            JoinError,
            "areas of the demand that border does not have: 2 of 3",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        lea.access_scores(series(6, 2, 2), ONE_EACH, TWO, **options)


def test_supply_and_demand_must_fit_the_costs():
    with pytest.raises(
        JoinError, match="areas of the travel costs that supply does not have: 1 of 2 \\(q\\)"
    ):
        lea.access_scores(series(1, 1, 1), ONE_EACH[["p"]], TWO, threshold=9)
    with pytest.raises(JoinError, match="areas with need that the travel costs do not have: 1 of 4"):
        lea.access_scores(series(1, 1, 1, 1), ONE_EACH, TWO, threshold=9)
    with pytest.raises(ValuesError, match="supply that is no number of at least 0: 1 of 2 \\(q\\)"):
        lea.access_scores(series(1, 1, 1), pd.Series([1.0, NAN], index=["p", "q"]), TWO, threshold=9)


def test_scores_join_to_areas():
    found = lea.access_scores(series(6, 2, 2), ONE_EACH, TWO, threshold=10, noise="none")
    assert found.table.index.name == "area_id"
    assert found.table.index.tolist() == ["a0", "a1", "a2"]
