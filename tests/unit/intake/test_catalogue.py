"""Catalogues: the built-in ones keep their promises, and a wrong one is told everything at once."""

import pickle
from pathlib import Path

import pytest

import lea_geo as lea
from lea_geo.errors import CatalogueError
from lea_geo.intake.catalogue import BUILT_IN, Catalogue, read_catalogue
from lea_geo.schema import DOMAINS, LANGUAGES, PERSPECTIVES, Status

SMALL = """
[catalogue]
name = { fi = "Pieni", sv = "Liten", en = "Small" }
source = "Nowhere"
licence = "CC BY 4.0"
default_source = "here"

[sources.here]
sentinels = { "-1" = "suppressed" }

[fields]
people = { aliases = ["Asukkaat", "Inhabitants"] }
children = {}

[[indicators]]
code = "children"
name = { fi = "Lapset", sv = "Barn", en = "Children" }
explanation = { fi = "Lasten osuus.", sv = "Andelen barn.", en = "Share of children." }
numerator = ["children"]
denominator = ["people"]
scale = 100
unit = "percent"
kind = "intensive"
direction = "protects"
domain = "health"
perspective = "individual"
phenomenon = "services"
ethics.need = { fi = "Tarve.", sv = "Behov.", en = "Need." }
ethics.harm = { fi = "Haitta.", sv = "Skada.", en = "Harm." }
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(CatalogueError) as caught:
        read_catalogue(write(tmp_path, text))
    return str(caught.value)


@pytest.fixture(scope="module", params=BUILT_IN)
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    return read_catalogue(request.param)


def test_paavo_has_at_least_fifteen_indicators_most_of_them_rates():
    paavo = read_catalogue("paavo")
    assert len(paavo.indicators) >= 15
    assert sum(indicator.is_rate for indicator in paavo.indicators) >= 15
    assert {indicator.perspective for indicator in paavo.indicators} == set(PERSPECTIVES)
    # Jobs in health care say where hospitals are, and nothing of anybody's health.
    domains = {indicator.domain for indicator in paavo.indicators}
    assert domains == set(DOMAINS) - {"political_voice", "health"}


def test_every_text_of_a_built_in_catalogue_is_a_sentence_of_its_own_language(catalogue: Catalogue):
    for indicator in catalogue.indicators:
        for text in (indicator.explanation, indicator.ethics.need, indicator.ethics.harm):
            sentences = [text.in_language(language) for language in LANGUAGES]
            assert all(sentence.endswith(".") for sentence in sentences), indicator.code
            assert len(set(sentences)) == len(LANGUAGES), indicator.code


def test_names_are_unique_within_a_language(catalogue: Catalogue):
    for language in LANGUAGES:
        names = [indicator.name.in_language(language) for indicator in catalogue.indicators]
        assert len(set(names)) == len(names)


def test_nobody_is_said_to_have_reviewed_the_ethical_notes(catalogue: Catalogue):
    assert {indicator.ethics.reviewed_by for indicator in catalogue.indicators} == {""}


def test_paavo_hides_details_of_groups_below_the_thresholds_of_the_manifest():
    minima = {group.total: group.minimum for group in read_catalogue("paavo").groups}
    stated = {"he_vakiy": 30, "ko_ika18y": 30, "hr_tuy": 30, "te_taly": 30, "tr_kuty": 30, "pt_vakiy": 30}
    assert minima.items() >= (stated | {"tp_tyopy": 10}).items()


def test_source_and_licence_of_the_catalogue_are_those_of_its_indicators(catalogue: Catalogue):
    assert {indicator.licence for indicator in catalogue.indicators} == {"CC BY 4.0"}
    assert {indicator.source for indicator in catalogue.indicators} == {catalogue.source}


def test_a_catalogue_of_ones_own_is_read_as_it_is_written(tmp_path: Path):
    own = lea.read_catalogue(write(tmp_path, SMALL))
    assert own.codes == ("children",)
    assert own.fields["people"].aliases == ("Asukkaat", "Inhabitants")
    assert own.sources["here"].sentinels == {"-1": Status.SUPPRESSED}
    assert own.indicators[0].name.sv == "Barn"
    assert own.indicators[0].scale == 100


def test_a_catalogue_survives_pickling():
    paavo = read_catalogue("paavo")
    assert pickle.loads(pickle.dumps(paavo)) == paavo  # noqa: S301 - our own bytes


def test_a_group_without_named_fields_holds_those_that_start_with_its_name():
    groups = {group.name: group for group in read_catalogue("paavo").groups}
    assert groups["he"].holds("he_0_2")
    assert not groups["he"].holds("he_vakiy")
    assert not groups["he"].holds("hr_mtu")
    assert groups["pt_labour_force"].holds("pt_tyott")
    assert not groups["pt_labour_force"].holds("pt_opisk")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'domain = "health"',
            'domain = "helth"',
            "domain of indicator 'children' is 'helth'. Did you mean 'health'?",
        ),
        ('unit = "percent"', 'unit = "procent"', "Did you mean 'percent'?"),
        ('direction = "protects"', 'direction = "up"', "It must be one of protects, weakens."),
        (
            'numerator = ["children"]',
            'numerator = ["childs"]',
            "unknown field 'childs' in indicator 'children'",
        ),
        ('numerator = ["children"]\n', "", "indicator 'children' has no single formula"),
        ('numerator = ["children"]', 'numerator = ["children"]\nfield = "people"', "has no single formula"),
        ('sv = "Barn", ', "", "the name of indicator 'children' lacks sv. Every text is in fi, sv and en."),
        ('sv = "Andelen barn."', 'sv = " "', "the explanation of indicator 'children' lacks sv"),
        ("scale = 100", "scale = 1", "scale of indicator 'children' is 1; a rate in percent has 100"),
        ("scale = 100", 'scale = "100"', "'scale' in indicator 'children' is '100'; it must be a number"),
        ('kind = "intensive"', 'kind = "extensive"', "is a rate, and a rate does not add up"),
        (
            'kind = "intensive"',
            'kinds = "intensive"',
            "unknown key 'kinds' in indicator 'children'. Did you mean 'kind'?",
        ),
        ('licence = "CC BY 4.0"\n', "", "[catalogue] has no 'licence'"),
        ('default_source = "here"', 'default_source = "there"', "default_source in [catalogue] is 'there'"),
        ('"-1" = "suppressed"', '"-1" = "hidden"', "the sentinel '-1' in sources.here is 'hidden'"),
        ("children = {}", 'children = { alias = ["x"] }', "unknown key 'alias' in fields.children"),
        (
            "children = {}",
            'children = { aliases = ["asukkaat"] }',
            "names that stand for several fields: 1 (asukkaat)",
        ),
        ("children = {}", "children = { plausible = [3, 1] }", "it must be [smallest, largest]"),
        ('code = "children"', 'code = "Lapset %"', "a code is made of a-z, 0-9 and _"),
        ("ethics.harm = {", 'ethics.reviewed_on = "soon"\nethics.harm = {', "Write a date as 2026-01-31."),
        (
            "ethics.harm = {",
            'ethics.reviewed_by = "NN"\nethics.harm = {',
            "one of reviewed_by and reviewed_on",
        ),
        ("[fields]", '[groups.x]\ntotal = "all"\nminimum = 0\n[fields]', "minimum in groups.x is 0"),
        ("[fields]", '[attributes]\nnimi = ["nimi"]\n[fields]', "a key in [attributes] is 'nimi'"),
        ("[fields]", "[extra]\n[fields]", "unknown key 'extra' in the catalogue"),
    ],
)
def test_a_wrong_catalogue_is_told_what_is_wrong(tmp_path: Path, old: str, new: str, message: str):
    assert old in SMALL
    assert message in complaint(tmp_path, SMALL.replace(old, new, 1))


def test_all_faults_are_told_at_once(tmp_path: Path):
    text = (
        SMALL.replace('"health"', '"helth"')
        .replace('"services"', '"service"')
        .replace("scale = 100", "scale = 1")
    )
    told = complaint(tmp_path, text + SMALL[SMALL.index("[[indicators]]") :])
    assert told.count("\n  - ") == 4
    assert "duplicate indicator codes: 1 (children)" in told


def test_a_mask_must_name_declared_fields_and_a_whole_condition(tmp_path: Path):
    mask = 'masks = [{ fields = ["kids"], equals = 99, status = "suppressed", when = "people" }]'
    told = complaint(tmp_path, SMALL.replace("\n[fields]", f"{mask}\n\n[fields]"))
    assert "unknown field 'kids' in mask 1 of sources.here" in told
    assert "has one of 'when' and 'below'" in told


def test_a_catalogue_that_is_not_there_names_the_built_in_ones():
    with pytest.raises(CatalogueError, match=r"Built in are hsy_grid, .* sotkanet\. Did you mean 'paavo'\?"):
        read_catalogue("pavo")


def test_a_catalogue_that_is_no_toml_says_where(tmp_path: Path):
    assert "the file is no TOML" in complaint(tmp_path, "[catalogue\n")


def test_a_catalogue_that_is_not_utf8_says_so(tmp_path: Path):
    path = tmp_path / "own.toml"
    path.write_bytes(SMALL.replace("Pieni", "Päivä").encode("latin-1"))
    with pytest.raises(CatalogueError, match="not in UTF-8"):
        read_catalogue(path)
