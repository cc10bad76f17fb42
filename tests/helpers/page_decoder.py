"""The page's own decoder, running in node: what Python packs is read by the program that readers will use."""

import json
import subprocess
from pathlib import Path
from typing import Any, Self

_SCRIPT = Path(__file__).parents[1] / "js" / "decode_lines.mjs"


class PageDecoder:
    """A node process that answers one line of JSON with another; use it with ``with``."""

    def __init__(self, node: str) -> None:
        self._process = subprocess.Popen(
            [node, str(_SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def _ask(self, **question: Any) -> Any:
        self._process.stdin.write(json.dumps(question, allow_nan=False) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def column(self, column: dict[str, Any]) -> list[Any]:
        """Return every ``.at(i)`` of a column."""
        return self._ask(kind="column", column=column)

    def polygons(self, shapes: dict[str, Any], n: int) -> dict[str, list[int]]:
        """Return the arrays of ``readPolygons``, and ``rings``: for each area its rings of [x, y]."""
        return self._ask(kind="polygons", shapes=shapes, n=n)

    def cells(self, shapes: dict[str, Any], n: int) -> dict[str, Any]:
        """Return the arrays of ``readCells``."""
        return self._ask(kind="cells", shapes=shapes, n=n)

    def varints(self, packed: str) -> list[int]:
        """Return the numbers of a packed row of varints."""
        return self._ask(kind="varints", packed=packed)

    def ids(self, side: int, corners: list[list[int]]) -> list[str]:
        """Return the grid id of the cell at each corner, [east, north]."""
        return self._ask(kind="ids", side=side, corners=corners)
