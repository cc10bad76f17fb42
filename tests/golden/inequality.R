# Numbers of other programs' measures of inequality, for test_inequality.py. Run once:
#
#   Rscript tests/golden/inequality.R HEALTHEQUAL > tests/golden/inequality/r.json
#
# HEALTHEQUAL is a folder with the sources of CRAN's healthequal 1.0.0; its functions are read from there, because
# those of aggregated data need no more than dplyr. Its slope index needs marginaleffects, and is taken here from the
# very model that it fits (R/sii.R, line "weights = pop"), whose result its own test gives as 44.44502.

suppressPackageStartupMessages({
  library(jsonlite)
  library(dplyr)
})
source_of <- commandArgs(trailingOnly = TRUE)[1]
for (name in c("d", "r", "bgv", "bgsd", "covar", "mdmu", "mdmw", "mdbu", "mdbw", "mdru", "mdrw", "idisu", "idisw",
               "ti", "mld", "parisk", "paf", "aci", "rci")) {
  source(file.path(source_of, "R", paste0(name, ".R")))
}
quiet <- function(x) suppressMessages(suppressWarnings(x))

# Eight made-up areas: a share in per cent, people, municipality, and an order from disadvantaged to advantaged.
x <- c(31.5, 12.25, 8.5, 22, 17.75, 5, 26.5, 14)
pop <- c(420, 1310, 880, 260, 1975, 640, 150, 1105)
town <- c("a", "a", "a", "b", "b", "c", "c", "c")
rank <- c(1, 5, 7, 3, 4, 8, 2, 6)
se <- c(2.2, 0.9, 0.9, 2.6, 0.8, 0.9, 3.6, 1)

who <- function(result) result$estimate[[1]]
healthequal <- list(
  bgv = who(bgv(pop, x, se)), bgv_se = bgv(pop, x, se)$se,
  bgsd = who(quiet(bgsd(pop, x, scaleval = 100))),
  cov = who(quiet(covar(pop, x, scaleval = 100))),
  mdmu = who(quiet(mdmu(est = x, pop = pop, scaleval = 100))), mdmw = who(quiet(mdmw(pop, x, scaleval = 100))),
  idisu = who(quiet(idisu(est = x, pop = pop, scaleval = 100))), idisw = who(quiet(idisw(pop, x, scaleval = 100))),
  ti = who(quiet(ti(pop, x))), mld = who(quiet(mld(pop, x))),
  paf = who(quiet(paf(est = x, pop = pop, favourable_indicator = rep(0, 8), ordered_dimension = rep(0, 8),
                      scaleval = rep(100, 8)))),
  par = who(quiet(parisk(est = x, pop = pop, favourable_indicator = rep(0, 8), ordered_dimension = rep(0, 8),
                         scaleval = rep(100, 8)))),
  d = who(d(est = x, se = se, favourable_indicator = rep(0, 8), ordered_dimension = rep(0, 8))),
  r = who(r(est = x, se = se, favourable_indicator = rep(0, 8), ordered_dimension = rep(0, 8))),
  aci = who(quiet(aci(x, rank, pop))),
  rci = who(quiet(rci(x, rank, pop = pop))),
  rci_wagstaff = who(quiet(rci(x / 100, rank, pop = pop, method = "wagstaff", lmin = 0, lmax = 1))),
  rci_erreygers = who(quiet(rci(x / 100, rank, pop = pop, method = "erreygers", lmin = 0, lmax = 1)))
)
healthequal$mdbu <- who(quiet(mdbu(est = x, se = se, scaleval = rep(100, 8), favourable_indicator = rep(0, 8))))
healthequal$mdbw <- who(quiet(mdbw(pop = pop, est = x, se = se, scaleval = rep(100, 8), favourable_indicator = rep(0, 8))))
reference <- as.numeric(x == 22)
healthequal$mdru <- who(quiet(mdru(est = x, se = se, scaleval = rep(100, 8), reference_subgroup = reference)))
healthequal$mdrw <- who(quiet(mdrw(pop = pop, est = x, se = se, scaleval = rep(100, 8), reference_subgroup = reference)))

# The slope index, as healthequal fits it (people counted twice) and once.
set.seed(123)
people <- round(rnorm(5, 100, 40))
est <- c(20, 30, 40, 50, 60)
ridit <- (cumsum(people) - people / 2) / sum(people)
y <- round(est / 100 * people)
ends <- function(model) unname(predict(model, data.frame(ridit = c(0, 1)), type = "response"))
twice <- ends(quiet(glm(cbind(y, people - y) ~ ridit, weights = people, family = binomial)))
once <- ends(glm(cbind(y, people - y) ~ ridit, family = binomial))
# Every person a row of their own: nobody can be counted twice.
each <- data.frame(ill = unlist(Map(function(a, b) rep(1:0, c(a, b)), y, people - y)), ridit = rep(ridit, people))
persons <- ends(glm(ill ~ ridit, family = binomial, data = each))
line <- lm(est ~ ridit, weights = people)
slope <- list(people = people, twice = 100 * diff(twice), once = 100 * diff(once), persons = 100 * diff(persons),
              ratio_once = once[2] / once[1], line = unname(coef(line)[2]))

out <- list(
  data = list(x = x, pop = pop, town = town, rank = rank, se = se),
  healthequal = healthequal, slope = slope,
  ineq = list(gini = ineq::Gini(x), theil = ineq::Theil(x), mld = ineq::Theil(x, parameter = 1),
              atkinson_05 = ineq::Atkinson(x, 0.5), atkinson_1 = ineq::Atkinson(x, 1),
              atkinson_2 = ineq::Atkinson(x, 2), cov = ineq::var.coeff(x, square = FALSE)),
  dineq = list(gini = dineq::gini.wtd(x, pop), theil = dineq::theil.wtd(x, pop), mld = dineq::mld.wtd(x, pop)),
  IC2 = list(atkinson_05 = unname(IC2::calcAtkinson(x, pop, 0.5)$ineq$index),
             atkinson_2 = unname(IC2::calcAtkinson(x, pop, 2)$ineq$index),
             gei_2 = unname(IC2::calcGEI(x, pop, 2)$ineq$index),
             theil_within = unname(IC2::decompGEI(x, factor(town), pop, 1)$decomp$within),
             theil_between = unname(IC2::decompGEI(x, factor(town), pop, 1)$decomp$between),
             mld_within = unname(IC2::decompGEI(x, factor(town), pop, 0)$decomp$within),
             mld_between = unname(IC2::decompGEI(x, factor(town), pop, 0)$decomp$between)),
  # By its formula; its default, a regression, takes the variance of the ranks as that of a sample, and is 7 % larger.
  rineq = list(ci = rineq::ci(rank, x, pop, type = "CI", method = "direct")$concentration_index,
               unweighted = rineq::ci(rank, x, type = "CI", method = "direct")$concentration_index,
               generalised = rineq::ci(rank, x, pop, type = "CIg", method = "direct")$concentration_index,
               wagstaff = rineq::ci(rank, x / 100, pop, type = "CIw", method = "direct")$concentration_index),
  versions = c(list(R = as.character(getRversion()), healthequal = "1.0.0"),
               sapply(c("ineq", "dineq", "IC2", "rineq"), function(p) as.character(packageVersion(p)), simplify = FALSE))
)
cat(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE))
