"""Writes what Stan says of a BYM2 model of sudden infant deaths in North Carolina.

python tests/golden/bym2/numbers_of_stan.py {poisson,binomial} tests/golden/bym2

Needs pystan 3 and libpysal, whose example ``sids2`` holds the counts and the neighbours (Cressie 1993); only
county codes and posterior numbers are stored. The model is that of Riebler et al. (2016) as Morris et al.
(2019) wrote it for Stan, except that the structured part is written in the eigenvectors of the scaled
precision matrix, so that it sums to zero exactly, and that phi has its penalised-complexity prior: the
distance d(phi) from the model without structure is exponential, and phi is read from a table of d made of the
eigenvalues.

``mcse`` is the Monte Carlo error of ``mean`` by means of batches of 1 000 draws.
"""

import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from libpysal import examples
from libpysal.io import open as open_io

PRECISION = (1.0, 0.01)  # P(1 / sqrt(tau) > 1) = 0.01
MIXING = (0.5, 2 / 3)  # P(phi < 0.5) = 2/3
FIXED_SD = 1000.0**0.5  # of the intercept and the coefficient
CHAINS, DRAWS, BATCH = 16, 20_000, 1_000

MODEL = """
data {
  int<lower=1> n; int<lower=0> p; int<lower=1> r; int<lower=2> m;
  array[n] int y; array[n] int trials; vector[n] log_expected; matrix[n, p] x; matrix[n, r] basis;
  real step; vector[m] phis; vector[m] rests;
  real rate_sigma; real rate_distance; real fixed_sd; int<lower=0, upper=1> binomial;
}
parameters { real mu; vector[p] beta; vector[n] v; vector[r] z; real<lower=0> sigma; real<lower=0> d; }
transformed parameters {
  real<lower=0, upper=1> phi = 1; real<lower=0, upper=1> rest = 0;
  {
    int k = 1;
    while (k < m && k * step <= d) k += 1;
    if (k < m) {
      real share = (d - (k - 1) * step) / step;
      phi = phis[k] + share * (phis[k + 1] - phis[k]);
      rest = rests[k] + share * (rests[k + 1] - rests[k]);
    }
  }
  vector[n] structured = sigma * sqrt(phi) * (basis * z);
  vector[n] unstructured = sigma * sqrt(rest) * v;
  vector[n] eta = mu + x * beta + structured + unstructured;
}
model {
  mu ~ normal(0, fixed_sd); beta ~ normal(0, fixed_sd);
  v ~ std_normal(); z ~ std_normal();
  sigma ~ exponential(rate_sigma); d ~ exponential(rate_distance);
  if (binomial) y ~ binomial_logit(trials, eta); else y ~ poisson_log(log_expected + eta);
}
"""


def counties() -> tuple[pd.DataFrame, np.ndarray]:
    table = pd.DataFrame(
        dict(zip(("id", "BIR74", "SID74", "BIR79", "SID79", "NWBIR79"), columns, strict=True))
        for columns in zip(
            *(
                open_io(examples.get_path("sids2.dbf"), "r").by_col(name)
                for name in ("FIPSNO", "BIR74", "SID74", "BIR79", "SID79", "NWBIR79")
            ),
            strict=True,
        )
    )
    table["id"] = table["id"].astype(int).astype(str)
    weights = open_io(examples.get_path("sids2.gal"), "r").read()
    neighbours = {str(int(key)): [str(int(k)) for k in near] for key, near in weights.neighbors.items()}
    adjacency = np.array([[float(b in neighbours[a]) for b in table["id"]] for a in table["id"]])
    assert (adjacency == adjacency.T).all()
    return table.set_index("id"), adjacency


def scaled_basis(adjacency: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvectors times the root of the variances, and all variances, geometric mean scaled to 1."""
    values, vectors = np.linalg.eigh(np.diag(adjacency.sum(1)) - adjacency)
    assert values[1] > 1e-6, "the graph must be connected"
    variances = 1 / values[1:]
    scale = np.exp(np.mean(np.log((vectors[:, 1:] ** 2) @ variances)))
    return vectors[:, 1:] * np.sqrt(variances / scale), np.r_[0.0, variances / scale]


def distance(phi: np.ndarray, rest: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Return sqrt(2 KLD) of (1 - phi) I + phi Sigma from I, with rest = 1 - phi."""
    spread = rest[:, None] + phi[:, None] * variances
    return np.sqrt(np.maximum(phi * (variances.sum() - len(variances)) - np.log(spread).sum(1), 0))


def prior_table(variances: np.ndarray) -> dict[str, object]:
    logit = np.linspace(-16, 34, 200_001)
    phi, rest = 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(logit))
    d = distance(phi, rest, variances)
    usable = d > 1e-3  # below, phi is proportional to d
    grid = np.linspace(0, d[-1], 6001)
    known = [np.r_[0.0, d[usable]], np.r_[0.0, phi[usable]], np.r_[1.0, rest[usable]]]
    half = distance(np.array([MIXING[0]]), np.array([1 - MIXING[0]]), variances)[0]
    return {
        "step": grid[1],
        "m": len(grid),
        "phis": np.interp(grid, known[0], known[1]),
        "rests": np.interp(grid, known[0], known[2]),
        "rate_distance": -np.log1p(-MIXING[1]) / half,
    }


def given(family: str) -> tuple[pd.Index, dict[str, object]]:
    table, adjacency = counties()
    basis, variances = scaled_basis(adjacency)
    events, births = ("SID74", "BIR74") if family == "poisson" else ("SID79", "BIR79")
    expected = table[births] * table[events].sum() / table[births].sum()
    # The binomial model has a covariate: the share of births to non-white mothers.
    x = table[["NWBIR79"]].div(table["BIR79"], axis=0).to_numpy()[:, : int(family == "binomial")]
    return table.index, {
        "n": len(table),
        "p": x.shape[1],
        "r": basis.shape[1],
        "y": table[events].astype(int).to_numpy(),
        "trials": table[births].astype(int).to_numpy(),
        "log_expected": np.log(expected).to_numpy(),
        "x": x,
        "basis": basis,
        "rate_sigma": -np.log(PRECISION[1]) / PRECISION[0],
        "fixed_sd": FIXED_SD,
        "binomial": int(family == "binomial"),
        **prior_table(variances),
    }


def chain(data: dict[str, object], seed: int) -> dict[str, np.ndarray]:
    stan = import_module("stan")  # pystan, which no test needs
    model = stan.build(MODEL, data=data, random_seed=seed)
    fit = model.sample(num_chains=1, num_samples=DRAWS, num_warmup=2000, delta=0.95)
    names = ("eta", "structured", "unstructured", "mu", "beta", "sigma", "phi")
    return {name: fit[name].astype(np.float32 if fit[name].shape[0] > 1 else float) for name in names}


def summary(draws: np.ndarray) -> dict[str, np.ndarray]:
    """Return what is stored of draws of shape (quantities, draws)."""
    batches = draws.reshape(len(draws), -1, BATCH).mean(2, dtype=float)
    found = {"mean": draws.mean(1, dtype=float), "sd": draws.std(1, dtype=float)}
    found["mcse"] = batches.std(1, ddof=1) / np.sqrt(batches.shape[1])
    by_chain = draws.reshape(len(draws), CHAINS, -1).mean(2, dtype=float)
    found["between_chains"] = by_chain.std(1, ddof=1) / found["sd"]
    for q in (0.05, 0.5, 0.95):
        found[f"q{100 * q:g}"] = np.quantile(draws, q, axis=1)
    return found


def main(family: str, folder: str) -> None:
    ids, data = given(family)
    chains = [chain(data, seed) for seed in range(1, CHAINS + 1)]
    draws = {name: np.concatenate([one[name] for one in chains], axis=1) for name in chains[0]}
    natural = np.exp(draws["eta"]) if family == "poisson" else 1 / (1 + np.exp(-draws["eta"]))
    threshold = 1.0 if family == "poisson" else 0.002
    areas = pd.concat(
        {
            name: pd.DataFrame(summary(values), index=ids)
            for name, values in {"natural": natural, **draws}.items()
            if len(values) == len(ids)
        },
        names=["quantity", "id"],
    )
    areas["exceedance"] = pd.concat({"natural": pd.Series((natural > threshold).mean(1), index=ids)})
    areas.round(7).to_csv(Path(folder) / f"{family}_areas.csv")
    rows = {name: values for name, values in draws.items() if len(values) == 1}
    rows["log_precision"] = -2 * np.log(rows["sigma"])
    rows["precision"] = rows["sigma"] ** -2
    hyper = pd.concat({name: pd.DataFrame(summary(values)) for name, values in rows.items()}).droplevel(1)
    hyper["draws"], hyper["stan"] = CHAINS * DRAWS, f"pystan {version('pystan')}"
    hyper.round(7).to_csv(Path(folder) / f"{family}_hyper.csv", index_label="quantity")


if __name__ == "__main__":
    main(*sys.argv[1:])
