# Whom diffman finds by differencing two geographies: Rscript diffman.R ATOMS.csv OUT.csv K SEED
arguments <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages({ library(diffman); library(data.table) })
atoms <- fread(arguments[1], colClasses = c(cell = "character", postal = "character"))
people <- atoms[rep(seq_len(.N), count), .(z1 = postal, z2 = cell)][, id := as.character(.I)]
set.seed(as.integer(arguments[4]))
people <- people[sample(.N)]
took <- system.time(found <- suppressWarnings(
  find_pbm_diff(people, as.integer(arguments[3]), 12, verbose = FALSE)
))
if (NROW(found) > 0) people <- people[id %in% found$id_obs] else people <- people[0]
fwrite(people[order(z1, z2), .N, by = .(postal = z1, cell = z2)], arguments[2])
cat(took[["user.self"]], as.character(packageVersion("diffman")))
