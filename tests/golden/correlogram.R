# Writes spdep's correlograms of the data of spdep.R into the folder named as the first argument.
#
#   Rscript tests/golden/correlogram.R tests/golden/correlogram
#
# sp.correlogram leaves areas out that have nobody at a lag, and n with them. So that every lag can be compared,
# the same neighbours (nblag) are tested with adjust.n = FALSE too; where nobody is alone both are the same.
# By distance: dnearneigh of made-up points, which go into points.csv.

suppressPackageStartupMessages({library(spdep); library(sf)})
folder <- commandArgs(TRUE)[1]
lags <- 7

read_columbus <- function() {
  areas <- st_read(system.file("shapes/columbus.shp", package = "spData"), quiet = TRUE)
  nb <- read.gal(system.file("weights/columbus.gal", package = "spData"), region.id = as.character(areas$POLYID))
  list(name = "columbus", nb = nb, x = areas$CRIME)
}

read_sids <- function() {
  areas <- st_read(system.file("shapes/sids.shp", package = "spData"), quiet = TRUE)
  st_crs(areas) <- "EPSG:4267"
  suppressMessages(sf_use_s2(FALSE))
  list(name = "sids", nb = suppressMessages(poly2nb(areas)), x = 1000 * areas$SID74 / areas$BIR74)
}

number <- function(x) ifelse(is.na(x), "", sprintf("%.14g", x))

rows_of <- function(d, style, method) {
  steps <- nblag(d$nb, lags)
  theirs <- sp.correlogram(d$nb, d$x, order = lags, method = method, style = style, zero.policy = TRUE)$res
  test <- if (method == "I") moran.test else geary.test
  rows <- lapply(seq_len(lags), function(lag) {
    lw <- nb2listw(steps[[lag]], style = style, zero.policy = TRUE)
    whole <- unname(test(d$x, lw, zero.policy = TRUE, adjust.n = FALSE)$estimate)
    data.frame(dataset = d$name, style = style, method = method, lag = lag, links = sum(card(steps[[lag]])),
               alone = sum(card(steps[[lag]]) == 0), statistic = whole[1], expected = whole[2],
               variance = whole[3], sp_statistic = theirs[lag, 1], sp_expected = theirs[lag, 2],
               sp_variance = theirs[lag, 3])
  })
  do.call(rbind, rows)
}

distance_rows <- function() {
  # 12 x 10 points a kilometre apart, each moved a little; a wave of length 6 km along the rows.
  set.seed(2009)
  place <- cbind(rep(0:11, 10) * 1000 + round(runif(120, -300, 300)), rep(0:9, each = 12) * 1000 +
                   round(runif(120, -300, 300)))
  x <- round(sin(place[, 1] * pi / 3000) + rnorm(120, sd = 0.5), 3)
  write.csv(data.frame(id = sprintf("p%03d", 1:120), x = place[, 1], y = place[, 2], value = x),
            file.path(folder, "points.csv"), row.names = FALSE, quote = FALSE)
  limits <- c(0, 1500, 2500, 4000, 6000)
  tests <- function(from, to, kind, step) {
    nb <- suppressWarnings(dnearneigh(place, from, to, bounds = c("GT", "LE")))
    lw <- nb2listw(nb, style = "W", zero.policy = TRUE)
    for (name in c("I", "C")) {
      test <- if (name == "I") moran.test else geary.test
      e <- unname(test(x, lw, zero.policy = TRUE, adjust.n = FALSE)$estimate)
      out[[length(out) + 1]] <<- data.frame(kind = kind, method = name, step = step, from = from, to = to,
        links = sum(card(nb)), statistic = e[1], expected = e[2], variance = e[3])
    }
  }
  out <- list()
  for (step in 1:4) {
    tests(limits[step], limits[step + 1], "class", step)
    tests(0, limits[step + 1], "band", step)
  }
  do.call(rbind, out)
}

write <- function(rows, file) {
  for (column in names(rows)) if (is.double(rows[[column]])) rows[[column]] <- number(rows[[column]])
  write.csv(rows, file.path(folder, file), row.names = FALSE, quote = FALSE)
}

cases <- expand.grid(data = 1:2, style = c("W", "B"), method = c("I", "C"), stringsAsFactors = FALSE)
data_sets <- list(read_columbus(), read_sids())
write(do.call(rbind, Map(function(d, s, m) rows_of(data_sets[[d]], s, m), cases$data, cases$style, cases$method)),
      "correlogram.csv")
write(distance_rows(), "distances.csv")
version <- function(name) as.character(packageVersion(name))
write(data.frame(name = c("R", "spdep", "spData"),
                 version = c(as.character(getRversion()), version("spdep"), version("spData"))), "versions.csv")
