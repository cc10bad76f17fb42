"""What tests say of a least-squares regression over areas, and which model they point to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo.drivers.spreg_fits import ols

if TYPE_CHECKING:
    from lea_geo.spatial.graph import AreaGraph

MULTIPLIERS = ("lm_lag", "lm_error", "robust_lm_lag", "robust_lm_error")

REASONS = {
    "neither": "Neither Lagrange multiplier test asks for a spatial model, so least squares stands.",
    "one": "Of the Lagrange multiplier tests only that of the spatial {kind} is significant.",
    "robust": "Both Lagrange multiplier tests are significant; of the robust ones only that of the {kind}.",
    "both": "All Lagrange multiplier tests are significant: lags of outcome and drivers are asked for.",
    "unclear": (
        "Both Lagrange multiplier tests are significant and neither robust one: there is spatial dependence, "
        "of a kind that they cannot tell; the Durbin model holds both."
    ),
}


def diagnose(
    y: np.ndarray, x: np.ndarray, links: AreaGraph | None, alpha: float
) -> tuple[pd.DataFrame, str, str]:
    """Return the tests of least squares, the model that they point to, and why.

    Heteroskedasticity is tested against the squares of the drivers, as GeoDa and spreg do.
    """
    fitted, _ = ols(y, x, links)
    tests = {
        "jarque_bera": (fitted.jarque_bera["jb"], fitted.jarque_bera["df"], fitted.jarque_bera["pvalue"]),
        "breusch_pagan": _heteroskedasticity(fitted.breusch_pagan, "bp"),
        "koenker_bassett": _heteroskedasticity(fitted.koenker_bassett, "kb"),
        "condition_number": (fitted.mulColli, np.nan, np.nan),
    }
    if links is not None:
        moran, z, p = fitted.moran_res
        tests["moran_residuals"] = (moran, np.nan, p)
        tests["moran_residuals_z"] = (z, np.nan, p)
        both = (fitted.lm_lag, fitted.lm_error, fitted.rlm_lag, fitted.rlm_error)
        for name, test in zip(MULTIPLIERS, both, strict=True):
            tests[name] = (test[0], 1, test[1])
        tests["lm_sarma"] = (fitted.lm_sarma[0], 2, fitted.lm_sarma[1])
    rows = {name: [float(np.real(part)) for part in test] for name, test in tests.items()}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["statistic", "df", "p_value"])
    table.index.name = "test"
    decision, reason = ("", "") if links is None else decide(table["p_value"], alpha)
    return table, decision, reason


def _heteroskedasticity(test: Any, name: str) -> tuple[float, float, float]:  # noqa: ANN401 - spreg's own
    return test[name], test["df"], test["pvalue"]


def decide(p_values: pd.Series[float], alpha: float) -> tuple[str, str]:
    """Return the model that Lagrange multiplier tests point to, and why in words.

    References
    ----------
    Anselin and Rey (2014), Modern Spatial Econometrics in Practice, GeoDa Press, chapter 5
    """
    lag, error, robust_lag, robust_error = (bool(p_values[name] <= alpha) for name in MULTIPLIERS)
    if not lag and not error:
        return "ols", REASONS["neither"]
    if lag != error:
        kind = "lag" if lag else "error"
        return kind, REASONS["one"].format(kind=kind)
    if robust_lag != robust_error:
        kind = "lag" if robust_lag else "error"
        return kind, REASONS["robust"].format(kind=kind)
    return "durbin", REASONS["both" if robust_lag else "unclear"]
