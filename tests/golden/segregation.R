# Writes tests/golden/segregation/reference.json: what R's packages make of segregation/*.csv.
# Run as: R_LIBS=... Rscript segregation.R OASIS SEG   (folders of the sources of OasisR 3.1.1 and seg 0.5-7;
# both are sourced, since they want other packages only for reading shapefiles).
suppressPackageStartupMessages({
  library(segregation); library(oaxaca); library(rineq); library(jsonlite)
})
args <- commandArgs(trailingOnly = TRUE)
wanted <- function(line) !grepl("^ *library\\(", line)
eval(parse(text = Filter(wanted, readLines(file.path(args[1], "R", "SegFunctions.R")))))
for (name in c("localenv.get", "spatseg")) source(file.path(args[2], "R", paste0(name, ".R")))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
counts <- read.csv(file.path(here, "segregation", "counts.csv"), colClasses = c(area_id = "character"))
x <- as.matrix(counts[, c("a", "b", "c")])
two <- cbind(a = x[, "a"], rest = x[, "b"] + x[, "c"])
place <- cbind(as.numeric(substr(counts$area_id, 1, 1)), as.numeric(substr(counts$area_id, 2, 2))) * 1000
far <- as.matrix(dist(place))

long <- data.frame(area = rep(counts$area_id, 3), group = rep(c("a", "b", "c"), each = nrow(x)), n = as.vector(x))
mutual <- mutual_total(long, "group", "area", weight = "n")
pair <- data.frame(area = rep(counts$area_id, 2), group = rep(c("a", "rest"), each = nrow(x)), n = as.vector(two))
mutual2 <- mutual_total(pair, "group", "area", weight = "n")
local <- as.data.frame(mutual_local(long, "group", "area", weight = "n", wide = TRUE))

oasis <- list(
  dissimilarity = DIDuncan(two)[1, 2], gini = Gini(two)[1], atkinson = Atkinson(two)[1],
  correlation_ratio = Eta2(two)[1], isolation = xPx(two)[1], interaction = xPy(two)[1, 2],
  information_theory = HTheil(two)[1]
)
many <- list(
  dissimilarity = DMulti(x), gini = GiniMulti(x), information_theory = HMulti(x),
  relative_diversity = RelDivers(x), normalized_exposure = PMulti(x), squared_variation = CMulti(x)
)

# A board of 6 x 5 squares of 1 km: queen neighbours, borders of 1 km
queen <- (far > 0 & far < 1500) * 1
rook <- (far > 0 & far < 1100) * 1
land <- rep(1e6, nrow(x))
own <- far; diag(own) <- 0.6 * sqrt(land)
km <- own / 1000
board <- list(
  adjacency_dissimilarity = DIMorrill(two, c = queen)[1, 2],
  boundary_dissimilarity = ISWong(two, b = rook, a = land / 1e6, p = rowSums(rook), variant = "w")[1],
  shape_dissimilarity = ISWong(two, b = rook, a = land / 1e6, p = rowSums(rook), variant = "s")[1],
  delta = Delta(two, a = land)[1],
  relative_clustering = RCL(two, d = km, fdist = "e")[1, 2],
  spatial_proximity = SP(two, d = km, fdist = "e", itype = "multi")[1]
)
# Not DPxx and DPxy: they take the people of the row for those of the column, so that shares do not add up to 1.

env <- localenv.get(as.dist(far), x, power = 1 / 1000, useExp = TRUE, scale = FALSE, maxdist = -1, tol = 0)
setClass("Env", representation(data = "matrix", env = "matrix", coords = "matrix", proj4string = "character"))
SegSpatial <- function(d, r, h, p, ...) list(d = d, r = r, h = h, p = p)
around <- spatseg(new("Env", data = x, env = env, coords = place, proj4string = ""), useC = FALSE)

drivers <- read.csv(file.path(here, "segregation", "drivers.csv"), colClasses = c(area_id = "character"))
set.seed(1)
# oaxaca's second group is where the variable is TRUE; the gap is the first group's mean less the second's
drivers$second <- drivers$first == 0
ob <- oaxaca(value ~ income + education + unemployment | second, data = drivers, R = NULL)
twofold <- ob$twofold$overall
variables <- ob$twofold$variables

fit <- lm(value ~ income + education + unemployment, data = drivers, weights = population)
rank <- drivers$income
# With weights, rineq corrects degrees of freedom by (n - 1) / n where its weighted variance has another factor:
# its weighted indices are all too large by that, and the shares of the drivers are right.
weighted <- contribution(fit, rank, correction = FALSE)
plain <- contribution(lm(value ~ income + education + unemployment, data = drivers), rank, correction = FALSE)

told <- list(
  versions = list(R = R.version.string, segregation = as.character(packageVersion("segregation")),
                  OasisR = read.dcf(file.path(args[1], "DESCRIPTION"))[, "Version"],
                  seg = read.dcf(file.path(args[2], "DESCRIPTION"))[, "Version"],
                  oaxaca = as.character(packageVersion("oaxaca")),
                  rineq = as.character(packageVersion("rineq"))),
  mutual = list(M = mutual$est[1], H = mutual$est[2], M_two = mutual2$est[1], H_two = mutual2$est[2],
                local = setNames(as.list(local$ls), local$area)),
  oasis = oasis, many = many, board = board,
  around = list(dissimilarity = around$d, information_theory = around$h, relative_diversity = around$r,
                exposure = around$p),
  oaxaca = list(overall = as.data.frame(twofold), variables = lapply(variables, as.data.frame),
                weights = ob$twofold$overall[, 1]),
  rineq = list(value = plain$overall_ci$concentration_index, contribution = as.list(plain$ci_contribution),
               partial = as.list(plain$partial_cis), weighted_shares = as.list(weighted$rel_contribution))
)
write_json(told, file.path(here, "segregation", "reference.json"), auto_unbox = TRUE, digits = NA, pretty = TRUE)
