"""What chapters are made of: findings by year and kind of areas, and who is whose neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lea_geo._analyse import graph_of
from lea_geo._checks.chapters import refuse_unknown_codes
from lea_geo.schema import CELL_COLUMNS, MUNICIPALITY, NAME_COLUMNS, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd

    from lea_geo.schema import Findings, Indicator
    from lea_geo.spatial.graph import AreaGraph
    from lea_geo.spec import StudySpec


@dataclass(frozen=True)
class Ground:
    """What a chapter may use."""

    findings: Findings
    """The study itself: its own areas in the latest year."""
    spec: StudySpec
    years: tuple[Findings, ...]
    """The study's own areas by year, the earliest first and the study itself last; one where there is one
    year."""
    levels: Mapping[str, Findings]
    """Other kinds of areas (``postal``, ``grid``, ``municipality``), each in its latest year."""

    @classmethod
    def of(cls, findings: Findings, spec: StudySpec) -> Ground:
        """Sort the findings of a study by year and kind of areas."""
        same = [one for one in findings.others if one.level == findings.level and one.year]
        levels: dict[str, Findings] = {}
        for one in findings.others:
            if one.level != findings.level and one.year >= getattr(levels.get(one.level), "year", ""):
                levels[one.level] = one
        years = (*sorted(same, key=lambda one: one.year), findings) if findings.year else (findings,)
        return cls(findings, spec, years, levels)

    @property
    def data(self) -> Path:
        """The folder that a chapter's own files are relative to."""
        return self.spec.data

    @property
    def seed(self) -> int:
        """The study's seed, for whatever a chapter draws."""
        return self.spec.spatial.seed

    @cached_property
    def graph(self) -> AreaGraph:
        """Who is whose neighbour among the study's own areas, as the study says."""
        return graph_of(self.findings.areas, self.spec.spatial)

    @property
    def areas(self) -> pd.Index[str]:
        """The ids of the study's own areas, in their order."""
        areas: pd.Index[str] = self.findings.areas.index
        return areas

    def codes(self, wanted: Iterable[str] = (), *, counted: bool = False, key: str = "") -> tuple[str, ...]:
        """Return the codes of indicators that a chapter is about.

        Parameters
        ----------
        wanted
            What the study file names; every one must be there. Empty: all indicators that are no composite.
        counted
            Whether only indicators with a numerator and a denominator will do; of named ones, the others are
            refused.
        key
            Where the study file names them, for the message: ``"[change] indicators"``.

        Raises
        ------
        SpecError
            A code is not among the findings, or has no counts where they are needed.
        """
        known = {one.code: one for one in self.findings.indicators}
        wanted = tuple(wanted)
        refuse_unknown_codes(wanted, known, key=key, counted=counted)
        if wanted:
            return wanted
        return tuple(
            code for code, one in known.items() if not one.is_composite and (one.is_rate or not counted)
        )

    @property
    def index_code(self) -> str:
        """The code of the study's composite index; blank where it has none."""
        return next((one.code for one in self.findings.indicators if one.level == "index"), "")

    def indicator(self, code: str) -> Indicator:
        """Return the indicator of a code."""
        return next(one for one in self.findings.indicators if one.code == code)

    def cells(self, code: str, year: str = "") -> pd.DataFrame:
        """Return what is known of one indicator: ``schema.CELL_COLUMNS``, indexed as the study's areas.

        Parameters
        ----------
        code
            Of the indicator.
        year
            Of ``years``; blank: the latest. An area that the year does not have is missing there.
        """
        return self.results(code, year)[list(CELL_COLUMNS)]

    def results(self, code: str, year: str = "") -> pd.DataFrame:
        """Return ``schema.RESULT_COLUMNS`` of one indicator, indexed as the study's areas."""
        found = self.of_year(year).results[code]
        if found.index.equals(self.areas):
            return found
        fitted = found.reindex(self.areas)
        fitted["status"] = fitted["status"].fillna("missing")
        return fitted

    def of_year(self, year: str) -> Findings:
        """Return the findings of one of ``years``; blank: the latest."""
        return next(one for one in reversed(self.years) if not year or one.year == year)

    def years_of(self, code: str) -> tuple[str, ...]:
        """Return the years that have an indicator, the earliest first."""
        return tuple(one.year for one in self.years if code in one.results)

    @cached_property
    def municipality(self) -> pd.Series[str]:
        """The municipality of each area, blank where it is not known."""
        named: pd.Series[str] = self.findings.areas[MUNICIPALITY].fillna("").astype(str)
        return named

    @cached_property
    def names(self) -> Mapping[str, Text]:
        """What each area is called: its name in each language, and its id where it has none."""
        columns = [self.findings.areas[name].fillna("").astype(str) for name in NAME_COLUMNS]
        named = {}
        for area, *own in zip(self.areas, *columns, strict=True):
            known = next(filter(None, own), area)
            named[area] = Text(*(name or known for name in own))
        return named
