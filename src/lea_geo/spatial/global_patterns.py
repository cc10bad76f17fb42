"""The same values tested on one pattern of links after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from lea_geo._checks import check_choice
from lea_geo._checks.values import check_not_negative
from lea_geo.spatial.global_forms import AMOUNTS, FORMS, form_of
from lea_geo.spatial.global_network import network_of_pattern
from lea_geo.spatial.global_result import Settings, results_of
from lea_geo.spatial.global_table import COLUMNS, results_table
from lea_geo.spatial.inference import CORRECTIONS, adjusted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lea_geo.spatial.rings import Pattern
    from lea_geo.spatial.sample import Sample

WEIGHTS = ("row", "binary")
"""What links without weights of their own can be given."""
NO_PAIR = "No two areas with a value are so far apart."


def check_options(statistic: str, transform: str, correction: str) -> None:
    """Refuse what is unknown, before anything is computed."""
    check_choice("statistic", statistic, FORMS)
    check_choice("transform", transform, WEIGHTS)
    check_choice("correction", correction, CORRECTIONS)


def table_of_patterns(
    statistic: str,
    sample: Sample,
    patterns: Iterable[tuple[Pattern, Mapping[str, float]]],
    settings: Settings,
    correction: str,
) -> pd.DataFrame:
    """Return a row for each pattern of links among the areas of a sample.

    Its columns are those of a table of global results, ``q_value`` over the patterns, ``n_pairs``, and what
    else is said of each pattern.
    """
    if statistic == "g":
        check_not_negative("values", sample.x, sample.ids, why=AMOUNTS)
    results, rows = [], []
    for pattern, said in patterns:
        network = network_of_pattern(pattern, settings.transform)
        form = form_of(statistic, sample, network, settings.assumption)
        if not network.n_links:
            form = sample.reason or NO_PAIR
        results += results_of(f"global_{statistic}", [sample], network, [form], settings)
        rows.append({"n_pairs": network.n_pairs, **said})
    table = results_table(results, pd.RangeIndex(1, len(results) + 1, name="lag"))
    table["q_value"] = adjusted(table["p_value"].to_numpy(), correction)
    more = pd.DataFrame(rows, index=table.index)
    return pd.concat([table, more], axis=1)[
        [*COLUMNS[:5], "q_value", *COLUMNS[5:-1], *more.columns, COLUMNS[-1]]
    ]
