"""Findings made by hand: twelve areas in two municipalities, three indicators, every status and label."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from lea_geo import schema
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


def result_frame(values, labels, *, seed):
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
    return frame


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
        "income": result_frame(income, ["Not significant"] * 11 + ["Isolate"], seed=2),
        "plain": result_frame(low, moran, seed=3)[list(schema.CELL_COLUMNS)],
    }
    summary = pd.DataFrame(
        {"n_areas": 12, "n_observed": 9, "moran_statistic": 0.4321, "moran_p_value": 0.0004, "reason": ""},
        index=pd.Index([i.code for i in indicators], dtype=str),
    ).reindex(columns=list(schema.SUMMARY_COLUMNS))
    whole = Findings(
        title=Text("Pieni rannikko", "Den lilla kusten", "The small coast"),
        areas=_areas(),
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
        },
        notes=("Two areas touch nobody.", "One value is withheld."),
        synthetic=True,
    )
    return replace(whole, **changes)
