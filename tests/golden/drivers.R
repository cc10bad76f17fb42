# Writes what R's spdep, spatialreg, SpatialPack and GWmodel say of a public data set into a folder.
#
#   Rscript tests/golden/drivers.R tests/golden/drivers
#
# columbus: 49 neighbourhoods of Columbus, Ohio, 1980 (Anselin 1988), of the R package spData (CC0): CRIME by INC and
# HOVAL; neighbours are its columbus.gal.

suppressPackageStartupMessages({library(spdep); library(spatialreg); library(SpatialPack); library(GWmodel); library(sf)})
folder <- commandArgs(TRUE)[1]
areas <- st_read(system.file("shapes/columbus.shp", package = "spData"), quiet = TRUE)
d <- as.data.frame(areas)[, c("CRIME", "INC", "HOVAL", "X", "Y")]
ids <- sprintf("c%02d", as.integer(areas$POLYID))
nb <- read.gal(system.file("weights/columbus.gal", package = "spData"), region.id = as.character(areas$POLYID))
lw <- nb2listw(nb); lw_self <- nb2listw(include.self(nb))

rows <- list(); local <- data.frame(id = ids)
add <- function(part, name, value) rows[[length(rows) + 1]] <<- data.frame(part, name, value = sprintf("%.14g", unname(value)))

for (w in c("plain", "self")) for (driver in c("INC", "HOVAL")) {
  one <- if (w == "plain") lw else lw_self
  test <- lee.test(d$CRIME, d[[driver]], one, alternative = "two.sided")
  for (i in 1:3) add(paste("lee", w, driver, sep = "_"), c("statistic", "expected", "variance")[i], test$estimate[i])
  add(paste("lee", w, driver, sep = "_"), "p_analytic", test$p.value)
  local[[paste("lee", w, driver, sep = "_")]] <- sprintf("%.14g", lee(d$CRIME, d[[driver]], one, nrow(d))$localL)
}
board <- lee.test(c(1, 4, 2, 8, 5, 7), c(2, 1, 6, 3, 9, 4), nb2listw(cell2nb(2, 3)), alternative = "two.sided")
for (i in 1:3) add("lee_board", c("statistic", "expected", "variance")[i], board$estimate[i])
for (driver in c("INC", "HOVAL")) {
  test <- modified.ttest(d$CRIME, d[[driver]], d[, c("X", "Y")])
  part <- paste0("modified_t_", driver)
  add(part, "correlation", test$corr); add(part, "effective_size", test$ESS); add(part, "p_value", test$p.value)
}
ols <- lm(CRIME ~ INC + HOVAL, d)
s <- summary(ols)
for (term in rownames(coef(s))) { add("ols_estimate", term, coef(s)[term, 1]); add("ols_se", term, coef(s)[term, 2])
  add("ols_p", term, coef(s)[term, 4]) }
add("ols", "r_squared", s$r.squared); add("ols", "aic", AIC(ols) - 2); add("ols", "log_likelihood", logLik(ols))
wls <- lm(CRIME ~ INC + HOVAL, d, weights = d$HOVAL)
for (term in rownames(coef(summary(wls)))) { add("wls_estimate", term, coef(wls)[term])
  add("wls_se", term, coef(summary(wls))[term, 2]) }
add("wls", "r_squared", summary(wls)$r.squared); add("wls", "log_likelihood", logLik(wls))
lm_tests <- lm.LMtests(ols, lw, test = "all")
for (name in names(lm_tests)) { add("lm", name, lm_tests[[name]]$statistic); add("lm_p", name, lm_tests[[name]]$p.value) }
moran <- lm.morantest(ols, lw, alternative = "two.sided")
add("moran", "statistic", moran$estimate[1]); add("moran", "z", moran$statistic); add("moran", "p_value", moran$p.value)

spatial <- function(part, fit, impact = TRUE) {
  values <- coef(fit); se <- summary(fit)$Coef[, 2]
  for (term in names(values)) add(paste0(part, "_estimate"), term, values[term])
  for (term in names(se)) add(paste0(part, "_se"), term, se[term])
  add(part, "log_likelihood", logLik(fit)); add(part, "aic", AIC(fit) - 2)
  if (impact) {
    set.seed(1)
    found <- impacts(fit, listw = lw, R = 2000)
    for (kind in c("direct", "indirect", "total")) {
      add(paste0(part, "_", kind), c("INC", "HOVAL")[1], found$res[[kind]][1])
      add(paste0(part, "_", kind), "HOVAL", found$res[[kind]][2])
      bounds <- apply(found$sres[[kind]], 2, quantile, c(.025, .975))
      add(paste0(part, "_", kind, "_lower"), "INC", bounds[1, 1]); add(paste0(part, "_", kind, "_upper"), "INC", bounds[2, 1])
    }
  }
}
fine <- list(tol.opt = 1e-10)
lag <- lagsarlm(CRIME ~ INC + HOVAL, d, lw, tol.solve = 1e-14, control = fine)
spatial("lag", lag); add("lag", "rho", lag$rho); add("lag", "rho_se", lag$rho.se)
durbin <- lagsarlm(CRIME ~ INC + HOVAL, d, lw, Durbin = TRUE, tol.solve = 1e-14, control = fine)
spatial("durbin", durbin); add("durbin", "rho", durbin$rho)
error <- errorsarlm(CRIME ~ INC + HOVAL, d, lw, tol.solve = 1e-14, control = fine)
spatial("error", error, FALSE); add("error", "lambda", error$lambda)
slx <- lmSLX(CRIME ~ INC + HOVAL, d, lw)
found <- summary(impacts(slx))
for (kind in c("direct", "indirect", "total")) for (i in 1:2) {
  add(paste0("slx_", kind), c("INC", "HOVAL")[i], found$impacts[[kind]][i])
  add(paste0("slx_", kind, "_se"), c("INC", "HOVAL")[i], found$se[[kind]][i])
}
points <- SpatialPointsDataFrame(d[, c("X", "Y")], d)
for (bw in c(25, 40)) {
  gw <- gwr.basic(CRIME ~ INC + HOVAL, points, bw = bw, kernel = "bisquare", adaptive = TRUE)
  part <- paste0("gwr_", bw)
  add(part, "aicc", gw$GW.diagnostic$AICc); add(part, "enp", gw$GW.diagnostic$enp)
  add(part, "r_squared", gw$GW.diagnostic$gw.R2)
  for (term in c("Intercept", "INC", "HOVAL")) local[[paste(part, term, sep = "_")]] <- sprintf("%.14g", gw$SDF[[term]])
}
areas_out <- cbind(id = ids, round(d, 12))
write.csv(areas_out, file.path(folder, "areas.csv"), row.names = FALSE, quote = FALSE)
write.csv(do.call(rbind, rows), file.path(folder, "numbers.csv"), row.names = FALSE, quote = FALSE)
write.csv(local, file.path(folder, "local.csv"), row.names = FALSE, quote = FALSE)
links <- do.call(rbind, lapply(seq_along(nb), function(i) data.frame(from = ids[i], to = ids[nb[[i]]])))
write.csv(links, file.path(folder, "links.csv"), row.names = FALSE, quote = FALSE)
packages <- c("spdep", "spatialreg", "SpatialPack", "GWmodel", "spData")
versions <- rbind(data.frame(name = "R", version = paste(R.version$major, R.version$minor, sep = ".")),
                  data.frame(name = packages, version = sapply(packages, function(p) as.character(packageVersion(p)))))
write.csv(versions, file.path(folder, "versions.csv"), row.names = FALSE, quote = FALSE)
