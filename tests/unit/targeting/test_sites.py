"""Where to put sites: the best is proved, ties are shown, and capacities and borders are kept."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

import lea_geo as lea
from lea_geo.errors import JoinError, UsageError, ValuesError
from lea_geo.targeting import sites_solve
from lea_geo.targeting.travel import costs_of


def matrix(rows, sites=None, unit="minutes"):
    """Costs from a b c ... to A B C ..."""
    names = [chr(ord("a") + i) for i in range(len(rows))]
    return costs_of(
        pd.DataFrame(
            rows, index=names, columns=sites or [chr(ord("A") + j) for j in range(len(rows[0]))], dtype=float
        ),
        unit=unit,
    )


def need(*counts):
    return pd.Series([float(n) for n in counts], index=[chr(ord("a") + i) for i in range(len(counts))])


LINE = matrix([[0, 4, 10], [4, 0, 6], [10, 6, 0]])
"""Three villages on a road, 4 and 6 minutes apart, each of which can have a site."""


def test_one_site_goes_where_the_mean_way_is_shortest():
    """10, 1 and 9 families: A costs 4 + 90 = 94, B 40 + 54 = 94, C 100 + 6 = 106; of 20 families."""
    found = lea.choose_sites(need(10, 1, 9), None, LINE, p=1, noise="none")
    assert found.value == pytest.approx(94 / 20)
    assert found.sites == ("A",)  # the first id among equals
    assert found.n_tied == 2
    assert found.options["sites"].tolist() == ["A", "B"]
    assert found.table["in_ties"].tolist() == [0.5, 0.5, 0.0]
    assert (found.bound, found.gap, found.solver) == (found.value, 0.0, "enumeration")


def test_what_is_there_stays_and_does_not_count():
    found = lea.choose_sites(need(10, 1, 9), None, LINE, p=1, existing=["A"], noise="none")
    assert (found.existing, found.sites) == (("A",), ("C",))
    assert found.table.loc["A", "state"] == "existing"
    assert found.effects.loc["before", "mean_cost"] == pytest.approx(94 / 20)
    assert found.effects.loc["after", "mean_cost"] == pytest.approx(4 / 20)
    assert found.allocation["before"].tolist() == [0, 4, 10]


def test_coverage_counts_families_within_the_radius_and_ties_go_to_shorter_ways():
    """Within 5 minutes A and B both reach a and b; from B 10 families walk 4 minutes, from A one."""
    found = lea.choose_sites(need(10, 1, 9), None, LINE, p=1, objective="coverage", radius=5, noise="none")
    assert found.value == pytest.approx(11 / 20)
    assert found.options.loc[found.options["tied"], "sites"].tolist() == ["A", "B"]


def test_the_farthest_family_has_it_as_near_as_can_be():
    found = lea.choose_sites(need(10, 1, 9), None, LINE, p=1, objective="p_centre", noise="none")
    assert (found.sites, found.value) == (("B",), 6.0)
    two = lea.choose_sites(need(10, 1, 9), None, LINE, p=2, objective="p_centre", noise="none")
    assert (two.sites, two.value) == (("A", "C"), 4.0)


def test_as_few_sites_as_can_be_reach_all():
    assert lea.choose_sites(
        need(1, 1, 1), None, LINE, objective="coverage_all", radius=6, noise="none"
    ).sites == ("B",)
    two = lea.choose_sites(need(1, 1, 1), None, LINE, objective="coverage_all", radius=5, noise="none")
    assert (two.value, two.sites) == (2.0, ("A", "C"))
    assert set(two.options["sites"]) == {"A C", "B C"}


def test_an_area_without_need_asks_for_nothing():
    found = lea.choose_sites(need(10, 1, 0), None, LINE, objective="coverage_all", radius=5, noise="none")
    assert found.value == 1.0


def test_what_cannot_be_reached_is_said_and_never_near():
    costs = matrix([[np.nan, np.nan], [1, 5], [5, np.nan]])
    found = lea.choose_sites(need(9, 1, 1), None, costs, p=1, noise="none")
    assert found.sites == ("A",)
    assert found.value == pytest.approx(3)  # (1 + 5) / 2
    assert "1 areas with need have no route to any place and have no say in the choice: a." in found.notes
    reached = lea.choose_sites(need(9, 1, 1), None, costs, p=1, objective="coverage", radius=5, noise="none")
    assert reached.value == pytest.approx(2 / 11)  # of all who are in need
    assert reached.effects.loc["after", "no_route"] == pytest.approx(9 / 11)


def test_a_journey_that_cannot_be_made_costs_ten_of_the_longest():
    """B serves a at 1 but c not at all, which counts 10 times 5; A serves all at 5."""
    costs = matrix([[5, 1], [5, 1], [5, np.nan]])
    found = lea.choose_sites(need(1, 1, 1), None, costs, p=1, noise="none")
    assert found.sites == ("A",)
    cheap = lea.choose_sites(need(1, 1, 1), None, costs, p=1, no_route=6, noise="none")
    assert cheap.sites == ("B",)
    assert cheap.settings["no_route"] == 6
    with pytest.raises(UsageError, match="no_route is 2, less than the longest journey, 5"):
        lea.choose_sites(need(1, 1, 1), None, costs, p=1, no_route=2, noise="none")


def test_a_full_site_sends_families_on():
    """A is next to all 30 but takes 20: ten of b's or c's go 4 or more minutes farther."""
    costs = matrix([[1, 9, 9], [1, 5, 9], [1, 9, 6]])
    capacity = pd.Series([20.0, 20.0, 20.0], index=["A", "B", "C"])
    found = lea.choose_sites(need(10, 10, 10), None, costs, p=2, capacity=capacity, noise="none")
    assert found.sites == ("A", "B")
    assert found.value == pytest.approx((20 * 1 + 10 * 5) / 30)
    assert found.table["need"].tolist() == pytest.approx([20, 10, 0])
    short = pd.Series([9.0, 9.0, 9.0], index=["A", "B", "C"])
    with pytest.raises(ValuesError, match="30 in need, and no set of sites can serve them"):
        lea.choose_sites(need(10, 10, 10), None, costs, p=2, capacity=short, noise="none")
    left = lea.choose_sites(
        need(10, 10, 10), None, costs, p=2, capacity=short, objective="coverage", radius=5, noise="none"
    )
    assert left.value == pytest.approx(18 / 30)


def test_a_clear_choice_is_sure_and_a_close_one_is_not():
    """90 of 100 families against 10 of 100, and 50 against 48: with one site, where more of them are."""
    apart = matrix([[0, 9], [9, 0]])
    families = need(100, 100)
    clear = lea.choose_sites(need(90, 10), None, apart, p=1, families=families)
    close = lea.choose_sites(need(50, 48), None, apart, p=1, families=families)
    assert clear.table.loc["A", "p_belongs"] == 1.0
    # The chance that a rate of 50 / 100 exceeds one of 48 / 100, each Beta: about 0.61 by the normal
    # approximation.
    assert close.table["p_belongs"].sum() == pytest.approx(1)
    assert 0.5 < close.table.loc["A", "p_belongs"] < 0.75
    assert close.options["sites"].tolist() == ["A", "B"]
    assert close.options["tied"].tolist() == [True, False]  # B is worse by 2 of 48; but best in many redraws


def test_uncertain_journeys_make_an_uncertain_choice():
    costs = matrix([[5, 5.1], [5, 5.1]])
    sure = lea.choose_sites(need(5, 5), None, costs, p=1, tie=0)
    unsure = lea.choose_sites(need(5, 5), None, costs, p=1, tie=0, cost_noise=0.3)
    assert sure.table["p_belongs"].tolist() == [1.0, 0.0]
    assert 0.4 < unsure.table.loc["A", "p_belongs"] < 0.65
    centre = lea.choose_sites(need(5, 5), None, costs, p=1, objective="p_centre", cost_noise=0.3)
    assert 0 < centre.table.loc["B", "p_belongs"] < 1
    assert "100 redraws of journeys were solved." in centre.notes


def test_need_that_is_hidden_lies_between_its_bounds():
    costs = matrix([[0, 9], [9, 0]])
    hidden = pd.Series([6.0, np.nan], index=["a", "b"])
    with pytest.raises(ValuesError, match="areas whose need is unknown: 1 of 2 \\(b\\)"):
        lea.choose_sites(hidden, None, costs, p=1)
    low, high = pd.Series([6.0, 1], index=["a", "b"]), pd.Series([6.0, 9], index=["a", "b"])
    found = lea.choose_sites(hidden, None, costs, p=1, lower=low, upper=high)
    assert found.sites == ("A",)  # 5, the middle, stands for it
    assert 0.3 < found.table.loc["B", "p_belongs"] < 0.6


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, UsageError, "needs p="),
        ({"p": 9}, UsageError, "p is 9, and there are 3 candidates"),
        ({"p": 1, "objective": "coverage"}, UsageError, "needs radius="),
        ({"p": 1, "objective": "coverage_all", "radius": 3}, UsageError, "leave p out"),
        ({"p": 1, "objective": "nearest"}, UsageError, "objective is 'nearest'"),
        (
            {"p": 1, "existing": ["Z"]},
            JoinError,
            "existing that the travel costs do not have: 1 of 1 \\(Z\\)",
        ),
        ({"p": 1, "capacity": pd.Series([1.0], index=["A"])}, JoinError, "does not have: 2 of 3 \\(B, C\\)"),
        ({"p": 1, "objective": "p_centre", "capacity": need(1)}, UsageError, "takes no capacity"),
        ({"p": 1, "tie": -1}, UsageError, "tie is -1"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        lea.choose_sites(need(1, 1, 1), None, LINE, noise="none", **options)


def test_a_candidate_that_exists_and_an_area_without_costs_are_refused():
    with pytest.raises(ValuesError, match="places that are candidates and exist already: 1 \\(A\\)"):
        lea.choose_sites(need(1, 1, 1), ["A", "B"], LINE, p=1, existing=["A"])
    with pytest.raises(JoinError, match="areas with need that the travel costs do not have: 1 of 4 \\(d\\)"):
        lea.choose_sites(need(1, 1, 1, 1), None, LINE, p=1)


@pytest.mark.parametrize("solver", ["bounds", "milp"])
def test_bounds_and_branches_agree_with_trying_all(monkeypatch, solver):
    """Twelve made-up problems, some journeys impossible: the same best sets, ties and values."""
    rng = np.random.default_rng(8)
    for trial in range(12):
        rows = rng.integers(1, 60, (10, 6)).astype(float)
        rows[rng.random(rows.shape) < 0.1] = np.nan
        costs, people = matrix(rows.tolist()), need(*rng.integers(0, 20, 10))
        objective = ("p_median", "coverage")[trial % 2]
        options = {"p": 2, "objective": objective, "radius": 25, "noise": "none", "tie": 0.05}
        tried = lea.choose_sites(people, None, costs, **options)
        with monkeypatch.context() as patch:
            patch.setattr(sites_solve, "can_enumerate", lambda *_: False)
            patch.setattr(sites_solve, "few_enough", lambda *_: 1000 if solver == "bounds" else 0)
            proved = lea.choose_sites(people, None, costs, **options)
        assert (tried.solver, proved.solver) == ("enumeration", solver)
        assert proved.gap == pytest.approx(0, abs=1e-8)
        tied = [set(one.options.loc[one.options["tied"], "sites"]) for one in (tried, proved)]
        assert tied[0] == tied[1]
        assert proved.n_tied == tried.n_tied
        assert proved.sites == tried.sites
        assert proved.value == pytest.approx(tried.value)


def test_where_too_many_sets_do_as_well_the_nearest_to_the_best_are_told(monkeypatch):
    """Ten places 100 to 109 minutes off: of single sites nine lie within 8 %, and three may be tried."""
    costs = matrix([[100.0 + j for j in range(10)]])
    monkeypatch.setattr(sites_solve, "can_enumerate", lambda *_: False)
    monkeypatch.setattr(sites_solve, "few_enough", lambda *_: 3)
    found = lea.choose_sites(need(5), None, costs, p=1, tie=0.08, noise="none")
    assert (found.sites, found.solver, found.gap) == (("A",), "bounds", 0)
    within = found.settings["listed_within"]
    assert 0 <= within < 0.08
    nearest = [
        name
        for name, minutes in zip("ABCDEFGHIJ", range(100, 110), strict=True)
        if minutes <= 100 + 100 * within
    ]
    assert found.options["sites"].tolist() == nearest
    assert "More sets than can be tried may do as well" in found.notes[-1]


def test_in_redraws_exchanges_find_what_trying_all_finds(monkeypatch):
    rng = np.random.default_rng(3)
    rows = rng.integers(1, 60, (12, 7)).astype(float)
    people, families = need(*rng.integers(0, 20, 12)), need(*[40] * 12)
    options = {"p": 2, "families": families, "draws": 100}
    tried = lea.choose_sites(people, None, matrix(rows.tolist()), **options)
    monkeypatch.setattr(sites_solve, "can_enumerate", lambda *_: False)
    proved = lea.choose_sites(people, None, matrix(rows.tolist()), **options)
    assert proved.table["p_belongs"].to_numpy() == pytest.approx(
        tried.table["p_belongs"].to_numpy(), abs=0.05
    )
    assert "exchanging sites from many starts" in proved.notes[-1]


def test_scenarios_say_who_gains_and_who_loses():
    """Moving the site from A to C: a has 10 more minutes, c 10 fewer, b 2 more."""
    found = lea.compare_sites(
        need(10, 1, 9),
        LINE,
        {"today": ["A"], "moved": ["C"]},
        radius=5,
        families=need(20, 10, 10),
        noise="none",
    )
    assert found.table["mean_cost"].tolist() == pytest.approx([94 / 20, 106 / 20])
    assert found.table.loc["moved", "shorter"] == pytest.approx(-12 / 20)
    assert found.table.loc["moved", ["gains", "loses"]].tolist() == pytest.approx([9 / 20, 11 / 20])
    assert found.table["reached"].tolist() == pytest.approx([11 / 20, 9 / 20])
    assert found.table["mean_cost_all"].tolist() == pytest.approx([140 / 40, 260 / 40])
    after = found.areas[found.areas["scenario"] == "moved"].set_index("area_id")
    assert after["outcome"].to_dict() == {"a": "loses", "b": "loses", "c": "gains"}
    with pytest.raises(UsageError, match="The scenario 'none' holds no list"):
        lea.compare_sites(need(1, 1, 1), LINE, {"none": []})


def test_the_spread_of_ways_is_gini_s_and_its_order_that_of_need():
    """Ways of 0, 4 and 10 to A for 10, 1 and 9 families, by hand.

    Gini: the sum over pairs of n_i n_j |x_i - x_j| is 2 (10 1 4 + 10 9 10 + 1 9 6) = 1988; the mean is 94 /
    20, so 1988 / (2 20^2 4.7). Concentration by the shares in need 10/20, 1/10, 9/10 of 20, 10 and 10
    families: ranks are b (0 to .25), a (.25 to .75), c (.75 to 1), mean way 140 / 40, and 2 (.25 4 .125 + .5
    0 .5 + .25 10 .875) / 3.5 - 1."""
    found = lea.compare_sites(need(10, 1, 9), LINE, {"A": ["A"]}, families=need(20, 10, 10), noise="none")
    assert found.table.loc["A", "gini"] == pytest.approx(1988 / (2 * 400 * 4.7))
    assert found.table.loc["A", "concentration"] == pytest.approx(2 * (0.125 + 0.25 * 10 * 0.875) / 3.5 - 1)
    assert found.table.loc["A", ["median_cost", "most_cost", "worst_cost"]].tolist() == [0, 10, 10]


def test_intervals_hold_what_chance_leaves_open():
    """Reached of 40 and 60 by A alone: Gamma(40) / (Gamma(40) + Gamma(60)) is Beta(40, 60)."""
    costs = matrix([[1], [9]])
    found = lea.compare_sites(need(40, 60), costs, {"A": ["A"]}, radius=5, draws=2000)
    low, high = found.table.loc["A", ["reached_lower", "reached_upper"]]
    assert found.table.loc["A", "reached"] == pytest.approx(0.4)
    assert (low, high) == pytest.approx(beta(40, 60).ppf([0.025, 0.975]), abs=0.01)
