"""What is said of areas comes true as often as it is said; the benchmarks hold it to many more studies."""

import numpy as np
import pytest
from calibration_studies import DATA_ONLY, Design, Said, judged, study, together

from lea_geo.robustness_spec import RobustnessSpec

STUDIES = 24
SMALL = Design(areas=100, indicators=4, people=120.0)


@pytest.fixture(scope="module")
def said() -> dict[str, Said]:
    """What each model says of all studies, and what is so."""
    return {
        noise: together([judged(SMALL, seed, noise=noise, runs=150) for seed in range(STUDIES)])
        for noise in ("raw", "sampling", "joint")
    }


def test_areas_said_to_be_among_the_worst_are(said):
    share, count = said["joint"].share(0.9, 1.0)
    assert count > 45
    assert share >= 0.88


def test_of_areas_said_to_be_as_likely_as_not_half_are(said):
    share, count = said["joint"].share(0.4, 0.6)
    assert count > 45
    assert 0.35 <= share <= 0.65


def test_what_is_stated_adds_up_to_what_is_so(said):
    assert said["joint"].stated.mean() == pytest.approx(0.1, abs=0.005)
    assert said["joint"].true.mean() == pytest.approx(0.1)


def test_the_joint_model_says_more_than_each_rate_alone_and_that_more_than_a_list(said):
    assert said["joint"].brier < said["sampling"].brier < said["raw"].brier


def test_probabilities_are_right_where_the_method_is_as_uncertain_as_the_data():
    how = RobustnessSpec(weights_within=0.5)
    all_said = together([judged(SMALL, seed, noise="joint", runs=120, how=how) for seed in range(STUDIES)])
    high, count = all_said.share(0.9, 1.0)
    middle, _ = all_said.share(0.4, 0.6)
    assert count > 25
    assert high >= 0.88
    assert 0.35 <= middle <= 0.65


def test_the_made_up_studies_are_what_they_say():
    made = study(Design(areas=400, hidden_below=50.0, missing=0.1), 3)
    rates = made.counts["i0"]["numerator"] / made.counts["i0"]["denominator"]
    shown = made.observed["i0"].notna()
    assert (made.observed["i0"] == rates)[shown].all()
    hidden = made.observed["i0_status"] == "suppressed"
    assert (hidden == (made.counts["i0"]["denominator"] < 50)).all()
    assert (made.bounds["i0"].loc[hidden, "upper"] == 1).all()
    # the variance of a proportion is p (1 - p) / n; here within three standard errors
    z = (rates - made.true["i0"]) / np.sqrt(
        made.true["i0"] * (1 - made.true["i0"]) / made.counts["i0"]["denominator"]
    )
    assert (z**2).mean() == pytest.approx(1, abs=3 * np.sqrt(2 / 400))
    assert DATA_ONLY.noise == "joint"
