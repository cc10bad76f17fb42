"""A progress bar on stderr, for people who wait."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID


@dataclass
class Steps:
    """The steps of a run; silent without a bar."""

    bar: Progress | None = None
    task: TaskID | None = None

    def expect(self, total: int) -> None:
        """Say how many steps are still to come."""
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, total=self.bar.tasks[0].completed + total)

    def begin(self, what: str) -> None:
        """End the step before, and begin this one."""
        if self.bar is not None and self.task is not None:
            # An indicator's name is its catalogue's; square brackets in it are no markup.
            self.bar.update(self.task, description=what.replace("[", r"\["), advance=1)


@contextmanager
def steps(*, shown: bool) -> Iterator[Steps]:
    """Give the steps of a run; the bar disappears at the end, whatever it is."""
    if not shown:
        yield Steps()
        return
    from rich.console import Console  # noqa: PLC0415 - only those who watch pay for it
    from rich.progress import Progress  # noqa: PLC0415 - the same

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield Steps(bar, bar.add_task("starting", total=None))
