"""Palettes hold for every kind of eye: differences under colour-vision deficiencies, and contrast."""

import json
import re
from pathlib import Path

import branca
import matplotlib as mpl
import numpy as np
import pytest
from colours import contrast, smallest_difference
from matplotlib.colors import to_hex

import lea_geo.maps
from lea_geo._colours import N_CLASSES, STYLES, sequential, solid
from lea_geo.schema import Label

ASSETS = Path(lea_geo.maps.__file__).parent / "assets"
CSS = {path.name: path.read_text("utf-8") for path in sorted(ASSETS.glob("*.css"))}
NAMED = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", "\n".join(CSS.values())))

# The labels that one legend can hold: of local Moran (and G*, join counts, a scan) and of local Geary.
TOGETHER = {
    "local_moran": (Label.HIGH_HIGH, Label.LOW_LOW, Label.LOW_HIGH, Label.HIGH_LOW, Label.NOT_SIGNIFICANT),
    "local_geary": (
        Label.HIGH_HIGH,
        Label.LOW_LOW,
        Label.OTHER_POSITIVE,
        Label.NEGATIVE,
        Label.NOT_SIGNIFICANT,
    ),
}


def _published(name):
    """Return a scale in five classes: ColorBrewer's from branca, even steps of the others from matplotlib."""
    if name in {"cividis", "viridis"}:
        return [to_hex(mpl.colormaps[name](step)) for step in np.linspace(0, 1, 5)]
    return json.loads((Path(branca.__file__).parent / "_schemes.json").read_text("utf-8"))[f"{name}_05"]


@pytest.mark.parametrize(
    ("name", "difference"),
    [("cividis", 17.3), ("viridis", 17.3), ("YlGnBu", 12.8), ("RdBu", 20.6), ("PuOr", 20.3), ("RdYlGn", 2.4)],
)
def test_the_measure_gives_the_differences_that_were_found_when_palettes_were_chosen(name, difference):
    # The figures of the study in which YlGnBu was chosen; all of them are of five classes.
    assert smallest_difference(_published(name)) == pytest.approx(difference, abs=0.05)


@pytest.mark.parametrize("n", range(2, N_CLASSES + 1))
def test_classes_of_values_differ_for_every_eye(n):
    assert smallest_difference(sequential(n)) >= 12


@pytest.mark.parametrize("method", TOGETHER)
def test_labels_that_stand_in_one_legend_differ_for_every_eye(method):
    assert smallest_difference([STYLES[label].fill for label in TOGETHER[method]]) >= 19


def test_every_label_with_a_colour_is_held_against_those_it_stands_beside():
    assert {label for labels in TOGETHER.values() for label in labels} == {
        key for key, style in STYLES.items() if not style.pattern
    }


def test_classes_of_values_grow_darker_from_low_to_high():
    # Lightness alone keeps the order: in grey, on paper, for whoever sees no colour.
    on_white = [contrast(colour, "#ffffff") for colour in sequential(N_CLASSES)]
    assert on_white == sorted(on_white)
    assert min(np.diff(on_white)) > 0.4


def test_what_is_no_value_has_a_pattern_that_contrasts_with_its_ground():
    patterned = {key: style for key, style in STYLES.items() if style.pattern}
    weak = {key: style for key, style in patterned.items() if contrast(style.ink, style.fill) < 3}
    assert not weak
    assert len({style.pattern for style in patterned.values()}) == len(patterned)


@pytest.mark.parametrize("ground", ["paper", "ground", "accent-pale", "made-up"])
@pytest.mark.parametrize("ink", ["ink", "soft", "accent"])
def test_text_contrasts_with_every_ground_that_it_may_stand_on(ink, ground):
    assert contrast(NAMED[ink], NAMED[ground]) >= 4.5


def test_the_outline_of_what_has_the_focus_contrasts_with_every_ground():
    said = {value for text in CSS.values() for value in re.findall(r"outline:\s*\d+px solid ([^;]+);", text)}
    ours = {value for value in said if value.startswith(("#", "var("))}  # others are the reader's own
    colours = {re.sub(r"var\(--([\w-]+)\)", lambda found: NAMED[found[1]], value) for value in ours}
    assert colours
    for colour in colours:
        assert all(contrast(colour, NAMED[ground]) >= 3 for ground in ("paper", "ground", "accent-pale"))


def _in_module(module, name):
    """Return a colour that a module of the page names."""
    text = (ASSETS / "js" / module).read_text("utf-8")
    return re.search(rf'\b{name}(?::| =) "([^"]+)"', text)[1]


@pytest.mark.parametrize("fill", [*sequential(N_CLASSES), *(style.fill for style in STYLES.values())])
def test_what_is_drawn_over_areas_is_seen_on_every_class(fill):
    # Hatches, borders and badges are dark and light at once; one of the two must be seen (WCAG 1.4.11).
    ink, paper = _in_module("patterns.js", "MAP_INK"), _in_module("patterns.js", "MAP_PAPER")
    assert (ink, paper) == (_in_module("marks.js", "ink"), _in_module("marks.js", "paper"))
    assert max(contrast(ink, fill), contrast(paper, fill)) >= 3
    # Names stand on a halo, which lets a little of the class through (WCAG 1.4.3).
    *light, opacity = map(float, re.findall(r"[\d.]+", _in_module("marks.js", "halo")))
    through = [int(fill[i : i + 2], 16) for i in (1, 3, 5)]
    mixed = [round(opacity * a + (1 - opacity) * b) for a, b in zip(light, through, strict=True)]
    assert contrast(ink, "#" + "".join(f"{one:02x}" for one in mixed)) >= 4.5


@pytest.mark.parametrize("method", TOGETHER)
def test_labels_differ_without_patterns_too(method):
    colours = [solid(label) for label in (*TOGETHER[method], Label.ISOLATE, Label.UNDEFINED)]
    assert smallest_difference(colours) > 12
