/**
 * The two judges, one in TypeScript and one in Lua, on the same witnesses: each step of modules that
 * V8 and the fast interpreter run as well (test/opml/machine).
 */
import { describe, expect, it } from 'vitest';
import { OPCODES } from '../../opml/machine/opcodes.js';
import {
  COMPUTING,
  createRandom,
  moduleFor,
  PLACES,
  randomOperand,
} from '../opml/machine/opcode-cases.js';
import { lowerModule, openMachine, proveAll, testMemory } from '../opml/machine/three-tiers.js';
import { encodeModule, i32Const, localGet, localSet } from '../opml/machine/wasm-encoder.js';
import { DIALECTS, luaVerify, toHex } from './arbiter-machine-lua.js';

interface Judged {
  readonly name: string;
  readonly question: string;
  readonly answer: string;
}

/** Runs a module to its end; every step, or those whose opcode counts, as a question. */
function judgedSteps(wasm: Uint8Array, memory: Uint8Array, only?: number): Judged[] {
  const tested = openMachine(lowerModule(wasm), memory);
  const { program, inputRoot } = tested;
  return proveAll(tested)
    .filter(({ detail }) => only === undefined || detail.op === only)
    .map(({ state, witness, next, detail }) => ({
      name: `${detail.name} at ${detail.counter}`,
      question: luaVerify({ program, inputRoot, before: state }, witness),
      answer: `${toHex(next)} detail`,
    }));
}

/** One step of every instruction on two sets of operands. */
function computing(): Judged[] {
  const random = createRandom(20);
  return COMPUTING.flatMap((opcode) =>
    [0, 1].flatMap((round) => {
      const { operands, wasm } = moduleFor(opcode, random() % 16);
      const memory = testMemory();
      operands.forEach((type, i) => {
        memory.set(randomOperand(type, random), [PLACES.a, PLACES.b, PLACES.c][i]);
      });
      if (opcode.bytes > 0 && round > 0) {
        new DataView(memory.buffer).setUint32(PLACES.a, 0x40f0 + (random() % 16), true);
      }
      return judgedSteps(wasm, memory, opcode.op);
    }),
  );
}

/** Counts down in one function and calls itself; chooses by a br_table; all jumps, all calls. */
function controlling(): Judged[] {
  const step = [...i32Const(4), 0x10, 1, 0x1a];
  const callee = [
    ...[0x02, 0x40, 0x02, 0x40, 0x02, 0x40], // three blocks
    ...[...localGet(0), 0x0e, 2, 0, 1, 2], // br_table
    ...[0x0b, ...i32Const(70), ...localSet(1), 0x0b, ...localGet(1), 0x45, 0x04, 0x40],
    ...[...i32Const(7), ...localSet(1), 0x0b, 0x0b],
    ...[...localGet(0), 0x04, 0x7f], // if (result i32)
    ...[...localGet(0), ...i32Const(1), 0x6b, 0x10, 1, ...localGet(1), 0x6a],
    ...[0x05, ...localGet(1), 0x0b],
    ...[0x03, 0x40, ...localGet(1), ...i32Const(5), 0x4b, 0x04, 0x40],
    ...[...localGet(1), ...i32Const(3), 0x6e, ...localSet(1), 0x0c, 1, 0x0b, 0x0b],
  ];
  const wasm = encodeModule({
    functions: [
      { body: step },
      { params: ['i32'], results: ['i32'], locals: ['i32'], body: callee },
    ],
  });
  return judgedSteps(wasm, testMemory());
}

/** Calls itself until no slot is left. */
function overflowing(): Judged[] {
  const wasm = encodeModule({
    functions: [{ locals: Array(60).fill('i64'), body: [0x10, 0, ...i32Const(1), 0x1a] }],
  });
  return judgedSteps(wasm, testMemory(), OPCODES.get(0x105)?.op);
}

/** Both ways of a select, then a trap. */
function trapping(): Judged[] {
  const choose = (condition: number) => [
    ...[...i32Const(1), ...i32Const(2), ...i32Const(condition), 0x1b, 0x1a],
  ];
  const wasm = encodeModule({ functions: [{ body: [...choose(0), ...choose(256), 0x00] }] });
  return judgedSteps(wasm, testMemory());
}

const STEPS = [...computing(), ...controlling(), ...overflowing(), ...trapping()];

it('covers every instruction', () => {
  const names = new Set(STEPS.map(({ name }) => name.replace(/ at .*/, '')));
  const missing = [...OPCODES.values()].filter(({ name }) => !names.has(name));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

describe.each(DIALECTS)('on $name', ({ ask }) => {
  it.skipIf(ask === undefined)('the two judges agree on every step', () => {
    const results = ask?.(STEPS.map(({ question }) => question)) ?? [];
    const wrong = STEPS.filter(({ answer }, i) => answer !== results[i]);
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});
