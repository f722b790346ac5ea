/**
 * Where the breakpoints of a session stop it. The places of lines are read off the recording; whether
 * a handler has the wanted name, or a condition holds, is seen by running up to the place.
 */
import { type Breakpoint, placesOf } from './breakpoints.js';
import { readHandler } from './frames.js';
import type { Runner } from './runner.js';
import type { Evaluated } from './variables.js';

export interface Stops {
  readonly all: readonly Breakpoint[];
  set(breakpoints: readonly Breakpoint[]): void;
  /** Number of the breakpoint that stops at a place, from 1; undefined if none does. */
  numberAt(place: number): number | undefined;
}

/** @param ask evaluates a condition at a place */
export function createStops(
  { recording, runTo, states, instance }: Runner,
  ask: (place: number, condition: string) => Evaluated,
): Stops {
  const handlers = new Map<number, string | undefined>();
  let all: readonly Breakpoint[] = [];
  let candidates: Map<number, number> | undefined; // place -> number of its breakpoint

  const handlerOf = (entry: number): string | undefined => {
    if (!handlers.has(entry)) {
      runTo(entry);
      const [state = 0] = states();
      handlers.set(entry, readHandler({ instance, state }));
    }
    return handlers.get(entry);
  };
  const findCandidates = () => {
    const found = new Map<number, number>();
    for (const [index, breakpoint] of all.entries()) {
      for (const place of placesOf(breakpoint, recording, handlerOf)) {
        if (!found.has(place)) found.set(place, index + 1);
      }
    }
    return found;
  };
  return {
    get all() {
      return all;
    },
    set(breakpoints) {
      all = breakpoints;
      candidates = undefined;
    },
    numberAt(place) {
      candidates ??= findCandidates();
      const number = candidates.get(place) ?? 0;
      const breakpoint = all[number - 1];
      if (!breakpoint) return undefined;
      if (breakpoint.kind === 'error' || breakpoint.condition === undefined) return number;
      const { values, error } = ask(place, breakpoint.condition);
      // A condition that cannot be asked is no reason to run on in silence.
      const holds = error !== undefined || !['nil', 'false', undefined].includes(values[0]?.text);
      if (!holds) candidates.delete(place);
      return holds ? number : undefined;
    },
  };
}
