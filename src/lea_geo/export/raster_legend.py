"""What the pixels of a raster mean, in words and colours: those of the map."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from lea_geo._classes import as_shown
from lea_geo._colours import STYLES, solid
from lea_geo._report_words import Words
from lea_geo.export.dictionary import meaning
from lea_geo.schema import LANGUAGES, Label, Status, Text, result_column
from lea_geo.texts import shared_texts

if TYPE_CHECKING:
    from lea_geo._classes import ValueClass
    from lea_geo.schema import Findings, Indicator

LABEL_CODES = {label: code for code, label in enumerate(Label, start=1)}
"""What a pixel of a label raster means; 0 is no cell."""
STATUS_CODES = {status: code for code, status in enumerate(Status, start=1)}
"""What a pixel of a status raster means; 0 is no cell."""
_ZERO = "#d8b365"
"""The map paints a zero as a value. Over the values, its status needs a colour that is none of theirs."""


@dataclass(frozen=True)
class Sign:
    """One line of a legend."""

    value: float
    """The code of a class; of a range of values, the largest that belongs to it."""
    word: str
    """A class by the name that tables have; empty for a range."""
    text: Text
    colour: str
    """As ``#rrggbb``."""
    opaque: bool = True


@dataclass(frozen=True)
class Legend:
    """What a raster shows and what its pixels mean."""

    title: Text
    about: Text
    signs: tuple[Sign, ...]
    language: str
    """The one that a reader sees first."""
    source: str
    licence: str
    year: str
    synthetic: bool

    @property
    def coded(self) -> bool:
        """Whether pixels are codes of classes and no values."""
        return any(sign.word for sign in self.signs)

    def line(self, sign: Sign) -> str:
        """Return what stands beside a colour: a class in the study's language and in English."""
        own = sign.text.in_language(self.language)
        return f"{own} / {sign.text.en}" if sign.word and own != sign.text.en else own


def value_legend(findings: Findings, indicator: Indicator, classes: tuple[ValueClass, ...]) -> Legend:
    """Return the legend of values, in the classes of the map."""
    words = [Words(language, findings) for language in LANGUAGES]
    signs = [
        Sign(limit, "", Text(*(_range(one, word, indicator) for word in words)), one.fill)
        for one, limit in zip(classes, _limits(classes, indicator.decimals), strict=True)
    ]
    return _legend(findings, indicator, "value", tuple(signs))


def status_legend(findings: Findings, indicator: Indicator) -> Legend:
    """Return the legend of what is known: transparent where there is a value to be seen below."""
    colours = {
        Status.OBSERVED: STYLES[Label.NOT_SIGNIFICANT].fill,
        Status.STRUCTURAL_ZERO: _ZERO,
        **{status: solid(status) for status in Status if status in STYLES},
    }
    texts = shared_texts()
    signs = (
        Sign(code, status, texts[f"status.{status}"], colours[status], opaque=status != Status.OBSERVED)
        for status, code in STATUS_CODES.items()
    )
    return _legend(findings, indicator, "status", tuple(signs))


def label_legend(findings: Findings, indicator: Indicator, method: str) -> Legend:
    """Return the legend of a local statistic's labels, in their fixed colours."""
    texts = shared_texts()
    own = "hotspot" if method == "local_g_star" else "label"
    signs = (
        Sign(code, label, texts.get(f"{own}.{label}", texts[f"label.{label}"]), solid(label))
        for label, code in LABEL_CODES.items()
    )
    return _legend(findings, indicator, result_column(method, "label"), tuple(signs))


def _legend(findings: Findings, indicator: Indicator, column: str, signs: tuple[Sign, ...]) -> Legend:
    warning = shared_texts()["common.synthetic"] if findings.synthetic else Text("", "", "")
    year = indicator.reference_year or findings.year
    titles, abouts = {}, {}
    for language in LANGUAGES:
        name, what = indicator.name.in_language(language), meaning(column).in_language(language)
        titles[language] = f"{name}{f' {year}' if year else ''}: {what}"
        parts = (warning, findings.title, indicator.explanation)
        abouts[language] = "\n".join(filter(None, (part.in_language(language) for part in parts)))
    return Legend(
        title=Text(**titles),
        about=Text(**abouts),
        signs=signs,
        language=str(findings.settings.get("language", "fi")),
        source=_source(findings, indicator),
        licence=indicator.licence,
        year=year,
        synthetic=findings.synthetic,
    )


def _source(findings: Findings, indicator: Indicator) -> str:
    if not findings.synthetic:
        return indicator.source
    return shared_texts()["common.made_up_source"].en.replace("{source}", indicator.source)


def _range(one: ValueClass, words: Words, indicator: Indicator) -> str:
    if one.lower == one.upper:
        return words.amount(one.lower, indicator)
    return words.span(one.lower, one.upper, indicator)


def _limits(classes: tuple[ValueClass, ...], decimals: int) -> list[float]:
    """Return the largest number, before rounding, that each class holds; the last holds all above.

    A class says what its values are when they are rounded to be shown, a raster holds them as they are.
    """
    limits = []
    for one, following in pairwise(classes):
        middle = (one.upper + following.lower) / 2
        above = as_shown([middle], decimals)[0] >= following.lower
        limits.append(float(np.nextafter(middle, -np.inf)) if above else middle)
    return [*limits, float("inf")] if classes else []
