/**
 * One evaluation, line by line: which lines of the program ran in which order, and how deep in calls.
 * A debugger that has it knows where every step leads, forwards and backwards, without running
 * anything; it runs the evaluation again only to look at one of these places.
 *
 * Whoever watches reads memory and nothing else: the evaluation is the one that the process had, to
 * the byte.
 */
import type { LuaInstance } from '../../actors/lua/instance.js';
import { LUA_STATE } from '../../actors/lua/layout.js';

/** Places are numbered from 0 in the order in which they ran; `length` is the end. */
export interface Recording {
  readonly length: number;
  /** Chunk name as Lua has it. */
  source(place: number): string;
  line(place: number): number;
  /** Calls under way, those of the coroutines that wait below included. */
  depth(place: number): number;
  /** Places at which a handler begins. */
  readonly entries: readonly number[];
  /** Place at which the error was raised that failed the message. */
  readonly failure: number | undefined;
  /** False if the evaluation has more lines than are recorded. */
  readonly complete: boolean;
}

/** Lines of one evaluation that are recorded. */
export const PLACES_MAX = 500_000;

const PREVIOUS_CALL = 8; // CallInfo.previous

/** Chunk of the kernel that walks the handlers, and the one that keeps an error's stack. */
const HANDLERS = '.handlers';

/** What tells the program's lines from the kernel's, and the kernel's lines that mean something. */
export interface Landmarks {
  readonly isKernel: (source: string) => boolean;
  /** First and last line of the kernel's function that is told of an error. */
  readonly capture: { readonly source: string; readonly from: number; readonly to: number };
}

/** A coroutine that runs or waits for one that it resumed. */
interface Thread {
  readonly state: number;
  /** Calls below its own. */
  readonly base: number;
}

/** The coroutines that are under way, the innermost last, as seen from line to line. */
export function createThreads(instance: LuaInstance) {
  let threads: Thread[] = [];
  const depthIn = (state: number): number => {
    const { view } = instance;
    let depth = 0;
    let call = view.getUint32(state + LUA_STATE.callInfo, true);
    for (; call !== 0; call = view.getUint32(call + PREVIOUS_CALL, true)) depth++;
    return depth;
  };
  return {
    reset: () => {
      threads = [];
    },
    /** The states of them, the innermost first. */
    states: () => threads.map(({ state }) => state).reverse(),
    /** Notes which state runs, and says how deep it is altogether. */
    enter(state: number): number {
      let current = threads.at(-1);
      if (current?.state !== state) {
        const known = threads.findIndex((thread) => thread.state === state);
        if (known >= 0) threads = threads.slice(0, known + 1);
        else {
          const base = current === undefined ? 0 : current.base + depthIn(current.state);
          threads.push({ state, base });
        }
        current = threads.at(-1);
      }
      return (current?.base ?? 0) + depthIn(state);
    },
  };
}

export type Threads = ReturnType<typeof createThreads>;

export interface Recorder {
  /** Takes a line; false once there is no room for more. */
  take(state: number, source: string, line: number): boolean;
  finish(outcome: { readonly failed: boolean; readonly complete: boolean }): Recording;
}

export function createRecorder(threads: Threads, landmarks: Landmarks): Recorder {
  const places = createColumns();
  const sources = createNames();
  const entries: number[] = [];
  let kernel: { readonly source: string; readonly depth: number } | undefined;
  let captured: number | undefined;
  return {
    take(state, source, line) {
      const depth = threads.enter(state);
      if (landmarks.isKernel(source)) {
        kernel = { source, depth };
        const { capture } = landmarks;
        const isCapture = source === capture.source && line >= capture.from && line <= capture.to;
        if (isCapture) captured ??= places.length - 1;
        return true;
      }
      // Called from the walk along the handlers, and not returned to from it.
      if (kernel?.source === HANDLERS && depth >= kernel.depth) entries.push(places.length);
      kernel = undefined;
      places.add(sources.numberOf(source), line, depth);
      return places.length < PLACES_MAX;
    },
    finish({ failed, complete }) {
      const last = places.length - 1;
      const raised = captured ?? last;
      return {
        length: places.length,
        source: (place) => sources.at(places.source(place)),
        line: places.line,
        depth: places.depth,
        entries,
        failure: failed && raised >= 0 ? raised : undefined,
        complete,
      };
    },
  };
}

/** Three numbers a place, in memory that grows. */
function createColumns() {
  const WIDTH = 3;
  let numbers = new Int32Array(WIDTH * 1024);
  let length = 0;
  return {
    get length() {
      return length;
    },
    add(source: number, line: number, depth: number) {
      if ((length + 1) * WIDTH > numbers.length) {
        const larger = new Int32Array(numbers.length * 2);
        larger.set(numbers);
        numbers = larger;
      }
      numbers.set([source, line, depth], length * WIDTH);
      length++;
    },
    source: (place: number) => numbers[place * WIDTH] ?? 0,
    line: (place: number) => numbers[place * WIDTH + 1] ?? 0,
    depth: (place: number) => numbers[place * WIDTH + 2] ?? 0,
  };
}

function createNames() {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  return {
    at: (number: number) => names[number] ?? '',
    numberOf(name: string) {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      names.push(name);
      numbers.set(name, names.length - 1);
      return names.length - 1;
    },
  };
}
