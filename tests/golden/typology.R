# Writes what R says of compositions, of agreement between divisions and of clusters' stability, into the folder named
# as the first argument, from counts.csv there, which are made up.
#
#   ROBCOMPOSITIONS=... ZCOMPOSITIONS=... Rscript tests/golden/typology.R tests/golden/typology
#
# compositions: clr, ilr on a sequential binary partition, alr, Aitchison's distance. zCompositions: cmultRepl, multRepl.
# robCompositions: pivotCoord. The last two are read from the sources of the packages (folders in the environment), since
# what they need beside is not packaged for Debian. fpc: clusterboot's similarity. mclust: adjusted Rand.

suppressPackageStartupMessages({library(compositions); library(mclust); library(fpc)})
folder <- commandArgs(TRUE)[1]
rob <- Sys.getenv("ROBCOMPOSITIONS"); zero <- Sys.getenv("ZCOMPOSITIONS")
source(file.path(rob, "R/gm.R")); source(file.path(rob, "R/isomLR.R")); source(file.path(zero, "R/cmultRepl.R")); source(file.path(zero, "R/multRepl.R"))
save_as <- function(x, name) {
  x <- as.data.frame(x); x[] <- lapply(x, function(v) sprintf("%.15g", v))
  write.csv(x, file.path(folder, name), row.names = FALSE, quote = FALSE)
}

counts <- read.csv(file.path(folder, "counts.csv"))[, -1]
for (rule in c("GBM", "SQ", "BL")) {
  save_as(cmultRepl(counts, method = rule, z.delete = FALSE, suppress.print = TRUE), sprintf("cmult_%s.csv", tolower(rule)))
}
shares <- counts / rowSums(counts)
save_as(multRepl(shares, label = 0, dl = rep(0.001, 5), frac = 0.65, z.delete = FALSE), "mult.csv")

full <- as.matrix(cmultRepl(counts, method = "GBM", z.delete = FALSE, suppress.print = TRUE))
save_as(unclass(compositions::clr(acomp(full))), "clr.csv")
save_as(unclass(compositions::alr(acomp(full), ivar = 5)), "alr.csv")
signs <- rbind(c(1, 1, 1, -1, -1), c(1, -1, -1, 0, 0), c(0, 1, -1, 0, 0), c(0, 0, 0, 1, -1))
base <- gsi.buildilrBase(t(signs))
save_as(unclass(compositions::ilr(acomp(full), V = base)), "ilr.csv")
save_as(pivotCoord(as.data.frame(full)), "pivot.csv")
save_as(as.matrix(dist(acomp(full))), "distances.csv")

one <- rep(1:3, times = c(8, 8, 8)); other <- c(rep(1, 7), rep(2, 9), rep(3, 5), rep(1, 3))
save_as(data.frame(one, other, rand = adjustedRandIndex(one, other),
                   jaccard = clujaccard(one == 1, other == 1, zerobyzero = 1)), "agreement.csv")

set.seed(1)
made <- rbind(matrix(rnorm(60, 0, 1), 30), matrix(rnorm(60, 2, 1), 30), matrix(rnorm(60, c(0, 3), 1), 30, byrow = TRUE))
boot <- clusterboot(made, B = 200, clustermethod = kmeansCBI, krange = 3, runs = 5, seed = 1, count = FALSE)
strength <- sapply(2:4, function(k) prediction.strength(made, Gmin = k, Gmax = k, M = 50)$mean.pred[k])
save_as(made, "points.csv")
save_as(data.frame(type = 1:3, x = tapply(made[, 1], boot$partition, mean), jaccard = boot$bootmean), "clusterboot.csv")
save_as(data.frame(k = 2:4, strength = strength), "strength.csv")

version <- function(name) as.character(packageVersion(name))
field <- function(path) read.dcf(file.path(path, "DESCRIPTION"))[, "Version"]
write.csv(data.frame(name = c("R", "compositions", "zCompositions", "robCompositions", "mclust", "fpc"),
                     version = c(as.character(getRversion()), version("compositions"), field(zero), field(rob),
                                 version("mclust"), version("fpc"))),
          file.path(folder, "versions.csv"), row.names = FALSE, quote = FALSE)
