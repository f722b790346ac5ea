/** Witnesses: small enough, whole, and of one meaning; no damaged one leads to another state. */
import { describe, expect, it } from 'vitest';
import { OPCODES } from '../../../opml/machine/opcodes.js';
import {
  HEADER_BYTES,
  programRoot,
  STATUS,
  WITNESS_BYTES_MAX,
} from '../../../opml/machine/state.js';
import { verifyStep } from '../../../opml/machine/verify.js';
import { buildWitness, witnessBytesMax } from '../../../opml/machine/witness.js';
import { generateModule } from './module-generator.js';
import { COMPUTING, moduleFor, PLACES, TEST_BOUNDS } from './opcode-cases.js';
import { lowerModule, openMachine, type ProvenStep, proveAll, testMemory } from './three-tiers.js';
import { encodeModule, i32Const, localGet, store } from './wasm-encoder.js';

const opcodeNamed = (name: string) => COMPUTING.find((opcode) => opcode.name === name)!;

/** The steps of a module that does one instruction on operands at hand. */
function stepsOf(name: string, address = 0, operand = new Uint8Array(16)) {
  const memory = testMemory();
  memory.set(operand, PLACES.b);
  new DataView(memory.buffer).setUint32(PLACES.a, address, true);
  const tested = openMachine(lowerModule(moduleFor(opcodeNamed(name)).wasm), memory);
  return { ...tested, steps: proveAll(tested) };
}

describe('size', () => {
  it('is at most 4096 bytes, for memories of 4 GiB too', () => {
    const whole = 2 ** 32;
    const bounds = { answer: 0, vocabulary: 0, weights: 0, work: 0, end: whole };
    expect(witnessBytesMax(2 ** 20, bounds)).toBeLessThanOrEqual(WITNESS_BYTES_MAX);
    expect(witnessBytesMax(2 ** 20, { ...bounds, work: whole })).toBeLessThanOrEqual(4096);
  });

  it('is what was computed, for the largest step', () => {
    const { steps, program } = stepsOf('v128.store', TEST_BOUNDS.work + 0xf8);
    const longest = Math.max(...steps.map(({ witness }) => witness.length));
    expect(longest).toBe(witnessBytesMax(program.codeLength, TEST_BOUNDS));
  });
});

describe('an access across two leaves', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
  const last = TEST_BOUNDS.work + 0x100 * 63;
  it.each([TEST_BOUNDS.work + 0xf8, TEST_BOUNDS.work + 0x1ff, last + 0xf1])(
    'is proved at %i',
    (at) => {
      const { machine } = stepsOf('v128.store', at, bytes);
      expect(machine.memory.slice(at, at + 16)).toEqual(bytes);
      expect(machine.status).toBe(STATUS.halted);
      const read = stepsOf('v128.load', at);
      expect(read.machine.status).toBe(STATUS.halted);
    },
  );

  it('is proved across two regions', () => {
    for (const edge of [TEST_BOUNDS.answer, TEST_BOUNDS.weights, TEST_BOUNDS.work]) {
      expect(stepsOf('v128.load', edge - 7).machine.status).toBe(STATUS.halted);
    }
    // The answer and the work region side by side: a store that is in both.
    const bounds = {
      answer: 0x1000,
      vocabulary: 0x2000,
      weights: 0x2000,
      work: 0x2000,
      end: 0x10000,
    };
    const body = [...i32Const(0x1ffc), 0x42, 0x7f, ...store('i64')];
    const code = lowerModule(encodeModule({ functions: [{ body }] }));
    const tested = openMachine(code, testMemory(), bounds);
    proveAll(tested);
    expect(tested.machine.status).toBe(STATUS.halted);
    expect(tested.machine.memory.slice(0x1ffa, 0x2006)).toEqual(
      Uint8Array.of(0, 0, ...Array(8).fill(255), 0, 0),
    );
  });
});

/** What a witness leads to: a hash in hex, or the code of the refusal. */
function judge(tested: ReturnType<typeof stepsOf>, state: Uint8Array, witness: Uint8Array): string {
  try {
    const { next } = verifyStep(tested.program, tested.inputRoot, state, witness);
    return Buffer.from(next).toString('hex');
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const REFUSALS = [
  'WITNESS_TRUNCATED',
  'WITNESS_LEFTOVER',
  'WITNESS_WRONG_STATE',
  'WITNESS_WRONG_OPENING',
];

describe('a damaged witness', () => {
  const call = encodeModule({
    functions: [
      { locals: ['i32'], body: [...localGet(0), 0x10, 1, 0x1a] },
      { params: ['i32'], results: ['i32'], body: localGet(0) },
    ],
  });
  const samples: [string, ReturnType<typeof stepsOf>, ProvenStep][] = [];
  for (const name of ['i32.add', 'v128.store', 'v128.load', 'i32x4.dot_i16x8_s']) {
    const tested = stepsOf(name, TEST_BOUNDS.work + 0xf9);
    samples.push([name, tested, tested.steps.find(({ detail }) => detail.name === name)!]);
  }
  const tested = openMachine(lowerModule(call), testMemory());
  const calls = { ...tested, steps: proveAll(tested) };
  for (const name of ['call', 'return']) {
    samples.push([name, calls, calls.steps.find(({ detail }) => detail.name === name)!]);
  }

  it.each(samples)('of %s is refused, whatever byte is changed', (_, parts, step) => {
    for (let at = 0; at < step.witness.length; at += 1) {
      const damaged = step.witness.slice();
      damaged[at]! ^= 1 << (at % 8);
      expect(REFUSALS).toContain(judge(parts, step.state, damaged));
    }
  });

  it.each(samples)('of %s is refused when it is cut or has more', (_, parts, step) => {
    const { witness, state } = step;
    for (const length of [0, 1, 144, 145, 177, witness.length - 32, witness.length - 1]) {
      expect(judge(parts, state, witness.subarray(0, length))).toBe('WITNESS_TRUNCATED');
    }
    for (const extra of [1, 32, 4096]) {
      const longer = Buffer.concat([witness, Buffer.alloc(extra)]);
      expect(judge(parts, state, longer)).toBe('WITNESS_LEFTOVER');
    }
  });

  it('of another state, program or input is refused', () => {
    const [, parts, step] = samples[0]!;
    const other = samples[1]![2];
    expect(judge(parts, other.state, step.witness)).toBe('WITNESS_WRONG_STATE');
    const program = { ...parts.program, entryPc: 1 };
    expect(judge({ ...parts, program }, step.state, step.witness)).toBe('WITNESS_WRONG_STATE');
    const inputRoot = new Uint8Array(32).fill(1);
    expect(judge({ ...parts, inputRoot }, step.state, step.witness)).toBe('WITNESS_WRONG_STATE');
  });
});

it('a stopped machine stays as it is, which its header alone shows', () => {
  const tested = stepsOf('i32.add');
  const state = tested.machine.hash(programRoot(tested.program), tested.inputRoot);
  const witness = buildWitness(tested.machine);
  expect(witness).toHaveLength(HEADER_BYTES);
  expect(judge(tested, state, witness)).toBe(Buffer.from(state).toString('hex'));
  expect(judge(tested, state, Buffer.concat([witness, witness]))).toBe('WITNESS_LEFTOVER');
});

it('every instruction has been proved in some generated module or alone', () => {
  const seen = new Set<number>();
  const seeds = Array.from({ length: 40 }, (_, index) => 30_000 + index);
  const trap = encodeModule({ functions: [{ body: [0x00] }] });
  for (const wasm of [trap, ...seeds.map(generateModule)]) {
    for (const { detail, witness } of proveAll(openMachine(lowerModule(wasm), testMemory()), 150)) {
      seen.add(detail.op);
      expect(witness.length).toBeLessThanOrEqual(WITNESS_BYTES_MAX);
    }
  }
  for (const { op } of COMPUTING) seen.add(op);
  expect([...OPCODES.keys()].filter((op) => !seen.has(op))).toEqual([]);
});
