"""Who is whose neighbour: the graph that every spatial statistic works on."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from lea_geo._checks.graph import (
    TRANSFORMATIONS,
    as_ids,
    check_members,
    check_rows,
    refuse_graph,
    unknown_area,
)
from lea_geo._checks.options import check_choice
from lea_geo.spatial.interchange import adjacency_of, is_libpysal, links_of
from lea_geo.spatial.links import FloatArray, IntArray, Links, LongArray
from lea_geo.spatial.rows import added_weights, equal_within_rows, self_links, taken_rows

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False, repr=False)
class AreaGraph:
    """Areas and their links as compressed sparse rows; it never changes.

    The neighbours of the area at position *i* are ``ids[indices[indptr[i]:indptr[i + 1]]]``, in the order of
    ``ids``, with the weights at the same places. Build one with :func:`build_graph`.

    Parameters
    ----------
    ids
        Area ids, unique strings, shape (n,).
    indptr
        Where each row begins and ends, shape (n + 1,).
    indices
        Positions of the neighbours, shape (n_links,).
    weights
        Weight of each link as transformed, finite and above 0, shape (n_links,).
    kind
        How the graph was built: ``"queen"``, ``"knn"`` ..., or ``"given"``.
    notes
        What was decided while it was built, one sentence each.
    transformation
        What :meth:`transform` made of the weights: ``"original"``, ``"binary"`` or ``"row"``.
    given_weights
        The weights before a transformation, shape (n_links,); None where they are the same.

    Raises
    ------
    GraphError
        If the rows are no graph: repeated ids, weights that are not above 0, links to nowhere.
    """

    ids: pd.Index[str]
    indptr: LongArray
    indices: IntArray
    weights: FloatArray
    kind: str = "given"
    notes: tuple[str, ...] = ()
    transformation: str = "original"
    given_weights: FloatArray | None = None

    def __post_init__(self) -> None:
        settle = object.__setattr__
        settle(self, "ids", as_ids(self.ids if isinstance(self.ids, pd.Index) else pd.Index(self.ids)))
        settle(self, "notes", tuple(self.notes))
        for name, dtype in (("indptr", np.int64), ("indices", np.int32), ("weights", np.float64)):
            settle(self, name, _read_only(getattr(self, name), dtype))
        if self.given_weights is not None:
            settle(self, "given_weights", _read_only(self.given_weights, np.float64))
        check_choice("transformation", self.transformation, TRANSFORMATIONS)
        check_rows(self.ids, self.indptr, self.indices, self.weights)

    @classmethod
    def made(cls, **fields: object) -> AreaGraph:
        """Return a graph of fields that were made by this package, which checked them already."""
        graph = object.__new__(cls)
        for name, value in {"transformation": "original", "given_weights": None, **fields}.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(graph, name, value)
        return graph

    def _but(self, **fields: object) -> AreaGraph:
        """Return the graph with some fields replaced."""
        return AreaGraph.made(
            **{field.name: getattr(self, field.name) for field in dataclass_fields(self)} | fields
        )

    @property
    def n(self) -> int:
        """Number of areas."""
        return len(self.ids)

    @property
    def n_links(self) -> int:
        """Number of links; areas that are each other's neighbours have two."""
        return int(self.indices.size)

    @property
    def cardinalities(self) -> pd.Series[int]:
        """Number of neighbours of each area, itself not counted."""
        return pd.Series(self._cardinalities, index=self.ids, name="cardinality")

    @property
    def isolates(self) -> pd.Index[str]:
        """Areas without a neighbour."""
        alone: pd.Index[str] = self.ids[self._cardinalities == 0]
        return alone

    @property
    def components(self) -> pd.Series[int]:
        """Component of each area, 0 the largest; a link in one direction joins both ends."""
        return pd.Series(self._components, index=self.ids, name="component")

    @property
    def n_components(self) -> int:
        """Number of components; an isolate is one of its own."""
        return int(self._components.max(initial=-1)) + 1

    @cached_property
    def is_symmetric(self) -> bool:
        """Whether every link has a counterpart of the same weight."""
        # Sorting the links by their ends gives the rows of the transposed matrix.
        order = np.argsort(self.indices, kind="stable")
        turned = (self.indices[order], self.focal[order], self.weights[order])
        here = (self.focal, self.indices, self.weights)
        return all(np.array_equal(one, other) for one, other in zip(here, turned, strict=True))

    @cached_property
    def focal(self) -> IntArray:
        """Position of the area that each link starts from, shape (n_links,); ``indices`` is its end."""
        return _read_only(np.repeat(np.arange(self.n, dtype=np.int32), np.diff(self.indptr)), np.int32)

    @cached_property
    def self_linked(self) -> NDArray[np.bool_]:
        """Which areas are their own neighbours, shape (n,)."""
        return self_links(self.indptr, self.indices)

    @cached_property
    def equal_weights(self) -> bool:
        """Whether the weights are equal within every row."""
        return self.weights.strides == (0,) or equal_within_rows(self.indptr, self.weights)

    @cached_property
    def _cardinalities(self) -> LongArray:
        return np.diff(self.indptr) - self.self_linked

    @cached_property
    def _components(self) -> IntArray:
        labels = Links(self.focal, self.indices, self.weights).components(self.n)
        by_size = np.argsort(-np.bincount(labels), kind="stable")
        return np.argsort(by_size).astype(np.intp)[labels]

    def neighbors(self, area_id: str) -> pd.Series[float]:
        """Return the weights of an area's links, indexed by the ids that they lead to.

        Raises
        ------
        UsageError
            If the graph has no such area.
        """
        position = int(self.ids.get_indexer(pd.Index([area_id]))[0])
        if position < 0:
            raise unknown_area(area_id, self.ids)
        row = slice(self.indptr[position], self.indptr[position + 1])
        return pd.Series(self.weights[row].copy(), index=self.ids[self.indices[row]], name="weight")

    def subset(self, ids: Iterable[str]) -> AreaGraph:
        """Return the graph of some of the areas, in the order of ``ids``.

        Links to the areas that are left out disappear. A transformation is applied afresh to the original
        weights of the links that stay, so that the rows of a row-standardised graph still sum to 1.

        Raises
        ------
        GraphError
            If ids are foreign or repeated.
        """
        wanted = pd.Index(ids) if isinstance(ids, Collection) else pd.Index(list(ids))
        return self.take(check_members(wanted, self.ids, whole=False))

    def take(self, positions: IntArray) -> AreaGraph:
        """Return the graph of the areas at some different positions, as :meth:`subset` does by their ids."""
        original = self.transform("original")
        rows = taken_rows(self.indptr, self.indices, original.weights, positions)
        indptr, indices, weights = rows
        part = self._but(
            ids=self.ids[positions],
            indptr=indptr,
            indices=indices,
            weights=weights,
            transformation="original",
            given_weights=None,
        )
        if part.n < self.n:
            alone = len(part.isolates.difference(self.isolates))
            note = f"Restricted to {part.n} of {self.n} areas; {alone} of them lost all their neighbours."
            part = part._but(notes=(*part.notes, note))  # noqa: SLF001 - its own class
        return part.transform(self.transformation)

    def transform(self, transformation: str) -> AreaGraph:
        """Return the graph with its original weights transformed.

        Parameters
        ----------
        transformation
            ``"row"``: the weights of an area's neighbours sum to 1; ``"binary"``: every weight is 1;
            ``"original"``: as built.
        """
        check_choice("transformation", transformation, TRANSFORMATIONS)
        if transformation == self.transformation:
            return self
        original = self.weights if self.given_weights is None else self.given_weights
        weights = original
        if transformation == "binary":
            weights = np.broadcast_to(1.0, self.n_links)
        if transformation == "row":
            weights = original / added_weights(self.indptr, original)[self.focal]
        kept = None if transformation == "original" else original
        return self._but(weights=weights, transformation=transformation, given_weights=kept)

    def sparse(self) -> sparse.csr_array[Any, tuple[int, int]]:
        """Return the weights as a matrix of shape (n, n), yours to change."""
        return sparse.csr_array((self.weights, self.indices, self.indptr), shape=(self.n, self.n), copy=True)

    def describe(self) -> dict[str, Any]:
        """Return the numbers of areas, links, components and neighbours, and the isolates, as JSON values."""
        counts = self._cardinalities
        return {
            "kind": self.kind,
            "transformation": self.transformation,
            "areas": self.n,
            "links": self.n_links,
            "self_links": int(np.count_nonzero(self.self_linked)),
            "symmetric": self.is_symmetric,
            "components": self.n_components,
            "largest_component": int(np.bincount(self._components).max(initial=0)),
            "isolates": self.isolates.tolist(),
            "neighbors_min": int(counts.min(initial=self.n)),
            "neighbors_median": float(np.median(counts)),
            "neighbors_mean": float(counts.mean()),
            "neighbors_max": int(counts.max(initial=0)),
        }

    def to_libpysal(self) -> Graph:
        """Return the same graph as a ``libpysal.graph.Graph``; isolates are self-links of weight 0 there."""
        from libpysal.graph import Graph  # noqa: PLC0415 - it takes a second, and few need it

        codes = {"original": "O", "binary": "B", "row": "R"}
        adjacency = adjacency_of(self.ids, self.focal, self.indices, self.weights)
        return Graph(adjacency, transformation=codes[self.transformation], is_sorted=True)

    @classmethod
    def from_libpysal(cls, graph: Graph, *, kind: str = "given") -> AreaGraph:
        """Return a ``libpysal.graph.Graph`` whose ids are area ids as an AreaGraph.

        Links of weight 0 carry nothing and are left out; a note counts them.

        Raises
        ------
        UsageError
            If it is no ``libpysal.graph.Graph``.
        GraphError
            If its ids are no strings or its weights are not above 0.
        """
        if not is_libpysal(graph):
            raise refuse_graph(graph)
        ids, links = links_of(graph)
        made = {"B": "binary", "R": "row"}.get(graph.transformation, "original")
        return cls(ids, *links.rows(len(ids)), kind=kind, notes=links.notes, transformation=made)

    def __eq__(self, other: object) -> bool:
        """Whether both have the same ids in the same order, the same links and the same weights."""
        if not isinstance(other, AreaGraph):
            return NotImplemented
        pairs = ((self.indptr, other.indptr), (self.indices, other.indices), (self.weights, other.weights))
        return self.ids.equals(other.ids) and all(np.array_equal(one, two) for one, two in pairs)

    def __hash__(self) -> int:
        return hash((self.n, self.indptr.tobytes(), self.indices.tobytes(), self.weights.tobytes()))

    def __repr__(self) -> str:
        parts = [
            counted(self.n, "area"),
            counted(self.n_links, "link"),
            counted(self.n_components, "component"),
            counted(len(self.isolates), "isolate"),
        ]
        return f"<AreaGraph {self.kind}: {', '.join(parts)}; {self.transformation} weights>"


def counted(number: int, noun: str) -> str:
    """Return a number and what it counts: ``"1 area"``, ``"2 areas"``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _read_only(values: ArrayLike, dtype: type[np.generic]) -> NDArray[Any]:
    """Return an array that nobody can change, copied unless it is one already."""
    array = np.asarray(values, dtype=dtype)
    if array.flags.writeable:
        array = array.copy() if array is values else array
        array.setflags(write=False)
    return array


def as_graph(graph: AreaGraph | Graph, *, ids: pd.Index[str] | None = None) -> AreaGraph:
    """Return any graph that is welcome as an AreaGraph.

    Parameters
    ----------
    graph
        An AreaGraph, returned as it is, or a ``libpysal.graph.Graph`` whose ids are area ids.
    ids
        The ids that the graph must have, all of them and no others; the result is in their order.

    Raises
    ------
    UsageError
        If it is something else, such as a ``libpysal.weights.W``.
    GraphError
        If its ids are no area ids, or not the ones given.
    """
    if is_libpysal(graph):
        graph = AreaGraph.from_libpysal(graph)
    if not isinstance(graph, AreaGraph):
        raise refuse_graph(graph)
    if ids is None or graph.ids.equals(pd.Index(ids)):
        return graph
    check_members(pd.Index(ids), graph.ids, whole=True)
    return graph.subset(ids)
