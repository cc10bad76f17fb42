"""Compositions, types and regions: what they can be made of, and what a user is told when not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice, check_count
from lea_geo._checks.values import as_floats, note_ids
from lea_geo.errors import GraphError, UsageError, ValuesError
from lea_geo.schema import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from scipy import sparse

LEAST_TYPED = 12
"""Fewer areas hold no kinds that anyone could tell from chance."""
_ROUNDING = 1e-9
"""Sums of shares differ from 1 by less."""
_COMPOSITION = "No composition can be made of these numbers."
_AMALGAMATE = "Put it together with a part that it belongs to: amalgamate={'both': ['one', 'other']}."


def check_frame(name: str, data: object) -> pd.DataFrame:
    """Return ``data`` if it is a DataFrame of numbers with unique ids and unique columns."""
    if not isinstance(data, pd.DataFrame):
        raise UsageError(f"{name} is a {type(data).__name__}; it must be a DataFrame indexed by area_id.")
    faults = Faults()
    if not data.index.is_unique:
        faults.add(f"duplicate area ids in {name}", ids=data.index[data.index.duplicated()].unique())
    if not data.columns.is_unique:
        faults.add(f"duplicate columns in {name}", ids=data.columns[data.columns.duplicated()])
    for column in data.columns.unique():
        as_floats(faults, f"{name}[{column!r}]", data.loc[:, [column]].iloc[:, 0])
    faults.raise_if_any(ValuesError, f"{name} cannot be read.")
    return data.astype(float)


def check_parts(parts: pd.DataFrame) -> None:
    """Refuse parts of which some are negative, and fewer than two parts."""
    faults = Faults()
    if parts.shape[1] < 2:
        faults.add("a composition of fewer than two parts", cure="Give total= and rest= to add one.")
    below = (parts < 0).any(axis=1)
    if below.any():
        faults.add("negative parts", ids=parts.index[below], of=len(parts))
    faults.raise_if_any(ValuesError, _COMPOSITION)


def check_amalgamation(groups: Mapping[str, Sequence[str]], columns: pd.Index) -> None:
    """Refuse groups of parts that are not there, or of parts named twice."""
    faults = Faults()
    named = [part for members in groups.values() for part in members]
    absent = [part for part in named if part not in columns]
    if absent:
        faults.add("amalgamate names parts that there are not", ids=absent, cure=f"Parts: {list(columns)}.")
    twice = sorted({part for part in named if named.count(part) > 1})
    if twice:
        faults.add("amalgamate names parts twice", ids=twice)
    faults.raise_if_any(ValuesError, _COMPOSITION)


def check_closure(parts: pd.DataFrame, total: pd.Series, *, rest: str, tolerance: float) -> None:
    """Refuse parts that do not add up to their whole, or to more than it where the rest is a part."""
    added = parts.sum(axis=1, skipna=False)
    slack = max(tolerance, _ROUNDING) * total.abs()
    faults = Faults()
    over = added > total + slack
    if over.any():
        cure = "Each may be counted once only: a part that holds another is written as a difference."
        what = "parts that add up to more than the whole"
        faults.add(what, ids=total.index[over], of=len(total), cure=cure)
    under = added < total - slack
    if under.any() and not rest:
        cure = "Give rest='the others' to make what is missing a part of its own."
        what = "parts that add up to less than the whole"
        faults.add(what, ids=total.index[under], of=len(total), cure=cure)
    faults.raise_if_any(ValuesError, _COMPOSITION)


def check_total(total: pd.Series, index: pd.Index) -> pd.Series:
    """Return the whole of each area, in the order of ``index``."""
    faults = Faults()
    note_ids(faults, "total", total.index, index, "parts")
    faults.raise_if_any(ValuesError, _COMPOSITION)
    numbers = pd.Series(as_floats(faults, "total", total), index=total.index).reindex(index)
    if (numbers < 0).any():
        faults.add("a negative total", ids=index[numbers < 0], of=len(index))
    faults.raise_if_any(ValuesError, _COMPOSITION)
    return numbers


def check_structural(status: pd.DataFrame | None, parts: pd.DataFrame) -> None:
    """Refuse cells that cannot be anything but zero: no small number may stand in for them."""
    if status is None:
        return
    faults = Faults()
    note_ids(faults, "status", status.index, parts.index, "parts")
    faults.raise_if_any(ValuesError, _COMPOSITION)
    held = status.reindex(parts.index)
    for part in [one for one in parts.columns if one in held.columns]:
        never = held[part].astype(str) == str(Status.STRUCTURAL_ZERO)
        if never.any():
            what = f"structural zeros in {part!r}, which no small number may replace"
            cure = f"{_AMALGAMATE} Or leave the areas out."
            faults.add(what, ids=parts.index[never], of=len(parts), cure=cure)
    faults.raise_if_any(ValuesError, _COMPOSITION)


def check_replaceable(known: pd.DataFrame) -> None:
    """Refuse parts that occur in fewer than two areas: nothing says how large a zero of theirs may be."""
    faults = Faults()
    seen = (known > 0).sum(axis=0)
    rare = [str(part) for part in known.columns if seen[part] < 2]
    if rare and (known == 0).to_numpy().any():
        faults.add("parts that occur in fewer than two areas", ids=rare, cure=_AMALGAMATE)
    if len(known) < 2:
        cure = "At least two need all parts and people: what stands in for a zero comes from the other areas."
        faults.add(f"areas with a composition: {len(known)}", cure=cure)
    faults.raise_if_any(ValuesError, _COMPOSITION)


def check_delta(delta: float | None, shares: pd.DataFrame) -> float:
    """Return the share that stands in for a zero; it must be stated and below every other share."""
    zeros = (shares == 0).any(axis=1)
    if not zeros.any():
        return float(delta or 0.0)
    faults = Faults()
    if delta is None:
        cure = "State what stands in for them: delta=, 0.65 of the smallest share that could be told."
        faults.add("shares that are zero", ids=shares.index[zeros], of=len(shares), cure=cure)
    elif not 0 < delta < 1 / shares.shape[1]:
        faults.add(f"delta is {delta!r}", cure=f"It must lie between 0 and 1 / {shares.shape[1]}.")
    elif (least := float(shares.where(shares > 0).min().min())) < delta:
        faults.add(f"delta is {delta!r}, above the smallest share there is, {least:.3g}")
    faults.raise_if_any(ValuesError, _COMPOSITION)
    return float(delta or 0.0)


def check_positive(shares: np.ndarray) -> None:
    """Refuse shares that have no logarithm."""
    if not (np.asarray(shares) > 0).all():
        raise ValuesError("Log-ratios need shares above 0.", Faults().found)


def check_partition(partition: pd.DataFrame, parts: tuple[str, ...]) -> np.ndarray:
    """Return the signs of a sequential binary partition, in the order of the parts."""
    if not isinstance(partition, pd.DataFrame) or sorted(partition.columns) != sorted(parts):
        raise UsageError(f"partition must be a DataFrame with the columns {list(parts)}.")
    signs = partition[list(parts)].to_numpy(dtype=float)
    groups, problem = [frozenset(range(len(parts)))], len(signs) != len(parts) - 1
    for row in signs if not problem else ():
        above, below = (frozenset(np.flatnonzero(row == one).tolist()) for one in (1, -1))
        whole = above | below
        of_no_group = not above or not below or whole not in groups
        problem |= of_no_group or not bool(np.isin(row, (-1, 0, 1)).all())
        if problem:
            break
        groups.remove(whole)
        groups += [above, below]
    if problem:
        raise UsageError(
            "partition is no sequential binary partition: its first row divides all parts into 1 and -1, "
            "each later row one of the groups that an earlier row left, others 0, until every part stands "
            "alone."
        )
    return signs


def check_reference(reference: str, parts: tuple[str, ...]) -> int:
    """Return the position of the part that all others are compared with."""
    return parts.index(check_choice("reference", reference, parts))


def check_typed(n: int, k_most: int, what: str = "areas with all values") -> None:
    """Refuse fewer areas than kinds could be told among."""
    faults = Faults()
    if n < LEAST_TYPED:
        faults.add(f"{what}: {n}", cure=f"Kinds need at least {LEAST_TYPED}.")
    elif k_most > n // 4:
        faults.add(f"up to {k_most} kinds of {n} areas", cure=f"At most {max(1, n // 4)}: four areas each.")
    faults.raise_if_any(ValuesError, "No kinds of areas can be told.")


def check_spread(constant: Iterable[str]) -> None:
    """Refuse indicators that are the same everywhere."""
    named = list(constant)
    faults = Faults()
    if named:
        faults.add("indicators that are the same everywhere", ids=named, cure="Leave them out.")
    faults.raise_if_any(ValuesError, "No kinds of areas can be told.")


def check_weights_use(method: str, *, weighted: bool) -> None:
    """Refuse population weights where a method has no place for them."""
    if weighted and method != "kmeans":
        raise UsageError(
            f"weights are given and method is {method!r}; only 'kmeans' counts areas by their people. Leave "
            "weights out: sizes of types in people are told by population=."
        )


def check_aligned(name: str, given: pd.Series, ids: pd.Index, *, positive: bool = False) -> np.ndarray:
    """Return the numbers of a Series in the order of ``ids``; foreign and missing ids are named."""
    if not isinstance(given, pd.Series):
        raise UsageError(f"{name} is a {type(given).__name__}; it must be a Series indexed by area_id.")
    faults = Faults()
    missing = ids[~ids.isin(given.index)]
    if not given.index.is_unique:
        faults.add(f"duplicate area ids in {name}", ids=given.index[given.index.duplicated()].unique())
    elif len(missing):
        faults.add(f"areas that {name} does not have", ids=missing, of=len(ids))
    faults.raise_if_any(ValuesError, f"{name} does not fit the areas.")
    numbers = as_floats(faults, name, given.reindex(ids))
    wrong = ~(numbers > 0) if positive else ~(numbers >= 0)
    if wrong.any():
        what = f"{name} that are {'not above' if positive else 'below'} 0 or missing"
        faults.add(what, ids=ids[wrong], of=len(ids))
    faults.raise_if_any(ValuesError, f"{name} does not fit the areas.")
    return numbers


def check_same_ids(name: str, index: pd.Index, expected: pd.Index, whose: str) -> None:
    """Refuse two tables that do not hold the same areas."""
    faults = Faults()
    note_ids(faults, name, index, expected, whose)
    faults.raise_if_any(ValuesError, f"{name} and {whose} do not hold the same areas.")


def check_kinds(k: int | None, k_most: int) -> int:
    """Return the largest number of kinds to try."""
    return check_count("k", k) if k is not None else check_count("k_most", k_most)


def check_same_parts(given: Collection[str], wanted: Collection[str], what: str) -> None:
    """Refuse new data that are made of other things than the types were."""
    faults = Faults()
    missing, foreign = ([x for x in a if x not in b] for a, b in ((wanted, given), (given, wanted)))
    if missing:
        faults.add(f"{what} of the types that the new data do not have", ids=missing)
    if foreign:
        faults.add(f"{what} of the new data that the types do not have", ids=foreign)
    faults.raise_if_any(ValuesError, "The types cannot be applied to these data.")


def refuse_no_data() -> NoReturn:
    """Refuse types of nothing."""
    raise UsageError("Kinds need a Composition, or indicators=, a DataFrame by area_id, or both.")


def refuse_unreachable(ids: Sequence[str], floor: float, n: int) -> NoReturn:
    """Refuse a floor that areas cannot reach with all that they are linked to."""
    faults = Faults()
    cure = "Link them to others, lower the floor, or pass unreachable='keep' to leave them below it."
    what = f"areas that cannot reach {floor:,.0f} with all that they are linked to"
    faults.add(what, ids=ids, of=n, cure=cure)
    raise GraphError("No regions can be made with this floor.", faults.found)


def refuse_division(wanted: int, found: int, why: str) -> NoReturn:
    """Refuse a number of regions that cannot be made."""
    faults = Faults()
    faults.add(f"regions wanted: {wanted}; {why}: {found}", cure=f"Give k={found}, or a lower floor.")
    raise GraphError("The areas cannot be divided so.", faults.found)


def check_applied(n: int) -> None:
    """Refuse two years that have no area in common."""
    faults = Faults()
    if not n:
        faults.add("areas with values in both years: none", cure="Carry the areas to the same borders first.")
    faults.raise_if_any(ValuesError, "The types cannot be applied to these data.")


def check_ledgers(weakening: pd.DataFrame, protecting: pd.DataFrame, k_most: int, most: int) -> None:
    """Refuse sides that share an indicator or areas that only one has, and more kinds than can be read."""
    for name, side in (("weakening", weakening), ("protecting", protecting)):
        check_frame(name, side)
    faults = Faults()
    twice = weakening.columns.intersection(protecting.columns)
    if len(twice):
        faults.add("indicators on both sides", ids=twice, cure="Each protects or weakens.")
    if k_most > most:
        faults.add(f"k_most is {k_most}", cure=f"At most {most} kinds a side can be read together.")
    faults.raise_if_any(ValuesError, "The two sides cannot be crossed.")
    check_same_ids("protecting", protecting.index, weakening.index, "weakening")


def check_regions(method: str, k: int | None, floor: float) -> None:
    """Refuse regions without a number or a floor."""
    if not float(floor) >= 0 or not np.isfinite(floor):
        raise UsageError(f"floor is {floor!r}; it must be a number of people, 0 for none.")
    if method == "max_p" and (k is not None or not floor):
        raise UsageError("max_p makes as many regions as the floor lets: give floor=, and no k=.")
    if method != "max_p":
        if k is None:
            raise UsageError(
                f"method {method!r} needs k=, the number of regions; max_p finds it from a floor."
            )
        check_count("k", k)


def check_whole(
    labels: np.ndarray, links: sparse.csr_array[Any, Any], people: np.ndarray, floor: float, kept: np.ndarray
) -> None:
    """Refuse to hand out regions that are torn apart or below the floor, whatever made them."""
    torn, low = [], []
    for one in range(int(labels.max()) + 1):
        own = np.flatnonzero(labels == one)
        if connected_components(links[own][:, own], directed=False)[0] != 1:
            torn.append(one)
        if people[own].sum() < floor and not kept[own].all():
            low.append(one)
    faults = Faults()
    if torn:
        faults.add("regions that do not hang together", ids=torn)
    if low:
        faults.add("regions below the floor", ids=low, cure="Give fewer regions or a lower floor.")
    faults.raise_if_any(GraphError, "The regions are not what was asked for.")


def check_most_linked(n: int, most: int) -> None:
    """Refuse max-p where the distances between all pairs would not fit."""
    faults = Faults()
    if n > most:
        faults.add(f"linked areas: {n}", cure=f"max_p takes up to {most}; use skater, ward or azp.")
    faults.raise_if_any(GraphError, "max-p holds the distances between all pairs of linked areas.")
