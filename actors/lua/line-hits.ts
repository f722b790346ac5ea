/**
 * How often each line of each chunk of Lua was entered. A counter is filled by whatever runs: any
 * number of networks, one after the other or side by side; counts of several runs add up.
 */
import type { LineHook } from './line-hook.js';

/**
 * By chunk name as Lua has it, with the shape of the function after it for text that was evaluated
 * (`aos 12-20-x1`). The index is the line.
 */
export type LineHits = ReadonlyMap<string, readonly number[]>;

export interface LineCounter {
  readonly hits: LineHits;
  /** For the option `watch` of a network, a module's boot or a machine. */
  readonly hook: LineHook;
  /** Adds what another counted. */
  add(hits: LineHits): void;
  /** What was counted, from now on counted anew. */
  take(): LineHits;
}

export function createLineCounter(): LineCounter {
  let hits = new Map<string, number[]>();
  let lastSource: string | undefined;
  let lastShape: string | undefined;
  let last: number[] = [];
  const countsOf = (source: string): number[] => {
    const known = hits.get(source);
    if (known) return known;
    const fresh: number[] = [];
    hits.set(source, fresh);
    return fresh;
  };
  const add = (counts: number[], line: number, times: number) => {
    while (counts.length <= line) counts.push(0); // no holes: they make an array slow
    counts[line] = (counts[line] ?? 0) + times;
  };
  return {
    get hits() {
      return hits;
    },
    hook(_state, source, line, shape) {
      if (source !== lastSource || shape !== lastShape) {
        last = countsOf(shape === undefined ? source : `${source} ${shape}`);
        lastSource = source;
        lastShape = shape;
      }
      add(last, line, 1);
    },
    add(more) {
      for (const [source, counts] of more) {
        const own = countsOf(source);
        counts.forEach((times, line) => {
          add(own, line, times);
        });
      }
    },
    take() {
      const taken = hits;
      hits = new Map();
      last = [];
      lastSource = undefined;
      return taken;
    },
  };
}
