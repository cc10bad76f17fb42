"""What an index is like inside: what says the same, what runs against, what buys what, what it hangs on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from lea_geo._by_area import ByArea
from lea_geo._checks import check_seed
from lea_geo._checks.diagnose import check_outside, check_pair_of_nodes, check_result, check_threshold
from lea_geo.composite import diagnosis
from lea_geo.composite.compensability import effects_on_index, units_to_scores
from lea_geo.composite.removal import removal
from lea_geo.composite.result import CompositeResult
from lea_geo.intake.join import JoinedIndicators
from lea_geo.intake.tables import IndicatorTable


@dataclass(frozen=True)
class Diagnosis(ByArea):
    """What was found inside an index."""

    table: pd.DataFrame
    """Indexed by ``area_id``: ``mean_shift`` and ``largest_shift``, by how many places the area moves on
    average and at most when one part is left out, and ``shifted_by``, the part that moves it most."""
    correlations: pd.DataFrame
    """One row for two nodes of a level: ``first second level within n pearson spearman flag``. ``within``:
    both count in the same group. ``flag``: ``against`` (negative within a group by more than chance, below
    -1.96 / sqrt(n)), ``redundant`` or blank."""
    members: pd.DataFrame
    """Indexed by code: ``parent``; ``with_parent`` and ``with_index``, correlations with their scores;
    ``closest``, the group of the parent's level that it correlates with most; ``stated`` and ``effective``
    weights in its group; ``alpha_without``, the alpha of the group's other members."""
    groups: pd.DataFrame
    """Indexed by ``code of`` (``members`` of the group, or all ``indicators`` below it): ``k`` of them; ``n``
    areas that have all; ``alpha alpha_standardised mean_correlation``; ``kaiser`` and ``parallel``, how
    many principal components count by either rule; ``first_share`` of variance of the first."""
    components: pd.DataFrame
    """Principal components: ``code of component eigenvalue share by_chance``."""
    loadings: pd.DataFrame
    """``code of member component loading``."""
    weighting: pd.DataFrame
    """Indexed by code: ``parent method weight error loading note``. ``error``: of weights by consultation,
    the standard error of the mean answer. ``loading``: the correlation with the component or factor.
    ``note``: how many answers, how much of the variance, how near to what was stated."""
    substitution: pd.DataFrame
    """``parent first second low median high``: how many units of the score of ``second`` make up for one of
    ``first``; 5th, 50th and 95th percentile over areas. Infinite where ``second`` makes up for nothing."""
    effects: pd.DataFrame
    """(areas, nodes): by how much the index rises with one unit of a node's score."""
    per_unit: pd.DataFrame
    """(areas, indicators): by how much a score rises with one of the indicator's own units; NaN for ranks."""
    removal: pd.DataFrame
    """Indexed by the part left out: ``removal.REMOVAL_COLUMNS``."""
    shifts: pd.DataFrame
    """(areas, parts): rank without the part less rank with it."""
    outside: pd.DataFrame
    """``indicator node n pearson spearman`` of what is outside with the index and the groups below it."""
    flags: tuple[str, ...]
    """What deserves a look, a sentence each, the gravest kinds first."""
    redundant: float
    seed: int

    def __repr__(self) -> str:
        first = "; ".join(flag.removesuffix(".") for flag in self.flags[:3])
        more = f"; and {len(self.flags) - 3} more" if len(self.flags) > 3 else ""
        return f"<Diagnosis of {len(self.members)} nodes: {first + more if first else 'nothing to flag'}>"

    def rate_of_substitution(self, first: str, second: str, *, own_units: bool = False) -> pd.Series[float]:
        """Return how many units of ``second`` make up for one unit of ``first`` lost, area by area.

        The marginal rate of substitution ``(dI / d first) / (dI / d second)`` of the index I: how far one can
        be bought with the other without a change of the index.

        Parameters
        ----------
        first, second
            Codes of nodes, of one group or not.
        own_units
            Count in the indicators' own units in place of their scores'; a unit that counts the other way
            makes the rate negative.

        Raises
        ------
        UsageError
            If the index lacks a code, or ``own_units`` is asked of a group.
        """
        effects = self.effects
        if own_units:
            effects = effects[self.per_unit.columns] * self.per_unit
        check_pair_of_nodes(first, second, list(effects.columns))
        rate = diagnosis.rate(effects[first].to_numpy(), effects[second].to_numpy())
        return pd.Series(rate, index=effects.index, name=f"{second} for {first}")


def diagnose_composite(
    result: CompositeResult,
    *,
    outside: pd.DataFrame | IndicatorTable | JoinedIndicators | None = None,
    redundant: float = 0.92,
    seed: int = 2009,
) -> Diagnosis:
    """Look inside an index before anybody relies on it.

    Correlations within and across groups, Cronbach's alpha, principal components, what a unit of one part
    buys of another, what happens to the ranking when a part is left out, and how the index goes with
    indicators that it does not contain. Nothing is changed.

    Parameters
    ----------
    result
        What ``composite_index`` returned.
    outside
        Indicators that may be outside the index, by ``area_id``; those inside are passed over.
    redundant
        Two nodes that correlate by more say the same; 0.92 is COINr's limit.
    seed
        Of the chance that principal components are compared with (Horn's parallel analysis).

    Returns
    -------
    Diagnosis
        Tables, and the flags in words.

    Raises
    ------
    UsageError
        If ``result`` is no index, or an option is out of range.
    ValuesError
        If ``outside`` has other areas or no numbers.

    References
    ----------
    OECD and JRC (2008), steps 4 and 7 to 9, https://doi.org/10.1787/9789264043466-en; Munda and Nardo (2009)
    on compensability, https://doi.org/10.1080/00036840601019364
    """
    check_result(result, is_one=isinstance(result, CompositeResult))
    check_threshold(redundant)
    check_seed(seed)
    ids = result.table.index
    inside = result.values.columns
    foreign = None if outside is None else check_outside(_frame(outside), ids, inside)
    engine, x = result.engine, result.values.to_numpy()
    scores, without = engine.scores(x), removal(engine, x, ids)
    effects = pd.DataFrame(effects_on_index(engine, scores), index=ids, columns=list(engine.tree.codes))
    groups = diagnosis.groups_of(engine.tree, scores, seed)
    tables = {
        "correlations": diagnosis.correlations_of(engine.tree, scores, redundant),
        "members": diagnosis.members_of(engine.tree, scores, result.weights, groups),
        "groups": groups.table,
        "components": groups.components,
        "loadings": groups.loadings,
        "weighting": diagnosis.weighting_of(engine, scores),
        "removal": without.table,
        "outside": diagnosis.outside_of(engine.tree, scores, foreign),
    }
    return Diagnosis(
        table=diagnosis.moved(without.shifts),
        **tables,
        substitution=diagnosis.substitution_of(engine.tree, effects.to_numpy()),
        effects=effects,
        per_unit=pd.DataFrame(units_to_scores(engine, x), index=ids, columns=inside),
        shifts=without.shifts,
        flags=diagnosis.flags_of(tables, redundant),
        redundant=redundant,
        seed=seed,
    )


def _frame(outside: object) -> object:
    held = outside.table if isinstance(outside, JoinedIndicators) else outside
    return held.values if isinstance(held, IndicatorTable) else held
