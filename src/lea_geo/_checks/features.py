"""Whether features that a live service gave are all of them, the right ones, and where they should be."""

from __future__ import annotations

import re
from difflib import get_close_matches
from math import prod
from typing import TYPE_CHECKING

from lea_geo._checks.faults import Faults
from lea_geo.errors import Fault, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

MOST_WORDS = 300
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
_REFUSAL = re.compile(r"the service says|answers with status [45]")
_NAME = re.compile(r"[^\W\d][\w.-]*")


def words_of(text: str) -> str:
    r"""Return what a server says on one line, without what steers a terminal, and no longer than a sentence.

    Examples
    --------
    >>> words_of("no such\n  layer\x1b[2J")
    'no such layer [2J'
    """
    line = " ".join(_UNSEEN.sub(" ", text).split())
    return line if len(line) <= MOST_WORDS else f"{line[:MOST_WORDS]}…"


def is_refusal(error: SourceError) -> bool:
    """Tell whether a service answered, and its answer is no; else there was no answer, or a broken one."""
    return bool(_REFUSAL.search(str(error)))


def failed_layer(source: str, layer: str, what: str, cure: str = "") -> SourceError:
    """Return the error for a layer that could not be fetched."""
    return SourceError(f"{layer} could not be fetched from {source}:", [Fault(what, cure=cure)])


def of_other_years(layer: str, names: Iterable[str]) -> dict[str, str]:
    """Return the layers that differ from this one in the year alone, by year, the newest first.

    Examples
    --------
    >>> of_other_years("a:pno_2026", ["a:pno_2024", "a:pno_2025", "a:pno_meri_2025"])
    {'2025': 'a:pno_2025', '2024': 'a:pno_2024'}
    """
    shape = _YEAR.sub("YEAR", layer)
    found = {}
    for name in names:
        years = _YEAR.findall(name)
        if years and name != layer and _YEAR.sub("YEAR", name) == shape:
            found[years[0]] = name
    return dict(sorted(found.items(), reverse=True))


def known_layer(source: str, layer: str, names: Collection[str]) -> str:
    """Return the name under which a service advertises a layer; otherwise name the nearest that it has.

    WFS 1.0.0 may leave out the prefix of the workspace.
    """
    if layer in names:
        return layer
    bare = [name for name in names if name.rpartition(":")[2] == layer.rpartition(":")[2]]
    if len(bare) == 1 and not (":" in layer and ":" in bare[0]):
        return bare[0]
    years = of_other_years(layer, names)
    near = get_close_matches(layer, names, n=3, cutoff=0.5)
    if years:
        cure = f"It advertises the same of {', '.join(sorted(years))}."
    elif near:
        cure = f"Did you mean {' or '.join(near)}?"
    else:
        cure = (
            f"It has {len(names)} layers: {', '.join(sorted(names)[:5])} …" if names else "It has no layers."
        )
    raise failed_layer(source, layer, "the service does not advertise it", cure)


def unanswered_layer(
    source: str, layer: str, said: str, answered: Sequence[str], unasked: Sequence[str]
) -> SourceError:
    """Return the error for a layer that is advertised and cannot be queried; name the years that can be."""
    cure = f"The same of {', '.join(sorted(answered))} is answered." if answered else ""
    if unasked:
        cure = f"{cure} It also advertises {', '.join(sorted(unasked))}.".strip()
    return failed_layer(source, layer, f"the service advertises it and does not answer it: {said}", cure)


def check_columns(
    source: str, layer: str, *, columns: Collection[str], fields: Collection[str], where: Collection[str]
) -> None:
    """Refuse columns that a layer does not have."""
    faults = Faults()
    for what, names in (("columns", fields), ("columns to choose by", where)):
        absent = [name for name in names if name not in columns]
        near = [match for name in absent for match in get_close_matches(name, columns, n=1)]
        if absent:
            hint = f"Did you mean {' or '.join(near)}?" if near else f"It has {', '.join(columns)}."
            faults.add(f"{what} that the layer does not have", ids=absent, of=len(names), cure=hint)
    faults.raise_if_any(SourceError, f"{layer} could not be fetched from {source}:")


def check_where(where: Mapping[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return what to choose by as columns and their values, each once; refuse names that are none."""
    chosen = {}
    for name, values in where.items():
        listed = (values,) if isinstance(values, str) else tuple(dict.fromkeys(values))
        if not _NAME.fullmatch(name):
            raise UsageError(f"where has {name!r}, which cannot be the name of a column.")
        if not listed or not all(isinstance(one, str) and one and one.isprintable() for one in listed):
            raise UsageError(f"where has {name} = {values!r}; give one text or several, such as ['092'].")
        chosen[name] = listed
    return chosen


def check_questions(where: Mapping[str, Sequence[str]], *, most: int) -> None:
    """Refuse more combinations of values than a service that compares with one at a time is asked."""
    n = prod(map(len, where.values()))
    if n > most:
        raise UsageError(
            f"where has {n} combinations of values; this service is asked at most {most} questions."
        )


def said_where(where: Mapping[str, Sequence[str]]) -> str:
    """Return what was chosen by, for a message."""
    parts = [
        f"{name} is {' or '.join(values[:5])}{' …' if len(values) > 5 else ''}"
        for name, values in where.items()
    ]
    return f" whose {' and '.join(parts)}" if parts else ""


def check_bound(source: str, layer: str, *, n: int, most: int) -> None:
    """Refuse a layer that never ends."""
    if n > most:
        raise failed_layer(source, layer, f"the service gave more than {most} features, and goes on")


def check_full(source: str, layer: str, *, got: int, of: int | None) -> None:
    """Refuse fewer or more features than the service says that there are."""
    if of is not None and got != of:
        raise failed_layer(
            source,
            layer,
            f"the service says that there are {of} features and gave {got}",
            "Fetch again: the data may have changed meanwhile. If not, the service is broken.",
        )


def check_some(source: str, layer: str, *, got: int, where: Mapping[str, Sequence[str]]) -> None:
    """Refuse to go on with nothing."""
    if not got:
        what = f"there are no features{said_where(where)}"
        raise failed_layer(source, layer, what, "Check the year, and what is chosen by.")


def changed_meanwhile(source: str, layer: str, before: int, now: int | None) -> SourceError:
    """Return the error for a service that first says one number of features and then another."""
    what = f"the service said that there are {before} features, and then {now}"
    return failed_layer(
        source, layer, what, "The data have changed meanwhile: fetch again into an empty cache."
    )


def refuse_repeats(
    source: str, layer: str, names: Sequence[str], *, page: int, of: int, every: bool
) -> SourceError:
    """Return the error for features that came before; ``every``: a whole page of them."""
    what = "the service gives the same page again" if every else "features that came before"
    cure = (
        "It ignores where a page should start: set limits.page in the registry above the number of features."
        if every
        else "Its order changes between pages, or a page was short, so that others are missing. Fetch again."
    )
    fault = Fault(f"{what} (page {page})", count=len(names), of=of, ids=tuple(names), cure=cure)
    return SourceError(f"{layer} could not be fetched from {source}:", [fault])


def check_chosen(source: str, layer: str, column: str, *, foreign: Collection[str], n: int, of: int) -> None:
    """Refuse features that were not asked for."""
    if n:
        fault = Fault(
            f"the service gave features with another {column} than asked for",
            count=n,
            of=of,
            ids=tuple(foreign),
            cure="It does not choose by this column.",
        )
        raise SourceError(f"{layer} could not be fetched from {source}:", [fault])


def refuse_place(source: str, layer: str, crs: str, *, names: Sequence[str], of: int) -> SourceError:
    """Return the error for coordinates that lie outside Finland, read either way round."""
    fault = Fault(
        f"features that do not lie in Finland if their coordinates are {crs}",
        count=len(names),
        of=of,
        ids=tuple(names),
        cure="Ask for another CRS with crs=, or correct crs in the registry.",
    )
    return SourceError(f"{layer} could not be fetched from {source}:", [fault])


def check_id_column(source: str, columns: Sequence[str], known: Sequence[str]) -> str:
    """Return the column that holds area ids, as the registry names it; letters' size does not matter."""
    folded = {column.casefold(): column for column in reversed(columns)}
    for name in known:
        if name in columns or name.casefold() in folded:
            return name if name in columns else folded[name.casefold()]
    fault = Fault(
        f"the columns are {', '.join(columns) or 'none'}; none is an area id",
        cure=f"The registry says area_id = {list(known)}: add what it is called.",
    )
    raise SourceError(f"{source} gave no area ids:", [fault])
