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
# # A release that can be defended
#
# For a data-protection officer, and for whoever has to convince one. A city wants to publish how many children live in
# families with a low income: by squares of 250 m for its planners, and by postal area for everybody else. No number
# under a limit may be known. Each of the two tables keeps to that. Is that enough?
#
# Everything here is **made up**: the city, its families, and every number below, all of which this notebook computes.
# You need not read the code; the text says what each step does and what came out. What the text claims is checked by
# an `assert` beside it.

# %%
import json
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import shapely

import lea_geo as lea
from lea_geo.disclosure.attack.atoms import intersect
from lea_geo.disclosure.prove.bounds import area_bounds
from lea_geo.disclosure.prove.certificate import certify, write_certificate
from lea_geo.disclosure.attack.cure import find_cures
from lea_geo.disclosure.published import NO_LIMIT, Published
from lea_geo.disclosure.protect.suppress import suppress
from lea_geo.disclosure.prove.unsafe import unsafe_groups

K = 5  # a count of 1 to 4 children is too small to be known

# %% [markdown]
# ## 1. A made-up city
#
# Four kilometres by four, eight postal areas, 256 squares. Children live in villages around the middle of each postal
# area, some of them just across its border. We know where each of them lives; an outsider does not.

# %%
rng = np.random.default_rng(1)
west, south, side = 300_000, 6_700_000, 4_000
city = shapely.box(west, south, west + side, south + side)
centres = np.column_stack([west + rng.uniform(0, side, 8), south + rng.uniform(0, side, 8)])
around = shapely.voronoi_polygons(shapely.MultiPoint(centres), extend_to=city).geoms
postal = gpd.GeoDataFrame(geometry=[shapely.intersection(one, city) for one in around], crs="EPSG:3067")
postal.index = [f"{90100 + 10 * n}" for n in range(len(postal))]
squares = lea.build_grid((west, south, west + side, south + side), cell_size=250)

homes = centres[rng.integers(0, 8, 480)] + rng.normal(0, 150, (480, 2))
homes = homes[((homes > [west, south]) & (homes < [west + side, south + side])).all(axis=1)]
families = pd.DataFrame(
    {
        "square": lea.cell_of(*homes.T, cell_size=250),
        "postal": postal.index[shapely.STRtree(postal.geometry.to_numpy()).nearest(shapely.points(homes))],
        "children": rng.integers(1, 4, len(homes)),
    }
)
print(f"{len(families)} families with {families['children'].sum()} children")

figure, axes = plt.subplots(figsize=(5, 5))
squares.boundary.plot(ax=axes, color="#d0d4d8", linewidth=0.5)
postal.boundary.plot(ax=axes, color="#1d2329", linewidth=1.2)
axes.scatter(*homes.T, s=4, color="#b2182b")
axes.set_axis_off()
_ = axes.set_title("Made up: families, squares, postal areas")

# %% [markdown]
# ## 2. Two tables, each of them careful
#
# Each table shows every count but those of 1 to 4. A zero may be shown: it tells of nobody. In both tables, whoever
# looks for a small number finds a blank.

# %%
pieces = intersect({"square": squares, "postal": postal})
where = pd.MultiIndex.from_arrays(
    [np.array(pieces.area_ids[kind])[pieces.member[kind]] for kind in ("square", "postal")]
)
children = families.groupby(["square", "postal"])["children"].sum().reindex(where, fill_value=0).to_numpy()
assert children.sum() == families["children"].sum()

totals = {
    kind: np.bincount(member, weights=children, minlength=len(pieces.area_ids[kind])).astype(int)
    for kind, member in pieces.member.items()
}
small = {kind: (total > 0) & (total < K) for kind, total in totals.items()}


def published(*kinds):
    """Return what an outsider knows who has the tables of these kinds of areas."""
    lower = {kind: np.where(small[kind], 0, totals[kind]) for kind in kinds}
    upper = {kind: np.where(small[kind], NO_LIMIT, totals[kind]) for kind in kinds}
    nothing = np.zeros(pieces.n, dtype=int)
    return Published(pieces.families(lower, upper), nothing, nothing + NO_LIMIT, pieces.ids)


for kind in totals:
    found = unsafe_groups(published(kind), K)
    hidden = f"{small[kind].sum()} of {(totals[kind] > 0).sum()} inhabited areas blank"
    print(f"{kind} alone: {hidden}; small groups that can be worked out: {len(found.groups)}")
    assert found.safe

# %% [markdown]
# ## 3. Together they give children away
#
# Now somebody puts both tables side by side. What is in some squares, less what is in a postal area, is what lies
# between them: a few homes on the other side of a border. The program looks for every such group, of any shape; no
# person and no check of pairs of areas would find the longer sums.

# %%
both = published("square", "postal")
leaks = unsafe_groups(both, K)
assert not leaks.safe
for group in leaks.groups:
    truth = children[list(group.atoms)].sum()
    assert group.lower <= truth <= group.upper
    used = len(group.recipe.add) + len(group.recipe.subtract)
    proved = f"{group.lower} to {group.upper}" if group.lower < group.upper else f"exactly {group.lower}"
    print(f"truly {truth}; an outsider proves {proved}, from {used} published numbers")

# %% [markdown]
# ## 4. The recipe
#
# Each leak comes with its recipe: which published numbers to add, and which to subtract. It is arithmetic that can be
# done on paper. Here is the shortest one, done again from the two tables alone.

# %%
shortest = min(leaks.groups, key=lambda group: len(group.recipe.add) + len(group.recipe.subtract))
print(shortest.recipe)

shown = {name: count for one in both.families for name, count in zip(one.ids, one.lower) if name}
by_hand = sum(shown[name] for name in shortest.recipe.add) - sum(
    shown[name] for name in shortest.recipe.subtract
)
print(f"done by hand: {by_hand}")
assert by_hand == shortest.recipe.total == children[list(shortest.atoms)].sum()

# %% [markdown]
# What would mend it? The program tries to hide, merge or round areas, or to leave a kind of areas out, attacks the
# result again, and tells what each change costs.

# %%
for cure in find_cures(both, K):
    print(cure)

# %% [markdown]
# ## 5. Hiding what gives others away
#
# The usual way is to hide a few more counts, chosen so that as few people as possible are concerned, over both tables
# at once: what is hidden for one leak can open another, so all are mended together. *Primary* below are the counts
# that are too small themselves, *secondary* those that are hidden because they would give others away.

# %%
kept = suppress(children, both.families, k=K)
assert unsafe_groups(kept.published, K).safe
columns = ["level", "areas", "primary_areas", "secondary_areas", "people", "secondary_people"]
print(kept.account[columns].to_string(index=False))

# %% [markdown]
# ## 6. A proof that another program can check
#
# "We looked and found nothing" is not a proof. The certificate is. For every piece of ground where 1 to 4 children live
# it holds another table, which agrees with every published number and in which the piece has 5 children or more. Both
# tables could be the true one, so nobody can know. The certificate holds no secret: its numbers are invented ones that
# fit what is published.

# %%
certificate = certify(kept.published, K)
assert certificate.proved
folder = Path(tempfile.mkdtemp())
write_certificate(certificate, folder / "certificate.json")
base = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))["base"]
differing = int((np.array(base) != children).sum())
print(f"the certificate's own table differs from the true one in {differing} of {len(children)} pieces")
assert differing

# %% [markdown]
# The verifier is a short program of its own. It knows nothing of how the table was protected, needs nothing but
# Python, uses whole numbers only, and can be read in a quarter of an hour. It runs here as a program of its own, as it
# would on the receiver's computer.

# %%
verifier = folder / "verify_certificate.py"
verifier.write_bytes(
    resources.files("lea_geo.disclosure.prove").joinpath("verify_certificate.py").read_bytes()
)
lines = len(verifier.read_text(encoding="utf-8").splitlines())
assert lines < 200


def verify(name):
    """Run the verifier as another program; return its exit code and what it says."""
    done = subprocess.run([sys.executable, verifier.name, name], cwd=folder, capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).strip()


code, said = verify("certificate.json")
print(f"verifier of {lines} lines, exit code {code}: {said}")
assert code == 0

# %% [markdown]
# If a single number is changed on the way, it says no.

# %%
forged = json.loads((folder / "certificate.json").read_text(encoding="utf-8"))
forged["base"][int(np.argmax(base))] += 1
(folder / "forged.json").write_text(json.dumps(forged), encoding="utf-8")
code, said = verify("forged.json")
print(f"exit code {code}: {said}")
assert code == 1

# %% [markdown]
# ## 7. What the protection cost
#
# Protection is paid for in information. The bill belongs in the release: how many counts are blank, and how many
# children live where the reader now sees nothing. And how little an outsider knows of a blank that stands beside a
# postal total.

# %%
bill = kept.account.set_index("level")[["share_of_areas", "share_of_people"]]
print((100 * bill).round(1).add_suffix(" (%)").to_string())
squares_at = [family.ids[0].startswith("square") for family in kept.published.families].index(True)
blank = np.flatnonzero(kept.hidden[squares_at])
lower, upper = area_bounds(kept.published, squares_at, areas=blank)
some = pd.DataFrame({"at least": lower, "at most": np.minimum(upper, families["children"].sum())})
print(f"\nwhat can be proved of the {len(blank)} blank squares:")
print(some.describe().loc[["min", "50%", "max"]].astype(int).to_string())
assert (upper >= K).all()

# %% [markdown]
# ## 8. What was not tried
#
# The proof is about counts on squares and postal areas, for somebody who has both tables and nothing else. It says
# nothing of
#
# * somebody who knows a family already and recognises it in a count;
# * tables that others publish of the same children, or that this city published last year, unless they are put
#   beside these and attacked together;
# * what somebody could conclude who knows the exact rule by which counts were chosen to be hidden;
# * a high share in a large area, which can hurt those who live there although nobody can be singled out. That is
#   what the ethical notes are for.
#
# `lea-geo audit` says of each attack whether it was tried, on the finished files: maps, tables, legends and reports
# too. `lea-geo run` with `[disclosure]` in the study file does all of the above by itself, writes nothing where
# something can be worked out, and puts what leaves into one folder with a risk assessment in Finnish, Swedish and
# English, the proof and the verifier.
