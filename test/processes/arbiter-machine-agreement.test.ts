/**
 * The two judges, one in TypeScript and one in Lua, on the same witnesses: each step of modules that
 * V8 and the fast interpreter run as well (test/opml/machine), and of the engine's own answer.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openProgram } from '../../llama/program.js';
import type { OpmlError } from '../../opml/errors.js';
import { OP, OPCODES } from '../../opml/machine/opcodes.js';
import { programRoot, STATUS } from '../../opml/machine/state.js';
import { verifyStep } from '../../opml/machine/verify.js';
import { buildWitness } from '../../opml/machine/witness.js';
import {
  COMPUTING,
  createRandom,
  moduleFor,
  PLACES,
  randomOperand,
} from '../opml/machine/opcode-cases.js';
import {
  lowerModule,
  openMachine,
  type ProvenStep,
  proveAll,
  proveStep,
  type Tested,
  testMemory,
} from '../opml/machine/three-tiers.js';
import { encodeModule, i32Const, localGet, localSet } from '../opml/machine/wasm-encoder.js';
import { DIALECTS, luaVerify, toHex } from './arbiter-machine-lua.js';

const MODELS = new URL('../../models/', import.meta.url);

interface Judged {
  readonly name: string;
  readonly question: string;
  readonly answer: string;
}

/** Runs a machine to its end; each step whose opcode is wanted becomes a question. */
function judge(tested: Tested, isWanted: (op: number) => boolean): Judged[] {
  const { machine, program, inputRoot } = tested;
  const steps: Judged[] = [];
  while (machine.status === STATUS.running) {
    if (!isWanted(machine.code.instruction(machine.pc).op)) machine.run(1);
    else {
      const { detail, state, witness, next } = proveStep(tested);
      steps.push({
        name: detail.name,
        question: luaVerify({ program, inputRoot, before: state }, witness),
        answer: `${toHex(next)} detail`,
      });
    }
  }
  return steps;
}

function judgeModule(wasm: Uint8Array, memory: Uint8Array, only?: number): Judged[] {
  const tested = openMachine(lowerModule(wasm), memory);
  return judge(tested, (op) => only === undefined || op === only);
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
      return judgeModule(wasm, memory, opcode.op);
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
  return judgeModule(wasm, testMemory());
}

/** Calls itself until no slot is left. */
function overflowing(): Judged[] {
  const wasm = encodeModule({
    functions: [{ locals: Array(60).fill('i64'), body: [0x10, 0, ...i32Const(1), 0x1a] }],
  });
  return judgeModule(wasm, testMemory(), OP.call);
}

/** Both ways of a select, then a trap. */
function trapping(): Judged[] {
  const choose = (condition: number) => [
    ...[...i32Const(1), ...i32Const(2), ...i32Const(condition), 0x1b, 0x1a],
  ];
  const wasm = encodeModule({ functions: [{ body: [...choose(0), ...choose(256), 0x00] }] });
  return judgeModule(wasm, testMemory());
}

/** Machines that have halted and trapped: their own header, and what is not their witness. */
function stopping(): { name: string; question: string; answer: string }[] {
  const bodies = { halted: i32Const(1).concat(0x1a), trapped: [0x00] };
  return Object.entries(bodies).flatMap(([name, body]) => {
    const tested = openMachine(lowerModule(encodeModule({ functions: [{ body }] })), testMemory());
    const { program, inputRoot, machine } = tested;
    const { witness: running } = proveAll(tested).at(-1) as ProvenStep;
    const before = machine.hash(programRoot(program), inputRoot);
    const header = buildWitness(machine);
    const longer = Buffer.concat([header, running.subarray(header.length)]);
    const witnesses = { header, longer, running, shorter: header.subarray(1) };
    return Object.entries(witnesses).map(([kind, witness]) => ({
      name: `${name}: ${kind}`,
      question: luaVerify({ program, inputRoot, before }, witness),
      answer: judgeStopped(program, inputRoot, before, witness),
    }));
  });
}

function judgeStopped(...question: Parameters<typeof verifyStep>): string {
  try {
    const { next, detail } = verifyStep(...question);
    return `${toHex(next)} ${detail === undefined ? 'nil' : 'detail'}`;
  } catch (error) {
    return REFUSALS[(error as OpmlError).code] ?? String(error);
  }
}

/** The same refusals in both languages. */
const REFUSALS: Record<string, string> = {
  WITNESS_LEFTOVER: 'nil the witness is too long',
  WITNESS_TRUNCATED: 'nil the witness is too short',
  WITNESS_WRONG_STATE: 'nil the header is not that of the state',
};

/** The engine itself reads a digit: of each kind of instruction the first three steps. */
function answering(): Judged[] {
  const model = openProgram(readFileSync(new URL('digits-20.gguf', MODELS)));
  const digit = readFileSync(new URL('held-out.idx3-ubyte', MODELS)).subarray(16, 16 + 784);
  const code = lowerModule(model.wasm);
  const seen = new Map<number, number>();
  const isWanted = (op: number) => {
    seen.set(op, (seen.get(op) ?? 0) + 1);
    return (seen.get(op) ?? 0) <= 3;
  };
  const steps: Judged[] = [];
  model.begin({ prompt: digit.toString('hex'), maxTokens: 1 });
  while (model.readAnswer().status !== 'done') {
    const tested = openMachine(code, model.memory, model.bounds);
    steps.push(...judge(tested, isWanted));
    if (tested.machine.status !== STATUS.halted) throw new Error('an operator did not halt');
  }
  return steps;
}

const STOPPED = stopping();
const STEPS = [...computing(), ...controlling(), ...overflowing(), ...trapping(), ...answering()];

it('covers every instruction', () => {
  const names = new Set(STEPS.map(({ name }) => name));
  const missing = [...OPCODES.values()].filter(({ name }) => !names.has(name));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

describe.each(DIALECTS)('on $name', ({ ask }) => {
  it.skipIf(ask === undefined)('the two judges agree on every step', () => {
    const results = ask?.(STEPS.map(({ question }) => question)) ?? [];
    const wrong = STEPS.filter(({ answer }, i) => answer !== results[i]);
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it.skipIf(ask === undefined)('the two judges agree on machines that have stopped', () => {
    const results = ask?.(STOPPED.map(({ question }) => question)) ?? [];
    expect(STOPPED.map(({ name }, i) => `${name} ${results[i]}`)).toEqual(
      STOPPED.map(({ name, answer }) => `${name} ${answer}`),
    );
  });
});

it('a machine that has stopped stays, by its header alone', () => {
  const stays = STOPPED.filter(({ answer }) => answer.endsWith(' nil')).map(({ name }) => name);
  expect(stays).toEqual(['halted: header', 'trapped: header']);
});
