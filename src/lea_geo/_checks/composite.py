"""What a composite index can be made of, and what its maker is told when it cannot."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo.errors import SpecError
from lea_geo.schema import DIRECTIONS, INDEX, LEDGERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

RESERVED = (INDEX, *LEDGERS, "score", "rank", "place", "available", "load_rank", "resource_rank")
"""Names of the index's own columns."""

HEADING = "The composite index cannot be built:"


def near(word: str, known: Iterable[str]) -> str:
    """Return a hint at the word that was probably meant, or what there is."""
    known = sorted(set(filter(None, known)))
    found = get_close_matches(word, known, n=1)
    if found:
        return f"Did you mean {found[0]!r}?"
    return f"There are {', '.join(known[:12])}{', …' * (len(known) > 12)}." if known else "There are none."


class TreeFaults:
    """What is wrong with a hierarchy, gathered group by group and raised once."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.without_direction: list[str] = []

    def check_direction(self, code: str, direction: str) -> None:
        """Note an indicator of which nobody says what a high value means."""
        if direction not in DIRECTIONS:
            self.without_direction.append(code)

    def add_outside(self, code: str, transform: str, values: Sequence[float]) -> None:
        """Note goalposts of which the indicator's transformation cannot be taken."""
        shown = ", ".join(f"{value:g}" for value in values)
        cure = "State them in the indicator's own unit, where the transformation is defined."
        what = f"transform = {transform!r} cannot be taken of what {code!r} states: {shown}"
        self.faults.add(what, cure=cure)

    def check_parent(self, code: str, parent: str, known: Collection[str]) -> None:
        """Note an indicator in a group that is not listed."""
        if parent not in known:
            cure = f"List it under [[composite.groups]]. {near(parent, known)}"
            self.faults.add(f"the indicator {code!r} is in an unknown group {parent!r}", cure=cure)

    def check_place(
        self, code: str, parent: str, found: Sequence[tuple[str, ...]], known: Collection[str]
    ) -> None:
        """Note an indicator that the catalogue does not place and that names no one group."""
        if not parent:
            cure = f"Say in which group it counts with group = …. {near('', known)}"
            self.faults.add(f"the catalogue does not know the indicator {code!r}", cure=cure)
        elif len(found) != 1:
            cure = near(parent, known)
            if found:
                cure = f"It is divided; say which: {', '.join('.'.join(path) for path in sorted(found))}."
            self.faults.add(f"the indicator {code!r} is in {len(found) or 'no'} groups {parent!r}", cure=cure)

    def check_chain(self, code: str, above: str, path: Sequence[str], known: Collection[str]) -> None:
        """Note a group whose parents are not there or lead back to it."""
        if above in path:
            self.faults.add(f"the group {code!r} is in itself, by way of {' < '.join(reversed(path))}")
        elif above and above not in known:
            self.faults.add(f"a group above {code!r} is unknown, {above!r}", cure=near(above, known))

    def check_groups(self, spec: Any, groups: Iterable[tuple[str, ...]]) -> None:  # noqa: ANN401 - CompositeSpec
        """Note listed groups that no indicator is in, and parents where the catalogue gives them."""
        labels = {path[-1] for path in groups}
        codes = labels | {".".join(path[-2:]) for path in groups} | {".".join(path) for path in groups}
        listed = [group.code for group in spec.groups]
        empty = [code for code in listed if code not in codes]
        if empty:
            cure = near(empty[0], labels) if spec.levels else "Give each an indicator, or leave it out."
            self.faults.add("groups that no indicator is in", ids=empty, cure=cure)
        for code in [group.code for group in spec.groups if group.parent and spec.levels]:
            cure = "Leave group out: the levels of the catalogue say where it belongs."
            self.faults.add(f"the group {code!r} names the group that it is in", cure=cure)

    def check_both_ledgers(self, spec: Any, directions: Collection[str]) -> None:  # noqa: ANN401 - as above
        """Note ledgers one of which nothing is in."""
        if spec.ledgers and not set(DIRECTIONS) <= set(directions):
            cure = "Two ledgers need indicators that weaken and indicators that protect; else leave it out."
            self.faults.add("ledgers, and nothing to keep apart", cure=cure)

    def check_some(self, kept: Sequence[int], without: Collection[str]) -> None:
        """Note an index of nothing."""
        if not kept:
            cure = "All were screened out." if without else "List some under [[composite.indicators]]."
            self.faults.add("the index has no indicators", cure=cure)

    def check_codes(self, indicators: Sequence[str], groups: Sequence[str], listed: Collection[str]) -> None:
        """Note codes that stand for several nodes."""
        often = Counter([*indicators, *groups])
        doubles = [code for code, count in often.items() if count > 1]
        if doubles:
            cure = "Every indicator and every group needs a code of its own."
            self.faults.add("codes that stand for several things", ids=doubles, cure=cure)
        taken = [code for code in often if code in RESERVED and (code in indicators or code in listed)]
        if taken:
            self.faults.add("codes that are taken by the index itself", ids=taken, cure="Choose others.")

    def raise_if_any(self) -> None:
        """Raise all that was found as one error."""
        if self.without_direction:
            cure = 'Say direction = "weakens" or "protects" of each: it cannot be guessed.'
            what = "indicators of which nobody says what a high value means"
            self.faults.add(what, ids=self.without_direction, cure=cure)
        self.faults.raise_if_any(SpecError, HEADING)


TAKEN_BY_WEIGHTING = {"table": ("consultation",), "correlation": ("factor", "optimised", "pca")}
TAKEN_BY_IMPUTE = {"by": ("group", "parent")}
TAKEN_BY_TREAT = {
    "skewness": ("auto", "box_cox", "log", "winsorise"),
    "kurtosis": ("auto", "box_cox", "log", "winsorise"),
    "most": ("auto", "winsorise"),
}
"""The methods that an option changes; elsewhere it would be read and change nothing."""


CATALOGUE_LEVELS = ("phenomenon", "domain", "perspective")
"""What a catalogue says of where an indicator belongs."""


def check_composite(spec: Any, methods: Mapping[str, Collection[str]]) -> None:  # noqa: ANN401 - CompositeSpec
    """Refuse an index that contradicts itself; ``methods`` are those that there are, by step."""
    faults = Faults()
    check_choice("high", spec.high, DIRECTIONS)
    for place, node in [*_places(spec, "[composite]"), ("[composite]", spec)]:
        for step, known in methods.items():
            said = getattr(node, step, None)
            if said is not None and said.method not in known:
                cure = near(said.method, known)
                faults.add(f"{place} {step} has an unknown method {said.method!r}", cure=cure)
    if not faults.found:
        note_composite(faults, spec, "[composite]")
    faults.raise_if_any(SpecError, HEADING)


def note_composite(faults: Faults, spec: Any, where: str) -> None:  # noqa: ANN401 - CompositeSpec
    """Note what an index says that contradicts itself or would change nothing."""
    _note_levels(faults, spec, where)
    for place, node in _places(spec, where):
        _note_methods(faults, node, place)
    _note_options(faults, spec.impute, TAKEN_BY_IMPUTE, f"{where} impute")
    _note_options(faults, spec.treat, TAKEN_BY_TREAT, f"{where} treat")
    if spec.impute.method in TAKEN_BY_IMPUTE["by"] and not spec.impute.by:
        cure = 'Name the attribute that says what an area belongs to: by = "municipality".'
        faults.add(f'{where} impute = "{spec.impute.method}" lacks by', cure=cure)
    shares = {"available": spec.available}
    shares |= {f"screen {name}": v for name, v in vars(spec.screen).items() if not isinstance(v, bool)}
    for name, share in shares.items():
        if not 0 <= share <= 1:
            faults.add(f"{where} {name} is {share:g}", cure="It is a share, from 0 to 1.")


def _places(spec: Any, where: str) -> list[tuple[str, Any]]:  # noqa: ANN401 - as above
    """Return everything that can state methods, and how a message names it."""
    name = where.strip("[]")
    at = [(f"[{name}.at.{one.level}]", one) for one in spec.at]
    nodes = [(f"the group {one.code!r}", one) for one in spec.groups]
    nodes += [(f"the indicator {one.code!r}", one) for one in spec.indicators]
    return [(where, spec), *at, *nodes]


def _note_levels(faults: Faults, spec: Any, where: str) -> None:  # noqa: ANN401 - as above
    for level in spec.levels:
        if level not in CATALOGUE_LEVELS:
            cure = near(level, CATALOGUE_LEVELS)
            faults.add(f"{where} levels has an unknown level {level!r}", cure=cure)
    if len(set(spec.levels)) < len(spec.levels):
        faults.add(f"{where} levels names a level twice", cure="Name each once, from below.")
    there = {"indicator", INDEX, *(spec.levels or ("group",)), *(LEDGERS if spec.ledgers else ())}
    for at in spec.at:
        if at.level not in there:
            cure = f"There are {', '.join(sorted(there))}."
            faults.add(f"{where} at has a level that this index does not have, {at.level!r}", cure=cure)
        if at.level in {INDEX, *LEDGERS} and at.result is not None:
            cure = "What normalise says there is the scale that the score is published on."
            faults.add(f"{where} at.{at.level} has a result", cure=cure)
        if at.level == "indicator" and (at.weighting or at.aggregate or at.result):
            cure = "An indicator has no members; write it at the groups' level."
            faults.add(f"{where} at.indicator states more than normalise", cure=cure)


def _note_methods(faults: Faults, node: Any, place: str) -> None:  # noqa: ANN401 - what can state methods
    # numpy comes with them, which a study without an index does not need.
    from lea_geo._checks.aggregate import aggregate_faults  # noqa: PLC0415
    from lea_geo._checks.normalise import normalise_faults  # noqa: PLC0415

    for name, faults_of in (
        ("normalise", normalise_faults),
        ("result", normalise_faults),
        ("aggregate", aggregate_faults),
    ):
        said = getattr(node, name, None)
        for fault in faults_of(vars(said)) if said is not None else ():
            faults.add(f"{place} {name}: {fault.rstrip('.')}")
    if getattr(node, "weighting", None) is not None:
        _note_options(faults, node.weighting, TAKEN_BY_WEIGHTING, f"{place} weighting")
        if node.weighting.method == "consultation" and not node.weighting.table:
            cure = 'Name the file of answers: { method = "consultation", table = "answers.csv" }.'
            faults.add(f'{place} weighting = "consultation" lacks table', cure=cure)


def _note_options(faults: Faults, said: Any, taken: Mapping[str, tuple[str, ...]], place: str) -> None:  # noqa: ANN401 - a step
    """Note options that mean nothing to the method."""
    for option, methods in taken.items():
        if getattr(said, option) != getattr(type(said)(), option) and said.method not in methods:
            cure = f"It belongs to {' and '.join(methods)}; leave it out."
            faults.add(f'{place} {option} means nothing to method = "{said.method}"', cure=cure)


def note_no_neighbours(faults: Faults, spec: Any) -> None:  # noqa: ANN401 - CompositeSpec
    """Note that neighbours are asked for where there are no areas."""
    if spec.impute.method == "neighbours":
        cure = "Name the areas' file under [areas], or fill gaps in another way."
        faults.add('[composite] impute = "neighbours", and the file has no areas', cure=cure)


def check_weights_used(unused: Sequence[str]) -> None:
    """Refuse weights that somebody has stated and that nothing would use."""
    faults = Faults()
    if unused:
        cure = 'Write weighting = "stated" for the group that they count in, or leave the weights out.'
        faults.add("weights that are stated and not used", ids=unused, cure=cure)
    faults.raise_if_any(SpecError, HEADING)


def check_same_nodes(name: str, given: Sequence[str], expected: Sequence[str]) -> None:
    """Refuse scales of an index with other nodes."""
    if tuple(given) != tuple(expected):
        faults = Faults()
        other = sorted(set(given) ^ set(expected))
        cure = "Use the scales of an index with the same indicators and groups, in the same order."
        faults.add(f"{name} belong to another index", ids=other, cure=cure)
        faults.raise_if_any(SpecError, HEADING)


def refuse_pairs(refused: Mapping[str, str]) -> None:
    """Refuse groups whose members' scales the way of aggregation cannot take, all of them at once."""
    faults = Faults()
    for why in dict.fromkeys(refused.values()):
        what, _, cure = why.partition(". ")
        faults.add(what, ids=[code for code, reason in refused.items() if reason == why], cure=cure)
    faults.raise_if_any(SpecError, HEADING)
