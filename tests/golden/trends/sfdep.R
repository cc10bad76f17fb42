# Writes the classes that sfdep gives to series.csv's cousin gi.csv (made-up z-scores and p-values by place and step)
# into the folder named as the first argument:   Rscript tests/golden/trends/sfdep.R tests/golden/trends
suppressPackageStartupMessages(library(sfdep))
folder <- commandArgs(TRUE)[1]
gi <- read.csv(file.path(folder, "gi.csv"))
rows <- lapply(split(gi, gi$place), function(one)
  data.frame(place = one$place[1], class = sfdep:::classify_hotspot(data.frame(gi_star = one$z, p_sim = one$p), 0.05)$classification))
write.csv(do.call(rbind, rows), file.path(folder, "sfdep.csv"), row.names = FALSE, quote = FALSE)
write.csv(data.frame(program = c("sfdep", "Kendall"), version = c(as.character(packageVersion("sfdep")), as.character(packageVersion("Kendall")))),
  file.path(folder, "sfdep_version.csv"), row.names = FALSE, quote = FALSE)
