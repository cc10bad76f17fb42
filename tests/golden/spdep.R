# Writes what R's spdep says of two public data sets into the folder named as the first argument.
#
#   Rscript tests/golden/spdep.R tests/golden/spdep
#
# columbus: 49 neighbourhoods of Columbus, Ohio, 1980 (Anselin 1988); CRIME with INC beside it, and HOVAL over 40 as an
#           attribute.
# nc.sids:  100 counties of North Carolina, 1974-78 (Cressie and Read 1985); sudden infant deaths and births, and the
#           share of non-white births beside them.
# Both come with the R package spData (CC0); neighbours are its columbus.gal, and queen contiguity of its sids.shp.

suppressPackageStartupMessages({library(spdep); library(sf)})
folder <- commandArgs(TRUE)[1]
styles <- c("W", "B", "C", "U", "S")

read_columbus <- function() {
  areas <- st_read(system.file("shapes/columbus.shp", package = "spData"), quiet = TRUE)
  nb <- read.gal(system.file("weights/columbus.gal", package = "spData"), region.id = as.character(areas$POLYID))
  list(name = "columbus", ids = sprintf("c%02d", as.integer(areas$POLYID)), nb = nb, x = areas$CRIME,
       y = areas$INC, has = as.integer(areas$HOVAL > 40), cases = NULL, people = NULL)
}

read_sids <- function() {
  areas <- st_read(system.file("shapes/sids.shp", package = "spData"), quiet = TRUE)
  st_crs(areas) <- "EPSG:4267"
  suppressMessages(sf_use_s2(FALSE))
  nb <- suppressMessages(poly2nb(areas))
  rate <- 1000 * areas$SID74 / areas$BIR74
  list(name = "sids", ids = paste0("f", areas$FIPS), nb = nb, x = rate,
       y = areas$NWBIR74 / areas$BIR74, has = as.integer(rate > 2.5), cases = areas$SID74, people = areas$BIR74)
}

number <- function(x) ifelse(is.na(x), "", sprintf("%.14g", x))

local_rows <- function(d, style) {
  lw <- nb2listw(d$nb, style = style)
  lw_self <- nb2listw(include.self(d$nb), style = style)
  moran <- function(conditional, mlvar) unclass(localmoran(d$x, lw, conditional = conditional, mlvar = mlvar))
  cond <- moran(TRUE, TRUE); tot <- moran(FALSE, TRUE); cond1 <- moran(TRUE, FALSE); tot1 <- moran(FALSE, FALSE)
  data.frame(dataset = d$name, style = style, id = d$ids,
             moran = cond[, 1], moran_e = cond[, 2], moran_v = cond[, 3], moran_z = cond[, 4], moran_p = cond[, 5],
             moran_q = p.adjust(cond[, 5], "BH"),
             total_e = tot[, 2], total_v = tot[, 3], total_z = tot[, 4], total_p = tot[, 5],
             moran1 = cond1[, 1], moran1_z = cond1[, 4], total1_z = tot1[, 4],
             g = c(localG(d$x, lw)), g_star = c(localG(d$x, lw_self)),
             geary = localC(d$x, lw),
             bivariate = unclass(localmoran_bv(d$x, d$y, lw, nsim = 9))[, 1],
             joins = local_joincount_uni(factor(d$has), chosen = "1", nb2listw(d$nb, style = "B"), nsim = 9)[, 1])
}

global_rows <- function(d, style) {
  lw <- nb2listw(d$nb, style = style)
  row <- function(name, test) {
    e <- unname(test$estimate)
    data.frame(dataset = d$name, style = style, name = name, statistic = e[1], expected = e[2], variance = e[3],
               z = unname(test$statistic), p = test$p.value)
  }
  two <- "two.sided"
  joins <- joincount.test(factor(d$has), lw, alternative = two)[[2]]
  rbind(
    row("moran_randomisation", moran.test(d$x, lw, alternative = two)),
    row("moran_normality", moran.test(d$x, lw, alternative = two, randomisation = FALSE)),
    row("geary_randomisation", geary.test(d$x, lw, alternative = two)),
    row("geary_normality", geary.test(d$x, lw, alternative = two, randomisation = FALSE)),
    row("g", suppressWarnings(globalG.test(d$x, lw, alternative = two))),
    row("join_count", joins)
  )
}

permutation_rows <- function(d, style) {
  lw <- nb2listw(d$nb, style = style)
  nsim <- 9999
  set.seed(2009)
  row <- function(name, test) data.frame(dataset = d$name, style = style, name = name, nsim = nsim,
                                         statistic = unname(test$statistic), p = test$p.value)
  rows <- rbind(row("moran_greater", moran.mc(d$x, lw, nsim)),
                row("geary_less", geary.mc(d$x, lw, nsim, alternative = "greater")),
                row("join_count_greater", joincount.mc(factor(d$has), lw, nsim)[[2]]))
  if (!is.null(d$cases)) {
    rows <- rbind(rows, row("moran_rates_greater", suppressMessages(EBImoran.mc(d$cases, d$people, lw, nsim))))
  }
  rows
}

link_rows <- function(d) {
  from <- rep(seq_along(d$nb), card(d$nb))
  to <- unlist(d$nb)
  rows <- data.frame(dataset = d$name, from = d$ids[from], to = d$ids[to])
  for (style in styles) {
    rows[[style]] <- unlist(nb2listw(d$nb, style = style)$weights)
    # Weights of the same links when every area is its own neighbour too.
    with_self <- nb2listw(include.self(d$nb), style = style)
    others <- Map(function(w, j, i) w[j != i], with_self$weights, with_self$neighbours, seq_along(d$nb))
    rows[[paste0(style, "_self")]] <- unlist(others)
  }
  rows
}

rate_rows <- function(d) {
  global <- EBest(d$cases, d$people)
  data.frame(dataset = d$name, id = d$ids, cases = d$cases, people = d$people, raw = global$raw,
             global = global$estmm, local = EBlocal(d$cases, d$people, d$nb)$est,
             local_geoda = EBlocal(d$cases, d$people, d$nb, geoda = TRUE)$est)
}

write <- function(rows, file) {
  for (column in names(rows)) if (is.double(rows[[column]])) rows[[column]] <- number(rows[[column]])
  write.csv(rows, file.path(folder, file), row.names = FALSE, quote = FALSE)
}

data_sets <- list(read_columbus(), read_sids())
each <- function(f) do.call(rbind, lapply(data_sets, f))
each_style <- function(f) each(function(d) do.call(rbind, lapply(styles, function(style) f(d, style))))
write(each(function(d) data.frame(dataset = d$name, id = d$ids, x = d$x, y = d$y, has = d$has)), "areas.csv")
write(each(link_rows), "links.csv")
write(each_style(local_rows), "local.csv")
write(each_style(global_rows), "global.csv")
write(each(function(d) permutation_rows(d, "W")), "permutation.csv")
write(rate_rows(data_sets[[2]]), "rates.csv")
version <- function(name) as.character(packageVersion(name))
write(data.frame(name = c("R", "spdep", "spData"),
                 version = c(as.character(getRversion()), version("spdep"), version("spData"))), "versions.csv")
