"""Shows where the wellbeing of children and families diverges, and how sure that is.

``import lea_geo as lea``; every public name is listed here and loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "adaptive_grid": "disclosure.protect.adaptive_grid",
    "Aggregate": "composite_spec",
    "aggregate": "composite.frames",
    "aggregate_points": "intake.support.points",
    "area_changes": "change.between",
    "AreaGraph": "spatial.graph",
    "atkinson": "inequality.entropy",
    "audit_release": "disclosure.attack.audit",
    "beta_binomial": "rates.marginal",
    "build_crosswalk": "intake.support.crosswalk",
    "build_graph": "spatial.builders",
    "build_grid": "intake.grid",
    "bym2": "rates.bym2",
    "byar_interval": "rates.intervals",
    "carry_series": "intake.vintages.series",
    "cell_key_counts": "disclosure.protect.cell_key",
    "cell_of": "intake.grid",
    "change_table": "intake.vintages.change",
    "changes_by_step": "change.between",
    "check_topology": "intake.topology",
    "cluster_local_g": "spatial.cluster.statistic",
    "cluster_local_moran": "spatial.cluster.statistic",
    "composite_index": "composite.index",
    "CompositeSpec": "composite_spec",
    "composite_robustness": "robustness.composite",
    "composite_sensitivity": "robustness.composite",
    "Composition": "typology.composition",
    "composition": "typology.composition",
    "concentration_index": "inequality.slope",
    "controlled_rounding": "disclosure.protect.rounding",
    "correlogram": "spatial.correlogram",
    "decompose_change": "inequality.decompose_change",
    "diagnose_composite": "composite.diagnose",
    "difference": "inequality.gaps",
    "DisclosureSpec": "disclosure_spec",
    "Division": "robustness.label_choices",
    "differential_moran": "change.emerging_space_time",
    "direct_rates": "rates.standardise",
    "emerging_hotspots": "change.emerging",
    "empirical_bayes": "rates.empirical_bayes",
    "errors": "errors",
    "exact_interval": "rates.intervals",
    "fetch": "pack",
    "Findings": "schema",
    "gini": "inequality.entropy",
    "global_g": "spatial.global_statistics",
    "global_geary": "spatial.global_statistics",
    "global_join_count": "spatial.global_statistics",
    "global_moran": "spatial.global_statistics",
    "global_moran_rates": "spatial.global_statistics",
    "global_statistics": "spatial.global_table",
    "grid_id": "intake.grid",
    "hotspots": "spatial.hotspots",
    "Impute": "composite_spec",
    "incremental_autocorrelation": "spatial.incremental",
    "index_draws": "robustness.label_draws",
    "indirect_rates": "rates.standardise",
    "interpolate": "intake.support.interpolate",
    "join_indicators": "intake.join",
    "joint_ranks": "ranking",
    "Label": "schema",
    "label_doubts": "robustness.doubts",
    "label_robustness": "robustness.labels",
    "LeaGeoError": "errors",
    "lifetimes": "intake.vintages.lifetimes",
    "load_profile": "disclosure.rules",
    "load_spec": "spec",
    "local_g": "spatial.autocorrelation",
    "local_geary": "spatial.autocorrelation",
    "local_geary_multivariate": "spatial.autocorrelation",
    "local_join_count": "spatial.autocorrelation",
    "local_moran": "spatial.autocorrelation",
    "local_moran_bivariate": "spatial.autocorrelation",
    "locate": "intake.support.locate",
    "mann_kendall": "change.trend",
    "mean_log_deviation": "inequality.entropy",
    "merge_areas": "rates.merge_areas",
    "merge_for_release": "disclosure.protect.merging",
    "missed": "targeting.missed",
    "Normalise": "composite_spec",
    "normalise": "composite.frames",
    "overlap": "intake.support.overlap",
    "palma": "inequality.entropy",
    "parse_grid_ids": "intake.grid",
    "planner_map": "maps.page",
    "poisson_gamma": "rates.marginal",
    "population_points": "targeting.travel",
    "pool_years": "rates.pool_years",
    "priority_list": "targeting.priority",
    "priority_list_of_runs": "targeting.priority_runs",
    "PROFILES": "disclosure.rules",
    "ratio": "inequality.gaps",
    "read_areas": "intake.areas",
    "read_catalogue": "intake.catalogue",
    "read_geopackage": "export.geopackage",
    "read_indicators": "intake.tables",
    "read_travel_times": "targeting.travel_files",
    "regional_mann_kendall": "change.trend_regional",
    "relative_index": "inequality.slope",
    "reliability": "rates.reliable",
    "RobustnessSpec": "robustness_spec",
    "run": "study",
    "scan_statistic": "spatial.scan.statistic",
    "segregation": "inequality.segregation",
    "segregation_around": "inequality.segregation_profile",
    "segregation_profile": "inequality.segregation_profile",
    "sensitive_sums": "disclosure.protect.magnitudes",
    "shrink_to_parent": "rates.parent",
    "slope_index": "inequality.slope",
    "smooth_rates": "disclosure.protect.smooth",
    "space_time_g": "change.emerging_space_time",
    "space_time_moran": "change.emerging_space_time",
    "Status": "schema",
    "suppress": "disclosure.protect.suppress",
    "Suppression": "disclosure.protect.suppress",
    "synthetic": "synthetic",
    "theil": "inequality.entropy",
    "travel_costs": "targeting.travel",
    "utility_lost": "disclosure.protect.utility",
    "Weighting": "composite_spec",
    "wilson_interval": "rates.intervals",
    "write_geopackage": "export.geopackage",
    "write_parquet": "export.parquet",
    "write_postgis": "export.postgis",
    "write_rasters": "export.raster",
    "write_tables": "export.table",
    "write_workbook": "export.workbook",
    "zonal_statistics": "intake.zonal",
}

__all__ = [  # noqa: PLE0604 - the names are the keys above
    "__version__",
    *sorted(_HOME),
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name not in _HOME:
        raise AttributeError(f"module 'lea_geo' has no attribute {name!r}")
    module = import_module(f"lea_geo.{_HOME[name]}")
    return module if _HOME[name] == name else getattr(module, name)


def __dir__() -> list[str]:
    return __all__


if TYPE_CHECKING:
    from lea_geo import errors as errors
