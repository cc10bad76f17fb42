"""What the docs say of other programs: their whole lists, counted right; and of chapters: every key."""

import re
from pathlib import Path

import pytest

import lea_geo as lea
from lea_geo._checks.faults import Faults
from lea_geo._checks.spec import Keys
from lea_geo.change.emerging_classes import ARCGIS_CLASSES
from lea_geo.chapter import CHAPTERS
from lea_geo.chapter_specs import READERS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "parity.md").read_text("utf-8")
CHAPTERS_PAGE = (DOCS / "chapters.md").read_text("utf-8")
PAGES = [DOCS / f"{name}.md" for name in (*CHAPTERS, "parity", "chapters")] + [ROOT / "README.md"]

COLUMNS = {"there | here": "here", "there | otherwise here": "otherwise", "left out | because": "left out"}

THEIRS = {
    # R healthequal 1.0.0, README: "21 summary measures of health inequality".
    "HEAT": """
        d r aci rci sii rii bgv bgsd covar mdmu mdmw mdbu mdbw mdru mdrw idisu idisw ti mld parisk paf""",
    # PySAL inequality 1.1.2, the classes and functions of its modules.
    "PySAL inequality": "Gini Gini_Spatial Theil TheilD TheilDSim Atkinson Schutz wolfson pengram",
    # PySAL segregation 2.5.4: singlegroup, multigroup, local, dynamics, batch, inference, decomposition and
    # network.
    "PySAL segregation": """
        AbsoluteCentralization AbsoluteClustering AbsoluteConcentration Atkinson BiasCorrectedDissim
        BoundarySpatialDissim ConProf CorrelationR Delta DensityCorrectedDissim Dissim
        DistanceDecayInteraction DistanceDecayIsolation Entropy Gini Interaction Isolation MinMax
        ModifiedDissim ModifiedGini PARDissim RelativeCentralization RelativeClustering
        RelativeConcentration SpatialDissim SpatialProxProf SpatialProximity
        GlobalDistortion MultiDissim MultiDivergence MultiDiversity MultiGini MultiInfoTheory
        MultiNormExposure MultiRelativeDiversity MultiSquaredCoefVar SimpsonsConcentration SimpsonsInteraction
        LocalDistortion LocalRelativeCentralization MultiLocalDiversity MultiLocalEntropy
        MultiLocalSimpsonConcentration MultiLocalSimpsonInteraction MultiLocationQuotient
        compute_divergence_profiles compute_multiscalar_profile
        batch_compute_multigroup batch_compute_singlegroup
        batch_multiscalar_multigroup batch_multiscalar_singlegroup
        SingleValueTest TwoValueTest DecomposeSegregation calc_access compute_travel_cost_matrix""",
    # giddy 2.3.8, API reference without utilities: markov, ergodic, directional, mobility, rank, sequence.
    "giddy": """
        Markov Spatial_Markov LISA_Markov FullRank_Markov GeoRank_Markov kullback prais homogeneity
        sojourn_time steady_state mfpt var_mfpt_ergodic Rose markov_mobility Theta Tau SpatialTau Tau_Local
        Tau_Local_Neighbor Tau_Local_Neighborhood Tau_Regional Sequence""",
    # geosnap 0.17.0: geosnap.analyze with the methods of cluster and regionalize, ModelResults, harmonize.
    "geosnap": """
        kmeans ward gaussian_mixture hdbscan affinity_propagation spectral
        skater ward_spatial azp max_p spenc kmeans_spatial find_k find_region_k
        silhouette_scores nearest_label boundary_silhouette path_silhouette calinski_harabasz_score
        davies_bouldin_score lincs predict_markov_labels transition sequence draw_sequence_from_gdf linc
        lincs_from_gdf singlegroup_tempdyn multigroup_tempdyn spacetime_dyn
        isochrones_from_gdf isochrones_from_id pdna_to_adj harmonize""",
    # spopt 0.7.0, spopt.locate.
    "spopt.locate": "KNearestPMedian LSCP LSCPB MCLP PCenter PDispersion PMedian",
    # PySAL access 1.1.10: methods of Access, and access.weights.
    "PySAL access": """
        weighted_catchment fca_ratio two_stage_fca enhanced_two_stage_fca three_stage_fca raam score
        create_euclidean_distance create_euclidean_distance_neighbors step_fn gaussian gravity""",
    # spopt 0.7.0, spopt.region; pygeoda 0.1.3, its spatially constrained clustering.
    "Regions of spopt and GeoDa": """
        AZP MaxPHeuristic RandomRegion RandomRegions RegionKMeansHeuristic SA3 Skater Spenc WardSpatial
        skater redcap schc azp_greedy azp_sa azp_tabu maxp_greedy maxp_sa maxp_tabu""",
}
# ArcGIS Pro, How Emerging Hot Spot Analysis works: eight patterns, hot and cold, and none.
PATTERNS = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
)
SEVENTEEN = {f"{name} {side} spot" for name in PATTERNS for side in ("hot", "cold")} | {"no pattern"}
# ArcGIS Pro, Location-allocation analysis: its problem types.
PROBLEMS = {
    "Minimize Weighted Impedance",
    "Maximize Coverage",
    "Maximize Coverage And Minimize Facilities",
    "Maximize Capacitated Coverage",
    "Maximize Attendance",
    "Maximize Market Share",
    "Target Market Share",
}


def sections():
    """Return the rows of the page by program and by what became of them: name and the other cell."""
    found = {}
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        rows, kind = [], ""
        for line in part.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if line.startswith("| ") and " | ".join(cells) in COLUMNS:
                kind = COLUMNS[" | ".join(cells)]
            elif line.startswith("| "):
                rows += [(kind, name, cells[1]) for name in re.findall(r"`([^`]+)`", cells[0])]
        if rows:
            found[part.splitlines()[0]] = rows
    return found


SECTIONS = sections()


@pytest.mark.parametrize("program", THEIRS)
def test_each_of_a_program_s_methods_stands_in_its_section_once(program):
    told = [name for _, name, _ in SECTIONS[program]]
    assert sorted(told) == sorted(THEIRS[program].split())


def test_heat_has_twenty_one_measures_and_all_are_here():
    assert [kind for kind, _, _ in SECTIONS["HEAT"]] == ["here"] * 21


def test_all_seventeen_categories_of_arcgis_are_here():
    told = {name for kind, name, _ in SECTIONS["ArcGIS Emerging Hot Spot Analysis"] if kind == "here"}
    assert len(SEVENTEEN) == 17
    assert told >= SEVENTEEN
    assert set(ARCGIS_CLASSES) - {""} == SEVENTEEN
    for name in PATTERNS:
        assert name in (DOCS / "trends.md").read_text("utf-8")


def test_all_problem_types_of_location_allocation_are_told():
    assert {name for _, name, _ in SECTIONS["ArcGIS Location-Allocation"]} == PROBLEMS


@pytest.mark.parametrize("program", SECTIONS)
def test_nothing_is_left_out_or_replaced_without_a_word(program):
    assert all(len(cell) > 3 for _, _, cell in SECTIONS[program])


def test_the_counts_are_those_of_the_lists():
    rows = re.findall(r"^\| \[(.+?)\]\(#.+?\) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    counted = {}
    for program, told in SECTIONS.items():
        kinds = [kind for kind, _, _ in told]
        counted[program] = [len(told), *(kinds.count(kind) for kind in COLUMNS.values())]
    assert {name: [int(n) for n in numbers] for name, *numbers in rows} == counted


@pytest.mark.parametrize("program", ["PySAL segregation", "giddy", "PySAL access", "spopt.locate"])
def test_the_chapters_page_has_a_row_for_each_method_too(program):
    page = {"PySAL segregation": "segregation", "giddy": "trends"}.get(program, "access")
    text = (DOCS / f"{page}.md").read_text("utf-8")
    text = text[text.index("## Beside other programs") :]
    helpers = {"score", "create_euclidean_distance", "create_euclidean_distance_neighbors"}
    if program == "PySAL segregation":
        text = text.replace("batch_compute_*", "batch_compute_singlegroup batch_compute_multigroup")
        helpers = {name for _, name, _ in SECTIONS[program] if name.startswith(("batch_multi", "c"))}
    missing = {name for name in THEIRS[program].split() if not re.search(rf"\b{name}\b", text)} - helpers
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_public_name_on_the_page_is_one(page):
    text = page.read_text("utf-8")
    named = set(re.findall(r"(?<![\w.])lea\.([A-Za-z_]\w*)", text))
    assert not {name for name in named if name not in lea.__all__}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_of_the_page_leads_to_a_file_and_a_heading(page):
    text = page.read_text("utf-8")
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        if not path.exists() or (anchor and anchor not in headings(path)):
            broken.append(target)
    assert not broken


def headings(path):
    """Return the anchors of a page's headings as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("code", CHAPTERS)
def test_every_key_of_a_chapter_s_section_is_told(code, tmp_path):
    keys = known_keys(code, tmp_path)
    (row,) = re.findall(rf"^\| \[`\[{code}\]`\]\(.+?\) \| `(.+?)` \|$", CHAPTERS_PAGE, re.MULTILINE)
    assert sorted(row.split()) == sorted(keys)
    own = (DOCS / f"{code}.md").read_text("utf-8")
    assert not [key for key in keys if not re.search(rf"\b{key}\b", own)]


def known_keys(code, folder):
    """Return the keys that a section may have, as its reader asks for them."""
    asked = Keys({}, f"[{code}]", Faults(), folder)
    READERS[code](asked)
    return set(asked.known)
