# Numbers of R for tests/golden/test_change.py. Run from the repository's root:
#   Rscript tests/golden/change.R
# Needs exact2x2, rateratio.test, ratesci and REAT (CRAN) beside base R; writes tests/golden/change/*.csv.
suppressMessages({
  library(exact2x2)
  library(rateratio.test)
  library(ratesci)
  library(REAT)
})
folder <- "tests/golden/change"
version <- function(p) paste(p, as.character(packageVersion(p)))
cat(
  c(R.version.string, sapply(c("exactci", "exact2x2", "rateratio.test", "ratesci", "REAT"), version)),
  file = file.path(folder, "versions.txt"), sep = "\n"
)

# Two counts, from very small to large: x0 of n0 then, x1 of n1 now.
pairs <- data.frame(
  x0 = c(0, 1, 3, 5, 12, 40, 0, 7, 120, 300, 18, 60),
  n0 = c(20, 40, 35, 60, 150, 400, 35, 25, 900, 4000, 210, 1000),
  x1 = c(3, 0, 9, 2, 25, 38, 0, 16, 180, 250, 5, 60),
  n1 = c(25, 38, 33, 75, 160, 450, 38, 27, 950, 4200, 190, 1300)
)
row <- function(r) {
  x0 <- r[["x0"]]; n0 <- r[["n0"]]; x1 <- r[["x1"]]; n1 <- r[["n1"]]
  # The table's first row is now, so that "greater" is a rise.
  table <- matrix(c(x1, n1 - x1, x0, n0 - x0), 2, byrow = TRUE)
  mn <- function(distrib) {
    found <- scoreci(
      x1 = x1, n1 = n1, x2 = x0, n2 = n0, distrib = distrib, contrast = "RD", skew = FALSE,
      bcf = distrib == "bin", level = 0.95, precis = 10
    )$estimates
    as.numeric(found[1, c("lower", "upper")])
  }
  bin <- mn("bin"); poi <- mn("poi")
  c(
    r,
    fisher_less = fisher.test(table, alternative = "less")$p.value,
    fisher_greater = fisher.test(table, alternative = "greater")$p.value,
    fisher_midp = exact2x2(table, tsmethod = "central", midp = TRUE)$p.value,
    poisson_less = poisson.test(c(x1, x0), c(n1, n0), alternative = "less")$p.value,
    poisson_greater = poisson.test(c(x1, x0), c(n1, n0), alternative = "greater")$p.value,
    poisson_midp = exactci::poisson.exact(c(x1, x0), c(n1, n0), tsmethod = "central", midp = TRUE)$p.value,
    rateratio_p = rateratio.test(c(x1, x0), c(n1, n0))$p.value,
    mn_lower = bin[1], mn_upper = bin[2], poisson_lower = poi[1], poisson_upper = poi[2]
  )
}
tests <- t(apply(pairs, 1, row))
write.csv(tests, file.path(folder, "two_counts.csv"), row.names = FALSE, quote = FALSE)

# Amounts of twelve regions in two years, made up.
then <- c(18.2, 21.5, 24.9, 20.1, 30.4, 27.7, 19.6, 35.2, 22.8, 26.3, 17.1, 29.9)
now <- c(21.0, 23.9, 26.8, 22.2, 31.9, 29.1, 22.9, 36.0, 24.6, 28.8, 20.4, 30.7)
write.csv(data.frame(then = then, now = now), file.path(folder, "amounts.csv"), row.names = FALSE, quote = FALSE)
said <- capture.output({
  beta <- betaconv.ols(then, 2015, now, 2025)$abeta$estimates
  sigma <- sigmaconv(then, 2015, now, 2025, sigma.measure = "sd")$sigmaconv
})
regress <- lm(log(now / then) ~ log(then))
morgan <- cor.test(now + then, now - then)
numbers <- c(
  # REAT regresses growth a year on the logarithm; its standard deviations are of logarithms.
  reat_beta_a_year = beta["Beta", 1], reat_sd_then = sigma[1, 1], reat_sd_now = sigma[2, 1],
  lm_slope = unname(coef(regress)[2]), lm_lower = confint(regress)[2, 1], lm_upper = confint(regress)[2, 2],
  morgan_p = morgan$p.value, variance_ratio = var(now) / var(then)
)
write.csv(data.frame(name = names(numbers), value = sprintf("%.14g", numbers)),
  file.path(folder, "convergence.csv"), row.names = FALSE, quote = FALSE)
