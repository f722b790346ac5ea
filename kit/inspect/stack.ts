/**
 * Lua's stack at an error as frames in the user's own files, each with its line of source, out of the
 * text that the kernel keeps of `debug.traceback`.
 */
import type { TreeCode, TreeFrame } from '../render/tree-node.js';
import type { Sources } from './sources.js';

/** Lines shown before and after the one that failed; of its callers one line is enough. */
const AROUND = 2;
const FRAMES_MAX = 32;

/** @param stack text of the kernel, the innermost frame first */
export function readStack(stack: string, sources: Sources): TreeFrame[] {
  const frames = stack
    .split('\n')
    .map(parseFrame)
    .filter((frame) => frame !== undefined)
    .slice(0, FRAMES_MAX);
  // What only raises the error (error, assert) says nothing.
  const from = frames.findIndex(({ line }) => line !== undefined);
  const shown = from < 0 ? frames : frames.slice(from);
  return shown.map(({ chunk, line, what }, index) => {
    if (line === undefined) return { place: '[C]', what };
    const around = index === 0 ? AROUND : 0;
    const code = codeAround(sources.linesOf(chunk), line, around);
    return { place: `${chunk}:${line}`, what, ...(code && { code }) };
  });
}

/** The line and some before and after it. */
export function codeAround(
  lines: readonly string[] | undefined,
  line: number,
  around: number,
): TreeCode[] | undefined {
  if (lines?.[line - 1] === undefined) return undefined;
  const first = Math.max(1, line - around);
  const last = Math.min(lines.length, line + around);
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const number = first + index;
    return { line: number, text: lines[number - 1] ?? '', isHere: number === line };
  });
}

function parseFrame(text: string) {
  const match = /^\s*(?:\[string "(.*?)"\]|\[(C)\]|([^:\n]+)):(?:(\d+):)? in (.*)$/.exec(text);
  if (!match) return undefined;
  const [, loaded, , file, line, what = ''] = match;
  const chunk = loaded ?? file ?? '';
  return { chunk, line: line === undefined ? undefined : Number(line), what: describe(what) };
}

/** Lua says `function <pay.lua:10>` of a function without a name: a handler has none. */
function describe(what: string): string {
  return /^function <.*>$/.test(what) ? 'function' : what;
}
