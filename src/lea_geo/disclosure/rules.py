"""The rules of release: which counts are too small to be shown, of whom, and who says so.

A profile is one TOML file. No number is in the code: what Statistics Finland, HSY or INSEE ask for stands in
``profiles``, each with its source and how sure it is, and a city's own rules are a file of the same shape.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lea_geo._checks.disclosure_rules import (
    check_date,
    check_dominance,
    check_minimum,
    check_present,
    check_thresholds,
    profile_heading,
    read_profile_text,
)
from lea_geo._checks.faults import Faults
from lea_geo._checks.options import check_choice
from lea_geo._checks.spec import Keys
from lea_geo.disclosure_spec import PROFILE_NAMES, ZEROS
from lea_geo.errors import SpecError
from lea_geo.schema import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lea_geo.schema import Indicator

PROFILES = PROFILE_NAMES
"""The names of the profiles of the package."""

CONFIDENCES = ("documented", "observed", "assumed", "stated")
"""How a profile's numbers are known: from the publisher's own words, read off its data, taken for granted,
or stated by who uses them."""

NO_MINIMUM = 1
"""The least count where none is too small."""

WIDTH = 0.10
"""How narrow an interval around a mean or a median may be, as a share of the value, where a profile says
nothing."""


@dataclass(frozen=True)
class Threshold:
    """Fields that are shown only where a group has enough members."""

    base: str
    """The field that counts the group's members."""
    minimum: int
    """Where it counts fewer, but not nobody, the fields are withheld."""
    fields: tuple[str, ...]
    """Which fields: names or patterns like ``he_*``."""
    keeps: tuple[str, ...] = ()
    """Which of them are shown all the same."""

    def holds(self, field: str) -> bool:
        """Whether a field is withheld under this threshold."""
        return _matches(field, self.fields) and not _matches(field, self.keeps)


@dataclass(frozen=True)
class Profile:
    """One set of rules of release."""

    name: str
    version: str
    title: Text
    source: str
    """Who says so, and where."""
    source_date: str
    """When the source was read, as an ISO date."""
    confidence: str
    """One of ``CONFIDENCES``."""
    minimum_count: int = NO_MINIMUM
    """A count of 1 to one less than this is too small to be known; 1: none is."""
    zero: str = "safe"
    """``safe``: that a count is 0 may be known; ``hidden``: it may not, unless nobody is there at all."""
    minimum_denominator: int = NO_MINIMUM
    """A detail of fewer people than this, but not of nobody, is not to be known, where no threshold says
    otherwise; 1: every one may be."""
    thresholds: tuple[Threshold, ...] = ()
    always_visible: tuple[str, ...] = ()
    """Fields that are shown however small they are; names or patterns."""
    sensitive: tuple[str, ...] = ()
    """Fields that ``minimum_count`` is about; empty: every count that is not always visible."""
    dominance: tuple[int, float] | None = None
    """Of sums of money: how many contributors may not have more than which share together."""
    p_percent: float | None = None
    """Of sums of money: to how many per cent the largest contribution may not be estimated."""
    rounding: int | None = None
    """Counts are rounded to multiples of this; None: they are not."""
    width: float = WIDTH
    """A mean of a group that is too small is known where its interval is narrower than this share of it."""
    not_known: tuple[str, ...] = ()
    """What the source does not say, and what was taken for granted."""
    stated_by: str = ""
    """Who stated the least count, where it is not the source's."""

    @property
    def states_count(self) -> bool:
        """Whether counts can be too small by themselves."""
        return self.minimum_count > NO_MINIMUM

    def is_visible(self, names: Iterable[str]) -> bool:
        """Whether a count of these fields, added up, is shown however small it is."""
        held = tuple(names)
        return bool(held) and all(_matches(name, self.always_visible) for name in held)

    def count_minimum(self, names: Iterable[str]) -> int:
        """Return the least count of these fields, added up, that may be known; 1: any may be."""
        held = tuple(names)
        if not held or self.is_visible(held):
            return NO_MINIMUM
        asked = not self.sensitive or any(_matches(name, self.sensitive) for name in held)
        return self.minimum_count if asked else NO_MINIMUM

    def thresholds_of(self, names: Iterable[str]) -> tuple[Threshold, ...]:
        """Return the thresholds under which any of these fields is withheld."""
        held = tuple(names)
        return tuple(one for one in self.thresholds if any(one.holds(name) for name in held))

    def denominator_minimum(self, indicator: Indicator) -> int:
        """Return how many people an indicator's denominator has to count for the rest of it to be shown.

        A threshold speaks where its base is the denominator; where it is another field, the denominator
        alone cannot tell, and ``minimum_denominator`` holds.
        """
        details = detail_fields(indicator)
        limits = [one.minimum for one in self.thresholds_of(details) if (one.base,) == indicator.denominator]
        if limits:
            return max(limits)
        return self.minimum_denominator if indicator.is_rate else NO_MINIMUM

    def as_dict(self) -> dict[str, Any]:
        """Return the profile as its file says it: plain JSON values, what is left out left out."""
        plain = {one.name: one.default for one in fields(self)}
        held = {name: getattr(self, name) for name in plain}
        said = {name: value for name, value in held.items() if value != plain[name]}
        said["title"] = self.title.as_dict()
        if self.thresholds:
            said["thresholds"] = [_threshold_as_dict(one) for one in self.thresholds]
        if self.dominance is not None:
            said["dominance"] = {"n": self.dominance[0], "share": self.dominance[1]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


def detail_fields(indicator: Indicator) -> tuple[str, ...]:
    """Return the fields of an indicator that tell something of its denominator's people."""
    return indicator.numerator or tuple(filter(None, [indicator.field]))


def load_profile(
    given: str | Path | Mapping[str, Any] | Profile,
    *,
    minimum_count: int | None = None,
    zero: str | None = None,
    stated_by: str = "",
) -> Profile:
    """Return a rule profile.

    Parameters
    ----------
    given
        One of ``PROFILES``, a TOML file, what :meth:`Profile.as_dict` gives, or a profile.
    minimum_count
        The least count that may be known, in the place of the profile's; at least 1. ``findata`` has none
        of its own and needs it.
    zero
        ``safe`` or ``hidden``, in the place of the profile's.
    stated_by
        Who stated ``minimum_count``.

    Returns
    -------
    Profile
        Frozen. Where ``minimum_count`` is given, its ``confidence`` is ``stated``.

    Raises
    ------
    UsageError
        There is no such profile, or it has no least count and none is given.
    SpecError
        The file says something that a profile cannot: every fault is named.

    Examples
    --------
    >>> load_profile("sotkanet").minimum_count
    5
    >>> load_profile("findata", minimum_count=10, stated_by="permit THL/1234").confidence
    'stated'
    """
    profile = given if isinstance(given, Profile) else _read(given)
    asked = profile.name == "findata" and profile.confidence != "stated"
    minimum = check_minimum(profile.name, minimum_count, needed=asked)
    if zero is not None:
        profile = replace(profile, zero=check_choice("zero", zero, ZEROS))
    if minimum is None:
        return profile
    # Who asks for counts of ten does not mean rates of three people: the larger of the two holds.
    least = max(profile.minimum_denominator, minimum)
    return replace(
        profile,
        minimum_count=minimum,
        minimum_denominator=least,
        confidence="stated",
        stated_by=stated_by or profile.stated_by,
    )


def _read(given: str | Path | Mapping[str, Any]) -> Profile:
    if isinstance(given, Mapping):
        raw, name = given, str(given.get("name", ""))
    elif given in PROFILES:
        text = files("lea_geo.disclosure").joinpath("profiles", f"{given}.toml").read_text("utf-8")
        raw, name = tomllib.loads(text), str(given)
    else:
        raw, name = read_profile_text(given, PROFILES), Path(given).name
    faults = Faults()
    keys = Keys(raw, "the profile", faults, Path())
    profile = _profile(keys)
    faults.raise_if_any(SpecError, profile_heading(name))
    return profile


def _profile(keys: Keys) -> Profile:
    dominance = keys.within("dominance")
    profile = Profile(
        name=keys.text("name", required=True),
        version=keys.text("version", required=True),
        title=keys.languages("title", required=True) or Text("", "", ""),
        source=keys.text("source", required=True),
        source_date=check_date(keys, "source_date", required=True),
        confidence=keys.choice("confidence", "", CONFIDENCES),
        minimum_count=keys.count("minimum_count", NO_MINIMUM),
        zero=keys.choice("zero", "safe", ZEROS),
        minimum_denominator=keys.count("minimum_denominator", NO_MINIMUM),
        thresholds=tuple(_threshold(one) for one in keys.each("thresholds", required=False)),
        always_visible=keys.texts("always_visible"),
        sensitive=keys.texts("sensitive"),
        dominance=check_dominance(
            dominance, dominance.count("n", None), dominance.number("share", None, below=1)
        ),
        p_percent=keys.number("p_percent", None, below=100),
        rounding=keys.count("rounding", None, least=2),
        width=keys.number("width", WIDTH, below=1),
        not_known=keys.texts("not_known"),
        stated_by=keys.text("stated_by"),
    )
    dominance.done()
    check_present(keys, "confidence")
    check_thresholds(keys, [(one.base, one.fields) for one in profile.thresholds])
    keys.done()
    return profile


def _threshold(keys: Keys) -> Threshold:
    threshold = Threshold(
        base=keys.text("base", required=True),
        minimum=keys.count("minimum", NO_MINIMUM, least=2),
        fields=keys.texts("fields"),
        keeps=keys.texts("keeps"),
    )
    check_present(keys, "minimum", "fields")
    keys.done()
    return threshold


def _threshold_as_dict(one: Threshold) -> dict[str, Any]:
    said = {"base": one.base, "minimum": one.minimum, "fields": list(one.fields)}
    return {**said, "keeps": list(one.keeps)} if one.keeps else said


def _matches(field: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(field, pattern) for pattern in patterns)
