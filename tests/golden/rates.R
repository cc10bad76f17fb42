# Writes what R says of standardised rates and of laws of rates into the folder named as the first argument.
#
#   Rscript tests/golden/rates.R tests/golden/rates
#
# Standardised rates: epitools (direct with Fay and Feuer's interval, indirect with the exact one) on the counts of
# strata.csv, which are made up and stand beside this script's output.
# Laws of rates: the counts of tests/golden/spdep/rates.csv (sudden infant deaths in North Carolina, 1974-78), by
# MASS's glm.nb (Poisson-gamma) and VGAM's betabinomialff (beta-binomial).

suppressPackageStartupMessages({library(epitools); library(MASS); library(VGAM)})
folder <- commandArgs(TRUE)[1]
number <- function(x) sprintf("%.14g", x)

strata <- read.csv(file.path(folder, "strata.csv"), colClasses = c(area = "character", age = "character"))
standard <- tapply(strata$people, factor(strata$age, unique(strata$age)), sum)
events <- tapply(strata$events, factor(strata$age, unique(strata$age)), sum)
one_area <- function(d) {
  direct <- ageadjust.direct(d$events, d$people, stdpop = standard)
  narrow <- ageadjust.direct(d$events, d$people, stdpop = standard, conf.level = 0.8)
  indirect <- ageadjust.indirect(d$events, d$people, events, standard)$sir
  data.frame(area = d$area[1], crude = number(direct[["crude.rate"]]), rate = number(direct[["adj.rate"]]),
             lower = number(direct[["lci"]]), upper = number(direct[["uci"]]),
             lower80 = number(narrow[["lci"]]), upper80 = number(narrow[["uci"]]),
             expected = number(indirect[["exp"]]), ratio = number(indirect[["sir"]]))
}
rows <- do.call(rbind, lapply(split(strata, strata$area), one_area))
write.csv(rows, file.path(folder, "standardised.csv"), row.names = FALSE, quote = FALSE)

sids <- read.csv(file.path(folder, "../spdep/rates.csv"))
gamma <- glm.nb(cases ~ 1 + offset(log(people)), data = sids, control = glm.control(epsilon = 1e-14, maxit = 200))
beta <- vglm(cbind(cases, people - cases) ~ 1, betabinomialff, data = sids, epsilon = 1e-12, maxit = 100)
poisson <- glm(cases ~ 1 + offset(log(people)), family = "poisson", data = sids)
laws <- data.frame(
  name = c("gamma_strength", "gamma_mean", "gamma_gain", "beta_a", "beta_b"),
  value = number(c(gamma$theta, exp(coef(gamma)), logLik(gamma) - logLik(poisson), Coef(beta))))
write.csv(laws, file.path(folder, "laws.csv"), row.names = FALSE, quote = FALSE)

version <- function(name) as.character(packageVersion(name))
write.csv(data.frame(name = c("R", "epitools", "MASS", "VGAM"),
                     version = c(as.character(getRversion()), version("epitools"), version("MASS"), version("VGAM"))),
          file.path(folder, "versions.csv"), row.names = FALSE, quote = FALSE)
