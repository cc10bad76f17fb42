# Writes a table of made-up scores, and what R says of it, into the folder named as the first argument.
#
#   Rscript tests/golden/psychometrics.R tests/golden/psychometrics
#
# alpha:      psych::alpha, raw and standardised, and without each member
# components: stats::prcomp of standardised members; the rotation's columns are turned so that their sum is positive
# factor:     stats::factanal with one factor; "scoring" is what factanal(scores = "regression") multiplies z-scores by
# moments:    e1071::skewness and kurtosis, type 2
# box_cox:    the power at which MASS::boxcox finds the largest likelihood, to 0.001
# versions:   of R and its packages

suppressPackageStartupMessages({library(psych); library(e1071); library(MASS)})
folder <- commandArgs(TRUE)[1]
write <- function(x, name) write.csv(format(x, digits = 15, trim = TRUE), file.path(folder, paste0(name, ".csv")),
                                     row.names = FALSE, quote = FALSE)

set.seed(1904)
n <- 120
common <- rnorm(n)
x <- data.frame(a = 0.8 * common + 0.6 * rnorm(n), b = 0.7 * common + 0.7 * rnorm(n),
                c = 0.5 * common + 0.9 * rnorm(n), d = 0.6 * common + 0.8 * rnorm(n),
                e = exp(0.9 * common + 0.5 * rnorm(n)), f = 3 * common + 4 * rnorm(n))
x <- as.data.frame(lapply(x, round, 6))
write(cbind(area_id = sprintf("p%03d", 1:n), x), "scores")

a <- psych::alpha(x)
write(data.frame(raw = a$total$raw_alpha, standardised = a$total$std.alpha, mean_correlation = a$total$average_r), "alpha")
write(data.frame(code = names(x), raw = a$alpha.drop$raw_alpha), "alpha_without")

p <- prcomp(x, scale. = TRUE)
turned <- sweep(p$rotation, 2, ifelse(colSums(p$rotation) < 0, -1, 1), "*")
write(data.frame(code = names(x), eigenvalue = p$sdev^2, turned), "components")

for (kind in c("pearson", "spearman")) {
  r <- cor(x, method = kind)
  f <- factanal(covmat = r, factors = 1, n.obs = n, control = list(opt = list(factr = 10)))
  l <- as.vector(f$loadings); l <- l * sign(sum(l))
  write(data.frame(code = names(x), loading = l, uniqueness = f$uniquenesses, scoring = solve(r, l)), paste0("factor_", kind))
}
# That scoring is indeed that of factanal's own regression scores:
s <- factanal(x, factors = 1, scores = "regression", control = list(opt = list(factr = 10)))
z <- scale(x)
stopifnot(max(abs(s$scores - z %*% solve(cor(x), s$loadings))) < 1e-8)

write(data.frame(code = names(x), skewness = sapply(x, e1071::skewness, type = 2),
                 kurtosis = sapply(x, e1071::kurtosis, type = 2)), "moments")
grid <- seq(-2, 2, by = 0.001)
b <- MASS::boxcox(x$e ~ 1, lambda = grid, plotit = FALSE)
write(data.frame(code = "e", power = b$x[which.max(b$y)]), "box_cox")
v <- sapply(c("psych", "e1071", "MASS"), function(p) as.character(packageVersion(p)))
write(data.frame(program = c("R", names(v)), version = c(as.character(getRversion()), v)), "versions")
