// Pieces of a picture, stacked by their own heights, so that nothing lies over anything however long a text is.
// A block is {height, draw(pen, x, y)}.

const BLOCK_FONT = '"Segoe UI", "Helvetica Neue", Roboto, "Noto Sans", Arial, sans-serif';
const LINE = 1.35;
const BASELINE = 0.98;

/** How a text is written: size in CSS pixels, weight, colour. */
function fontOf({ size, weight = 400 }) {
  return `${weight} ${size}px ${BLOCK_FONT}`;
}

// A word too long for a line, in parts that fit; a part holds at least one character.
function brokenWord(word, width, measure) {
  const parts = [];
  let part = "";
  [...word].forEach((character) => {
    if (part && measure(part + character) > width) {
      parts.push(part);
      part = character;
    } else part += character;
  });
  return [...parts, part];
}

/** A text in lines no wider than `width`; `measure(text)` gives the width of one. */
export function wrappedLines(text, width, measure) {
  const plain = text.replaceAll("\u00ad", "").replace(/[^\S\u00a0\u202f]+/g, " ").trim();
  if (!plain) return [];
  const lines = [];
  let line = "";
  plain.split(" ").forEach((word) => {
    const longer = line ? `${line} ${word}` : word;
    if (measure(longer) <= width) {
      line = longer;
      return;
    }
    if (line) lines.push(line);
    const parts = measure(word) > width ? brokenWord(word, width, measure) : [word];
    line = parts.pop();
    lines.push(...parts);
  });
  return [...lines, line];
}

/** A paragraph; one without words takes no room. */
export function textBlock(pen, text, width, style) {
  pen.font = fontOf(style);
  const lines = wrappedLines(text, width, (words) => pen.measureText(words).width);
  const high = Math.round(style.size * LINE);
  return {
    height: lines.length * high,
    draw(onto, x, y) {
      onto.font = fontOf(style);
      onto.fillStyle = style.colour;
      onto.textAlign = "left";
      onto.textBaseline = "alphabetic";
      lines.forEach((line, k) => onto.fillText(line, x, y + k * high + style.size * BASELINE));
    },
  };
}

/** An empty stretch. */
export function gapBlock(height) {
  return { height, draw() {} };
}

/** One block below the other; `gap` lies between those that take room. */
export function stackBlocks(blocks, gap = 0) {
  const held = blocks.filter(({ height }) => height > 0);
  return {
    height: held.reduce((sum, { height }) => sum + height, 0) + gap * Math.max(0, held.length - 1),
    draw(pen, x, y) {
      let top = y;
      held.forEach((block) => {
        block.draw(pen, x, top);
        top += block.height + gap;
      });
    },
  };
}

/** Blocks side by side, their tops level: pairs of a block and how far to the right it begins. */
export function rowOfBlocks(pairs) {
  return {
    height: Math.max(...pairs.map(([{ height }]) => height)),
    draw: (pen, x, y) => pairs.forEach(([block, right]) => block.draw(pen, x + right, y)),
  };
}

/** A block on a coloured ground that reaches `around` pixels beyond it. */
export function groundedBlock(block, width, around, colour) {
  return {
    height: block.height ? block.height + 2 * around : 0,
    draw(pen, x, y) {
      pen.fillStyle = colour;
      pen.fillRect(x, y, width, this.height);
      block.draw(pen, x + around, y + around);
    },
  };
}
