"""Findings with a composite index, made by hand: the small ones with two domains, runs and verdicts."""

from dataclasses import replace

import numpy as np
from small_findings import IDS, indicator, result_frame, small_findings, whole_frame

from lea_geo import schema

INDEX, MATERIAL, EDUCATION = "index", "material_living_standards", "education"
SCORES = [81.5, 77.25, 40.0, 62.5, 12.5, 33.0, np.nan, 25.0, 38.5, 8.0, np.nan, 51.0]
"""Of the index; ten of twelve areas have one."""
LABELS = ["High-High", "High-High", "Low-High", "High-Low", "Low-Low", "High-High", "x"]
LABELS += ["Low-Low", "Low-High", "Not significant", "x", "Isolate"]
VERDICT = ["firm", "depends", "unsure", "depends", "firm", "depends", "", "unsure", "depends", "", "", ""]
DEPENDS_ON = ["", "graph", "noise hidden", "scale zoning", "", "noise", "", "", "method hidden", "", "", ""]
SHARE = [0.985, 0.8125, 0.34, 0.71, 0.999, 0.655, np.nan, 0.41, 0.602, np.nan, np.nan, np.nan]
P_WORST = [0.98, 0.9512, 0.12, 0.61, 0.0, 0.05, np.nan, 0.0, 0.08, 0.0, np.nan, 0.3]
P_WORST_DECILE = [0.945, 0.48, 0.002, 0.0725, 0.0, 0.0, np.nan, 0.0, 0.0004, 0.0, np.nan, 0.0205]
TIERS = {"tier_lower": [1, 1, 2, 1, 4, 3, np.nan, 4, 2, 5, np.nan, 1]}
TIERS |= {"tier_upper": [1, 2, 4, 3, 5, 5, np.nan, 5, 4, 5, np.nan, 4]}
RANKS = {"rank_lower": [1, 1, 3, 2, 8, 5, np.nan, 7, 4, 10, np.nan, 2]}
RANKS |= {"rank_upper": [1, 4, 8, 6, 9, 9, np.nan, 9, 8, 10, np.nan, 7]}
MOVED_BY = ["weights", "noise", "hidden", "normalise", "aggregate", "impute", ""]
MOVED_BY += ["indicators", "weights", "", "", "noise"]
COMPOSITE = {
    "high": "weakens",
    "available": 0.5,
    "impute": {"method": "none"},
    "treat": {"method": "winsorise"},
    "normalise": {"method": "min_max"},
    "weighting": {"method": "stated"},
    "aggregate": {"method": "arithmetic"},
}
ROBUSTNESS = {"runs": 1000, "seed": 7, "worst": 3}
"""The settings of the index, in the words of ``CompositeSpec`` and ``RobustnessSpec``."""


def composite(code, name, level, members, weights, **changes):
    """Return a composite of the small world."""
    plain = indicator(code, name, unit="index", decimals=2, numerator=(), denominator=(), scale=1.0)
    nowhere = {"domain": "", "perspective": "", "phenomenon": "", "source": "", "licence": ""}
    kind = {"level": level, "members": members, "weights": weights}
    return replace(plain, **{"reference_year": "", **nowhere, **kind, **changes})


def index_frame(scores, *, seed, sure=True):
    """Return the frame of a composite; ``sure`` brings what runs say of it, and a verdict on each label."""
    frame = result_frame(scores, LABELS, seed=seed, counted=False)
    frame.loc[IDS[9], "status"] = "observed"
    frame.loc[IDS[5], ["value", "status"]] = [scores[5], "observed"]
    frame.loc[IDS[9], "value"] = scores[9]
    frame.loc[IDS[5], [schema.result_column(m, "label") for m in schema.LOCAL_METHODS]] = LABELS[5]
    frame[["numerator", "denominator", "lower", "upper"]] = np.nan
    frame["rank"] = frame["value"].rank(method="min", ascending=False)
    if sure:
        found = {"p_worst": P_WORST, "p_worst_decile": P_WORST_DECILE, "moved_by": MOVED_BY, **TIERS, **RANKS}
        found |= {"interval_lower": frame["value"] - 6.25, "interval_upper": frame["value"] + 7.5}
        for method in schema.LOCAL_METHODS:
            words = {"share": SHARE, "verdict": VERDICT, "depends_on": DEPENDS_ON, "doubt": ""}
            found |= {schema.result_column(method, name): column for name, column in words.items()}
        frame = frame.assign(**found)
    return frame[list(schema.RESULT_COLUMNS)]


def index_findings(*, ledgers=False, **changes):
    """Return the small findings with an index over two domains, or with two ledgers; ``changes`` replace."""
    small = small_findings()
    low, income, plain = small.indicators
    if ledgers:
        tops = [
            ("load", "Kuormitus", "load", ("low_income", "plain"), "weakens"),
            ("resource", "Voimavarat", "resource", ("income",), "protects"),
        ]
        groups = [
            composite(
                code, name, level, members, tuple(1 / len(members) for _ in members), direction=direction
            )
            for code, name, level, members, direction in tops
        ]
        scores = {"load": SCORES, "resource": [100 - score * 0.75 for score in SCORES]}
        scores["resource"][3] = 82.0
    else:
        groups = [
            composite(INDEX, "Hyvinvoinnin vaje", "index", (MATERIAL, EDUCATION), (0.75, 0.25)),
            composite(
                MATERIAL, "Aineellinen", "domain", ("low_income", "income"), (0.5, 0.5), domain=MATERIAL
            ),
            composite(EDUCATION, "Koulutus", "domain", ("plain",), (1.0,), domain=EDUCATION),
        ]
        scores = {INDEX: SCORES, MATERIAL: [score * 0.9 for score in SCORES]}
        scores[EDUCATION] = [90 - score for score in SCORES]
    results = {
        code: index_frame(held, seed=20 + k, sure=code in (INDEX, "load", "resource"))
        for k, (code, held) in enumerate(scores.items())
    }
    indicators = (*groups, low, income, plain)
    summary = small.summary.reindex([one.code for one in indicators])
    summary["n_areas"] = 12
    for one in groups:
        values = results[one.code]["value"]
        told = {"n_observed": values.notna().sum(), "median": values.median(), "reason": ""}
        summary.loc[one.code, list(told)] = list(told.values())
    whole = replace(
        small,
        indicators=indicators,
        results={**results, **small.results},
        summary=summary,
        settings={**small.settings, "composite": {**COMPOSITE, "ledgers": ledgers}, "robustness": ROBUSTNESS},
    )
    return replace(whole, **changes)


def whole_index_findings(**changes):
    """Return the same with every column of the schema, as a study hands them on."""
    found = index_findings(**changes)
    return replace(found, results={code: whole_frame(frame) for code, frame in found.results.items()})
