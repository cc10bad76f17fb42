"""From findings to what to do: the chapters of a study, each computed from what leaves it.

A chapter sees what a reader of the published files sees, and nothing else: where values are withheld, it has
their bounds or nothing. So it can tell nobody what the files do not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lea_geo.chapters.ground import Ground

if TYPE_CHECKING:
    from lea_geo._progress import Steps
    from lea_geo.chapter import Chapter
    from lea_geo.schema import Findings
    from lea_geo.spec import StudySpec


def build_chapters(findings: Findings, spec: StudySpec, *, at: Steps | None = None) -> tuple[Chapter, ...]:
    """Make the chapters that a study asks for.

    Parameters
    ----------
    findings
        What leaves the study, other years and kinds of areas included.
    spec
        The study; its chapters' own files are read from its data folder.
    at
        Where to say which chapter is being made.

    Returns
    -------
        In the order of ``chapter.CHAPTERS``. The same findings give the same chapters.

    Raises
    ------
    DataError
        What a chapter's own files or the findings say no to.
    """
    ground = Ground.of(findings, spec)
    made = []
    for code, said in spec.chapters.items():
        if at is not None:
            at.begin(f"writing the chapter on {code}")
        # Each brings libraries that take a second to load, and few studies ask for all.
        build: Any = import_module(f"lea_geo.chapters.{code}").build
        made.append(build(ground, said))
    return tuple(made)
