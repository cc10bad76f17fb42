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
# # How sure is a hot spot?
#
# A map with coloured areas says *where*. This notebook is about *how sure*: what a p-value is here, why 999 random
# permutations cannot give it for a large map, and what to do about many areas, many zeros and several distances. All
# data are **made up**, so at every step we can look at the truth. What the text says is checked by an `assert` beside
# it.

# %%
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import lea_geo as lea
from lea_geo.spatial.inference import adjusted

# %% [markdown]
# ## 1. A small map, where permutations will do
#
# The built-in region has some sixty postal areas. An area keeps its value, the other values are dealt out to the
# other places at random, and the p-value is the share of all such deals in which its neighbours come out as extreme
# as they are. One can try 999 deals, as is usual, or compute the share over *all* of them: the exact law.

# %%
folder = Path(tempfile.mkdtemp())
lea.synthetic.write_world(folder)
areas = lea.read_areas(folder / "areas.gpkg", area_id="postinumeroalue", id_scheme="postal")
table = lea.read_indicators(folder / "paavo.csv", area_id="postinumeroalue")
joined = lea.join_indicators(areas, table)
region = lea.build_graph(joined.areas, "queen", islands="components", water_distance=1000)

code = "low_income_residents"
values = joined.table.values[code]
exact = lea.local_moran(values, region)
drawn = lea.local_moran(values, region, method="permutation", permutations=999, correction="none")
drawn_q = pd.Series(adjusted(drawn.table["p_value"].to_numpy(), "bh"), index=values.index)

found = set(exact.table.index[exact.table["q_value"] <= 0.05])
found_by_draws = set(drawn_q.index[drawn_q <= 0.05])
planted = lea.synthetic.truth().planted_areas(code)
print(f"planted {len(planted)}, by the exact law {len(found)}, by 999 permutations {len(found_by_draws)}")
assert found == found_by_draws == planted

# %% [markdown]
# Here both find what was planted, because a quarter of the map stands out and the areas vouch for each other. But the
# draws blur what they tell: no p-value can be below 2/1000, however clear the case.

# %%
compared = pd.DataFrame({"exact": exact.table["p_value"], "999 permutations": drawn.table["p_value"]})
print("smallest:", compared.min().to_dict())
assert exact.method == "exact" and compared["exact"].min() < 1e-3
assert np.isclose(compared["999 permutations"].min(), 0.002)
compared.sort_values("exact").head(4)

# %% [markdown]
# ## 2. A large map, where they will not
#
# Now 80 by 80 cells of 1 km, a quarter of them uninhabited. In each live 20 to 60 children, of whom 12 % live in
# families with a low income, except in two round places where it is 30 %. No geometry is needed: the ids say who is
# next to whom.

# %%
rng = np.random.default_rng(2009)
row, column = np.divmod(np.arange(80 * 80), 80)
inhabited = rng.random(len(row)) > 0.25
row, column = row[inhabited], column[inhabited]
ids = pd.Index([f"1kmN{6650 + r}E{300 + c:04d}" for r, c in zip(row, column)], name="area_id")

planted = ((row - 20) ** 2 + (column - 25) ** 2 <= 16) | ((row - 55) ** 2 + (column - 55) ** 2 <= 16)
children = pd.Series(rng.integers(20, 61, len(ids)), index=ids)
low_income = pd.Series(rng.binomial(children, np.where(planted, 0.30, 0.12)), index=ids)
share = (100 * low_income / children).round(1)

graph = lea.build_graph(ids, "lattice")
near = planted | (graph.sparse() @ planted > 0)  # a cell beside such a place has neighbours in it
print(graph)
print(f"{planted.sum()} cells planted, {near.sum() - planted.sum()} more touch them")

# %% [markdown]
# With this many areas `lea_geo` refuses 999 permutations: they could not label an area that stands alone, whatever it
# holds.

# %%
try:
    lea.local_moran(share, graph, method="permutation", permutations=999)
    refused = ""
except lea.errors.ResolutionError as error:
    refused = str(error)
print(refused)
assert "Too few permutations" in refused

# %% [markdown]
# Other programs do not refuse. This is what comes of it: 999 permutations, then Benjamini and Hochberg's correction
# over all cells, beside the exact law with the same correction.

# %%
drawn = lea.local_moran(share, graph, method="permutation", permutations=999, correction="none")
drawn_q = adjusted(drawn.table["p_value"].to_numpy(), "bh")
exact = lea.local_moran(share, graph)
labelled = (exact.table["q_value"] <= 0.05).to_numpy()

print(f"999 permutations: {np.count_nonzero(drawn_q <= 0.05)} cells, smallest q-value {drawn_q.min():.2f}")
print(f"exact law: {labelled.sum()} cells, {(labelled & near).sum()} of them in or beside the planted places")
assert not (drawn_q <= 0.05).any()
assert (labelled & planted).sum() > 0.6 * planted.sum()
assert (labelled & ~near).sum() <= 0.15 * labelled.sum()
assert exact.error == 0  # shares of one decimal are whole tenths, so nothing was rounded

# %% [markdown]
# Both tested the same data by the same rule. The draws agree with the exact law as well as 999 of them can; what they
# lack is p-values small enough to survive thousands of tests. Without any correction, hundreds of cells of no
# interest would be coloured:

# %%
naive = (drawn.table["p_value"] <= 0.05).to_numpy()
print(f"uncorrected: {naive.sum()} cells, {(naive & ~near).sum()} of them nowhere near a planted place")
assert (naive & ~near).sum() > 100
furthest = (drawn.table["p_value"] - exact.table["p_value"]).abs().max()
assert furthest < 0.1

# %%
figure, panels = plt.subplots(1, 3, figsize=(11, 3.8), sharex=True, sharey=True)
for axes, shown, title in zip(
    panels, (planted, naive, labelled), ("the truth", "999 permutations, uncorrected", "exact law, q ≤ 0.05")
):
    axes.scatter(column, row, s=2, marker="s", color=np.where(shown, "#b2182b", "#e0e0e0"))
    axes.set_title(title)
    axes.set_aspect("equal")
    axes.set_axis_off()

# %% [markdown]
# ## 3. What p-values look like where there is nothing
#
# A p-value earns its name only if it keeps its promise on a map without a pattern: at most 5 % of the areas have one
# of 0.05 or less. We deal the same shares out at random and look.

# %%
nothing = pd.Series(rng.permutation(share.to_numpy()), index=ids)
null = lea.local_moran(nothing, graph).table
for level in (0.01, 0.05, 0.10, 0.50):
    print(f"p ≤ {level:.2f}: {(null['p_value'] <= level).mean():.3f} of the cells")
    assert abs((null["p_value"] <= level).mean() - level) < 0.03
assert (null["label"] == "Not significant").all()

axes = plt.figure(figsize=(5, 2.6)).gca()
axes.hist(null["p_value"], bins=20, range=(0, 1), color="#7f9fbf", edgecolor="white")
axes.axhline(len(ids) / 20, color="#444444", linewidth=0.8)
_ = axes.set(xlabel="p-value", ylabel="cells", title="A map of nothing: all p-values are equally likely")

# %% [markdown]
# And no cell is labelled: that is what the q-values are for.
#
# ## 4. Ties and zeros
#
# Counts are another matter. If most cells hold zero, most neighbourhoods hold nothing but zeros, and a result equal
# to the observed one is likely. It is as large as the observed one *and* as small, so both tails count it. Then
# p-values lean towards 1: cautious, never wrong.

# %%
events = pd.Series(rng.poisson(0.15, len(ids)), index=ids)
counted = lea.local_moran(events, graph).table
ties = counted["p_lower"] + counted["p_upper"] - 1  # the probability of just what was observed
print(
    f"{(events == 0).mean():.0%} of the cells hold zero; an equal result has probability up to {ties.max():.2f}"
)
for level in (0.01, 0.05, 0.10, 0.50):
    shares = [(counted[name] <= level).mean() for name in ("p_value", "p_mid")]
    print(f"≤ {level:.2f}: p-value {shares[0]:.3f}, mid-p {shares[1]:.3f} of the cells")
    assert shares[0] <= level
assert ties.max() > 0.2
assert not (counted["q_value"] <= 0.05).any()

# %% [markdown]
# It matters. Who takes `min(P(≥), 1 - P(≥))` instead counts equal results in one tail only. A cell with an event among
# cells without has the lowest result there can be, `P(≥)` is 1, and what is left is 0: the surest finding of all, of
# noise.

# %%
one_tail = np.minimum(counted["p_upper"], 1 - counted["p_upper"])
alone = (events > 0) & (counted["lag"] == 0)
print(
    f"{alone.sum()} cells have an event and none around, {(one_tail[alone] < 0.001).sum()} of them p < 0.001 so"
)
print(
    f"p ≤ 0.05 so: {(one_tail <= 0.05).mean():.1%} of all cells; here: {(counted['p_value'] <= 0.05).mean():.1%}"
)
assert (one_tail[alone] < 0.001).all() and not (counted["p_value"][alone] <= 0.05).any()

# %% [markdown]
# The *mid-p* counts an equal result by half. It is nearer to what the level promises, but can exceed it a little; so
# it stands in a column of its own and decides no label. For continuous data the two are the same, but where an area
# has very few neighbours.

# %%
print(f"mean p-value {counted['p_value'].mean():.2f}, mean mid-p {counted['p_mid'].mean():.2f}")
assert (counted["p_mid"] <= counted["p_value"] + 1e-12).all()
assert abs(counted["p_mid"].mean() - 0.5) < abs(counted["p_value"].mean() - 0.5)

continuous = lea.local_moran(pd.Series(rng.lognormal(size=len(ids)), index=ids), graph).table
several = continuous["neighbors"] >= 4
assert (continuous["p_mid"] == continuous["p_value"])[several].all()

# %% [markdown]
# ## 5. How to allow for many tests
#
# Back to the planted map. `correction=` decides what is kept below 5 %: the expected share of false alarms among the
# labelled cells (`bh`, `by`, `storey`), the chance of a single one (`holm`, `bonferroni`), or nothing for the map as
# a whole (`none`).

# %%
rows = {}
for correction in ("none", "storey", "bh", "by", "holm", "bonferroni"):
    chosen = (lea.local_moran(share, graph, correction=correction).table["q_value"] <= 0.05).to_numpy()
    where = {"planted": chosen & planted, "beside": chosen & near & ~planted, "elsewhere": chosen & ~near}
    rows[correction] = {"labelled": chosen.sum(), **{place: cells.sum() for place, cells in where.items()}}
corrections = pd.DataFrame.from_dict(rows, orient="index")
assert corrections["labelled"].is_monotonic_decreasing
assert corrections.loc["none", "elsewhere"] > 100
assert corrections.loc["bonferroni", "elsewhere"] == 0
corrections

# %% [markdown]
# ## 6. How far does it reach?
#
# The correlogram asks whether cells one step apart are alike, cells two steps apart, and so on. The planted places
# are 9 km across, so cells further apart than that should know nothing of each other. `q_value` allows for the number
# of lags.

# %%
lags = lea.correlogram(share, graph, lags=12, areas=ids).table
alike = lags["q_value"] <= 0.05
axes = plt.figure(figsize=(6, 2.8)).gca()
kilometres = lags["distance_mean"] / 1000
axes.plot(kilometres, lags["statistic"], color="#7f9fbf")
fill = np.where(alike, "#b2182b", "#ffffff")
axes.scatter(kilometres, lags["statistic"], color=fill, edgecolor="#444444", zorder=3)
axes.axhline(lags["expected"].iloc[0], color="#444444", linewidth=0.8)
_ = axes.set(xlabel="kilometres apart", ylabel="Moran's I", title="Likeness falls off (red: q ≤ 0.05)")
print("last distance at which cells are alike:", round(kilometres[alike].max(), 1), "km")
assert alike.loc[1:4].all() and not alike[kilometres > 9].any()

# %% [markdown]
# ## 7. Which group of cells?
#
# Local statistics judge cell by cell. The scan statistic tries circles of every size around every cell and asks which
# holds more cases than its children explain. Its p-value is for the search as a whole, so nothing needs to be
# corrected afterwards.

# %%
scan = lea.scan_statistic(low_income, children, ids, max_population=0.1, seed=2009)
certain = scan.clusters[scan.clusters["p_value"] <= 0.05]
inside = scan.table["label"].eq("High-High").to_numpy()
print(
    f"{inside.sum()} cells in clusters; they hold {(inside & planted).sum()} of the {planted.sum()} planted ones"
)
assert len(certain) == 2 and (certain["p_value"] <= 0.001).all()
assert (inside & planted).sum() > 0.75 * planted.sum()
assert (inside & planted).sum() > 0.75 * inside.sum()
certain[["centre", "radius_m", "n_areas", "cases", "expected", "relative_risk", "p_value"]].round(3)

# %% [markdown]
# Two clusters, both where they were planted, with a relative risk near the true 0.30 / 0.12 = 2.5. A circle cannot
# say which cells at its rim belong to it; the local statistics above do that.
#
# ## What to take along
#
# * On a map of many areas, only p-values that are small enough can be told from chance; the exact law has them.
# * A label is a q-value under the level. Choose what the level is to hold for before looking.
# * p-values of counts are cautious. Look at `p_mid` beside them.
# * For what each function computes, and which programs agree, see [docs/inference.md](../docs/inference.md).

# %%
assert certain["relative_risk"].between(1.9, 3.1).all()
