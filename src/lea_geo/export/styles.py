"""The ways to draw each layer of a GeoPackage: which colours, which patterns, which words.

Colours and classes are those of the map. What has no value has a pattern, never a colour of the scale; the
four clusters keep their place in the legend where nobody is in them, and all else is there only if it occurs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lea_geo._classes import as_shown, value_classes
from lea_geo._colours import N_CLASSES, SEQUENTIAL, STYLES, Style
from lea_geo.export.domains import LEDGER_PLACE, label_words, words_of
from lea_geo.export.qml import Drawn, Look, column, quoted
from lea_geo.export.stored import as_words
from lea_geo.schema import LEDGERS, LOCAL_METHODS, PLACES, WITH_VALUE, Label, Status, result_column
from lea_geo.texts import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

    from lea_geo._report_words import Words
    from lea_geo._sheets import Sheet
    from lea_geo.schema import Indicator

_GAPS = (Status.SUPPRESSED, Status.MISSING, Status.NOT_APPLICABLE)
_CLUSTERS = (Label.HIGH_HIGH, Label.LOW_LOW, Label.LOW_HIGH, Label.HIGH_LOW)
_ALWAYS = {"local_moran": _CLUSTERS, "local_g_star": _CLUSTERS[:2]}
_RARE = (Label.OTHER_POSITIVE, Label.NEGATIVE)
_PALE = Style("#f4f4f4")
_UNSURE = " ?"
_WIDE = "wide"
_PLACE_COLOURS = dict(
    zip(PLACES[1:], ("#b2182b", "#be9bc8", "#fdae61", "#2166ac"), strict=True)  # As clusters, worst first.
)
_WATER, _BORDER, _FAINT = "#cfe3f1", "#4a5058", "#c3c8cd"


def layer_looks(sheet: Sheet, indicator: Indicator, alike: Iterable[Sheet], words: Words) -> tuple[Look, ...]:
    """Return the ways to draw an indicator's layer, first the one that it opens with.

    Parameters
    ----------
    sheet
        The kind of areas and year.
    indicator
        One of the sheet's.
    alike
        All sheets of the same areas: their years share the classes of values.
    words
        The words and numbers of a language.
    """
    frame = sheet.findings.results[indicator.code]
    frames = [one.findings.results.get(indicator.code) for one in alike]
    grid = sheet.findings.level == "grid"
    methods = [method for method in LOCAL_METHODS if _tested(frame, method)]
    looks = [_clusters(frame, method, words) for method in methods]
    if methods:
        looks.append(_certainty(frame, methods[0], words))
    looks.append(_values(frame, [one for one in frames if one is not None], indicator, words))
    if frame["tier_lower"].notna().any():
        looks.append(_tiers(frame, words))
    if indicator.level in LEDGERS:
        looks.append(_places(words))
    return tuple(_thin(look) if grid else look for look in looks)


def areas_look(words: Words) -> Look:
    """Return how areas without values are drawn: as borders."""
    entry = Drawn("", _said("legend.one", words), Style("#ffffff"), outline=_BORDER, width=0.3, filled=False)
    return Look(_said("style.areas", words), _said("style_is.areas", words), (entry,))


def context_look(words: Words) -> Look:
    """Return how water and borders are drawn."""
    water, border = (_said(f"context.{kind}", words) for kind in ("water", "border"))
    entries = (
        Drawn("water", water, Style(_WATER), outline=_WATER),
        Drawn("border", border, Style("#ffffff"), outline=_BORDER, width=0.5, filled=False),
    )
    name, told = _said("style.context", words), _said("style_is.context", words)
    return Look(name, told, entries, by=column("kind"))


def _thin(look: Look) -> Look:
    """Draw cells without dark borders, which would cover the colours of small ones."""
    entries = (
        Drawn(one.key, one.label, one.style, hatched=one.hatched, outline=_FAINT, width=0.05)
        for one in look.entries
    )
    return Look(look.name, look.description, tuple(entries), look.by)


def _tested(frame: pd.DataFrame, method: str) -> bool:
    found = frame[result_column(method, "label")]
    return bool(found.isin([str(one) for one in Label if one is not Label.UNDEFINED]).any())


def _clusters(frame: pd.DataFrame, method: str, words: Words) -> Look:
    label, said = result_column(method, "label"), label_words(method, words.language)
    held = set(frame[label])
    shown = [one for one in (*_CLUSTERS, *_RARE) if one in _ALWAYS[method] or one in held]
    entries = [Drawn(str(one), said[one], STYLES[one]) for one in (*shown, Label.NOT_SIGNIFICANT)]
    entries += _patterned(frame, label, said, words)
    return Look(
        _said(f"style.{method}", words), _said(f"style_is.{method}", words), tuple(entries), _by_label(label)
    )


def _certainty(frame: pd.DataFrame, method: str, words: Words) -> Look:
    label, said = result_column(method, "label"), label_words(method, words.language)
    doubt, verdict = (result_column(method, name) for name in ("doubt", "verdict"))
    told = np.array(as_words(frame[doubt])).astype(bool) | frame[verdict].isin(["depends", "unsure"])
    entries = []
    for one in (*_CLUSTERS, *_RARE):
        if one in _CLUSTERS or (frame[label] == one).any():
            entries.append(Drawn(str(one), said[one], STYLES[one]))
        if (told & (frame[label] == one)).any():
            unsure = _said("legend.unsure", words).replace("{label}", said[one])
            entries.append(Drawn(f"{one}{_UNSURE}", unsure, STYLES[one], hatched=True))
    entries.append(Drawn(str(Label.NOT_SIGNIFICANT), said[Label.NOT_SIGNIFICANT], _PALE))
    entries += _patterned(frame, label, said, words)
    claims = ", ".join(quoted(str(one)) for one in (*_CLUSTERS, *_RARE))
    unsure = (
        f"{column(label)} IN ({claims}) AND (coalesce({column(doubt)}, '') <> '' "
        f"OR coalesce({column(verdict)}, '') IN ('depends', 'unsure'))"
    )
    by = _by_label(label, first=f"WHEN {unsure} THEN {column(label)} || {quoted(_UNSURE)} ")
    return Look(_said("style.certainty", words), _said("style_is.certainty", words), tuple(entries), by)


def _by_label(label: str, *, first: str = "") -> str:
    """Return the expression that gives a gap its status and all else its label."""
    known = ", ".join(quoted(str(one)) for one in Label)
    return (
        f"CASE WHEN {_is_gap()} THEN {column('status')} {first}"
        f"WHEN {column(label)} IN ({known}) THEN {column(label)} ELSE {quoted(Label.UNDEFINED)} END"
    )


def _is_gap() -> str:
    return f"{column('status')} IN ({', '.join(quoted(str(one)) for one in _GAPS)})"


def _patterned(frame: pd.DataFrame, label: str, said: dict[str, str], words: Words) -> list[Drawn]:
    """Return what has no cluster: areas alone, what cannot be computed, and gaps, as far as they occur."""
    gap = frame["status"].isin([*map(str, _GAPS)])
    rest = frame[label][~gap]
    alone = [(Label.ISOLATE, (rest == Label.ISOLATE).any())]
    alone += [(Label.UNDEFINED, (~rest.isin([*map(str, Label)]) | (rest == Label.UNDEFINED)).any())]
    return [
        *(Drawn(str(one), said[one], STYLES[one]) for one, there in alone if there),
        *_gaps(frame, words),
    ]


def _gaps(frame: pd.DataFrame, words: Words) -> Iterator[Drawn]:
    said = words_of("status", words.language)
    for status in _GAPS:
        if (frame["status"] == status).any():
            yield Drawn(str(status), said[status], STYLES[status])


def _values(frame: pd.DataFrame, frames: list[pd.DataFrame], indicator: Indicator, words: Words) -> Look:
    """Return the map's classes, each as the values that are in it: no rounding is left to the program."""
    held = frame["value"][frame["status"].isin([*map(str, WITH_VALUE)])].to_numpy(float)
    with np.errstate(over="ignore", invalid="ignore"):  # Numbers too large to be rounded are in no class.
        shown = as_shown(held, indicator.decimals)
        classes = value_classes(frames, decimals=indicator.decimals)
    valued = f"{column('status')} IN ({', '.join(quoted(str(one)) for one in WITH_VALUE)})"
    entries, left = [], held.size
    for one in classes:
        inside = (shown >= one.lower) & (shown <= one.upper)
        left -= int(inside.sum())
        own = held[inside] if inside.any() else np.array([one.lower, one.upper])
        within = f"{column('value')} >= {own.min()!s} AND {column('value')} <= {own.max()!s}"
        said = words.span(one.lower, one.upper, indicator)
        label = words.amount(one.lower, indicator) if one.lower == one.upper else said
        entries.append(Drawn(f"{valued} AND {within}", label, Style(one.fill)))
    entries.extend(
        Drawn(f"{column('status')} = {quoted(gap.key)}", gap.label, gap.style) for gap in _gaps(frame, words)
    )
    if left or not entries:
        undefined = words.shared(f"label.{Label.UNDEFINED}")
        entries.append(Drawn("", undefined, STYLES[Label.UNDEFINED]))
    return Look(_said("style.values", words), _said("style_is.values", words), tuple(entries))


def _tiers(frame: pd.DataFrame, words: Words) -> Look:
    lower, upper = column("tier_lower"), column("tier_upper")
    settled = [
        Drawn(str(fifth), _said(f"legend.fifth_{fifth}", words), Style(SEQUENTIAL[-fifth]))
        for fifth in range(1, N_CLASSES + 1)
    ]
    wide = Drawn(_WIDE, _said("legend.wide", words), STYLES[Label.NOT_SIGNIFICANT])
    valued = frame["status"].isin([*map(str, WITH_VALUE)])
    unknown = (valued & frame["tier_lower"].isna()).any()
    rest = [Drawn("none", _said("legend.no_tier", words), STYLES[Label.UNDEFINED])] if unknown else []
    by = (
        f"CASE WHEN {_is_gap()} THEN {column('status')} WHEN {lower} IS NULL THEN 'none' "
        f"WHEN {lower} = {upper} THEN to_string(to_int({lower})) ELSE {quoted(_WIDE)} END"
    )
    entries = (*settled, wide, *rest, *_gaps(frame, words))
    return Look(_said("style.tiers", words), _said("style_is.tiers", words), entries, by)


def _places(words: Words) -> Look:
    said = words_of(LEDGER_PLACE, words.language)
    entries = [Drawn(place, said[place], Style(colour)) for place, colour in _PLACE_COLOURS.items()]
    entries.append(Drawn("", said[""], STYLES[Status.MISSING]))
    by = f"coalesce({column(LEDGER_PLACE)}, '')"
    return Look(_said("style.places", words), _said("style_is.places", words), tuple(entries), by)


def _said(key: str, words: Words) -> str:
    return read_texts("lea_geo.export")[key].in_language(words.language)
