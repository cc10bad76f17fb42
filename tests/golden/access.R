# Floating catchments and simpler measures of access by R's fca and accessibility, on six areas and four services.
# Rscript tests/golden/access.R > tests/golden/access/r.json
suppressMessages({
  library(jsonlite)
  library(fca)
  library(accessibility)
})
demand <- c(a = 120, b = 40, c = 75, d = 10, e = 200, f = 33)
supply <- c(p = 3, q = 1.5, r = 2, s = 4)
minutes <- matrix(
  c(
    4, 22, 31, 18,
    9, 12, 45, 27,
    16, 7, 25, 33,
    38, 19, 8, 41,
    13, 29, 14, 6,
    60, 55, 70, 28
  ),
  nrow = 6, byrow = TRUE, dimnames = list(names(demand), names(supply))
)
steps <- function(x) ifelse(x <= 10, 1, ifelse(x <= 20, 0.68, ifelse(x <= 30, 0.22, 0)))
weights <- t(steps(minutes)) # fca has services in rows

long <- data.table::data.table(
  from_id = rep(names(demand), times = 4), to_id = rep(names(supply), each = 6), minutes = as.vector(minutes)
)
places <- c(names(demand), names(supply))
land <- data.table::data.table(
  id = places, people = c(demand, rep(0, 4)), jobs = c(rep(0, 6), supply)
)
one <- function(found, column) {
  found <- as.data.frame(found)
  as.list(setNames(found[[column]], found$id))[names(demand)]
}
stepped <- function(...) {
  one(floating_catchment_area(long, land, "jobs", "minutes", "people", method = "2sfca", ...), "jobs")
}
cat(toJSON(
  list(
    programs = list(
      R = as.character(getRversion()), fca = as.character(packageVersion("fca")),
      accessibility = as.character(packageVersion("accessibility"))
    ),
    demand = as.list(demand), supply = as.list(supply),
    minutes = lapply(split(minutes, col(minutes)), setNames, names(demand)) |> setNames(names(supply)) |> lapply(as.list),
    fca_2sfca = as.list(setNames(spai_2sfca(demand, supply, t(minutes <= 20) * 1)$step2, names(demand))),
    fca_3sfca = as.list(setNames(spai_3sfca(demand, supply, weights)$step3, names(demand))),
    accessibility_2sfca = stepped(decay_function = decay_binary(cutoff = 20)),
    accessibility_exponential = stepped(decay_function = decay_exponential(decay_value = 0.1)),
    accessibility_cumulative = one(cumulative_cutoff(long, land, "jobs", "minutes", cutoff = 20), "jobs"),
    accessibility_nearest = one(cost_to_closest(long, land, "jobs", "minutes"), "minutes")
  ),
  auto_unbox = TRUE, digits = NA, pretty = TRUE
))
