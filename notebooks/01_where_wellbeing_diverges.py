# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Where does the wellbeing of families diverge?
#
# The whole job by hand, on the built-in region: from boundaries and a table to areas that one can defend pointing at.
# The region is **made up** (two coastal municipalities, some 20 000 simulated families), so its truth is known and
# we can check at the end whether we found it. Real data take the same steps; only the file names change.

# %%
import tempfile
from pathlib import Path

import lea_geo as lea

folder = Path(tempfile.mkdtemp())
study_file = lea.synthetic.write_world(folder)
sorted(path.name for path in folder.iterdir())

# %% [markdown]
# ## 1. Areas and indicators
#
# Area ids are text, areas are checked, and whatever was repaired or assumed stands in the notes.

# %%
spec = lea.load_spec(study_file)
areas = lea.read_areas(folder / spec.areas.path, area_id=spec.areas.area_id, id_scheme="postal")
areas.attrs["notes"]

# %%
source = spec.tables[0]
table = lea.read_indicators(folder / source.path, area_id=source.area_id, source=source.source or None)
table

# %% [markdown]
# Each value has a status beside it. A value that Paavo withholds is *suppressed*, with what is known of it as bounds.
# It is never 0 and never -1.

# %%
table.status.apply(lambda column: column.value_counts()).T.fillna(0).astype(int)

# %%
joined = lea.join_indicators(areas, table)
joined.report.notes

# %% [markdown]
# ## 2. Who is whose neighbour
#
# Islands and a river make this a decision, not a detail. Here groups of areas are linked across narrow water, and the
# graph says which links were added and why.

# %%
graph = lea.build_graph(
    joined.areas, "queen", islands=spec.spatial.islands, water_distance=spec.spatial.water_distance
)
print(graph)
graph.notes

# %% [markdown]
# ## 3. Is there any pattern at all, and where?
#
# Global Moran's I asks the first question. The local statistic asks the second, once for each area, so its p-values are
# turned into q-values (Benjamini and Hochberg): of the areas that get a label, at most one in twenty is expected to
# be a false alarm.

# %%
code = "low_income_residents"
values = joined.table.values[code]
whole = lea.global_moran(values, graph, permutations=9999, seed=spec.spatial.seed)
print(f"Moran's I {whole.statistic:.3f} (expected {whole.expected:.3f}), p = {whole.p_value:.4f}")

# %%
local = lea.local_moran(values, graph, fdr=0.05)
print("How the p-values were computed:", local.method)
found = local.table[local.table["q_value"] <= 0.05]
found[["statistic", "p_value", "q_value", "label"]].round(5)

# %%
colours = {"High-High": "#b2182b", "Low-Low": "#2166ac", "Not significant": "#e6e6e6"}
picture = joined.areas.assign(colour=local.table["label"].map(colours).fillna("#ffffff"))
axes = picture.plot(color=picture["colour"], edgecolor="#555555", linewidth=0.5, figsize=(6, 5))
axes.set_axis_off()
_ = axes.set_title(
    "Residents with low income: red High-High, blue Low-Low\n(made-up data; white: no value or isolate)"
)

# %% [markdown]
# ## 4. Was it the truth?
#
# In a made-up region one can ask.

# %%
planted = lea.synthetic.truth().planted_areas(code)
print(
    f"planted: {len(planted)}, labelled: {len(found)}, labelled elsewhere: {len(set(found.index) - planted)}"
)
assert set(found.index) <= planted

# %% [markdown]
# ## 5. The same by one command
#
# `lea-geo run study.toml` does all of this for every indicator and writes the map, the GeoPackage, the tables, the
# report and a manifest from which `lea-geo verify` reproduces the numbers.

# %%
study = lea.run(spec, out=folder / "result")
sorted(path.name for path in (folder / "result").iterdir())

# %%
study.findings.summary[["n_observed", "n_suppressed", "moran_statistic", "moran_p_value"]].round(4)
