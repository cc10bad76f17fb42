"""Whether a page shows what a GeoPackage holds: rounded by decimal arithmetic, read back from the page."""

import re
import sqlite3
from contextlib import closing
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

OF_RUNS = ("p_worst", "p_worst_decile", "share")
COUNTS = ("rank", "rank_lower", "rank_upper", "numerator", "denominator", "neighbors", "hidden")
_DIGITS = re.compile(r"[-\u2212]?[\d,]*\.?\d+")
_PANEL = """() => [...document.querySelectorAll("#area [data-field]")]
  .filter((node) => !node.closest(".all, .town-row, .whole-row"))
  .map((node) => [node.dataset.field, node.dataset.value, node.textContent])"""
_OTHERS = """() => [...document.querySelectorAll("#area .all :is([data-code], [data-node])")].flatMap((row) =>
  [...row.closest(".node, li").querySelectorAll("[data-field]")].map((node) =>
    [row.dataset.code ?? row.dataset.node, node.dataset.field, node.dataset.value, node.textContent]))"""
_OPEN = """async ([sheet, code, area]) => {
  const { page } = leaGeo;
  await page.chooseSheet(sheet);
  await page.chooseIndicator(page.sheet.find(code));
  await page.selectArea(page.place.indexOf(area));
  await page.settled();
  return Object.fromEntries(page.sheet.indicators.map((one) => [one.code, one.decimals]));
}"""


def decimals_of(field: str, indicator_decimals: int) -> int:
    """Return how many decimals the page shows of a column."""
    plain = re.sub(r"^local_(moran|g_star)_", "", field)
    if plain in COUNTS:
        return 0
    if plain in OF_RUNS:
        return 2
    return 3 if plain in ("statistic", "p_value", "q_value") else indicator_decimals


def rounded(value: float, decimals: int) -> Decimal:
    """Round the exact binary value, halves away from zero, as ECMA-402 says of browsers."""
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def rows_of(path, layer: str) -> dict:
    """Return a layer of a GeoPackage as dicts by area id, read by SQLite alone."""
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute(f'SELECT * FROM "{layer}"').fetchall()  # noqa: S608 - a layer of our own
    return {row["area_id"]: dict(row) for row in rows}


def check_panel(page, row: dict, decimals: int) -> int:
    """Compare every number and word of the open profile with a row; return how many there were."""
    found = page.evaluate(_PANEL)
    for field, held, text in found:
        value = row.get(field)
        if isinstance(value, str):
            assert held in (value.split() if field.endswith("_doubt") else [value]), (row["area_id"], field)
        elif field in row:
            assert value is not None, (row["area_id"], field, "shown, but not held")
            _check_number(field, float(value), held, text, decimals_of(field, decimals))
    return len(found)


def check_others(page, rows: dict, decimals: dict) -> int:
    """Compare the list of all indicators with the area's row of each layer; return how many there were."""
    found = [one for one in page.evaluate(_OTHERS) if "." not in one[0]]  # those of chapters are tested alone
    for code, field, held, text in found:
        _check_number(field, float(rows[code][field]), held, text, decimals_of(field, decimals[code]))
    return len(found)


def _check_number(field: str, value: float, held: str, text: str, decimals: int) -> None:
    if field.endswith(("p_value", "q_value")) and value < 0.001:
        assert text.replace("\u00a0", " ") == "< 0.001"
        return
    if re.sub(r"^local_(moran|g_star)_", "", field) in OF_RUNS:
        _check_share(field, value, held, text)
        return
    expected = rounded(value, decimals)
    assert Decimal(held) == expected, (field, value, held)
    shown = _DIGITS.search(text)[0].replace(",", "").replace("\u2212", "-")
    assert Decimal(shown) == expected, (field, value, text)


def _check_share(field: str, value: float, held: str, text: str) -> None:
    """Compare a share of runs: whole per cents, and never quite 0 or 100."""
    expected = 0 if value < 0.01 else 1 if value > 0.99 else rounded(value, 2)
    assert Decimal(held) == expected, (field, value, held)
    said = "< 1%" if expected == 0 else "> 99%" if expected == 1 else f"{100 * expected:.0f}%"
    assert text.replace("\u00a0", " ") == said, (field, value, text)


def walk(page, layers: dict, *, n: int, seed: int) -> int:
    """Open ``n`` random areas of random sheets and indicators; return how many numbers were compared.

    Parameters
    ----------
    layers
        ``(sheet, code)`` to the rows of its layer.
    """
    random = np.random.default_rng(seed)
    keys = sorted(layers)
    compared = 0
    for _ in range(n):
        sheet, code = keys[random.integers(len(keys))]
        rows = layers[sheet, code]
        area = sorted(rows)[random.integers(len(rows))]
        decimals = page.evaluate(_OPEN, [sheet, code, area])
        compared += check_panel(page, rows[area], decimals[code])
        beside = {other: held[area] for (k, other), held in layers.items() if k == sheet}
        compared += check_others(page, beside, decimals)
    return compared
