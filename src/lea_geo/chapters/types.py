"""What kinds of areas there are: types, how sure each area's is, how they changed, ledgers and regions."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lea_geo._speech import Number, filled, listed
from lea_geo.chapter import Chapter, Chart, Statement
from lea_geo.chapters.types_data import data_of, indicators_of, named, sides_of, texts
from lea_geo.chapters.types_tables import (
    areas_table,
    choices_table,
    drift_table,
    ledger_tables,
    regions_tables,
    shares_table,
    sizes_table,
    values_table,
)
from lea_geo.chapters.types_words import certainty, counted_areas, described, rows_of, type_names
from lea_geo.errors import DataError
from lea_geo.typology.apply import apply_types
from lea_geo.typology.ledgers import type_ledgers
from lea_geo.typology.regions import regions
from lea_geo.typology.types import types

if TYPE_CHECKING:
    from lea_geo._text import Text
    from lea_geo.chapter import ChapterTable
    from lea_geo.chapter_specs.types import TypesSpec
    from lea_geo.chapters.ground import Ground
    from lea_geo.chapters.types_data import Data, Named
    from lea_geo.typology.apply import AppliedTypes
    from lea_geo.typology.ledgers import TypeLedgers
    from lea_geo.typology.regions import Regions
    from lea_geo.typology.types import Types

_AREAS_A_REGION = 6
"""A region has so many areas on average where nobody says how many there are."""
_KEPT = 0.75
"""Regions are likely where areas stay in theirs this often on average."""
_MANY = 1000
"""With more areas, regions are not made again with other noise."""


def build(ground: Ground, spec: TypesSpec) -> Chapter:
    """Find the kinds of areas of a study and say what they are like.

    Parameters
    ----------
    ground
        What leaves the study.
    spec
        The table ``[types]`` of its file.

    Raises
    ------
    SpecError, ValuesError, GraphError
        If parts are of different wholes, too few areas have all values, or regions cannot be made.
    """
    what = named(ground, spec)
    data = data_of(ground, spec, what, ground.findings.year)
    found = _types(data, spec, ground.seed)
    moves = _moves(ground, spec, what, found)
    ledgers = _ledgers(ground, spec, data) if spec.ledgers else None
    joined = _regions(ground, spec, data) if spec.regions is not None else None
    rows = {kind: rows_of(found, what, ground, kind) for kind in ("part", "indicator")}
    telling = rows["part"] if found.seen.scale.parts else rows["indicator"]
    names = type_names(found, telling, {one.type: one.name for one in spec.names})
    tables, statements = _types_told(found, what, names, rows)
    tables.insert(0, areas_table(found, names, ground, moves))
    statements += _between(ground, found)
    if moves is not None:
        tables.append(drift_table(moves[1], names))
        statements += _moved(ground, *moves)
    if ledgers is not None:
        tables += ledger_tables(ledgers, ground)
        statements.append(_ledger_said(ground, ledgers))
    if joined is not None:
        tables += regions_tables(joined, ground)
        statements += _regions_said(joined)
    said = texts()
    notes = [*data.notes, *found.notes]
    notes += [
        f"A name is given to type {one.type}, which there is not."
        for one in spec.names
        if one.type not in names
    ]
    notes += [note for one in (ledgers, joined) if one is not None for note in one.notes]
    return Chapter(
        code="types",
        title=said["chapter.title"],
        question=said["chapter.question"],
        method=filled(said["chapter.method"], runs=Number(spec.runs)),
        tables=tuple(tables),
        charts=_charts(tables),
        statements=tuple(statements),
        limits=_limits(joined is not None),
        settings=_settings(spec, found, ground.seed)
        | ({} if moves is None else {"noise_moves": moves[1].expected}),
        notes=tuple(dict.fromkeys(notes)),
    )


def _types(data: Data, spec: TypesSpec, seed: int) -> Types:
    return types(
        data.parts,
        indicators=data.indicators,
        errors=data.errors,
        population=data.people.fillna(0.0) if data.people.sum() else None,
        method=spec.method,
        k=spec.k,
        k_most=spec.k_most,
        weighted=_weighted(spec, data),
        fewest=spec.fewest if data.people.sum() else 0.0,
        runs=spec.runs,
        worlds=spec.worlds,
        sure=spec.sure,
        seed=seed,
    )


def _weighted(spec: TypesSpec, data: Data) -> bool:
    """Return whether areas count by their people: where the method can, and everyone's people are known."""
    whole = pd.Series(True, index=data.people.index)
    if data.parts is not None:
        whole &= data.parts.table.notna().all(axis=1)
    if data.indicators is not None:
        whole &= data.indicators.notna().all(axis=1)
    known = bool((data.people[whole] > 0).all())
    return spec.weighted and spec.method == "kmeans" and known


def _moves(ground: Ground, spec: TypesSpec, what: Named, found: Types) -> tuple[str, AppliedTypes] | None:
    """Return the first year that the types can be seen in, and what they were there."""
    if found.k == 1:
        return None
    for one in ground.years[:-1]:
        if not all(code in one.results for code in _codes(spec, what)):
            continue
        try:
            data = data_of(ground, spec, what, one.year, found.seen.scale.parts)
            applied = apply_types(
                found,
                data.parts,
                indicators=data.indicators,
                errors=data.errors,
                fdr=spec.fdr,
                seed=ground.seed,
            )
        except DataError:  # that year's numbers say no: fewer areas, a part that nobody has
            continue
        return one.year, applied
    return None


def _codes(spec: TypesSpec, what: Named) -> set[str]:
    return {code for part in spec.parts for _, code in part.terms} | set(what.indicators)


def _ledgers(ground: Ground, spec: TypesSpec, data: Data) -> TypeLedgers:
    sides = sides_of(ground, spec)
    held = {side: indicators_of(ground, codes, ground.findings.year) for side, codes in sides.items()}
    return type_ledgers(
        held["weakens"][0],  # type: ignore[arg-type] # a side has indicators
        held["protects"][0],  # type: ignore[arg-type] # the same
        weakening_errors=held["weakens"][1],
        protecting_errors=held["protects"][1],
        population=data.people.fillna(0.0) if data.people.sum() else None,
        fewest=spec.fewest if data.people.sum() else 0.0,
        method=spec.method if spec.method != "hdbscan" else "kmeans",
        weighted=_weighted(spec, data),
        runs=spec.runs,
        worlds=spec.worlds,
        sure=spec.sure,
        seed=ground.seed,
    )


def _regions(ground: Ground, spec: TypesSpec, data: Data) -> Regions:
    wanted = spec.regions
    if wanted is None:  # nobody asked
        raise AssertionError
    pieces = ground.graph.n_components
    k = None
    if wanted.method != "max_p":
        k = wanted.k or max(2, pieces, round(len(ground.areas) / _AREAS_A_REGION))
    return regions(
        data.parts,
        ground.graph,
        indicators=data.indicators,
        errors=data.errors,
        method=wanted.method,
        k=k,
        floor=wanted.floor,
        population=data.people.fillna(0.0),
        unreachable="keep",
        runs=0 if len(ground.areas) > _MANY else min(spec.runs, 50),
        seed=ground.seed,
    )


def _types_told(
    found: Types, what: Named, names: dict[str, Text], rows: dict[str, Any]
) -> tuple[list[ChapterTable], list[Statement]]:
    """Return the tables of types and what is said of them."""
    tables, statements = [sizes_table(found, names)], [_kinds_said(found)]
    if found.seen.scale.parts:
        tables.append(shares_table(found, names, what))
        statements += described(found, rows["part"], "types_shares")
    if found.seen.scale.indicators:
        tables.append(values_table(found, names))
        statements += described(found, rows["indicator"], "types_values")
    tables.append(choices_table(found))
    return tables, statements


def _kinds_said(found: Types) -> Statement:
    """Return how many kinds there are, and how sure that is."""
    said = texts()
    chosen = found.choices[found.choices["chosen"]].iloc[0]
    if found.k == 1:
        single = found.found == 1
        p = float(found.choices["p_more"].iloc[0])
        key = ("single" if np.isfinite(p) else "unknown") if single else "fleeting"
        because = filled(said[f"because.{key}"], p=Number(p, 2, "probability"))
        text = said["said.single" if single else "said.fleeting"]
        return Statement(text, "unsure", because, "types_choices", 0.5)
    sizes = [
        filled(said["said.size_one" if n == 1 else "said.size"], letter=str(letter), n=Number(int(n)))
        for letter, n in found.types["areas"].items()
    ]
    least = float(chosen["stability_least"])
    stands = bool(chosen["stands"])
    because = filled(said["because.stability"], least=Number(least, 2)) if stands else said["because.asked"]
    if found.ties:
        because = filled(said["because.ties"], because=because, ks=listed([str(k) for k in found.ties]))
    text = filled(said["said.kinds"], k=Number(found.k), sizes=listed(sizes))
    return Statement(text, certainty(least) if stands else "unsure", because, "types_sizes", 0.7)


def _between(ground: Ground, found: Types) -> list[Statement]:
    """Return which areas are between two types."""
    between = found.table[(found.table["type"] != "") & ~found.table["sure"]].sort_values(
        "probability", kind="stable"
    )
    if found.k == 1 or not len(between):
        return []
    names = [ground.names[area] for area in between.index]
    share = Number(1 - found.sure, 0, "share")
    because = filled(texts()["because.between"], share=share)
    text = counted_areas(len(between), names, "between")
    return [Statement(text, "unsure", because, "types_areas", 0.4)]


def _moved(ground: Ground, year: str, applied: AppliedTypes) -> list[Statement]:
    """Return who changed type, and which types are no longer what they were."""
    said = texts()
    sure = applied.table[applied.table["move"] == "moved"].sort_values("q_value", kind="stable")
    expected, moved = Number(applied.expected, 1), Number(applied.moved)
    because = filled(said["because.moved"], expected=expected, n=moved)
    if len(sure):
        text = counted_areas(len(sure), [ground.names[area] for area in sure.index], "moved", year=year)
    else:
        text = filled(said["said.not_moved" if applied.moved else "said.none_moved"], year=year)
    statements = [Statement(text, "firm" if len(sure) else "unsure", because, "types_areas", 0.6)]
    for letter, row in applied.drift[applied.drift["drifted"]].iterrows():
        share = Number(float(row["of_way"]), 0, "share")
        because = filled(said["because.drifted"], p=Number(float(row["p_value"]), 3, "probability"))
        statements.append(
            Statement(
                filled(said["said.drifted"], letter=str(letter), year=year, share=share),
                "firm",
                because,
                "types_drift",
                0.5,
            )
        )
    return statements


def _ledger_said(ground: Ground, found: TypeLedgers) -> Statement:
    """Return which areas have most load and least resources."""
    said = texts()
    sides = (found.weakening, found.protecting)
    least = min(float(side.types["stability"].min()) for side in sides)
    because = filled(said["because.ledger"], least=Number(least, 2))
    if any(side.k == 1 for side in sides):
        return Statement(said["said.ledger_flat"], "unsure", because, "types_ledgers", 0.4)
    worst = found.table[found.table["place"] == f"L{found.weakening.k}R1"]
    worst = worst.sort_values("probability", ascending=False, kind="stable")
    if not len(worst):
        return Statement(said["said.ledger_none"], certainty(least), because, "types_ledgers", 0.5)
    names = [ground.names[area] for area in worst.index]
    text = counted_areas(len(worst), names, "ledger")
    return Statement(text, certainty(least), because, "types_ledgers", 0.8)


def _regions_said(found: Regions) -> list[Statement]:
    said = texts()
    people = found.regions["people"]
    k, least, most = (Number(float(value)) for value in (found.k, people.min(), people.max()))
    text = filled(said["said.regions"], k=k, least=least, most=most)
    because = filled(said["because.regions"], explained=Number(found.explained, 0, "share"))
    sure = found.table["probability"].mean()
    certain = "likely" if np.isfinite(sure) and sure >= _KEPT else "unsure"
    statements = [Statement(text, certain, because, "types_regions_list", 0.3)]
    low = int((~found.regions["enough"]).sum())
    if low:
        text = filled(said["said.regions_low"], n=Number(low))
        statements.append(Statement(text, "firm", because, "types_regions_list", 0.3))
    return statements


def _charts(tables: list[ChapterTable]) -> tuple[Chart, ...]:
    said, names = texts(), {table.name for table in tables}
    charts = [Chart("lines", "types_choices", said["chart.choices"], x="k", y="stability_least")]
    if "types_shares" in names:
        charts.insert(
            0, Chart("matrix", "types_shares", said["chart.shares"], x="type", y="part", by="value")
        )
    if "types_ledgers_grid" in names:
        charts.append(
            Chart(
                "matrix", "types_ledgers_grid", said["chart.grid"], x="protecting", y="weakening", by="areas"
            )
        )
    return tuple(charts)


def _limits(joined: bool) -> tuple[Text, ...]:
    said = texts()
    keys = ["kinds", "order", "chosen", "published", *(["regions"] if joined else [])]
    return tuple(said[f"limit.{key}"] for key in keys)


def _settings(spec: TypesSpec, found: Types, seed: int) -> dict[str, Any]:
    told = asdict(spec)
    told["parts"] = [one.counts for one in spec.parts]
    told["names"] = {one.type: one.name.as_dict() for one in spec.names}
    told["rest"] = None if spec.rest is None else spec.rest.as_dict()
    return told | {
        "seed": seed,
        "alpha": found.alpha,
        "level": found.level,
        "found": found.k,
        "ties": list(found.ties),
    }
