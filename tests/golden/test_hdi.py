"""The Human Development Index of 2010, from UNDP's own figures for six countries.

Human Development Report 2010: goalposts and the worked example of China in technical note 1, the others in
table 1. Published with three decimals, made of figures that are published with one.
"""

import numpy as np
import pandas as pd
import pytest

import lea_geo as lea

PUBLISHED = pd.DataFrame(
    {
        "life": [73.5, 81.0, 80.1, 81.3, 79.6, 47.0],
        "schooling": [7.5, 12.6, 10.3, 11.6, 12.4, 7.2],
        "expected": [11.4, 17.3, 17.1, 15.6, 15.7, 9.2],
        "income": [7263, 58810, 33872, 36936, 47094, 176],
        "hdi": [0.663, 0.938, 0.871, 0.885, 0.902, 0.140],
    },
    index=["China", "Norway", "Finland", "Sweden", "United States", "Zimbabwe"],
)
POSTS = {
    "life": (20, 83.2),
    "schooling": (0, 13.2),
    "expected": (0, 20.6),
    "income": (np.log(163), np.log(108211)),
}


def post(low: float, high: float) -> lea.Normalise:
    return lea.Normalise("goalposts", minimum=low, maximum=high, low=0, high=1)


def human_development(table: pd.DataFrame) -> pd.Series:
    values = table[list(POSTS)].assign(income=np.log(table["income"]))
    scores = lea.normalise(values, {name: post(*ends) for name, ends in POSTS.items()})
    schools = lea.aggregate(scores[["schooling", "expected"]], how="geometric")
    education = lea.normalise(schools.to_frame("education"), post(0, 0.951))
    parts = pd.concat([scores[["life", "income"]], education], axis=1)
    return lea.aggregate(parts, how="geometric", normalised=post(0, 1))


def test_the_example_of_the_technical_note_comes_out_to_the_last_decimal():
    assert round(human_development(PUBLISHED)["China"], 3) == 0.663


def test_the_largest_error_is_that_of_rounded_figures():
    error = (human_development(PUBLISHED) - PUBLISHED["hdi"]).abs()
    assert error.drop("Zimbabwe").max() < 0.0015
    assert error["Zimbabwe"] < 0.0025


def test_rounding_of_the_published_figures_explains_the_error():
    """Half a digit of each figure, all to the same side, is more than any error."""
    half = pd.Series({"life": 0.05, "schooling": 0.05, "expected": 0.05, "income": 0.5})
    figures = PUBLISHED[list(POSTS)]
    lower, upper = human_development(figures - half), human_development(figures + half)
    assert (lower - 0.0005 <= PUBLISHED["hdi"]).all()
    assert (PUBLISHED["hdi"] <= upper + 0.0005).all()


def test_what_the_index_multiplies_could_not_be_multiplied_if_it_were_standardised():
    with pytest.raises(lea.errors.UsageError, match="aggregate 'geometric' of 'z'"):
        lea.aggregate(PUBLISHED, how="geometric", normalised="z")
