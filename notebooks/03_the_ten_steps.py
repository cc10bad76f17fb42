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
# # An index in ten steps: strain on families in Vantaa
#
# A city wants to know where family services are needed most. One indicator is too narrow, dozens are too many to hold
# in mind, so somebody proposes an index. The [Handbook on Constructing Composite
# Indicators](https://doi.org/10.1787/9789264043466-en) (OECD and JRC 2008) asks whoever makes one to take ten steps,
# and to show them. This notebook takes them with the postal areas of Vantaa, and ends with what may be published and
# what may not.
#
# Every number below is computed by the cell that prints it. If the data or a choice changes, so do the sentences.

# %%
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.patches import Patch

import lea_geo as lea

pd.set_option("display.max_colwidth", None)
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "font.size": 9})

# %% [markdown]
# The real data are open, but they are not part of this package. If they are not on your computer, everything runs on
# the package's own **made-up** region instead. The steps are the same; the findings are then about no real place.

# %%
beside = Path(lea.__file__).parents[3] / "shared" / "data" / "finland"
folder = Path(os.environ.get("LEA_GEO_TEST_DATA", beside))
paavo, borders = folder / "paavo_2018_whole_country.csv", folder / "postal_areas_2018.gpkg"

if paavo.exists() and borders.exists():
    place = "Vantaa"
    source = "Source: Statistics Finland, Paavo 2018 (CC BY 4.0)"
    country = lea.read_areas(borders, area_id="postinumeroalue", id_scheme="postal")
    table = lea.read_indicators(paavo, area_id="postinumero")
    in_vantaa = table.attributes["municipality"] == "092"
    areas = country.loc[table.attributes.index[in_vantaa]]
else:
    place = "the made-up region"
    source = "Made-up data: no real place, no real people"
    world = Path(tempfile.mkdtemp())
    lea.synthetic.write_world(world)
    areas = lea.read_areas(world / "areas.gpkg", area_id="postinumeroalue", id_scheme="postal")
    table = lea.read_indicators(world / "paavo.csv", area_id="postinumeroalue")
    print("The Finnish data were not found, so you see the made-up region. To see Vantaa, let the")
    print(f"environment variable LEA_GEO_TEST_DATA name the folder of {paavo.name} and {borders.name}.")

everywhere = lea.join_indicators(areas, table)
print(f"{len(areas)} postal areas of {place}. {source}.")

# %% [markdown]
# ## Step 1. Theoretical framework
#
# First say what the index is *about*; otherwise it will be about whatever there happened to be data for. Ours is
# about **strain on families**: circumstances of an area that make everyday life with children harder. A high score
# means more strain. The parts come from the dimensions of wellbeing that Stiglitz, Sen and Fitoussi named (2009), and
# the same catalogue that the rest of the package uses says which indicator belongs where.
#
# Note what the table says is *not* covered. An index that leaves out health and safety must not be called an index of
# wellbeing.

# %%
codes = [
    "low_income_households",
    "median_income_residents",
    "basic_education_only",
    "higher_education",
    "unemployment",
    "young_people_living_alone",
    "families_with_children",
]
every = {one.code: one for one in table.indicators}
held = pd.Series({code: one.domain for code, one in every.items()})
dimensions = [
    "material_living_standards",
    "health",
    "education",
    "personal_activities",
    "political_voice",
    "social_connections",
    "environment",
    "insecurity",
]
framework = pd.DataFrame(
    {
        "in this index": [", ".join(c for c in codes if held[c] == d) or "not covered" for d in dimensions],
        "indicators in the data": [int((held == d).sum()) for d in dimensions],
    },
    index=[d.replace("_", " ") for d in dimensions],
)
framework

# %% [markdown]
# ## Step 2. Selecting variables
#
# Each indicator needs a reason to be in, a direction, and an honest word on what it does not tell. Some were left out
# on purpose. Renting is an ordinary way to live and no strain in itself. Jobs in schools and hospitals are not
# services to those who live next door. The number of children says how many are concerned, not how they are. We come
# back to these in step 9.
#
# The last column is the catalogue's note on possible harm. It is a proposal; your own experts should read it before
# anything else.

# %%
pd.DataFrame(
    {
        "indicator": [every[c].name.en for c in codes],
        "more of it": [every[c].direction + " wellbeing" for c in codes],
        "what to be careful about": [every[c].ethics.harm.en for c in codes],
    },
    index=pd.Index(codes, name="code"),
)

# %% [markdown]
# Data that cannot be used are refused, with the reason, rather than used quietly. And mind the year: an edition of Paavo
# describes earlier years, income one year before population.

# %%
for code, reason in table.report.unavailable.items():
    print(f"{code}: {reason}.")

# %% [markdown]
# ### Small areas
#
# A rate of an area with few people is partly chance, and here it would harm the others too: on most scales the lowest
# and the highest area fix the ends, so that one tiny area can move everybody else. Look at unemployment in the
# smallest areas, with the interval in which the long-run rate may lie.

# %%
residents = everywhere.table.denominator["children_under_18"].fillna(0)
counts = everywhere.table.cells("unemployment")
interval = 100 * lea.wilson_interval(counts["numerator"], counts["denominator"])
graded = lea.reliability(counts["numerator"], counts["denominator"]).table
pd.DataFrame(
    {
        "residents": residents.astype(int),
        "unemployment, %": counts["value"].round(1),
        "from": interval["lower"].round(1),
        "to": interval["upper"].round(1),
        "grade": graded["grade"].replace("", "no rate"),
    }
).nsmallest(6, "residents")

# %% [markdown]
# Areas with fewer residents than the limit below get no score; on the map they stay, as areas without one. The limit
# is a judgement. State it, set it before anybody has seen a score, and look what another limit would do (step 7).

# %%
LEAST_RESIDENTS = 200
kept = residents.index[residents >= LEAST_RESIDENTS]
joined = lea.join_indicators(areas.loc[kept], table)
names = everywhere.areas["name_fi"]
left = residents.index.difference(kept)
print(f"{len(kept)} areas of {place} are in the index.")
print(f"Without a score, for fewer than {LEAST_RESIDENTS} residents:")
print(", ".join(f"{names[i]} ({residents[i]:.0f})" for i in left) or "none")

# %% [markdown]
# ## Step 3. Missing values
#
# A gap can be left, or filled with a guess. A guess looks like data afterwards, so the default is not to guess, and
# whatever is filled is logged cell by cell. A withheld value is never zero.

# %%
status = joined.table.status[codes].apply(lambda column: column.value_counts()).T.fillna(0).astype(int)
status

# %% [markdown]
# Now the index itself. This is the whole recipe, as a study file would state it; steps 5 and 6 explain the choices,
# and one call carries all of them out.

# %%
recipe = {
    "indicators": [{"code": code} for code in codes],
    "levels": ["domain"],
    "high": "weakens",
    "impute": "none",
    "normalise": {"method": "min_max", "low": 1, "high": 100},
    "weighting": "equal",
    "aggregate": "arithmetic",
}
index = lea.composite_index(joined, recipe)
print(index)
print(f"{len(index.log)} cells are empty or were changed.")
for note in index.notes:
    print(note)

# %% [markdown]
# ## Step 4. Multivariate analysis
#
# Do the indicators tell of one thing or of several, and do two of them tell the same? All are turned here so that
# high means strain. Dark red: where one is high, so is the other. If an indicator ran against its neighbours, their
# average would mean little; if two are nearly the same, that matter counts double.

# %%
diagnosis = lea.diagnose_composite(index)
together = index.normalised[codes].corr()
figure, axes = plt.subplots(figsize=(6.4, 4.6), layout="constrained")
image = axes.imshow(together, cmap="RdBu_r", vmin=-1, vmax=1)
short = [code.replace("_", " ") for code in codes]
axes.set_xticks(range(len(codes)), short, rotation=35, ha="right")
axes.set_yticks(range(len(codes)), short)
for (row, column), r in np.ndenumerate(together.to_numpy()):
    axes.text(column, row, f"{r:.2f}", ha="center", va="center", color="white" if abs(r) > 0.7 else "black")
axes.spines[:].set_visible(False)
figure.colorbar(image, label="correlation, strain with strain", shrink=0.8)
_ = axes.set_title(f"What goes together in {place}", loc="left")

# %%
whole = diagnosis.groups.loc[("index", "indicators")]
print(f"Cronbach's alpha of all indicators: {whole['alpha']:.2f}.")
print(f"Principal components: the first holds {whole['first_share']:.0%} of the variance;", end=" ")
print(f"more than chance would give: {whole['parallel']:.0f}.")
print("What deserves a look:")
for flag in diagnosis.flags or ["Nothing."]:
    print(" *", flag)

# %% [markdown]
# A flag is a question, not an error. Income, education and work go together in every city. An index of them is a fair
# summary *because* they do; but then it holds less news than the number of its indicators suggests.
#
# ## Step 5. Normalisation
#
# Euros and percentages cannot be added up. Each indicator is put on a common scale, and scales differ in what they
# keep. *Min-max* keeps distances and lets one far-off area squeeze the rest; *z* does too, but has no ends;
# *percentile ranks* keep the order alone, so that a hair's breadth and a gulf look the same. A dot is an area, turned
# so that right is more strain.

# %%
values = joined.table.values[codes]
directions = {code: every[code].direction for code in codes}
figure, panels = plt.subplots(1, 3, figsize=(10, 3.2), sharey=True, layout="constrained")
offset = np.linspace(-0.22, 0.22, len(values))  # so that equal dots do not hide each other
for axes, (title, how) in zip(
    panels,
    {
        "min-max (used here)": lea.Normalise(**recipe["normalise"]),
        "z": "z",
        "percentile rank": "percentile_rank",
    }.items(),
):
    scores = lea.normalise(values, how, directions=directions)
    for row, code in enumerate(codes):
        axes.scatter(scores[code], row + offset, s=9, color="#35618f", alpha=0.7, linewidths=0)
    axes.set_title(title, loc="left")
panels[0].set_yticks(range(len(codes)), short)
_ = panels[0].invert_yaxis()

# %% [markdown]
# We take min-max, because distances matter to a planner. It starts above zero: a zero that only means "last of these
# areas" would wipe out everything else in a geometric mean, which is tried as an alternative below.
#
# ## Step 6. Weighting and aggregation
#
# Domains count alike, and indicators count alike within their domain. That is a choice too, and an average has two
# consequences that should be looked in the eye. First, the weight *stated* is not the weight *in effect*: a domain
# that varies more, or goes along with the others, decides more about the ranking.

# %%
weights = index.weights.query("level in ('domain', 'indicator')").sort_values("level", kind="stable")
figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
rows = np.arange(len(weights))
axes.hlines(rows, weights["stated"], weights["effective"], color="#999999", linewidth=1)
axes.scatter(weights["stated"], rows, color="white", edgecolor="#35618f", zorder=3, label="stated")
axes.scatter(weights["effective"], rows, color="#b2182b", zorder=3, label="in effect")
axes.set_yticks(rows, [f"{code.replace('_', ' ')} ({weights.level[code]})" for code in weights.index])
axes.legend(frameon=False, loc="lower left")
axes.invert_yaxis()
axes.set_xlim(left=0)
axes.xaxis.set_major_formatter(lambda x, _: f"{x:.0%}")
_ = axes.set_title("Weights, as shares within each level", loc="left")

# %% [markdown]
# Second, in an average everything can be paid for with everything. Here is the price that this recipe puts on
# unemployment. If nobody would defend that price in public, the recipe is wrong.

# %%
price = diagnosis.rate_of_substitution("unemployment", "median_income_residents", own_units=True)
rise = f"{price.abs().median():,.0f}".replace(",", " ")
print("One percentage point more unemployment leaves the score of an area as it was")
print(f"if its median income is {rise} € higher.")

# %% [markdown]
# ### A second view: two ledgers
#
# One score says "average" both of a calm area and of one with heavy strain *and* much to build on. The second view
# keeps what weighs on families (load) apart from what supports them (resource) and sets nothing off. The lines are
# the medians of the areas. A dot beside a line could as well be on its other side.

# %%
ledgers = lea.composite_index(joined, {**recipe, "ledgers": True})
colours = {
    "high_load_low_resource": "#b2182b",
    "high_load_high_resource": "#e08214",
    "low_load_low_resource": "#8073ac",
    "low_load_high_resource": "#4393c3",
}
figure, axes = plt.subplots(figsize=(5.4, 4.2), layout="constrained")
for where, colour in colours.items():
    mine = ledgers.table[ledgers.table["place"] == where]
    words = f"{where.replace('_', ' ')} ({len(mine)})"
    axes.scatter(mine["load"], mine["resource"], color=colour, label=words)
axes.axvline(ledgers.table["load"].median(), color="#777777", linewidth=0.8)
axes.axhline(ledgers.table["resource"].median(), color="#777777", linewidth=0.8)
axes.set(xlabel="load: what weighs on families", ylabel="resource: what supports them")
axes.legend(frameon=False, loc="upper right")
_ = axes.set_title(f"Two ledgers, {place}: a dot is an area", loc="left")

# %%
mirror = ledgers.table["load"].corr(ledgers.table["resource"])
print(f"Load and resource correlate by {mirror:.2f}.")
print("The nearer that is to -1, the less the second ledger adds to the first.")

# %% [markdown]
# ## Step 7. Robustness and sensitivity
#
# Everything so far was one recipe out of many that could be defended, on numbers that are partly chance. So the index
# is made again and again. Each run draws another scale, other weights, another mean, perhaps one indicator less, and
# true rates as far as the number of people leaves them open. The seed makes it repeatable.

# %%
how = lea.RobustnessSpec(runs=4000, seed=2009, weighting=(lea.Weighting("pca"),))
sure = lea.composite_robustness(joined, recipe, how)
print(f"{how.runs} runs. Each draws one of these:")
for step, choices in sure.choices.items():
    if len(choices) > 1:
        print(f" * {step}: {choices[0] or 'none left out'} (as stated), or", ", ".join(choices[1:]))
print(f" * each weight up to {how.weights_within:.0%} larger or smaller")
for note in sure.notes:
    print(note)

# %% [markdown]
# What holds? A *tier* is a fifth of the ranking, the first with most strain. We believe of an area only the tiers
# that hold in nearly all runs, and put that in words. Within each group areas are listed by name, not by score: their
# order inside it is what we do *not* know.

# %%
GROUPS = {
    "most strain": "#b2182b",
    "more than most": "#f4a582",
    "in the middle": "#d9d9d9",
    "less than most": "#92c5de",
    "least strain": "#2166ac",
    "cannot be said": "#ffffff",
}


def group_of(area):
    """Say where an area surely is, from the tiers that hold."""
    upper, lower = area["tier_lower"], area["tier_upper"]
    if np.isnan(upper):
        return ""
    if upper == lower and upper in (1, 5):
        return "most strain" if upper == 1 else "least strain"
    if lower <= 2 or upper >= 4:
        return "more than most" if lower <= 2 else "less than most"
    return "in the middle" if lower - upper <= 1 else "cannot be said"


found = sure.table.assign(name=names, group=sure.table.apply(group_of, axis=1))
found = found[found["group"] != ""]
order = [(group, part.sort_values("name")) for group in GROUPS if len(part := found[found["group"] == group])]
shown = pd.concat([part for _, part in order])
worst = int(np.ceil(0.1 * found["score"].notna().sum()))
likely = (found["p_worst_decile"] >= how.holds).sum()
possible = found["p_worst_decile"].between(1 - how.holds, how.holds, inclusive="neither").sum()
print(f"Groups that hold in {how.holds:.0%} of the runs, and their areas:")
print(found["group"].value_counts().reindex(GROUPS, fill_value=0).to_string(), "\n")
print(f"The tenth with most strain are {worst} areas.")
print(f"Among them in {how.holds:.0%} of the runs or more: {likely}.", end=" ")
print(f"In fewer, but more than {1 - how.holds:.0%}: {possible}.")

# %%
figure, axes = plt.subplots(figsize=(7.5, 0.14 * len(shown) + 1.9), layout="constrained")
rows = np.arange(len(shown))
axes.hlines(rows, shown["rank_lower"], shown["rank_upper"], color="#777777", linewidth=1.2)
chances = {"c": shown["p_worst_decile"], "cmap": "Reds", "vmin": 0, "vmax": 1}
dots = axes.scatter(shown["rank_median"], rows, s=28, edgecolor="#444444", zorder=3, **chances)
start = 0
for group, part in order:
    axes.axhspan(start - 0.5, start + len(part) - 0.5, color=GROUPS[group], alpha=0.25, linewidth=0)
    axes.text(len(shown) + 1.5, start + (len(part) - 1) / 2, group, va="center")
    start += len(part)
axes.set_yticks([])  # on your own screen: axes.set_yticks(rows, shown["name"])
axes.set(xlim=(0, len(shown) + 1), ylim=(len(shown) - 0.5, -0.5), xlabel="place (1: most strain)")
figure.colorbar(dots, location="bottom", label="share of runs in the worst tenth", shrink=0.5, aspect=30)
_ = axes.set_title(f"Where areas of {place} could be: median, and 5 % to 95 % of the runs", loc="left")

# %%
by_rank = found.sort_values("rank")
lower, upper = by_rank["rank_lower"].to_numpy(), by_rank["rank_upper"].to_numpy()
first, second = np.triu_indices(len(found), 1)
either = (lower[second] <= upper[first]) & (lower[first] <= upper[second])
print(f"Could stand in either order: {either.mean():.0%} of all pairs of areas,")
print(f"and {either[second - first == 1].mean():.0%} of those that are next to each other in the index.")

# %% [markdown]
# A city has few postal areas, and a small *n* has consequences. A tenth of them is a handful, so one area more or
# less in a group is no news. Scales, weights and the model of noise are learnt from few areas. A correlation must be
# large to be more than chance. And areas next to each other in a list often cannot be told apart, as the grey lines
# show.
#
# Which choice matters most? Sobol indices divide the movement of the ranks among the causes: *first* is what a cause
# does alone, *total* what it does alone and together with the others. Where total is much larger than first, causes
# work only together.

# %%
sobol = sure.sobol(rows=512)
told = {
    "normalise": "scale",
    "weights": "weights",
    "aggregate": "kind of mean",
    "impute": "filling gaps",
    "indicators": "indicator left out",
    "noise": "chance in small numbers",
    "hidden": "withheld values",
}
bars = sobol.index.sort_values("total")
height = np.arange(len(bars))
figure, axes = plt.subplots(figsize=(6.5, 2.6), layout="constrained")
for name, shift, colour in (("total", 0.2, "#35618f"), ("first", -0.2, "#a9c4e0")):
    error = {"xerr": bars[f"{name}_error"], "ecolor": "#777777"}
    axes.barh(height + shift, bars[name], 0.36, color=colour, label=name, **error)
axes.set_yticks(height, [told[factor] for factor in bars.index])
axes.axvline(0, color="#444444", linewidth=0.8)
axes.legend(frameon=False, loc="lower right", title="with standard errors")
_ = axes.set_title("What moves the ranks, as shares of variance", loc="left")

# %%
movers = found["moved_by"].map(lambda word: told.get(word, "nothing")).value_counts()
print("What moves an area's rank most, and of how many areas:")
print(movers.rename_axis(None).to_string())

# %% [markdown]
# The limit of residents from step 2 is not among the choices drawn, so we try others by hand: how far do the areas
# move that both indices have?

# %%
tried = {}
for limit in (1, LEAST_RESIDENTS // 2, 2 * LEAST_RESIDENTS, 5 * LEAST_RESIDENTS):
    people = lea.join_indicators(areas.loc[residents.index[residents >= limit]], table)
    other = lea.composite_index(people, recipe).table["score"].dropna()
    mine = index.table["score"].dropna()
    both = mine.index.intersection(other.index)
    places, points = (mine[both].rank() - other[both].rank()).abs(), (mine[both] - other[both]).abs()
    tried[limit] = {
        "areas": len(other),
        "places moved, at most": places.max(),
        "points moved, at most": points.max(),
    }
pd.DataFrame.from_dict(tried, orient="index").rename_axis("least residents").round(1)

# %% [markdown]
# ### Clusters, and how sure they are
#
# Do strained areas lie side by side? A local statistic is tested for each area, and then made again under the same
# alternatives and under another idea of neighbourhood. A label is *firm*, *depends* on something named, or *cannot be
# said*. Where no cluster is found, that does not prove that there is none: few areas give a test little to go by, and
# neighbours across the city limits are not in the data at all.

# %%
graph = lea.build_graph(joined.areas, "queen", islands="components", water_distance=2000)
nearest = lea.build_graph(joined.areas, "knn", k=5)
whole = lea.global_moran(index.table["score"], graph, seed=2009)
print(f"All areas together: Moran's I = {whole.statistic:.2f}, by chance {whole.expected:.2f};", end=" ")
print(f"p = {whole.p_value:.2g}.\n")
draws = lea.index_draws(sure, runs=200, others=50)
labels = lea.label_robustness(
    draws.values,
    graph,
    statistic=("local_moran", "local_g_star"),
    draws=draws,
    graphs={"nearest areas": nearest},
    hidden="nearby",
)
for name, words in {"local_moran": "Local Moran", "local_g_star": "Gi*"}.items():
    mine = labels.of(name)
    print(f"{words}:")
    print(pd.crosstab(mine["label"], mine["verdict"].replace("", "not judged")).to_string(), "\n")

# %% [markdown]
# ## Step 8. Back to the details
#
# A score hides what it is made of, and nobody can act on a score. So look at where the strain comes from in the areas
# that are firmly in the first tier: two of them may need quite different things. Domains are shown on the scale of
# the index; below, one indicator in its own unit.

# %%
domains = list(index.table.columns.drop(["score", "rank", "available"]))
top = found[found["group"] == "most strain"].sort_values("name").index
parts = index.table.loc[top, domains]
figure, axes = plt.subplots(figsize=(6.4, 0.34 * len(top) + 1.6), layout="constrained")
image = axes.imshow(parts, cmap="Reds", vmin=1, vmax=100, aspect="auto")
axes.set_xticks(range(len(domains)), [d.replace("_", "\n") for d in domains])
axes.set_yticks(range(len(top)), names[top])
for (row, column), score in np.ndenumerate(parts.to_numpy()):
    axes.text(column, row, f"{score:.0f}", ha="center", va="center", color="white" if score > 60 else "black")
axes.spines[:].set_visible(False)
_ = axes.set_title("Where the strain comes from, areas that are firmly in the first tier", loc="left")

# %%
medians = joined.table.values[codes].median()
detail = joined.table.values.loc[top, codes].assign(name=names).set_index("name")
detail.loc[f"median area of {place}"] = medians
detail.round(1).rename(columns={code: every[code].name.en for code in codes})

# %%
hinge = diagnosis.table["largest_shift"].idxmax()
moved, part = diagnosis.table.loc[hinge, ["largest_shift", "shifted_by"]]
print(
    f"The place that hangs most on one part is that of {names[hinge]}: without {part.replace('_', ' ')} it would move"
)
print(f"by {moved:.0f} places. Of such an area, speak of that part and not of the index.")

# %% [markdown]
# ## Step 9. Links to other variables
#
# How does the index go with what was left out in step 2? These are correlations between *areas*. They say nothing of
# single families, and nothing of causes. Within the grey band, chance alone would do in an area count like ours.

# %%
outside = [
    "rental_housing",
    "small_house_dwellings",
    "children_under_18",
    "students",
    "education_jobs",
    "care_jobs",
]
linked = lea.diagnose_composite(index, outside=joined.table.values[outside]).outside
linked = linked[linked["node"] == "index"].set_index("indicator").sort_values("spearman")
chance = 1.96 / np.sqrt(linked["n"].min())
figure, axes = plt.subplots(figsize=(6.5, 2.5), layout="constrained")
axes.axvspan(-chance, chance, color="#eeeeee", linewidth=0)
axes.barh([every[code].name.en for code in linked.index], linked["spearman"], color="#35618f", height=0.55)
axes.axvline(0, color="#444444", linewidth=0.8)
axes.set_xlim(-1, 1)
_ = axes.set_title("Rank correlation with strain, by area", loc="left")
beyond = [every[code].name.en for code, r in linked["spearman"].items() if abs(r) > chance]
print("More than chance would do:", "; ".join(beyond) or "none")

# %% [markdown]
# Housing is not in the index. If the index goes with rented flats all the same, whoever uses the map to decide where
# to *build* should know that it also shows where what was built.
#
# ## Step 10. Presentation and visualisation
#
# The picture for the public shows groups that hold and not places in a list. White says "cannot be said", hatching
# "too few residents for a score". An area may look strained here and be a good place to grow up in: the map shows
# circumstances, not people.

# %%
picture = everywhere.areas[["geometry"]].join(found["group"])
figure, axes = plt.subplots(figsize=(7.2, 5.4), layout="constrained")
for group, colour in GROUPS.items():
    mine = picture[picture["group"] == group]
    if len(mine):
        mine.plot(ax=axes, color=colour, edgecolor="#555555", linewidth=0.6)
without = picture[picture["group"].isna()]
if len(without):
    without.plot(ax=axes, color="#ffffff", edgecolor="#999999", linewidth=0.6, hatch="////")
told_groups = [Patch(facecolor=GROUPS[group], edgecolor="#555555", label=group) for group, _ in order]
told_groups.append(Patch(facecolor="white", edgecolor="#999999", hatch="////", label="too few residents"))
axes.legend(handles=told_groups, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
axes.set_axis_off()
axes.set_title(f"Strain on families, {place}: groups that hold in {how.holds:.0%} of the runs", loc="left")
_ = axes.text(0, -0.03, source, transform=axes.transAxes, fontsize=7.5, color="#555555")

# %% [markdown]
# For those who plan services there is the interactive map: one file that opens with a double click and asks the
# network for nothing. Of each area it tells the fifth that holds, what moves its place most and the verdict on its label.
# It is told that the values are an index, so that it sorts its table by the fifths that hold and not by the score.

# %%
spots = lea.hotspots(joined.areas, index.table["score"], graph).table
stability = sure.table.rename(columns={"score_lower": "interval_lower", "score_upper": "interval_upper"})
of_areas = spots.drop(columns=joined.areas.columns).join(stability).join(labels.study_columns())
unscored = {"status": "not_applicable", "local_moran_label": "Undefined", "local_g_star_label": "Undefined"}
drawn = everywhere.areas[["name_fi", "geometry"]].join(of_areas).fillna(unscored)
plain = lea.planner_map(drawn, title=f"Strain on families, {place}").findings
as_index = replace(plain.indicators[0], level="index", direction="weakens")
page = Path(tempfile.mkdtemp()) / "strain_on_families.html"
lea.planner_map(replace(plain, indicators=(as_index,)), language="en").save(page)
print(f"{page.name} holds {len(drawn)} areas, {drawn['value'].notna().sum()} of them with a score.")

# %% [markdown]
# ## What may be published, and what not
#
# **May be published**
#
# * the recipe: indicators, directions, scale, weights, mean, alternatives, seed, limit of residents, source, year;
# * the map of groups that hold, with "cannot be said" drawn as plainly as the rest;
# * domains and indicators of an area beside its score, with the intervals of small areas;
# * what the index leaves out, and which single choice moves it most.
#
# **May not**
#
# * a league table. Places in a list are what changes with every defensible choice; an order of areas also sticks to the
#   people who live in them;
# * scores with decimals, or a change of a place from one year to the next as if it were a finding;
# * probabilities of being "among the worst" with names on them: they are for those who plan services;
# * scores of areas under the limit of residents, and anything from which withheld values could be worked out;
# * the word *wellbeing* for an index that covers only some of its dimensions.
#
# **May be used inside the city** to decide where to look first: at areas firmly in the first tier, with step 8 in
# hand, and then by asking the families and those who work with them.

# %%
firm = found[found["group"].isin(["most strain", "least strain"])]
print(f"{source}. {len(firm)} of {len(found)} areas are firmly in the first or the last tier;")
print(
    f"areas of which it cannot be said: {found['group'].eq('cannot be said').sum()}. No order is published."
)
