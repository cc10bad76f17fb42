// What the reader looks at, in the page's address: a link opens the same picture again.
const KEYS = ["level", "year", "indicator", "view", "area", "compare", "lang", "at"];

// Only what is known is read; what an address says beside that is left alone.
export function readAddress(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const found = Object.fromEntries(KEYS.filter((key) => said.has(key)).map((key) => [key, said.get(key)]));
  if ("compare" in found) found.compare = said.getAll("compare");
  if ("at" in found) {
    const [latitude, longitude, zoom] = found.at.split(",").map(Number);
    const inside = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && zoom >= 0 && zoom <= 30;
    if (inside) found.at = { latitude, longitude, zoom };
    else delete found.at;
  }
  return found;
}

// The reverse; what is blank or null is left out.
export function writeAddress(parts) {
  const said = new URLSearchParams();
  KEYS.filter((key) => parts[key]).forEach((key) => {
    if (key === "compare") parts.compare.forEach((id) => said.append("compare", id));
    else if (key === "at") {
      const { latitude, longitude, zoom } = parts.at;
      said.set("at", [latitude.toFixed(5), longitude.toFixed(5), zoom.toFixed(2)].join(","));
    } else said.set(key, parts[key]);
  });
  const text = said.toString();
  return text ? `#${text}` : "";
}
