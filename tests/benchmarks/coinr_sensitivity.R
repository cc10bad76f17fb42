# Times COINr's uncertainty analysis of the index that robustness_step.py runs, as far as COINr can vary it: the way of
# normalising, the way of aggregating and the weights. Noise, hidden values and gaps have no place in it.
#
#   Rscript coinr_sensitivity.R VALUES.csv META.csv RUNS
#
# VALUES.csv: area_id and a column for each indicator. META.csv: code, direction, domain. Prints seconds and the
# version. COINr is a peer of this benchmark and nothing that lea_geo needs.

suppressPackageStartupMessages(library(COINr))
given <- commandArgs(TRUE)
values <- read.csv(given[1], colClasses = c(area_id = "character"))
said <- read.csv(given[2])
groups <- unique(said$domain)
meta <- data.frame(
  iCode = c(said$code, groups, "index"), Level = c(rep(1, nrow(said)), rep(2, length(groups)), 3),
  Parent = c(said$domain, rep("index", length(groups)), NA),
  Type = c(rep("Indicator", nrow(said)), rep("Aggregate", length(groups) + 1)),
  Direction = c(ifelse(said$direction == "weakens", 1, -1), rep(1, length(groups) + 1)), Weight = 1)
data <- cbind(uCode = paste0("a", values$area_id), uName = values$area_id, values[said$code])
coin <- suppressMessages(new_coin(data, meta, quietly = TRUE))
coin <- suppressMessages(Normalise(coin, "Raw", global_specs = list(f_n = "n_minmax", f_n_para = list(c(1, 100)))))
coin <- suppressMessages(Aggregate(coin, "Normalised", f_ag = "a_amean"))
weights <- get_noisy_weights(coin$Meta$Weights$Original, data.frame(Level = c(1, 2), NoiseFactor = 0.25), 200)
specs <- list(
  normalise = list(
    Address = "$Log$Normalise$global_specs",
    Distribution = list(list(f_n = "n_minmax", f_n_para = list(c(1, 100))), list(f_n = "n_rank")), Type = "discrete"),
  aggregate = list(Address = "$Log$Aggregate$f_ag", Distribution = c("a_amean", "a_gmean"), Type = "discrete"),
  weights = list(Address = "$Log$Aggregate$w", Distribution = weights, Type = "discrete"))
start <- proc.time()
found <- suppressMessages(get_sensitivity(coin, specs, N = as.integer(given[3]), SA_type = "UA", dset = "Aggregated",
                                          iCode = "index", quietly = TRUE, check_addresses = FALSE))
taken <- proc.time() - start
cat(sprintf('{"seconds": %.3f, "processor": %.3f, "runs": %d, "version": "%s"}\n', taken[["elapsed"]],
            taken[["user.self"]] + taken[["sys.self"]], as.integer(given[3]), packageVersion("COINr")))
