"""Every text that the page asks for exists in three languages, and no text is left over."""

import re
from importlib import resources

import pytest

from lea_geo.schema import LANGUAGES, Label, Status
from lea_geo.texts import read_texts, shared_texts

_ASSETS = resources.files("lea_geo.maps") / "assets"
# t("key"), t(`group.${...}`), data-text="key", and pairs of a key and something else that t() reads later.
_ASKED = re.compile(r"""(?:\bt\(|data-text=|data-label=)["'`]([\w.]+\$?)""")
_QUOTED = re.compile(r""""([a-z_]+\.[a-z_]+)\"""")


def _sources():
    files = [*_ASSETS.iterdir(), *(_ASSETS / "js").iterdir()]
    return {file.name: file.read_text() for file in files if file.name.endswith((".js", ".html"))}


def _asked_for():
    keys, groups = set(), set()
    for text in _sources().values():
        for key in _ASKED.findall(text):
            (groups if key.endswith((".", ".$")) else keys).add(key.rstrip("$"))
        keys |= {key for key in _QUOTED.findall(text) if key in read_texts("lea_geo.maps")}
        groups |= {f"{group}." for group in re.findall(r"`([a-z_]+)\.\$\{", text)}
        groups |= {f"{group}." for group in ("unit", "unit_one", "status", "label") if f'"{group}"' in text}
    return keys, groups - {"class.", "chapter."}  # keys of a legend's own, and titles that findings bring


def test_every_key_that_the_page_asks_for_exists():
    keys, groups = _asked_for()
    known = {**shared_texts(), **read_texts("lea_geo.maps")}
    assert not {key for key in keys if key not in known}
    assert not {group for group in groups if not any(key.startswith(group) for key in known)}


def test_no_text_of_the_map_is_left_over():
    keys, groups = _asked_for()
    used = keys | {key for key in read_texts("lea_geo.maps") if key.startswith(tuple(groups))}
    assert set(read_texts("lea_geo.maps")) - used == set()


def test_no_key_is_said_twice():
    assert not set(shared_texts()) & set(read_texts("lea_geo.maps"))


@pytest.mark.parametrize("key", sorted(read_texts("lea_geo.maps")))
def test_the_three_languages_ask_for_the_same_fillings(key):
    text = read_texts("lea_geo.maps")[key]
    fillings = {language: set(re.findall(r"\{(\w+)\}", text.in_language(language))) for language in LANGUAGES}
    assert fillings["fi"] == fillings["sv"] == fillings["en"]


def test_every_status_has_a_short_word():
    assert {key for key in read_texts("lea_geo.maps") if key.startswith("short.")} == {
        f"short.{s}" for s in Status
    }


def test_every_class_that_a_legend_can_show_has_a_name():
    assert all(f"label.{label}" in shared_texts() for label in Label)


def test_the_page_never_makes_markup_of_text():
    for name, text in _sources().items():
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
        ):
            assert way not in text, f"{name} uses {way}"
        if name != "folium_bridge.js":
            assert "DOMParser" not in text
