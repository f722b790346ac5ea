/**
 * How deep JSON is nested, without parsing it. What writes JSON recurses, and so does what copies it
 * to another thread: a program could answer so many brackets that its host runs out of stack.
 */

const OPEN = '{'.charCodeAt(0);
const CLOSE = '}'.charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
/** The bit in which [ and {, ] and } differ. */
const BRACE = 0x20;

/** The deepest nesting of arrays and objects; 0 for a value that is neither. */
export function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === QUOTE) {
      i = endOfString(json, i);
    } else if ((code | BRACE) === OPEN) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if ((code | BRACE) === CLOSE) depth--;
  }
  return deepest;
}

/** Place of the quote that ends the string that begins at `start`. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end >= 0; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return json.length;
}
