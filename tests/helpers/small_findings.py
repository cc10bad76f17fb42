"""Findings made by hand: twelve areas in two municipalities, three indicators, every status and label."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from lea_geo import schema
from lea_geo.ranking import joint_ranks
from lea_geo.rates.intervals import wilson_interval
from lea_geo.schema import EthicalNote, Findings, Indicator, Text

IDS = [f"{65000 + 10 * i:05d}" for i in range(12)]
NAMES = [
    "Satama",
    "Niemi",
    "Harju",
    "Joki",
    "Mäki",
    "Lahti",
    "Kylä",
    "Metsä",
    "Pelto",
    "Koski",
    "Luoto",
    "Saari",
]
ISLAND, SUPPRESSED, MISSING, NOT_APPLICABLE, ZERO = IDS[11], IDS[5], IDS[6], IDS[10], IDS[9]


def _areas():
    squares = [box(x, y, x + 2000, y + 1500) for y in (0, 1500, 3000) for x in (0, 2000, 4000, 6000)][:11]
    squares.append(box(9500, 4200, 11_000, 5400))
    return gpd.GeoDataFrame(
        {
            "name_fi": NAMES,
            "name_sv": [f"{name} sv" for name in NAMES],
            "name_en": "",
            "municipality": ["Rantala"] * 6 + ["Salmela"] * 6,
        },
        geometry=gpd.GeoSeries(squares).translate(220_000, 7_000_000).to_numpy(),
        crs="EPSG:3067",
        index=pd.Index(IDS, name="area_id", dtype=str),
    )


def indicator(code, name, **changes):
    """Return one indicator of the small world."""
    text = Text(f"{name} (fi)", f"{name} (sv)", f"{name} (en)")
    plain = Indicator(
        code=code,
        name=text,
        explanation=Text(f"Mitä {name} on.", f"Vad {name} är.", f"What {name} is."),
        unit="percent",
        kind="intensive",
        direction="weakens",
        domain="material_living_standards",
        perspective="individual",
        phenomenon="livelihood",
        ethics=EthicalNote(Text("Tarve", "Behov", "Need"), Text("Haitta", "Skada", "Harm")),
        numerator=("a",),
        denominator=("b",),
        scale=100.0,
        source="Made up",
        reference_year="2020",
        licence="CC BY 4.0",
    )
    return replace(plain, **changes)


def _neighbours(frame):
    """Return how many neighbours with and without a value each area has; rows of four, and an island."""
    at = {area: divmod(i, 4) for i, area in enumerate(IDS) if area != ISLAND}
    valued = frame["value"].notna()
    near = {
        area: [
            other
            for other in at
            if area in at and other != area and max(abs(np.subtract(at[area], at[other]))) <= 1
        ]
        for area in IDS
    }
    return [[sum(valued[other] == known for other in near[area]) for area in IDS] for known in (True, False)]


DOUBTED = {IDS[1]: "noise", IDS[2]: "hidden noise", IDS[4]: "hidden"}


def _add_estimates(frame, *, counted):
    """Rank the values, and give counts their intervals and possible ranks."""
    frame["rank"] = frame["value"].rank(method="min", ascending=False)
    frame[["interval_lower", "interval_upper", "rank_lower", "rank_upper"]] = np.nan
    if counted:
        parts = frame["numerator"], frame["denominator"]
        interval = 100 * wilson_interval(*parts)
        frame[["interval_lower", "interval_upper"]] = interval[["lower", "upper"]].to_numpy()
        possible = ["rank_lower", "rank_upper"]
        frame[possible] = joint_ranks(*parts)[possible].to_numpy()


def result_frame(values, labels, *, seed, counted=True):
    """Return a frame with every column of the schema for the twelve areas."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(index=pd.Index(IDS, name="area_id", dtype=str))
    frame["value"] = values
    frame["status"] = "observed"
    frame["lower"] = np.nan
    frame["upper"] = np.nan
    frame["numerator"] = np.round(np.asarray(values) * 7)
    frame["denominator"] = 700.0
    for method in schema.LOCAL_METHODS:
        for column in schema.LOCAL_COLUMNS:
            if column == "label":
                frame[schema.result_column(method, column)] = labels
            elif column != "status":
                frame[schema.result_column(method, column)] = random.uniform(0.0001, 0.9, len(IDS))
    for area, status in (
        (SUPPRESSED, "suppressed"),
        (MISSING, "missing"),
        (NOT_APPLICABLE, "not_applicable"),
    ):
        numbers = frame.select_dtypes("number").columns
        frame.loc[area, numbers] = np.nan
        frame.loc[area, "status"] = status
        frame.loc[area, [schema.result_column(m, "label") for m in schema.LOCAL_METHODS]] = "Undefined"
    frame.loc[SUPPRESSED, ["lower", "upper"]] = [0.0, 29 / 3]
    frame.loc[ZERO, ["value", "status", "numerator"]] = [0.0, "structural_zero", 0.0]
    for method in schema.LOCAL_METHODS:
        names = [schema.result_column(method, name) for name in schema.LOCAL_COUNTS]
        frame[names] = np.array(_neighbours(frame), dtype=float).T
        told = frame[schema.result_column(method, "label")].isin(
            ["High-High", "Low-Low", "Low-High", "High-Low"]
        )
        frame[schema.result_column(method, "doubt")] = [DOUBTED.get(i, "") if told[i] else "" for i in IDS]
    _add_estimates(frame, counted=counted)
    return whole_frame(frame)


def whole_frame(frame):
    """Return a frame with all columns of the schema, those without words or numbers blank."""
    words = [name for name in schema.RESULT_COLUMNS if name.endswith(schema.RESULT_WORDS)]
    blank = dict.fromkeys((name for name in words if name not in frame), "")
    return frame.assign(**blank).reindex(columns=list(schema.RESULT_COLUMNS))


def _comparisons(results, areas):
    """Return the whole coast and its two municipalities: low income by its sums, income by its median."""
    rows = []
    for code, basis in (("low_income", "sum"), ("income", "median")):
        for place in ("", "Rantala", "Salmela"):
            part = results[code][(areas["municipality"] == place) | (place == "")]
            held = part[part["value"].notna()]
            row = {"code": code, "place": place, "n_areas": len(part), "n_valued": len(held), "basis": basis}
            if basis == "sum":
                row |= {name: held[name].sum() for name in ("numerator", "denominator")}
                sums = (pd.Series([row[name]]) for name in ("numerator", "denominator"))
                found = 100 * wilson_interval(*sums).iloc[0]
                row |= {"value": found["rate"]}
                row |= {"interval_lower": found["lower"], "interval_upper": found["upper"]}
            else:
                row |= {"value": held["value"].median()}
            rows.append(row)
    return pd.DataFrame(rows).reindex(columns=list(schema.COMPARISON_COLUMNS))


def small_findings(**changes):
    """Return the findings; ``changes`` replace their fields."""
    moran = [
        "High-High",
        "High-High",
        "Low-High",
        "High-Low",
        "Low-Low",
        "x",
        "x",
        *["Not significant"] * 4,
        "Isolate",
    ]
    low = [31.25, 28.125, 4.0625, 22.5, 1.1, np.nan, np.nan, 10 / 3, 12.04, 0.0, np.nan, 17.77]
    income = [21_000.0 + 1_234.5 * i for i in range(12)]
    indicators = (
        indicator("low_income", "Pienituloiset"),
        indicator(
            "income",
            "Tulot",
            unit="euro",
            decimals=0,
            direction="protects",
            numerator=(),
            denominator=(),
            field="tulot",
            domain="personal_activities",
        ),
        indicator("plain", "Ilman tilastoja", domain="education"),
    )
    results = {
        "low_income": result_frame(low, moran, seed=1),
        "income": result_frame(income, ["Not significant"] * 11 + ["Isolate"], seed=2, counted=False),
        "plain": result_frame(low, moran, seed=3)[list(schema.CELL_COLUMNS)],
    }
    summary = pd.DataFrame(
        {"n_areas": 12, "n_observed": 9, "moran_statistic": 0.4321, "moran_p_value": 0.0004, "reason": ""},
        index=pd.Index([i.code for i in indicators], dtype=str),
    ).reindex(columns=list(schema.SUMMARY_COLUMNS))
    areas = _areas()
    whole = Findings(
        title=Text("Pieni rannikko", "Den lilla kusten", "The small coast"),
        areas=areas,
        indicators=indicators,
        results=results,
        summary=summary,
        settings={
            "graph": "queen",
            "fdr": 0.05,
            "correction": "bh",
            "method": "exact",
            "seed": 2009,
            "region": "rannikko",
            "interval_level": 0.95,
        },
        notes=("Two areas touch nobody.", "One value is withheld."),
        synthetic=True,
        comparisons=_comparisons(results, areas),
    )
    return replace(whole, **changes)


def whole_findings(**changes):
    """Return the small findings with every column, as a study gives them: blank where nothing was tested."""
    small = small_findings(**changes)
    columns = list(schema.RESULT_COLUMNS)
    whole = {code: frame.reindex(columns=columns) for code, frame in small.results.items()}
    return replace(small, results=whole)
