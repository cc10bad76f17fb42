"""The report's words and numbers in one language."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lea_geo._sheets import municipal_names
from lea_geo._speech import listed, with_unit, written
from lea_geo.texts import read_texts, shared_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lea_geo.schema import Findings, Indicator, Text


class Words:
    """The report's and the shared texts, and numbers, in one language."""

    def __init__(self, language: str, findings: Findings) -> None:
        self.language = language
        self._own = read_texts("lea_geo", "report.toml")
        self._shared = {**municipal_names(findings), **shared_texts()}

    def of(self, text: Text) -> str:
        return text.in_language(self.language)

    def own(self, key: str, **filled: object) -> str:
        return self._filled(self._own[key], filled)

    def all_of(self, group: str) -> list[str]:
        return [self.own(key) for key in self._own if key.startswith(f"{group}.")]

    def shared(self, key: str, **filled: object) -> str:
        return self._filled(self._shared[key], filled)

    def _filled(self, text: Text, filled: Mapping[str, object]) -> str:
        found = self.of(text)
        for name, value in filled.items():
            found = found.replace(f"{{{name}}}", str(value))
        return found

    def number(self, value: float, decimals: int) -> str:
        return written(value, decimals, self.language)

    def amount(self, value: float, indicator: Indicator) -> str:
        number = self.number(value, indicator.decimals)
        return number if number == "–" else self._with_unit(number, indicator, one=value == 1)

    def span(self, low: float, high: float, indicator: Indicator) -> str:
        """Return a range that names its unit once; a number with a space or a sign gets room at the dash."""
        first, last = (self.number(value, indicator.decimals) for value in (low, high))
        if "–" in (first, last):
            return "–"
        tight = all(character.isdigit() or character in ",." for character in first + last)
        dash = "–" if tight else "\N{NO-BREAK SPACE}– "
        return self._with_unit(f"{first}{dash}{last}", indicator)

    def _with_unit(self, number: str, indicator: Indicator, *, one: bool = False) -> str:
        return with_unit(number, indicator.unit, self.language, one=one)

    def place(self, code: str) -> str:
        """Return a municipality's name where it is known, otherwise what the data call it."""
        known = self._shared.get(f"municipality.{code}")
        if known:
            return self.of(known)
        return self.own("said.municipality", code=code) if code.isdecimal() else code

    def percent(self, share: float) -> str:
        return self.number(100 * share, 0 if float(100 * share).is_integer() else 1)

    def knows(self, key: str) -> bool:
        """Return whether the shared texts have a word."""
        return key in self._shared

    def share(self, share: float) -> str:
        """Return a share as a percentage with its sign."""
        return f"{self.percent(round(share, 3))}{self._percent_sign}"

    def share_of_runs(self, share: float) -> str:
        """Return a share of runs in whole per cent: runs are thousands, so nothing is ever quite 0 or 100."""
        if not math.isfinite(share):
            return "–"
        if share < 0.01:
            return f"<\N{NO-BREAK SPACE}1{self._percent_sign}"
        if share > 0.99:
            return f">\N{NO-BREAK SPACE}99{self._percent_sign}"
        return f"{self.number(100 * share, 0)}{self._percent_sign}"

    @property
    def _percent_sign(self) -> str:
        return "%" if self.language == "en" else "\N{NO-BREAK SPACE}%"

    def listed(self, named: list[str]) -> str:
        """Return several words as the language lists them: "a, b and c"."""
        return self.of(listed(named))

    def probability(self, value: float) -> str:
        if value is None or not math.isfinite(value):
            return "–"
        return f"<\N{NO-BREAK SPACE}{self.number(0.001, 3)}" if value < 0.001 else self.number(value, 3)
