/** Every instruction: V8, the fast interpreter and the judge agree, bit for bit, on random and edge operands. */
import { describe, expect, it } from 'vitest';
import { createInterpreter } from '../../../opml/machine/interpreter.js';
import type { Opcode } from '../../../opml/machine/opcodes.js';
import { STATUS, statusName } from '../../../opml/machine/state.js';
import {
  COMPUTING,
  createRandom,
  moduleFor,
  type OpcodeModule,
  PLACES,
  randomOperand,
  TEST_BOUNDS,
} from './opcode-cases.js';
import {
  isSameEnding,
  lowerModule,
  nativeStep,
  openMachine,
  proveAll,
  testMemory,
} from './three-tiers.js';

const FAST_CASES = 40; // for each immediate
const JUDGED_CASES = 2;
const ARITHMETIC_FLOAT =
  /^(f32|f64|f32x4)\.(add|sub|mul|div|min|max|sqrt|ceil|floor|trunc|nearest|demote|promote)/;

interface Outcome {
  readonly status: string;
  readonly memory: string;
}

/** V8's outcome; of the float instructions, with the bits that ours gives what is no number. */
function expected(opcode: Opcode, status: string, memory: Uint8Array): Outcome {
  if (status === 'halted' && ARITHMETIC_FLOAT.test(opcode.name)) {
    const wide = opcode.name.startsWith('f64');
    const view = new DataView(memory.buffer, PLACES.result, 16);
    if (wide && Number.isNaN(view.getFloat64(0, true))) {
      view.setBigUint64(0, 0x7ff8000000000000n, true);
    }
    for (let at = 0; at < 16 && !wide; at += 4) {
      if (Number.isNaN(view.getFloat32(at, true))) view.setUint32(at, 0x7fc00000, true);
    }
  }
  return { status, memory: writtenPart(memory) };
}

function writtenPart(memory: Uint8Array): string {
  return Buffer.from(memory.subarray(TEST_BOUNDS.work)).toString('hex');
}

/** A memory with operands; addresses mostly point where there is memory, some across its end. */
function fillOperands(module: OpcodeModule, random: () => number, memory: Uint8Array): void {
  for (const [index, place] of [PLACES.a, PLACES.b, PLACES.c].entries()) {
    const type = module.operands[index];
    if (type !== undefined) memory.set(randomOperand(type, random), place);
  }
  if (module.opcode.bytes === 0) return;
  const { work, end } = TEST_BOUNDS;
  const addresses = [
    work + (random() % 512),
    end - (random() % 20),
    random(),
    work + 0xf8 + (random() % 16),
  ];
  const address = addresses[random() % 4] as number;
  new DataView(memory.buffer).setUint32(PLACES.a, address, true);
}

function casesOf(opcode: Opcode): number[] {
  if (opcode.bytes > 0) return [0, 3, 0xff00];
  if (opcode.name === 'i8x16.shuffle') return [0, 1, 2, 3];
  return Array.from({ length: Math.max(1, opcode.lanes) }, (_, lane) => lane);
}

describe.each(COMPUTING.map((opcode) => [opcode.name, opcode] as const))('%s', (_, opcode) => {
  it('means the same to V8, to the fast interpreter and to the judge', () => {
    const random = createRandom(opcode.op);
    for (const immediate of casesOf(opcode)) {
      const module = moduleFor(opcode, immediate);
      const native = nativeStep(module.wasm);
      const code = lowerModule(module.wasm);
      const memory = testMemory();
      const machine = createInterpreter(code, { memory, bounds: TEST_BOUNDS });
      const start = machine.snapshot();
      for (let count = 0; count < FAST_CASES; count += 1) {
        machine.restore(start);
        fillOperands(module, random, memory);
        native.memory.set(memory);
        const judged = count < JUDGED_CASES ? openMachine(code, memory.slice()) : undefined;
        const nativeStatus = native.step();
        machine.run(100);
        const ours = statusName(machine.status);
        if (machine.status === STATUS.readOnlyMemory) continue;
        const outcome = { status: ours, memory: writtenPart(memory) };
        expect(outcome).toEqual(
          expected(opcode, isSameEnding(nativeStatus, ours) ? ours : nativeStatus, native.memory),
        );
        if (judged === undefined) continue;
        proveAll(judged);
        expect(judged.machine.status).toBe(machine.status);
        expect(writtenPart(judged.machine.memory)).toBe(outcome.memory);
      }
    }
  });
});
