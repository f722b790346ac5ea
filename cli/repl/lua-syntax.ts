/**
 * Whether a piece of Lua is still open, so that the prompt can ask for the next line instead of
 * sending half a function. A scanner, not a parser: it counts blocks and brackets outside strings
 * and comments. Where it is wrong, an empty line sends what was typed and Lua itself complains.
 */

/** What the scanner tells apart; the groups hold the `=` of a long bracket. */
const TOKEN = [
  /--\[(=*)\[|--[^\n]*/, // comment
  /\[(=*)\[/, // long string
  /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/, // string
  /[A-Za-z_]\w*|\d[\w.]*/, // name or number
  /\.\.|[^\s\w]/, // anything else
];

const OPENERS = new Set(['function', 'if', 'repeat', 'for', 'while', '(', '{', '[']);
const CLOSERS = new Set(['end', 'until', ')', '}', ']']);
const DANGLING = new Set('= , . .. + - * / % ^ < > ~ & | and or not local'.split(' '));

/** @returns true if more lines must follow before this can be Lua */
export function isIncomplete(source: string): boolean {
  const pattern = new RegExp(TOKEN.map((part) => part.source).join('|'), 'g');
  let depth = 0;
  let loopsBeforeDo = 0;
  let last = '';
  for (let match = pattern.exec(source); match !== null; match = pattern.exec(source)) {
    const [token] = match;
    const level = match[1] ?? match[2];
    if (level !== undefined) {
      const close = source.indexOf(`]${level}]`, pattern.lastIndex);
      if (close < 0) return true;
      pattern.lastIndex = close + level.length + 2;
    }
    if (token.startsWith('--')) continue;
    // A string without its end on the line is a mistake, and no further line mends it.
    if (token === '"' || token === "'") return false;
    last = token;
    if (OPENERS.has(token)) depth += 1;
    if (CLOSERS.has(token)) depth -= 1;
    if (token === 'for' || token === 'while') loopsBeforeDo += 1;
    if (token === 'do') {
      // A loop's `do` belongs to the `for` or `while` that is counted already.
      if (loopsBeforeDo > 0) loopsBeforeDo -= 1;
      else depth += 1;
    }
  }
  return depth > 0 || DANGLING.has(last);
}
