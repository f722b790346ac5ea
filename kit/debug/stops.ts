/**
 * Where the breakpoints of a session stop it. The places of lines are read off the recording; names of
 * handlers and conditions are seen in one more run of the message, which looks at each of their places
 * in passing and leaves no mark there. What one question may look at is bounded.
 */
import { type Breakpoint, placesOf } from './breakpoints.js';
import { readHandler } from './frames.js';
import type { Runner } from './runner.js';
import type { Evaluated } from './variables.js';

export interface Stops {
  readonly all: readonly Breakpoint[];
  set(breakpoints: readonly Breakpoint[]): void;
  /** The next place after `from` that stops, or the last before it; undefined if none does. */
  find(from: number, direction: 'forwards' | 'backwards'): Found | undefined;
}

export interface Found {
  readonly place: number;
  /** Number of the breakpoint, from 1. */
  readonly number: number;
  /** Why it stops although its condition is not known to be true. */
  readonly doubt?: string | undefined;
}

/** Conditions of one question: beyond it stops, and the next question goes on from there. */
const ASKED_MAX = 2_000;
/** Bytes of memory that are put back after conditions in one question: about 0.4 seconds. */
const RESTORED_MAX = 2 * 1024 ** 3;
/** Gas that the conditions of one question share: 0.2 seconds, or 0.7 where nothing has run yet. */
const SHARED_GAS = 50_000_000;
/** Most gas of one of them, as of any expression. */
const CONDITION_GAS_MAX = 20_000_000;
const NOT_ASKED = 'it was asked often enough for one move; the next one asks on';

type Candidate = readonly [place: number, numbers: readonly number[]];

/** @param ask evaluates a condition where the run is */
export function createStops(
  runner: Runner,
  ask: (condition: string, gas: bigint) => Evaluated,
): Stops {
  const { recording, visit, instance } = runner;
  let all: readonly Breakpoint[] = [];
  let handlers: ReadonlyMap<number, string | undefined> | undefined;
  let candidates: readonly Candidate[] | undefined;
  const known = new Map<number, Found>(); // by place; number 0 where none stops

  const handlerOf = (entry: number): string | undefined => {
    handlers ??= readHandlers(runner);
    return handlers.get(entry);
  };
  const findCandidates = () => {
    const found = new Map<number, number[]>();
    for (const [index, breakpoint] of all.entries()) {
      for (const place of placesOf(breakpoint, recording, handlerOf)) {
        found.set(place, [...(found.get(place) ?? []), index + 1]);
      }
    }
    return [...found].sort(([a], [b]) => a - b);
  };
  const conditionOf = (number: number): string | undefined => {
    const breakpoint = all[number - 1];
    return breakpoint?.kind === 'error' ? undefined : breakpoint?.condition;
  };
  /** The first that holds where the run is. A condition that cannot be asked is told by a stop. */
  const firstThatHolds = ([place, numbers]: Candidate, gas: bigint) => {
    for (const number of numbers) {
      const condition = conditionOf(number);
      if (condition === undefined) return { found: { place, number }, broken: false };
      const { values, error, broken = false } = ask(condition, gas);
      if (error !== undefined) return { found: { place, number, doubt: error }, broken };
      const holds = !['nil', 'false', undefined].includes(values[0]?.text);
      if (holds) return { found: { place, number }, broken };
    }
    return { found: { place, number: 0 }, broken: false };
  };
  /** Asks at several places in one run, until one stops if that is the first that is wanted. */
  const askAt = (places: readonly Candidate[], untilOneHolds: boolean) => {
    const numbersAt = new Map(places);
    const gas = BigInt(Math.min(CONDITION_GAS_MAX, Math.floor(SHARED_GAS / countIn(places))));
    visit([...numbersAt.keys()], (place) => {
      const { found, broken } = firstThatHolds([place, numbersAt.get(place) ?? []], gas);
      known.set(place, found);
      return !broken && !(untilOneHolds && found.number > 0);
    });
  };
  return {
    get all() {
      return all;
    },
    set(breakpoints) {
      all = breakpoints;
      candidates = undefined;
      known.clear();
    },
    find(from, direction) {
      candidates ??= findCandidates();
      const isForwards = direction === 'forwards';
      const ahead = isForwards
        ? candidates.filter(([place]) => place > from)
        : candidates.filter(([place]) => place < from).reverse();
      const isSure = ([, [first = 0]]: Candidate) => conditionOf(first) === undefined;
      const sure = ahead.findIndex(isSure);
      const upTo = sure < 0 ? ahead : ahead.slice(0, sure + 1);
      const asked = nearest(upTo, Math.floor(RESTORED_MAX / instance.buffer.length));
      const unknown = asked.filter((one) => !isSure(one) && !known.has(one[0]));
      if (unknown.length > 0)
        askAt(
          unknown.toSorted(([a], [b]) => a - b),
          isForwards,
        );
      for (const [place, numbers] of asked) {
        const [number = 0] = numbers;
        if (isSure([place, numbers])) return { place, number };
        // What a condition that never ends kept from being asked stops as well.
        const found = known.get(place) ?? { place, number, doubt: NOT_ASKED };
        if (found.number > 0) return found;
      }
      const [beyond] = upTo.slice(asked.length);
      return beyond && { place: beyond[0], number: beyond[1][0] ?? 0, doubt: NOT_ASKED };
    },
  };
}

function countIn(candidates: readonly Candidate[]): number {
  return candidates.reduce((count, [, numbers]) => count + numbers.length, 0);
}

/** The first of some at which no more is asked than one question may; one at least. */
function nearest(candidates: readonly Candidate[], most: number): readonly Candidate[] {
  let count = 0;
  const end = candidates.findIndex(([, numbers]) => {
    count += numbers.length;
    return count > Math.min(most, ASKED_MAX);
  });
  return end < 0 ? candidates : candidates.slice(0, Math.max(1, end));
}

/** Names of the handlers that run, by the place where each begins. */
function readHandlers({ recording, visit, states, instance }: Runner) {
  const found = new Map<number, string | undefined>();
  visit(recording.entries, (entry) => {
    const [state = 0] = states();
    found.set(entry, readHandler({ instance, state }));
    return true;
  });
  return found;
}
