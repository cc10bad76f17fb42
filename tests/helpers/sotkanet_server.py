"""A Sotkanet of our own, REST 1.1: indicators, regions with numbers of their own, and values by year.

What it serves is given as ``Indicator`` and ``Region``; the made-up ones below have values of known sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from loopback import Answer, Loopback, Request, json_answer

PATH = "/rest/1.1"


@dataclass(frozen=True)
class Indicator:
    number: int
    title: tuple[str, str, str]
    values: Mapping[tuple[int, int, str], float | None]
    """By region, year and gender; a withheld value is not there."""
    genders: tuple[str, ...] = ("male", "female", "total")
    years: tuple[int, int] = (2020, 2023)

    def described(self) -> dict[str, Any]:
        fi, sv, en = self.title
        return {
            "id": self.number,
            "title": {"fi": fi, "sv": sv, "en": en},
            "organization": {"id": 1, "title": {"fi": "Keksitty", "sv": "Påhittad", "en": "Made up"}},
            "classifications": {
                "sex": {"values": list(self.genders)},
                "region": {"values": ["Kunta", "Maa"]},
            },
            "range": {"start": self.years[0], "end": self.years[1]},
            "decimals": 0,
        }


@dataclass(frozen=True)
class Region:
    number: int
    code: str
    name: tuple[str, str, str]
    category: str = "KUNTA"

    def described(self) -> dict[str, Any]:
        fi, sv, en = self.name
        return {
            "id": self.number,
            "title": {"fi": fi, "sv": sv, "en": en},
            "code": self.code,
            "category": self.category,
            "uri": "",
            "memberOf": [],
        }


REGIONS = (
    Region(658, "358", ("Koko maa", "Hela landet", "Whole country"), "MAA"),
    Region(101, "905", ("Vaasa", "Vasa", "Vaasa")),
    Region(102, "399", ("Laihia", "Laihela", "Laihia")),
    Region(103, "092", ("Vantaa", "Vanda", "Vantaa")),
    Region(104, "992", ("Äänekoski", "Äänekoski", "Äänekoski")),
    Region(690, "15", ("Pohjanmaa", "Österbotten", "Ostrobothnia"), "MAAKUNTA"),
)
GONE = 199
"""A municipality that has merged: it has values and is no longer listed."""


def population() -> Indicator:
    """Return made-up population: 1 000 times the place of the region, and the year's last digit; GONE too."""
    values: dict[tuple[int, int, str], float | None] = {}
    for year in range(2020, 2024):
        towns = [101, 102, 103, 104, *([GONE] if year < 2022 else [])]
        for place, number in enumerate(towns, 1):
            total = 1000 * place + 2 * (year - 2020)
            values |= {(number, year, "total"): total, (number, year, "male"): total / 2}
            values[number, year, "female"] = total / 2
        values[658, year, "total"] = sum(values[n, year, "total"] or 0 for n in towns)
    return Indicator(127, ("Väestö 31.12.", "Folkmängd 31.12.", "Population at year end"), values)


def rare() -> Indicator:
    """Return an indicator with values for two of four municipalities, and of nobody's gender."""
    values: dict[tuple[int, int, str], float | None] = {
        (101, 2023, "total"): 4.25,
        (103, 2023, "total"): None,
    }
    return Indicator(90001, ("Harvinainen", "Sällsynt", "Rare"), values, genders=("total",))


@dataclass(frozen=True)
class Holdings:
    indicators: Sequence[Indicator] = field(default_factory=lambda: (population(), rare()))
    regions: Sequence[Region] = REGIONS


class SotkanetServer(Loopback):
    def __init__(self, held: Holdings | None = None, **limits: Any) -> None:
        super().__init__(**limits)
        self.held = held or Holdings()

    @property
    def base(self) -> str:
        """The address as the registry has it."""
        return f"{self.address}{PATH}"

    def answer(self, request: Request) -> Answer:
        what = request.path.removeprefix(PATH).strip("/").split("/")
        by_number = {str(one.number): one for one in self.held.indicators}
        if what == ["regions"]:
            return json_answer([one.described() for one in self.held.regions])
        if what == ["indicators"]:
            return json_answer([one.described() for one in self.held.indicators])
        if what[0] == "indicators" and len(what) == 2 and what[1] in by_number:
            return json_answer(by_number[what[1]].described())
        if what == ["json"]:
            return self._values(request, by_number)
        return Answer(b"", "text/plain", 404)

    def _values(self, request: Request, by_number: Mapping[str, Indicator]) -> Answer:
        """Answer as the service does: unknown indicators and genders that there are none of give no rows."""
        asked = {name: [v for n, v in request.params if n == name] for name, _ in request.params}
        if not asked.get("indicator") or not asked.get("years"):
            return Answer(b"", "text/plain", 400)
        genders = asked.get("genders") or ["total"]
        rows = [
            {"indicator": int(number), "region": r, "year": y, "gender": g, "value": value, "absValue": value}
            for number in asked["indicator"]
            if number in by_number
            for (r, y, g), value in by_number[number].values.items()
            if str(y) in asked["years"] and g in genders
        ]
        return json_answer(rows)
