"""The spatial model: its parts against dense algebra, the whole against brute force, and what it refuses."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.integrate import quad
from scipy.special import expit, gammaln

import lea_geo as lea
from lea_geo.errors import GraphError, UsageError, ValuesError
from lea_geo.rates import bym2_sites
from lea_geo.rates.bym2_cholesky import Pattern
from lea_geo.rates.bym2_field import Field, Sites, Structure
from lea_geo.rates.bym2_sites import NODES, WEIGHTS, Likelihood, _tilted, propagate
from lea_geo.spatial.graph import AreaGraph

PAIR_AND_PATH = np.zeros((6, 6))  # a pair, a path of three and an area without neighbours
for a, b in ((0, 1), (2, 3), (3, 4)):
    PAIR_AND_PATH[a, b] = PAIR_AND_PATH[b, a] = 1


def lattice(rows: int, columns: int) -> np.ndarray:
    cells = list(product(range(rows), range(columns)))
    return np.array([[float(abs(a - c) + abs(b - d) == 1) for c, d in cells] for a, b in cells])


def graph_of(adjacency: np.ndarray) -> AreaGraph:
    links = sparse.csr_array(adjacency)
    return AreaGraph(ids(len(adjacency)), links.indptr, links.indices, links.data)


def ids(n: int) -> pd.Index:
    return pd.Index([f"{k:05d}" for k in range(n)], name="area_id")


def series(values) -> pd.Series:
    return pd.Series(values, index=ids(len(values)), dtype=float)


def scaled_covariance(adjacency: np.ndarray) -> np.ndarray:
    """Return the covariance of u* by dense pseudo-inverses, component by component."""
    near = sparse.csgraph.connected_components(adjacency)[1]
    found = np.zeros_like(adjacency)
    for component in np.unique(near):
        own = np.flatnonzero(near == component)
        if len(own) > 1:
            part = adjacency[np.ix_(own, own)]
            inverse = np.linalg.pinv(np.diag(part.sum(1)) - part)
            found[np.ix_(own, own)] = inverse / np.exp(np.mean(np.log(np.diag(inverse))))
    return found


def distance(covariance: np.ndarray, linked: np.ndarray, phi: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Return d(phi) = sqrt(2 KLD) by eigenvalues."""
    gamma = np.linalg.eigvalsh(covariance[np.ix_(linked, linked)])
    gamma[gamma < 1e-9] = 0.0
    logs = np.log(rest[:, None] + phi[:, None] * gamma).sum(1)
    return np.sqrt(np.maximum(phi * (gamma.sum() - len(gamma)) - logs, 0.0))


def test_sparse_factors_solve_and_invert_as_dense_algebra_does():
    adjacency = lattice(5, 7)
    diagonal = adjacency.sum(1) + np.linspace(0.01, 2.0, 35)
    dense = np.diag(diagonal) - adjacency
    factors = Pattern.of(sparse.csr_array(-adjacency)).factor(diagonal)
    right = np.random.default_rng(1).normal(size=(35, 2))
    np.testing.assert_allclose(factors.solve(right), np.linalg.solve(dense, right), rtol=1e-10)
    np.testing.assert_allclose(factors.inverse_diagonal(), np.diag(np.linalg.inv(dense)), rtol=1e-10)
    assert factors.log_determinant == pytest.approx(np.linalg.slogdet(dense)[1])


@pytest.mark.parametrize("adjacency", [lattice(4, 6), PAIR_AND_PATH])
def test_variances_are_scaled_to_a_geometric_mean_of_1_in_each_component(adjacency):
    structure = Structure.of(sparse.csr_array(adjacency))
    linked = adjacency.sum(1) > 0
    np.testing.assert_allclose(
        structure.variances[linked], np.diag(scaled_covariance(adjacency))[linked], rtol=1e-9
    )
    logs = np.log(structure.variances[linked])
    for component in np.unique(structure.component[linked]):
        assert logs[structure.component[linked] == component].mean() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("adjacency", [lattice(4, 6), PAIR_AND_PATH])
def test_the_distance_of_phi_comes_out_of_sparse_determinants_as_out_of_eigenvalues(adjacency):
    mixing = Structure.of(sparse.csr_array(adjacency)).mixing
    logits = np.array([-8.0, -3.1, -0.7, 0.0, 2.3, 7.7, 15.0])
    expected = distance(scaled_covariance(adjacency), adjacency.sum(1) > 0, expit(logits), expit(-logits))
    found = [mixing.distance(float(expit(x))) for x in logits]
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    for x, d in zip(logits, expected, strict=True):
        phi, rest = mixing.shares(d)
        np.testing.assert_allclose([phi, rest], [expit(x), expit(-x)], rtol=2e-3)


def test_the_field_given_sites_is_that_of_dense_algebra():
    adjacency, rng = PAIR_AND_PATH, np.random.default_rng(2)
    structure = Structure.of(sparse.csr_array(adjacency))
    design = np.column_stack([np.ones(6), rng.normal(size=6)])
    sites = Sites(np.array([2.0, 0.5, 3.0, 0.0, 1.0, 4.0]), rng.normal(size=6) * [1, 1, 1, 0, 1, 1])
    sigma, phi = 0.7, 0.4
    found = Field(structure, design, 0.01).given(sites, sigma, (phi, 1 - phi))
    linked = adjacency.sum(1) > 0
    noise = sigma**2 * np.where(linked, 1 - phi, 1.0)
    prior = np.diag(noise) + sigma**2 * phi * scaled_covariance(adjacency) + design @ design.T / 0.01
    covariance = np.linalg.inv(np.linalg.inv(prior) + np.diag(sites.precision))
    np.testing.assert_allclose(found.mean, covariance @ sites.shift, rtol=1e-8)
    np.testing.assert_allclose(found.variance, np.diag(covariance), rtol=1e-8)
    evidence = 0.5 * sites.shift @ covariance @ sites.shift
    evidence -= 0.5 * np.linalg.slogdet(np.eye(6) + prior @ np.diag(sites.precision))[1]
    assert found.evidence == pytest.approx(evidence, rel=1e-8)


@pytest.mark.parametrize(
    ("family", "events", "size"), [(0, 0.0, 2.0), (0, 7.0, 3.0), (1, 0.0, 5.0), (1, 60.0, 80.0)]
)
def test_moments_of_cavity_times_likelihood_are_those_of_adaptive_integration(family, events, size):
    centre, variance, precision = -0.3, 0.9, 1.3

    def density(x: float) -> float:
        log = events * x - (size * np.exp(x) if family == 0 else size * np.logaddexp(0, x))
        log += (gammaln(size + 1) - gammaln(events + 1) - gammaln(size - events + 1)) if family else 0.0
        return float(np.exp(log - 0.5 * (x - centre) ** 2 / variance) / np.sqrt(2 * np.pi * variance))

    limits, options = (centre - 9, centre + 9), {"epsabs": 0, "epsrel": 1e-10, "limit": 200}
    mass = quad(density, *limits, **options)[0]
    mean = quad(lambda x: x * density(x), *limits, **options)[0] / mass
    spread = quad(lambda x: (x - mean) ** 2 * density(x), *limits, **options)[0] / mass
    # The marginal from which taking out a site of that precision and no shift leaves this cavity:
    marginal = 1 / (1 / variance + precision)
    arrays = [np.array([x]) for x in (events, size, centre / variance * marginal, marginal, precision, 0.0)]
    found = [float(x[0]) for x in _tilted(family, *arrays, NODES, WEIGHTS)]
    assert found[:2] == pytest.approx([centre, variance])
    assert found[4:] == pytest.approx([mean, spread], rel=1e-5)


def test_sites_agree_with_the_moments_that_they_stand_for():
    adjacency = lattice(3, 4)
    field = Field(Structure.of(sparse.csr_array(adjacency)), np.ones((12, 1)), 0.001)
    likelihood = Likelihood(0, np.array([0, 1, 2, 0, 5, 9, 1, 0, 0, 3, np.nan, 2.0]), np.full(12, 2.0))
    found = propagate(field, likelihood, 0.6, (0.5, 0.5), likelihood.first_sites())
    assert found.agrees
    # A second start ends at the same place.
    other = propagate(field, likelihood, 0.6, (0.5, 0.5), Sites(np.full(12, 0.1), np.zeros(12)))
    np.testing.assert_allclose(found.field.mean, other.field.mean, atol=2e-3)
    assert found.evidence == pytest.approx(other.evidence, abs=1e-3)


def integrated(adjacency: np.ndarray, events: np.ndarray, size: np.ndarray, family: str) -> np.ndarray:
    """Return posterior means and deviations of eta, and means of its inverse, by brute force.

    Over sigma and d(phi), Gauss and Legendre's rule in their prior probabilities; given them, Gauss and
    Hermite's over all areas at once, around the mode of the exact posterior with the covariance there, a
    little widened.
    """
    n, linked, covariance = len(events), adjacency.sum(1) > 0, scaled_covariance(adjacency)
    logits = np.linspace(-20, 30, 20_001)
    distances = distance(covariance, linked, expit(logits), expit(-logits))
    x, w = np.polynomial.legendre.leggauss(20)
    x, w = (x + 1) / 2, w / 2
    sigmas = np.log1p(-x) / np.log(0.01)  # P(sigma > 1) = 0.01
    d = np.log1p(-x) / np.log(1 / 3) * np.interp(0.0, logits, distances)  # P(phi < 0.5) = 2/3
    at = np.interp(d, distances, logits)
    nodes, weights = np.polynomial.hermite.hermgauss(13)
    z = np.array(list(product(nodes, repeat=n)))
    z_weights = np.prod(list(product(weights, repeat=n)), axis=1) * np.exp((z**2).sum(1))
    total, first, second, natural = 0.0, np.zeros(n), np.zeros(n), np.zeros(n)
    for (sigma, wide), (logit, other) in product(zip(sigmas, w, strict=True), zip(at, w, strict=True)):
        noise = np.diag(np.where(linked, expit(-logit), 1.0))
        prior = 1000.0 * np.ones((n, n)) + sigma**2 * (noise + expit(logit) * covariance)
        precision = np.linalg.inv(prior)
        mode, bend = mode_of(precision, events, size, family)
        root = np.linalg.cholesky(np.linalg.inv(bend)) * 1.6
        eta = mode + z @ root.T
        logs = log_likelihood(eta, events, size, family).sum(1)
        logs -= 0.5 * np.einsum("ij,jk,ik->i", eta, precision, eta)
        mass = wide * other * np.exp(logs) * z_weights * np.linalg.det(root) / np.sqrt(np.linalg.det(prior))
        total += mass.sum()
        first, second = first + mass @ eta, second + mass @ eta**2
        natural = natural + mass @ (np.exp(eta) if family == "poisson" else expit(eta))
    mean = first / total
    return np.array([mean, np.sqrt(second / total - mean**2), natural / total])


def log_likelihood(eta: np.ndarray, events: np.ndarray, size: np.ndarray, family: str) -> np.ndarray:
    lost = size * (np.exp(eta) if family == "poisson" else np.logaddexp(0, eta))
    return np.where(np.isnan(events), 0.0, events * eta - lost)


def mode_of(
    precision: np.ndarray, events: np.ndarray, size: np.ndarray, family: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mode of eta and minus the matrix of second derivatives there."""
    eta = np.full(len(events), np.log(np.nansum(events) / size.sum()))
    for _ in range(60):
        expected = size * (np.exp(eta) if family == "poisson" else expit(eta))
        bend = expected if family == "poisson" else expected * (1 - expected / size)
        known = ~np.isnan(events)
        slope = np.where(known, events - expected, 0.0) - precision @ eta
        matrix = precision + np.diag(np.where(known, bend, 0.0))
        move = np.linalg.solve(matrix, slope)
        eta = eta + move * min(1.0, 1.0 / np.abs(move).max(initial=1e-300))
    return eta, matrix


@pytest.mark.parametrize("family", ["poisson", "binomial"])
@pytest.mark.parametrize(
    ("links", "events", "size"),
    [
        ([(0, 1), (1, 2)], [3, 0, 6], [2.0, 2.0, 3.0]),
        ([(0, 1)], [3, 1, 9], [2.0, 3.0, 3.0]),  # the third has no neighbours
        ([(0, 1), (1, 2), (0, 2)], [4, np.nan, 12], [2.0, 3.0, 3.0]),  # the second has no data
    ],
)
def test_three_areas_are_as_brute_integration_finds_them(family, links, events, size):
    adjacency = np.zeros((3, 3))
    for a, b in links:
        adjacency[a, b] = adjacency[b, a] = 1
    size = np.array(size) * (10 if family == "binomial" else 1)
    mean, sd, natural = integrated(adjacency, np.array(events, dtype=float), size, family)
    table = lea.bym2(series(events), series(size), graph_of(adjacency), family=family).table
    assert np.abs((table["linear_mean"] - mean) / sd).max() < 0.003
    np.testing.assert_allclose(table["linear_sd"], sd, rtol=0.012)
    known = ~np.isnan(events)
    np.testing.assert_allclose(table["mean"][known], natural[known], rtol=1e-3)


@pytest.fixture
def small() -> tuple[pd.Series, pd.Series, AreaGraph]:
    events = [0, 2, 1, 4, 0, 3, 8, 2, 1, 0, 6, 12]
    return series(events), series(np.linspace(1, 6, 12)), graph_of(lattice(3, 4))


def test_the_result_says_what_it_rests_on(small):
    result = lea.bym2(*small)
    assert list(result.table.columns) == [
        "raw", "mean", "sd", "lower", "upper", "exceedance", "linear_mean", "linear_sd", "structured",
        "unstructured",
    ]  # fmt: skip
    assert result.table.index.name == "area_id"
    assert result.exceed == pytest.approx(39 / small[1].sum())
    assert (result.family, result.level, result.n_components, result.n_isolates) == ("poisson", 0.95, 1, 0)
    assert (result.prior_precision, result.prior_mixing) == ((1.0, 0.01), (0.5, 2 / 3))
    assert result.notes == ()
    assert list(result.hyperparameters.index) == ["precision", "log_precision", "sd", "mixing", "intercept"]


def test_counts_are_matched_by_id_and_not_by_position(small):
    events, size, graph = small
    turned = lea.bym2(events.iloc[::-1], size.sample(frac=1, random_state=1), graph).table
    pd.testing.assert_frame_equal(turned.loc[events.index], lea.bym2(*small).table, rtol=1e-6)


def test_the_mean_of_linear_parts_is_the_linear_mean(small):
    result = lea.bym2(*small)
    parts = result.table["structured"] + result.table["unstructured"]
    difference = result.table["linear_mean"] - parts - result.hyperparameters.loc["intercept", "mean"]
    assert difference.abs().max() < 0.01 * result.table["linear_sd"].min()


def test_an_area_without_data_is_predicted_from_its_neighbours(small):
    events, size, graph = small
    events.iloc[10] = np.nan  # between the largest rates
    size.iloc[0], events.iloc[0] = 0.0, 0.0  # nobody there
    result = lea.bym2(events, size, graph)
    assert result.n_without_data == 2
    assert "2 of 12 areas have no data" in result.notes[0]
    assert np.isnan(result.table["raw"].iloc[[0, 10]]).all()
    assert result.table["linear_mean"].iloc[10] > result.table["linear_mean"].iloc[0]
    assert result.table["linear_sd"].iloc[10] > lea.bym2(*[*small][:2], graph).table["linear_sd"].iloc[11]


def test_parts_of_the_graph_without_data_rest_on_the_prior_and_a_note_says_so():
    events = series([2, 5, np.nan, np.nan, np.nan, 3])
    result = lea.bym2(events, series(np.full(6, 3.0)), graph_of(PAIR_AND_PATH))
    assert any("1 of 6 areas have no neighbours" in note for note in result.notes)
    assert any("1 components of the graph have no data" in note for note in result.notes)
    dark = result.table.iloc[2:5]
    assert dark["structured"].abs().max() < 1e-6
    assert np.ptp(dark["linear_mean"]) < 1e-6
    assert result.table["structured"].iloc[5] == 0.0


def test_the_structured_effect_sums_to_zero_in_each_component():
    events = series([2, 9, 1, 4, 12, 3])
    result = lea.bym2(events, series(np.full(6, 3.0)), graph_of(PAIR_AND_PATH))
    structured = result.table["structured"]
    assert structured.iloc[:2].sum() == pytest.approx(0.0, abs=1e-9)
    assert structured.iloc[2:5].sum() == pytest.approx(0.0, abs=1e-9)


def test_a_note_says_where_propagation_did_not_settle(small, monkeypatch):
    monkeypatch.setattr(bym2_sites, "SWEEPS", 1)
    assert lea.bym2(*small).notes[-1].startswith("Propagation did not settle at hyperparameters that hold ")


def test_a_graph_in_one_direction_counts_in_both_with_a_note(small):
    events, size, graph = small
    links = sparse.csr_array(np.triu(lattice(3, 4)))
    one_way = AreaGraph(graph.ids, links.indptr, links.indices, 5.0 * links.data)
    result = lea.bym2(events, size, one_way)
    assert result.notes == ("17 links go one way in the graph; they count in both.",)
    pd.testing.assert_frame_equal(result.table, lea.bym2(*small).table)


def test_a_libpysal_graph_will_do(small):
    events, size, graph = small
    pd.testing.assert_frame_equal(lea.bym2(events, size, graph.to_libpysal()).table, lea.bym2(*small).table)


def test_a_covariate_that_makes_the_rates_takes_the_place_of_the_spatial_effect(small):
    size, graph = series(np.full(12, 40.0)), small[2]
    x = np.tile([0.0, 1.0], 6)
    events = series(np.round(40 * np.exp(1.2 * x)))
    result = lea.bym2(events, size, graph, covariates=pd.DataFrame({"x": x}, index=events.index))
    row = result.hyperparameters.loc["x"]
    assert row["lower"] < 1.2 < row["upper"]
    assert row["mean"] == pytest.approx(1.2, abs=0.02)
    assert result.hyperparameters.loc["sd", "median"] < 0.1
    in_thousandths = lea.bym2(
        events, size, graph, covariates=pd.DataFrame({"x": 1000 * x}, index=events.index)
    )
    pd.testing.assert_frame_equal(in_thousandths.table, result.table, rtol=1e-6)
    assert in_thousandths.hyperparameters.loc["x", "mean"] == pytest.approx(row["mean"] / 1000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"family": "normal"}, "family is 'normal'; it must be one of binomial, poisson"),
        ({"level": 1.0}, "level is 1.0"),
        ({"exceed": 0.0}, "exceed is 0.0; it must be a finite number above 0"),
        ({"prior_precision": 1.0}, r"prior_precision is 1.0; it must be a pair \(U, alpha\)"),
        ({"prior_precision": (0.0, 0.01)}, "U of prior_precision is 0.0"),
        ({"prior_precision": (1.0, 2.0)}, "alpha of prior_precision is 2.0"),
        ({"prior_mixing": (1.5, 0.5)}, "U of prior_mixing is 1.5"),
        ({"covariates": [1, 2]}, "covariates is a list"),
    ],
)
def test_options_that_mean_nothing_are_refused(small, options, message):
    with pytest.raises(UsageError, match=message):
        lea.bym2(*small, **options)


def test_a_threshold_of_shares_is_a_share(small):
    with pytest.raises(UsageError, match=r"exceed is 1\.5; it must lie strictly between 0 and 1"):
        lea.bym2(small[0], 10 * small[1], small[2], family="binomial", exceed=1.5)


def changed(values: pd.Series, position: int, value: float) -> pd.Series:
    values = values.copy()
    values.iloc[position] = value
    return values


def test_counts_that_cannot_be_are_refused_by_their_ids(small):
    events, size, graph = small
    with pytest.raises(ValuesError, match=r"negative numerator: 1 of 12 \(00003\)"):
        lea.bym2(changed(events, 3, -1.0), size, graph)
    with pytest.raises(ValuesError, match=r"events where nobody lives: 1 of 12 \(00003\)"):
        lea.bym2(events, changed(size, 3, 0.0), graph)
    with pytest.raises(ValuesError, match="larger than its denominator"):
        lea.bym2(events, size, graph, family="binomial")
    with pytest.raises(ValuesError, match="the graph"):
        lea.bym2(events.iloc[1:], size.iloc[1:], graph)


def test_no_events_and_nothing_but_events_leave_nothing_to_model(small):
    events, size, graph = small
    with pytest.raises(ValuesError, match="no area has an event: 12 of 12"):
        lea.bym2(0 * events, size, graph)
    with pytest.raises(ValuesError, match="no area has a count"):
        lea.bym2(np.nan * events, size, graph)
    with pytest.raises(ValuesError, match="every area's numerator is its denominator"):
        lea.bym2(size, size, graph, family="binomial")


def test_a_graph_without_links_is_refused():
    with pytest.raises(GraphError, match="no links"):
        lea.bym2(series([1, 2, 3]), series([1, 1, 1]), graph_of(np.zeros((3, 3))))


def test_covariates_with_gaps_or_without_information_are_refused_together(small):
    index = small[0].index
    x = pd.DataFrame({"gap": np.arange(12.0), "flat": 1.0}, index=index)
    x.iloc[2, 0] = np.nan
    with pytest.raises(ValuesError, match=r"no value of covariate gap: 1 of 12 \(00002\)") as caught:
        lea.bym2(*small, covariates=x)
    assert "covariate flat is the same everywhere" in str(caught.value)
    twice = pd.DataFrame({"x": np.arange(12.0), "y": 2 * np.arange(12.0)}, index=index)
    with pytest.raises(ValuesError, match="one follows from the others"):
        lea.bym2(*small, covariates=twice)
    with pytest.raises(ValuesError, match="covariates named sd"):
        lea.bym2(*small, covariates=twice[["x"]].set_axis(["sd"], axis=1))
