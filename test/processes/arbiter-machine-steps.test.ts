/** Whole steps: an honest witness leads the arbiter to the state that follows, no other does. */
import { describe, expect, it } from 'vitest';
import { OPCODES } from '../../opml/machine/opcodes.js';
import { emptySlotsRoot, pushFrame, STATUS } from '../../opml/machine/state.js';
import { DIALECTS, luaVerify, toHex } from './arbiter-machine-lua.js';
import { casesFor, createRandom, noise } from './arbiter-machine-operands.js';
import { compileBody, compileOpcode, pureOpcodes, SLOT } from './arbiter-machine-v8.js';
import {
  type Access,
  BOUNDS,
  buildTrial,
  encodeInstruction,
  memoryAccesses,
  memoryAt,
  type Step,
  type Trial,
  words,
} from './arbiter-machine-world.js';

const FP = 100;

interface Row {
  readonly name: string;
  readonly step: Step;
}

/** Slots in a frame at FP, by their number in it. */
const frame = (slots: Record<number, Uint8Array>) =>
  new Map(Object.entries(slots).map(([number, value]) => [FP + Number(number), value]));
const read = (...numbers: number[]): Access[] => numbers.map((number) => ({ slot: FP + number }));

/** One step of each instruction that computes; slots share leaves, dst is an operand at times. */
function computeRows(): Row[] {
  return pureOpcodes().map((opcode, i) => {
    const test = casesFor(opcode, 1)[i % 40] ?? casesFor(opcode, 1)[0]!;
    const result = compileOpcode(opcode, test.immediate)(test.slots);
    const count = { unary: 1, binary: 2, ternary: 3 }[opcode.shape as 'unary'];
    const [a, b, c] = [2 + (i % 3), 5, 4000 - FP];
    const dst = [a, b, 6, 77][i % 4] ?? 0;
    const operands = [a, b, c].slice(0, count);
    const slots = operands.map((number, k) => [number, test.slots.subarray(16 * k, 16 * k + 16)]);
    const traps = typeof result === 'number';
    return {
      name: opcode.name,
      step: {
        instruction: encodeInstruction({ op: opcode.op, dst, a, b, c, immediate: test.immediate }),
        fp: FP,
        counter: 2 ** 40 + i,
        slots: frame(Object.fromEntries(slots)),
        accesses: [...read(...operands), ...(traps ? [] : [{ slot: FP + dst, write: result }])],
        next: traps ? { pc: 3, status: result } : {},
      },
    };
  });
}

const move = (op: number, fields: object, reads: number[], result: Uint8Array): Step => ({
  instruction: encodeInstruction({ op, dst: 9, a: 1, b: 2, c: 3, ...fields }),
  fp: FP,
  slots: frame({ 1: noise('a', 16), 2: noise('b', 16), 3: words(0, 1, 1, 1), 4: words(2) }),
  accesses: [...read(...reads), { slot: FP + 9, write: result }],
});

const MOVES: Row[] = [
  { name: 'move', step: move(0x100, {}, [1], noise('a', 16)) },
  { name: 'select the first', step: move(0x1b, { c: 4 }, [1, 2, 4], noise('a', 16)) },
  { name: 'select the second', step: move(0x1b, {}, [1, 2, 3], noise('b', 16)) },
  { name: 'const', step: move(0x107, { immediate: noise('i', 16) }, [], noise('i', 16)) },
];

/** A jump that reads slot 1, which holds `value`. */
const jump = (op: number, value: number, immediate: Uint8Array, pc: number): Step => ({
  instruction: encodeInstruction({ op, a: 1, immediate }),
  fp: FP,
  slots: frame({ 1: words(value, 5) }),
  accesses: op === 0x101 ? [] : read(1),
  next: { pc },
});

const outer = noise('outer frames', 32);
const inner = pushFrame(outer, 7, 90);
const halted = { slotsRoot: emptySlotsRoot(), pc: 0, fp: 0, status: STATUS.halted };
const plain = (op: number, ...immediate: number[]) =>
  encodeInstruction({ op, immediate: words(...immediate) });
const trapped = (status: number) => ({ pc: 3, status });

const CONTROL: Row[] = [
  { name: 'unreachable', step: { instruction: plain(0), next: trapped(STATUS.unreachable) } },
  { name: 'jump', step: jump(0x101, 0, words(8), 8) },
  { name: 'jump to itself', step: jump(0x101, 0, words(3), 3) },
  { name: 'jumpIf, taken', step: jump(0x102, 2 ** 31, words(8), 8) },
  { name: 'jumpIf, not taken', step: jump(0x102, 0, words(8), 4) },
  { name: 'jumpIfZero, taken', step: jump(0x103, 0, words(8), 8) },
  { name: 'jumpIfZero, not taken', step: jump(0x103, 1, words(8), 4) },
  { name: 'jumpIfEqual, taken', step: jump(0x104, 2 ** 32 - 1, words(8, 2 ** 32 - 1), 8) },
  { name: 'jumpIfEqual, not taken', step: jump(0x104, 6, words(8, 7), 4) },
  {
    name: 'call',
    step: {
      instruction: plain(0x105, 9, 30, 20),
      fp: FP,
      frames: inner,
      next: { pc: 9, fp: FP + 30, framesHash: pushFrame(inner, 4, FP) },
    },
  },
  {
    name: 'call into the last slot',
    step: {
      instruction: plain(0x105, 9, 3000, 996),
      fp: FP,
      next: { pc: 9, fp: 3100, framesHash: pushFrame(new Uint8Array(32), 4, FP) },
    },
  },
  {
    name: 'call past the last slot',
    step: {
      instruction: plain(0x105, 9, 3000, 997),
      fp: FP,
      next: trapped(STATUS.stackOverflow),
    },
  },
  {
    name: 'call past 32 bits',
    step: {
      instruction: plain(0x105, 9, 2 ** 32 - 1, 2 ** 32 - 1),
      fp: FP,
      next: trapped(STATUS.stackOverflow),
    },
  },
  {
    name: 'return',
    step: {
      instruction: plain(0x106),
      fp: FP,
      frames: inner,
      tail: Buffer.concat([outer, words(7, 90).subarray(0, 8)]),
      next: { pc: 7, fp: 90, framesHash: outer },
    },
  },
  {
    name: 'return from the outermost',
    step: { instruction: plain(0x106), slots: frame({ 1: noise('x', 16) }), next: halted },
  },
];

/** Addresses inside a leaf, across leaves and regions, at the edges and outside. */
const ADDRESSES = [0, 250, 0xfffb, 0x102f8, 0x102fd, 0x107ff, 0x108f9, 0x10940, 0x109f7, 0x114f0];
const OUTSIDE = [BOUNDS.end - 15, BOUNDS.end - 7, BOUNDS.end - 3, BOUNDS.end - 1, BOUNDS.end];

const memoryOpcodes = [...OPCODES.values()].filter(({ shape }) => /load|store/.test(shape));
const wasmCode = (op: number) => (op < 0x200 ? [op] : [0xfd, op - 0x200]);

function memoryStep(op: number, address: number, bytes: number, shape: string): Step {
  const isLoad = shape === 'load';
  const offset = address % 7 === 0 ? 0 : Math.min(address, 300);
  const value = noise(`value ${op}`, 16);
  const base = {
    instruction: encodeInstruction({ op, dst: 8, a: 1, b: 2, immediate: words(offset, 9) }),
    fp: FP,
    slots: frame({ 1: words(address - offset, 77), 2: value }),
  };
  const slots = read(...(isLoad ? [1] : [1, 2]));
  if (address + bytes > BOUNDS.end) {
    return { ...base, accesses: slots, next: trapped(STATUS.memoryOutOfBounds) };
  }
  if (isLoad) {
    const result = loadInV8(op, memoryAt(address, bytes));
    const leaves = memoryAccesses(address, bytes);
    return { ...base, accesses: [...slots, ...leaves, { slot: FP + 8, write: result }] };
  }
  const writable = [address, address + bytes - 1].every(
    (at) => (at >= BOUNDS.answer && at < BOUNDS.vocabulary) || at >= BOUNDS.work,
  );
  if (!writable) return { ...base, accesses: slots, next: trapped(STATUS.readOnlyMemory) };
  const leaves = memoryAccesses(address, bytes, value.subarray(0, bytes));
  return { ...base, accesses: [...slots, ...leaves] };
}

/** Loads the first bytes of the memory and stores the value at 48. */
function loadInV8(op: number, bytes: Uint8Array): Uint8Array {
  const name = OPCODES.get(op)?.name ?? '';
  const type = name.split('.')[0] as 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
  const store = { i32: [0x36], i64: [0x37], f32: [0x38], f64: [0x39], v128: [0xfd, 11] }[type];
  const run = compileBody([0x20, 0, 0x20, 0, ...wasmCode(op), 0, 0, ...store, 0, 48]);
  return run(bytes).slice(48, 48 + SLOT);
}

function memoryRows(): Row[] {
  return memoryOpcodes.flatMap(({ op, name, bytes, shape }) => {
    const few = ADDRESSES.filter(
      (_, i) => (i + op) % 3 === 0 || bytes === 16 || name === 'i64.store',
    );
    return [...few, ...OUTSIDE.filter((_, i) => (i + op) % 2 === 0)].map((address) => ({
      name: `${name} at ${address}`,
      step: memoryStep(op, address, bytes, shape),
    }));
  });
}

const WRAPPED: Row = {
  name: 'a load whose address and offset pass 32 bits together',
  step: {
    instruction: encodeInstruction({ op: 0x28, a: 1, immediate: words(2 ** 32 - 16) }),
    fp: FP,
    slots: frame({ 1: words(32) }),
    accesses: read(1),
    next: trapped(STATUS.memoryOutOfBounds),
  },
};

const ROWS = [...computeRows(), ...MOVES, ...CONTROL, ...memoryRows(), WRAPPED];
const TRIALS = ROWS.map(({ name, step }) => ({ name, trial: buildTrial(step) }));

/** Witnesses with one thing wrong; the honest one of the same trial is accepted. */
function damage({ witness }: Trial, random: () => number): Uint8Array {
  const bytes = Buffer.from(witness);
  const at = random() % bytes.length;
  switch (random() % 6) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes, noise(`${at}`, 1 + (at % 64))]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + (at % 40))]);
    case 3:
      bytes.fill(random() % 256, at, Math.min(at + 32, bytes.length));
      return bytes;
    default:
      bytes[at] = bytes[at]! ^ (1 << (random() % 8));
      return bytes;
  }
}

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe.each(DIALECTS)('on $name', ({ ask }) => {
  const test = it.skipIf(ask === undefined);

  test('comes to the next state, whatever the instruction', () => {
    const results = ask?.(TRIALS.map(({ trial }) => luaVerify(trial, trial.witness))) ?? [];
    const wrong = TRIALS.flatMap(({ name, trial }, i) =>
      results[i] === `${toHex(trial.after)} detail` ? [] : [`${name}: ${results[i]}`],
    );
    expect(results.length === 0 ? [] : wrong).toEqual([]);
  });

  test('refuses a damaged witness, or bytes that are none, and raises no error', () => {
    const random = createRandom('damage');
    const damaged = Array.from({ length: 700 }, (_, i) => {
      const { trial } = TRIALS[i % TRIALS.length]!;
      const witness = i % 50 === 0 ? noise(`${i}`, random() % 4200) : damage(trial, random);
      return { trial, witness };
    }).filter(({ trial, witness }) => !same(trial.witness, witness));
    const results = ask?.(damaged.map(({ trial, witness }) => luaVerify(trial, witness)));
    for (const result of results ?? []) expect(result).toMatch(/^nil \w+/);
  });

  test('believes no instruction, frame or header of a state that its hash does not show', () => {
    const forged: readonly (readonly [string, Step, RegExp])[] = [
      ['an opcode there is none of', { instruction: plain(0x1a) }, /no such instruction/],
      ['an opcode behind all', { instruction: plain(0xffff) }, /no such instruction/],
      ['more than a halted machine', { instruction: plain(0x101), status: 1 }, /too long/],
      ['more than a trapped machine', { instruction: plain(0x101), status: 255 }, /too long/],
      [
        'a frame of another state',
        {
          instruction: plain(0x106),
          frames: inner,
          tail: Buffer.concat([outer, words(7, 91).subarray(0, 8)]),
        },
        /frame/,
      ],
      ['a pc behind the code', { instruction: plain(0), pc: 16 }, /behind the code/],
      ['the last pc of all', { instruction: plain(0), pc: 2 ** 32 - 1 }, /behind the code/],
      [
        'a slot behind the last',
        { instruction: plain(0x100), fp: 4096, accesses: [{ slot: 0 }, { slot: 0 }] },
        /slot/,
      ],
    ];
    const trials = forged.map(([, step]) => buildTrial(step));
    const results = ask?.(trials.map((trial) => luaVerify(trial, trial.witness)));
    for (const [i, result] of (results ?? []).entries()) {
      expect(result, forged[i]?.[0]).toMatch(/^nil /);
      expect(result, forged[i]?.[0]).toMatch(forged[i]?.[2] ?? /never/);
    }
  });
});
