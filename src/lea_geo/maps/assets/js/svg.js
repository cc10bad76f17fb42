// Drawings in the page.
const SVG = "http://www.w3.org/2000/svg";

// One element of a drawing with its attributes and children; children that are text stay text.
export function svgNode(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, String(value)));
  node.append(...children);
  return node;
}
