"""A PxWeb API of our own, version 1, with the limits and the manners of Statistics Finland's.

The table is made up. The value of a cell is ``number(area, field, year)`` below, so every sum is known.
"""

import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

from loopback import Answer, Loopback, Request, json_answer

DATABASE = "Postinumeroalueittainen_avoin_tieto"
FOLDER = "uusin"
LANGUAGES = ("fi", "sv", "en")
VARIABLES = {
    "fi": ("Postinumeroalue", "Tiedot", "Vuosi"),
    "sv": ("Postnummerområde", "Uppgifter", "År"),
    "en": ("Postal code area", "Information", "Year"),
}
TOTAL = ("SSS", {"fi": "KOKO MAA", "sv": "HELA LANDET", "en": "WHOLE COUNTRY"})
FIELDS = {
    "he_vakiy": ("Asukkaat yhteensä (HE)", "Invånare totalt (HE)", "Inhabitants, total (HE)"),
    "he_0_2": ("0-2-vuotiaat (HE)", "0-2 år (HE)", "0-2 years (HE)"),
    "he_3_6": ("3-6-vuotiaat (HE)", "3-6 år (HE)", "3-6 years (HE)"),
    "hr_tuy": (
        "18 vuotta täyttäneet yhteensä (HR)",
        "Totalt, 18 år fyllda (HR)",
        "Aged 18 or over, total (HR)",
    ),
    "hr_pi_tul": (
        "Alimpaan tuloluokkaan kuuluvat asukkaat (HR)",
        "Invånare i den lägsta inkomstklassen (HR)",
        "Inhabitants belonging to the lowest income category (HR)",
    ),
}
WORDS = ("..", "...", ".")


def number(area: int, field: int, year: int) -> int:
    """Return the value of a cell by the places of its area, field and year: people, and parts of them."""
    people = 100 + area % 997 + year
    return people if field in {0, 3} else people // (field + 2)


@dataclass(frozen=True)
class Table:
    """A made-up table; ``odd`` gives some cells another value, or one of ``WORDS``."""

    areas: Sequence[tuple[str, str]]
    fields: Mapping[str, tuple[str, str, str]] = field(default_factory=lambda: FIELDS)
    years: Sequence[str] = ("2021", "2022", "2023")
    title: str = "12f7 -- 9. Kaikki tietoryhmät"
    odd: Mapping[tuple[str, str, str], Any] = field(default_factory=dict)
    codes: str = "own"
    """``own``: the variables' codes are of the language; ``fi``: Finnish in every language."""

    @cached_property
    def values(self) -> tuple[list[str], list[str], list[str]]:
        return [TOTAL[0], *(code for code, _ in self.areas)], list(self.fields), list(self.years)

    def texts(self, language: str) -> tuple[list[str], list[str], list[str]]:
        k = LANGUAGES.index(language)
        areas = [f"{code}  {name}" for code, name in self.areas]
        return [TOTAL[1][language], *areas], [t[k] for t in self.fields.values()], list(self.years)

    def names(self, language: str) -> tuple[str, str, str]:
        return VARIABLES["fi" if self.codes == "fi" else language]

    def cell(self, area: str, field: str, year: str) -> Any:
        if (area, field, year) in self.odd:
            return self.odd[area, field, year]
        k, j = self._place[1][field], self._place[2][year]
        if area == TOTAL[0]:
            return sum(number(i, k, j) for i in range(1, len(self.areas) + 1))
        return number(self._place[0][area], k, j)

    @cached_property
    def _place(self) -> list[dict[str, int]]:
        return [{value: i for i, value in enumerate(values)} for values in self.values]


def made_up_areas(n: int) -> list[tuple[str, str]]:
    """Return codes and names of ``n`` areas of three municipalities."""
    places = ("Vaasa", "Laihia", "Äänekoski")
    return [(f"{10 * i:05d}", f"Alue {i} ({places[i % 3]})") for i in range(1, n + 1)]


class PxWebServer(Loopback):
    """Serves tables by name under the path of Paavo's newest edition."""

    def __init__(
        self,
        tables: Mapping[str, Table],
        *,
        cells: int = 120_000,
        calls: int | None = 30,
        window: float = 10.0,
    ) -> None:
        super().__init__(calls=calls, window=window)
        self.tables, self.cells = tables, cells
        self.spoil: Any = None
        """A function that changes a JSON-stat answer before it is sent."""

    @property
    def template(self) -> str:
        """The address as the registry has it, with ``{language}``."""
        return f"{self.address}/PxWeb/api/v1/{{language}}/{DATABASE}/{FOLDER}"

    def answer(self, request: Request) -> Answer:
        *_, language, database, folder, name = ("", "", "", *urllib.parse.unquote(request.path).split("/"))
        if request.path.rstrip("/").endswith(f"/{FOLDER}"):
            language, database, folder, name = *request.path.rstrip("/").split("/")[-3:], ""
        if language not in LANGUAGES or (database, folder) != (DATABASE, FOLDER):
            return Answer(b'{"error":"Parameter error"}', status=404)
        if not name:
            listed = [{"id": i, "type": "t", "text": t.title, "updated": ""} for i, t in self.tables.items()]
            return json_answer(listed)
        table = self.tables.get(name)
        if table is None:
            return Answer(b"", "text/plain", 404)
        return (
            self._metadata(table, language) if request.body is None else self._data(table, language, request)
        )

    def _metadata(self, table: Table, language: str) -> Answer:
        codes, texts = table.names(language), VARIABLES[language]
        extra = ({"elimination": True}, {}, {"time": True})
        variables = [
            {"code": code, "text": text, "values": values, "valueTexts": labels, **more}
            for code, text, values, labels, more in zip(
                codes, texts, table.values, table.texts(language), extra, strict=True
            )
        ]
        return json_answer({"title": table.title, "variables": variables})

    def _data(self, table: Table, language: str, request: Request) -> Answer:
        try:
            chosen = _chosen(table, language, request.body)
            kind = request.body["response"]["format"]
        except (KeyError, ValueError, TypeError):
            return Answer(b'{"error":"Parameter error"}', status=400)
        if len(chosen[0]) * len(chosen[1]) * len(chosen[2]) > self.cells:
            return Answer(b'{"error":"The request exceeds the maximum number of cells"}', status=403)
        if kind == "json-stat2":
            body = _json_stat2(table, language, chosen)
            return json_answer(self.spoil(body) if self.spoil else body)
        return _OTHERS[kind](table, language, chosen) if kind in _OTHERS else Answer(b"", status=400)


Chosen = tuple[list[str], list[str], list[str]]


def _chosen(table: Table, language: str, body: Mapping[str, Any]) -> Chosen:
    said = {part["code"]: part["selection"] for part in body["query"]}
    codes = table.names(language)
    if not said.keys() <= set(codes):
        raise ValueError
    picked = [
        _picked(values, said[code]) if code in said else [TOTAL[0]] if code == codes[0] else values
        for code, values in zip(codes, table.values, strict=True)
    ]
    return picked[0], picked[1], picked[2]


def _picked(values: list[str], selection: Mapping[str, Any]) -> list[str]:
    wanted = selection["values"]
    if selection["filter"] == "top":
        return values[-int(wanted[0]) :]
    if selection["filter"] == "all":
        return values if wanted == ["*"] else [v for v in values if v.startswith(wanted[0].rstrip("*"))]
    if selection["filter"] != "item" or not set(wanted) <= set(values):
        raise ValueError
    return [value for value in values if value in set(wanted)]  # in the table's order, as PxWeb does


def _json_stat2(table: Table, language: str, chosen: Chosen) -> dict[str, Any]:
    labels = [dict(zip(v, t, strict=True)) for v, t in zip(table.values, table.texts(language), strict=True)]
    names = table.names(language)
    cells = [table.cell(*place) for place in product(*chosen)]
    words = {str(i): cell for i, cell in enumerate(cells) if cell in WORDS}
    return {
        "version": "2.0",
        "class": "dataset",
        "label": table.title,
        "source": "made up",
        "id": list(names),
        "size": [len(values) for values in chosen],
        "dimension": {
            name: {
                "label": text,
                "category": {
                    "index": {value: i for i, value in enumerate(values)},
                    "label": {value: known[value] for value in values},
                },
            }
            for name, text, values, known in zip(names, VARIABLES[language], chosen, labels, strict=True)
        },
        "value": [None if cell in WORDS else cell for cell in cells],
        **({"status": words} if words else {}),
    }


def _json(table: Table, language: str, chosen: Chosen) -> Answer:
    columns = [{"code": code, "text": code, "type": "d"} for code in table.names(language)[:2]]
    rows = [
        {"key": [a, y], "values": [str(table.cell(a, f, y)) for f in chosen[1]]}
        for a, y in product(chosen[0], chosen[2])
    ]
    return json_answer({"columns": columns, "data": rows})


def _csv(table: Table, language: str, chosen: Chosen) -> Answer:
    areas, fields, years = _labels(table, language, chosen)
    rows = [
        [area, label, *(table.cell(a, f, y) for y in chosen[2])]
        for (a, area), (f, label) in product(
            zip(chosen[0], areas, strict=True), zip(chosen[1], fields, strict=True)
        )
    ]
    text = "\r\n".join(_line(row) for row in [[*VARIABLES[language][:2], *years], *rows])
    return Answer(text.encode("latin-1", "replace"), "text/csv; charset=iso-8859-1")


def _line(row: Sequence[Any]) -> str:
    return ",".join(f'"{cell}"' if isinstance(cell, str) and cell not in WORDS else str(cell) for cell in row)


def _labels(table: Table, language: str, chosen: Chosen) -> list[list[str]]:
    known = [dict(zip(v, t, strict=True)) for v, t in zip(table.values, table.texts(language), strict=True)]
    return [[texts[v] for v in values] for texts, values in zip(known, chosen, strict=True)]


def _px(table: Table, language: str, chosen: Chosen) -> Answer:
    listed = [
        f'VALUES("{name}")={_line(texts)};'
        for name, texts in zip(VARIABLES[language], _labels(table, language, chosen), strict=True)
    ]
    cells = (table.cell(*place) for place in product(*chosen))
    data = " ".join(f'"{cell}"' if cell in WORDS else str(cell) for cell in cells)
    head = ['CHARSET="ANSI";', 'AXIS-VERSION="2010";', f'LANGUAGE="{language}";', *listed, f"DATA={data};"]
    return Answer("\r\n".join(head).encode("latin-1", "replace"), "application/octet-stream")


_OTHERS = {"json": _json, "csv": _csv, "px": _px}
