# Writes made-up indicators with outliers and gaps, and what the R package COINr makes of them, into the folder named
# as the first argument.
#
#   Rscript tests/golden/coinr_steps.R tests/golden/psychometrics
#
# COINr (https://github.com/bluefoxr/COINr, MIT) was version 1.1.14 at commit
# b9682034635df03279896b6cb025cd3534f82cbb, run by R 4.2.2.
#
# treated: COINr::Treat with winsorise (at most 5) and then log_CT_plus, each where |skew| > 2 and kurtosis > 3.5
# imputed: COINr::Impute by i_mean, i_median, and i_median_grp over groups

suppressPackageStartupMessages(library(COINr))
folder <- commandArgs(TRUE)[1]
write <- function(x, name) write.csv(format(x, digits = 15, trim = TRUE), file.path(folder, paste0(name, ".csv")),
                                     row.names = FALSE, quote = FALSE)

set.seed(1868)
n <- 150
few <- c(rnorm(n - 3, 20, 3), 55, 80, 120)
many <- exp(2 * rnorm(n))
x <- data.frame(calm = rnorm(n, 10, 2), few_high = few, few_low = -few, many_high = many, many_low = 100 - many)
x <- as.data.frame(lapply(x, round, 6))
for (code in names(x)) x[sample(n, 6), code] <- NA
x$group <- rep(c("A", "B", "C", "D"), length.out = n)
write(cbind(area_id = sprintf("p%03d", 1:n), x), "outliers")

codes <- setdiff(names(x), "group")
treat <- function(v) {
  held <- !is.na(v)
  v[held] <- Treat(v[held], f1 = "winsorise", f1_para = list(winmax = 5, skew_thresh = 2, kurt_thresh = 3.5),
                   f2 = "log_CT_plus", f_pass = "check_SkewKurt",
                   f_pass_para = list(skew_thresh = 2, kurt_thresh = 3.5))$x
  v
}
write(as.data.frame(lapply(x[codes], treat)), "treated")
write(as.data.frame(lapply(x[codes], function(v) i_mean(v))), "imputed_mean")
write(as.data.frame(lapply(x[codes], function(v) i_median(v))), "imputed_median")
write(as.data.frame(lapply(x[codes], function(v) i_median_grp(v, x$group))), "imputed_group")
