/**
 * All states that an answer goes through: the empty one, the one after the prompt is split into
 * tokens, and the one at each token boundary. Only the leaves that change are kept, so a log costs
 * about 1 KB a token, and any state can be put together again.
 */
import type { AnswerInput, Program } from '../llama/program.js';
import { STATUS } from '../llama/regions.js';
import { OpmlError } from './errors.js';
import { readCounts, viewOf } from './facts.js';
import { toHex } from './hex.js';
import { MEMORY_LEAF_BYTES } from './machine/merkle.js';
import { trackRegion } from './tracked-region.js';

export interface AnswerLog {
  /** Root of the answer region in each state, in hex. */
  readonly roots: readonly string[];
  /** Which of the states are token boundaries; the empty one is the first. */
  readonly boundaries: readonly number[];
  /** The answer region in a state. */
  regionAt(state: number): Uint8Array;
}

interface ChangedLeaf {
  readonly leaf: number;
  readonly bytes: Uint8Array;
}

/** Runs the answer in V8 from its beginning to its end. */
export function logAnswer(program: Program, input: AnswerInput): AnswerLog {
  const region = answerRegion(program);
  const view = viewOf(region);
  // What a dispute left in the caches looks valid but may be anything.
  program.restart(new Uint8Array(region.length));
  program.begin(input);
  const tracked = trackRegion(region);
  const roots = [toHex(tracked.root)];
  const boundaries = [0];
  const changes: ChangedLeaf[][] = [[]];
  const record = () => {
    const changed = tracked.refresh();
    if (changed.length === 0) return;
    changes.push(changed.map((leaf) => ({ leaf, bytes: tracked.tree.leaf(leaf).slice() })));
    roots.push(toHex(tracked.root));
  };
  const isDone = () => readCounts(view).status === STATUS.done;
  program.step(); // splits the prompt
  record();
  if (isDone()) boundaries.push(roots.length - 1);
  while (!isDone()) {
    program.run();
    record();
    boundaries.push(roots.length - 1);
  }
  return {
    roots,
    boundaries,
    regionAt(state) {
      const bytes = new Uint8Array(region.length);
      for (const { leaf, bytes: leafBytes } of changes.slice(0, state + 1).flat()) {
        bytes.set(leafBytes, leaf * MEMORY_LEAF_BYTES);
      }
      return bytes;
    },
  };
}

/** Live view of the answer region. */
export function answerRegion({ memory, bounds }: Program): Uint8Array {
  return memory.subarray(bounds.answer, bounds.vocabulary);
}

/** @throws {TRACE_UNKNOWN_ANSWER} */
export function findState(log: AnswerLog, root: string): number {
  const state = log.roots.indexOf(root);
  if (state >= 0) return state;
  throw new OpmlError('TRACE_UNKNOWN_ANSWER', `This answer never goes through ${root}.`, { root });
}
