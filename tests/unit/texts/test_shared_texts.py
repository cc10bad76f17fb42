"""Every word of schema.py has a name in three languages, and no name is left over."""

from dataclasses import fields

import pytest

from lea_geo import schema
from lea_geo.chapter import CHAPTER_UNITS
from lea_geo.composite_spec import AGGREGATIONS, IMPUTATIONS, NORMALISATIONS, TREATMENTS, WEIGHTINGS
from lea_geo.intake.regions import MUNICIPALITIES
from lea_geo.rates_spec import RATE_METHODS, RatesSpec
from lea_geo.texts import read_texts, shared_texts

ALL_UNITS = {*schema.UNITS, *CHAPTER_UNITS} - {
    "",
    "share",
    "probability",
    "year",
}  # those are written without

WORDS = {
    "domain": schema.DOMAINS,
    "perspective": schema.PERSPECTIVES,
    "phenomenon": schema.PHENOMENA,
    "areas": (*schema.LEVELS, "other"),
    "direction": schema.DIRECTIONS,
    "direction_index": schema.DIRECTIONS,
    "composite": schema.COMPOSITE_LEVELS,
    "mover": schema.MOVERS[1:],
    "verdict": schema.VERDICTS[1:],
    "depends_on": schema.DEPENDS,
    "place": schema.PLACES[1:],
    "grade": schema.GRADES[1:],
    "rates_method": set(RATE_METHODS) - {"raw"},
    "rates_rule": {field.name for field in fields(RatesSpec)} - {"method", "parent"},
    "index_step": ("impute", "treat", "normalise", "weighting", "aggregate", "available"),
    "index_method": {*IMPUTATIONS, *TREATMENTS, *NORMALISATIONS, *WEIGHTINGS, *AGGREGATIONS} - {"none"},
    "runs_words": ("runs", "varied", "holds"),
    "unit": ALL_UNITS,
    "unit_one": ALL_UNITS,
    "unit_name": ALL_UNITS,
    "status": tuple(schema.Status),
    "label": tuple(schema.Label),
    "hotspot": (schema.Label.HIGH_HIGH, schema.Label.LOW_LOW),
    "language": schema.LANGUAGES,
    "correction": tuple(schema.CONTROLLED),
    "common": ("yes", "and", "synthetic", "hidden_neighbours", "made_up_source"),
    "municipality": tuple(MUNICIPALITIES),
}


@pytest.mark.parametrize("group", WORDS)
def test_the_words_of_a_group_are_exactly_those_of_the_schema(group):
    found = {key.removeprefix(f"{group}.") for key in shared_texts() if key.startswith(f"{group}.")}
    assert found == set(WORDS[group])


def test_no_group_of_words_is_unknown():
    assert {key.split(".")[0] for key in shared_texts()} == set(WORDS)


@pytest.mark.parametrize("code", MUNICIPALITIES)
def test_a_municipality_is_called_what_the_regions_call_it(code):
    text = shared_texts()[f"municipality.{code}"]
    assert (text.fi, text.sv) == MUNICIPALITIES[code]


@pytest.mark.parametrize("language", schema.LANGUAGES)
@pytest.mark.parametrize("group", ["domain", "label", "status", "unit_name", "correction"])
def test_no_two_words_of_a_group_read_the_same(group, language):
    words = [
        text.in_language(language) for key, text in shared_texts().items() if key.startswith(f"{group}.")
    ]
    assert len(set(words)) == len(words)


def test_a_text_without_a_language_is_refused(tmp_path, monkeypatch):
    package = tmp_path / "wordless"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "texts.toml").write_text('[a]\nb = { fi = "x", sv = "y" }\n')
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"text 'a\.b' must have exactly fi, sv, en"):
        read_texts("wordless")
