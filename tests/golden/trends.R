# Writes what R's packages say of trends in series.csv into the folder named as the first argument.
#
#   Rscript tests/golden/trends.R tests/golden/trends
#
# series.csv is ours: eight made-up series of 12 to 40 years, two of them with ties. Kendall (GPL), trend (GPL-3) and
# modifiedmk (AGPL-3) were those of CRAN; version.csv says which. Nothing of theirs is in the project but their numbers.

suppressPackageStartupMessages({ library(Kendall); library(trend); library(modifiedmk) })
folder <- commandArgs(TRUE)[1]
series <- read.csv(file.path(folder, "series.csv"))
number <- function(x) ifelse(is.na(x), "", sprintf("%.15g", x))
rows <- lapply(split(series, factor(series$name, unique(series$name))), function(one) {
  x <- one$value[order(one$year)]
  k <- Kendall::MannKendall(x); m <- trend::mk.test(x); s <- trend::sens.slope(x)
  h <- modifiedmk::mmkh(x); f <- modifiedmk::tfpwmk(x)
  data.frame(name = one$name[1], kendall_s = number(k$S), kendall_tau = number(k$tau), kendall_p = number(k$sl),
    trend_z = number(m$statistic), trend_var = number(m$estimates["varS"]), trend_p = number(m$p.value),
    sen = number(s$estimates), sen_lower = number(s$conf.int[1]), sen_upper = number(s$conf.int[2]),
    mmkh_z = number(h["Corrected Zc"]), mmkh_var = number(h["new.variance"]), mmkh_p = number(h["new P-value"]),
    tfpw_s = number(f["S"]), tfpw_var = number(f["Var(S)"]), tfpw_z = number(f["Z-Value"]))
})
write.csv(do.call(rbind, rows), file.path(folder, "trends.csv"), row.names = FALSE, quote = FALSE)
packages <- c("Kendall", "trend", "modifiedmk")
versions <- data.frame(program = c("R", packages),
  version = c(as.character(getRversion()), sapply(packages, function(p) as.character(packageVersion(p)))))
write.csv(versions, file.path(folder, "version.csv"), row.names = FALSE, quote = FALSE)
