/**
 * Where our kernel answers otherwise than the recorded module, and why. docs/FIDELITY.md shows this
 * list, and the vector test fails when a line is no longer true.
 */
export interface Difference {
  /** Name of the vector. */
  readonly vector: string;
  /** Steps that differ, the first message being 0. Without it, the whole vector is not answered. */
  readonly steps?: readonly number[];
  /**
   * better: ours on purpose. dialect: Lua 5.4 differs from 5.3, and shows only there.
   * absent: not offered.
   */
  readonly kind: 'better' | 'dialect' | 'absent';
  readonly reason: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    vector: 'norm/no-tags-field',
    steps: [1],
    kind: 'better',
    reason: 'a message without Tags fails with its id in the text, not with a bare Lua error',
  },
  {
    vector: 'eval/errors',
    steps: [3, 4],
    kind: 'better',
    reason: 'error() with a table or nil: its value is the Error, where the module fails on itself',
  },
  {
    vector: 'eval/yield',
    steps: [2],
    kind: 'better',
    reason: 'a bare coroutine.yield() fails with a text that names it',
  },
  {
    vector: 'receive/inside-own-coroutine-no-return',
    steps: [2],
    kind: 'better',
    reason: 'a coroutine that received and ends without a value fails with a text that says so',
  },
  {
    vector: 'os/side-effects',
    steps: [1, 2, 3, 4, 5, 6, 7, 8],
    kind: 'absent',
    reason: 'no io, no os.execute, no os.remove: their stubs in the module lead nowhere either',
  },
  {
    vector: 'lua/5.3-specifics',
    steps: [29],
    kind: 'dialect',
    reason: 'a <= b asks __le only; 5.3 falls back to not (b < a)',
  },
  {
    vector: 'lua/5.3-specifics',
    steps: [30, 45],
    kind: 'dialect',
    reason: 'the attributes <const> and <close> compile',
  },
  {
    vector: 'lua/5.3-specifics',
    steps: [44],
    kind: 'dialect',
    reason:
      'collectgarbage("generational") fails the same way, but names another place in a tail call',
  },
  {
    vector: 'apm/head-client',
    steps: [2, 13, 17, 19, 20, 21, 22],
    kind: 'better',
    reason: 'our package client has its own version and words, and asks for the version wanted',
  },
  {
    vector: 'blueprint/arena',
    kind: 'absent',
    reason: 'the arena game is not among the blueprints',
  },
];

/** Differences that no recorded sequence of the reference module shows; kernel.test.ts covers them. */
export const UNRECORDED: readonly { readonly topic: string; readonly reason: string }[] = [
  {
    topic: 'a result that JSON cannot hold (NaN, a sparse array, a function in an array)',
    reason: 'gives an Error that says so, where the module returns nothing at all',
  },
  {
    topic: 'print of a function, thread or userdata',
    reason: 'prints it, where the module fails the message',
  },
  {
    topic: 'an array that contains itself, printed',
    reason: 'shows <circular reference>, where the module recurses until memory is gone',
  },
  {
    topic: 'ao.log',
    reason: 'reaches the trace of the message; it is in no Output, as in the module',
  },
  {
    topic: 'a failing handler',
    reason: 'its name, line, message and stack are in the trace, beside the same Error text',
  },
  {
    topic: 'Output.test of an Eval',
    reason: 'left out: residue of debugging that no client reads',
  },
];
