/** The fast interpreter: stops at any step, comes back to any state, counts, traps, plants faults. */
import { describe, expect, it } from 'vitest';
import { createInterpreter } from '../../../opml/machine/interpreter.js';
import { RegionTree } from '../../../opml/machine/merkle.js';
import { SLOTS, STATUS } from '../../../opml/machine/state.js';
import { generateModule } from './module-generator.js';
import { PLACES, TEST_BOUNDS } from './opcode-cases.js';
import { lowerModule, openMachine, proveStep, testMemory } from './three-tiers.js';
import {
  encodeModule,
  type FunctionSource,
  i32Const,
  localGet,
  localSet,
  opcodeBytes,
  signedLeb,
  store,
} from './wasm-encoder.js';

const ZERO = new Uint8Array(32);
const EMPTY = 0x40;

const machineOf = (code: ReturnType<typeof lowerModule>, memory = testMemory()) =>
  createInterpreter(code, { memory, bounds: TEST_BOUNDS });

/** Writes 1 to n into memory, one word after another, by a function that it calls. */
function countingModule(count: number): Uint8Array {
  const add: FunctionSource = {
    params: ['i32'],
    results: ['i32'],
    body: [...localGet(0), ...i32Const(1), 0x6a],
  };
  const address = [...localGet(0), ...i32Const(4), 0x6c];
  const write = [...address, ...localGet(0), 0x10, 1, ...store('i32', TEST_BOUNDS.work)];
  const next = [...localGet(0), 0x10, 1, 0x22, 0, ...i32Const(count), 0x48, 0x0d, 0];
  const body = [0x03, EMPTY, ...write, ...next, 0x0b];
  return encodeModule({ functions: [{ locals: ['i32'], body }, add] });
}

describe('running', () => {
  const code = lowerModule(countingModule(100));

  it('takes every step once, however they are divided', () => {
    const whole = machineOf(code);
    whole.run(Number.MAX_SAFE_INTEGER);
    expect(whole.status).toBe(STATUS.halted);
    for (const stride of [1, 2, 3, 7, 50, 1000]) {
      const parts = machineOf(code);
      while (parts.status === STATUS.running) {
        const before = parts.counter;
        expect(parts.run(stride)).toBe(parts.counter - before);
      }
      expect(parts.counter).toBe(whole.counter);
      expect(parts.hash(ZERO, ZERO)).toEqual(whole.hash(ZERO, ZERO));
    }
  });

  it('is in the same state after n steps, however it got there', () => {
    const single = machineOf(code);
    for (let steps = 0; steps < 200; steps += 1) {
      const direct = machineOf(code);
      direct.run(steps);
      expect(direct.hash(ZERO, ZERO)).toEqual(single.hash(ZERO, ZERO));
      expect(direct.frames).toEqual(single.frames);
      single.run(1);
    }
  });

  it('stays where it stopped', () => {
    const machine = machineOf(code);
    machine.run(1e6);
    const { counter } = machine;
    expect(machine.run(10)).toBe(0);
    expect(machine.counter).toBe(counter);
    expect(machine.header()).toMatchObject({ pc: 0, fp: 0, status: STATUS.halted });
    expect(machine.slots.every((byte) => byte === 0)).toBe(true);
  });
});

describe('saved states', () => {
  it('come back in any order, with memory, slots and frames', () => {
    const code = lowerModule(countingModule(200));
    const memory = testMemory();
    memory.fill(0xaa, TEST_BOUNDS.work);
    const machine = machineOf(code, memory);
    const saved = Array.from({ length: 12 }, () => {
      const state = { snapshot: machine.snapshot(), hash: machine.hash(ZERO, ZERO) };
      machine.run(217);
      return state;
    });
    for (const index of [3, 11, 0, 7, 7, 1, 10, 2]) {
      const { snapshot, hash } = saved[index]!;
      machine.restore(snapshot);
      expect(machine.hash(ZERO, ZERO)).toEqual(hash);
      expect(machine.header().workRoot).toEqual(
        new RegionTree(memory.subarray(TEST_BOUNDS.work)).root,
      );
      machine.run(217);
      if (saved[index + 1]) expect(machine.hash(ZERO, ZERO)).toEqual(saved[index + 1]!.hash);
    }
  });

  it('keep the trees that the caller has up to date', () => {
    const memory = testMemory();
    const work = new RegionTree(memory.subarray(TEST_BOUNDS.work));
    const code = lowerModule(countingModule(200));
    const machine = createInterpreter(code, { memory, bounds: TEST_BOUNDS, trees: { work } });
    machine.run(500);
    machine.hash(ZERO, ZERO);
    expect(work.root).toEqual(new RegionTree(memory.subarray(TEST_BOUNDS.work)).root);
  });
});

const wide = [...i32Const(0), ...opcodeBytes(0x200), 0, 0];
const storeAt = (address: number, type: 'i32' | 'v128' = 'i32') =>
  type === 'i32'
    ? [...i32Const(address), ...i32Const(1), ...store('i32')]
    : [...i32Const(address), ...wide, ...store('v128')];
const recursive: FunctionSource = {
  params: ['v128', 'v128'],
  body: [...localGet(0), ...localGet(1), 0x10, 1],
};

const TRAPS: readonly (readonly [string, number, FunctionSource[]])[] = [
  ['unreachable', STATUS.unreachable, [{ body: [0x00] }]],
  [
    'a load across the end',
    STATUS.memoryOutOfBounds,
    [{ body: [...i32Const(0xfffd), 0x28, 0, 0, 0x1a] }],
  ],
  [
    'an address beyond 32 bits',
    STATUS.memoryOutOfBounds,
    [{ body: [...i32Const(-1), 0x2d, 0, 1, 0x1a] }],
  ],
  ['a store across the end', STATUS.memoryOutOfBounds, [{ body: storeAt(0xfff8, 'v128') }]],
  [
    'a division by zero',
    STATUS.divisionByZero,
    [{ body: [...i32Const(1), ...i32Const(0), 0x6d, 0x1a] }],
  ],
  [
    'a quotient too large',
    STATUS.integerOverflow,
    [{ body: [0x42, ...signedLeb(-(2n ** 63n)), 0x42, ...signedLeb(-1), 0x7f, 0x1a] }],
  ],
  ['no number', STATUS.invalidConversion, [{ body: [0x43, 0, 0, 0xc0, 0x7f, 0xa8, 0x1a] }]],
  ['infinity', STATUS.integerOverflow, [{ body: [0x43, 0, 0, 0x80, 0x7f, 0xa8, 0x1a] }]],
  [
    'calls without end',
    STATUS.stackOverflow,
    [{ locals: ['v128', 'v128'], body: [...localGet(0), ...localGet(1), 0x10, 1] }, recursive],
  ],
  ['a store to the input', STATUS.readOnlyMemory, [{ body: storeAt(0) }]],
  ['a store to the vocabulary', STATUS.readOnlyMemory, [{ body: storeAt(TEST_BOUNDS.vocabulary) }]],
  ['a store to the weights', STATUS.readOnlyMemory, [{ body: storeAt(TEST_BOUNDS.weights + 8) }]],
  [
    'a store across the end of the answer',
    STATUS.readOnlyMemory,
    [{ body: storeAt(TEST_BOUNDS.vocabulary - 2) }],
  ],
  [
    'a store across the start of the work region',
    STATUS.readOnlyMemory,
    [{ body: storeAt(TEST_BOUNDS.work - 15, 'v128') }],
  ],
];

describe('traps', () => {
  it.each(TRAPS)('%s', (_, status, functions) => {
    const code = lowerModule(encodeModule({ functions }));
    const machine = machineOf(code);
    machine.run(1e6);
    expect(machine.status).toBe(status);
    const judged = openMachine(code, testMemory());
    judged.machine.run(machine.counter - 1);
    const last = proveStep(judged);
    expect(last.detail).toMatchObject({ status, nextPc: last.detail.pc });
    expect(judged.machine.hash(ZERO, ZERO)).toEqual(machine.hash(ZERO, ZERO));
    expect(last.header).toMatchObject({ counter: machine.counter, status });
  });

  it('the stack ends exactly where the slots do', () => {
    const code = lowerModule(encodeModule({ functions: TRAPS[8]![2] }));
    const machine = machineOf(code);
    machine.run(1e6);
    const { imm } = code.instruction(machine.pc);
    const [, delta, slots] = new Uint32Array(imm.slice().buffer) as unknown as number[];
    expect(machine.fp + delta! + slots!).toBeGreaterThan(SLOTS);
    expect(machine.fp + slots!).toBeLessThanOrEqual(SLOTS);
  });
});

describe('a planted fault', () => {
  const code = lowerModule(countingModule(50));

  it('changes the result of its step and nothing before, also when the step is run again', () => {
    for (const step of [1, 2, 3, 4, 100, 101, 102]) {
      const honest = machineOf(code);
      const fault = { step, bit: 3 };
      const faulty = createInterpreter(code, { memory: testMemory(), bounds: TEST_BOUNDS, fault });
      honest.run(step);
      faulty.run(step);
      const start = faulty.snapshot();
      expect(faulty.hash(ZERO, ZERO)).toEqual(honest.hash(ZERO, ZERO));
      honest.run(1);
      faulty.run(1);
      const hash = faulty.hash(ZERO, ZERO);
      faulty.restore(start);
      faulty.run(1);
      expect(faulty.hash(ZERO, ZERO)).toEqual(hash);
    }
  });

  it('flips the bit of a value, and of what is stored', () => {
    const module = encodeModule({
      functions: [
        {
          locals: ['i32'],
          body: [
            ...i32Const(1),
            ...localSet(0),
            ...i32Const(PLACES.result),
            ...localGet(0),
            ...store('i32'),
          ],
        },
      ],
    });
    const small = lowerModule(module);
    const results = [1, 3].map((step) => {
      const memory = testMemory();
      const fault = { step, bit: 4 };
      createInterpreter(small, { memory, bounds: TEST_BOUNDS, fault }).run(100);
      return memory[PLACES.result];
    });
    expect(results).toEqual([17, 17]);
  });
});

it('regions must be in order and whole', () => {
  const code = lowerModule(countingModule(1));
  for (const bounds of [
    { ...TEST_BOUNDS, work: 0x2000 },
    { ...TEST_BOUNDS, answer: 0x1001 },
  ]) {
    expect(() => createInterpreter(code, { memory: testMemory(), bounds })).toThrow(
      expect.objectContaining({ code: 'MACHINE_BAD_BOUNDS' }),
    );
  }
});

it('random modules stop at any step and come back', () => {
  for (let seed = 20_000; seed < 20_060; seed += 1) {
    const code = lowerModule(generateModule(seed));
    const machine = machineOf(code);
    const hashes: Uint8Array[] = [];
    const start = machine.snapshot();
    while (machine.status === STATUS.running && hashes.length < 300) {
      hashes.push(machine.hash(ZERO, ZERO));
      machine.run(1);
    }
    for (const stride of [2, 5, 13]) {
      machine.restore(start);
      for (let steps = 0; steps < hashes.length; steps += stride) {
        expect(machine.counter).toBe(steps);
        expect(Buffer.compare(machine.hash(ZERO, ZERO), hashes[steps]!)).toBe(0);
        machine.run(stride);
      }
    }
  }
});
