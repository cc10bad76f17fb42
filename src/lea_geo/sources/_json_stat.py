"""JSON-stat 2: whether an answer holds exactly the cells that were asked for, and those cells as text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from lea_geo.sources.answers import BadAnswer, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

WITHOUT_REASON = ".."
"""What an empty cell is written as where the service gives no reason."""


@dataclass(frozen=True)
class Asked:
    """Which cells were asked for: a variable's code and its values, three times."""

    codes: tuple[str, str, str]
    values: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]

    @property
    def size(self) -> tuple[int, ...]:
        """How many values of each variable."""
        return tuple(map(len, self.values))


def read(content: bytes, asked: Asked) -> NDArray[np.object_]:
    """Return the cells as text, shape ``asked.size``: numbers as they were written, or what stands for none.

    Raises
    ------
    BadAnswer
        The answer is not the cells that were asked for, each once.
    """
    held = _parsed(content)
    try:
        codes, size = list(held["id"]), [int(n) for n in held["size"]]
        values, status = held["value"], held.get("status") or {}
        positions = {code: _positions(held["dimension"][code]["category"], code) for code in codes}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadAnswer("it is no table in JSON-stat 2") from None
    _check_cells(codes, size, values, positions, asked)
    whole = np.array([_text(i, value, status) for i, value in enumerate(values)], dtype=object).reshape(size)
    extra = tuple(i for i, code in enumerate(codes) if code not in asked.codes)
    kept = [code for code in codes if code in asked.codes]
    cells = whole.squeeze(axis=extra).transpose([kept.index(code) for code in asked.codes])
    rows = ([positions[code][v] for v in some] for code, some in zip(asked.codes, asked.values, strict=True))
    return cells[np.ix_(*rows)]


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - JSON
    text = text_of(content, "utf-8-sig")
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_number)
    except RecursionError:
        raise BadAnswer("it is JSON that is nested too deeply") from None
    except ValueError as error:
        raise BadAnswer(f"it is no whole JSON: {error}", again=True) from None


def _no_number(word: str) -> str:
    raise BadAnswer(f"it holds {word}, which is no number")


def _positions(category: Mapping[str, Any], code: str) -> dict[str, int]:
    """Return where each value stands; a variable of one value may leave its index out."""
    index = category.get("index", list(category.get("label", [code])))
    if isinstance(index, list):
        return {str(value): i for i, value in enumerate(index)}
    return {str(value): int(i) for value, i in index.items()}


def _check_cells(
    codes: list[str],
    size: list[int],
    values: object,
    positions: Mapping[str, Mapping[str, int]],
    asked: Asked,
) -> None:
    by_code = dict(zip(codes, size, strict=False))
    if len(codes) != len(size) or not set(asked.codes) <= set(codes):
        raise BadAnswer(f"it is by {', '.join(codes)}, and {', '.join(asked.codes)} were asked for")
    if any(n != 1 for code, n in by_code.items() if code not in asked.codes):
        raise BadAnswer("it is by more variables than were asked for")
    for code, some in zip(asked.codes, asked.values, strict=True):
        there = positions[code]
        if set(there) != set(some) or sorted(there.values()) != list(range(by_code[code])):
            what = f"{len(set(some) - set(there))} values of {code} are missing from it"
            raise BadAnswer(f"{what} and {len(set(there) - set(some))} were not asked for", again=True)
    if not isinstance(values, list) or len(values) != prod(size):
        n = len(values) if isinstance(values, list) else "no list of"
        raise BadAnswer(f"it holds {n} cells in place of {prod(size)}", again=True)


def _text(i: int, value: object, status: Any) -> str:  # noqa: ANN401 - a word for all, a list, or by place
    if isinstance(value, str):
        return value
    if value is not None:
        raise BadAnswer("it holds cells that are neither numbers nor empty")
    if isinstance(status, str):
        return status
    said = status[i] if isinstance(status, list) else status.get(str(i))
    return str(said) if said else WITHOUT_REASON
