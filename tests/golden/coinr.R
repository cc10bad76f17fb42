# Writes what the R package COINr says of values.csv into the folder named as the first argument.
#
#   Rscript tests/golden/coinr.R tests/golden/coinr
#
# values.csv is ours: twelve made-up areas, with equal values and gaps. low_income, unemployment and rent weaken, the
# others protect. COINr (https://github.com/bluefoxr/COINr, MIT) was version 1.1.14 at commit
# b9682034635df03279896b6cb025cd3534f82cbb, run by R 4.2.2; version.csv says so too.

suppressPackageStartupMessages(library(COINr))
folder <- commandArgs(TRUE)[1]
values <- read.csv(file.path(folder, "values.csv"))
codes <- names(values)[-1]
weakens <- c("low_income", "unemployment", "rent")
weights <- c(low_income = 2, unemployment = 1, rent = 1, education = 3, income = 1, voting = 2)
number <- function(x) ifelse(is.na(x), "", sprintf("%.15g", x))
save <- function(table, file) write.csv(table, file.path(folder, file), row.names = FALSE, quote = FALSE)

# Each indicator in both directions. A high score is meant to be good, as COINr has it: what weakens is multiplied
# by -1 before it is normalised, and targets and goalposts with it.
target <- c(low_income = 4, unemployment = 3, rent = 5, education = 70, income = 30000, voting = 85)
posts <- list(low_income = c(5, 25), unemployment = c(0, 20), rent = c(0, 60), education = c(20, 70),
              income = c(10000, 40000), voting = c(50, 90))
one <- function(method, x, code) {
  away <- if (code %in% weakens) -1 else 1
  gate <- sort(away * posts[[code]])
  switch(method,
    n_minmax = n_minmax(x, c(0, 100)), n_minmax_1_10 = n_minmax(x, c(1, 10)),
    n_scaled = n_scaled(x, gate, 50), n_zscore = n_zscore(x), n_zscore_100_10 = n_zscore(x, c(100, 10)),
    n_dist2max = n_dist2max(x), n_dist2ref = n_dist2ref(x, 4), n_dist2targ = n_dist2targ(x, away * target[[code]]),
    n_dist2targ_cap = n_dist2targ(x, away * target[[code]], cap_max = TRUE),
    n_fracmax = if (away > 0) n_fracmax(x) else NA * x, # -x / max(-x) would score high where wellbeing is low
    n_prank = n_prank(x), n_prank_average = n_prank(x, "average"), n_rank = n_rank(x),
    n_rank_average = n_rank(x, "average"), n_rank_max = n_rank(x, "max"), n_borda = n_borda(x),
    n_goalposts = n_goalposts(x, c(gate, 100)), n_goalposts_open = n_goalposts(x, c(gate, 1), trunc2posts = FALSE))
}
methods <- c("n_minmax", "n_minmax_1_10", "n_scaled", "n_zscore", "n_zscore_100_10", "n_dist2max", "n_dist2ref",
             "n_dist2targ", "n_dist2targ_cap", "n_fracmax", "n_prank", "n_prank_average", "n_rank", "n_rank_average",
             "n_rank_max", "n_borda", "n_goalposts", "n_goalposts_open")
signed <- values
signed[weakens] <- -signed[weakens]
save(do.call(rbind, lapply(methods, function(m) {
  scores <- lapply(codes, function(code) number(one(m, signed[[code]], code)))
  cbind(method = m, id = values$id, setNames(as.data.frame(scores), codes))
})), "normalised.csv")

# Groups of all six, from scores of 1 to 100; a_genmean gives nothing for areas with a gap, and a_copeland's two areas
# of a pair disagree on members that one lacks, so both get the areas without gaps only.
scores <- as.data.frame(lapply(signed[codes], n_minmax, l_u = c(1, 100)))
whole <- stats::complete.cases(scores)
group <- function(f, rows = rep(TRUE, nrow(scores)), threshold = NULL, ...) {
  out <- rep(NA_real_, nrow(scores))
  out[rows] <- Aggregate(scores[rows, ], f_ag = f, f_ag_para = list(w = unname(weights), ...), dat_thresh = threshold)
  number(out)
}
copeland <- rep(NA_real_, nrow(scores))
copeland[whole] <- a_copeland(scores[whole, ], unname(weights))
save(data.frame(id = values$id, a_amean = group("a_amean"), a_gmean = group("a_gmean"), a_hmean = group("a_hmean"),
                a_amean_complete = group("a_amean", threshold = 1), a_genmean_2 = group("a_genmean", whole, p = 2),
                a_genmean_half = group("a_genmean", whole, p = 0.5), a_genmean_m3 = group("a_genmean", whole, p = -3),
                a_copeland = number(copeland)), "aggregated.csv")

# A whole index: six indicators, two domains, weights and directions, by three pairs of methods.
meta <- data.frame(
  iCode = c(codes, "hardship", "means", "index"), Level = c(rep(1, 6), 2, 2, 3),
  Parent = c(rep("hardship", 3), rep("means", 3), "index", "index", NA), Type = c(rep("Indicator", 6), rep("Aggregate", 3)),
  Direction = c(rep(-1, 3), rep(1, 6)), Weight = c(unname(weights), 3, 2, 1))
data <- cbind(uCode = values$id, uName = values$id, values[codes])
index <- function(name, f_n, para, f_ag) {
  coin <- suppressMessages(new_coin(data, meta, quietly = TRUE))
  coin <- suppressMessages(Normalise(coin, "Raw", global_specs = list(f_n = f_n, f_n_para = para)))
  coin <- suppressMessages(Aggregate(coin, "Normalised", f_ag = f_ag))
  out <- get_dset(coin, "Aggregated")
  data.frame(index = name, id = out$uCode, hardship = number(out$hardship), means = number(out$means),
             score = number(out$index))
}
save(rbind(index("minmax_amean", "n_minmax", list(c(0, 100)), "a_amean"),
           index("minmax_gmean_amean", "n_minmax", list(c(1, 100)), c("a_gmean", "a_amean")),
           index("prank_amean", "n_prank", list("min"), "a_amean")), "index.csv")
save(data.frame(program = c("COINr", "R"), version = c("1.1.14 (commit b9682034635df03279896b6cb025cd3534f82cbb)",
                paste(R.version$major, R.version$minor, sep = "."))), "version.csv")
