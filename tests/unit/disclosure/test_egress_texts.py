"""The risk assessment speaks three languages, and says the same in each."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from small_egress import small_release

from lea_geo.disclosure.attack.tried import ATTACKS, DIFFERS, FOLLOWS, MADE_AFTER, READ_ALIKE
from lea_geo.disclosure.attack.trying import _DONE, _missing, records
from lea_geo.disclosure.egress.files import choose_files
from lea_geo.disclosure.egress.page import Spoken
from lea_geo.disclosure.egress.tried import in_three_languages
from lea_geo.disclosure.rules import CONFIDENCES
from lea_geo.disclosure_spec import ZEROS
from lea_geo.schema import LANGUAGES
from lea_geo.texts import read_texts

TEXTS = read_texts("lea_geo.disclosure")
SOURCE = Path(__file__).parents[3] / "src" / "lea_geo" / "disclosure" / "egress"


def literals():
    """Yield the sentences that the audit's code says of attacks, {} where a number comes in."""
    for function in (records, _missing):
        (tree,) = ast.parse(inspect.getsource(function)).body
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                value = node.value
                parts = value.values if isinstance(value, ast.JoinedStr) else [value]
                yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in parts)


def test_every_text_has_the_same_places_to_fill_in_all_languages():
    for key, text in TEXTS.items():
        places = [sorted(re.findall(r"\{\w+\}", text.in_language(language))) for language in LANGUAGES]
        assert places[0] == places[1] == places[2], key


def test_every_attack_of_an_audit_has_a_name_and_no_other_has():
    named = {key.removeprefix("attack.") for key in TEXTS if key.startswith("attack.")}
    assert named == set(ATTACKS)


REASONS = {*_DONE.values(), *(text for text in literals() if " " in text)}
OF_CHAPTERS = {MADE_AFTER, FOLLOWS, READ_ALIKE, DIFFERS}


@pytest.mark.parametrize("why", sorted(REASONS | OF_CHAPTERS))
def test_every_reason_of_an_audit_is_said_in_all_languages(why):
    told = in_three_languages(why.replace("{}", "3"))
    assert told.fi != told.en, why
    assert told.sv not in {told.fi, told.en}
    assert "{" not in told.fi + told.sv + told.en


def test_a_reason_that_nobody_has_translated_stays_english():
    assert set(in_three_languages("no such reason").as_dict().values()) == {"No such reason."}


def test_every_confidence_and_every_way_with_zeros_has_words():
    assert {f"confidence.{one}" for one in CONFIDENCES} <= set(TEXTS)
    assert {f"rule.zero_{one}" for one in ZEROS} <= set(TEXTS)


def test_every_kind_of_file_is_told():
    everything = ["map.html", "report.html", "study.gpkg", "tables/study.xlsx", "tables/summary.csv"]
    everything += ["tables/data_dictionary.csv", "index/weights.csv", "grids/a_value.tif"]
    kinds = {one.kind for one in choose_files(everything, room=40)[0]}
    tables = ["tables/a.csv", "tables/change_a.csv"]
    kinds |= {one.kind for one in choose_files(tables, room=40, chapters=["change_a"])[0]}
    written = re.findall(r'PackedFile\([^)]*?, "(\w+)"\)', (SOURCE / "pack.py").read_text(encoding="utf-8"))
    assert len(written) > 7
    told = {key.removeprefix("file.") for key in TEXTS if key.startswith("file.")}
    assert {*kinds, *written} == told


def test_no_text_is_left_over():
    """But for groups whose keys come from data: attacks, files, rules and reasons."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCE.glob("*.py")))
    by_data = ("attack.", "file.", "confidence.", "rule.zero_", "risks.", "why.", "heading.", "column.")
    quoted = set(re.findall(r"""["']([\w.]+)["']""", code))
    by_name = [key for key in TEXTS if not key.startswith(by_data)]
    assert [key for key in by_name if not {key, key.partition(".")[2]} & quoted] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_and_kinds_of_areas_are_written_as_the_language_does(language):
    words = Spoken(language, small_release())
    assert words.whole(12_345) == {"en": "12,345"}.get(language, "12\N{NO-BREAK SPACE}345")
    assert words.whole(None) == "–"
    named = {"fi": "Postinumeroalueet 2018", "sv": "Postnummerområden 2018", "en": "Postal areas 2018"}
    assert words.kind_of_areas("postal", "2018") == named[language]
