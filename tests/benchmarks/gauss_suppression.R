# What GaussSuppression hides of two overlapping geographies: Rscript gauss_suppression.R ATOMS.csv OUT.csv K
arguments <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages(library(GaussSuppression))
atoms <- read.csv(arguments[1], colClasses = c(cell = "character", postal = "character"))
took <- system.time(shown <- SuppressSmallCounts(
  atoms, maxN = as.integer(arguments[3]) - 1, freqVar = "count", formula = ~cell + postal,
  protectZeros = FALSE, printInc = FALSE
))
write.csv(shown[, c("cell", "postal", "count", "suppressed")], arguments[2], row.names = FALSE)
cat(took[["user.self"]], as.character(packageVersion("GaussSuppression")))
