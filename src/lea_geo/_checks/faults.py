"""Collect all faults, raise once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lea_geo.errors import DataError, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable


class Faults:
    """A list of faults that becomes one error.

    Examples
    --------
    >>> faults = Faults()
    >>> faults.add("blank area ids", ids=["row 3"], of=10, cure="Fill them in.")
    >>> print(faults.found[0])
    blank area ids: 1 of 10 (row 3). Fill them in.
    """

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(
        self,
        what: str,
        *,
        ids: Iterable[object] = (),
        count: int | None = None,
        of: int | None = None,
        cure: str = "",
    ) -> None:
        """Note one fault; ``count`` is the number of ids unless given."""
        names = tuple(str(i) for i in ids)
        if count is None and names:
            count = len(names)
        self.found.append(Fault(what, count, of, names, cure))

    def raise_if_any(self, error: type[DataError], heading: str) -> None:
        """Raise ``error`` with everything that was noted, or return."""
        if self.found:
            raise error(heading, self.found)
